"""Any schedule on a noisy quadratic: the exact expected loss, what is left of the start and what noise adds."""

import numpy as np

from lib import plots, theory
from lib.schedules import chebyshev

LAMS, N = np.array([0.2, 0.45, 1.0]), 16
CLAIM = "The schedule that is best without noise is among the worst with it."
RATES = chebyshev(0.2, 1.0, N)
DEFAULTS = {"lrs": [round(RATES(t), 12) for t in range(N)], "noise": 0.0}


def losses(lrs, noise):
    """Expected loss before and after every step, (N + 1, 2): left of the start, from the noise."""
    mean, variance = theory.noisy_moments(np.asarray(lrs, float)[:, None], LAMS, noise, 1.0)
    return 0.5 * np.stack([mean**2 @ LAMS, variance @ LAMS], axis=1)


def still(lrs, noise):
    """The rates and the expected loss, without noise and with some."""
    fig, (top, low) = plots.figure(2, 1, height=4.0, sharex=True)
    steps = np.arange(N + 1)
    top.bar(steps[1:], lrs, color=plots.GREY)
    ends = {}
    for s, color, ls in ((noise, plots.BLUE, "-"), (0.1, plots.GREEN, "--")):
        total = losses(lrs, s).sum(axis=1)
        low.semilogy(steps, total, color=color, ls=ls, label=f"noise {s:g}")
        ends[s] = total[-1]
    top.set(ylabel="learning rate η", ylim=(0, 5))
    low.set(xlabel="step", ylabel="expected loss", ylim=(1e-13, 10))
    low.legend()
    best = theory.schedule_gap(theory.best_lrs(N, LAMS, 0.1, 1.0), LAMS, 0.1, 1.0)[-1]
    return plots.show(
        fig,
        alt=f"These {N} rates end with an expected loss of {ends[noise]:.2g} at noise {noise:g} and {ends[0.1]:.2g} "
        f"at noise 0.1, where the best schedule has {best:.2g}.",
        caption=CLAIM,
    )
