"""The size of Adam's step under a constant gradient, and what each published bug makes of it."""

import numpy as np

from lib import plots

EPS, LR, LAST = 1e-8, 1e-3, 10_000
CLAIM = "Bias correction makes the early steps of Adam smaller: without it the twelfth is 6.57 η."
DEFAULTS = {"variant": "none", "beta1": 0.9, "beta2": 0.999, "size": 1.0}
TIMES = {  # the times that correct m and v at step t
    "right": lambda t: (t, t),
    "none": lambda t: (np.inf, np.inf),
    "second": lambda t: (t, np.inf),
    "stuck": lambda t: (1, 1),
    "zero": lambda t: (t - 1, t - 1),
    "two": lambda t: (t + 1, t + 1),
    "inside": lambda t: (t, t),
    "outside": lambda t: (t, t),
}


def step_size(variant, beta1, beta2, size, t):
    """Steps over the learning rate at the times `t`, when every gradient is `size`."""
    t = np.asarray(t, float)
    i, j = TIMES[variant](t)
    with np.errstate(divide="ignore", invalid="ignore"):
        m = size * (1 - beta1**t) / (1 - beta1**i)
        v = size**2 * (1 - beta2**t) / (1 - beta2**j)
        if variant == "inside":
            return m / np.sqrt(v + EPS)
        if variant == "outside":
            return m / np.sqrt(v) - EPS / LR
        return m / (np.sqrt(v) + EPS)


def still(variant, beta1, beta2, size):
    """The chosen variant against a step of one learning rate."""
    t = np.arange(1, LAST + 1)
    steps = step_size(variant, beta1, beta2, size, t)
    peak = np.nanargmax(steps)
    fig, ax = plots.figure(height=3.2)
    ax.loglog(t, steps, color=plots.ORANGE, ls="-")
    ax.loglog(t[peak], steps[peak], "o", color=plots.PURPLE)
    ax.axhline(1, color=plots.BLUE, ls="--", lw=1)
    ax.set(xlabel="step t", ylabel="step over η", ylim=(0.05, 150))
    return plots.show(
        fig,
        alt=f"Under a constant gradient, β₁ = {beta1:g}, β₂ = {beta2:g} and the variant '{variant}', Adam's "
        f"largest step is {steps[peak]:.2f} learning rates at t = {t[peak]}.",
        caption=CLAIM,
    )
