"""Calling a function at many points, wherever joblib runs it, whatever happens to its workers."""

import itertools
import time
import traceback
from concurrent.futures import BrokenExecutor
from functools import partial
from multiprocessing import TimeoutError as NoAnswer

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs

from lib.sweep.points import key

__all__ = ["make_tasks", "outcomes"]

PATIENCE = 60  # seconds to wait for new workers in place of dead ones


def make_tasks(points, indices, vectorised):
    """What to call: (indices of points, arguments, whether they are a block on a leading axis).

    >>> points = [{"a": 1, "b": 5}, {"a": 2, "b": 5}]
    >>> make_tasks(points, [0, 1], ())
    [((0,), {'a': 1, 'b': 5}, False), ((1,), {'a': 2, 'b': 5}, False)]
    >>> make_tasks(points, [0, 1], ("a",))
    [((0, 1), {'b': 5, 'a': array([1, 2])}, True)]
    """
    if not vectorised:
        return [((i,), points[i], False) for i in indices]
    blocks = {}
    for i in indices:
        rest = {name: value for name, value in points[i].items() if name not in vectorised}
        blocks.setdefault(key(rest), (rest, []))[1].append(i)
    return [
        (tuple(ids), rest | {name: np.array([points[i][name] for i in ids]) for name in vectorised}, True)
        for rest, ids in blocks.values()
    ]


def outcomes(function, tasks, jobs, retries, timeout):
    """Yield (indices, results, fault) for every task, in any order, though workers may die.

    `results`: one dict of arrays for each index, or None with a `fault` (error, traceback).

    >>> tasks = make_tasks([{"x": 3}], [0], ())
    >>> list(outcomes(lambda x: {"y": x + 0.5}, tasks, None, 0, None))
    [((0,), [{'y': array(3.5)}], None)]
    """
    todo, deaths, workers = dict(enumerate(tasks)), 0, effective_n_jobs(jobs)
    while todo:
        if deaths and not _workers_are_back(jobs, workers):
            for indices, *_ in todo.values():
                yield indices, None, (f"no worker came back within {PATIENCE} seconds", "")
            return
        alone = deaths > retries  # then only the one who kills its worker goes down with it
        now = dict(itertools.islice(todo.items(), 1)) if alone else dict(todo)
        # a task is one object: joblib would keep large arguments on one Dask worker, which may die
        calls = (delayed(partial(_call, number, function, *task))() for number, task in now.items())
        parallel = Parallel(jobs, return_as="generator_unordered", batch_size=1, timeout=timeout)
        try:
            for number, results, fault in parallel(calls):
                indices = todo.pop(number)[0]
                yield indices, results, fault
        except (BrokenExecutor, NoAnswer, TimeoutError) as error:
            died = isinstance(error, BrokenExecutor)
            deaths = deaths + 1 if died else retries + 1
            if alone:
                (number,) = now
                why = (
                    f"its worker died: {type(error).__name__}"
                    if died
                    else f"no result within {timeout} seconds"
                )
                yield todo.pop(number)[0], None, (why, "")


def _workers_are_back(jobs, before):
    """Wait for workers where there were some: with a single one joblib would run a killer here."""
    end = time.monotonic() + PATIENCE
    while before > 1 and effective_n_jobs(jobs) == 1:
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _call(number, function, indices, arguments, block):
    """One task, in whatever process: its number, its results row by row, and its fault."""
    try:
        arrays = _arrays(function(**arguments))
        if not block:
            return number, [arrays], None
        for name, array in arrays.items():
            if array.shape[:1] != (len(indices),):
                raise ValueError(
                    f"{name} has shape {array.shape}; allowed is ({len(indices)}, ...), one row for each run"
                )
        return number, [{name: a[row] for name, a in arrays.items()} for row in range(len(indices))], None
    except Exception as error:
        return number, None, (f"{type(error).__name__}: {error}", traceback.format_exc())


def _arrays(result):
    if not _is_dict(result) or not result:
        raise TypeError(f"the function returned {result!r}; allowed are dicts and NamedTuples of arrays")
    arrays = {}
    for name, value in (result._asdict() if hasattr(result, "_asdict") else result).items():
        if _is_dict(value):  # such as the state in a History: its parts become state.t, state.m, state.v
            arrays |= {f"{name}.{part}": array for part, array in _arrays(value).items()}
            continue
        array = np.array(value)
        if not isinstance(name, str) or array.dtype.kind not in "biufc":
            raise TypeError(f"{name!r} has dtype {array.dtype}; allowed are arrays of numbers under names")
        arrays[name] = array
    return arrays


def _is_dict(value):
    return isinstance(value, dict) or hasattr(value, "_asdict")
