"""The optimal learning rate makes the first and the last eigenmode equally fast."""

import numpy as np

from lib import plots, theory

MODES = np.array([1.0, 3.0, 10.0])
CLAIM = "The best learning rate gives the flattest and the steepest mode the same pace."
DEFAULTS = {"lr": 0.12}


def still(lr):
    """The factor per step of each mode over the learning rate, the best one marked."""
    best = float(theory.optimal_lr(MODES))
    rate = float(theory.gd_rate(best, MODES))
    lrs = np.linspace(0.0025, 0.25, 100)
    fig, ax = plots.figure(height=3.2)
    for lam in MODES:
        ax.plot(lrs, np.abs(theory.gd_factor(lrs, lam)), label=f"λ = {lam:g}")
    ax.plot(best, rate, "o", color=plots.PURPLE)
    ax.axvline(float(theory.max_lr(MODES)), color=plots.GREY, lw=1, ls="--")
    ax.set(xlabel="learning rate η", ylabel="factor per step", ylim=(0, 1.3))
    ax.legend()
    return plots.show(
        fig,
        alt=f"The curves of the flattest and the steepest mode cross at the learning rate "
        f"{best:.3f}, where both shrink by {rate:.3f} in a step.",
        caption=CLAIM,
    )
