"""The call that runs a sweep."""

import inspect
import itertools

from lib.loop.progress import bar
from lib.ranges import positive, whole
from lib.sweep.points import label, read_grid
from lib.sweep.running import make_tasks, outcomes
from lib.sweep.store import Store
from lib.sweep.table import Failure, PointsFailed, stack

__all__ = ["sweep"]


def sweep(
    function,
    grid,
    *,
    vectorised=(),
    jobs=None,
    folder=None,
    errors="raise",
    retries=2,
    timeout=None,
    progress=None,
):
    r"""Call `function(**point)` for every point of a grid, and return a `Table` of the results.

    $$ \text{points} = V_1 \times V_2 \times \cdots, \qquad V_i = \text{the values of axis } i $$

    - `function` returns a dict or NamedTuple of numbers and arrays, of the same names and shapes
      at every point; one inside another becomes `outer.inner`. Random numbers come from a seed in the grid, or from `seed_of(**point)`.
    - `grid`: name to values (numbers, strings, None, named functions, tuples of these).
    - `vectorised`: names of axes of numbers that go on one leading axis: the function is called
      once for all R combinations of their values, each an array (R,), and every result begins with
      an axis of R. If that call fails, its R points are called one by one, with arrays (1,).
    - `jobs`: how many processes, -1 for one per processor, None for what `joblib.parallel_config`
      says (outside of it, no other process). Inside `joblib.parallel_config(backend="dask")` the
      points run on the Dask cluster of the current client (on a cluster of a single thread joblib
      runs them here instead). Functions travel with their data: load large data inside them.
    - `folder`: every result is written there, as an .npz file, when it arrives; a sweep with the
      same folder and function then computes only what is missing. The folder knows the function by
      its name: when the function changes, take another folder.
    - `errors`: "raise" ends, when all points have had their turn, in `PointsFailed`, which carries
      the table; "keep" returns the table, with its `failures`.
    - `retries` >= 0: how often work is handed out again after a worker died; then the points left go
      one by one, and only one whose worker dies again fails. A Dask cluster retries by itself.
    - `timeout`: seconds > 0 without any result after which the points left go one by one, and those
      without a result in this time fail; None waits. On a Dask cluster choose one: joblib never
      hears of a task that Dask has given up because it kills its workers.
    - `progress`: a bar, True or False; None: if somebody watches.

    Raises at once: TypeError or ValueError for arguments outside what is said here, or for a
    folder of another function.

    >>> import numpy as np
    >>> def walk(lr, steps):
    ...     return {"w": (1 - lr) ** np.arange(steps)}
    >>> sweep(walk, {"lr": [0.5, 1.0], "steps": [3]}).select(steps=3)["w"]
    array([[1.  , 0.5 , 0.25],
           [1.  , 0.  , 0.  ]])
    """
    axes = read_grid(grid)
    points = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    vectorised = (vectorised,) if isinstance(vectorised, str) else tuple(vectorised)
    _check(function, axes, points, vectorised, jobs, errors, retries, timeout)
    store = Store(folder, function) if folder is not None else None
    done = {} if store is None else store.read(points)
    failed = {}
    shown = bar(progress, len(points), len(done))
    try:
        tasks = make_tasks(points, [i for i in range(len(points)) if i not in done], vectorised)
        while tasks:
            again = []
            for indices, rows, fault in outcomes(function, tasks, jobs, retries, timeout):
                if fault and len(indices) > 1:  # one spoils all of a block: next, each has its own call
                    again += [task for i in indices for task in make_tasks(points, [i], vectorised)]
                    continue
                for place, i in enumerate(indices):
                    if fault:
                        failed[i] = Failure(points[i], *fault)
                    else:
                        done[i] = rows[place]
                        if store is not None:
                            store.write(points[i], rows[place])
                    if shown is not None:
                        shown.update()
            tasks = again
    finally:
        if shown is not None:
            shown.close()
    table = stack(axes, points, done, failed)
    if table.failures and errors == "raise":
        raise PointsFailed(table)
    return table


def _check(function, axes, points, vectorised, jobs, errors, retries, timeout):
    if not callable(function):
        raise TypeError(f"function is {function!r}; allowed are functions")
    try:
        signature = inspect.signature(function)
    except ValueError:  # some functions written in C have none
        pass
    else:
        try:
            signature.bind(**points[0])
        except TypeError as error:
            raise TypeError(f"function does not take a point ({label(points[0])}): {error}") from None
    for name in vectorised:
        if name not in axes:
            raise ValueError(f"vectorised names {name!r}; the grid has {', '.join(axes)}")
        if not all(type(value) in (int, float) for value in axes[name]):
            raise TypeError(f"vectorised names {name!r}, which holds other things than numbers")
    if jobs is not None and (type(jobs) is not int or jobs == 0):
        raise ValueError(
            f"jobs is {jobs!r}; allowed are None, whole numbers >= 1, and -1 for every processor"
        )
    if errors not in ("raise", "keep"):
        raise ValueError(f"errors is {errors!r}; allowed are 'raise' and 'keep'")
    whole("retries", retries)
    if timeout is not None:
        positive("timeout", timeout)
