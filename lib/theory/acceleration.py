"""Faster than gradient descent: Nesterov's method, Chebyshev's schedule, and the limit to all."""

import numpy as np

from lib.ranges import at_least_one, condition_number, positive, whole
from lib.theory.descent import per_spectrum, spectrum
from lib.theory.momentum import matrix, numbers

__all__ = [
    "chebyshev_bound",
    "chebyshev_lrs",
    "nesterov_matrix",
    "nesterov_rate",
    "nesterov_standard",
    "nesterov_tuned",
    "worst_case_bound",
]


def nesterov_matrix(lr, beta, lam):
    r"""One step of Nesterov's method on one eigenmode, for (m_t, x_t) of `lib.rules.nesterov`.

    $$ R = \begin{bmatrix} \beta & \lambda \\ -\eta\beta^2 & 1-(1+\beta)\eta\lambda \end{bmatrix} $$

    x_t is the look-ahead point, where the gradient is taken. `lr` > 0, `beta` >= 0, `lam`
    finite, broadcasting to (...); returns (..., 2, 2). The eigenvalues are those of Nesterov's
    own recursion: trace (1 + beta)(1 - lr lam), determinant beta (1 - lr lam).

    >>> nesterov_matrix(0.5, 0.5, 1.0)
    array([[ 0.5  ,  1.   ],
           [-0.125,  0.25 ]])
    """
    lr, beta, lam = numbers(lr, beta, lam)
    return matrix(beta, lam, -lr * beta**2, 1 - (1 + beta) * lr * lam)


def nesterov_rate(lr, beta, lams):
    r"""The factor per step of Nesterov's method on its slowest mode in the long run.

    $$ \sigma^2 - (1+\beta)(1-\eta\lambda)\,\sigma + \beta(1-\eta\lambda) = 0, \qquad
       \rho = \max_i |\sigma(\lambda_i)| $$

    For y = w + beta (w - w_before), w_next = y - lr grad f(y). `lr` > 0, `beta` >= 0: numbers or
    arrays of shape (...), `lams` (..., P); returns (...). Rounding noise in the discriminant
    counts as a double root.

    >>> print(f"{nesterov_rate(1 / 9, 0.5, [1.0, 9.0]):.4f}")
    0.6667
    """
    lr, beta, lam = numbers(per_spectrum(lr), per_spectrum(beta), spectrum(lams))
    a = lr * lam
    trace, det = (1 + beta) * (1 - a), beta * (1 - a)
    disc = (1 - a) * ((1 - beta) ** 2 - (1 + beta) ** 2 * a)  # = trace^2 - 4 det
    size = np.abs(1 - a) * (beta * np.abs(1 - beta) + (1 + beta) ** 2 * np.abs(a))
    disc = np.where(np.abs(disc) <= 16 * np.finfo(float).eps * size, 0.0, disc)
    real = (np.abs(trace) + np.sqrt(np.maximum(disc, 0))) / 2
    return np.where(disc < 0, np.sqrt(np.abs(det)), real).max(axis=-1)


def _mu_l(mu, L):
    mu, L = np.asarray(mu, float), np.asarray(L, float)
    positive("mu", mu)
    positive("L", L)
    if np.any(mu > L):
        raise ValueError(f"mu is {mu}, L is {L}; allowed is mu <= L")
    return mu, L, L / mu


def nesterov_standard(mu, L):
    r"""The usual constants of Nesterov's method and their rate on quadratics.

    $$ \eta = \frac1L, \qquad \beta = \frac{\sqrt\kappa-1}{\sqrt\kappa+1}, \qquad
       \rho = 1-\frac{1}{\sqrt\kappa} $$

    Curvature between `mu` > 0 and `L` >= mu (ValueError otherwise); returns (lr, beta, rate).
    Source: Nesterov (2004), section 2.2.

    >>> lr, beta, rate = nesterov_standard(1.0, 4.0)
    >>> print(lr, round(float(beta), 4), rate)
    0.25 0.3333 0.5
    """
    mu, L, kappa = _mu_l(mu, L)
    root = np.sqrt(kappa)
    return 1 / L, (root - 1) / (root + 1), 1 - 1 / root


def nesterov_tuned(mu, L):
    r"""The constants of Nesterov's method with the best rate on quadratics.

    $$ \eta = \frac{4}{3L+\mu}, \qquad \beta = \frac{\sqrt{3\kappa+1}-2}{\sqrt{3\kappa+1}+2}, \qquad
       \rho = 1-\frac{2}{\sqrt{3\kappa+1}} $$

    Arguments and result as in `nesterov_standard`.
    Source: Lessard, Recht & Packard (2016).

    >>> lr, beta, rate = nesterov_tuned(1.0, 5.0)
    >>> print(lr, round(float(beta), 4), rate)
    0.25 0.3333 0.5
    """
    mu, L, kappa = _mu_l(mu, L)
    root = np.sqrt(3 * kappa + 1)
    return 4 / (3 * L + mu), (root - 2) / (root + 2), 1 - 2 / root


def worst_case_bound(kappa, t, n=None):
    r"""What no method that only combines gradients can beat in t steps.

    $$ \lVert w_t - w^\star\rVert \ge \rho^t\,\lVert w_0 - w^\star\rVert, \qquad
       \rho = \frac{\sqrt\kappa-1}{\sqrt\kappa+1} $$

    `kappa` >= 1; `t` whole >= 0. In the Euclidean norm this holds for the infinite chain. For
    `lib.problems.WorstQuadratic(n, kappa)` from w_0 = 0 the same factor holds for t < n in the
    norm max |w_i|; the Euclidean factor, returned when `n` is given, is smaller,

    $$ \rho^t\,\sqrt{\frac{1-\rho^{2(n-t)}}{1-\rho^{2n}}}, \qquad 0 \text{ for } t \ge n. $$

    Source: Nesterov (2004), theorem 2.1.13.

    >>> print(worst_case_bound(9.0, 3), worst_case_bound(9.0, 3, n=3))
    0.125 0.0
    """
    condition_number("kappa", kappa)
    t = np.asarray(t)
    whole("t", t)
    rho = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
    if n is None:
        return rho**t
    at_least_one("n", n)
    left = np.maximum(n - t, 0)
    if np.all(rho == 0):
        return np.where(t == 0, 1.0, 0.0)
    return rho**t * np.sqrt((1 - rho ** (2 * left)) / (1 - rho ** (2 * n)))


def chebyshev_lrs(lam_min, lam_max, steps, order="natural"):
    r"""Learning rates for plain gradient descent: the best there are for a set number of steps.

    $$ \eta_k = \frac{2}{(\lambda_{\max}+\lambda_{\min}) -
       (\lambda_{\max}-\lambda_{\min})\cos\frac{(2k-1)\pi}{2K}}, \qquad k = 1, \ldots, K $$

    0 < `lam_min` <= `lam_max`; `steps` = K >= 1. Returns (K,). In exact arithmetic every order
    ends at the same point; in floating point it matters from about 32 steps on. `order`:
    "natural", k = 1, ..., K, longest step first, whose rounding errors grow beyond all bounds
    (kappa = 100: an error of 1e9 after 64 steps in place of 4e-6); "stable", Leja's order, in
    which each next step is the one farthest from those taken.
    Source: Young (1953); the order: Reichel (1991).

    >>> chebyshev_lrs(1.0, 9.0, 2).round(4)
    array([0.4605, 0.1277])
    """
    positive("lam_min", lam_min)
    positive("lam_max", lam_max)
    at_least_one("steps", steps)
    if lam_min > lam_max:
        raise ValueError(f"lam_min is {lam_min}, lam_max is {lam_max}; allowed: lam_min <= lam_max")
    k = np.arange(1, steps + 1)
    nodes = np.cos((2 * k - 1) * np.pi / (2 * steps))
    if order == "stable":
        nodes = nodes[_leja(nodes)]
    elif order != "natural":
        raise ValueError(f"order is {order!r}; allowed are 'natural' and 'stable'")
    return 2 / (lam_max + lam_min - (lam_max - lam_min) * nodes)


def _leja(nodes):
    """Order nodes so that each has the largest product of distances to those before it."""
    order, log_product = [0], np.zeros(len(nodes))
    with np.errstate(divide="ignore"):  # a node taken has distance 0, product -inf: never again
        while len(order) < len(nodes):
            log_product += np.log(np.abs(nodes - nodes[order[-1]]))
            order.append(int(np.argmax(log_product.round(9))))  # rounded: ties go to the first
    return order


def chebyshev_bound(kappa, steps):
    r"""By how much K steps with `chebyshev_lrs` shrink every mode, at least.

    $$ \max_{\lambda_{\min}\le\lambda\le\lambda_{\max}} \Bigl|\prod_{k=1}^K (1-\eta_k\lambda)\Bigr|
       = \frac{2\rho^K}{1+\rho^{2K}}, \qquad \rho = \frac{\sqrt\kappa-1}{\sqrt\kappa+1} $$

    `kappa` >= 1, `steps` >= 1 (whole). No other K learning rates have a smaller maximum.

    >>> print(f"{chebyshev_bound(9.0, 2):.4f}")
    0.4706
    """
    condition_number("kappa", kappa)
    at_least_one("steps", steps)
    rho = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
    return 2 * rho**steps / (1 + rho ** (2 * steps))
