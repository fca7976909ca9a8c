"""Momentum against SGD with a larger learning rate and against SGD with larger batches, exactly."""

import numpy as np

from lib import plots, theory

LAMS, NOISE, STEPS = np.array([0.02, 0.1, 0.5]), 3.0, 300
CLAIM = "Momentum acts as a learning rate of η/(1 − β), not as a larger batch."
DEFAULTS = {"lr": 0.02, "beta": 0.9, "size": 100}


def expected(lr, beta, size):
    """Expected loss after 0..STEPS steps from 1 in every mode."""
    s = NOISE / np.sqrt(size)
    mean, variance = theory.noisy_moments(np.full(STEPS, lr), LAMS, s, 1.0, beta=beta)
    return 0.5 * (mean**2 + variance) @ LAMS


def still(lr, beta, size):
    """The three curves of expected loss."""
    far = 1 / (1 - beta)
    curves = expected(lr, beta, size), expected(lr * far, 0.0, size), expected(lr, 0.0, size * far)
    names = "momentum: η, β, B", "SGD: η/(1 − β), B", "SGD: η, B/(1 − β)"
    fig, ax = plots.figure(height=3.2)
    for curve, name in zip(curves, names, strict=True):
        ax.semilogy(curve, label=name)
    ax.set(xlabel="step t", ylabel="expected loss", ylim=(0.003, 1))
    ax.legend()
    return plots.show(
        fig,
        alt=f"After {STEPS} steps momentum with η = {lr:g}, β = {beta:g} has an expected loss of {curves[0][-1]:.3g}, "
        f"SGD with η/(1 − β) {curves[1][-1]:.3g}, and SGD with the batch size divided by 1 − β {curves[2][-1]:.3g}.",
        caption=CLAIM,
    )
