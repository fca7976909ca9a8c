"""A cloud of SGD runs on a noisy quadratic against its exact standard deviations."""

import numpy as np

from lib import plots, theory

LAMS, RUNS, STEPS = np.array([1.0, 4.0]), 300, 300
CLAIM = "A constant step never arrives: it ends in a cloud whose width the learning rate η/(1 − β) sets."
DEFAULTS = {"lr": 0.1, "beta": 0.0}


def cloud(noise, lr, beta):
    """Last positions (RUNS, 2) of all runs from the minimum; `noise` (2, RUNS, STEPS)."""
    m = x = np.zeros((2, RUNS))
    for k in range(STEPS):
        m = beta * m + LAMS[:, None] * x + noise[..., k]
        x = x - lr * m
    return x.T


def still(lr, beta):
    """The cloud and the ellipses of one and two standard deviations."""
    at = cloud(np.random.default_rng(1).standard_normal((2, RUNS, STEPS)), lr, beta)
    exact = np.sqrt(theory.momentum_variance(lr, beta, LAMS, 1.0))
    turn = np.linspace(0, 2 * np.pi, 91)
    fig, ax = plots.figure(height=4.0)
    ax.plot(*at.T, ".", color=plots.BLUE, ls="none", alpha=0.6)
    for k in (1, 2):
        ax.plot(k * exact[0] * np.cos(turn), k * exact[1] * np.sin(turn), color=plots.ORANGE, ls="-")
    ax.set(
        aspect="equal",
        xlabel="error where λ = 1",
        ylabel="error where λ = 4",
        xlim=(-2.4, 2.4),
        ylim=(-1.4, 1.4),
    )
    return plots.show(
        fig,
        alt=f"With η = {lr:g} and β = {beta:g}, 300 runs form a cloud around the minimum with exact standard "
        f"deviations {exact[0]:.3f} and {exact[1]:.3f}, measured {at[:, 0].std():.3f} and {at[:, 1].std():.3f}.",
        caption=CLAIM,
    )
