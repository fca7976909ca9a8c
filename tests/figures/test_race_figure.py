"""The fair race of the figure is that of lib.race, and so is what it makes of it."""

import numpy as np
import pytest

from lib import race
from lib.data import digits
from lib.experiments import cut
from lib.figures import fair_race
from lib.race import Contender, Log, Memory
from lib.rules import adam, momentum, rmsprop, sgd

CONTENDERS = {
    "SGD": Contender(sgd, {"lr": Log(1e-3, 10)}),
    "momentum": Contender(momentum, {"lr": Log(1e-3, 10), "beta": Memory(1, 100)}),
    "RMSProp": Contender(rmsprop, {"lr": Log(1e-4, 1), "beta": Memory(2, 1000)}),
    "Adam": Contender(adam, {"lr": Log(1e-4, 1)}),
    "Adam (all four)": Contender(
        adam,
        {"lr": Log(1e-4, 1), "beta1": Memory(1, 100), "beta2": Memory(2, 1000), "eps": Log(1e-8, 1)},
    ),
}
SEEDS = {"trials": 48, "tuning": (0, 1, 2), "seeds": range(10, 18)}


def compare(track, luck, key, names, atol):
    results = race.race(track, {name: CONTENDERS[name] for name in names}, luck=luck, **SEEDS)
    for name, result in results.items():
        kept = np.array(fair_race.SCORES[key][name])
        again = result.judge[:, -1, result.order].mean(axis=0)
        assert kept[0] == pytest.approx(again[0], abs=atol)
        # which trial is which may differ by rounding far down the list; what they bring may not
        np.testing.assert_allclose(fair_race.expected(kept), race.expected(result), atol=atol)


def test_scores_on_the_quadratic():
    hill = race.on_quadratic(np.geomspace(0.01, 1, 20), 200, rotate=0)
    for key, luck in (("hill", 0), ("hill2", 2)):
        compare(hill, luck, key, CONTENDERS, 0.06)


def test_scores_on_the_net():
    net = race.on_data(cut(digits(validation=0.5), 400, 898), (24, 12), 150, batch_size=32, looks=(50, 150))
    for key, luck in (("net", 0), ("net2", 1)):
        compare(net, luck, key, ("Adam", "momentum"), 0.01)


def test_the_script_expects_what_the_library_does(js):
    for scores in fair_race.SCORES.values():
        for values in scores.values():
            ours = [
                js('modules["fair_race.js"].expected(scores, k)', scores=values, k=k)
                for k in (1, 2, 7, 47, 48)
            ]
            exact = race.chances(48) @ np.array(values)
            np.testing.assert_allclose(ours, exact[[0, 1, 6, 46, 47]], rtol=1e-10, atol=1e-12)
            np.testing.assert_allclose(fair_race.expected(values), exact, rtol=1e-10, atol=1e-12)


def test_every_race_has_scores(js):
    races = js('modules["fair_race.js"].RACES')
    assert races.keys() == fair_race.SCORES.keys()
    for key, (_, _, (low, high)) in races.items():
        curves = [fair_race.expected(values) for values in fair_race.SCORES[key].values()]
        assert low < np.min(curves) and np.max(curves) < high


def test_the_order_changes_with_budget_and_draw():
    def first(key, budget):
        scores = fair_race.SCORES[key]
        return min(scores, key=lambda name: fair_race.expected(scores[name])[budget - 1])

    assert [first("hill", 4), first("hill", 32), first("hill2", 4)] == ["Adam", "momentum", "momentum"]
    assert [first("net", 4), first("net", 48), first("net2", 48)] == ["Adam", "momentum", "Adam (all four)"]
