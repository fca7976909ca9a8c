"""Bugs in regularisation: penalties, dropout, comparisons."""

import numpy as np

from lib.museum.checker import Exhibit

__all__ = ["DOUBLE_DECAY", "FROZEN_MASK", "SQUARED_NORM", "TWO_SETS"]


def decay_grad(w, decay):
    """What the penalty (decay/2) ||w||^2 adds to the gradient."""
    return decay * w


def decay_grad_double(w, decay):
    """The same, from a penalty without the half."""
    return 2 * decay * w


DOUBLE_DECAY = Exhibit(
    "twice the decay",
    "Dive into Deep Learning, chapter_linear-regression/weight-decay.md, TensorFlow tab",
    decay_grad,
    decay_grad_double,
    (lambda w, decay: np.multiply(w, decay), lambda w, decay: -((1 - decay) * w - w)),
    (lambda w, decay: decay * w + decay * w,),
)


def make_dropout(p, seed):
    """A dropout layer: h -> h with a fresh mask, drop probability p."""
    rng = np.random.default_rng(seed)

    def layer(h):
        key = rng.integers(2**32)
        keep = np.random.default_rng(key).random(h.shape) >= p
        return h * keep / (1 - p)

    return layer


def make_dropout_frozen(p, seed):
    """The same with the key as a default argument, which Python evaluates once."""
    rng = np.random.default_rng(seed)

    def layer(h, key=rng.integers(2**32)):  # noqa: B008
        keep = np.random.default_rng(key).random(h.shape) >= p
        return h * keep / (1 - p)

    return layer


def _make_dropout_stream(p, seed):
    rng = np.random.default_rng((seed, 1))
    return lambda h: np.where(rng.random(h.shape) < p, 0.0, h / (1 - p))


def _make_dropout_remembering(p, seed):
    masks = {}

    def layer(h):
        if h.shape not in masks:
            masks[h.shape] = np.random.default_rng(seed).random(h.shape) >= p
        return np.where(masks[h.shape], h / (1 - p), 0.0)

    return layer


FROZEN_MASK = Exhibit(
    "one mask for ever",
    "Dive into Deep Learning, chapter_multilayer-perceptrons/dropout.md, line 218, JAX tab",
    make_dropout,
    make_dropout_frozen,
    (_make_dropout_stream,),
    (_make_dropout_remembering,),
)


def norm(w):
    """The Euclidean norm of the weights."""
    return np.sqrt(np.sum(w**2))


def norm_squared(w):
    """What was reported as the norm."""
    return np.sum(w**2)


SQUARED_NORM = Exhibit(
    "a norm without its root",
    "Neuromatch Academy deep learning, W2D1 Regularization, tutorial 2; also "
    "Dive into Deep Learning, weight-decay.md, lines 322 and 473, where it is half the square",
    norm,
    norm_squared,
    (lambda w: np.linalg.norm(np.ravel(w)),),
    (lambda w: np.sum(w * w) / 2, lambda w: np.vdot(w, w)),
)


def compare(fit, penalties, small, large):
    """Fit every penalty, for a comparison: `fit(data, penalty)`, in the order of `penalties`."""
    return [fit(large, penalty) for penalty in penalties]


def compare_mixed(fit, penalties, small, large):
    """The same, with the data that happened to be at hand for each."""
    data = {"none": small, "l1": small, "l2": large, "both": large}
    return [fit(data[penalty], penalty) for penalty in penalties]


TWO_SETS = Exhibit(
    "a race over two distances",
    "Neuromatch Academy deep learning, W2D1 Regularization, tutorial 2",
    compare,
    compare_mixed,
    (lambda fit, penalties, small, large: [fit(small, penalty) for penalty in penalties],),
    (
        lambda fit, penalties, small, large: [
            fit(small if penalty in ("none", "l1") else large, penalty) for penalty in penalties
        ],
    ),
    rounds=False,
)
