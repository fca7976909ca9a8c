"""All rules of the book on one surface, from one start, each with its own learning rate."""

from itertools import islice

import numpy as np

from lib import plots, problems, rules
from lib.loop import Diverged, descend

CLAIM = "Which rule is ahead depends on the surface, the start, the number of steps and each learning rate."
DEFAULTS = {
    "surface": "valley",
    "rule": "adam",
    "start": [-5.5, 1.0],
    "steps": 100,
    "lrs": {
        "sgd": 0.02,
        "momentum": 0.01,
        "averaged_momentum": 0.02,
        "nesterov": 0.01,
        "adagrad": 0.5,
        "adadelta": 1.0,
        "rmsprop": 0.05,
        "adam": 0.2,
        "adamax": 0.2,
        "nadam": 0.2,
        "amsgrad": 0.2,
        "adamw": 0.2,
        "lion": 0.05,
    },
}
SURFACES = {
    "valley": problems.Valley(flat=0.4, steep=10.0),
    "ravine": problems.rotated([0.5, 10.0], 30),
    "rosenbrock": problems.Rosenbrock(b=5.0),
    "saddle": problems.Saddle(),
    "noisy": problems.NoisyQuadratic([0.5, 10.0], noise=3.0, seed=5),
}
WINDOW = {"rosenbrock": ((-2.2, 2.2), (-1, 3.2)), "saddle": ((-2, 2), (-1.8, 1.8))}


def run(rule, surface, start, lr, steps):
    """The path of a rule, (steps + 1, 2); shorter when its loss leaves the finite numbers."""
    walk = descend(SURFACES[surface].loss_grad, np.array(start, float), getattr(rules, rule), lr=lr)
    path = []
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            for step in islice(walk, steps + 1):
                path.append(step.w)
        except Diverged:
            pass  # the points before it are the path
    return np.array(path)


def still(surface, rule, start, steps, lrs):
    """All paths on the contour lines, and how far above the minimum each ends."""
    hill = SURFACES[surface]
    xlim, ylim = WINDOW.get(surface, ((-7, 7), (-3, 4.2)))
    if not (xlim[0] <= start[0] <= xlim[1] and ylim[0] <= start[1] <= ylim[1]):
        raise ValueError(f"start is {start}; allowed on the surface {surface!r} are x in {xlim}, y in {ylim}")
    fig, (left, right) = plots.figure(1, 2, height=3.8)
    levels = [-0.2, -0.1, 0, 0.2, 0.5, 1, 2] if surface == "saddle" else [0.3, 1, 3, 8, 20, 45, 90]
    plots.contours(left, hill.loss, xlim, ylim, levels=levels)
    over = {}
    for name, lr in lrs.items():
        path = run(name, surface, start, lr, steps)
        loss = hill.loss(path[-1]) - hill.minimum
        over[name] = max(loss, 1e-10) if len(path) > steps and loss < 1e4 else np.inf
        color = plots.BLUE if name == rule else plots.ORANGE
        left.plot(
            *path.T, color=color, ls="-", lw=2 if name == rule else 0.8, zorder=3 if name == rule else 2
        )
        left.plot(*path[-1], "o", color=color, ms=4, zorder=3)
        right.plot(min(over[name], 1e4), name, "o" if over[name] < np.inf else "x", color=color)
    right.set(xscale="log", xlim=(1e-10, 1e4), xlabel="loss above the minimum")
    right.invert_yaxis()
    first = min(over, key=over.get)
    return plots.show(
        fig,
        alt=f"After {steps} steps from {tuple(start)} on the surface '{surface}', {rule} is {over[rule]:.2g} above the "
        f"minimum and {first} lowest with {over[first]:.2g}; another start or learning rate changes the order.",
        caption=CLAIM,
    )
