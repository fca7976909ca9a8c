"""Claims of the museum's second room, theory: each printed formula against the loop it speaks of."""

import numpy as np
from claims import claim

from lib import averages, museum, theory
from lib.contract import START
from lib.loop import descend, trace
from lib.problems import Quadratic
from lib.rules import adam, momentum, sgd


def off(measured, stated):
    """The largest relative deviation."""
    measured, stated = np.asarray(measured, float), np.asarray(stated, float)
    return float(np.max(np.abs(measured / stated - 1)))


@claim(
    "num-mus-twice-root",
    says="For β = .8, ηλ = .1 the error shrinks by .894 a step; without the half the prediction is 1.789.",
    against="the printed rate, 2√β",
    tolerance=0.002,
)
def test_twice_root():
    # fitted over whole swings: largest error in windows 200 steps apart
    x = np.abs(trace(descend(Quadratic([1.0]).loss_grad, np.ones(1), momentum, lr=0.1, beta=0.8), 260).w)
    measured = (x[230:260].max() / x[30:60].max()) ** (1 / 200)
    printed = museum.TWICE_ROOT.wrong(0.1, 0.8, 1.0)
    assert abs(printed - 1.789) < 5e-4 and museum.TWICE_ROOT.wrong(0.8, 0.26, 1.0) > 1
    return off(measured, 0.894), off(measured, printed)


@claim(
    "num-mus-swapped",
    says="With the indices exchanged the power is −I at t = 0, an error of 2; off the diagonal it is right; at t = 40 the error is below .03.",
    against="the formula as printed",
    tolerance=1e-12,
)
def test_swapped():
    R = np.array([[0.8, 1.0], [-0.08, 0.9]])
    right = [np.linalg.matrix_power(R, t) for t in range(41)]
    errors = [np.abs(museum.SWAPPED.wrong(R, t) - right[t]) for t in range(41)]
    assert 0.005 < errors[40].max() < 0.03
    off_diagonal = max(max(e[0, 1], e[1, 0]) for e in errors)
    true = max(np.abs(theory.momentum_power(0.1, 0.8, 1.0, t) - right[t]).max() for t in range(41))
    return float(max(abs(errors[0].max() - 2), off_diagonal, true)), float(errors[0].max())


@claim(
    "num-mus-half",
    says="Without the half the formula gives twice the loss, at every step.",
    against="it gives the loss",
    tolerance=1e-10,
)
def test_half():
    rng = np.random.default_rng(0)
    lams, x0 = rng.uniform(0.2, 5, 4), rng.standard_normal(4)
    losses = trace(descend(Quadratic(lams).loss_grad, x0, sgd, lr=0.15), 30).loss
    printed = [museum.LOST_HALF.wrong(0.15, lams, x0, t) for t in range(31)]
    return off(printed, 2 * losses), off(printed, losses)


@claim(
    "num-mus-early",
    says="With κ = 100 the best rate with ηλ at most 1 needs twice the steps of the best rate (within 1 %), which has ηλ = 2κ/(κ+1) in the steepest direction.",
    against="it needs as many",
    tolerance=0.01,
)
def test_early():
    lams = np.array([1.0, 100.0])
    grid = np.linspace(0.0005, 0.01999, 4000)

    def steps(lrs):
        best = min(max(abs(1 - lr * lams)) for lr in lrs)
        return np.log(1e-8) / np.log(best)

    obedient, free = steps(grid[grid * 100 <= 1]), steps(grid)
    best = grid[np.argmin([max(abs(1 - lr * lams)) for lr in grid])]
    assert off(best * 100, 200 / 101) < 1e-3
    return off(obedient / free, 2.0), off(obedient, free)


@claim(
    "num-mus-half-life",
    says="For β = .9 the half-life is 6.58 steps; after 1.11 steps 89 % of the weight are left, after ten 35 %; for β = .999 it is 693 steps, not 1.001.",
    against="the half-life is 1/β",
    tolerance=0.005,
)
def test_half_life():
    weights = averages.ewa_weights(0.999, 1500)
    steps = np.argmax(weights[::-1] <= weights[-1] / 2)  # newest last
    error = off([np.log(0.5) / np.log(0.9), 0.9 ** (1 / 0.9), 0.9**10, steps], [6.58, 0.89, 0.35, 693])
    return error, off(museum.HALF_LIFE.wrong(0.9), averages.half_life(0.9))


@claim(
    "num-mus-sparse",
    says="Adam's step reaches 5.78 learning rates after 1000 growing gradients, beyond 3.16; the supremum is 7.27.",
    against="3.16 is an upper bound",
    tolerance=0.002,
)
def test_sparse():
    w, s, steps = np.zeros(1), START, []
    for t in range(1000):
        new, s = adam(w, np.exp([(t - 999) * np.log(0.999 / 0.9)]), s, lr=1.0, eps=0.0)
        steps.append((w - new)[0])
        w = new
    bound = museum.SPARSE_BOUND.right(0.9, 0.999)
    # no sequence passes the supremum: a million steps of the same kind, in closed form
    ages = np.arange(10**6)
    m = 0.1 * np.sum(np.exp(ages * np.log(0.9**2 / 0.999)))
    v = 0.001 * np.sum(np.exp(ages * np.log(0.9**2 / 0.999)))
    assert abs(m / np.sqrt(v) / bound - 1) < 1e-9 and max(steps) < bound
    error = off([steps[-1], bound, museum.SPARSE_BOUND.wrong(0.9, 0.999)], [5.78, 7.27, 3.162])
    return error, off(steps[-1], museum.SPARSE_BOUND.wrong(0.9, 0.999))
