"""Exact line search zigzags in a narrow valley."""

import numpy as np

from lib import plots, problems, theory

CLAIM = "Even the best step length in every step zigzags through a narrow valley."
DEFAULTS = {"kappa": 8.0, "start": [8.0, 1.0]}


def zigzag(start, kappa, steps=30):
    """The path of exact line search on ½(x² + κy²): shape (steps + 1, 2)."""
    a = np.array([1.0, kappa])
    w = np.array(start, float)
    path = [w]
    for _ in range(steps):
        g = a * w
        if not g.any():
            break
        w = w - (g @ g) / (g @ (a * g)) * g
        path.append(w)
    return np.array(path)


def still(kappa, start):
    """The zigzag on the contour lines."""
    hill = problems.Quadratic(np.array([1.0, kappa]))
    path = zigzag(start, kappa)
    fig, ax = plots.figure(height=3.2)
    plots.contours(ax, hill.loss, (-1, 11), (-2.5, 2.5))
    plots.path(ax, path, color=plots.BLUE)
    ax.set(xlabel="flat direction", ylabel="steep direction")
    ratio = hill.loss(path[1]) / hill.loss(path[0])
    return plots.show(
        fig,
        alt=f"With condition number {kappa:g} each step of exact line search leaves {ratio:.1%} of "
        f"the loss; the worst start leaves {theory.line_search_rate(kappa):.1%}.",
        caption=CLAIM,
    )
