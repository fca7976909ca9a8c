"""Momentum in three linked views: settings, roots, response."""

import numpy as np

from lib import plots, theory

MODES = np.array([0.05, 0.3, 1.0])
_LR, _BETA, _RATE = (float(v) for v in theory.momentum_optimum(MODES))
CLAIM = "The best settings put all roots on the smallest circle that can hold them all."
DEFAULTS = {"lr": 1.0, "beta": 0.8, "convention": "velocity"}


def still(lr, beta, convention):
    """The response of each mode at the best settings."""
    t = np.arange(61)
    x = theory.momentum_modes(_LR, _BETA, MODES, np.ones(3), t)
    fig, ax = plots.figure(height=3.2)
    for lam, path in zip(MODES, x.T, strict=True):
        ax.plot(t, path, label=f"λ = {lam:g}")
    ax.set(xlabel="step t", ylabel="error", ylim=(-1, 1))
    ax.legend()
    return plots.show(
        fig,
        alt=f"At the best settings, learning rate {_LR:.3f} and β {_BETA:.3f}, the errors of all "
        f"three modes fade by {_RATE:.3f} per step.",
        caption=CLAIM,
    )
