"""The closed forms of gradient noise against listed batches, SciPy's Lyapunov solver, exact fractions, loops."""

from fractions import Fraction
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_discrete_lyapunov
from scipy.optimize import minimize_scalar

from lib import problems, rules, theory
from lib.loop import descend, trace

laws = settings(derandomize=True, deadline=None, max_examples=100)
positives = st.floats(0.1, 5.0)


def by_lyapunov(lr, beta, lam, noise):
    v = noise * np.array([1.0, -lr])
    return solve_discrete_lyapunov(theory.momentum_matrix(lr, beta, lam), np.outer(v, v))[1, 1]


# batches


@pytest.mark.parametrize(("n", "size"), [(1, 1), (4, 1), (4, 3), (4, 4), (6, 2)])
def test_batch_variance_lists_all_batches(n, size):
    values = np.random.default_rng(n).standard_normal(n)
    if n > 1:
        for replace, draws in ((True, product(values, repeat=size)), (False, combinations(values, size))):
            means = np.array([np.mean(d) for d in draws])
            assert np.isclose(
                means.var(), values.var() * theory.batch_variance(n, size, replace=replace), atol=1e-15
            )
    assert theory.batch_variance(n, n, replace=False) == 0


def test_batch_variance_broadcasts():
    sizes = np.array([1, 2, 5])
    np.testing.assert_allclose(theory.batch_variance(5, sizes, replace=False), [1, 3 / 8, 0])
    np.testing.assert_allclose(theory.batch_variance(5, sizes, replace=True), 1 / sizes)


def test_a_batch_larger_than_the_data_needs_replacement():
    assert theory.batch_variance(3, 6, replace=True) == pytest.approx(1 / 6)
    with pytest.raises(
        ValueError, match=r"size is 6; allowed without replacement are whole numbers in \[1, 3\]"
    ):
        theory.batch_variance(3, 6, replace=False)
    for n, size in ((0, 1), (3, 0), (3, 1.5)):
        with pytest.raises(ValueError, match="allowed are whole numbers >= 1"):
            theory.batch_variance(n, size, replace=True)


# the long run


@laws
@given(st.floats(0.01, 0.99), st.floats(0.0, 0.97), positives, positives)
def test_momentum_variance_solves_lyapunov(share, beta, lam, noise):
    lr = share * 2 * (1 + beta) / lam
    oracle = by_lyapunov(lr, beta, lam, noise)
    assert theory.momentum_variance(lr, beta, lam, noise) == pytest.approx(oracle, rel=1e-9)


@laws
@given(st.floats(0.01, 0.99), positives, positives)
def test_sgd_variance_is_the_fixed_point(share, lam, noise):
    lr = share * 2 / lam
    exact = Fraction(lr) * Fraction(noise) ** 2 / (Fraction(lam) * (2 - Fraction(lr) * Fraction(lam)))
    assert theory.sgd_variance(lr, lam, noise) == pytest.approx(float(exact), rel=1e-12)


def test_variances_in_the_rules_themselves():
    noisy = problems.NoisyQuadratic([0.5, 2.0], noise=[1.0, 3.0], seed=4)
    for beta in (0.0, 0.8):
        steps = descend(noisy.loss_grad, np.zeros((4000, 2)), rules.momentum, lr=0.1, beta=beta)
        path = trace(steps, 300).w
        exact = theory.momentum_variance(0.1, beta, noisy.eigenvalues, noisy.noise)
        np.testing.assert_allclose(path[-1].var(axis=0), exact, rtol=4 * np.sqrt(2 / 4000))


def test_what_never_settles_is_refused():
    with pytest.raises(ValueError, match=r"allowed are numbers below 2 \(1 \+ beta\)"):
        theory.sgd_variance(2.0, 1.0, 1.0)
    assert theory.momentum_variance(2.0, 0.5, 1.0, 1.0) > 0
    for lr, beta, lam, noise, said in (
        (0.0, 0, 1, 1, "lr is 0"), (0.1, 1, 1, 1, "beta is 1"), (0.1, 0, 0, 1, "lam is 0"), (0.1, 0, 1, -1, "noise is -1"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=said):
            theory.momentum_variance(lr, beta, lam, noise)


# every step


@pytest.mark.parametrize("beta", [0.0, 0.7])
def test_moments_are_exact_over_all_signs(beta):
    rng, xi = np.random.default_rng(0), np.array(list(product((-1.0, 1.0), repeat=9)))
    lrs, lam, s, x0 = rng.uniform(0, 0.9, 9), 1.3, 0.8, -2.0
    x, m, path = np.full(len(xi), x0), 0.0, [np.full(len(xi), x0)]
    for lr, noise in zip(lrs, xi.T, strict=True):
        m = beta * m + lam * x + s * noise
        x = x - lr * m
        path.append(x)
    mean, var = theory.noisy_moments(lrs, lam, s, x0, beta=beta)
    np.testing.assert_allclose(mean, np.mean(path, axis=1), rtol=1e-12)
    np.testing.assert_allclose(var, np.var(path, axis=1), rtol=1e-12, atol=1e-15)


def test_moments_broadcast_and_settle():
    lrs, lams = np.full((3000, 2, 1), 0.05) * [[1.0], [2.0]], np.array([0.5, 1.0, 3.0])
    mean, var = theory.noisy_moments(lrs, lams, 2.0, 1.0, beta=0.5)
    assert mean.shape == var.shape == (3001, 2, 3)
    assert np.abs(mean[-1]).max() < 1e-12
    exact = theory.momentum_variance(lrs[0], 0.5, lams, 2.0)
    np.testing.assert_allclose(var[-1], exact, rtol=1e-10)


def test_without_noise_moments_are_the_modes():
    lams, x0 = np.array([0.3, 2.0]), np.array([1.0, -1.0])
    mean, var = theory.noisy_moments(np.full(20, 0.4), lams, 0.0, x0, beta=0.6)
    np.testing.assert_allclose(mean, theory.momentum_modes(0.4, 0.6, lams, x0, np.arange(21)), rtol=1e-11)
    assert np.all(var == 0)


def test_moments_refuse():
    for lrs in (0.1, []):
        with pytest.raises(ValueError, match=r"lrs has shape .*allowed are \(T, \.\.\.\)"):
            theory.noisy_moments(lrs, 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="lrs is"):
        theory.noisy_moments([-0.1], 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="x0 is nan"):
        theory.noisy_moments([0.1], 1.0, 1.0, float("nan"))


# averages and shuffles


@laws
@given(st.floats(0.01, 0.99), positives, positives, st.integers(1, 60))
def test_averaged_variance_adds_up_the_weights(share, lam, noise, t):
    lr = share * 2 / lam
    rho = 1 - lr * lam
    # each noise enters the average through all later iterates
    weights = [sum(rho ** (j - i) for j in range(i, t + 1)) * lr / t for i in range(1, t + 1)]
    oracle = noise**2 * sum(w**2 for w in weights)
    assert theory.averaged_variance(lr, lam, noise, t) == pytest.approx(oracle, rel=1e-8)


def test_averaged_variance_forgets_the_rate():
    far = theory.averaged_variance(np.array([0.01, 0.3, 1.5]), 1.0, 2.0, 10**9)
    np.testing.assert_allclose(far, 4e-9, rtol=1e-6)


@pytest.mark.parametrize("n", [2, 3, 6])
@pytest.mark.parametrize("lr", [0.01, 0.5, 1.7])
def test_reshuffled_variance_lists_all_orders(n, lr):
    c = np.random.default_rng(n).standard_normal(n)
    c -= c.mean()
    ends = []
    for order in permutations(c):
        x = 0.0
        for one in order:
            x -= lr * (0.9 * x + one)
        ends.append(x)
    oracle = np.var(ends) / (1 - (1 - lr * 0.9) ** (2 * n))
    assert theory.reshuffled_variance(lr, 0.9, c.std(), n) == pytest.approx(oracle, rel=1e-10)


def test_reshuffled_variance_does_not_cancel_and_broadcasts():
    tiny = theory.reshuffled_variance(1e-7, 1.0, 1.0, 1000)
    assert tiny == pytest.approx(1e-21 * 1e6 / 24, rel=2e-3)
    both = theory.reshuffled_variance(0.1, np.array([1.0, 2.0]), 1.0, np.array([4, 7]))
    for got, lam, n in zip(both, (1.0, 2.0), (4, 7), strict=True):
        assert got == pytest.approx(theory.reshuffled_variance(0.1, lam, 1.0, n), rel=1e-13)
    with pytest.raises(ValueError, match="n is 1; allowed are whole numbers >= 2"):
        theory.reshuffled_variance(0.1, 1.0, 1.0, 1)


# the noise scale


@pytest.mark.parametrize("size", [1, 30])
def test_noise_batch_sets_the_best_step(size):
    rng = np.random.default_rng(size)
    root, spread, g = rng.standard_normal((3, 3, 3))
    H, cov, g = root @ root.T, spread @ spread.T, g[0]
    expected = lambda lr: -lr * g @ g + 0.5 * lr**2 * (g @ H @ g + np.trace(H @ cov) / size)  # noqa: E731
    best = minimize_scalar(expected, (0, 0.1)).x
    clean = g @ g / (g @ H @ g)
    assert best / clean == pytest.approx(1 / (1 + theory.noise_batch(H, g, cov) / size), rel=1e-6)


def test_noise_batch_refuses():
    eye = np.eye(2)
    with pytest.raises(ValueError, match=r"cov has shape \(3, 3\)"):
        theory.noise_batch(eye, np.ones(2), np.eye(3))
    with pytest.raises(ValueError, match=r"grad' hessian grad is 0\.0"):
        theory.noise_batch(eye, np.zeros(2), eye)
