"""At critical damping velocity and error together grow like t before the root's power wins."""

import numpy as np

from lib import plots, theory

LR, LAM, STEPS = 1.0, 0.01, 120
CLAIM = "At critical damping velocity and error can grow before they fade: t times a power."
DEFAULTS = {"beta": float(theory.critical_beta(LR, LAM))}


def stretch(beta):
    """The spectral norm of R^t for t = 0..120, m scaled to x by the learning rate."""
    scale = np.diag([LR, 1.0])
    powers = theory.momentum_power(LR, beta, LAM, np.arange(STEPS + 1))
    return np.linalg.norm(scale @ powers @ np.linalg.inv(scale), 2, axis=(-2, -1))


def still(beta):
    """The stretch and the power of the largest root."""
    t = np.arange(STEPS + 1)
    sizes, root = stretch(beta), float(theory.momentum_rate(LR, beta, np.array([LAM])))
    fig, ax = plots.figure(height=3.2)
    ax.semilogy(t, sizes, color=plots.BLUE, label="most that t steps stretch velocity and error")
    ax.semilogy(t, root**t, color=plots.GREY, ls="--", label="power of the largest root")
    ax.set(xlabel="step t", ylim=(1e-4, 30))
    ax.legend()
    return plots.show(
        fig,
        alt=f"With β = {beta:.2f} velocity and error together can be {sizes.max():.2f} times as "
        f"large at step {sizes.argmax()}, although the largest root is {root:.2f}.",
        caption=CLAIM,
    )
