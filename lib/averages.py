"""Exponentially weighted averages (EWA): the one idea inside momentum, RMSProp and Adam.

Notation: `beta` is always the weight on the OLD average, in [0, 1);
steps are counted t = 1, 2, ...; an average starts from zero unless `start` says otherwise.
"""

import numpy as np

from lib.ranges import at_least_one, fraction

__all__ = [
    "bias_correction",
    "effective_samples",
    "ewa",
    "ewa_path",
    "ewa_weights",
    "frequency_response",
    "half_life",
    "mean_age",
    "time_constant",
]


def ewa(avg, x, beta):
    r"""One step of an exponentially weighted average.

    $$ v_t = \beta\,v_{t-1} + (1-\beta)\,x_t $$

    `avg` (old average), `x` (new value): numbers or arrays that broadcast; `beta` in [0, 1).
    Returns the new average; inputs are not written to. ValueError for beta outside its range.
    Variant: weights add up to one ("averaged form"), as in Adam (Kingma & Ba 2015).

    >>> ewa(0.0, 10.0, 0.75)
    2.5
    """
    fraction("beta", beta)
    return beta * avg + (1 - beta) * x


def bias_correction(avg, beta, t):
    r"""Make an average that started at zero an exact weighted mean of what it has seen.

    $$ \hat v_t = \frac{v_t}{1-\beta^t} $$

    `avg`: the average after `t` steps from zero; `t` = 1, 2, ... (t = 0 would be 0/0 and is
    refused with ValueError, as is beta outside [0, 1)). Same shape and dtype as `avg`.
    Source: Kingma & Ba (2015), section 3.

    >>> bias_correction(2.5, 0.75, 1)
    10.0
    """
    fraction("beta", beta)
    at_least_one("t", t)
    return avg / (1 - beta**t)


def ewa_path(x, beta, *, start=0.0, correct=False):
    r"""The average after every step of a series.

    $$ v_t = \beta\,v_{t-1} + (1-\beta)\,x_t, \qquad v_0 = \text{start} $$

    `x`: array of shape (T, ...), time along the first axis. `correct=True` divides each v_t by
    1 - beta^t, which is only meaningful from `start=0` (ValueError otherwise).
    Returns a float array of the shape of `x`.

    >>> ewa_path([4.0, 4.0], 0.5)
    array([2., 3.])
    >>> ewa_path([4.0, 4.0], 0.5, correct=True)
    array([4., 4.])
    """
    x = np.asarray(x)
    if x.ndim == 0:
        raise ValueError(f"x is the number {x}; allowed are series, of shape (T, ...)")
    if not np.issubdtype(x.dtype, np.inexact):
        x = x.astype(float)
    if correct and np.any(np.asarray(start) != 0):
        raise ValueError(f"start is {start}; with correct=True allowed is only 0")
    path = np.empty_like(x)
    avg = start
    for i, value in enumerate(x):
        avg = ewa(avg, value, beta)
        path[i] = bias_correction(avg, beta, i + 1) if correct else avg
    return path


def ewa_weights(beta, t):
    r"""The weight of each of x_1, ..., x_t in v_t, oldest first.

    $$ w_i = (1-\beta)\,\beta^{t-i}, \qquad \sum_{i=1}^t w_i = 1-\beta^t $$

    `beta` in [0, 1), `t` >= 1 (ValueError otherwise). Returns a float array of shape (t,).

    >>> ewa_weights(0.5, 3)
    array([0.125, 0.25 , 0.5  ])
    """
    fraction("beta", beta)
    at_least_one("t", t)
    return (1 - beta) * float(beta) ** np.arange(t - 1, -1, -1)


def time_constant(beta):
    r"""Steps until an old value's weight has shrunk to 1/e.

    $$ \tau = -\frac{1}{\ln\beta} $$

    `beta` in [0, 1) (ValueError otherwise); in steps; 0 for beta = 0. Often rounded to
    1/(1-beta), which is always a little more.

    >>> round(float(time_constant(0.9)), 2)
    9.49
    """
    fraction("beta", beta)
    with np.errstate(divide="ignore"):
        return -1 / np.log(beta)


def half_life(beta):
    r"""Steps until an old value's weight has shrunk to one half.

    $$ h = \frac{\ln\frac12}{\ln\beta} $$

    `beta` in [0, 1) (ValueError otherwise); in steps; 0 for beta = 0.

    >>> round(float(half_life(0.9)), 2)
    6.58
    """
    return np.log(2) * time_constant(beta)


def mean_age(beta):
    r"""How many steps old the values in the average are, on average: its lag on a ramp.

    $$ \sum_{k=0}^\infty k\,(1-\beta)\beta^k = \frac{\beta}{1-\beta} $$

    `beta` in [0, 1) (ValueError otherwise); in steps.

    >>> round(mean_age(0.9), 2)
    9.0
    """
    fraction("beta", beta)
    return beta / (1 - beta)


def effective_samples(beta):
    r"""How many equally weighted independent values have the same variance.

    $$ n = \frac{1}{\sum_k w_k^2} = \frac{1+\beta}{1-\beta} $$

    `beta` in [0, 1) (ValueError otherwise); a count, 1 for beta = 0.

    >>> round(effective_samples(0.9), 2)
    19.0
    """
    fraction("beta", beta)
    return (1 + beta) / (1 - beta)


def frequency_response(beta, omega):
    r"""By how much the average shrinks an oscillation of frequency omega: a low-pass filter.

    $$ |H(\omega)| = \frac{1-\beta}{\sqrt{1-2\beta\cos\omega+\beta^2}} $$

    `beta` in [0, 1) (ValueError otherwise); `omega` in radians per step, number or array.
    1 at omega = 0, smallest, (1-beta)/(1+beta), at omega = pi.

    >>> round(float(frequency_response(0.9, np.pi)), 4)
    0.0526
    """
    fraction("beta", beta)
    # the same sum with cos written by the half angle, which loses no digits at small omega
    return (1 - beta) / np.sqrt((1 - beta) ** 2 + 4 * beta * np.sin(np.asarray(omega) / 2) ** 2)
