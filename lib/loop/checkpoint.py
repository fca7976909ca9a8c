"""A checkpoint: one `.npz` that is whole at every moment, and is believed only after inspection.

It is written to a temporary file beside it, forced to the disk and renamed, so that whoever is
killed leaves the old one or the new one, never half of one. It holds plain numbers, stored and not
compressed; nothing is ever unpickled. Before a member is read, its declared shape and dtype must
account for its size to the byte, so no file makes the reader take more memory than its own length.
"""

import json
import math
import os
import re
import stat
import zipfile

import numpy as np
from numpy.lib import format as npy

__all__ = ["CheckpointError", "load", "save"]

FORMAT = "descent checkpoint 1"
META = "meta"
META_BYTES = 2**20
MEMBERS = 64


class CheckpointError(ValueError):
    """A checkpoint is damaged, is no checkpoint, or belongs to another training.

    >>> str(CheckpointError("run.npz is damaged"))
    'run.npz is damaged'
    """


def save(path, meta, arrays):
    """Write `meta` (what JSON can say) and `arrays` (name: array of numbers) to `path` in one stroke.

    A process killed at any moment leaves the file as it was before or as it is after.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(Path(folder, "x.npz"), {"t": 3}, {"w": np.ones(2)})
    ...     meta, arrays = load(Path(folder, "x.npz"), limit=10**6)
    >>> meta["t"], arrays["w"]
    (3, array([1., 1.]))
    """
    text = json.dumps({"format": FORMAT, **meta}).encode()
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            np.savez(file, **{META: np.frombuffer(text, np.uint8)}, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    if os.name == "posix":  # the new name, too, shall outlive a loss of power
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def sweep(path):
    """Remove the temporary files that killed processes have left beside `path`.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, "x.npz.123.tmp").touch()
    ...     sweep(Path(folder, "x.npz"))
    ...     os.listdir(folder)
    []
    """
    for left in path.parent.iterdir():
        if re.fullmatch(re.escape(path.name) + r"\.\d+\.tmp", left.name):
            left.unlink(missing_ok=True)


def load(path, *, limit):
    """Read what `save` wrote: (meta, arrays). `limit`: the largest size believed, in bytes.

    CheckpointError, naming the file and what is wrong with it, for anything else than a whole
    checkpoint: truncated, altered, compressed, larger than `limit`, with objects, with shapes that
    do not account for their bytes. Example: `save`.

    >>> load(__file__, limit=10**6)
    Traceback (most recent call last):
    lib.loop.checkpoint.CheckpointError: ... is no checkpoint, or damaged (File is not a zip file)
    """
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise CheckpointError(f"{path} is not a file")
    if status.st_size > limit:
        raise CheckpointError(
            f"{path} has {status.st_size} bytes; a checkpoint of this training has at most {limit}"
        )
    with open(path, "rb") as file:
        try:
            arrays = _read(file, status.st_size)
            meta = json.loads(arrays.pop(META).tobytes())
            if not isinstance(meta, dict) or meta.get("format") != FORMAT:
                raise ValueError(f"its format is not {FORMAT!r}")
        except Exception as error:  # whatever a hostile file makes zipfile, NumPy and json raise
            raise CheckpointError(f"{path} is no checkpoint, or damaged ({error})") from error
    return meta, arrays


def _read(file, size):
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        if len(members) > MEMBERS or len(set(names)) < len(names) or f"{META}.npy" not in names:
            raise ValueError(f"its members are {', '.join(names[:MEMBERS])[:200]}")
        if sum(member.file_size for member in members) > size:
            raise ValueError("its members are larger than the file")
        arrays = {}
        for member in members:
            name, _, ending = member.filename.rpartition(".")
            if ending != "npy" or not name.isidentifier():
                raise ValueError(f"it has a member {member.filename[:100]!r}")
            if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
                raise ValueError(f"{name} is compressed")
            if name == META and member.file_size > META_BYTES:
                raise ValueError(f"{META} has {member.file_size} bytes")
            with archive.open(member) as stream:
                arrays[name] = _array(stream, name, member.file_size)
    if arrays[META].dtype != np.uint8 or arrays[META].ndim != 1:
        raise ValueError(f"{META} is no text")
    return arrays


def _array(stream, name, size):
    if npy.read_magic(stream) != (1, 0):
        raise ValueError(f"{name} is in another version of the array format")
    shape, fortran, dtype = npy.read_array_header_1_0(stream)
    if dtype.kind not in "fiu" or fortran:
        raise ValueError(f"{name} has dtype {dtype}; allowed are numbers")
    if min(shape, default=0) < 0 or stream.tell() + math.prod(shape) * dtype.itemsize != size:
        raise ValueError(f"{name} claims the shape {shape}, which is not its size")
    data = stream.read()  # to the end: there the checksum is compared
    return np.frombuffer(data, dtype).reshape(shape).copy()
