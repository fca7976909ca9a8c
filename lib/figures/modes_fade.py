"""The error left in each eigenmode after t steps of gradient descent."""

import numpy as np

from lib import plots, theory

LAMS = 10.0 ** (-3 + np.arange(13) / 4)
CLAIM = "Steep directions are learnt first, flat ones last."
DEFAULTS = {"steps": 30, "lr": 1.5}


def still(steps, lr):
    """Bars: the error left in each mode."""
    left = np.abs(theory.gd_factor(lr, LAMS)) ** steps
    fig, ax = plots.figure(height=3.2)
    ax.bar(np.arange(LAMS.size), left, color=plots.BLUE)
    ax.set_xticks([0, 4, 8, 12], ["0.001", "0.01", "0.1", "1"])
    ax.set(xlabel="eigenvalue λ", ylabel="error left")
    return plots.show(
        fig,
        alt=f"After {steps} steps {np.sum(left < 0.01)} of {LAMS.size} modes have less than one "
        f"per cent of their error left, while the flattest keeps {left[0]:.0%}.",
        caption=CLAIM,
    )
