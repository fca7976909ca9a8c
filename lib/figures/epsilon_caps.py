"""The effective learning rate over the size of the gradient, with epsilon outside and inside the root."""

import numpy as np

from lib import plots

CLAIM = "Outside the root ε caps the effective rate at η/ε, inside at η/√ε: ten thousand times less at 10⁻⁸."
DEFAULTS = {"eps": 1e-8, "dtype": "float64", "g": 1e-6}


def denominators(g, eps, dtype):
    """Outside √v + ε, inside √(v + ε), √v and ε for v = g², every operation in `dtype`."""
    with np.errstate(under="ignore", over="ignore"):
        g, eps = np.asarray(g, dtype), np.asarray(eps, dtype)
        v = g * g
        return np.sqrt(v) + eps, np.sqrt(v + eps), np.sqrt(v), eps


def still(eps, dtype, g):
    """Both effective rates in units of the learning rate."""
    gs = np.logspace(-25, 1, 521)
    fig, ax = plots.figure(height=3.4)
    names = ("outside, 1/(√v + ε)", plots.BLUE, "-"), ("inside, 1/√(v + ε)", plots.ORANGE, "--")
    with np.errstate(divide="ignore"):
        factors = [1 / np.asarray(d, float) for d in denominators(gs, eps, dtype)[:2]]
    for (name, color, ls), factor, cap in zip(names, factors, (1 / eps, 1 / np.sqrt(eps)), strict=True):
        ax.loglog(gs, np.where(np.isfinite(factor), factor, np.nan), color=color, ls=ls, label=name)
        ax.axhline(cap, color=color, ls=":", lw=1)
    ax.set(xlabel="size of the gradient |g|, with v = g²", ylabel="effective rate / η", ylim=(0.1, 1e13))
    ax.legend()
    return plots.show(
        fig,
        alt=f"With ε = {eps:g} the learning rate is multiplied by at most {1 / eps:.2g} where ε stands outside "
        f"the root, and by at most {1 / np.sqrt(eps):.2g} where it stands inside.",
        caption=CLAIM,
    )
