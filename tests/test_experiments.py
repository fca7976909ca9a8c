"""The experiments: each on a few digits and, where there are MNIST's files, on real images."""

import os
from functools import cache

import numpy as np
import pytest

from lib import experiments
from lib.data import Data, digits, mnist
from lib.experiments import cut, fair, fit, halves, layer_sizes, overfit, update_ratio
from lib.loop import train
from lib.net import FCN
from lib.rules import momentum, sgd

REAL = os.environ.get("DESCENT_MNIST")
SETS = [
    "digits",
    pytest.param("mnist", marks=pytest.mark.skipif(not REAL, reason="DESCENT_MNIST names no folder")),
]
both = pytest.mark.parametrize("name", SETS)


@cache
def some(name):
    """600 examples to train on, 300 to choose and judge by."""
    return cut(digits(validation=0.4) if name == "digits" else mnist(REAL), 600, 300)


# What they find, on any of the data sets


@both
def test_a_hidden_layer_beats_none(name):
    data, ways = some(name), {"epochs": 4, "batch_size": 50, "beta": 0.9, "tuning": (0,), "seeds": (1, 2)}
    none = fair(data, (), momentum, [0.02, 0.08], **ways).runs
    first = fair(data, experiments.A, momentum, [0.02, 0.08], **ways).runs
    assert first.train_loss[-1].max() < 0.8 * none.train_loss[-1].min()  # on unseen examples not always
    assert np.all(none.val_accuracy[-1] > 0.75) and np.all(first.val_accuracy[-1] > 0.75)


@both
def test_momentum_is_a_larger_learning_rate(name):
    ways = {"epochs": 4, "batch_size": 25, "seed": (0, 1)}
    slow = fit(some(name), experiments.B, sgd, lr=0.005, **ways).train_loss[-1]
    heavy = fit(some(name), experiments.B, momentum, lr=0.005, beta=0.9, **ways).train_loss[-1]
    tenfold = fit(some(name), experiments.B, sgd, lr=0.05, **ways).train_loss[-1]
    assert heavy.max() < 0.5 * slow.min()
    assert np.abs(tenfold - heavy).max() < 0.25 * (slow - heavy).min()


@both
def test_small_weights_stop_a_deep_network(name):
    ways = {"lr": 0.02, "beta": 0.9, "epochs": 4, "batch_size": 50, "seed": 0}
    he = fit(some(name), 5 * (50,), momentum, **ways)
    small = fit(some(name), 5 * (50,), momentum, scale=0.05, **ways)
    assert he.train_loss[-1] < 1.2
    assert abs(small.train_loss[-1] - np.log(10)) < 0.02


@both
def test_five_layers_learn_fifty_examples_by_heart(name):
    run = overfit(some(name), beta=0.9, seed=(0, 1))
    assert np.all(run.train_accuracy[-1] == 1)
    assert np.all(run.train_loss[-1] < 0.01)
    assert np.all(run.val_loss[-1] > 10 * run.train_loss[-1])
    stuck = overfit(some(name), beta=0.9, scale=0.01)
    assert stuck.train_accuracy[-1] < 0.5


# The protocol


def test_the_best_rate_is_that_of_plain_trainings():
    data = some("digits")
    result = fair(data, (), sgd, [0.1, 0.5], epochs=2, batch_size=100, tuning=(3, 4), seeds=(5, 6))
    half = Data(data.X_train, data.y_train, data.X_val[:150], data.y_val[:150])
    for i, lr in enumerate((0.1, 0.5)):
        for j, seed in enumerate((3, 4)):
            run = train(FCN((64, 10)), half, sgd, lr=lr, epochs=2, batch_size=100, seed=seed)
            assert result.trials[i, j] == pytest.approx(run.val_loss[-1], rel=1e-12)
    assert result.lr == (0.1, 0.5)[result.trials.mean(axis=1).argmin()]
    other = Data(data.X_train, data.y_train, data.X_val[150:], data.y_val[150:])
    run = train(FCN((64, 10)), other, sgd, lr=result.lr, epochs=2, batch_size=100, seed=6)
    np.testing.assert_allclose(result.runs.val_loss[:, 1], run.val_loss, rtol=1e-9)


def test_what_judges_has_not_chosen():
    data = some("digits")
    ways = {"epochs": 2, "batch_size": 100, "tuning": (0,), "seeds": (1,)}
    lrs = [0.1, 0.4, 1.6]
    y = data.y_val.copy()
    y[150:] = (y[150:] + 1) % 10
    plain, spoiled = fair(data, (), sgd, lrs, **ways), fair(data._replace(y_val=y), (), sgd, lrs, **ways)
    np.testing.assert_array_equal(plain.trials, spoiled.trials)
    np.testing.assert_array_equal(plain.runs.w, spoiled.runs.w)
    assert spoiled.runs.val_loss[-1, 0] > 2 * plain.runs.val_loss[-1, 0]
    y = data.y_val.copy()
    y[:150] = (y[:150] + 1) % 10
    spoiled = fair(data._replace(y_val=y), (), sgd, [plain.lr], **ways)
    np.testing.assert_array_equal(plain.runs.val_loss, spoiled.runs.val_loss)


def test_a_rate_that_diverges_is_infinitely_bad():
    data = some("digits")
    ways = {"epochs": 1, "batch_size": 100, "tuning": (0, 1), "seeds": (2,)}
    result = fair(data, (20, 20), sgd, [0.01, 0.1, 1e200], **ways)
    assert result.lr == 0.1 and result.inside
    assert np.all(np.isinf(result.trials[2])) and np.all(np.isfinite(result.trials[:2]))
    assert not fair(data, (20, 20), sgd, [0.01, 0.1], **ways).inside
    with pytest.raises(ValueError, match="every rate diverged.*first"):
        fair(data, (20, 20), sgd, [1e200, 1e250], **ways)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lrs": []}, "ascending"),
        ({"lrs": [0.2, 0.1]}, "ascending"),
        ({"lrs": [0.1, -0.1]}, "lrs is .*> 0"),
        ({"tuning": (0, 1), "seeds": (1, 2)}, "none in both"),
        ({"seeds": (7, 7)}, "none in both"),
        ({"tuning": ()}, "none in both"),
    ],
)
def test_unfair_protocols_are_refused(change, said):
    ways = {"lrs": [0.1], "epochs": 1, "batch_size": 100} | change
    with pytest.raises(ValueError, match=said):
        fair(some("digits"), (), sgd, **ways)


# The parts


def test_halves_and_cuts_share_no_validation_example():
    data = digits()
    choose, judge = halves(data)
    np.testing.assert_array_equal(np.concatenate([choose.X_val, judge.X_val]), data.X_val)
    np.testing.assert_array_equal(np.concatenate([choose.y_val, judge.y_val]), data.y_val)
    assert choose.X_train is data.X_train and judge.y_train is data.y_train
    few = cut(data, 7, 5)
    assert few.X_train.shape == (7, 64) and few.X_val.shape == (5, 64)
    np.testing.assert_array_equal(few.y_train, data.y_train[:7])
    np.testing.assert_array_equal(few.y_val, data.y_val[:5])
    for train_, val in ((0, 5), (2000, 5), (7, 400)):
        with pytest.raises(ValueError, match="allowed are"):
            cut(data, train_, val)
    with pytest.raises(ValueError, match="two or more"):
        halves(cut(data, 7, 1))


def test_the_start_has_the_spread_asked_for():
    data = some("digits")
    assert layer_sizes(data, (7, 8)) == (64, 7, 8, 10)
    for scale, stds in (("he", (2 / 64, 2 / 80)), (0.05, (0.05**2, 0.05**2)), ("glorot", (2 / 144, 2 / 90))):
        run = fit(data, (80,), sgd, lr=1e-12, epochs=1, batch_size=600, seed=0, scale=scale)
        for W, var in zip(FCN((64, 80, 10)).unpack(run.w)[::2], stds, strict=True):
            assert W.var() == pytest.approx(var, rel=0.1)
    two = fit(data, (80,), sgd, lr=0.1, epochs=1, batch_size=100, seed=(0, 1))
    one = fit(data, (80,), sgd, lr=0.1, epochs=1, batch_size=100, seed=1)
    np.testing.assert_allclose(two.w[1], one.w, rtol=1e-9)


def test_the_ratio_is_of_weights_by_layer():
    rng, net = np.random.default_rng(0), FCN((3, 4, 2))
    w, step = rng.standard_normal((2, 5, net.size))
    ratio = update_ratio(net, w, step)
    assert ratio.shape == (2, 5)
    first = np.sqrt((step[2, :12] ** 2).sum() / (w[2, :12] ** 2).sum())  # W1 comes first, then b1
    second = np.sqrt((step[2, 16:24] ** 2).sum() / (w[2, 16:24] ** 2).sum())
    np.testing.assert_allclose(ratio[:, 2], [first, second], rtol=1e-12)
