"""Schedules on the noisy quadratic: closed forms against enumeration, fractions and another optimiser."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

from lib import theory
from lib.schedules import exponential, inverse_time

LAMS = np.array([0.05, 0.3, 1.0])


def by_listing(lrs, lams, noise, x0):
    """Expected gap after the last step: the mean over all signs of a noise of ±s."""
    total, T = 0.0, len(lrs)
    for lam, s, start in zip(*np.broadcast_arrays(lams, noise, x0), strict=True):
        ends = []
        for signs in product((-1, 1), repeat=T):
            x = start
            for lr, sign in zip(lrs, signs, strict=True):
                x = x - lr * (lam * x + s * sign)
            ends.append(x)
        total += 0.5 * lam * np.mean(np.square(ends))
    return total


@pytest.mark.parametrize("noise", [0.0, 0.4, np.array([0.1, 1.0, 2.0])])
def test_the_gap_is_the_mean_over_all_noises(noise):
    rng = np.random.default_rng(1)
    for _ in range(5):
        lrs, x0 = rng.uniform(0, 2.5, 7), rng.standard_normal(3)
        gaps = theory.schedule_gap(lrs, LAMS, noise, x0)
        assert gaps.shape == (8,)
        for t in (0, 1, 4, 7):
            assert gaps[t] == pytest.approx(by_listing(lrs[:t], LAMS, noise, x0), rel=1e-12)


def test_many_schedules_at_once():
    lrs = np.random.default_rng(0).uniform(0, 1, (6, 4))
    together = theory.schedule_gap(lrs, LAMS, 0.3, 1.0)
    assert together.shape == (7, 4)
    for r in range(4):
        np.testing.assert_allclose(together[:, r], theory.schedule_gap(lrs[:, r], LAMS, 0.3, 1.0), rtol=1e-14)


def test_one_mode_step_by_step():
    for lam, s, x0 in ((1.0, 1.0, 1.0), (0.2, 0.5, -3.0), (4.0, 2.0, 0.1), (1.0, 0.0, 2.0)):
        schedule = inverse_time(*theory.one_mode_optimum(lam, s, x0))
        e, r = x0**2, (s / (lam * x0)) ** 2
        for t in range(30):
            after = minimize_scalar(lambda lr, e=e: (1 - lr * lam) ** 2 * e + (lr * s) ** 2)  # noqa: B023
            if e > 1e-20:
                assert schedule(t) == pytest.approx(after.x, rel=1e-6)
            lr = schedule(t)
            e = (1 - lr * lam) ** 2 * e + (lr * s) ** 2
            stated = x0**2 * r / (r + t + 1)
            assert e == pytest.approx(stated, rel=1e-10, abs=1e-25)


def test_the_best_of_one_mode_is_the_closed_form():
    lr, decay = theory.one_mode_optimum(0.7, 0.9, 1.3)
    stated = [inverse_time(lr, decay)(t) for t in range(25)]
    np.testing.assert_allclose(theory.best_lrs(25, [0.7], 0.9, 1.3), stated, rtol=1e-9)


@pytest.mark.parametrize("noise", [0.1, 0.5, np.array([0.3, 0.1, 0.6])])
def test_another_optimiser_finds_nothing_better(noise):
    best = theory.best_lrs(12, LAMS, noise, 1.0)
    low = theory.schedule_gap(best, LAMS, noise, 1.0)[-1]
    rng = np.random.default_rng(0)
    for _ in range(6):
        found = minimize(
            lambda lrs: np.log(theory.schedule_gap(lrs, LAMS, noise, 1.0)[-1]),
            rng.uniform(0.05, 2, 12),
            method="L-BFGS-B",
            bounds=[(0, 50)] * 12,
        )
        assert np.exp(found.fun) >= low * (1 - 1e-9)
        assert np.exp(found.fun) <= low * 1.01


def test_no_single_rate_can_be_improved():
    best = theory.best_lrs(20, LAMS, 0.2, 1.0)
    low = theory.schedule_gap(best, LAMS, 0.2, 1.0)[-1]
    for t in range(20):
        for factor in (0.97, 1.03):
            other = best.copy()
            other[t] *= factor
            assert theory.schedule_gap(other, LAMS, 0.2, 1.0)[-1] > low * (1 + 1e-9)


def test_without_noise_as_many_steps_as_modes_arrive():
    best = theory.best_lrs(3, LAMS, 0.0, 1.0)
    assert theory.schedule_gap(best, LAMS, 0.0, 1.0)[-1] < 1e-12


def test_more_sweeps_are_never_worse():
    ends = [
        theory.schedule_gap(theory.best_lrs(15, LAMS, 0.1, 1.0, sweeps=n), LAMS, 0.1, 1.0)[-1]
        for n in range(1, 9)
    ]
    assert np.all(np.diff(ends) <= 1e-15)
    assert ends[0] > ends[-1] * 1.001


@pytest.mark.parametrize(("lr", "decay", "lam"), [(0.1, 0.1, 1.0), (0.5, 0.05, 1.9), (0.9, 1.0, 0.5)])
def test_what_an_exponential_leaves(lr, decay, lam):
    left, schedule = 1.0, exponential(lr, decay)
    for t in range(3000):
        left *= 1 - schedule(t) * lam
    assert theory.exponential_rest(lr, decay, lam) == pytest.approx(left, rel=1e-12)
    assert 0 < left < math.exp(-lr * lam / (1 - math.exp(-decay)))
    exact = Fraction(1)
    for t in range(7):
        exact *= 1 - Fraction(schedule(t)) * Fraction(lam)
    assert theory.exponential_rest(lr, decay, lam, t=7) == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: theory.schedule_gap([-0.1], [1.0], 0.0, 1.0), "lrs is"),
        (lambda: theory.schedule_gap([0.1], [np.inf], 0.0, 1.0), "lam is"),
        (lambda: theory.one_mode_optimum(0.0, 1.0, 1.0), "lam is 0.0"),
        (lambda: theory.one_mode_optimum(1.0, -1.0, 1.0), "noise is -1.0"),
        (lambda: theory.one_mode_optimum(1.0, 1.0, 0.0), r"\|x0\| is 0.0"),
        (lambda: theory.best_lrs(0, [1.0], 1.0, 1.0), "steps is 0"),
        (lambda: theory.best_lrs(3, [0.0, 1.0], 1.0, 1.0), "lams is"),
        (lambda: theory.best_lrs(3, [1.0], -1.0, 1.0), "noise is -1.0"),
        (lambda: theory.best_lrs(3, [1.0], 1.0, np.nan), "x0 is nan"),
        (lambda: theory.exponential_rest(1.0, 0.1, 1.0), "lr lam is 1.0; allowed are numbers below 1"),
        (lambda: theory.exponential_rest(0.1, 0.0, 1.0), "decay is 0.0"),
    ],
)
def test_bad_input_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()
