"""Heavy-ball momentum caught in a cycle on a strongly convex function."""

import numpy as np

from lib import plots, problems
from lib.loop import descend, trace
from lib.rules import momentum, sgd

CLAIM = "Momentum tuned for quadratics can circle for ever on another convex function."
DEFAULTS = {"start": 3.3, "method": "heavy"}
STEPS = 60
_METHODS = {"heavy": (momentum, {"lr": 1 / 9, "beta": 4 / 9}), "plain": (sgd, {"lr": 1 / 13})}


def run(start, method):
    """Positions over 60 steps: shape (61,)."""
    rule, hyper = _METHODS[method]
    problem = problems.LessardCycle()
    return trace(descend(problem.loss_grad, np.array([float(start)]), rule, **hyper), STEPS).w[:, 0]


def still(start, method):
    """Momentum and gradient descent from the same start."""
    fig, ax = plots.figure(height=3.2)
    ax.plot(run(start, "heavy"), "o-", ms=3, lw=1, color=plots.BLUE, label="momentum")
    ax.plot(run(start, "plain"), color=plots.ORANGE, ls="--", label="gradient descent")
    ax.set(xlabel="step t", ylabel="x")
    ax.legend()
    last = ", ".join(f"{v:.3f}" for v in run(start, "heavy")[-3:])
    return plots.show(
        fig,
        alt=f"From {start:g} momentum ends in a cycle through {last}, while gradient descent "
        "reaches the minimum at 0.",
        caption=CLAIM,
    )
