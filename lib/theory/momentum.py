r"""Heavy-ball momentum on a quadratic: two numbers per eigenmode, one 2x2 matrix.

Velocity form: $m_t = \beta m_{t-1} + g_t$, $w_t = w_{t-1} - \eta m_t$. For the averaged form put
(1 - beta) lr in the place of lr.
"""

import numpy as np

from lib.ranges import finite, fraction, non_negative, positive, whole
from lib.theory.descent import over_steps, per_spectrum, spectrum

__all__ = [
    "critical_beta",
    "momentum_matrix",
    "momentum_modes",
    "momentum_optimum",
    "momentum_power",
    "momentum_rate",
    "momentum_roots",
    "momentum_stable",
    "oscillator",
    "quality_factor",
]


def numbers(lr, beta, lam):
    """The three numbers as float64 arrays of one shape, checked; beta may reach and pass 1."""
    lr, beta, lam = np.broadcast_arrays(*(np.asarray(a, float) for a in (lr, beta, lam)))
    positive("lr", lr)
    non_negative("beta", beta)
    finite("lam", lam)
    return lr, beta, lam


def matrix(a, b, c, d):
    """[[a, b], [c, d]] on the last two axes."""
    rows = (np.stack(np.broadcast_arrays(a, b), -1), np.stack(np.broadcast_arrays(c, d), -1))
    return np.stack(np.broadcast_arrays(*rows), -2)


def momentum_matrix(lr, beta, lam):
    r"""One step of momentum on one eigenmode.

    $$ \begin{bmatrix} m_t \\ x_t \end{bmatrix} = R
       \begin{bmatrix} m_{t-1} \\ x_{t-1} \end{bmatrix}, \qquad
       R = \begin{bmatrix} \beta & \lambda \\ -\eta\beta & 1-\eta\lambda \end{bmatrix} $$

    `lr` > 0, `beta` >= 0, `lam` finite, broadcasting to shape (...); returns (..., 2, 2).
    Its determinant is beta, its trace 1 + beta - lr lam.

    >>> momentum_matrix(0.5, 0.25, 1.0)
    array([[ 0.25 ,  1.   ],
           [-0.125,  0.5  ]])
    """
    lr, beta, lam = numbers(lr, beta, lam)
    return matrix(beta, lam, -lr * beta, 1 - lr * lam)


def _trace_disc(lr, beta, lam):
    """Trace and discriminant of R; a discriminant that is only rounding noise counts as zero."""
    a, root = lr * lam, np.sqrt(beta)
    disc = ((1 - root) ** 2 - a) * ((1 + root) ** 2 - a)  # = trace^2 - 4 beta, less cancellation
    noise = 16 * np.finfo(float).eps * root * (1 + np.abs(a))
    return 1 + beta - a, np.where(np.abs(disc) <= noise, 0.0, disc)


def momentum_roots(lr, beta, lam):
    r"""The two eigenvalues of R, which decide everything about a mode.

    $$ \sigma^2 - (1+\beta-\eta\lambda)\,\sigma + \beta = 0, \qquad \sigma_1\sigma_2 = \beta $$

    Arguments as in `momentum_matrix`; returns complex (..., 2), the larger in size first, of a
    conjugate pair the one above the real axis. Complex exactly for
    (1 - sqrt(lr lam))^2 < beta < (1 + sqrt(lr lam))^2, and then both have size sqrt(beta).
    Where rounding of the inputs decides between two roots and a double one, it is a double one.

    >>> abs(momentum_roots(0.5, 0.25, 2.0)).round(6)
    array([0.5, 0.5])
    """
    lr, beta, lam = numbers(lr, beta, lam)
    trace, disc = _trace_disc(lr, beta, lam)
    sign = np.where((trace < 0) & (disc > 0), -1.0, 1.0)
    first = (trace + sign * np.sqrt(disc.astype(complex))) / 2
    first = np.where(disc == 0, np.copysign(np.sqrt(beta), trace), first)
    safe = np.where(first == 0, 1, first)  # both roots are zero when the larger one is
    second = np.where(disc > 0, beta / safe, first.conj())
    return np.stack([first, second], -1)


def momentum_rate(lr, beta, lams):
    r"""The factor per step of the slowest mode in the long run.

    $$ \rho(\eta,\beta) = \max_i \max(|\sigma_1(\lambda_i)|,\,|\sigma_2(\lambda_i)|) $$

    `lr` > 0, `beta` >= 0: numbers or arrays of shape (...), one pair per spectrum; `lams`
    (..., P). Returns shape (...). At a double root the error shrinks like t rho^t, so early
    steps may grow although the rate is below 1.

    >>> print(f"{momentum_rate(0.5, 0.25, [0.5, 2.0]):.4f}")
    0.5000
    """
    roots = momentum_roots(per_spectrum(lr), per_spectrum(beta), spectrum(lams))
    return np.abs(roots).max(axis=(-1, -2))


def momentum_stable(lr, beta, lam):
    r"""Whether momentum converges on a mode.

    $$ 0 < \eta\lambda < 2(1+\beta) \quad\text{and}\quad 0 \le \beta < 1 $$

    Arguments as in `momentum_matrix`; returns booleans of shape (...).

    >>> momentum_stable(3.0, np.array([0.0, 0.9]), 1.0)
    array([False,  True])
    """
    lr, beta, lam = numbers(lr, beta, lam)
    return (lr * lam > 0) & (lr * lam < 2 * (1 + beta)) & (beta < 1)


def critical_beta(lr, lam):
    r"""The momentum at which a mode is critically damped: the two roots meet.

    $$ \beta = (1-\sqrt{\eta\lambda})^2, \qquad |\sigma_1| = |\sigma_2| = |1-\sqrt{\eta\lambda}| $$

    `lr` > 0, `lam` >= 0, broadcasting. For lr lam <= 1 it is the beta with the fastest long-run
    rate of this mode at this learning rate.

    >>> print(critical_beta(0.25, 1.0))
    0.25
    """
    lr, lam = np.asarray(lr, float), np.asarray(lam, float)
    positive("lr", lr)
    non_negative("lam", lam)
    return (1 - np.sqrt(lr * lam)) ** 2


def _difference(trace, disc, beta, t):
    r"""(sigma_1^t - sigma_2^t)/(sigma_1 - sigma_2), accurate however close the roots are."""
    n = np.maximum(t - 1, 0)
    d = np.sqrt(np.abs(disc))
    with np.errstate(all="ignore"):  # each branch is used only where it is defined
        angle = np.arctan2(d, trace)
        complex_pair = np.sqrt(beta) ** n * np.sin(t * angle) / np.sin(angle)
        double = t * (trace / 2) ** n
        first = (trace + np.copysign(d, trace)) / 2
        gap = d / np.abs(first)  # 1 - sigma_2/sigma_1
        real_pair = first**n * -np.expm1(t * np.log1p(-np.minimum(gap, 1))) / gap
    value = np.where(disc < 0, complex_pair, np.where(disc > 0, real_pair, double))
    return np.where(t == 0, 0.0, value)


def momentum_power(lr, beta, lam, t):
    r"""R to the power t: what t steps of momentum do to a mode.

    $$ R^t = u_t R - \beta\,u_{t-1} I, \qquad
       u_t = \begin{cases} \dfrac{\sigma_1^t - \sigma_2^t}{\sigma_1 - \sigma_2}
       & \sigma_1 \ne \sigma_2 \\[1ex] t\,\sigma^{t-1} & \sigma_1 = \sigma_2 = \sigma \end{cases} $$

    `lr`, `beta`, `lam` as in `momentum_matrix`, shape (...); `t` whole >= 0, a number or array.
    Returns t.shape + (..., 2, 2). For complex roots u_t = beta^((t-1)/2) sin(t angle)/sin(angle).

    >>> momentum_power(0.25, 0.25, 1.0, 2)
    array([[ 0.    ,  1.    ],
           [-0.0625,  0.5   ]])
    """
    whole("t", np.asarray(t))
    lr, beta, lam = numbers(lr, beta, lam)
    t = over_steps(t, beta)
    trace, disc = _trace_disc(lr, beta, lam)
    u = _difference(trace, disc, beta, t)
    before = np.where(t == 0, 1.0, -beta * _difference(trace, disc, beta, np.maximum(t - 1, 0)))
    r = momentum_matrix(lr, beta, lam)
    return u[..., None, None] * r + before[..., None, None] * np.eye(2)


def momentum_modes(lr, beta, lams, x0, t):
    r"""Error coordinates after t steps of momentum from rest (m_0 = 0).

    $$ x_{i,t} = \bigl(R(\lambda_i)^t\bigr)_{22}\; x_{i,0} $$

    `lr`, `beta`: numbers or one pair per spectrum; `lams`, `x0` (..., P); `t` whole >= 0, a
    number or array. Returns t.shape + (..., P).

    >>> momentum_modes(0.25, 0.25, [1.0], [8.0], [0, 1, 2])
    array([[8.],
           [6.],
           [4.]])
    """
    power = momentum_power(per_spectrum(lr), per_spectrum(beta), spectrum(lams), t)
    return power[..., 1, 1] * np.asarray(x0, float)


def momentum_optimum(lams):
    r"""The learning rate and momentum with the best rate on a quadratic.

    $$ \eta = \Bigl(\frac{2}{\sqrt{\lambda_{\min}}+\sqrt{\lambda_{\max}}}\Bigr)^2, \qquad
       \beta = \Bigl(\frac{\sqrt\kappa-1}{\sqrt\kappa+1}\Bigr)^2, \qquad
       \rho = \sqrt\beta = \frac{\sqrt\kappa-1}{\sqrt\kappa+1} $$

    `lams` (..., P), > 0. Returns (lr, beta, rate), each of shape (...). Slowest and steepest
    mode are then both critically damped. Source: Polyak (1964).

    >>> lr, beta, rate = momentum_optimum([1.0, 9.0])
    >>> print(lr, beta, rate)
    0.25 0.25 0.5
    """
    lams = spectrum(lams, positive)
    low, high = np.sqrt(lams.min(axis=-1)), np.sqrt(lams.max(axis=-1))
    rate = (high - low) / (high + low)
    return (2 / (low + high)) ** 2, rate**2, rate


def quality_factor(lr, beta, lam):
    r"""How good an oscillator a mode is: about Q/pi full swings until the error is down to 1/e.

    $$ Q = \frac{\sqrt{\eta\lambda}}{1-\beta} $$

    `lr` > 0, `beta` in [0, 1), `lam` >= 0. Above 1/2 under-damped, below over-damped.

    >>> print(f"{quality_factor(0.01, 0.9, 1.0):.2f}")
    1.00
    """
    lr, beta, lam = numbers(lr, beta, lam)
    fraction("beta", beta)
    non_negative("lam", lam)
    return np.sqrt(lr * lam) / (1 - beta)


def oscillator(lr, beta, lam, t, x0=1.0):
    r"""The damped oscillator whose discretisation momentum is, released from rest at x0.

    $$ \ddot x + (1-\beta)\,\dot x + \eta\lambda\,x = 0, \qquad x(0) = x_0,\ \dot x(0) = 0 $$

    Time t >= 0 is counted in steps (any real number). In the time tau = sqrt(lr) t of physics
    the damping is (1 - beta)/sqrt(lr) and the stiffness lam: hold both and let lr -> 0, then
    `momentum_modes` tends to this. Under-damped for (1 - beta)^2 < 4 lr lam, critically damped
    at equality, else over-damped. `lr` > 0, `beta` in [0, 1), `lam` >= 0, shape (...); returns
    t.shape + (...). Source: Qian (1999).

    >>> print(oscillator(0.01, 0.8, 1.0, [0, 10, 20]).round(4))
    [1.     0.7358 0.406 ]
    """
    lr, beta, lam = numbers(lr, beta, lam)
    fraction("beta", beta)
    non_negative("lam", lam)
    non_negative("t", np.asarray(t))
    t = over_steps(t, beta + np.asarray(x0))
    half, stiffness = (1 - beta) / 2, lr * lam
    disc = half**2 - stiffness
    disc = np.where(np.abs(disc) <= 4 * np.finfo(float).eps * half**2, 0.0, disc)
    d = np.sqrt(np.abs(disc))
    with np.errstate(all="ignore"):  # each branch is used only where it is defined
        under = np.exp(-half * t) * (np.cos(d * t) + half * np.sin(d * t) / d)
        slow = np.exp(-stiffness / (half + d) * t)  # the slow root, without cancellation
        fast = np.exp(-(half + d) * t)
        over = (slow + fast) / 2 + half * slow * -np.expm1(-2 * d * t) / (2 * d)
        critical = np.exp(-half * t) * (1 + half * t)
    return x0 * np.where(disc < 0, under, np.where(disc > 0, over, critical))
