"""The two figures of noise draw what lib computes."""

import numpy as np
import pytest
from scipy import stats

from lib import theory
from lib.figures import effective_what, noise_ball

RNG = np.random.default_rng(11)


@pytest.mark.parametrize("lr", [0.02, 0.1, 0.4])
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.95])
def test_variance(js, lr, beta):
    lam, s = RNG.uniform(0.5, 4, 2).tolist()
    ours = js('modules["theory.js"].momentumVariance(lr, beta, lam, s)', lr=lr, beta=beta, lam=lam, s=s)
    assert ours == pytest.approx(theory.momentum_variance(lr, beta, lam, s), rel=1e-13)


def test_normals_are_normal_and_seeded(js):
    draws = js('Array.from(modules["random.js"].normals(1, 20000))')
    assert stats.kstest(draws, "norm").pvalue > 0.01
    assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 0.03
    assert js('Array.from(modules["random.js"].normals(1, 5))') == draws[:5]
    assert js('Array.from(modules["random.js"].normals(2, 5))') != draws[:5]


@pytest.mark.parametrize(("lr", "beta"), [(0.1, 0.0), (0.02, 0.9), (0.3, 0.5)])
def test_cloud(js, lr, beta):
    call = '((n) => [Array.from(n), modules["noise_ball.js"].cloud(n, lr, beta)])(modules["random.js"].normals(1, 180000))'
    noise, ours = js(call, lr=lr, beta=beta)
    noise = np.reshape(noise, (2, noise_ball.RUNS, noise_ball.STEPS))
    np.testing.assert_allclose(np.transpose(ours), noise_ball.cloud(noise, lr, beta), rtol=1e-9, atol=1e-12)
    measured = np.mean(np.square(ours), axis=1)  # 300 runs: relative standard error 0.082
    exact = theory.momentum_variance(lr, beta, noise_ball.LAMS, 1.0)
    assert np.all(np.abs(measured / exact - 1) < 0.33)


@pytest.mark.parametrize(("lr", "beta", "size"), [(0.02, 0.9, 100), (0.2, 0.0, 10), (0.05, 0.7, 640)])
def test_expected_loss(js, lr, beta, size):
    ours = js('modules["effective_what.js"].expected(lr, beta, size)', lr=lr, beta=beta, size=size)
    np.testing.assert_allclose(ours, effective_what.expected(lr, beta, size), rtol=1e-11)


def test_what_collapses_and_what_does_not():
    momentum, rate, batch = (
        effective_what.expected(*at) for at in ((0.02, 0.9, 100), (0.2, 0.0, 100), (0.02, 0.0, 1000))
    )
    assert abs(rate[-1] / momentum[-1] - 1) < 0.2
    assert batch[-1] > 1.5 * momentum[-1]
