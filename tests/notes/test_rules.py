"""The notes' rules against published numbers, sums written out, and closed forms; their dict's manners."""

import copy

import numpy as np
import pytest

from lib.notes import adam, rmsprop, sgd, sgd_momentum

RULES = (sgd, sgd_momentum, rmsprop, adam)
W = np.linspace(-0.4, 0.6, 20).reshape(4, 5)
DW = np.linspace(-0.6, 0.4, 20).reshape(4, 5)


def line(start, end):
    """Twenty numbers in the shape of W."""
    return np.linspace(start, end, 20).reshape(4, 5)


def walk(rule, grads, w, config=None):
    """All points of a path, the start first."""
    points = [w]
    for g in grads:
        w, config = rule(w, g, config)
        points.append(w)
    return np.array(points), config


# ---- published numbers --------------------------------------------------------------------------
# The arrays against which CS231n's assignment 2 checks solutions (FullyConnectedNets.ipynb), eight
# digits. They cannot tell where epsilon stands; the closed forms below can.

RMSPROP = """
    -0.39223849 -0.34037513 -0.28849239 -0.23659121 -0.18467247 -0.132737   -0.08078555 -0.02881884
     0.02316247  0.07515774  0.12716641  0.17918792  0.23122175  0.28326742  0.33532447  0.38739248
     0.43947102  0.49155973  0.54365823  0.59576619"""
ADAM = """
    -0.40094747 -0.34836187 -0.29577703 -0.24319299 -0.19060977 -0.1380274  -0.08544591 -0.03286534
     0.01971428  0.0722929   0.1248705   0.17744702  0.23002243  0.28259667  0.33516969  0.38774145
     0.44031188  0.49288093  0.54544852  0.59801459"""


def test_cs231ns_arrays_for_rmsprop():
    config = {"learning_rate": 1e-2, "cache": line(0.6, 0.9)}
    next_w, _ = rmsprop(W, DW, config)
    np.testing.assert_allclose(next_w.ravel(), np.fromstring(RMSPROP, sep=" "), atol=5.1e-9, rtol=0)
    assert config["cache"][0, 0] == pytest.approx(0.5976)
    assert config["cache"][-1, -1] == pytest.approx(0.8926)


def test_cs231ns_arrays_for_adam():
    config = {"learning_rate": 1e-2, "m": line(0.6, 0.9), "v": line(0.7, 0.5), "t": 5}
    next_w, _ = adam(W, DW, config)
    np.testing.assert_allclose(next_w.ravel(), np.fromstring(ADAM, sep=" "), atol=5.1e-9, rtol=0)
    assert config["t"] == 6
    assert (config["m"][0, 0], config["m"][-1, -1]) == pytest.approx((0.48, 0.85))
    assert (config["v"][0, 0], config["v"][-1, -1]) == pytest.approx((0.69966, 0.49966))


# ---- closed forms -------------------------------------------------------------------------------

GRADS = np.random.default_rng(0).standard_normal((12, 3)) * [1.0, 1e-4, 1e-7]


def weighted(values, beta, t):
    """The sum of beta^(t - i) values_i over i = 1, ..., t."""
    return sum(beta ** (t - i) * values[i - 1] for i in range(1, t + 1))


def steps(rule):
    """What a rule subtracts in each step, from the defaults the notes print."""
    for t in range(1, len(GRADS) + 1):
        g = GRADS[t - 1]
        if rule is sgd:
            yield 1e-2 * g
        elif rule is sgd_momentum:
            yield 1e-2 * weighted(GRADS, 0.9, t)
        elif rule is rmsprop:
            yield 1e-2 * g / np.sqrt(0.01 * weighted(GRADS**2, 0.99, t) + 1e-8)
        else:
            m = 0.1 * weighted(GRADS, 0.9, t) / (1 - 0.9**t)
            v = 0.001 * weighted(GRADS**2, 0.999, t) / (1 - 0.999**t)
            yield 1e-3 * m / (np.sqrt(v) + 1e-8)


@pytest.mark.parametrize("rule", RULES)
def test_every_step_is_the_sum_written_out(rule):
    w, config = np.zeros(3), None
    for g, step in zip(GRADS, steps(rule), strict=True):
        w, config = rule(np.zeros(3), g, config)
        np.testing.assert_allclose(-w, step, rtol=1e-12)


def test_rmsprops_epsilon_stands_inside_the_root():
    # a gradient of 1e-8 against a floor of sqrt(1e-8) = 1e-4; outside it would step by 0.1
    next_w, _ = rmsprop(np.zeros(1), np.array([1e-8]))
    assert -next_w[0] == pytest.approx(1e-2 * 1e-8 / np.sqrt(1e-8 + 1e-18), rel=1e-12)


def test_adams_epsilon_stands_outside_the_root():
    next_w, _ = adam(np.zeros(1), np.array([1e-8]))
    assert -next_w[0] == pytest.approx(1e-3 / 2, rel=1e-12)


def test_a_constant_gradient_moves_momentum_ten_times_as_fast_in_the_end():
    path, config = walk(sgd_momentum, np.ones((200, 1)), np.zeros(1), {"learning_rate": 0.5})
    assert config["velocity"][0] == pytest.approx((1 - 0.9**200) / 0.1, rel=1e-12)
    assert path[-2] - path[-1] == pytest.approx(5.0, rel=1e-8)


def test_momentum_zero_is_gradient_descent():
    plain, _ = walk(sgd, GRADS, np.ones(3))
    none, _ = walk(sgd_momentum, GRADS, np.ones(3), {"momentum": 0.0})
    np.testing.assert_array_equal(none, plain)


# ---- the dict -----------------------------------------------------------------------------------

DEFAULTS = {
    sgd: {"learning_rate": 1e-2},
    sgd_momentum: {"learning_rate": 1e-2, "momentum": 0.9, "velocity": ...},
    rmsprop: {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": ...},
    adam: {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "m": ..., "v": ..., "t": 1},
}


@pytest.mark.parametrize("rule", RULES)
def test_keys_and_defaults(rule):
    _, config = rule(W, DW)
    assert config.keys() == DEFAULTS[rule].keys()
    for key, value in DEFAULTS[rule].items():
        assert np.shape(config[key]) == W.shape if value is ... else config[key] == value


@pytest.mark.parametrize("rule", RULES)
def test_the_dict_given_is_updated_and_returned(rule):
    config = {"learning_rate": 0.5}
    assert rule(W, DW, config)[1] is config
    assert config.keys() == DEFAULTS[rule].keys()
    assert config["learning_rate"] == 0.5


@pytest.mark.parametrize("rule", RULES)
def test_two_walks_do_not_share_their_state(rule):
    first, _ = walk(rule, GRADS, np.ones(3))
    second, _ = walk(rule, GRADS, np.ones(3))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("rule", RULES)
def test_no_array_is_written_to(rule):
    _, config = rule(W, DW)
    before = copy.deepcopy(config)
    for a in (W, DW, *(value for value in config.values() if isinstance(value, np.ndarray))):
        a.flags.writeable = False
    next_w, _ = rule(W, DW, dict(config))
    assert not np.shares_memory(next_w, W)
    for key, value in before.items():
        np.testing.assert_array_equal(config[key], value)
    for a in (W, DW):
        a.flags.writeable = True


@pytest.mark.parametrize("rule", RULES)
def test_float32_stays_float32(rule):
    # a learning rate drawn by NumPy, as a random search does, is a float64
    w, config = rule(W.astype(np.float32), DW, {"learning_rate": np.float64(0.1)})
    w, config = rule(w, DW, config)
    assert {a.dtype for a in (w, *config.values()) if isinstance(a, np.ndarray)} == {np.dtype(np.float32)}


REFUSED = [
    (sgd, {"learning_rat": 99.0}, ValueError, "'learning_rat' .did you mean 'learning_rate'"),
    (adam, {"learning_rate": 0}, ValueError, "learning_rate is 0; allowed are finite numbers > 0"),
    (adam, {"beta1": 1.0}, ValueError, r"beta1 is 1.0; allowed are numbers in \[0, 1\)"),
    (adam, {"epsilon": -1e-8}, ValueError, "epsilon is -1e-08"),
    (adam, {"t": -1}, ValueError, "t is -1"),
    (adam, {"m": np.zeros(3)}, ValueError, r"config\['m'\] has shape \(3,\); allowed is that of w, \(4, 5\)"),
    (sgd_momentum, {"momentum": "0.9"}, TypeError, r"config\['momentum'\] is '0.9'; allowed is one number"),
    (sgd_momentum, {"velocity": np.zeros((4, 1))}, ValueError, r"config\['velocity'\] has shape \(4, 1\)"),
    (rmsprop, {"decay_rate": 1.5}, ValueError, "decay_rate is 1.5"),
    (rmsprop, [0.1], TypeError, r"config is \[0.1\]; allowed are None and a dict"),
]


@pytest.mark.parametrize(("rule", "config", "kind", "said"), REFUSED, ids=range(len(REFUSED)))
def test_a_wrong_config_is_named_with_what_is_allowed(rule, config, kind, said):
    with pytest.raises(kind, match=said):
        rule(W, DW, config)


@pytest.mark.parametrize("rule", RULES)
def test_wrong_arrays_are_named(rule):
    with pytest.raises(ValueError, match=r"dw has shape \(5,\); allowed is that of w, \(4, 5\)"):
        rule(W, DW[0])
    with pytest.raises(TypeError, match="w has dtype int64; allowed are float"):
        rule(np.ones(3, int), np.ones(3))


@pytest.mark.parametrize("rule", RULES)
def test_a_key_of_another_rule_is_let_pass(rule):
    # one dict of settings for a comparison of rules
    shared = {"learning_rate": 0.1, "momentum": 0.5, "decay_rate": 0.5, "beta1": 0.5}
    assert np.all(np.isfinite(rule(W, DW, shared)[0]))
