"""Results in a folder, one .npz file for each point, so that a sweep can be continued."""

import os
import zipfile
import zlib
from pathlib import Path

import numpy as np

from lib.sweep.points import key, label

__all__ = ["Store"]


class Store:
    """A folder of one .npz file for each point, all from one function.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = Store(folder.name, sum)
    >>> store.write({"x": 1}, {"y": np.array(2.5)})
    >>> store.read([{"x": 0}, {"x": 1}]), store.path({"x": 1}).suffix
    ({1: {'y': array(2.5)}}, '.npz')
    >>> folder.cleanup()
    """

    def __init__(self, folder, function):
        inner = getattr(function, "func", function)  # of a partial
        self.name = f"{inner.__module__}.{getattr(inner, '__qualname__', type(inner).__qualname__)}"
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, point):
        """Where the results of a point are."""
        return self.folder / f"{key(point)[:32]}.npz"

    def read(self, points):
        """Index to arrays of the points that are there; a damaged file counts as missing."""
        found = {}
        for i, point in enumerate(points):
            try:
                with np.load(self.path(point), allow_pickle=False) as file:
                    name = str(file["function"])
                    arrays = {
                        n.removeprefix("result."): file[n] for n in file.files if n.startswith("result.")
                    }
            except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error):
                continue
            if name != self.name:
                raise ValueError(
                    f"{self.folder} holds results of {name}, not of {self.name}; take another folder"
                )
            found[i] = arrays
        return found

    def write(self, point, arrays):
        """Write a point's results: whole or, if the process is killed, not at all."""
        path = self.path(point)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            named = {f"result.{name}": array for name, array in arrays.items()}
            np.savez(file, function=self.name, point=label(point), **named)
        os.replace(temporary, path)
