r"""Regularisation of least squares in closed form: ridge, early stopping, dropout.

The loss is $\tfrac12\lVert y - Xw\rVert^2$, whose Hessian $X^\top X$ has the eigenvalues
$\lambda = s^2$, the squared singular values of X. A *shrink factor* is what is left of the
least-squares solution along one eigenvector. Everything is computed in float64.
"""

import numpy as np

from lib.ranges import finite, fraction, non_negative, positive, whole

__all__ = ["dropout_ridge", "ridge_shrink", "stopping_ridge", "stopping_shrink"]


def ridge_shrink(lam, delta):
    r"""Shrink factor of the L2 penalty (delta/2)||w||^2.

    $$ \frac{\lambda}{\lambda + \delta} $$

    `lam` > 0, `delta` >= 0; they broadcast. ValueError outside. In the limit lam = 0 the factor is 0.

    >>> print(ridge_shrink(np.array([1.0, 9.0]), 1.0))
    [0.5 0.9]
    """
    lam, delta = np.asarray(lam, float), np.asarray(delta, float)
    positive("lam", lam)
    non_negative("delta", delta)
    return lam / (lam + delta)


def stopping_shrink(lr, lam, t):
    r"""Shrink factor of gradient descent stopped after t steps from zero.

    $$ 1 - (1-\eta\lambda)^t $$

    `lr`, `lam` > 0, `t` >= 0 whole; they broadcast. ValueError outside.

    >>> print(stopping_shrink(0.5, 1.0, np.arange(4)))
    [0.    0.5   0.75  0.875]
    """
    positive("lr", lr)
    positive("lam", lam)
    whole("t", t)
    a = np.asarray(lr, float) * lam
    if np.all(a < 1):
        return -np.expm1(t * np.log1p(-a))  # no digits lost where the factor is small
    return 1 - (1 - a) ** t


def stopping_ridge(lr, lam, t):
    r"""The L2 penalty delta that shrinks an eigendirection as stopping after t steps does.

    $$ \delta = \lambda\,\frac{(1-\eta\lambda)^t}{1-(1-\eta\lambda)^t} $$

    `lr`, `lam` > 0 with lr lam < 1, `t` >= 1 whole; they broadcast. ValueError outside. It is about
    1/(lr t) where lr lam t is small and falls to 0 where that is large: no one delta serves all
    directions. Source: Goodfellow, Bengio & Courville (2016), section 7.8.

    >>> print(f"{stopping_ridge(0.5, 1.0, 1):.4f} {stopping_ridge(1e-3, 1e-3, 1000):.4f}")
    1.0000 0.9995
    """
    factor = stopping_shrink(lr, lam, t)
    if not np.all(np.asarray(t) >= 1):
        raise ValueError(
            f"t is {t}; allowed are whole numbers >= 1: before the first step no delta is finite"
        )
    if not np.all(np.asarray(lr) * lam < 1):
        raise ValueError(f"lr lam is {np.asarray(lr) * lam}; allowed are numbers in (0, 1)")
    return lam * (1 - np.asarray(lr, float) * lam) ** t / factor


def dropout_ridge(X, p):
    r"""What dropout of the inputs adds to the expected squared error: one ridge weight a coordinate.

    $$ \mathbb E\,\lVert y - (X\odot M)w\rVert^2 = \lVert y - Xw\rVert^2 + \sum_j \delta_j w_j^2,
       \qquad \delta_j = \frac{p}{1-p}\,\lVert X_{:,j}\rVert^2 $$

    `X` (N, D) finite; `p` in [0, 1), the DROP probability of masks that are 0 or 1/(1 - p), independent
    for every entry. Returns (D,). ValueError outside. Source: Srivastava et al. (2014), section 9.1, where
    masks are not rescaled; Wager, Wang & Liang (2013).

    >>> print(dropout_ridge(np.array([[1.0, 3.0], [2.0, 4.0]]), 0.5))
    [ 5. 25.]
    """
    X = np.asarray(X, float)
    if X.ndim != 2:
        raise ValueError(f"X has shape {X.shape}; allowed is (N, D)")
    finite("X", X)
    if np.ndim(p) != 0:
        raise ValueError(f"p is {p}; allowed is one number in [0, 1)")
    fraction("p", p)
    return p / (1 - p) * np.sum(X**2, axis=0)
