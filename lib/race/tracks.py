"""What is raced on: quadratics, and networks on data."""

from typing import NamedTuple

import numpy as np

from lib.experiments import halves, layer_sizes
from lib.loop import batches
from lib.loop.training import evaluate
from lib.net import FCN
from lib.problems import Quadratic
from lib.ranges import at_least_one, non_negative, positive

__all__ = ["Track", "on_data", "on_quadratic"]


class Track(NamedTuple):
    """What is raced on, as three functions, and when to look.

    `looks`: steps, ascending, after which the runs are scored; the last is the end. `start(seed)`
    gives parameters (P,); `gradient(w, t, seed)` gradients (R, P) of R runs that share all luck;
    `score(w, judge)` their scores (R,), lower is better, on what chooses or (True) on what judges.

    >>> on_quadratic([1.0, 2.0], steps=10).looks
    (10,)
    """

    name: str
    looks: tuple
    start: object
    gradient: object
    score: object


def on_quadratic(eigenvalues, steps, *, rotate=None, noise=0.0, looks=None):
    r"""A race down a quadratic: score $\log_{10} f(w)/f(w_0)$, from a random start for each seed.

    `eigenvalues` (P,) > 0; `rotate`: None for axes along the eigenvectors, or a seed of a random
    rotation; `noise` >= 0: standard deviation of what is added to each gradient.

    >>> track = on_quadratic([1.0, 4.0], steps=3)
    >>> w = np.stack([track.start(0), track.start(0) / 10])
    >>> w.shape, (0.5 * (w**2 @ [1.0, 4.0])).shape
    ((2, 2), (2,))
    """
    lam = np.asarray(eigenvalues, float)
    positive("eigenvalues", lam)
    at_least_one("steps", steps)
    non_negative("noise", noise)
    turn = np.eye(len(lam))
    if rotate is not None:
        turn = np.linalg.qr(np.random.default_rng(rotate).standard_normal(turn.shape))[0]
    hill = Quadratic((turn * lam) @ turn.T)

    def start(seed):
        x = np.random.default_rng(seed).standard_normal(len(lam))
        return turn @ (x / np.sqrt(0.5 * (lam * x**2).sum()))  # so that the loss is 1

    def gradient(w, t, seed):
        g = w @ hill.A
        return g + noise * np.random.default_rng([seed, t]).standard_normal(len(lam)) if noise else g

    def score(w, judge):
        return np.log10(np.maximum(0.5 * np.sum(w * (w @ hill.A), axis=-1), 1e-300))

    return Track("quadratic", tuple(looks or (steps,)), start, gradient, score)


def on_data(data, hidden, steps, *, batch_size, looks=None):
    """A race on a data set with a fully connected network: score the mean cross-entropy.

    `data`: what `lib.data` gives; one half of its validation examples chooses, the other judges.
    `hidden`: sizes of the hidden layers. Start and batches come from the seed alone.

    >>> from lib.data import digits
    >>> on_data(digits(), (8,), 20, batch_size=32, looks=(10, 20)).start(0).shape
    (610,)
    """
    at_least_one("steps", steps)
    net = FCN(layer_sizes(data, hidden))
    parts = [(half.X_val, half.y_val) for half in halves(data)]

    def start(seed):
        return net.init(np.random.default_rng(seed))

    def gradient(w, t, seed):
        index = batches(len(data.y_train), batch_size, seed)(t)
        return net.loss_grad(w, data.X_train[index], data.y_train[index])[1]

    def score(w, judge):
        return evaluate(net, w, *parts[bool(judge)])[0]

    return Track(f"net {hidden}", tuple(looks or (steps,)), start, gradient, score)
