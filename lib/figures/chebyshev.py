"""Acceleration from a schedule alone: Chebyshev's learning rates."""

import numpy as np

from lib import plots, theory

CLAIM = "Learning rates spread over the spectrum leave far less than the best constant one."
DEFAULTS = {"steps": 8, "kappa": 30.0}


def still(steps, kappa):
    """What is left of the error of each eigenvalue, with both schedules."""
    lams = np.linspace(0, 1.02, 256)
    clever = theory.chebyshev_lrs(1 / kappa, 1.0, steps)
    constant = float(theory.optimal_lr(np.array([1 / kappa, 1.0])))
    fig, ax = plots.figure(height=3.2)
    left = np.prod(1 - np.outer(lams, clever), axis=1)
    ax.plot(lams, left, color=plots.BLUE, label="Chebyshev's learning rates")
    ax.plot(lams, (1 - constant * lams) ** steps, color=plots.ORANGE, ls="--", label="constant")
    ax.set(xlabel="eigenvalue λ", ylabel="error left", ylim=(-1, 1))
    ax.legend()
    worst = float(theory.chebyshev_bound(kappa, steps))
    return plots.show(
        fig,
        alt=f"After {steps} steps at condition number {kappa:g} Chebyshev's learning rates leave "
        f"at most {worst:.3f} of any error, the best constant one "
        f"{float(theory.optimal_rate(kappa)) ** steps:.3f}.",
        caption=CLAIM,
    )
