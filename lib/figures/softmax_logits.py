"""Scores, probabilities, cross-entropy and its gradient; naive float32 beside the stable formula."""

import numpy as np

from lib import net, plots

CLAIM = "The gradient by the scores is p − y, and only rounding notices a number added to all of them."
DEFAULTS = {"scores": [9.0, 11.0, -4.0, 10.0], "truth": 0, "shift": 0, "temperature": 1.0}


def naive(z):
    """Softmax as the formula stands, in float32: exp overflows from 88.73 on."""
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(np.asarray(z, np.float32))
        return e / e.sum()


def clipped(p):
    """The loss with the probability clipped at 1e-10."""
    return -np.log(np.maximum(p, 1e-10))


def still(scores, truth, shift, temperature):
    """Probabilities and gradient on the left, the loss over the true class's score on the right."""
    z = (np.array(scores) + shift) / temperature
    y = np.array([truth])
    p, (loss, gradient) = net.softmax(z), net.cross_entropy(z[None], y)
    fig, (left, right) = plots.figure(1, 2, height=3.2)
    classes = np.arange(1, 5)
    left.bar(classes - 0.2, p, 0.36, color=plots.BLUE, label="probability p")
    left.bar(classes + 0.2, gradient[0], 0.36, color=plots.ORANGE, hatch="//", label="gradient p − y")
    left.set(xlabel="class", xticks=classes, ylim=(-1.08, 1.08))
    left.legend()
    xs = np.linspace(-15, 15, 121)
    many = np.tile(z, (121, 1))
    many[:, truth] = (xs + shift) / temperature
    losses = np.array([net.cross_entropy(row[None], y)[0] for row in many])
    right.plot(xs, losses, color=plots.BLUE, ls="-", label="loss")
    right.plot(xs, clipped(np.exp(-losses)), color=plots.RED, ls="--", label="p clipped at 1e-10")
    right.plot([scores[truth]], [loss], "o", color=plots.BLUE, ls="none")
    right.set(xlabel="score of the true class", ylabel="loss", ylim=(0, 32))
    right.legend()
    return plots.show(
        fig,
        alt=f"The true class has a probability of {p[truth]:.3f}: the loss is {loss:.3f}, and its gradient by "
        f"that class's score {p[truth] - 1:.3f}; clipping p at 1e-10 caps the loss at {clipped(0.0):.2f}.",
        caption=CLAIM,
    )
