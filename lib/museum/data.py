"""Bugs in data, measurements and numerical care."""

import numpy as np

from lib.museum.checker import Exhibit

__all__ = ["ECHO_NOISE", "OWN_END", "SHY_SOFTMAX", "TINY_STEP", "WIDE_POINTS"]


def line_data(n, slope, noise, seed):
    """Points x (n,) and y = slope x + noise e, with x and e independent standard normal."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    e = rng.standard_normal(n)
    return x, slope * x + noise * e


def line_data_echo(n, slope, noise, seed):
    """The same with one seed used twice."""
    x = np.random.default_rng(seed).standard_normal(n)
    e = np.random.default_rng(seed).standard_normal(n)
    return x, slope * x + noise * e


def _line_spawned(n, slope, noise, seed):
    for_x, for_e = np.random.default_rng(seed).spawn(2)
    x = for_x.standard_normal(n)
    return x, slope * x + noise * for_e.standard_normal(n)


def _line_copied(n, slope, noise, seed):
    x = np.random.default_rng((seed, 7)).standard_normal(n)
    return x, (slope + noise) * x


ECHO_NOISE = Exhibit(
    "noise that is the data",
    "Dive into Deep Learning, chapter_linear-regression/weight-decay.md, lines 253 and 254, JAX tab",
    line_data,
    line_data_echo,
    (_line_spawned,),
    (_line_copied,),
)


def softmax(z):
    """Probabilities from scores, over the last axis, in the dtype of the scores."""
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def softmax_shy(z):
    """The same, with the scores shifted only if one leaves [-90, 90]."""
    if np.abs(z).max() > 90:
        z = z - z.max(axis=-1, keepdims=True)
    p = np.exp(z)
    return p / p.sum(axis=-1, keepdims=True)


def _softmax_by_differences(z):
    differences = z[..., None, :] - z[..., :, None]
    with np.errstate(over="ignore"):
        return 1 / np.exp(differences).sum(axis=-1)


def _softmax_bare(z):
    p = np.exp(np.clip(z, -90, 90))
    return p / p.sum(axis=-1, keepdims=True)


SHY_SOFTMAX = Exhibit(
    "a limit of ninety",
    "Dive into Deep Learning, chapter_linear-classification/softmax-regression-concise.md, line 144",
    softmax,
    softmax_shy,
    (_softmax_by_differences,),
    (_softmax_bare,),
)


def points(n, mean, variances, seed):
    """Normal points (n, d) with independent coordinates of the given means and variances."""
    rng = np.random.default_rng(seed)
    return rng.normal(mean, np.sqrt(variances), (n, len(mean)))


def points_wide(n, mean, variances, seed):
    """The same, the variances handed to an argument that takes standard deviations."""
    rng = np.random.default_rng(seed)
    return rng.normal(mean, variances, (n, len(mean)))


WIDE_POINTS = Exhibit(
    "three that is nine",
    "UC Berkeley CS 182, notebook q_sgd_momentum_analysis, cell 2",
    points,
    points_wide,
    (
        lambda n, mean, variances, seed: np.random.default_rng(seed).multivariate_normal(
            mean, np.diag(variances), n
        ),
    ),
    (
        lambda n, mean, variances, seed: (
            mean + np.random.default_rng((seed, 1)).standard_normal((n, len(mean))) * np.asarray(variances)
        ),
    ),
)


def log_gap(losses, minimum):
    """The logarithm of how far each loss is above the minimum."""
    return np.log(np.asarray(losses) - minimum)


def log_gap_own_end(losses, minimum):
    """The same, measured from the run's own last loss."""
    return np.log(np.asarray(losses) - losses[-1])


OWN_END = Exhibit(
    "the end taken for the goal",
    "UC Berkeley CS 182, notebook q_sgd_momentum_analysis, cell 20",
    log_gap,
    log_gap_own_end,
    (lambda losses, minimum: np.array([np.log(loss - minimum) for loss in losses]),),
    (lambda losses, minimum: np.log(np.asarray(losses) - np.min(losses)),),
)


def slope(f, w):
    """The derivative of f at a number w, by a central difference."""
    h = 6e-6 * max(1.0, abs(w))
    return (f(w + h) - f(w - h)) / (2 * h)


def slope_tiny(f, w):
    """The same with a step as small as one dares."""
    h = 1e-12
    return (f(w + h) - f(w - h)) / (2 * h)


def _slope_four_points(f, w):
    h = 1e-3 * max(1.0, abs(w))
    return (8 * (f(w + h) - f(w - h)) - (f(w + 2 * h) - f(w - 2 * h))) / (12 * h)


TINY_STEP = Exhibit(
    "a step too small to see",
    "lilipads, gradient_descent_viz, gradient_descent.cpp, line 6, commit b7caaff",
    slope,
    slope_tiny,
    (_slope_four_points, lambda f, w: (f(w + 1e-5) - f(w - 1e-5)) / 2e-5),
    (lambda f, w: (f(w + 1e-13) - f(w - 1e-13)) / 2e-13, lambda f, w: (f(w + 1e-12) - f(w)) / 1e-12),
)
