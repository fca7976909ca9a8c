"""The fair race: budgets, seeds, what chooses and what judges, and what smaller budgets would bring."""

import os
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from lib.contract import rule
from lib.data import digits, mnist
from lib.experiments import cut
from lib.loop import descend, trace, train
from lib.net import FCN
from lib.problems import Quadratic
from lib.race import (
    Contender,
    Log,
    Memory,
    Result,
    chances,
    draw,
    expected,
    measure,
    on_data,
    on_quadratic,
    race,
    spread,
    wins,
)  # fmt: skip
from lib.rules import START, State, adam, amsgrad, momentum, nadam, sgd

REAL = os.environ.get("DESCENT_MNIST")
SPACES = {
    "sgd": Contender(sgd, {"lr": Log(0.001, 10)}),
    "momentum": Contender(momentum, {"lr": Log(0.001, 10), "beta": Memory(1, 100)}),
    "adam": Contender(adam, {"lr": Log(1e-4, 1)}),
}


def few():
    return cut(digits(validation=0.5), 200, 200)


def some_result(seed, trials=6, judges=3):
    rng = np.random.default_rng(seed)
    return Result({}, rng.standard_normal((2, 1, trials)), rng.standard_normal((judges, 1, trials)))


# Budgets


def test_chances_are_those_of_all_subsets():
    for n in (1, 4, 7):
        for k in range(1, n + 1):
            best = [min(subset) for subset in combinations(range(n), k)]
            exact = [Fraction(best.count(i), len(best)) for i in range(n)]
            np.testing.assert_allclose(chances(n)[k - 1], [float(p) for p in exact], rtol=1e-14)


def test_expectation_and_spread_are_those_of_all_subsets():
    result = some_result(0)
    looked, judged = result.choose[:, -1].mean(axis=0), result.judge[:, -1]
    for k in range(1, 7):
        found = np.array([judged[:, min(s, key=lambda i: looked[i])] for s in combinations(range(6), k)])
        assert expected(result)[k - 1] == pytest.approx(found.mean(), rel=1e-12)
        low, high = np.quantile(found, [0.1, 0.9], method="inverted_cdf")
        np.testing.assert_allclose(spread(result)[:, k - 1], [low, high])


def test_wins_are_those_of_all_pairs_of_subsets():
    a, b = some_result(1, 5), some_result(2, 5)
    b.judge[0, 0, :2] = a.judge[0, 0, 1]  # ties
    for k in range(1, 6):
        share = []
        for s in combinations(range(5), k):
            for u in combinations(range(5), k):
                i = min(s, key=lambda i: a.choose[:, -1].mean(axis=0)[i])
                j = min(u, key=lambda j: b.choose[:, -1].mean(axis=0)[j])
                x, y = a.judge[:, -1, i], b.judge[:, -1, j]
                share += list((x < y) + 0.5 * (x == y))
        assert wins(a, b)[k - 1] == pytest.approx(np.mean(share), rel=1e-12)
    np.testing.assert_allclose(wins(a, b) + wins(b, a), 1)


# Draws


def test_spaces_are_drawn_as_they_say():
    drawn = draw({"lr": Log(1e-3, 10), "beta": Memory(1, 100), "eps": 1e-8}, 4000, seed=3)
    assert 1e-3 <= drawn["lr"].min() and drawn["lr"].max() <= 10
    assert np.mean(drawn["lr"] < 0.1) == pytest.approx(0.5, abs=0.03)
    assert np.mean(drawn["beta"] < 0.9) == pytest.approx(0.5, abs=0.03) and drawn["beta"].max() < 0.99
    assert np.all(drawn["eps"] == 1e-8)
    assert abs(np.corrcoef(np.log(drawn["lr"]), drawn["beta"])[0, 1]) < 0.05


def test_draws_depend_on_name_and_luck_alone():
    space = SPACES["momentum"].space
    np.testing.assert_array_equal(draw(space, 5, 0)["lr"], draw(SPACES["sgd"].space, 9, 0)["lr"][:5])
    assert np.all(draw(space, 5, 0)["lr"] != draw(space, 5, 1)["lr"])


# Running


def test_a_race_down_a_quadratic_is_that_of_descend():
    lam = [0.5, 1.0, 3.0]
    track = on_quadratic(lam, 30, rotate=4, looks=(10, 30))
    settings = {"lr": np.array([0.1, 0.3]), "beta": np.array([0.5, 0.8])}
    scores = measure(track, momentum, settings, (0, 7))
    assert scores.shape == (2, 2, 2)
    turn = np.linalg.qr(np.random.default_rng(4).standard_normal((3, 3)))[0]
    hill = Quadratic(turn @ np.diag(lam) @ turn.T)
    for n in range(2):
        for i, seed in enumerate((0, 7)):
            path = trace(
                descend(
                    hill.loss_grad,
                    track.start(seed),
                    momentum,
                    lr=settings["lr"][n],
                    beta=settings["beta"][n],
                ),
                30,
            )
            assert path.loss[0] == pytest.approx(1)
            np.testing.assert_allclose(10 ** scores[i, :, n], path.loss[[10, 30]], rtol=1e-9)


def test_a_race_on_data_is_that_of_train():
    data = few()
    track = on_data(data, (9,), 10, batch_size=20)
    half = data._replace(X_val=data.X_val[100:], y_val=data.y_val[100:])
    run = train(FCN((64, 9, 10)), half, adam, lr=0.02, epochs=1, batch_size=20, seed=5)
    score = measure(track, adam, {"lr": np.array([0.02])}, (5,))
    assert score[0, -1, 0] == pytest.approx(run.val_loss[-1], rel=1e-9)
    choose = measure(track, adam, {"lr": np.array([0.02])}, (5,), judge=False)
    assert abs(choose[0, -1, 0] - run.val_loss[-1]) > 1e-3


def test_what_diverges_counts_as_its_start_and_disturbs_nobody():
    track = on_data(few(), (9, 9), 30, batch_size=20)
    lrs = np.array([0.05, 1e200, 0.1])
    together = measure(track, sgd, {"lr": lrs}, (0,))[0, 0]
    alone = [measure(track, sgd, {"lr": lrs[[i]]}, (0,))[0, 0, 0] for i in range(3)]
    np.testing.assert_allclose(together, alone, rtol=1e-9)
    assert together[1] == pytest.approx(track.score(track.start(0)[None], True)[0], rel=1e-12)
    assert np.all(together <= together[1])


def test_noise_is_luck_that_all_share():
    track = on_quadratic([1.0, 2.0], 20, noise=0.1)
    settings = {"lr": np.array([0.1, 0.1])}
    a, b = measure(track, sgd, settings, (3, 4))[:, 0]
    assert a[0] == a[1] and b[0] == b[1] and a[0] != b[0]
    assert a[0] != measure(on_quadratic([1.0, 2.0], 20), sgd, settings, (3,))[0, 0, 0]


# The protocol


def test_a_result_does_not_depend_on_the_others():
    track = on_quadratic([0.1, 1.0], 40)
    all_, one = race(track, SPACES, trials=4), race(track, {"adam": SPACES["adam"]}, trials=4)
    np.testing.assert_array_equal(all_["adam"].judge, one["adam"].judge)
    assert all_["sgd"].choose.shape == (2, 1, 4) and all_["sgd"].judge.shape == (3, 1, 4)
    best = all_["sgd"].choose[:, -1].mean(axis=0).argmin()
    assert all_["sgd"].best == {"lr": all_["sgd"].settings["lr"][best]}


def test_what_judges_has_not_chosen():
    data = few()
    y = data.y_val.copy()
    y[100:] = (y[100:] + 1) % 10
    ways = {"trials": 3, "tuning": (0,), "seeds": (1, 2)}
    plain = race(on_data(data, (), 20, batch_size=20), SPACES, **ways)
    spoiled = race(on_data(data._replace(y_val=y), (), 20, batch_size=20), SPACES, **ways)
    for name in SPACES:
        np.testing.assert_array_equal(plain[name].choose, spoiled[name].choose)
        assert spoiled[name].judge.min() > plain[name].judge.min()


@pytest.mark.parametrize(("tuning", "seeds"), [((0, 1), (1, 2)), ((), (1,)), ((0,), ()), ((0, 0), (1,))])
def test_unfair_seeds_are_refused(tuning, seeds):
    with pytest.raises(ValueError, match="none in both"):
        race(on_quadratic([1.0], 5), SPACES, trials=2, tuning=tuning, seeds=seeds)


def test_other_processes_find_the_same():
    track = on_data(few(), (5,), 10, batch_size=20)
    ways = {"trials": 3, "tuning": (0,), "seeds": (1, 2)}
    here, there = race(track, SPACES, **ways), race(track, SPACES, jobs=2, **ways)
    for name in SPACES:
        np.testing.assert_allclose(here[name].judge, there[name].judge, rtol=1e-9)


def test_a_readers_rule_runs_as_the_others():
    @rule
    def signs(w, g, s=START, *, lr):
        return w - lr * np.sign(g), State(s.t + 1)

    track = on_quadratic([1.0, 2.0], 50)
    result = race(track, {"signs": Contender(signs, {"lr": Log(0.001, 1)})}, trials=8)["signs"]
    assert expected(result)[-1] < -1
    plain = Contender(
        lambda w, g, s=START, *, lr: (w - lr * np.sign(g), State(s.t + 1)), {"lr": Log(0.001, 1)}
    )
    np.testing.assert_array_equal(race(track, {"x": plain}, trials=8)["x"].judge, result.judge)


def test_rules_with_a_state_of_their_own_race_too():
    ways = {
        name: Contender(one, {"lr": Log(0.001, 1)}) for name, one in (("nadam", nadam), ("amsgrad", amsgrad))
    }
    for result in race(on_quadratic([1.0, 2.0], 50), ways, trials=8).values():
        assert expected(result)[-1] < -1


# On images


@pytest.mark.parametrize(
    "name",
    [
        "digits",
        pytest.param("mnist", marks=pytest.mark.skipif(not REAL, reason="DESCENT_MNIST names no folder")),
    ],
)
def test_more_trials_find_better_settings_on_images(name):
    data = cut(digits(validation=0.4) if name == "digits" else mnist(REAL), 400, 400)
    track = on_data(data, (16,), 60, batch_size=32)
    for result in race(track, SPACES, trials=10).values():
        curve = expected(result)
        assert curve[-1] < 0.6 * curve[0] and curve[-1] < 0.9
