"""Exponentially weighted averages against exact fractions, sums written out, and their laws."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lib import averages
from lib.averages import (
    bias_correction,
    effective_samples,
    ewa,
    ewa_path,
    ewa_weights,
    frequency_response,
    half_life,
    mean_age,
    time_constant,
)

laws = settings(derandomize=True, deadline=None, max_examples=50)
betas = st.floats(0, 0.999)
numbers = st.floats(-100, 100)
series = st.tuples(st.integers(1, 20), st.integers(1, 3)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=numbers)
)
BETAS = (0.0, 0.1, 0.5, 0.9, 0.99, 0.999)


def close(a, b, scale=1.0):
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12 * scale)


# ---- the average itself -------------------------------------------------------------------------


@laws
@given(x=st.lists(st.integers(-50, 50), min_size=1, max_size=12), num=st.integers(0, 99))
def test_path_and_correction_equal_exact_fractions(x, num):
    beta = Fraction(num, 100)
    exact, corrected = [], []
    for t in range(1, len(x) + 1):
        weights = [(1 - beta) * beta ** (t - i) for i in range(1, t + 1)]
        total = sum(w * v for w, v in zip(weights, x, strict=False))
        exact.append(float(total))
        corrected.append(float(total / sum(weights)))
    close(ewa_path(x, num / 100), exact, 50)
    close(ewa_path(x, num / 100, correct=True), corrected, 50)
    close(bias_correction(exact[-1], num / 100, len(x)), corrected[-1], 50)


@laws
@given(x=series, beta=betas)
def test_corrected_average_is_the_weighted_mean(x, beta):
    got = ewa_path(x, beta, correct=True)
    for t in range(1, len(x) + 1):
        weights = beta ** np.arange(t - 1.0, -1, -1)
        close(got[t - 1], np.average(x[:t], axis=0, weights=weights), 100)
    assert np.all(got <= np.maximum.accumulate(x) + 1e-10)
    assert np.all(got >= np.minimum.accumulate(x) - 1e-10)


@laws
@given(c=numbers, beta=betas, T=st.integers(1, 30))
def test_a_constant_is_a_fixed_point(c, beta, T):
    close(ewa_path(np.full(T, c), beta, correct=True), c, 100)
    close(ewa_path(np.full(T, c), beta, start=c), c, 100)
    close(ewa_path(np.full(T, c), beta), c * (1 - beta ** np.arange(1, T + 1)), 100)


@laws
@given(x=series, beta=betas, a=numbers, b=numbers)
def test_the_average_is_linear_in_the_series(x, beta, a, b):
    y = x[::-1] - 3
    for correct in (False, True):
        left = ewa_path(a * x + b * y, beta, correct=correct)
        right = a * ewa_path(x, beta, correct=correct) + b * ewa_path(y, beta, correct=correct)
        close(left, right, 4e4)


@laws
@given(x=series, beta=betas, wait=st.integers(1, 5))
def test_a_later_series_gives_a_later_average(x, beta, wait):
    later = np.concatenate([np.zeros((wait, x.shape[1])), x])
    got = ewa_path(later, beta)
    np.testing.assert_array_equal(got[:wait], 0)
    np.testing.assert_array_equal(got[wait:], ewa_path(x, beta))


@laws
@given(x=series, beta=betas, cut=st.integers(0, 20))
def test_a_path_continues_from_where_it_stopped(x, beta, cut):
    cut = min(cut, len(x))
    whole = ewa_path(x, beta)
    start = whole[cut - 1] if cut else 0.0
    np.testing.assert_array_equal(ewa_path(x[cut:], beta, start=start), whole[cut:])


def test_start_fades_by_beta_each_step():
    close(ewa_path(np.zeros(5), 0.5, start=32.0), [16, 8, 4, 2, 1])


def test_beta_weighs_the_old_average():
    assert ewa(8.0, 0.0, 0.75) == 6.0
    assert ewa(0.0, 8.0, 0.75) == 2.0
    assert ewa(8.0, 3.0, 0.0) == 3.0


def test_arrays_are_not_written_to_and_keep_their_dtype():
    avg, x = np.ones(3, np.float32), np.full(3, 2, np.float32)
    avg.flags.writeable = x.flags.writeable = False
    for got in (ewa(avg, x, 0.9), bias_correction(avg, 0.9, 2), ewa_path(x, 0.9)):
        assert got.dtype == np.float32
        assert not np.shares_memory(got, x)
    assert ewa_path([1, 2, 3], 0.5).dtype == np.float64
    close(ewa_path([1, 2, 3], 0.5), [0.5, 1.25, 2.125])
    close(ewa(np.zeros((2, 3)), np.ones((2, 3)), np.array([[0.0], [0.75]])), [[1] * 3, [0.25] * 3])


# ---- what its memory means ----------------------------------------------------------------------


@pytest.mark.parametrize("beta", BETAS)
def test_weights_are_what_the_path_gives_each_value(beta):
    T = 12
    impulses = ewa_path(np.eye(T), beta)[-1]  # column i: a series that is 1 at step i + 1 only
    close(ewa_weights(beta, T), impulses)
    close(ewa_weights(beta, T).sum(), 1 - beta**T)
    assert ewa_weights(beta, 1)[0] == 1 - beta


@pytest.mark.parametrize("beta", BETAS[1:])
def test_time_constant_and_half_life_by_counting_down(beta):
    # the weight of a value, followed step by step until it has shrunk to 1/e, to 1/2
    for factor, said in ((np.exp(-1), time_constant(beta)), (0.5, half_life(beta))):
        age, weight = 0, 1.0
        while weight * beta > factor:
            age, weight = age + 1, weight * beta
        assert age <= said * (1 + 1e-12) <= age + 1 + 1e-9
        close(beta ** float(said), factor)
    assert time_constant(beta) <= 1 / (1 - beta)  # the usual rounding is never less


def test_half_life_is_not_what_is_sometimes_printed():
    # at 0.9 an observation's weight has halved after 6.58 steps: not 1/0.9, and not 10 = 1/(1 - 0.9)
    assert 0.9**6 > 0.5 > 0.9**7
    assert 6 < half_life(0.9) < 7
    np.testing.assert_allclose(half_life(0.9), 6.5788, atol=1e-4)
    np.testing.assert_allclose(time_constant(0.9), 9.4912, atol=1e-4)


@pytest.mark.parametrize("beta", BETAS)
def test_mean_age_and_effective_samples_by_summing(beta):
    T = 40_000
    w = ewa_weights(beta, T)[::-1]  # newest first
    close(mean_age(beta), np.sum(np.arange(T) * w), 1000)
    close(effective_samples(beta), 1 / np.sum(w**2), 1000)
    ramp = np.arange(40_000.0)
    close(ramp[-1] - ewa_path(ramp, beta)[-1], mean_age(beta), 1e4)  # the lag on a ramp


@pytest.mark.parametrize("beta", BETAS)
def test_effective_samples_by_the_spread_of_noise(beta):
    noise = np.random.default_rng(0).standard_normal((3000, 400))
    spread = ewa_path(noise, beta)[-1000:].var()
    np.testing.assert_allclose(spread, 1 / effective_samples(beta), rtol=0.15)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("omega", [0.0, 0.01, 0.5, 2.0, np.pi])
def test_frequency_response_by_summing_the_weights(beta, omega):
    T = 40_000
    direct = abs(np.sum(ewa_weights(beta, T)[::-1] * np.exp(-1j * omega * np.arange(T))))
    close(frequency_response(beta, omega), direct)


@pytest.mark.parametrize("beta", BETAS)
def test_ends_of_the_frequency_response(beta):
    close(frequency_response(beta, 0.0), 1.0)
    close(frequency_response(beta, np.pi), (1 - beta) / (1 + beta))
    falling = frequency_response(beta, np.linspace(0, np.pi, 50))
    assert np.all(np.diff(falling) <= 1e-15)


def test_without_memory():
    assert (time_constant(0.0), half_life(0.0), mean_age(0.0), effective_samples(0.0)) == (0, 0, 0, 1)
    np.testing.assert_array_equal(ewa_weights(0.0, 3), [0, 0, 1])


def test_arrays_of_beta():
    beta = np.array(BETAS)
    for f in (time_constant, half_life, mean_age, effective_samples):
        close(f(beta), [f(b) for b in BETAS])
    close(frequency_response(beta, 0.3), [frequency_response(b, 0.3) for b in BETAS])
    close(bias_correction(1.0, beta, 3), [bias_correction(1.0, b, 3) for b in BETAS])


# ---- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize("beta", [-0.1, 1, 1.0, 2.0, float("nan"), float("inf")])
def test_beta_out_of_range(beta):
    calls = {
        "ewa": lambda: ewa(0.0, 1.0, beta),
        "bias_correction": lambda: bias_correction(1.0, beta, 1),
        "ewa_path": lambda: ewa_path([1.0], beta),
        "ewa_weights": lambda: ewa_weights(beta, 3),
        "time_constant": lambda: time_constant(beta),
        "half_life": lambda: half_life(beta),
        "mean_age": lambda: mean_age(beta),
        "effective_samples": lambda: effective_samples(beta),
        "frequency_response": lambda: frequency_response(beta, 1.0),
    }
    assert set(calls) == set(averages.__all__)
    for call in calls.values():
        with pytest.raises(ValueError) as caught:
            call()
        assert str(caught.value) == f"beta is {beta}; allowed are numbers in [0, 1)"


@pytest.mark.parametrize("t", [0, -1, 0.5, 1.5, float("nan")])
def test_steps_are_counted_from_one(t):
    for call in (lambda: bias_correction(1.0, 0.9, t), lambda: ewa_weights(0.9, t)):
        with pytest.raises(ValueError) as caught:
            call()
        assert str(caught.value) == f"t is {t}; allowed are whole numbers >= 1"


def test_one_bad_beta_in_an_array():
    with pytest.raises(ValueError, match=r"beta is \[0.5 1. \]; allowed are numbers in \[0, 1\)"):
        ewa(0.0, 1.0, np.array([0.5, 1.0]))


def test_a_series_has_a_time_axis():
    with pytest.raises(ValueError, match=r"x is the number 3.0; allowed are series, of shape \(T, ...\)"):
        ewa_path(3.0, 0.9)


@pytest.mark.parametrize("start", [1.0, np.array([0.0, 2.0])])
def test_correction_is_for_averages_that_start_at_zero(start):
    with pytest.raises(ValueError, match=r"start is .*; with correct=True allowed is only 0"):
        ewa_path(np.ones((3, 2)), 0.9, start=start, correct=True)
