r"""Data sets: scikit-learn's digits, the notes' points, and the MNIST family read from its own files.

Each function returns `Data`, what training takes. Nothing is stored in this repository, and only
`mnist` without a folder ever asks the network.
"""

import gzip
import hashlib
import math
import sys
import zlib
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib.problems import gaussian_points
from lib.ranges import positive, whole

__all__ = ["BadFile", "Data", "digits", "gaussian", "idx", "mnist"]

# Bytes of pixels that a file may announce, some 340 000 images of 28 x 28: eight times as much in float64.
LIMIT = 2**28

# The four original files: SHA-256 sums as the TensorFlow data sets and others publish them.
NAMES = tuple(f"{p}-{k}-ubyte.gz" for p in ("train", "t10k") for k in ("images-idx3", "labels-idx1"))
SOURCES = {
    "mnist": (
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
    "fashion": (
        (
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        ),
        (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
}


class Data(NamedTuple):
    """Examples to learn from and examples to judge by.

    `X_train` (N, D) and `X_val` (M, D) float64 in [0, 1]; `y_train` (N,) and `y_val` (M,) int64
    classes 0, 1, ...

    >>> Data(np.zeros((2, 1)), np.array([0, 1]), np.ones((1, 1)), np.array([1])).y_val
    array([1])
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray


class BadFile(ValueError):
    """A file that is not the IDX file it should be; the message names the file and the fault.

    >>> str(BadFile("t10k-images-idx3-ubyte.gz is cut off"))
    't10k-images-idx3-ubyte.gz is cut off'
    """


# Sets that need no file ---------------------------------------------------------------------------


def digits(seed=0, *, validation=0.2):
    r"""The 1797 handwritten digits of 8 x 8 pixels that scikit-learn carries, in ten classes.

    `seed` of the shuffle, a whole number; `validation`: the share, in (0, 1), that is set aside
    for `X_val`, the rest trains: by default 1438 and 359. Grey levels 0, 1, ..., 16 become X in
    [0, 1]. The sets are not stratified. ValueError for other values. Source: the test part of the
    UCI set of Alpaydin and Kaynak (1998).

    >>> data = digits()
    >>> data.X_train.shape, data.X_val.shape, data.y_val[:5]
    ((1438, 64), (359, 64), array([8, 8, 9, 8, 3]))
    """
    from sklearn.datasets import load_digits  # here, because it takes a second

    bunch = load_digits()
    return _split(bunch.data / 16, bunch.target, seed, validation)


def gaussian(n=500, seed=0, *, validation=0.2):
    r"""The notes' Gaussian points as a data set of two classes: is a point above the axis or below?

    $$ X = \frac{p - \min p}{\max p - \min p}, \qquad y = 1[p_2 > 0] $$

    `n` >= 2 points p drawn from `seed`, as `problems.gaussian_points` gives them unscaled; each
    coordinate is stretched to [0, 1]. `validation` as in `digits`; the same seed shuffles.
    ValueError for other values.

    >>> gaussian(10).X_train.shape, gaussian(10).y_val
    ((8, 2), array([0, 1]))
    """
    whole("n", n)
    if n < 2:
        raise ValueError(f"n is {n}; allowed are whole numbers >= 2")
    points, labels = gaussian_points(n, seed)
    low, high = points.min(axis=0), points.max(axis=0)
    return _split((points - low) / (high - low), labels, seed, validation)


def _split(X, y, seed, validation):
    """Shuffle, then set the last share aside."""
    whole("seed", seed)
    positive("validation", validation)
    aside = round(validation * len(X))
    if not 0 < aside < len(X):
        raise ValueError(
            f"validation is {validation}; allowed are shares in (0, 1) that leave some of {len(X)} "
            "examples on either side"
        )
    order = np.random.default_rng(seed).permutation(len(X))
    train, val = order[:-aside], order[-aside:]
    y = y.astype(np.int64)
    return Data(X[train], y[train], X[val], y[val])


# The MNIST family ---------------------------------------------------------------------------------


def idx(images, labels):
    r"""Read a pair of IDX files, the format of MNIST and its family, plain or gzipped.

    `images`, `labels`: paths of files of unsigned bytes, with magic numbers 2051 and 2049. Returns
    X (N, rows * columns) float64 in [0, 1], bytes over 255, and y (N,) int64. Raises
    FileNotFoundError for a missing file; `BadFile` for one that is cut off, damaged, not IDX, has
    bytes left over, announces more than 2**28 bytes, or whose partner holds another number of
    examples. Decompression stops at the announced size, so that a gzip bomb fills no memory.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     images, labels = Path(folder, "images"), Path(folder, "labels")
    ...     _ = images.write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255]))
    ...     _ = labels.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 1, 7]))
    ...     idx(images, labels)
    (array([[0., 1.]]), array([7]))
    """
    y = _read(labels, ndim=1)
    pixels = _read(images, ndim=3)
    if len(y) != len(pixels):
        raise BadFile(f"{images} holds {len(pixels)} images, {labels} {len(y)} labels: they are no pair")
    return pixels.reshape(len(y), -1) / 255.0, y.astype(np.int64)


def _read(path, ndim):
    """The array of bytes of an IDX file of `ndim` dimensions."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there")
    if not path.is_file():
        raise BadFile(f"{path} is no file")
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            with gzip.GzipFile(fileobj=file) if zipped else nullcontext(file) as stream:
                return _array(stream, path, ndim)
        except EOFError:
            raise BadFile(f"{path} is cut off: its gzip stream has no end") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise BadFile(f"{path} is damaged: {error}") from None


def _array(stream, path, ndim):
    magic, wanted = stream.read(4), bytes([0, 0, 8, ndim])
    if magic != wanted:
        begins = f"begins with the bytes {magic.hex(' ')}" if magic else "is empty"
        kind = {1: "labels", 3: "images"}[ndim]
        raise BadFile(f"{path} {begins}; a file of {kind} begins with {wanted.hex(' ')}")
    header = stream.read(4 * ndim)
    if len(header) < 4 * ndim:
        raise BadFile(f"{path} is cut off inside its header")
    shape = tuple(int.from_bytes(header[i : i + 4], "big") for i in range(0, 4 * ndim, 4))
    size = math.prod(shape)  # Python's whole numbers do not overflow
    if not 0 < size <= LIMIT:
        raise BadFile(f"{path} announces an array of shape {shape}; allowed are 1 to {LIMIT} bytes")
    content = bytearray()
    while len(content) < size:
        chunk = stream.read(min(2**20, size - len(content)))
        if not chunk:
            raise BadFile(f"{path} is cut off: it holds {len(content)} of {size} bytes after its header")
        content += chunk
    if stream.read(1):  # at its end a gzip stream also compares its checksum
        raise BadFile(f"{path} has bytes left over after the {size} that its header announces")
    return np.frombuffer(content, np.uint8).reshape(shape)


def mnist(root=None, variant="mnist", *, seed=0, validation=0.2):
    r"""MNIST or Fashion-MNIST: 28 x 28 grey images of ten classes, from their original files.

    `root`: a folder that holds train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz and the two
    t10k-..., unzipped or not. With all four, the 60 000 images train and the 10 000 validate. With
    one pair only, that pair is shuffled by `seed` and the share `validation` of it set aside (the
    10 000: 8000 and 2000; their second half is harder than the first, hence the shuffle), so that
    results then compare with no published ones. `root=None`: the files come from this user's cache
    (pooch's), or are fetched from a public copy, checked by SHA-256 and cached.
    `variant`: "mnist" or "fashion".

    Raises ValueError for another variant; `BadFile` as `idx` does, and for files of the other
    variant; FileNotFoundError for a folder without a pair, or when nothing can be fetched, saying
    which files to put where. Sources: LeCun et al. (1998); Xiao, Rasul and Vollgraf (2017).

    >>> mnist(variant="letters")
    Traceback (most recent call last):
    ValueError: variant is 'letters'; allowed are 'mnist' and 'fashion'
    >>> mnist("no/such/folder")
    Traceback (most recent call last):
    FileNotFoundError: no/such/folder holds no pair of train-images-idx3-ubyte.gz and ...
    """
    if variant not in SOURCES:
        raise ValueError(f"variant is {variant!r}; allowed are 'mnist' and 'fashion'")
    files = _fetched(variant) if root is None else _found(Path(root))
    parts = [_part(files, part, variant) for part in ("train", "t10k") if f"{part}-images" in files]
    if len(parts) == 1:
        return _split(*parts[0], seed, validation)
    return Data(*parts[0], *parts[1])


def _found(root):
    """{"train-images": path, ...} of the pairs in a folder; at least one pair."""
    files = {}
    for name in NAMES:
        plain = name.removesuffix(".gz")
        for other in (name, plain, plain.replace("-idx", ".idx")):
            if (root / other).is_file():
                files.setdefault(_short(name), root / other)
    for part in ("train", "t10k"):
        if (f"{part}-images" in files) != (f"{part}-labels" in files):
            (there,) = (path for short, path in files.items() if short.startswith(part))
            raise FileNotFoundError(f"{there} lacks its partner: images and labels belong together")
    if not files:
        raise FileNotFoundError(
            f"{root} holds no pair of {NAMES[0]} and {NAMES[1]}, or of {NAMES[2]} and {NAMES[3]}"
        )
    return files


def _short(name):
    return "-".join(name.split("-")[:2])


def _part(files, part, variant):
    images, labels = files[f"{part}-images"], files[f"{part}-labels"]
    for path in (images, labels):  # both variants use the same names: a mix-up shows only in the sums
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        for other, (_, hashes) in SOURCES.items():
            if other != variant and digest in hashes:
                raise BadFile(f"{path} belongs to the variant {other!r}, not {variant!r}")
    X, y = idx(images, labels)
    if X.shape[1] != 784 or y.max() > 9:
        raise BadFile(
            f"{images} holds {X.shape[1]} pixels an image, {labels} classes up to {y.max()}; allowed are 784 and 9"
        )
    return X, y


def _fetched(variant):
    import pooch  # here, because only a download needs it

    bases, hashes = SOURCES[variant]
    cache, files = Path(pooch.os_cache("descent")) / variant, {}
    for name, digest in zip(NAMES, hashes, strict=True):
        faults = []
        for base in bases:
            try:
                path = pooch.retrieve(
                    base + name,
                    known_hash=f"sha256:{digest}",
                    fname=name,
                    path=cache,
                    progressbar=sys.stderr.isatty(),
                )
            except Exception as error:  # no network, no such file, a wrong sum: try the next copy
                faults.append(f"{base}: {type(error).__name__}")
            else:
                files[_short(name)] = Path(path)
                break
        else:
            raise FileNotFoundError(
                f"{name} of {variant!r} is not here and could not be fetched ({'; '.join(faults)}). "
                f"Without a network, put the original files {', '.join(NAMES)} into {cache}, or "
                "into any folder and give it: mnist(root=...)"
            )
    return files
