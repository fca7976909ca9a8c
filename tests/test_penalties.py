"""Proximal step against brute-force minimisation, ISTA against the optimality conditions, max-norm, DropConnect."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

from lib import problems
from lib.loop import descend, trace
from lib.net import dropout_mask
from lib.penalties import dropconnect, ista, max_norm, soft_threshold


@pytest.mark.parametrize("w", [-2.0, -0.7, -0.1, 0.0, 0.3, 0.7, 5.0])
@pytest.mark.parametrize("tau", [0.0, 0.2, 0.7, 3.0])
def test_soft_threshold_minimises(w, tau):
    found = minimize_scalar(
        lambda z: 0.5 * (z - w) ** 2 + tau * abs(z), bounds=(-6, 6), options={"xatol": 1e-10}
    )
    grid = np.append(np.linspace(-6, 6, 4001), 0.0)
    best = min(found.fun, np.min(0.5 * (grid - w) ** 2 + tau * np.abs(grid)))
    z = soft_threshold(np.array([w]), tau)[0]
    assert 0.5 * (z - w) ** 2 + tau * abs(z) <= best + 1e-12


def test_soft_threshold_zeros_are_exact_and_dtype_is_kept():
    w = np.array([0.1, -0.1, 0.1000001, -7], np.float32)
    z = soft_threshold(w, np.float32(0.1))
    assert z.dtype == np.float32
    assert list(z != 0) == [False, False, True, True]
    assert np.array_equal(soft_threshold(w, 0.0), w)
    assert w[3] == -7  # untouched


def test_soft_threshold_broadcasts_and_refuses():
    assert np.array_equal(soft_threshold(np.ones((2, 2)), np.array([[0.25], [3.0]])), [[0.75, 0.75], [0, 0]])
    with pytest.raises(ValueError, match=r"threshold is -0.1; allowed are finite numbers >= 0"):
        soft_threshold(np.ones(2), -0.1)


def lasso(seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((30, 8))
    y = X @ np.array([2.0, -1.5, 1.0, 0, 0, 0, 0, 0]) + 0.3 * rng.standard_normal(30)
    return problems.LeastSquares(X, y)


@pytest.mark.parametrize("seed", range(4))
def test_ista_ends_at_the_lasso(seed):
    f, l1 = lasso(seed), 20.0
    lr = 0.9 / f.eigenvalues[-1]
    w = trace(descend(f.loss_grad, np.zeros(8), ista, lr=lr, l1=l1), 4000).w[-1]
    g = f.grad(w)
    assert 0 < np.count_nonzero(w) < 8
    assert np.allclose(g[w != 0], -l1 * np.sign(w[w != 0]), atol=1e-9)  # subgradient optimality
    assert np.all(np.abs(g[w == 0]) <= l1)
    # SciPy on the smooth form: w = a - b with a, b >= 0
    split = minimize(
        lambda z: f.loss(z[:8] - z[8:]) + l1 * z.sum(),
        np.full(16, 0.1),
        jac=lambda z: np.r_[f.grad(z[:8] - z[8:]), -f.grad(z[:8] - z[8:])] + l1,
        bounds=[(0, None)] * 16,
        options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-10},
    )
    assert f.loss(w) + l1 * np.abs(w).sum() <= split.fun * (1 + 1e-9)


def test_ista_refuses():
    with pytest.raises(ValueError, match=r"ista: l1 is -1; allowed are finite numbers >= 0"):
        ista(np.ones(1), np.ones(1), lr=0.1, l1=-1)
    with pytest.raises(TypeError, match=r"l1 is missing"):
        ista(np.ones(1), np.ones(1), lr=0.1)


def test_max_norm_is_the_projection():
    rng = np.random.default_rng(0)
    W = rng.standard_normal((5, 7, 4)) * np.array([0.1, 1.0, 3.0, 0.0])
    before = W.copy()
    V = max_norm(W, 1.5)
    lengths, old = np.linalg.norm(V, axis=1), np.linalg.norm(W, axis=1)
    assert np.all(lengths <= 1.5 * (1 + 1e-15))
    assert np.allclose(lengths, np.minimum(old, 1.5))
    assert np.array_equal(V.swapaxes(1, 2)[old <= 1.5], W.swapaxes(1, 2)[old <= 1.5])
    assert np.array_equal(W, before)
    # of all points in the ball, none is nearer (variational inequality, column by column)
    inside = rng.standard_normal((1000, *W.shape))
    inside *= 1.5 * rng.random((1000, 5, 1, 4)) / np.linalg.norm(inside, axis=-2, keepdims=True)
    assert np.all(np.sum((W - V) * (inside - V), axis=-2) <= 1e-12)


def test_max_norm_refuses():
    with pytest.raises(ValueError, match="c is 0; allowed"):
        max_norm(np.ones((2, 2)), 0)
    with pytest.raises(ValueError, match=r"W has shape \(2,\); allowed is"):
        max_norm(np.ones(2), 1.0)


def test_dropconnect_moments_by_listing_all_masks():
    # 2 inputs, 1 output: four masks; the drawn mean and variance meet the listed ones
    h, W, p = np.array([1.0, -2.0]), np.array([[0.5], [1.5]]), 0.3
    outcomes, chances = [], []
    for kept in product((0, 1), repeat=2):
        outcomes.append(float((h * kept / (1 - p)) @ W[:, 0]) + 0.25)
        chances.append(np.prod([1 - p if k else p for k in kept]))
    mean = np.dot(chances, outcomes)
    var = np.dot(chances, np.square(outcomes)) - mean**2
    assert np.isclose(mean, h @ W[:, 0] + 0.25)
    assert np.isclose(var, p / (1 - p) * np.sum((h * W[:, 0]) ** 2))
    z = dropconnect(np.tile(h, (200_000, 1)), W, np.array([0.25]), p, np.random.default_rng(0))[:, 0]
    assert abs(z.mean() - mean) < 4 * np.sqrt(var / len(z))
    assert abs(z.var() - var) < 0.02 * var


def test_dropconnect_drops_weights_not_units_and_afresh():
    rng = np.random.default_rng(0)
    z = dropconnect(np.eye(3).repeat(400, 0), np.ones((3, 2)), np.zeros(2), 0.5, rng)
    # one unit active: under dropout both outputs are zero together, under DropConnect they are not
    assert np.mean((z[:, 0] == 0) != (z[:, 1] == 0)) > 0.4
    dropped = np.eye(3).repeat(400, 0) * dropout_mask(rng, (1200, 3), 0.5) @ np.ones((3, 2))
    assert np.array_equal(dropped[:, 0] == 0, dropped[:, 1] == 0)
    assert len(np.unique(z[:400], axis=0)) == 4
    again = dropconnect(np.eye(3).repeat(400, 0), np.ones((3, 2)), np.zeros(2), 0.5, rng)
    assert not np.array_equal(z, again)


def test_dropconnect_refuses():
    with pytest.raises(ValueError, match=r"h has shape \(2, 3\), W \(2, 1\); allowed are"):
        dropconnect(np.ones((2, 3)), np.ones((2, 1)), np.zeros(1), 0.5, np.random.default_rng(0))
    with pytest.raises(ValueError, match="p is 1"):
        dropconnect(np.ones((2, 3)), np.ones((3, 1)), np.zeros(1), 1.0, np.random.default_rng(0))
    with pytest.raises(TypeError, match="rng is 0"):
        dropconnect(np.ones((2, 3)), np.ones((3, 1)), np.zeros(1), 0.5, 0)
