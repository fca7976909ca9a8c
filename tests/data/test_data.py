"""Data sets: what is read is what the bytes say, and every damaged file is refused by name."""

import gzip
import hashlib
import http.server
import os
import struct
import tempfile
import threading
import tracemalloc
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import data, problems
from lib.data import BadFile, digits, gaussian, idx, mnist

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (6, 3, 4), np.uint8)
LABELS = np.array([3, 0, 9, 9, 1, 5], np.uint8)


def pack(array):
    """The bytes of an IDX file, by struct."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def pair(folder, images, labels):
    """Write two files of these contents and return their paths."""
    paths = Path(folder) / "images", Path(folder) / "labels"
    for path, content in zip(paths, (images, labels), strict=True):
        path.write_bytes(content)
    return paths


def original(folder, part, count, zipped=True, dot=False):
    """A small pair under the names of the original files; returns pixels and labels."""
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(count)
    pixels, labels = rng.integers(0, 256, (count, 28, 28), np.uint8), rng.integers(0, 10, count, np.uint8)
    for kind, array in (("images-idx3", pixels), ("labels-idx1", labels)):
        name = f"{part}-{kind}-ubyte{'.gz' if zipped else ''}"
        name = name.replace("-idx", ".idx") if dot else name
        (folder / name).write_bytes(gzip.compress(pack(array), mtime=0) if zipped else pack(array))
    return pixels, labels


# ---- sets that need no file ---------------------------------------------------------------------


def rows(*arrays):
    """The rows of arrays as a sorted list, to compare sets."""
    return sorted(map(tuple, np.concatenate(arrays).tolist()))


def test_digits_are_scikit_learns_split_without_loss():
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    d = digits()
    assert d.X_train.shape == (1438, 64) and d.X_val.shape == (359, 64)
    ours = (np.column_stack([d.X_train * 16, d.y_train]), np.column_stack([d.X_val * 16, d.y_val]))
    assert rows(*ours) == rows(np.column_stack([X, y]))
    for a in (d.X_train, d.X_val):
        assert a.dtype == np.float64 and a.min() == 0 and a.max() == 1
    assert d.y_train.dtype == d.y_val.dtype == np.int64


def test_the_seed_decides_the_split_and_nothing_else_does():
    before = np.random.get_state()[1].copy()
    np.testing.assert_array_equal(digits(3).X_val, digits(3).X_val)
    assert not np.array_equal(digits(3).X_val, digits(4).X_val)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_gaussian_is_the_notes_cloud_stretched():
    points, labels = problems.gaussian_points()
    d = gaussian()
    X, y = np.concatenate([d.X_train, d.X_val]), np.concatenate([d.y_train, d.y_val])
    assert X.shape == (500, 2) and len(d.X_val) == 100 and y.dtype == np.int64
    np.testing.assert_array_equal((X.min(axis=0), X.max(axis=0)), [[0, 0], [1, 1]])
    # order by the first coordinate undoes the shuffle; a stretch leaves correlations alone
    by, to = np.argsort(X[:, 0]), np.argsort(points[:, 0])
    np.testing.assert_array_equal(y[by], labels[to])
    for i in range(2):
        assert np.corrcoef(X[by, i], points[to, i])[0, 1] > 1 - 1e-12


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: digits(validation=0), "validation is 0"),
        (lambda: digits(validation=1.0), r"validation is 1.0; allowed are shares in \(0, 1\)"),
        (lambda: digits(validation=1e-9), "some of 1797 examples"),
        (lambda: digits(seed=-1), "seed is -1"),
        (lambda: gaussian(1), "n is 1; allowed are whole numbers >= 2"),
        (lambda: gaussian(2.5), "n is 2.5"),
        (lambda: mnist(variant="kmnist"), "variant is 'kmnist'; allowed are 'mnist' and 'fashion'"),
    ],
)
def test_bad_arguments_are_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


# ---- IDX files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("zip_images", [False, True])
@pytest.mark.parametrize("zip_labels", [False, True])
def test_what_is_read_is_what_the_bytes_say(tmp_path, zip_images, zip_labels):
    images, labels = pack(PIXELS), pack(LABELS)
    images = gzip.compress(images) if zip_images else images
    labels = gzip.compress(labels) if zip_labels else labels
    X, y = idx(*pair(tmp_path, images, labels))
    assert X.shape == (6, 12) and X.dtype == np.float64 and y.dtype == np.int64
    np.testing.assert_array_equal(np.round(X * 255), PIXELS.reshape(6, 12))
    assert X[2, 5] == PIXELS[2, 1, 1] / 255  # rows of pixels follow one another
    np.testing.assert_array_equal(y, LABELS)
    X[0] = y[0] = 0  # the arrays are the caller's own


def test_members_of_one_gzip_are_one_stream(tmp_path):
    whole = pack(PIXELS)
    X, _ = idx(*pair(tmp_path, gzip.compress(whole[:30]) + gzip.compress(whole[30:]), pack(LABELS)))
    np.testing.assert_array_equal(X * 255, PIXELS.reshape(6, 12))


GOOD = pack(PIXELS)
ZIPPED = gzip.compress(GOOD, mtime=0)


def header(*shape, magic=0x803):
    return struct.pack(f">I{len(shape)}I", magic, *shape)


BAD = {
    "empty": (b"", "is empty"),
    "labels": (pack(LABELS), "begins with the bytes 00 00 08 01; a file of images begins with 00 00 08 03"),
    "floats": (header(6, 3, 4, magic=0xD03) + bytes(72), "begins with the bytes 00 00 0d 03"),
    "page": (b"<html>not found</html>", "begins with the bytes 3c 68 74 6d"),
    "half a magic": (GOOD[:3], "begins with the bytes 00 00 08;"),
    "half a header": (GOOD[:11], "cut off inside its header"),
    "cut off": (GOOD[:-1], "cut off: it holds 71 of 72 bytes"),
    "left over": (GOOD + b"\0", "bytes left over after the 72"),
    "no images": (header(0, 28, 28), r"announces an array of shape \(0, 28, 28\)"),
    "no pixels": (header(6, 0, 28), r"shape \(6, 0, 28\)"),
    "huge": (header(2**32 - 1, 2**32 - 1, 2**32 - 1), r"shape \(4294967295, .* allowed are 1 to 268435456"),
    "overflow": (header(2**31, 2**31, 4) + bytes(9), "allowed are 1 to 268435456"),  # 2**64, or 0 in 64 bits
    "just too large": (header(2**14, 2**14 + 1, 1), "allowed are 1 to 268435456"),
    "large and cut off": (header(2**14, 2**14, 1) + b"x", "holds 1 of 268435456 bytes"),
    "gzip of nothing": (gzip.compress(b""), "is empty"),
    "gzip cut off": (ZIPPED[:-12], "cut off: its gzip stream has no end"),
    "gzip without its sum": (ZIPPED[:-8], "cut off: its gzip stream has no end"),
    "gzip, content cut off": (gzip.compress(GOOD[:-5]), "cut off: it holds 67 of 72 bytes"),
    "gzip, content left over": (gzip.compress(GOOD + b"more"), "bytes left over"),
    "gzip, then rubbish": (ZIPPED + b"rubbish", "is damaged: Not a gzipped file"),
    "gzip, wrong sum": (ZIPPED[:-8] + b"abcd" + ZIPPED[-4:], "is damaged: CRC check failed"),
    "gzip, wrong stream": (ZIPPED[:10] + b"\xff" * 4 + ZIPPED[14:], "is damaged: Error -3"),
    "gzip, unknown method": (b"\x1f\x8b\x07" + ZIPPED[3:], "is damaged: Unknown compression method"),
    "one too many": (pack(PIXELS[:5]), "holds 5 images, .*labels 6 labels: they are no pair"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_file_is_refused_by_name(tmp_path, fault):
    content, said = BAD[fault]
    with pytest.raises(BadFile, match=said) as told:
        idx(*pair(tmp_path, content, pack(LABELS)))
    assert str(tmp_path / "images") in str(told.value)


def test_files_that_are_none(tmp_path):
    images, labels = pair(tmp_path, GOOD, pack(LABELS))
    with pytest.raises(FileNotFoundError, match="nothing is not there"):
        idx(images, tmp_path / "nothing")
    with pytest.raises(BadFile, match="is no file"):
        idx(tmp_path, labels)
    with pytest.raises(BadFile, match="00 00 08 03; a file of labels begins with 00 00 08 01"):
        idx(labels, images)


def peak(call):
    """The most memory in MB that a call held, whatever its end."""
    tracemalloc.start()
    try:
        with pytest.raises(BadFile):
            call()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def test_a_gzip_bomb_fills_no_memory(tmp_path):
    bomb = gzip.compress(header(10, 28, 28) + bytes(50_000_000))
    assert len(bomb) < 60_000
    images, labels = pair(tmp_path, bomb, pack(LABELS))
    assert peak(lambda: idx(images, labels)) < 1


def test_a_lying_header_fills_no_memory(tmp_path):
    for content in (header(2**14, 2**14, 1) + b"x", gzip.compress(header(2**14, 2**14, 1) + b"x")):
        images, labels = pair(tmp_path, content, pack(LABELS))
        assert peak(lambda i=images, n=labels: idx(i, n)) < 3  # of the 268 announced


def read_or_refuse(images, labels):
    """Either a correct pair of arrays or BadFile."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            X, y = idx(*pair(folder, images, labels))
        except BadFile:
            return
    assert X.ndim == 2 and y.shape == (len(X),) and X.min() >= 0 and X.max() <= 1


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00", b"\0\0\x08\x03"]))
def test_any_bytes_are_read_or_refused(tail, begin):
    read_or_refuse(begin + tail, pack(LABELS))
    read_or_refuse(GOOD, begin + tail)
    read_or_refuse(gzip.compress(begin + tail), pack(LABELS))


@settings(max_examples=200, deadline=None)
@given(
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 255)), max_size=3),
    st.one_of(st.none(), st.integers(0, 90)),
    st.binary(max_size=4),
)
def test_any_damage_is_read_or_refused(zipped, changes, end, more):
    content = bytearray(ZIPPED if zipped else GOOD)
    for at, byte in changes:
        content[at] = byte
    read_or_refuse(bytes(content[:end]) + more, pack(LABELS))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 6, 255, 65536, 2**31, 2**32 - 1]), min_size=3, max_size=3))
def test_any_header_is_read_or_refused(shape):
    for content in (header(*shape) + bytes(72), gzip.compress(header(*shape) + bytes(72))):
        read_or_refuse(content, pack(LABELS))


# ---- a folder of the original files -------------------------------------------------------------


@pytest.mark.parametrize(("zipped", "dot"), [(True, False), (False, False), (False, True)])
def test_four_files_are_training_and_validation(tmp_path, zipped, dot):
    pixels, labels = original(tmp_path, "train", 30, zipped, dot)
    test_pixels, test_labels = original(tmp_path, "t10k", 7, zipped, dot)
    d = mnist(tmp_path)
    np.testing.assert_array_equal(d.X_train * 255, pixels.reshape(30, 784))
    np.testing.assert_array_equal(d.X_val * 255, test_pixels.reshape(7, 784))
    np.testing.assert_array_equal(d.y_train, labels)
    np.testing.assert_array_equal(d.y_val, test_labels)


@pytest.mark.parametrize("part", ["train", "t10k"])
def test_one_pair_is_shuffled_and_split(tmp_path, part):
    pixels, labels = original(tmp_path, part, 30)
    d = mnist(str(tmp_path))
    assert d.X_train.shape == (24, 784) and d.X_val.shape == (6, 784)
    whole = np.column_stack([pixels.reshape(30, 784), labels])
    ours = np.column_stack([np.concatenate(d[::2]) * 255, np.concatenate(d[1::2])])
    assert rows(ours) == rows(whole)
    assert not np.array_equal(ours, whole)
    assert len(mnist(tmp_path, validation=0.5).y_val) == 15
    assert not np.array_equal(mnist(tmp_path, seed=1).X_val, d.X_val)


def test_a_folder_without_a_pair_is_told(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"holds no pair of train-images-idx3-ubyte.gz and train-labels"
    ):
        mnist(tmp_path)
    original(tmp_path, "t10k", 5)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match="t10k-images-idx3-ubyte.gz lacks its partner"):
        mnist(tmp_path)
    original(tmp_path, "train", 5)  # half a pair is a mistake even beside a whole one
    with pytest.raises(FileNotFoundError, match="t10k-images-idx3-ubyte.gz lacks its partner"):
        mnist(tmp_path)


def test_files_of_another_kind_are_told(tmp_path):
    original(tmp_path, "t10k", 6)
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(ZIPPED)
    with pytest.raises(BadFile, match="holds 12 pixels an image"):
        mnist(tmp_path)
    original(tmp_path, "t10k", 6)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(pack(LABELS + np.uint8(1)))
    with pytest.raises(BadFile, match="classes up to 10; allowed are 784 and 9"):
        mnist(tmp_path)


def sums(folder):
    return tuple(hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in data.NAMES)


def test_the_other_variant_is_noticed(tmp_path, monkeypatch):
    for part in ("train", "t10k"):
        original(tmp_path, part, 9 if part == "train" else 5)
    monkeypatch.setitem(data.SOURCES, "fashion", ((), sums(tmp_path)))
    with pytest.raises(
        BadFile, match="train-images-idx3-ubyte.gz belongs to the variant 'fashion', not 'mnist'"
    ):
        mnist(tmp_path)
    assert len(mnist(tmp_path, "fashion").y_val) == 5


# ---- the download -------------------------------------------------------------------------------


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_request(self, *_):
        self.server.asked.append(self.path)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def public(tmp_path, monkeypatch):
    """A public copy on this machine, with its own sums, and an empty cache."""
    folder = tmp_path / "public"
    for part, count in (("train", 9), ("t10k", 5)):
        original(folder, part, count)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    server.asked, server.folder = [], folder
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    bases = (f"http://127.0.0.1:{server.server_port}/gone/", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setitem(data.SOURCES, "mnist", (bases, sums(folder)))
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache" / project)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_is_fetched_is_cached(public, tmp_path, capsys):
    d = mnist()
    assert len(public.asked) == 8  # four files, each from the second copy, since the first has none
    for ours, theirs in zip(d, mnist(public.folder), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert sorted(p.name for p in (tmp_path / "cache/descent/mnist").iterdir()) == sorted(data.NAMES)
    public.asked.clear()
    mnist()
    assert public.asked == []
    assert "%|" not in capsys.readouterr().err  # a progress bar is for a terminal


def test_a_wrong_sum_is_not_read(public, tmp_path):
    (public.folder / data.NAMES[2]).write_bytes(gzip.compress(pack(np.zeros((5, 28, 28), np.uint8))))
    with pytest.raises(
        FileNotFoundError, match="t10k-images-idx3-ubyte.gz of 'mnist' is not here .*ValueError"
    ):
        mnist()
    assert not (tmp_path / "cache/descent/mnist" / data.NAMES[2]).exists()


def test_a_damaged_cache_is_fetched_again(public, tmp_path):
    first = mnist()
    (tmp_path / "cache/descent/mnist" / data.NAMES[0]).write_bytes(b"damaged")
    np.testing.assert_array_equal(mnist().X_train, first.X_train)


def test_without_a_network_the_error_says_what_to_put_where(public, tmp_path):
    public.shutdown()
    public.server_close()
    with pytest.raises(FileNotFoundError) as told:
        mnist()
    for part in (*data.NAMES, str(tmp_path / "cache/descent/mnist"), "mnist(root=...)"):
        assert part in str(told.value)


def test_the_sums_are_eight_different_ones():
    hashes = [digest for _, hashes in data.SOURCES.values() for digest in hashes]
    assert len(set(hashes)) == 8
    assert all(len(bytes.fromhex(digest)) == 32 for digest in hashes)
    for bases, _ in data.SOURCES.values():
        assert all(base.startswith("https://") and base.endswith("/") for base in bases)


# ---- the real images, where there are any -------------------------------------------------------

REAL = os.environ.get("DESCENT_MNIST")


@pytest.mark.skipif(not REAL, reason="DESCENT_MNIST names no folder of MNIST's files")
def test_the_real_ten_thousand():
    folder = Path(REAL)
    X, y = idx(folder / "t10k-images-idx3-ubyte.gz", folder / "t10k-labels-idx1-ubyte.gz")
    assert X.shape == (10000, 784)
    # the classes as published; the bytes as gzip alone gives them
    assert np.bincount(y).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    raw = np.frombuffer(gzip.decompress((folder / "t10k-images-idx3-ubyte.gz").read_bytes()), np.uint8)
    np.testing.assert_array_equal(X.ravel() * 255, raw[16:])
    for name, digest in zip(data.NAMES[2:], data.SOURCES["mnist"][1][2:], strict=True):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    d = mnist(folder)
    assert len(d.y_train) + len(d.y_val) in (10000, 70000)
    with pytest.raises(BadFile, match="belongs to the variant 'mnist', not 'fashion'"):
        mnist(folder, "fashion")
