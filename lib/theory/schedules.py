r"""Which schedule is best: the expected loss of a noisy quadratic under any, and its optimum.

The setting is that of `lib.theory.noise`: modes with curvature $\lambda_i$, gradients with
independent noise of standard deviation $s_i$, SGD. `noise` and `x0` are numbers, or one for each mode.
Everything is computed in float64.
"""

import numpy as np

from lib.ranges import at_least_one, finite, non_negative, positive, whole
from lib.theory.noise import noisy_moments

__all__ = ["best_lrs", "exponential_rest", "one_mode_optimum", "schedule_gap"]


def schedule_gap(lrs, lams, noise, x0):
    r"""Expected gap of the loss to its minimum, before and after every step of any schedule.

    $$ \mathbb E f(w_t) - f^\star = \tfrac12\sum_i\lambda_i\bigl((\mathbb E\,x_{t,i})^2
       + \operatorname{Var}x_{t,i}\bigr) $$

    `lrs` the T rates, (T,) or (T, R) for R schedules at once, >= 0; `lams` (P,) finite; `noise` >= 0
    and `x0` finite, numbers or (P,). Returns (T + 1,) or (T + 1, R). ValueError outside these ranges.

    >>> print(schedule_gap([0.5, 0.5], lams=[1.0], noise=1.0, x0=8.0))
    [32.       8.125    2.15625]
    """
    lrs, lams = np.asarray(lrs, float), np.asarray(lams, float)
    mean, variance = noisy_moments(lrs[..., None], lams, noise, x0)
    return 0.5 * (mean**2 + variance) @ lams


def one_mode_optimum(lam, noise, x0):
    r"""The best schedule for one mode, whatever the number of steps: `inverse_time(lr, decay)`.

    $$ \eta_t = \frac{1}{\lambda\,(1+r+t)}, \qquad r = \frac{s^2}{\lambda^2x_0^2}, \qquad
       \mathbb E\,x_T^2 = \frac{x_0^2}{1+T/r} $$

    `lam` > 0, `noise` = s >= 0, `x0` not zero. Returns (lr, decay) = (1/(lam (1 + r)), 1/(1 + r)).
    With r = 0 the first step arrives; with r = 1, 2, ... it is the running mean of r + t values, the
    first r of which were zero.

    >>> one_mode_optimum(lam=2.0, noise=2.0, x0=1.0)
    (0.25, 0.5)
    """
    positive("lam", lam)
    non_negative("noise", noise)
    positive("|x0|", abs(x0))
    r = (noise / (lam * x0)) ** 2
    return 1 / (lam * (1 + r)), 1 / (1 + r)


def best_lrs(steps, lams, noise, x0, *, sweeps=200):
    r"""The schedule with the smallest expected loss after a given number of steps.

    $$ \eta_t = \frac{\sum_i a_i\lambda_i e_i}{\sum_i a_i(\lambda_i^2e_i+s_i^2)}, \qquad
       e_i = \mathbb E\,x_{t,i}^2, \quad a_i = \tfrac12\lambda_i\prod_{u>t}(1-\eta_u\lambda_i)^2 $$

    As a function of one rate the final loss is a parabola, and this is its lowest point. One after
    another is set there, `sweeps` times from the first to the last, beginning with all rates at
    1/lam_max. The loss never rises; where it ends no single rate can be improved, which need not be
    the best of all. `steps` = T >= 1; `lams` (P,) > 0; `noise` >= 0 and `x0` finite, numbers or (P,).
    Returns (T,). ValueError outside these ranges.

    >>> print(best_lrs(3, [1.0], noise=1.0, x0=1.0).round(4))
    [0.5    0.3333 0.25  ]
    """
    at_least_one("steps", steps)
    at_least_one("sweeps", sweeps)
    positive("lams", np.asarray(lams, float))
    non_negative("noise", noise)
    finite("x0", x0)
    lams = np.atleast_1d(np.asarray(lams, float))
    squared = np.broadcast_to(np.square(noise), lams.shape)
    start = np.broadcast_to(np.square(x0), lams.shape)
    lrs = np.full(int(steps), 1 / lams.max())
    ahead = np.empty((len(lrs), len(lams)))  # a, what the steps after each leave of a squared error
    for _ in range(int(sweeps)):
        ahead[-1] = 0.5 * lams
        for t in range(len(lrs) - 1, 0, -1):
            ahead[t - 1] = (1 - lrs[t] * lams) ** 2 * ahead[t]
        before, e = lrs.copy(), start
        for t, a in enumerate(ahead):
            below = a @ (lams**2 * e + squared)
            if below > 0:  # else nothing is left to improve
                lrs[t] = a @ (lams * e) / below
            e = (1 - lrs[t] * lams) ** 2 * e + lrs[t] ** 2 * squared
        if np.abs(lrs - before).max() <= 1e-13 * lrs.max():
            break
    return lrs


def exponential_rest(lr, decay, lam, t=10**6):
    r"""What t steps with an exponentially falling rate leave of the error of one mode.

    $$ \prod_{j<t}\bigl(1-\eta_0\lambda e^{-kj}\bigr), \qquad\text{for } t\to\infty\text{ about }
       \exp\frac{-\eta_0\lambda}{1-e^{-k}} > 0 $$

    `lr`, `decay` = k, `lam` > 0 with lr lam < 1, arrays broadcast; `t` whole. As t grows it falls to a
    limit above zero, which is below the estimate. Factors closer to one than 1e-17 are left out.

    >>> print(f"{exponential_rest(0.1, 0.1, 1.0):.3f}")
    0.340
    """
    lr, decay, lam = (np.asarray(a, float) for a in (lr, decay, lam))
    for name, value in (("lr", lr), ("decay", decay), ("lam", lam)):
        positive(name, value)
    whole("t", t)
    if np.any(lr * lam >= 1):
        raise ValueError(f"lr lam is {lr * lam}; allowed are numbers below 1")
    enough = int(min(t, np.ceil(40 / decay.min())))
    j = np.arange(enough).reshape(-1, *(1,) * np.ndim(lr + decay + lam))
    return np.exp(np.sum(np.log1p(-lr * lam * np.exp(-decay * j)), axis=0))
