r"""The pieces of a network, one by one: affine, relu, softmax with cross-entropy, dropout, accuracy.

Shapes: `h` (..., N, I) inputs of a layer, `z` (..., N, C) scores, `y` (..., N) classes 0 ... C-1;
leading axes are runs. Each `..._backward` takes the gradient of a loss by a result and returns its
gradient by the arguments. Float dtypes are kept; no input is written to.
"""

import numpy as np

from lib.ranges import fraction

__all__ = [
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


def affine(h, W, b):
    r"""Scores of a layer.

    $$ Z = HW + b $$

    `h` (..., N, I), `W` (..., I, O), `b` (..., O); returns (..., N, O) in their common dtype.

    >>> affine(np.array([[1.0, 2.0]]), np.array([[1.0], [10.0]]), np.array([0.5]))
    array([[21.5]])
    """
    return h @ W + b[..., None, :]


def affine_backward(dz, h, W):
    r"""Gradients of a loss by the three arguments of `affine`, given its gradient `dz` by the scores.

    $$ dH = dZ\,W^\top, \qquad dW = H^\top dZ, \qquad db = \textstyle\sum_n dZ_n $$

    Shapes as in `affine`; returns (dh, dW, db).

    >>> dh, dW, db = affine_backward(np.array([[2.0]]), np.array([[1.0, 3.0]]), np.array([[5.0], [7.0]]))
    >>> dh, dW.T, db
    (array([[10., 14.]]), array([[2., 6.]]), array([2.]))
    """
    return dz @ W.mT, h.mT @ dz, dz.sum(axis=-2)


def relu(a):
    r"""The rectifier, elementwise.

    $$ h = \max(a, 0) $$

    Any shape and float dtype, kept. Its slope at zero counts as zero.

    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return np.maximum(a, 0)


def relu_backward(dh, a):
    r"""Gradient by the argument of `relu`, given the gradient `dh` by its result.

    $$ da = dh \cdot 1[a > 0] $$

    >>> relu_backward(np.array([5.0, 5.0]), np.array([-1.0, 2.0]))
    array([0., 5.])
    """
    return dh * (a > 0)


def softmax(z):
    r"""Probabilities from scores, over the last axis.

    $$ p_c = \frac{e^{z_c - \max z}}{\sum_j e^{z_j - \max z}} $$

    The shift changes nothing but keeps `exp` from overflowing, which in float32 it does from 88.73
    on. Shape and dtype of `z` kept.

    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    p = np.exp(_shifted(z))
    return p / p.sum(axis=-1, keepdims=True)


def cross_entropy(z, y):
    r"""Mean cross-entropy of scores against classes, and its gradient by the scores.

    $$ f = \frac1N\sum_n \Bigl(\ln\sum_c e^{z_{nc}} - z_{n,y_n}\Bigr), \qquad
       \frac{\partial f}{\partial z} = \frac{p - \text{onehot}(y)}{N} $$

    `z` (..., N, C) scores, not probabilities: no logarithm of a rounded probability is taken, so
    nothing is clipped and finite scores give no NaN. `y` (..., N) whole numbers in [0, C); N >= 1.
    TypeError or ValueError otherwise. Returns the loss (...) and the gradient (..., N, C).

    >>> loss, dz = cross_entropy(np.zeros((1, 2)), np.array([1]))
    >>> round(float(loss), 6), dz
    (0.693147, array([[ 0.5, -0.5]]))
    """
    return cross_entropy_formula(z, as_classes(y, z.shape))


def cross_entropy_formula(z, y):
    """`cross_entropy` without its checks, for who has made them: see there.

    >>> cross_entropy_formula(np.zeros((1, 2)), np.array([1]))[1]
    array([[ 0.5, -0.5]])
    """
    n, classes = z.shape[-2:]
    shifted = _shifted(z)
    p = np.exp(shifted)
    total = p @ np.ones(classes, p.dtype)  # a product with ones: the fastest of sums
    at = (np.arange(0, z.size, classes).reshape(total.shape) + y).reshape(-1)  # of z[..., y], counted flat
    each = np.log(total) - shifted.reshape(-1)[at].reshape(total.shape)
    p /= total[..., None]
    p.reshape(-1)[at] -= 1
    p /= n
    return (each / n).sum(axis=-1), p


def _shifted(z):
    # scores further apart than the dtype reaches: -inf, whose exponential is 0, as it should be
    with np.errstate(over="ignore"):
        return np.subtract(z, z.max(axis=-1, keepdims=True), order="C")


def as_classes(y, shape):
    """`y` as an array of classes for scores of a shape (..., N, C), or an error that says what is wrong.

    >>> as_classes([0, 3], (2, 3))
    Traceback (most recent call last):
    ValueError: y runs from 0 to 3; allowed is [0, 3)
    """
    y = np.asarray(y)
    if len(shape) < 2 or shape[-2] < 1:
        raise ValueError(f"the scores have shape {shape}; allowed is (..., N, C) with N >= 1")
    if y.dtype.kind not in "iu":
        raise TypeError(f"y has dtype {y.dtype}; allowed are whole numbers: y.astype(int)")
    if y.shape != shape[:-1] and not _fits(y.shape, shape[:-1]):
        raise ValueError(
            f"y has shape {y.shape}; allowed is {shape[:-1]} or {shape[-2:-1]}, a class an example"
        )
    if not (y.min() >= 0 and y.max() < shape[-1]):
        raise ValueError(f"y runs from {y.min()} to {y.max()}; allowed is [0, {shape[-1]})")
    return y


def _fits(shape, full):
    """Whether arrays of `shape`, (N,) or (..., N), serve as arrays of shape `full`, (..., N)."""
    return shape[-1:] == full[-1:] and len(shape) <= len(full) and np.broadcast_shapes(shape, full) == full


def dropout_mask(rng, shape, p, dtype=np.float64):
    r"""A fresh mask of inverted dropout: 0 with probability `p`, else 1/(1 - p).

    $$ \mathbb E[M] = 1, \qquad \operatorname{Var}[M] = \frac{p}{1-p} $$

    `p` is the DROP probability, in [0, 1); the notes and CS231n give the probability to KEEP.
    `rng`: a `numpy.random.Generator`. Source: Srivastava et al. (2014).

    >>> sorted(set(dropout_mask(np.random.default_rng(0), 50, 0.75).tolist()))
    [0.0, 4.0]
    """
    generator("rng", rng)
    fraction("p", p)
    keep = rng.random(shape, dtype=np.float32) >= p
    return keep * np.asarray(1 / (1 - p), dtype)


def generator(name, rng):
    """Refuse what is no random generator: seeds and the global state are none.

    >>> generator("rng", 0)
    Traceback (most recent call last):
    TypeError: rng is 0; allowed is a generator: np.random.default_rng(seed)
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"{name} is {rng!r}; allowed is a generator: np.random.default_rng(seed)")


def accuracy(z, y):
    r"""Share of examples whose largest score (or probability) is that of their class.

    $$ \frac1N\sum_n 1[\arg\max_c z_{nc} = y_n] $$

    `z` (..., N, C), `y` (..., N) whole numbers in [0, C); returns (...), in [0, 1]. Of equal
    scores the first counts.

    >>> float(accuracy(np.array([[0.2, 0.1], [0.3, 0.9]]), np.array([0, 0])))
    0.5
    """
    return np.mean(np.argmax(z, axis=-1) == as_classes(y, z.shape), axis=-1)


def rounded_accuracy(p, y):
    r"""NOT an accuracy: the share of equal ENTRIES after rounding, the trap in the notes.

    $$ \frac1{NC}\sum_{n,c} 1[\operatorname{round}(p_{nc}) = \text{onehot}(y_n)_c] $$

    `p` (..., N, C) probabilities, `y` (..., N). With ten classes an untrained net scores 0.9,
    because nine of ten entries are zero anyway; a net sure of every answer scores 1 - 2(1 - A)/C,
    A its accuracy. Rounds 0.5 to 0, as TensorFlow does. Kept to be shown; use `accuracy`.

    >>> float(rounded_accuracy(np.full((1, 10), 0.1), np.array([3])))
    0.9
    """
    onehot = np.arange(p.shape[-1]) == as_classes(y, p.shape)[..., None]
    return np.mean(np.round(p) == onehot, axis=(-1, -2))
