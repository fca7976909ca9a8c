"""The closed forms of Adam against the rules themselves, exact fractions, and a search for longer steps."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh
from scipy.optimize import minimize

from lib import problems, theory
from lib.averages import ewa_weights
from lib.rules import START, adam, adamw, amsgrad

laws = settings(derandomize=True, deadline=None, max_examples=100)
betas = st.floats(0.0, 0.999).filter(lambda b: b == 0 or b > 1e-3)
SETTINGS = [(0.9, 0.999), (0.9, 0.99), (0.9, 0.95), (0.95, 0.9), (0.0, 0.9), (0.9, 0.81), (0.5, 0.3)]


def last_step(gradients, **hyper):
    """The last of Adam's steps under these gradients (t, ...), in learning rates."""
    gradients = np.asarray(gradients, float).reshape(len(gradients), -1)
    w, s = np.zeros(gradients.shape[1]), START
    for g in gradients:
        before = w
        w, s = adam(w, g, s, lr=1.0, eps=1e-300, **hyper)  # so that 0/0 is 0
    return before - w


@pytest.mark.parametrize("correct", [True, False])
def test_correction_under_a_constant_gradient(correct):
    for t in (1, 2, 12, 300):
        step = last_step(np.full(t, 5.0), correct=correct)[0]
        expected = 1 if correct else 1 / theory.adam_correction(0.9, 0.999, t)
        assert step == pytest.approx(expected, rel=1e-11)  # a difference of sums of steps


def test_correction_in_exact_numbers():
    c = theory.adam_correction(0.5, 0.75, 3)
    assert c**2 == pytest.approx(float((1 - Fraction(27, 64)) / (1 - Fraction(1, 8)) ** 2), rel=1e-15)


@pytest.mark.parametrize(("beta1", "beta2"), SETTINGS)
def test_bound_is_the_largest_eigenvalue(beta1, beta2):
    # (a.g)²/(g'Bg) over all g: the generalised eigenvalue of aa' and B
    for t in (1, 2, 7):
        a = ewa_weights(beta1, t) / (1 - beta1**t)
        b = ewa_weights(beta2, t) / (1 - beta2**t)
        largest = eigh(np.outer(a, a), np.diag(b), eigvals_only=True)[-1]
        assert theory.adam_bound(beta1, beta2, t) == pytest.approx(np.sqrt(largest), rel=1e-10)


@pytest.mark.parametrize(("beta1", "beta2"), SETTINGS)
def test_extremal_gradients_attain_the_bound(beta1, beta2):
    for t in (1, 3, 40):
        step = last_step(7.0 * theory.adam_extremal(beta1, beta2, t), beta1=beta1, beta2=beta2)[0]
        assert step == pytest.approx(theory.adam_bound(beta1, beta2, t), rel=1e-12)


def test_no_search_beats_the_bound():
    bound = theory.adam_bound(0.8, 0.9, 6)
    rng = np.random.default_rng(0)
    found = 0.0
    for _ in range(5):
        best = minimize(lambda g: -last_step(g, beta1=0.8, beta2=0.9)[0], rng.standard_normal(6), tol=1e-10)
        found = max(found, -best.fun)
    assert bound * 0.999 < found <= bound * (1 + 1e-12)
    shorter = np.abs(last_step(rng.standard_normal((6, 5000)), beta1=0.8, beta2=0.9))
    assert np.all(shorter <= bound)


def test_the_supremum_is_the_limit_and_an_upper_bound():
    t = np.arange(1, 30_000)
    for beta1, beta2 in SETTINGS[:3]:
        bounds = theory.adam_bound(beta1, beta2, t)
        most = theory.adam_bound(beta1, beta2)
        assert np.all(bounds <= most * (1 + 1e-13))
        assert bounds[-1] == pytest.approx(most, rel=1e-9)
    assert theory.adam_bound(0.9, 0.81) == theory.adam_bound(0.9, 0.5) == np.inf
    grows = [theory.adam_bound(0.9, 0.81, n) for n in (10, 100, 1000)]
    assert all(later > 2 * sooner for sooner, later in pairwise(grows))


@laws
@given(betas, betas)
def test_the_first_step_is_one_learning_rate(beta1, beta2):
    if beta2 > 0:
        assert theory.adam_bound(beta1, beta2, 1) == pytest.approx(1, rel=1e-12)
    assert last_step([-3.0], beta1=beta1, beta2=beta2)[0] == pytest.approx(-1, rel=1e-12)


def test_adam_broadcasts():
    t = np.arange(1, 4)
    assert theory.adam_correction(0.9, [[0.99], [0.999]], t).shape == (2, 3)
    assert theory.adam_bound([0.5, 0.9], 0.999).shape == (2,)
    assert theory.radam_factor(0.99, t).shape == (3,)
    assert theory.reddi_steps(3.0, np.array([0.1, 0.5])).shape == (3, 2)


def test_adamw_against_its_rule():
    for decay in (0.0, 0.1, 2.0):
        w, s = np.array([4.0]), START
        for t in range(1, 40):
            w, s = adamw(w, np.array([0.3]), s, lr=0.05, eps=0.0, decay=decay)
            assert theory.adamw_constant(0.05, decay, 4.0, t) == pytest.approx(w[0], rel=1e-11, abs=1e-12)
    assert theory.adamw_constant(0.05, 2.0, 4.0, 10**6) == pytest.approx(-0.5)


@pytest.mark.parametrize(("C", "beta2"), [(3.0, 0.1), (3.0, 0.6), (10.0, 0.05), (2.5, 0.9)])
def test_reddi_steps_are_what_adam_takes(C, beta2):
    f = problems.ReddiSequence(C)
    w, s, path = np.zeros(1), START, []
    for t in range(303):
        path.append(w[0])
        w, s = adam(w, f.loss_grad(np.zeros(1), t=t)[1], s, lr=1.0, beta1=0.0, beta2=beta2, eps=0.0)
    np.testing.assert_allclose(np.diff([*path, w[0]])[-3:], theory.reddi_steps(C, beta2), rtol=1e-9)


def test_amsgrad_divides_by_the_first():
    f, w, s = problems.ReddiSequence(3), np.zeros(1), START
    for t in range(303):
        before = w
        g = f.loss_grad(np.zeros(1), t=t)[1]
        w, s = amsgrad(w, g, s, lr=1.0, beta1=0.0, beta2=0.1, eps=0.0)
    assert (w - before)[0] == pytest.approx(-theory.reddi_steps(3.0, 0.1)[0] / 3, rel=1e-9)


def test_radam_from_its_definition():
    def variance(rho):  # of the reciprocal root of a mean of rho squares, to first order
        return rho / (2 * (rho - 2) * (rho - 4))

    for beta2 in (0.9, 0.99, 0.999):
        full = 2 / (1 - beta2) - 1
        for t in (8, 30, 500):
            age = np.average(np.arange(t, 0, -1), weights=ewa_weights(beta2, t))
            rho = 2 * age - 1  # a plain mean of rho numbers has the same mean age
            factor = np.sqrt(variance(full) / variance(rho))
            assert theory.radam_factor(beta2, t) == pytest.approx(factor, rel=1e-9)
    assert np.isnan(theory.radam_factor(0.999, 4))
    assert theory.radam_factor(0.999, 5) > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.adam_correction(1.0, 0.9, 1), r"beta1 is 1.0; allowed are numbers in \[0, 1\)"),
        (lambda: theory.adam_correction(0.9, 0.9, 0), "t is 0.0; allowed are whole numbers >= 1"),
        (lambda: theory.adam_bound(0.9, 0.0), "beta2 is 0.0; allowed are finite numbers > 0"),
        (lambda: theory.adam_bound(0.9, 0.99, 1.5), "t is 1.5; allowed are whole numbers >= 1"),
        (lambda: theory.adam_extremal(0.9, 0.99, [1, 2]), r"t has shape \(2,\); allowed are numbers"),
        (lambda: theory.adamw_constant(0.0, 0.1, 1.0, 1), "lr is 0.0; allowed are finite numbers > 0"),
        (lambda: theory.reddi_steps(0.0, 0.1), "C is 0.0; allowed are finite numbers > 0"),
        (lambda: theory.radam_factor(0.5, 3), r"beta2 is 0.5; allowed are numbers in \(0.6, 1\)"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
