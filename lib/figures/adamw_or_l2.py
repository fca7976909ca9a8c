"""A penalty in the gradient (Adam + L2) against decay beside it (AdamW), in two coordinates."""

import numpy as np

from lib import plots
from lib.rules import START, adam, adamw

LR, STEPS = 0.001, 2000
CLAIM = "Adam + L2 shrinks a silent weight equally for every λ; AdamW shrinks each weight by 1 − ηλ."
DEFAULTS = {"lam": 0.1, "size": 10.0, "kind": "noise"}


def race(lam, size, data):
    """Paths of Adam + L2 and of AdamW from (1, 1): (2, STEPS + 1, 2); `data` (STEPS,).

    The first coordinate's data gradient is 0, the second's size · data[t].
    """
    paths = []
    for rule, hyper, k in ((adam, {}, lam), (adamw, {"decay": lam}, 0.0)):
        w, s = np.ones(2), START
        path = [w]
        for g in data:
            w, s = rule(w, np.array([0.0, size * g]) + k * w, s, lr=LR, eps=1e-150, **hyper)
            path.append(w)
        paths.append(path)
    return np.array(paths)


def still(lam, size, kind):
    """Both weights over the steps."""
    noise = np.random.default_rng(3).standard_normal(STEPS)
    l2, decoupled = race(lam, size, noise if kind == "noise" else -np.ones(STEPS))
    fig, axes = plots.figure(1, 2, height=3.0)
    for i, ax in enumerate(axes):
        ax.plot(l2[:, i], color=plots.ORANGE, ls="--", label="Adam + L2")
        ax.plot(decoupled[:, i], color=plots.BLUE, ls="-", label="AdamW")
        ax.set(xlabel="step t", ylabel=("silent", "loud")[i] + " weight")
    axes[0].legend()
    return plots.show(
        fig,
        alt=f"After {STEPS} steps with λ = {lam:g} Adam + L2 leaves {l2[-1, 0]:.3f} of the silent weight, AdamW "
        f"{decoupled[-1, 0]:.3f}; the loud weight ends at {l2[-1, 1]:.3f} and {decoupled[-1, 1]:.3f}.",
        caption=CLAIM,
    )
