"""One path in the parameters and in the eigenbasis."""

import numpy as np

from lib import plots, problems
from lib.loop import descend, trace
from lib.rules import momentum

SPECTRUM = [1.0, 8.0]
CLAIM = "In the eigenbasis each direction follows a factor of its own, whatever the angle."
DEFAULTS = {"lr": 0.2, "beta": 0.0, "degrees": 30, "start": [-2.0, 1.0]}


def still(lr, beta, degrees, start):
    """The path in the parameters on the left, in the eigenbasis on the right."""
    hill, level = problems.rotated(SPECTRUM, degrees), problems.rotated(SPECTRUM, 0)
    path = trace(descend(hill.loss_grad, np.array(start), momentum, lr=lr, beta=beta), 60).w
    fig, (left, right) = plots.figure(1, 2, height=3.6)
    for ax, shape, points in ((left, hill, path), (right, level, hill.modes(path))):
        plots.contours(ax, shape.loss, (-2.5, 2.5), (-2.5, 2.5))
        plots.path(ax, points, color=plots.BLUE)
        ax.set_aspect("equal")
    left.set(xlabel="$w_1$", ylabel="$w_2$", title="parameters")
    right.set(xlabel="$x_1$", ylabel="$x_2$", title="eigenbasis")
    return plots.show(
        fig,
        alt=f"A path that zigzags through a valley turned by {degrees} degrees; in the eigenbasis "
        "each coordinate shrinks by its own factor per step.",
        caption=CLAIM,
    )
