"""What a sweep returns: arrays indexed by the grid, and what failed."""

import math
from typing import NamedTuple

import numpy as np

from lib.sweep.points import describe, label

__all__ = ["Failure", "PointsFailed", "Table"]


class Failure(NamedTuple):
    """A point without a result: its arguments, what went wrong, and the worker's traceback.

    >>> Failure({"lr": 10.0}, "Diverged: try a smaller lr", "").point["lr"]
    10.0
    """

    point: dict
    error: str
    traceback: str


class PointsFailed(RuntimeError):
    """Some points of a sweep have no result; `table` holds all others and lists the `failures`.

    >>> print(PointsFailed(Table({"lr": (1.0,)}, {}, (Failure({"lr": 1.0}, "ValueError: no", ""),))))
    1 of 1 points failed; the others are in .table
      lr=1.0: ValueError: no
    """

    def __init__(self, table):
        total, failures = math.prod(map(len, table.axes.values())), table.failures
        lines = [f"{len(failures)} of {total} points failed; the others are in .table"]
        lines += [f"  {label(failure.point)}: {failure.error}" for failure in failures[:5]]
        lines += ["  ..."] if len(failures) > 5 else []
        super().__init__("\n".join(lines))
        self.table = table


class Table:
    """The results of a sweep: arrays whose first axes are those of the grid, in its order.

    `axes`: name to tuple of values; `arrays`: name to array of shape (*grid, *shape of one
    result), also as `table["loss"]`; `failures`: a `Failure` for every point without a result.
    There the arrays hold NaN (whole numbers and booleans become float64 to be able to say so).

    >>> from lib.sweep import sweep
    >>> table = sweep(lambda lr, seed: {"loss": lr * seed}, {"lr": [0.1, 0.5], "seed": [1, 2, 3]})
    >>> table
    Table(2 lr x 3 seed: loss (2, 3))
    >>> table.select(lr=0.5)["loss"]
    array([0.5, 1. , 1.5])
    """

    def __init__(self, axes, arrays, failures=()):
        self.axes, self.arrays, self.failures = axes, arrays, failures

    def __getitem__(self, name):
        if name not in self.arrays:
            raise KeyError(f"no array {name!r}; there are {', '.join(self.arrays) or 'none'}")
        return self.arrays[name]

    def __repr__(self):
        grid = " x ".join(f"{len(values)} {name}" for name, values in self.axes.items())
        arrays = ", ".join(f"{name} {array.shape}" for name, array in self.arrays.items())
        failed = f"; {len(self.failures)} failed" if self.failures else ""
        return f"Table({grid or 'one point'}: {arrays or 'no results'}{failed})"

    def select(self, **wanted):
        """The part of the table at some values: a single value drops its axis, a list keeps it.

        Numbers are found to nine digits. KeyError for an axis, ValueError for a value that is not there.

        >>> from lib.sweep import sweep
        >>> table = sweep(lambda lr, seed: {"loss": lr * seed}, {"lr": [0.1, 0.5], "seed": [1, 2, 3]})
        >>> table.select(lr=[0.5], seed=3)["loss"]
        array([1.5])
        """
        for name in wanted:
            if name not in self.axes:
                raise KeyError(f"no axis {name!r}; there are {', '.join(self.axes)}")
        axes, keep, index = {}, {}, []
        for name, values in self.axes.items():
            some = wanted.get(name, list(values))
            single = not isinstance(some, (list, np.ndarray))
            places = [_place(name, values, value) for value in ([some] if single else some)]
            keep[name] = [values[place] for place in places]
            index.append(places)
            if not single:
                axes[name] = tuple(keep[name])
        single = tuple(i for i, name in enumerate(self.axes) if name not in axes)
        arrays = {n: a[np.ix_(*index)].squeeze(axis=single) for n, a in self.arrays.items()}
        inside = (f for f in self.failures if all(f.point[name] in keep[name] for name in keep))
        return Table(axes, arrays, tuple(inside))


def _place(name, values, value):
    if value in values:
        return values.index(value)
    for place, other in enumerate(values):
        if isinstance(other, float) and isinstance(value, (int, float)) and math.isclose(other, value):
            return place
    raise ValueError(f"{name} is {value!r}; the grid has {', '.join(map(describe, values))}")


def stack(axes, points, done, failed):
    """Stack the results; one that is shaped unlike the first counts as failed."""
    done, failed = dict(sorted(done.items())), dict(failed)
    shapes = [{name: a.shape for name, a in arrays.items()} for arrays in done.values()]
    for i, shape in zip(list(done), shapes, strict=True):
        if shape != shapes[0]:
            first = label(points[next(iter(done))])
            failed[i] = Failure(
                points[i], f"ValueError: results of shapes {shape}, but {shapes[0]} at {first}", ""
            )
    good = {i: arrays for i, arrays in done.items() if i not in failed}
    grid, arrays = tuple(map(len, axes.values())), {}
    for name, shape in shapes[0].items() if shapes else ():
        dtype = np.result_type(*(results[name].dtype for results in good.values()))
        if failed and dtype.kind in "biu":
            dtype = np.dtype(float)
        flat = np.full((len(points), *shape), np.nan if failed else 0, dtype)
        for i, results in good.items():
            flat[i] = results[name]
        arrays[name] = flat.reshape(*grid, *shape)
    return Table(axes, arrays, tuple(failed[i] for i in sorted(failed)))
