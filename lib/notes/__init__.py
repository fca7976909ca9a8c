r"""The interface of the source notes, over `lib`: their printed code runs as written.

    from lib.notes import *

Rules `(w, dw, config=None) -> (next_w, config)`, layers `..._forward` and `..._backward` with a cache,
`FullyConnectedNet`, `TwoLayerNet`, `Solver`, and the gradient checks. It is the interface of CS231n's
assignments, which EECS182 took over. The arithmetic is that of `lib.rules` and `lib.net`; where the
notes' own code or text is wrong, the docstring says so. New code is better off with those two.

Unlike the rest of `lib`, and as the notes expect, what is random here follows `np.random.seed`.
Source: the notes; CS231n (Stanford), assignments 1 and 2.
"""

from lib.notes.differences import eval_numerical_gradient, eval_numerical_gradient_array, rel_error
from lib.notes.layers import (
    affine_backward,
    affine_forward,
    dropout_backward,
    dropout_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
)
from lib.notes.nets import FullyConnectedNet, TwoLayerNet
from lib.notes.rules import adam, rmsprop, sgd, sgd_momentum
from lib.notes.solver import Solver

__all__ = [
    "FullyConnectedNet",
    "Solver",
    "TwoLayerNet",
    "adam",
    "affine_backward",
    "affine_forward",
    "dropout_backward",
    "dropout_forward",
    "eval_numerical_gradient",
    "eval_numerical_gradient_array",
    "rel_error",
    "relu_backward",
    "relu_forward",
    "rmsprop",
    "sgd",
    "sgd_momentum",
    "softmax_loss",
]
