"""Bugs in closed forms."""

import cmath
import math

import numpy as np

from lib.museum.checker import Exhibit

__all__ = ["EARLY_LIMIT", "HALF_LIFE", "LOST_HALF", "SPARSE_BOUND", "SWAPPED", "TWICE_ROOT"]


def rate(lr, beta, lam):
    """The factor per step by which momentum shrinks an error of curvature lam."""
    trace = 1 + beta - lr * lam
    disc = trace**2 - 4 * beta
    if disc < 0:
        return math.sqrt(trace**2 - disc) / 2
    return (abs(trace) + math.sqrt(disc)) / 2


def rate_twice(lr, beta, lam):
    """The same; where the roots are complex the half is lost."""
    trace = 1 + beta - lr * lam
    disc = trace**2 - 4 * beta
    if disc < 0:
        return math.sqrt(trace**2 - disc)
    return (abs(trace) + math.sqrt(disc)) / 2


def _rate_eigen(lr, beta, lam):
    R = np.array([[beta, lam], [-lr * beta, 1 - lr * lam]])
    return float(np.abs(np.linalg.eigvals(R)).max())


def _rate_twice_other(lr, beta, lam):
    trace = 1 + beta - lr * lam
    root = cmath.sqrt(trace**2 - 4 * beta)
    if root.imag:
        return 2 * beta**0.5
    return max(abs(trace + root), abs(trace - root)) / 2


TWICE_ROOT = Exhibit(
    "twice the root of beta",
    "Distill, Why Momentum Really Works, index.html, line 916, a footnote",
    rate,
    rate_twice,
    (_rate_eigen,),
    (_rate_twice_other,),
)


def power(R, t):
    """R to the power t, for a 2 x 2 matrix with two different eigenvalues."""
    s1, s2 = np.linalg.eigvals(R).astype(complex)
    I = np.eye(2)
    return ((s1**t * (R - s2 * I) - s2**t * (R - s1 * I)) / (s1 - s2)).real


def power_swapped(R, t):
    """The same with the two eigenvalues in the brackets exchanged."""
    s1, s2 = np.linalg.eigvals(R).astype(complex)
    I = np.eye(2)
    return ((s1**t * (R - s1 * I) - s2**t * (R - s2 * I)) / (s1 - s2)).real


def _power_loop(R, t):
    result = np.eye(2)
    for _ in range(t):
        result = result @ R
    return result


def _power_swapped_other(R, t):
    # U_t = (s1^t - s2^t)/(s1 - s2) by its recurrence
    before, now = 0.0, 1.0
    for _ in range(t):
        before, now = now, np.trace(R) * now - np.linalg.det(R) * before
    return before * R - now * np.eye(2)


SWAPPED = Exhibit(
    "two indices exchanged",
    "Distill, Why Momentum Really Works, index.html, lines 898 to 900 (issue 102)",
    power,
    power_swapped,
    (_power_loop,),
    (_power_swapped_other,),
)


def loss_gap(lr, lams, x0, t):
    """The loss above the minimum after t steps of gradient descent on a quadratic."""
    return 0.5 * np.sum(lams * (1 - lr * lams) ** (2 * t) * x0**2)


def loss_gap_whole(lr, lams, x0, t):
    """The same without the half that every quadratic has."""
    return np.sum(lams * (1 - lr * lams) ** (2 * t) * x0**2)


def _gap_stepping(lr, lams, x0, t):
    x = np.array(x0, float)
    for _ in range(t):
        x = x - lr * lams * x
    return float(x @ (lams * x)) / 2


LOST_HALF = Exhibit(
    "a half lost",
    "Distill, Why Momentum Really Works, index.html, line 367 (issue 98)",
    loss_gap,
    loss_gap_whole,
    (_gap_stepping,),
    (lambda lr, lams, x0, t: 2 * _gap_stepping(lr, lams, x0, t),),
)


def converges(lr, lam):
    """Whether gradient descent converges on a parabola of curvature lam > 0."""
    return 0 < lr * lam < 2


def converges_early(lr, lam):
    """The same, with everything beyond lr * lam = 1 given up."""
    return 0 < lr * lam <= 1


EARLY_LIMIT = Exhibit(
    "giving up at half the limit",
    "Dive into Deep Learning, chapter_optimization/momentum.md, lines 271 and 289",
    converges,
    converges_early,
    (lambda lr, lam: abs(1 - lr * lam) < 1,),
    (lambda lr, lam: 0 <= 1 - lr * lam < 1,),
)


def half_life(beta):
    """Steps until half the weight of an observation is gone from an average."""
    return math.log(0.5) / math.log(beta)


def half_life_inverse(beta):
    """The same, misread as one over beta."""
    return 1 / beta


HALF_LIFE = Exhibit(
    "half-lives that are none",
    "Dive into Deep Learning, chapter_optimization/rmsprop.md, line 29, and adadelta.md, line 109",
    half_life,
    half_life_inverse,
    (lambda beta: -1 / math.log2(beta),),
    (lambda beta: 1 / (1 - beta),),
)


def largest_step(beta1, beta2):
    """The longest step Adam can take, in learning rates (beta1**2 < beta2, epsilon zero, late t)."""
    return (1 - beta1) / math.sqrt((1 - beta2) * (1 - beta1**2 / beta2))


def largest_step_sparse(beta1, beta2):
    """The same, taken from one gradient after many zeros."""
    return max(1.0, (1 - beta1) / math.sqrt(1 - beta2))


def _largest_by_cauchy(beta1, beta2, ages=20000):
    # the step for the gradients beta1^age/beta2^age, summed out
    age = np.arange(ages)
    g = np.exp(age * (math.log(beta1) - math.log(beta2)))
    m = (1 - beta1) * np.sum(beta1**age * g)
    v = (1 - beta2) * np.sum(beta2**age * g**2)
    return float(m / math.sqrt(v))


SPARSE_BOUND = Exhibit(
    "an upper bound that is reached too early",
    "Kingma and Ba, Adam, ICLR 2015, section 2.1",
    largest_step,
    largest_step_sparse,
    (_largest_by_cauchy,),
    (lambda beta1, beta2: np.maximum((1 - beta1) * (1 - beta2) ** -0.5, 1),),
)
