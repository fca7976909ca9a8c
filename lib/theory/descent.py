"""Gradient descent on a quadratic: each eigenmode shrinks by its own factor."""

import numpy as np

from lib.ranges import condition_number, finite, fraction, non_negative, positive, whole

__all__ = [
    "gd_factor",
    "gd_gap",
    "gd_modes",
    "gd_rate",
    "line_search_rate",
    "max_lr",
    "optimal_lr",
    "optimal_rate",
    "steps_to",
]


def spectrum(lams, check=finite):
    """Eigenvalues as a float64 array with at least one entry along the last axis, checked."""
    lams = np.asarray(lams, float)
    if lams.ndim == 0 or lams.shape[-1] == 0:
        raise ValueError(f"lams has shape {lams.shape}; allowed are (..., P) with P >= 1")
    check("lams", lams)
    return lams


def per_spectrum(number):
    """A number, or one per spectrum, shaped to multiply (..., P)."""
    return np.asarray(number, float)[..., None]


def over_steps(t, like):
    """Step counts, shaped to be the leading axes of a result shaped `like`."""
    t = np.asarray(t)
    return t.reshape(t.shape + (1,) * np.ndim(like))


def gd_factor(lr, lam):
    r"""What one step of gradient descent multiplies an eigenmode's error by.

    $$ x_{t+1} = (1-\eta\lambda)\,x_t $$

    `lr` > 0, `lam` finite (negative at a saddle), broadcasting; ValueError otherwise. Between 0
    and 1: monotone; between -1 and 0: the error changes sign each step and still shrinks.

    >>> gd_factor(0.5, np.array([1.0, 3.0]))
    array([ 0.5, -0.5])
    """
    lr, lam = np.asarray(lr, float), np.asarray(lam, float)
    positive("lr", lr)
    finite("lam", lam)
    return 1 - lr * lam


def gd_rate(lr, lams):
    r"""The factor per step of the slowest mode.

    $$ \rho(\eta) = \max_i |1-\eta\lambda_i| $$

    `lr` > 0, a number or one per spectrum; `lams` (..., P). Returns shape (...): with an array
    of K learning rates and one spectrum, K rates. Below 1 exactly when all modes converge.

    >>> gd_rate(np.array([0.1, 0.5]), [1.0, 3.0])
    array([0.9, 0.5])
    """
    return np.abs(gd_factor(per_spectrum(lr), spectrum(lams))).max(axis=-1)


def gd_modes(lr, lams, x0, t):
    r"""Error coordinates after t steps of gradient descent.

    $$ x_{i,t} = (1-\eta\lambda_i)^t\,x_{i,0} $$

    `lr` > 0; `lams`, `x0` (..., P); `t` whole >= 0, a number or array. Returns t.shape + (..., P).
    Source: Boyd & Vandenberghe (2004), section 9.3.

    >>> gd_modes(0.5, [1.0, 3.0], [8.0, 8.0], [0, 1, 2])
    array([[ 8.,  8.],
           [ 4., -4.],
           [ 2.,  2.]])
    """
    whole("t", np.asarray(t))
    factor = gd_factor(per_spectrum(lr), spectrum(lams))
    start = factor**0 * np.asarray(x0, float)  # the common shape
    return factor ** over_steps(t, start) * start


def gd_gap(lr, lams, x0, t):
    r"""How far the loss is above its minimum after t steps of gradient descent.

    $$ f(w_t) - f^\star = \tfrac12 \sum_i \lambda_i\,(1-\eta\lambda_i)^{2t}\,x_{i,0}^2 $$

    Arguments as in `gd_modes`, with `lams` >= 0; returns t.shape + (...). The factor one half is
    missing in some published versions, which then give twice the gap.

    >>> gd_gap(0.5, [1.0, 3.0], [2.0, 0.0], [0, 1])
    array([2. , 0.5])
    """
    lams = spectrum(lams, non_negative)
    return 0.5 * np.sum(lams * gd_modes(lr, lams, x0, t) ** 2, axis=-1)


def max_lr(lams):
    r"""The learning rate at which gradient descent stops converging.

    $$ \eta_{\max} = \frac{2}{\lambda_{\max}} $$

    `lams` (..., P), >= 0 and not all zero. Below it every mode with lam > 0 shrinks; at it the
    steepest mode jumps between two points for ever; above it that mode grows.

    >>> print(max_lr([1.0, 4.0]))
    0.5
    """
    largest = spectrum(lams, non_negative).max(axis=-1)
    positive("the largest of lams", largest)
    return 2 / largest


def optimal_lr(lams):
    r"""The learning rate with the best rate: slowest and steepest mode shrink equally fast.

    $$ \eta^\star = \frac{2}{\lambda_{\min}+\lambda_{\max}} $$

    `lams` (..., P), > 0. The rate there is `optimal_rate`. Source: Polyak (1964).

    >>> print(optimal_lr([1.0, 4.0]))
    0.4
    """
    lams = spectrum(lams, positive)
    return 2 / (lams.min(axis=-1) + lams.max(axis=-1))


def optimal_rate(kappa):
    r"""The best rate of gradient descent with a constant learning rate.

    $$ \rho^\star = \frac{\kappa-1}{\kappa+1}, \qquad \kappa = \lambda_{\max}/\lambda_{\min} $$

    `kappa` >= 1, a number or array. Reached at `optimal_lr`.

    >>> print(optimal_rate(9.0))
    0.8
    """
    condition_number("kappa", kappa)
    return (kappa - 1) / (kappa + 1)


def steps_to(eps, rate):
    r"""How many steps at a factor `rate` each shrink an error to the fraction `eps`.

    $$ t = \frac{\ln\varepsilon}{\ln\rho} $$

    `eps` in (0, 1), `rate` in [0, 1); a real number: round it up for whole steps.
    At `optimal_rate(kappa)` it is close to (kappa/2) ln(1/eps).

    >>> print(f"{steps_to(1e-6, 0.9):.2f}")
    131.13
    """
    eps, rate = np.asarray(eps, float), np.asarray(rate, float)
    positive("eps", eps)
    fraction("eps", eps)
    fraction("rate", rate)
    with np.errstate(divide="ignore"):  # rate 0: no step is too few, ln 0 = -inf gives 0
        return np.abs(np.log(eps) / np.log(rate))


def line_search_rate(kappa):
    r"""Exact line search: the worst factor per step for the LOSS gap.

    $$ f(w_{t+1}) - f^\star \le \Bigl(\frac{\kappa-1}{\kappa+1}\Bigr)^2 (f(w_t) - f^\star) $$

    `kappa` >= 1. Equality in every step from the error x_0 = (kappa, 1) with eigenvalues
    (1, kappa): choosing the best step each time gains nothing there. Source: Kantorovich (1948).

    >>> print(f"{line_search_rate(9.0):.2f}")
    0.64
    """
    return optimal_rate(kappa) ** 2
