"""Who races, with which settings, and the race itself."""

from functools import partial
from typing import NamedTuple

import numpy as np

from lib.contract import START
from lib.loop.stepping import Stepper
from lib.ranges import at_least_one
from lib.sweep import sweep

__all__ = ["Contender", "Log", "Memory", "Result", "draw", "measure", "race"]


class Log(NamedTuple):
    r"""Numbers whose logarithm is drawn evenly: $x = \text{low}\,(\text{high}/\text{low})^u$.

    >>> float(Log(0.01, 1.0).at(0.5))
    0.1
    """

    low: float
    high: float

    def at(self, u):
        """The number at the quantile `u` in [0, 1]."""
        return self.low * (self.high / self.low) ** u


class Memory(NamedTuple):
    r"""Betas whose memory, $1/(1-\beta)$ steps from 1 up, is drawn evenly on a logarithmic scale.

    >>> float(Memory(1, 100).at(0.5))
    0.9
    """

    low: float
    high: float

    def at(self, u):
        """The beta at the quantile `u` in [0, 1]."""
        return 1 - 1 / Log(self.low, self.high).at(u)


class Contender(NamedTuple):
    """A rule and its `space`: name of a setting to `Log`, `Memory`, or a number that stays.

    >>> from lib.rules import sgd
    >>> Contender(sgd, {"lr": Log(0.01, 1)}).space["lr"].high
    1
    """

    rule: object
    space: dict


class Result(NamedTuple):
    """A contender's N trials, scored at K looks: with S seeds that choose, with F that judge.

    `settings`: name to (N,); `choose` (S, K, N), `judge` (F, K, N).

    >>> Result({"lr": np.array([1.0])}, np.array([[[3.0]]]), np.array([[[4.0]]])).best
    {'lr': 1.0}
    """

    settings: dict
    choose: np.ndarray
    judge: np.ndarray

    @property
    def order(self):
        """The trials from the one that looked best to the worst: indices (N,).

        >>> Result({}, np.array([[[3.0, 1.0, 2.0]]]), np.zeros((1, 1, 3))).order
        array([1, 2, 0])
        """
        return np.argsort(self.choose[:, -1].mean(axis=0), kind="stable")

    @property
    def best(self):
        """The settings that looked best, as name to number."""
        return {name: float(values[self.order[0]]) for name, values in self.settings.items()}


def draw(space, trials, seed):
    """Settings drawn from a space: name to (trials,). A setting's numbers depend on its name and the seed.

    So contenders that share a setting try the same values of it, and more trials begin with the same.

    >>> draw({"lr": Log(0.01, 1), "eps": 1e-8}, 2, seed=0)["eps"]
    array([1.e-08, 1.e-08])
    """
    at_least_one("trials", trials)
    drawn = {}
    for name, way in space.items():
        u = np.random.default_rng([seed, *name.encode()]).random(trials)
        drawn[name] = way.at(u) if hasattr(way, "at") else np.full(trials, float(way))
    return drawn


def measure(track, rule, settings, seeds, *, judge=True, jobs=None):
    """Score every setting with every seed: (seeds, looks, N).

    `settings`: name to (N,); all N run at once on a leading axis. No score is worse than the start's,
    which one can always keep; a run that diverged has that.
    `jobs`: processes, as in `sweep`; inside `joblib.parallel_config(backend="dask")` the seeds go to
    the Dask cluster.

    >>> from lib.race import on_quadratic
    >>> from lib.rules import sgd
    >>> track = on_quadratic([1.0, 4.0], steps=50)
    >>> scores = measure(track, sgd, {"lr": np.array([0.25, 9.0])}, (0, 1))[:, -1]  # 9 diverges
    >>> scores.shape, bool(np.all(scores[:, 0] < -9)), bool(np.all(np.abs(scores[:, 1]) < 1e-12))
    ((2, 2), True, True)
    """
    call = partial(_run, track=track, rule=rule, settings=settings, judge=judge)
    return sweep(call, {"seed": list(seeds)}, jobs=jobs, progress=False)["score"]


def _run(seed, track, rule, settings, judge):
    columns = {name: np.asarray(values)[:, None] for name, values in settings.items()}
    runs = len(next(iter(columns.values())))
    w, s = np.repeat(track.start(seed)[None], runs, axis=0), START
    first = track.score(w[:1], judge)
    step, scores = Stepper(rule, w, s, lr=columns.pop("lr"), clip=None, hyper=columns), []
    with np.errstate(all="ignore"):  # a run may diverge: the others are other rows
        for t in range(track.looks[-1]):
            w, s = step(t, w, track.gradient(w, t, seed), s)
            if t + 1 in track.looks:
                scores.append(np.fmin(track.score(w, judge), first))  # NaN counts as the start
    return {"score": np.array(scores)}


def race(track, contenders, *, trials, tuning=(0, 1), seeds=(10, 11, 12), luck=0, jobs=None):
    """Race all contenders with equal budgets: name to `Result`.

    `contenders`: name to `Contender`; `trials`: settings drawn for each, from the seed `luck`;
    `tuning` and `seeds`: distinct whole numbers, none in both. A contender's result does not depend
    on who else runs. ValueError for other seeds.

    >>> from lib.race import on_quadratic
    >>> from lib.rules import sgd
    >>> track = on_quadratic([1.0, 4.0], steps=20)
    >>> race(track, {"sgd": Contender(sgd, {"lr": Log(0.01, 1)})}, trials=5)["sgd"].judge.shape
    (3, 1, 5)
    """
    if len({*tuning, *seeds}) < len(tuning) + len(seeds) or not len(tuning) or not len(seeds):
        raise ValueError(f"tuning is {tuning}, seeds {seeds}; allowed are distinct ones, none in both")
    results = {}
    for name, (rule, space) in contenders.items():
        settings = draw(space, trials, luck)
        choose = measure(track, rule, settings, tuning, judge=False, jobs=jobs)
        judge = measure(track, rule, settings, seeds, jobs=jobs)
        results[name] = Result(settings, choose, judge)
    return results
