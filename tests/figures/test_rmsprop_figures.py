"""The turned valley and the two epsilons draw what lib computes."""

import numpy as np
import pytest

from lib import rules
from lib.figures import epsilon_caps, rotation_dial


@pytest.mark.parametrize("degrees", [0, 7, 30, 45, 90])
def test_paths(js, degrees):
    ours = np.array(js('modules["rotation_dial.js"].paths(degrees)', degrees=degrees))
    expected = rotation_dial.paths(degrees)
    np.testing.assert_allclose(ours[:, :30], expected[:, :30], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-8)


def test_only_gradient_descent_does_not_notice(js):
    ends = np.array([js('modules["rotation_dial.js"].ends(d)', d=d) for d in range(0, 91, 15)])
    np.testing.assert_allclose(ends[:, 0], ends[0, 0], rtol=1e-10)
    assert (ends[3, 1:] > 100 * ends[0, 1:]).all()  # 45 degrees against 0
    assert (ends[0, 1:] < ends[0, 0]).all() and (ends[3, 1:] > ends[3, 0]).all()
    flat, steep = -2.0 * (1 - 0.035) ** 100, 1.2 * (1 - 0.035 * 50) ** 100
    assert ends[0, 0] == pytest.approx(0.5 * (flat**2 + 50 * steep**2), rel=1e-10)


def in_javascript(js, g, eps, dtype):
    """Denominators and their parts; of many gradients and epsilons at once if these are lists."""
    call = 'gs.map((g, i) => modules["epsilon_caps.js"].denominators(g, epsilons[i], dtype))'
    found = js(call, gs=np.atleast_1d(g).tolist(), epsilons=np.atleast_1d(eps).tolist(), dtype=dtype)
    return np.transpose(found) if np.ndim(g) else found[0]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_denominators(js, dtype):
    rng = np.random.default_rng(3)
    g, eps = 10 ** rng.uniform(-25, 1, 3000), 10 ** rng.uniform(-12, -1, 3000)
    expected = np.array(epsilon_caps.denominators(g, eps, dtype), float)
    np.testing.assert_allclose(in_javascript(js, g, eps, dtype), expected, rtol=1e-15, atol=0)


@pytest.mark.parametrize("inside", [False, True])
def test_the_factor_is_that_of_the_rule(js, inside):
    for g, eps in ((1e-6, 1e-8), (1e-10, 1e-8), (0.3, 1e-3)):
        w, _ = rules.rmsprop(np.zeros(1), np.array([g]), lr=1.0, beta=0.0, eps=eps, eps_inside=inside)
        assert g / in_javascript(js, g, eps, "float64")[int(inside)] == pytest.approx(-w[0], rel=1e-12)


def test_caps_and_what_is_lost(js):
    outside, inside, *_ = in_javascript(js, 1e-20, 1e-8, "float64")
    assert 1 / outside == pytest.approx(1e8) and 1 / inside == pytest.approx(1e4)
    assert in_javascript(js, 1.0, 1e-8, "float32")[0] == 1.0 < in_javascript(js, 1.0, 1e-8, "float64")[0]
    assert in_javascript(js, 1e-23, 1e-8, "float32")[2] == 0.0 < in_javascript(js, 1e-22, 1e-8, "float32")[2]
    assert in_javascript(js, 1e-4, 1e-8, "float16") == [0.0, 0.0, 0.0, 0.0]
