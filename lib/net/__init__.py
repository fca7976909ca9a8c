r"""The fully connected network: scores, softmax with cross-entropy, and the gradient by backpropagation.

All weights live in one vector `w` of shape (..., P); leading axes are runs, so that a grid of
networks trains at once. `net.unpack(w)` gives views `[W1, b1, W2, b2, ...]`, never copies. A network
computes losses and gradients; it never changes `w`.

Notation: `X` (N, D) inputs, `y` (N,) classes 0, 1, ..., C-1, `z` scores before the softmax, `h` the
activations of a hidden layer, `d...` the gradient of the loss by `...`.
"""

from lib.net.layers import (
    accuracy,
    affine,
    affine_backward,
    cross_entropy,
    dropout_mask,
    relu,
    relu_backward,
    rounded_accuracy,
    softmax,
)
from lib.net.network import FCN

__all__ = [
    "FCN",
    "accuracy",
    "affine",
    "affine_backward",
    "cross_entropy",
    "dropout_mask",
    "relu",
    "relu_backward",
    "rounded_accuracy",
    "softmax",
]
