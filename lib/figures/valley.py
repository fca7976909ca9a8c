"""Gradient descent against momentum and others in a winding valley: the book's cover figure."""

import numpy as np

from lib import plots, problems, rules
from lib.loop import descend, trace

CLAIM = "With the same learning rate momentum reaches the bottom, plain descent creeps."
DEFAULTS = {"rule": "momentum", "lr": 0.2, "beta": 0.9, "start": [-6.5, 2.0]}
STEPS = 150
HILL = problems.Valley()
_BETA = {"momentum": "beta", "nesterov": "beta", "rmsprop": "beta", "adam": "beta1"}


def run(rule, start, lr, beta):
    """The path of a rule from a start, 150 steps: shape (151, 2)."""
    hyper = {_BETA[rule]: beta} if rule in _BETA else {}
    steps = descend(HILL.loss_grad, np.array(start, float), getattr(rules, rule), lr=lr, **hyper)
    return trace(steps, STEPS).w


def still(rule, lr, beta, start):
    """Both paths on the contour lines of the valley."""
    plain, other = run("sgd", start, lr, beta), run(rule, start, lr, beta)
    fig, ax = plots.figure(height=3.6)
    plots.contours(ax, HILL.loss, (-8, 8), (-2, 4.2), levels=[0.02, 0.1, 0.3, 0.7, 1.3, 2.2, 3.5])
    plots.path(ax, plain, color=plots.BLUE, label="gradient descent")
    plots.path(ax, other, color=plots.ORANGE, label=rule)
    ax.legend()
    return plots.show(
        fig,
        alt=f"After {STEPS} steps with a learning rate of {lr:g} gradient descent is at a loss "
        f"of {HILL.loss(plain[-1]):.2g}, {rule} at {HILL.loss(other[-1]):.2g}.",
        caption=CLAIM,
    )
