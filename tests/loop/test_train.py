"""Training: against a loop written by hand, what the history holds, when it stops, what it refuses."""

import itertools
import pickle

import numpy as np
import pytest

from lib import rules
from lib.data import Data
from lib.loop import Diverged, History, Step, batches, train
from lib.loop.batching import DROP, generator
from lib.loop.stepping import check_finite
from lib.loop.training import evaluate
from lib.net import FCN, accuracy
from lib.rules import START, adam, adamw, momentum, sgd

NET = FCN((4, 6, 3))
GO = {"lr": 0.1, "epochs": 3, "batch_size": 20, "seed": 7}


def by_hand(net, data, rule, *, lr, epochs, batch_size, seed, clip=None, **hyper):
    """The same training in the plainest words: losses, penalties, validation losses, weights."""
    w, s, t = net.init(np.random.default_rng(seed)), START, 0
    losses, penalties, val = [], [], [net.loss(w, data.X_val, data.y_val)]
    n = len(data.y_train)
    for epoch in range(epochs):
        order = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0, epoch))).permutation(n)
        for start in range(0, n, batch_size):
            index = order[start : start + batch_size]
            rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1, t)))
            loss, g = net.loss_grad(w, data.X_train[index], data.y_train[index], rng)
            weights = np.concatenate([W.ravel() for W in net.unpack(w)[::2]])
            penalties.append(net.l1 * np.abs(weights).sum() + net.l2 / 2 * (weights**2).sum())
            losses.append(loss - penalties[-1])
            if clip and np.linalg.norm(g) > clip:
                g = g * clip / np.linalg.norm(g)
            w, s = rule(w, g, s, lr=lr(t) if callable(lr) else lr, **hyper)
            t += 1
        val.append(net.loss(w, data.X_val, data.y_val))
    return np.array(losses), np.array(penalties), np.array(val), w, s


@pytest.mark.parametrize(
    ("net", "rule", "change"),
    [
        (NET, sgd, {}),
        (FCN((4, 3)), sgd, {"batch_size": 83}),
        (FCN((4, 6, 3), l2=0.1), momentum, {"beta": 0.8, "batch_size": 1}),
        (FCN((4, 6, 5, 3), dropout=(0.5, 0.2), activation="tanh"), adam, {"lr": 0.01}),
        (FCN((4, 6, 3), l1=0.01, l2=0.02, dropout=0.3), adamw, {"decay": 0.1, "seed": 0}),
        (NET, momentum, {"lr": lambda t: 0.3 / (1 + t), "clip": 0.2}),
    ],
)
def test_it_is_the_loop_one_would_write(net, rule, change, data):
    settings = GO | change
    history = train(net, data, rule, **settings)
    losses, penalties, val, w, s = by_hand(net, data, rule, **settings)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(history.penalty, penalties, rtol=1e-12)
    np.testing.assert_allclose(history.val_loss, val, rtol=1e-12)
    np.testing.assert_allclose(history.w, w, rtol=1e-12, atol=1e-14)
    assert history.state.t == s.t == len(losses)
    np.testing.assert_allclose(history.state.m, s.m, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", [name for name in rules.__all__ if name.islower()])
def test_every_rule_learns(name, data):
    history = train(
        NET, data, getattr(rules, name), **GO | {"lr": 1.0 if name == "adadelta" else 0.02, "epochs": 8}
    )
    assert history.train_loss[-1] < history.train_loss[0]
    assert history.state.t == 40


# ---- the history --------------------------------------------------------------------------------


def test_the_history(data):
    history = train(NET, data, adam, **GO | {"epochs": 30})
    assert isinstance(history, History)
    assert history.loss.shape == history.penalty.shape == (150,)
    for name in ("train_loss", "train_accuracy", "val_loss", "val_accuracy"):
        assert getattr(history, name).shape == (31,), name
    assert history.w.shape == history.best_w.shape == (NET.size,)
    # what each entry says can be computed again from the weights
    for w, e in (
        (NET.init(np.random.default_rng(7)), 0),
        (history.w, 30),
        (history.best_w, int(history.best_epoch)),
    ):
        for part in ("train", "val"):
            X, y = getattr(data, f"X_{part}"), getattr(data, f"y_{part}")
            np.testing.assert_allclose(getattr(history, f"{part}_loss")[e], NET.loss(w, X, y), rtol=1e-12)
            assert getattr(history, f"{part}_accuracy")[e] == accuracy(NET.scores(w, X), y)
    assert history.best_epoch == np.argmin(history.val_loss)
    assert 0 < history.best_epoch < 30  # or nothing was shown
    assert history.val_accuracy[-1] > 0.6


def test_evaluation_knows_no_dropout(data):
    dropping = train(FCN((4, 6, 3), dropout=0.5), data, sgd, **GO)
    np.testing.assert_allclose(dropping.train_loss[-1], NET.loss(dropping.w, *data[:2]), rtol=1e-12)
    assert not np.allclose(dropping.loss, train(NET, data, sgd, **GO).loss)


@pytest.mark.parametrize("runs", [(), (1,), (3,)])
def test_evaluation_in_chunks_is_evaluation(runs, data):
    w = NET.init(np.random.default_rng(0), *runs)
    X, y = np.tile(data.X_train, (4, 1)), np.tile(data.y_train, 4)
    for chunk in (64, 100, 331, 332, 10000):
        loss, share = evaluate(NET, w, X, y, chunk=chunk * max(1, *runs, 1))
        np.testing.assert_allclose(loss, NET.loss(w, X, y), rtol=1e-13)
        np.testing.assert_array_equal(share, accuracy(NET.scores(w, X), y))


def test_evaluation_takes_little_memory_at_a_time(data):
    seen = []

    class Spy(FCN):
        def scores(self, w, X):
            seen.append(len(X))
            return super().scores(w, X)

    X = np.zeros((5000, 4))
    evaluate(Spy((4, 6, 3)), NET.init(np.random.default_rng(0)), X, np.zeros(5000, int))
    assert sum(seen) == 5000
    assert max(seen) <= 2048


def test_float32_stays_float32(data):
    net = FCN((4, 6, 3), dtype=np.float32, l2=0.1, dropout=0.5)
    history = train(net, data, adam, **GO, clip=1.0)
    for name in ("w", "best_w", "loss", "penalty", "train_loss", "val_loss"):
        assert getattr(history, name).dtype == np.float32, name
    assert history.state.m.dtype == np.float32


def test_what_is_given_is_not_written_to(data):
    w = NET.init(np.random.default_rng(7))
    for array in (w, *data):
        array.flags.writeable = False
    history = train(NET, data, adam, **GO, w=w)
    np.testing.assert_array_equal(history.w, train(NET, data, adam, **GO).w)


def test_long_vectors_take_turns_without_mixing(data):
    # more parameters than a block: the same path as the plain loop, best weights included
    net = FCN((4, 200, 190, 3))
    settings = GO | {"lr": 0.01, "epochs": 2, "batch_size": 40}
    history = train(net, data, adam, **settings)
    *_, w, s = by_hand(net, data, adam, **settings)
    assert net.size > 32768
    np.testing.assert_allclose(history.w, w, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(history.state.v, s.v, rtol=1e-10, atol=1e-20)
    np.testing.assert_allclose(net.loss(history.best_w, *data[2:]), history.val_loss.min(), rtol=1e-12)


# ---- runs ---------------------------------------------------------------------------------------


def test_runs_share_everything_but_what_differs(data):
    net = FCN((4, 6, 3), dropout=0.4, l2=0.1)
    w = np.stack([net.init(np.random.default_rng(s)) for s in (7, 7, 8)])
    lr = np.array([[0.1], [0.02], [0.1]])
    together = train(net, data, momentum, **GO | {"lr": lr}, w=w, clip=0.5)
    assert together.loss.shape == (15, 3)
    assert together.val_loss.shape == (4, 3)
    assert together.w.shape == together.best_w.shape == (3, net.size)
    for r in range(3):
        alone = train(net, data, momentum, **GO | {"lr": float(lr[r, 0])}, w=w[r], clip=0.5)
        for name in History._fields[:-1]:
            one = getattr(together, name)
            one = one[r] if name in ("w", "best_w", "best_epoch") else one[:, r]
            np.testing.assert_allclose(one, getattr(alone, name), rtol=1e-11, atol=1e-13, err_msg=name)


def test_runs_with_seeds_of_their_own(data):
    net = FCN((4, 6, 3), dropout=0.4)
    together = train(net, data, adam, **GO | {"seed": [7, 3]})
    for r, seed in enumerate((7, 3)):
        alone = train(net, data, adam, **GO | {"seed": seed})
        np.testing.assert_allclose(together.loss[:, r], alone.loss, rtol=1e-11)
        np.testing.assert_allclose(together.w[r], alone.w, rtol=1e-10, atol=1e-13)
    assert not np.allclose(together.loss[:, 0], together.loss[:, 1])


# ---- early stopping -----------------------------------------------------------------------------


def test_patience(data):
    settings = GO | {"lr": 0.5, "epochs": 40}
    whole = train(NET, data, adam, **settings)
    for patience in (1, 2, 5):
        best, e = 0, 0  # the rule of the docstring, on the whole record
        while e < 40 and e - best < patience:
            e += 1
            best = e if whole.val_loss[e] < whole.val_loss[best] else best
        assert e < 40
        early = train(NET, data, adam, **settings, patience=patience)
        assert len(early.val_loss) == e + 1
        assert len(early.loss) == 5 * e
        assert early.best_epoch == best
        np.testing.assert_array_equal(early.val_loss, whole.val_loss[: e + 1])
        np.testing.assert_allclose(NET.loss(early.best_w, *data[2:]), whole.val_loss[best], rtol=1e-12)


def test_patience_waits_for_every_run(data):
    w = np.stack([NET.init(np.random.default_rng(7))] * 2)
    settings = GO | {"epochs": 40}
    lr = np.array([[0.5], [1e-4]])  # the second becomes better a little in every epoch
    assert len(train(NET, data, adam, **settings | {"lr": 0.5}, patience=2).val_loss) < 41
    assert len(train(NET, data, adam, **settings | {"lr": lr}, w=w, patience=2).val_loss) == 41


# ---- divergence ---------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
def test_divergence_carries_the_last_good_step(data):
    net = FCN((4, 6, 3), l2=1.0)  # a penalty explodes at lr > 2
    settings = GO | {"lr": 1e20, "epochs": 10}
    with pytest.raises(
        Diverged, match=r"no longer finite at t = \d+: try a smaller lr than 1e\+20"
    ) as caught:
        train(net, data, sgd, **settings)
    last = caught.value.last
    assert last.t > 0
    assert np.all(np.isfinite(last.w)) and np.isfinite(last.loss)
    w = net.init(np.random.default_rng(7))
    for t in range(last.t):
        i = batches(83, 20, 7)(t)
        w, _ = sgd(w, net.loss_grad(w, data.X_train[i], data.y_train[i])[1], lr=1e20)
    np.testing.assert_allclose(last.w, w, rtol=1e-12)


def test_divergence_comes_back_from_another_process():
    said = pickle.loads(
        pickle.dumps(Diverged("the loss is inf", Step(3, np.ones(2), 0.5, np.ones(2), START)))
    )
    assert (str(said), said.last.t) == ("the loss is inf", 3)


@pytest.mark.filterwarnings("ignore")
def test_divergence_in_the_very_last_step_is_noticed(data):
    with pytest.raises(Diverged, match="no longer finite at t = 1"):
        train(NET, data, sgd, lr=1e308, epochs=1, batch_size=83, seed=7)


# ---- randomness ---------------------------------------------------------------------------------


def test_the_seed_decides_all(data, same):
    net = FCN((4, 6, 3), dropout=0.5)
    np.random.seed(1)
    one = train(net, data, adam, **GO)
    np.random.seed(2)
    same(one, train(net, data, adam, **GO))
    assert not np.allclose(one.loss, train(net, data, adam, **GO | {"seed": 8}).loss)


def test_random_streams_do_not_repeat():
    draws = [np.random.default_rng(s).random() for s in range(3)]
    draws += [generator(s, p, t).random() for s in range(3) for p in (0, DROP) for t in range(50)]
    assert len(set(draws)) == len(draws)


# ---- what it refuses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said", "change"),
    [
        (ValueError, "epochs is 0; allowed are whole numbers >= 1", {"epochs": 0}),
        (ValueError, "epochs is 1.5; allowed are whole numbers >= 1", {"epochs": 1.5}),
        (ValueError, r"size is 84; allowed are whole numbers in \[1, 83\]", {"batch_size": 84}),
        (ValueError, "seed is -1; allowed are whole numbers >= 0", {"seed": -1}),
        (TypeError, "seed is None; allowed are whole numbers >= 0", {"seed": None}),
        (TypeError, "seed is 1.0; allowed are whole numbers >= 0", {"seed": 1.0}),
        (TypeError, "seed is True; allowed are whole numbers >= 0", {"seed": True}),
        (ValueError, "patience is 0; allowed are whole numbers >= 1", {"patience": 0}),
        (ValueError, "save_every is 0; allowed are whole numbers >= 1", {"save_every": 0}),
        (ValueError, "clip is -1; allowed are finite numbers > 0", {"clip": -1}),
        (ValueError, "lr is 0; allowed are finite numbers > 0", {"lr": 0}),
        (TypeError, r"no hyper-parameter 'beta3' \(did you mean", {"beta3": 0.5}),
        (TypeError, "progress is 'yes'; allowed are True, False and None", {"progress": "yes"}),
        (ValueError, r"w has shape \(7,\); allowed is \(..., 51\)", {"w": np.zeros(7)}),
        (ValueError, r"w has shape \(2, 2, 51\); allowed are \(P,\)", {"w": np.zeros((2, 2, 51))}),
        (ValueError, r"there are 2 seeds, w has shape \(3, 51\)", {"w": np.zeros((3, 51)), "seed": [1, 2]}),
        (ValueError, r"lr has shape \(2, 1\), which does not broadcast", {"lr": np.ones((2, 1))}),
    ],
)
def test_bad_settings(error, said, change, data):
    with pytest.raises(error, match=said):
        train(NET, data, adam, **GO | change)


@pytest.mark.parametrize(
    ("error", "said", "change"),
    [
        (
            ValueError,
            r"X_val has shape \(0, 4\), y_val \(0,\)",
            {"X_val": np.zeros((0, 4)), "y_val": np.zeros(0, int)},
        ),
        (ValueError, r"X_train has shape \(83, 4\), y_train \(82,\)", {"y_train": np.zeros(82, int)}),
        (TypeError, "y_train has dtype float64; allowed are whole numbers", {"y_train": np.zeros(83)}),
        (ValueError, r"y has the class 3; allowed is \[0, 3\)", {"y_val": np.full(31, 3)}),
        (ValueError, r"y has the class -1; allowed is \[0, 3\)", {"y_val": np.full(31, -1)}),
        (ValueError, r"X has shape \(83, 5\)", {"X_train": np.zeros((83, 5))}),
    ],
)
def test_bad_data(error, said, change, data):
    with pytest.raises(error, match=said):
        train(NET, Data(**data._asdict() | change), adam, **GO)


def test_a_rate_has_no_default(data):
    with pytest.raises(TypeError, match="lr"):
        train(NET, data, adam, epochs=1, batch_size=20, seed=0)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("dtype", "large"), [(np.float32, 1e30), (np.float64, 1e200)])
def test_a_gradient_whose_squares_overflow_is_finite_all_the_same(dtype, large):
    check_finite(1.0, np.array([[large, -large]], dtype), 1, 0.1, None)
    for bad, other in itertools.product((np.nan, np.inf, -np.inf), (0.0, large)):
        with pytest.raises(Diverged, match="the gradient is no longer finite at t = 1"):
            check_finite(1.0, np.array([[other, bad]], dtype), 1, 0.1, None)
