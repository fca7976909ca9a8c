r"""The notes' gradient checks: centred differences and a relative error.

The complex step (tests of `lib.net`) is exact to the last digits; differences lose about five of
sixteen at the best step, near 6e-6 in float64, and in float32 show nothing with h = 1e-5.
"""

import numpy as np

from lib.ranges import positive

__all__ = ["eval_numerical_gradient", "eval_numerical_gradient_array", "rel_error"]


def eval_numerical_gradient(f, x, verbose=True, h=1e-5):
    r"""Gradient of a function of an array by centred differences.

    $$ \frac{\partial f}{\partial x_i} \approx \frac{f(x + he_i) - f(x - he_i)}{2h} $$

    `f` takes `x` and returns a number; `x` a float array of any shape (TypeError otherwise), moved in
    place while `f` is called and given back as it was, so that `f` may look at it elsewhere; `h` > 0.
    `verbose` prints every entry. Returns an array like `x`.

    >>> eval_numerical_gradient(lambda x: np.sum(x**2), np.array([1.0, 2.0]), verbose=False).round(6)
    array([2., 4.])
    """
    grad = _differences(f, x, 1.0, h)
    if verbose:
        for at, value in np.ndenumerate(grad):
            print(at, value)
    return grad


def eval_numerical_gradient_array(f, x, df, h=1e-5):
    r"""Gradient by `x` of a function of arrays, given the gradient `df` of a loss by its result.

    $$ \frac{\partial}{\partial x_i} \approx \Bigl\langle \frac{f(x + he_i) - f(x - he_i)}{2h}, df \Bigr\rangle $$

    `df` in the shape of `f(x)`; the rest as in `eval_numerical_gradient`.

    >>> df = np.array([[1.0], [10.0]])
    >>> eval_numerical_gradient_array(lambda x: x @ np.ones((2, 1)), np.ones((2, 2)), df).round(6)
    array([[ 1.,  1.],
           [10., 10.]])
    """
    return _differences(f, x, df, h)


def _differences(f, x, df, h):
    positive("h", h)
    if not isinstance(x, np.ndarray) or not np.issubdtype(x.dtype, np.floating):
        raise TypeError(f"x is {x!r:.60}; allowed are float arrays: a step of {h} must show in them")
    grad = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        kept = x[at]
        try:
            x[at] = kept + h
            above = np.copy(f(x))  # copies: f may return x itself
            x[at] = kept - h
            below = np.copy(f(x))
        finally:
            x[at] = kept
        grad[at] = np.sum((above - below) * df) / (2 * h)
    return grad


def rel_error(x, y):
    r"""The largest relative difference of two arrays, entry by entry.

    $$ \max_i \frac{|x_i - y_i|}{\max(10^{-8},\,|x_i| + |y_i|)} $$

    Numbers or arrays that broadcast; 0 for equal ones, 1 for opposite signs. Entries below 1e-8 count
    as small, whatever the scale of the rest: small gradients can hide an error there.

    >>> print(f"{rel_error(np.array([1.0, 2.0]), np.array([1.0, 2.002])):.6f}")
    0.000500
    """
    x, y = np.asarray(x), np.asarray(y)
    return np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))
