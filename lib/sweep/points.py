"""The points of a grid: what values they may have, and what tells one from another."""

import hashlib

import numpy as np

__all__ = ["describe", "key", "label", "read_grid", "seed_of"]


def seed_of(**point):
    """A seed that belongs to a point: the same in every process and order, another for each point.

    Takes what a grid may hold; returns a whole number below 2**64, for `np.random.default_rng`.
    The number 1 and the number 1.0 are different points.

    >>> seed_of(lr=0.1, run=3) == seed_of(run=3, lr=0.1) != seed_of(lr=0.1, run=4)
    True
    """
    return int(key(point)[:16], 16)


def key(point):
    """64 hexadecimal digits for a point, whatever the order of its names.

    >>> key({"lr": 0.1, "seed": 0}) == key({"seed": 0, "lr": 0.1})
    True
    """
    text = "\n".join(f"{name}={describe(point[name])}" for name in sorted(point))
    return hashlib.sha256(text.encode()).hexdigest()


def label(point):
    """A point as text for messages.

    >>> label({"lr": 0.1, "name": "adam"})
    "lr=0.1, name='adam'"
    """
    return ", ".join(f"{name}={describe(value)}" for name, value in point.items())


def describe(value):
    """A value of a grid as text that says all about it; TypeError if no text can.

    >>> describe((np.float64(0.5), None, "a", describe))
    "(0.5, None, 'a', lib.sweep.points.describe)"
    """
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(describe, value))})"
    name = getattr(value, "__qualname__", "<") if callable(value) else "<"
    if "<" in name:  # a lambda, a local function or an object: its name does not tell it from others
        raise TypeError(
            f"a grid holds {value!r}; allowed are numbers, strings, None, functions with a name of "
            "their own and tuples of these: build other things inside the function"
        )
    return f"{value.__module__}.{name}"


def read_grid(grid):
    """The grid as name to tuple of Python values; TypeError or ValueError for what is no grid.

    >>> read_grid({"lr": np.array([0.5, 1.0]), "seed": range(3)})
    {'lr': (0.5, 1.0), 'seed': (0, 1, 2)}
    """
    if not isinstance(grid, dict) or not grid:
        raise TypeError(f"grid is {grid!r}; allowed is a dict of names and values")
    axes = {}
    for name, values in grid.items():
        if not isinstance(values, (list, tuple, range, np.ndarray)) or len(values) == 0:
            raise TypeError(
                f"{name} is {values!r}; allowed are lists, ranges and arrays of at least one value"
            )
        # NumPy's scalars become Python's, which change no dtype
        axes[name] = tuple(v.item() if isinstance(v, np.generic) else v for v in values)
        texts = [describe(v) for v in axes[name]]
        for text in sorted(texts):
            if len(set(texts)) < len(texts) and texts.count(text) > 1:
                raise ValueError(f"{name} has {text} more than once; allowed are different values")
    return axes
