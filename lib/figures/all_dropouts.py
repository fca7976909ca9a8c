"""All 64 sub-networks of six droppable inputs and three averages of them."""

from itertools import product

import numpy as np

from lib import plots, theory
from lib.net import softmax

PULLS = np.array([1.2, -0.8, 0.6, 0.9, -0.5, 0.4])
CLAIM = "Using a classifier without masks is the geometric mean of all its masked ones; the arithmetic mean is less sure."
DEFAULTS = {"p": 0.5, "scale": 1.0}


def average(p, scale):
    """Probabilities of class 1 of all masks (64,), their chances, and the averages by name."""
    masks = np.array(list(product((0, 1), repeat=6)))[:, ::-1]  # the first input is the lowest bit
    chance = np.prod(np.where(masks, 1 - p, p), axis=1)
    scores = np.stack([np.zeros(64), masks @ PULLS * scale / (1 - p)], axis=1)
    q = softmax(scores)
    log_q = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    geometric = np.exp(chance @ log_q)
    return (
        q[:, 1],
        chance,
        {
            "arithmetic": chance @ q[:, 1],
            "geometric": geometric[1] / geometric.sum(),
            "unmasked": softmax(np.array([0.0, scale * PULLS.sum()]))[1],
            "variance": theory.dropout_ridge(PULLS[None], p).sum() * scale**2,
        },
    )


def still(p, scale):
    """Levels of the 64 tiles, and the averages."""
    q, chance, means = average(p, scale)
    fig, (left, right) = plots.figure(1, 2, height=3.2)
    left.imshow(
        q.reshape(8, 8),
        origin="lower",
        cmap="Blues",
        vmin=0,
        vmax=1,
        alpha=(chance / chance.max()).reshape(8, 8),
    )
    left.set(xticks=[], yticks=[], xlabel="one tile for each of the 64 masks")
    left.grid(False)
    right.bar(range(3), [means[k] for k in ("arithmetic", "geometric", "unmasked")], color=plots.ORANGE)
    right.set(
        xticks=range(3),
        xticklabels=["arithmetic", "geometric", "unmasked"],
        ylim=(0, 1),
        ylabel="probability of class 1",
    )
    return plots.show(
        fig,
        alt=f"At p = {p:g} the 64 sub-networks have an arithmetic mean of {means['arithmetic']:.3f} and a geometric mean of "
        f"{means['geometric']:.3f}, which is that of the unmasked network, {means['unmasked']:.3f}.",
        caption=CLAIM,
    )
