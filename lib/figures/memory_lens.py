"""An exponentially weighted average by its kernel, its lag and its frequency response."""

import numpy as np

from lib import plots
from lib.averages import ewa_path, half_life, mean_age

CLAIM = "One β sets the kernel, the lag and the smoothness of an average, all at once."
_T = np.arange(1, 41)
_WAVE = 6 + 3 * np.sin(_T / 6) + np.random.default_rng(2).normal(0, 1.0, _T.size)
DEFAULTS = {"beta": 0.9, "correct": False, "series": [round(float(v), 2) for v in _WAVE]}


def still(beta, correct, series):
    """The series with its average, uncorrected and corrected."""
    fig, ax = plots.figure(height=3.2)
    ax.plot(_T, series, "o", color=plots.GREY, ms=4, ls="none", label="series")
    ax.plot(_T, ewa_path(series, beta), color=plots.BLUE, ls="-", label="average from zero")
    ax.plot(
        _T,
        ewa_path(series, beta, correct=True),
        color=plots.ORANGE,
        ls="--",
        label="bias-corrected",
    )
    ax.set(xlabel="step t", ylabel="value")
    ax.legend()
    return plots.show(
        fig,
        alt=f"With β = {beta:g} the average starts at {ewa_path(series, beta)[0]:.2f} although "
        f"the first value is {series[0]:.2f}; it halves an old weight in {half_life(beta):.2f} "
        f"steps and lags {mean_age(beta):.1f} steps behind.",
        caption=CLAIM,
    )
