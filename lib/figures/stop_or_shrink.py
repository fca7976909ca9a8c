"""Shrink factors of early stopping and of a ridge over the eigenvalues."""

import numpy as np

from lib import plots, theory

LR, LAMS = 0.5, 10 ** (-4 + np.arange(121) / 30)
CLAIM = "With δ = 1/(ηt) a ridge follows early stopping in every direction; the gap never passes 0.28."
DEFAULTS = {"steps": 100, "delta": 0.1}


def widest(steps, delta):
    """The eigenvalue where the two differ most, and stopping minus ridge there."""
    gaps = theory.stopping_shrink(LR, LAMS, steps) - theory.ridge_shrink(LAMS, delta)
    at = np.argmax(np.abs(gaps))
    return LAMS[at], gaps[at]


def still(steps, delta):
    """Both curves."""
    lam, gap = widest(steps, delta)
    fig, ax = plots.figure(height=3.2)
    ax.semilogx(
        LAMS,
        theory.stopping_shrink(LR, LAMS, steps),
        color=plots.BLUE,
        label="stopped after t steps, η = 0.5",
    )
    ax.semilogx(LAMS, theory.ridge_shrink(LAMS, delta), color=plots.ORANGE, ls="--", label="ridge δ")
    ax.set(xlabel="eigenvalue λ", ylabel="share kept", ylim=(0, 1.05))
    ax.legend()
    return plots.show(
        fig,
        alt=f"Stopped after {steps} steps at η = 0.5 and with a ridge of δ = {delta:g}, the shares kept differ most "
        f"at λ = {lam:.3g}, by {abs(gap):.3f}.",
        caption=CLAIM,
    )
