"""The closed forms of AdaGrad and RMSProp against the rules, searches and numerical Jacobians."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from lib import problems, rules, theory
from lib.loop import descend, trace

laws = settings(derandomize=True, deadline=None, max_examples=60)
betas = st.floats(0.05, 0.995)


def steps(rule, grads, **hyper):
    w, s, path = np.zeros_like(grads[0]), rules.START, [np.zeros_like(grads[0])]
    for g in grads:
        w, s = rule(w, g, s, **hyper)
        path.append(w)
    return -np.diff(path, axis=0)


# regret and sparsity


@laws
@given(st.integers(0, 10_000), st.floats(0.01, 10), st.integers(1, 60))
def test_adagrad_pays_no_more_than_its_bound(seed, lr, n):
    rng = np.random.default_rng(seed)
    X, y, star = rng.standard_normal((n, 3)), rng.standard_normal(n), rng.standard_normal(3)
    w, s, paid, radius, v = np.zeros(3), rules.START, 0.0, 0.0, np.zeros(3)
    for x, target in zip(X, y, strict=True):
        radius = max(radius, np.abs(w - star).max())
        g = 2 * (x @ w - target) * x
        paid += (x @ w - target) ** 2 - (x @ star - target) ** 2
        v += g**2
        w, s = rules.adagrad(w, g, s, lr=lr, eps=0.0)
    assert paid <= theory.adagrad_regret(lr, radius, v) * (1 + 1e-12)


def test_the_bound_is_least_where_the_docstring_says():
    v = np.array([4.0, 1.0])
    best = minimize_scalar(lambda lr: theory.adagrad_regret(lr, 3.0, v), (0.1, 1, 20)).x
    assert best == pytest.approx(3 / np.sqrt(2), rel=1e-6)
    assert theory.adagrad_regret(3 / np.sqrt(2), 3.0, v) == pytest.approx(np.sqrt(2) * 3 * 3)
    np.testing.assert_allclose(theory.adagrad_regret([1.0, 2.0], 1.0, np.ones((2, 4))), [6.0, 9.0])


@laws
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=30))
def test_sparse_gain_is_at_most_one_and_blind_to_scale(p):
    p = np.array(p)
    gain = theory.sparse_gain(p)
    assert gain <= 1 + 1e-12
    assert theory.sparse_gain(p / 2) == pytest.approx(gain)
    assert theory.sparse_gain(np.append(p, 0.0)) < gain or len(p) == 0
    assert theory.sparse_gain(np.full(len(p), p[0])) == pytest.approx(1)


def test_sparse_gain_of_words():
    # frequencies 1, 1/4, 1/9, 1/16: roots 1, 1/2, 1/3, 1/4 sum to 25/12, the frequencies to 205/144
    assert theory.sparse_gain(np.array([1, 1 / 4, 1 / 9, 1 / 16])) == pytest.approx(25 / np.sqrt(4 * 205))


# axes and noise


@pytest.mark.parametrize("kappa", [1.0, 3.0, 400.0])
@pytest.mark.parametrize("degrees", [0, 5, -20, 45, 77, 135])
def test_no_diagonal_scaling_does_better(kappa, degrees):
    A = problems.rotated([1.0, kappa], degrees).A

    def scaled(log_d):
        d = np.exp([0.0, log_d])
        return np.linalg.cond(d[:, None] * A * d)

    found = min(minimize_scalar(scaled, (a, a + 1)).fun for a in (-2, 0, 2))
    assert theory.diagonal_kappa(kappa, degrees) == pytest.approx(found, rel=1e-6)


def test_diagonal_kappa_at_the_ends():
    np.testing.assert_allclose(theory.diagonal_kappa(50.0, np.array([0, 45, 90])), [1, 50, 1])
    assert theory.diagonal_kappa(1.0, 33) == 1


@pytest.mark.parametrize(("mean", "noise"), [(2.0, 0.0), (-1.0, 3.0), (0.01, 0.02)])
def test_mean_step_under_noise(mean, noise):
    g = mean + noise * np.random.default_rng(0).choice([-1.0, 1.0], (3000, 500))
    found = steps(rules.rmsprop, g, lr=1.0, beta=0.995, eps=0.0)[1500:].mean()
    assert abs(found - theory.noisy_sign(mean, noise)) < 0.01
    assert theory.noisy_sign(-mean, noise) == -theory.noisy_sign(mean, noise)


# the first steps


@laws
@given(betas, st.integers(1, 200), st.floats(1e-3, 1e3))
def test_steps_under_a_constant_gradient(beta, n, size):
    found = steps(rules.rmsprop, np.full((n, 1), -size), lr=1.0, beta=beta, eps=0.0)[:, 0]
    np.testing.assert_allclose(-found, theory.rmsprop_step(beta, np.arange(1, n + 1)), rtol=1e-9)


def test_centred_steps_under_a_constant_gradient():
    found = steps(rules.rmsprop, np.full((300, 1), 0.3), lr=1.0, beta=0.98, eps=0.0, centered=True)[:, 0]
    t = np.arange(1, 301)
    np.testing.assert_allclose(found, theory.rmsprop_step(0.98, t, centered=True), rtol=1e-9)
    assert theory.rmsprop_step(0.0, 1) == 1


# epsilon


@laws
@given(st.floats(-12, 3), st.floats(-12, 0), st.booleans())
def test_gain_is_the_rule_in_the_long_run(log_g, log_eps, inside):
    g, eps = 10.0**log_g, 10.0**log_eps
    found = steps(rules.rmsprop, np.full((60, 1), g), lr=1.0, beta=0.5, eps=eps, eps_inside=inside)[-1, 0]
    assert theory.epsilon_gain(g, eps, inside=inside) == pytest.approx(found, rel=1e-9)
    assert theory.epsilon_gain(-g, eps, inside=inside) == theory.epsilon_gain(g, eps, inside=inside)


# the cycle


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("eps", [0.0, 1e-4, 2e-3, 0.5])
def test_where_the_rule_ends(eps, inside):
    lr, lam = 0.2, 2.0
    run = trace(
        descend(problems.Quadratic([lam]).loss_grad, np.array([0.7]), rules.rmsprop,
                lr=lr, eps=eps, eps_inside=inside, beta=0.7), 3000
    )  # fmt: skip
    stated = theory.rmsprop_cycle(lr, lam, eps, inside=inside)
    np.testing.assert_allclose(np.abs(run.w[-4:, 0]), stated, atol=1e-9)
    if stated > 0:
        assert run.w[-1, 0] == pytest.approx(-run.w[-2, 0])


@laws
@given(st.floats(0.0, 0.995))
def test_how_fast_it_settles(beta):
    J = np.array([[2 * beta - 1, -2 * beta], [1 - beta, beta]])
    expected = np.abs(np.linalg.eigvals(J)).max()
    assert theory.cycle_rate(beta) == pytest.approx(expected, rel=1e-6)
    assert theory.cycle_rate(beta) <= 1 + 1e-12


def test_it_settles_at_that_rate():
    run = trace(
        descend(
            problems.Quadratic([3.0]).loss_grad, np.array([0.06]), rules.rmsprop, lr=0.1, beta=0.9, eps=0.0
        ),
        260,
    )
    off = np.abs(np.abs(run.w[:, 0]) - 0.05)
    # the deviation spirals; its envelope over 20 steps
    first, second = off[100:120].max(), off[200:220].max()
    assert (second / first) ** (1 / 100) == pytest.approx(theory.cycle_rate(0.9), rel=3e-3)


# input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.adagrad_regret(0.0, 1.0, np.ones(2)), "lr is 0.0"),
        (lambda: theory.adagrad_regret(1.0, -1.0, np.ones(2)), "radius is -1.0"),
        (lambda: theory.adagrad_regret(1.0, 1.0, -np.ones(2)), "v is"),
        (lambda: theory.sparse_gain(np.array([0.5, 1.5])), "allowed are frequencies"),
        (lambda: theory.sparse_gain(np.zeros(3)), "sum of p is"),
        (lambda: theory.diagonal_kappa(0.5, 10), "kappa is 0.5"),
        (lambda: theory.diagonal_kappa(2.0, np.nan), "degrees is nan"),
        (lambda: theory.noisy_sign(0.0, 0.0), "allowed are finite numbers > 0"),
        (lambda: theory.noisy_sign(1.0, -1.0), "noise is -1.0"),
        (lambda: theory.rmsprop_step(1.0, 1), "beta is 1.0"),
        (lambda: theory.rmsprop_step(0.9, 0), "t is 0"),
        (lambda: theory.rmsprop_step(0.0, 1, centered=True), "beta is 0.0"),
        (lambda: theory.epsilon_gain(1.0, 0.0, inside=True), "eps is 0.0"),
        (lambda: theory.epsilon_gain(np.inf, 1e-8, inside=True), "g is inf"),
        (lambda: theory.rmsprop_cycle(0.1, 0.0, 0.0), "lam is 0.0"),
        (lambda: theory.rmsprop_cycle(0.1, 1.0, -1.0), "eps is -1.0"),
        (lambda: theory.cycle_rate(-0.1), "beta is -0.1"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
