"""Shrink factors against solved normal equations and the loop; dropout's ridge against all masks."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from lib import problems, theory
from lib.loop import descend, trace
from lib.rules import sgd


def case(seed, n=12, d=5):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((n, d)), rng.standard_normal(n)
    lams, V = np.linalg.eigh(X.T @ X)
    return X, y, lams, V, np.linalg.lstsq(X, y)[0]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("delta", [0.0, 0.1, 4.0, 300.0])
def test_ridge_shrink(seed, delta):
    X, y, lams, V, full = case(seed)
    w = np.linalg.lstsq(np.vstack([X, np.sqrt(delta) * np.eye(5)]), np.r_[y, np.zeros(5)])[0]
    assert np.allclose(V.T @ w, theory.ridge_shrink(lams, delta) * (V.T @ full), atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("t", [0, 1, 7, 60])
def test_stopping_shrink(seed, t):
    X, y, lams, V, full = case(seed)
    f = problems.Quadratic(X.T @ X, X.T @ y)
    lr = 0.9 / lams[-1]
    w = trace(descend(f.loss_grad, np.zeros(5), sgd, lr=lr), t).w[-1] if t else np.zeros(5)
    assert np.allclose(V.T @ w, theory.stopping_shrink(lr, lams, t) * (V.T @ full), atol=1e-12)


def test_stopping_shrink_keeps_its_digits_and_takes_long_steps():
    lr, lam, t = Fraction(1, 1000), Fraction(1, 10**9), 5
    exact = 1 - (1 - lr * lam) ** t
    assert abs(theory.stopping_shrink(1e-3, 1e-9, 5) / float(exact) - 1) < 1e-14
    assert theory.stopping_shrink(1.5, 1.0, 1) == 1.5  # a step past the minimum
    assert theory.stopping_shrink(1.5, 1.0, 2) == 0.75


@pytest.mark.parametrize("t", [1, 3, 50])
def test_stopping_ridge_shrinks_as_much(t):
    lams = np.geomspace(1e-4, 0.9, 30)
    delta = theory.stopping_ridge(1.0, lams, t)
    assert np.allclose(theory.ridge_shrink(lams, delta), theory.stopping_shrink(1.0, lams, t), rtol=1e-12)
    assert np.all(np.diff(delta) < 0)
    assert delta[0] == pytest.approx(1 / t, rel=1e-2)


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.9])
def test_dropout_ridge_by_listing_all_masks(p):
    rng = np.random.default_rng(3)
    X, y, w = rng.standard_normal((3, 4)), rng.standard_normal(3), rng.standard_normal(4)
    total = 0.0
    for n in range(3):
        for kept in product((0, 1), repeat=4):
            chance = np.prod([1 - p if k else p for k in kept])
            total += chance * (y[n] - (X[n] * kept / (1 - p)) @ w) ** 2
    stated = np.sum((y - X @ w) ** 2) + theory.dropout_ridge(X, p) @ w**2
    assert total == pytest.approx(stated, rel=1e-13)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: theory.ridge_shrink(0.0, 1.0), "lam is 0.0"),
        (lambda: theory.ridge_shrink(1.0, -1.0), "delta is -1.0"),
        (lambda: theory.stopping_shrink(0, 1.0, 1), "lr is 0"),
        (lambda: theory.stopping_shrink(0.1, 1.0, 1.5), "t is 1.5"),
        (lambda: theory.stopping_ridge(0.1, 1.0, 0), "t is 0"),
        (lambda: theory.stopping_ridge(1.0, 1.0, 2), "lr lam is 1.0"),
        (lambda: theory.dropout_ridge(np.ones(3), 0.5), r"X has shape \(3,\)"),
        (lambda: theory.dropout_ridge(np.ones((3, 1)), 1.0), "p is 1.0"),
        (lambda: theory.dropout_ridge(np.ones((3, 1)), np.array([0.1])), "p is"),
    ],
)
def test_ranges(call, said):
    with pytest.raises(ValueError, match=said):
        call()
