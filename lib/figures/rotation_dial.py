"""Four optimisers in a valley that turns, with their learning rates kept."""

import numpy as np

from lib import plots, problems, rules
from lib.loop import descend, trace

SPECTRUM, START, STEPS = [1.0, 50.0], np.array([-2.0, 1.2]), 100
METHODS = {"sgd": 0.035, "adagrad": 0.5, "rmsprop": 0.05, "adam": 0.1}
NAMES = ["GD", "AdaGrad", "RMSProp", "Adam"]
COLORS = [plots.BLUE, plots.ORANGE, plots.GREEN, plots.PURPLE]
CLAIM = "Turn the valley, and gradient descent does as before; the adaptive methods do not."
DEFAULTS = {"degrees": 30}


def paths(degrees):
    """The paths (4, 101, 2) of all methods; the start turns with the valley."""
    phi = np.deg2rad(degrees)
    turn = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    grad = problems.rotated(SPECTRUM, degrees).loss_grad
    runs = (descend(grad, turn @ START, getattr(rules, rule), lr=lr) for rule, lr in METHODS.items())
    return np.stack([trace(run, STEPS).w for run in runs])


def ends(degrees):
    """The final loss of each method."""
    return problems.rotated(SPECTRUM, degrees).loss(paths(degrees)[:, -1])


def still(degrees):
    """The valley with the paths on the left, the final losses on the right."""
    hill, losses, straight = problems.rotated(SPECTRUM, degrees), ends(degrees), ends(0)
    fig, (left, right) = plots.figure(1, 2, height=3.6, width_ratios=[1, 1.3])
    plots.contours(left, hill.loss, (-2.6, 2.6), (-2.6, 2.6), levels=[0.5, 2, 6, 14, 28, 50, 85])
    for path, color, name in zip(paths(degrees), COLORS, NAMES, strict=True):
        plots.path(left, path, color=color, label=name)
    left.set_aspect("equal")
    left.legend()
    right.bar(NAMES, losses, color=COLORS, alpha=0.6)
    right.plot(
        NAMES, np.maximum(straight, 1.2e-6), "_", color=plots.RED, ms=24, mew=2.5, ls="none", label="at 0°"
    )
    right.set(yscale="log", ylim=(1e-6, 10), ylabel=f"loss after {STEPS} steps")
    right.legend(markerscale=0.6)
    told = ", ".join(f"{name} at {loss:.2g}" for name, loss in zip(NAMES, losses, strict=True))
    return plots.show(
        fig,
        alt=f"In a valley turned by {degrees} degrees the final losses are: {told}; along the axes gradient descent also ends at "
        f"{straight[0]:.2g}, AdaGrad at {straight[1]:.0e}, RMSProp at {straight[2]:.0e}.",
        caption=CLAIM,
    )
