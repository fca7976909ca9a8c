r"""Adam in closed form: what bias correction does to a step, how long a step can be, and two of its kin.

Steps are in units of the learning rate, epsilon is zero. `beta1`, `beta2` in [0, 1) weigh the old
averages, `t` = 1, 2, ... counts steps. Arguments broadcast; everything is computed in float64.
"""

import numpy as np

from lib.ranges import at_least_one, finite, fraction, non_negative, positive

__all__ = [
    "adam_bound",
    "adam_correction",
    "adam_extremal",
    "adamw_constant",
    "radam_factor",
    "reddi_steps",
]


def adam_correction(beta1, beta2, t):
    r"""By what the two bias corrections together multiply a step of the uncorrected form.

    $$ c_t = \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t} $$

    `beta1`, `beta2` in [0, 1), `t` >= 1 whole; ValueError otherwise. Under a constant gradient the
    uncorrected form takes steps of 1/c_t learning rates. Source: Kingma & Ba (2015), section 2.

    >>> print(adam_correction(0.9, 0.999, np.array([1, 12, 10000])).round(3))
    [0.316 0.152 1.   ]
    """
    beta1, beta2, t = _betas(beta1, beta2, t)
    return np.sqrt(1 - beta2**t) / (1 - beta1**t)


def adam_bound(beta1, beta2, t=None):
    r"""The longest step Adam can take, over all gradients: at step t, or (t=None) ever.

    $$ \sup_{g_1,\ldots,g_t}\frac{|\hat m_t|}{\sqrt{\hat v_t}}
       = \frac{1-\beta_1}{\sqrt{1-\beta_2}}\,\sqrt{\frac{1-r^t}{1-r}}\,
       \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t}, \qquad r = \frac{\beta_1^2}{\beta_2} $$

    `beta1` in [0, 1), `beta2` in (0, 1), `t` >= 1 whole, or None for the supremum over t,
    (1-beta1)/sqrt((1-beta2)(1-r)), which is infinite where r >= 1 and beta1 > 0. ValueError for other values.
    At step t the gradients of `adam_extremal` attain it.

    >>> print(f"{adam_bound(0.9, 0.999):.4f} {adam_bound(0.9, 0.999, 4000):.4f}")
    7.2703 7.2035
    """
    beta1, beta2, steps = _betas(beta1, beta2, 1 if t is None else t)
    positive("beta2", beta2)
    r = beta1**2 / beta2
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        if t is None:
            total = np.where(r < 1, 1 / (1 - r), np.inf)
        else:
            total = np.where(r == 1, steps, (1 - r**steps) / (1 - r))
    longest = (1 - beta1) / np.sqrt(1 - beta2) * np.sqrt(total)
    return longest if t is None else longest * adam_correction(beta1, beta2, steps)


def adam_extremal(beta1, beta2, t):
    r"""The gradients g_1, ..., g_t that make Adam's step t as long as it can be.

    $$ g_i = \Bigl(\frac{\beta_1}{\beta_2}\Bigr)^{t-i} $$

    `beta1` in [0, 1), `beta2` in (0, 1), `t` >= 1, all numbers (ValueError otherwise). Returns a
    float array of shape (t,), oldest first; any multiple of it does the same.

    >>> print(adam_extremal(0.9, 0.96, 3).round(4))
    [0.8789 0.9375 1.    ]
    """
    beta1, beta2, t = _betas(beta1, beta2, t)
    positive("beta2", beta2)
    for name, a in (("beta1", beta1), ("beta2", beta2), ("t", t)):
        if a.ndim:
            raise ValueError(f"{name} has shape {a.shape}; allowed are numbers")
    return (beta1 / beta2) ** np.arange(int(t) - 1, -1, -1)


def adamw_constant(lr, decay, w0, t):
    r"""AdamW after t steps under a gradient whose sign and size never change (g > 0).

    $$ w_t = -\frac1\lambda + (1-\eta\lambda)^t\Bigl(w_0+\frac1\lambda\Bigr), \qquad
       w_t = w_0 - \eta t \;\text{ for } \lambda = 0 $$

    `lr` = eta > 0, `decay` = lambda >= 0, `w0` finite, `t` >= 1 whole; ValueError otherwise. With
    0 < lr decay < 2 it ends at -1/lambda, a corner of the box of Xie & Li (2024).

    >>> print(adamw_constant(0.5, 1.0, 3.0, 2))
    0.0
    """
    lr, decay, w0, t = (np.asarray(a, float) for a in (lr, decay, w0, t))
    positive("lr", lr)
    non_negative("decay", decay)
    finite("w0", w0)
    at_least_one("t", t)
    some = np.where(decay > 0, decay, 1.0)
    ends = -1 / some + (1 - lr * some) ** t * (w0 + 1 / some)
    return np.where(decay > 0, ends, w0 - lr * t)[()]


def reddi_steps(C, beta2):
    r"""The three steps, in the long run, of Adam with beta1 = 0 on slopes C, -1, -1, C, -1, -1, ...

    $$ -\frac{C}{\sqrt{v_1}}, \quad \frac1{\sqrt{v_2}}, \quad \frac1{\sqrt{v_3}}, \qquad
       \begin{aligned} v_1 &= a\,(C^2+\beta_2+\beta_2^2) \\ v_2 &= a\,(1+\beta_2C^2+\beta_2^2) \\
       v_3 &= a\,(1+\beta_2+\beta_2^2C^2) \end{aligned}, \quad a = \frac{1-\beta_2}{1-\beta_2^3} $$

    `C` > 0, `beta2` in [0, 1), broadcasting to a shape (...); ValueError otherwise. Returns (3, ...).
    AMSGrad divides all three slopes by sqrt(v_1). Source: Reddi, Kale & Kumar (2018), theorem 1.

    >>> steps = reddi_steps(3.0, 0.1)
    >>> print(steps.round(3), f"{steps.sum():.3f}")
    [-1.047  0.762  0.966] 0.681
    """
    C, b = np.broadcast_arrays(np.asarray(C, float), np.asarray(beta2, float))
    positive("C", C)
    fraction("beta2", b)
    v = np.stack([C**2 + b + b**2, 1 + b * C**2 + b**2, 1 + b + b**2 * C**2]) * (1 - b) / (1 - b**3)
    return np.stack([-C, np.ones_like(C), np.ones_like(C)]) / np.sqrt(v)


def radam_factor(beta2, t):
    r"""RAdam's factor on Adam's step, which grows to one as the average of squares fills.

    $$ r_t = \sqrt{\frac{(\rho_t-4)(\rho_t-2)\,\rho_\infty}{(\rho_\infty-4)(\rho_\infty-2)\,\rho_t}},
       \qquad \rho_t = \rho_\infty - \frac{2t\beta_2^t}{1-\beta_2^t}, \quad
       \rho_\infty = \frac{1+\beta_2}{1-\beta_2} $$

    `beta2` in (0.6, 1), so that rho_inf > 4, `t` >= 1 whole; ValueError otherwise. NaN while
    rho_t <= 4, where RAdam does not divide at all (PyTorch: rho_t <= 5). Source: Liu et al. (2020).

    >>> print(radam_factor(0.999, np.array([1, 100, 10000])).round(3))
    [  nan 0.215 1.   ]
    """
    _, beta2, t = _betas(0.0, beta2, t)
    if np.any(beta2 <= 0.6):
        raise ValueError(f"beta2 is {beta2}; allowed are numbers in (0.6, 1)")
    full = (1 + beta2) / (1 - beta2)
    rho = full - 2 * t * beta2**t / (1 - beta2**t)
    with np.errstate(invalid="ignore"):
        squared = (rho - 4) * (rho - 2) * full / ((full - 4) * (full - 2) * rho)
        return np.where(rho > 4, np.sqrt(squared), np.nan)[()]


def _betas(beta1, beta2, t):
    """Check the arguments that all share, and return them as float arrays."""
    beta1, beta2, t = (np.asarray(a, float) for a in (beta1, beta2, t))
    fraction("beta1", beta1)
    fraction("beta2", beta2)
    at_least_one("t", t)
    return beta1, beta2, t
