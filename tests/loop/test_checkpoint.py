"""Checkpoints: resuming changes no bit, and no file is believed that does not deserve it."""

import io
import json
import os
import pickle
import struct
import zipfile

import numpy as np
import pytest

from lib import loop
from lib.loop import CheckpointError, checkpoint, train
from lib.net import FCN
from lib.rules import adam, amsgrad, lion, momentum, nadam, rmsprop, sgd

NET = FCN((4, 6, 3), dropout=0.4, l2=0.01)
GO = {"lr": 0.05, "epochs": 3, "batch_size": 20, "seed": 7}  # 5 steps an epoch
STEPS = 15


class Killed(Exception):
    """Stands for the end of the process."""


class Dying(FCN):
    """A net that takes `after` gradients and then ends everything."""

    def __init__(self, like, after):
        super().__init__(like.sizes, activation=like.activation, dropout=like.dropout, l1=like.l1, l2=like.l2,
                         dtype=like.dtype)  # fmt: skip
        self.after = after

    def loss_grad(self, *args):
        self.after -= 1
        if self.after < 0:
            raise Killed
        return super().loss_grad(*args)


def killed(after, net, *args, **settings):
    """Train until step `after` of this life is to be taken; whether it came to that."""
    try:
        train(Dying(net, after), *args, **settings)
    except Killed:
        return True
    return False


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Nobody pulls the plug here: do not wait for the disk, which takes nearly all the time."""
    monkeypatch.setattr(os, "fsync", lambda fd: None)


def warm(t):
    """A schedule: warmup, then decay."""
    return 0.05 * min((t + 1) / 4, 1 / (1 + 0.1 * t))


CASES = {
    "sgd": (NET, sgd, {}),
    "momentum": (NET, momentum, {"beta": 0.8}),
    "adam": (NET, adam, {"lr": warm, "clip": 0.5}),
    "amsgrad": (NET, amsgrad, {"lr": warm}),
    "nadam": (NET, nadam, {}),
    "centered rmsprop": (NET, rmsprop, {"centered": True, "lr": 0.01}),
    "a vector of rates": (NET, lion, {"lr": np.linspace(0.001, 0.01, NET.size)}),
    "float32": (FCN((4, 6, 3), dropout=0.4, dtype=np.float32), adam, {"lr": warm, "clip": 1.0}),
    "one batch an epoch": (NET, adam, {"batch_size": 83, "epochs": 9}),
    "early stopping": (NET, adam, {"lr": 1.0, "patience": 1}),
    "long vectors": (FCN((4, 200, 170, 3), dropout=0.4), amsgrad, {"lr": 0.001, "batch_size": 40}),
    "runs": (NET, momentum, {"lr": np.array([[0.1], [0.01]]), "w": np.ones((2, NET.size)) * 0.1}),
    "runs with seeds": (NET, adam, {"seed": (3, 4)}),
}


@pytest.mark.parametrize("case", CASES)
def test_resumed_is_uninterrupted_bit_for_bit(case, data, same, tmp_path):
    net, rule, change = CASES[case]
    settings = GO | change
    straight = train(net, data, rule, **settings)
    for lives in ([4, 3], [5], [len(straight.loss) - 1]):
        path = tmp_path / f"{len(lives)}-{lives[0]}.npz"
        deaths = [killed(n, net, data, rule, **settings, checkpoint=path, save_every=1) for n in lives]
        assert deaths[0]
        assert path.exists()
        same(train(net, data, rule, **settings, checkpoint=path, save_every=1), straight)
        same(train(net, data, rule, **settings, checkpoint=path), straight)  # of a finished one


def test_it_takes_up_where_it_was(data, tmp_path):
    path = tmp_path / "x.npz"
    assert killed(12, NET, data, adam, **GO, checkpoint=path)  # two epochs of five are on disk
    assert killed(4, NET, data, adam, **GO, checkpoint=path)
    assert not killed(5, NET, data, adam, **GO, checkpoint=path)
    assert not killed(0, NET, data, adam, **GO, checkpoint=path)


@pytest.mark.parametrize(("every", "written"), [(None, [5, 10, 15]), (4, [4, 8, 12, 15]), (100, [15])])
def test_when_it_is_written(every, written, data, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(loop.resuming, "save", lambda path, meta, arrays: seen.append(meta["t"]))
    train(NET, data, adam, **GO, checkpoint=tmp_path / "x.npz", save_every=every)
    assert seen == written


def test_more_epochs_are_as_if_asked_for_at_once(data, same, tmp_path):
    path = tmp_path / "x.npz"
    train(NET, data, adam, **GO, checkpoint=path)
    more = GO | {"epochs": 5}
    same(train(NET, data, adam, **more, checkpoint=path), train(NET, data, adam, **more))
    with pytest.raises(CheckpointError, match="is at step 25, this training ends at 15: raise epochs"):
        train(NET, data, adam, **GO, checkpoint=path)


def test_what_is_on_disk_is_plain(data, tmp_path):
    path = tmp_path / "x.npz"
    train(NET, data, adam, **GO, checkpoint=str(path))
    with np.load(path, allow_pickle=False) as file:
        assert all(file[name].dtype.kind in "fiu" for name in file.files)
        meta = json.loads(file["meta"].tobytes())
        np.testing.assert_array_equal(file["w"], train(NET, data, adam, **GO).w)
    assert meta["t"] == STEPS
    assert meta["settings"]["network"] == repr(NET)
    assert os.listdir(tmp_path) == ["x.npz"]


# ---- whose it is --------------------------------------------------------------------------------

OTHER = {
    "network": {"net": FCN((4, 7, 3), dropout=0.4, l2=0.01)},
    "dropout": {"net": FCN((4, 6, 3), dropout=0.3, l2=0.01)},
    "penalty": {"net": FCN((4, 6, 3), dropout=0.4, l2=0.02)},
    "activation": {"net": FCN((4, 6, 3), dropout=0.4, l2=0.01, activation="tanh")},
    "dtype": {"net": FCN((4, 6, 3), dropout=0.4, l2=0.01, dtype=np.float32)},
    "rule": {"rule": amsgrad},
    "beta1": {"beta1": 0.8},
    "lr": {"lr": 0.051},
    "a schedule": {"lr": warm},
    "clip": {"clip": 1.0},
    "batch_size": {"batch_size": 21},
    "seed": {"seed": 8},
    "patience": {"patience": 2},
    "start": {"w": NET.init(np.random.default_rng(8))},
}


@pytest.mark.parametrize("what", OTHER)
def test_another_training_is_refused(what, data, tmp_path):
    path = tmp_path / "x.npz"
    settings = {"net": NET, "rule": adam, "data": data, **GO, "checkpoint": path}
    train(**settings)
    before = path.read_bytes()
    with pytest.raises(
        CheckpointError, match=r"x\.npz is of another training: its \w+ is .*, here it is"
    ) as caught:
        train(**settings | OTHER[what])
    named = {"dropout": "network", "penalty": "network", "activation": "network", "dtype": "network"}
    named["a schedule"] = "lr"
    assert f"its {named.get(what, what)} is" in str(caught.value)
    assert path.read_bytes() == before
    train(**settings | {"beta1": 0.9})  # the default, said aloud


@pytest.mark.parametrize("field", ["X_train", "y_train", "X_val", "y_val"])
def test_other_data_are_refused(field, data, tmp_path):
    settings = {**GO, "checkpoint": tmp_path / "x.npz"}
    train(NET, data, adam, **settings)
    changed = getattr(data, field).copy()
    changed.flat[-1] = (changed.flat[-1] + 1) % 3
    with pytest.raises(CheckpointError, match=f"its {field} is"):
        train(NET, data._replace(**{field: changed}), adam, **settings)


def test_a_schedule_is_known_by_the_rates_it_gave(data, same, tmp_path):
    path = tmp_path / "x.npz"
    assert killed(7, NET, data, sgd, **GO | {"lr": warm}, checkpoint=path, save_every=1)

    def later(t):  # the same past, another future
        return warm(t) if t < 7 else 0.01

    def earlier(t):
        return warm(t) if t != 6 else 0.01

    with pytest.raises(CheckpointError, match="was written under a schedule that gave other rates"):
        train(NET, data, sgd, **GO | {"lr": earlier}, checkpoint=path)
    resumed = train(NET, data, sgd, **GO | {"lr": later}, checkpoint=path)
    same(resumed, train(NET, data, sgd, **GO | {"lr": later}))


def test_a_net_that_does_not_say_what_it_is(data, tmp_path):
    class Secret(FCN):
        __repr__ = object.__repr__

    with pytest.raises(ValueError, match="the network calls itself .* at 0x"):
        train(Secret((4, 3)), data, sgd, **GO, checkpoint=tmp_path / "x.npz")


@pytest.mark.parametrize("name", ["x.npy", "x", "x.pkl", "nowhere/x.npz"])
def test_where_it_may_lie(name, data, tmp_path):
    with pytest.raises(ValueError, match=r"checkpoint is .*; allowed are files .npz in a folder that exists"):
        train(NET, data, sgd, **GO, checkpoint=tmp_path / name)


# ---- damaged and hostile files ------------------------------------------------------------------


@pytest.fixture
def saved(data, tmp_path):
    """A finished checkpoint and what resumes it."""
    path = tmp_path / "x.npz"
    train(NET, data, adam, **GO, checkpoint=path)
    return path, lambda: train(NET, data, adam, **GO, checkpoint=path)


def test_truncated_anywhere(saved):
    path, resume = saved
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 197), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=r"x\.npz is no checkpoint, or damaged"):
            resume()
    path.write_bytes(whole)
    resume()


def test_no_flipped_bit_changes_a_result(saved, same):
    path, resume = saved
    whole, expected = path.read_bytes(), resume()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(120):
        place = int(rng.integers(len(whole)))
        flipped = whole[place] ^ (1 << int(rng.integers(8)))
        path.write_bytes(whole[:place] + bytes([flipped]) + whole[place + 1 :])
        try:
            same(resume(), expected)  # a date in the directory, say: nothing that is read
        except CheckpointError:
            refused += 1
    assert refused > 80


def rewrite(path, change, compress=zipfile.ZIP_STORED):
    """Write the members of a checkpoint again, after `change(members)`; values are bytes."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w", compress) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def npy(array):
    """An array as the bytes of a file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def header(shape, descr="<f8", fortran=False):
    """The head of an array file that claims a shape."""
    text = repr({"descr": descr, "fortran_order": fortran, "shape": shape})
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


class Bomb:
    """What unpickles into an action."""

    def __reduce__(self):
        return (os.mkdir, ("unpickled",))


def meta(**change):
    """A change of what the checkpoint says in words."""

    def apply(members):
        said = json.loads(members["meta.npy"][128:])
        said |= change
        members["meta.npy"] = npy(np.frombuffer(json.dumps(said).encode(), np.uint8))

    return apply


HOSTILE = {
    "objects": (
        lambda m: m.update({"w.npy": npy(np.array([Bomb()] * NET.size, object))}),
        "w has dtype object",
    ),
    "a pickle": (lambda m: m.update({"w.npy": pickle.dumps(Bomb())}), "magic string"),
    "a pickle beside": (lambda m: m.update({"x.pkl": pickle.dumps(Bomb())}), "it has a member 'x.pkl'"),
    "a path": (lambda m: m.update({"../w.npy": npy(np.ones(3))}), "it has a member '../w.npy'"),
    "a huge shape": (
        lambda m: m.update({"w.npy": header((2**50,))}),
        r"w claims the shape \(1125899906842624,\)",
    ),
    "a shape beyond": (lambda m: m.update({"w.npy": header((10**30, 10**30))}), "w claims the shape"),
    "a negative shape": (lambda m: m.update({"w.npy": header((-1, -8)) + b"0" * 64}), "w claims the shape"),
    "a shape too small": (lambda m: m.update({"w.npy": npy(np.ones(3)) + b"0"}), "w claims the shape"),
    "a huge item": (lambda m: m.update({"w.npy": header((1,), "V2000000000")}), "w has dtype"),
    "text": (lambda m: m.update({"w.npy": npy(np.array(["x"] * NET.size))}), "w has dtype <U1"),
    "a record": (lambda m: m.update({"w.npy": npy(np.zeros(3, "f8,i4"))}), "w has dtype"),
    "Fortran's order": (
        lambda m: m.update({"w.npy": npy(np.asfortranarray(np.ones((3, 4))))}),
        "w has dtype",
    ),
    "a head that is code": (
        lambda m: m.update({"w.npy": header((1,)).replace(b"(1,)", b"f()*")}),
        "Cannot parse header",
    ),
    "a nested head": (lambda m: m.update({"w.npy": header((1,), "(" * 5000 + ")" * 5000)}), "Header|header"),
    "many members": (
        lambda m: m.update({f"a{i}.npy": npy(np.ones(1)) for i in range(99)}),
        "its members are",
    ),
    "no meta": (lambda m: m.pop("meta.npy"), "its members are"),
    "meta that is no text": (lambda m: m.update({"meta.npy": npy(np.ones(5))}), "meta is no text"),
    "meta that is no JSON": (lambda m: m.update({"meta.npy": npy(np.zeros(5, np.uint8))}), "damaged"),
    "meta in depth": (
        lambda m: m.update({"meta.npy": npy(np.frombuffer(b"[" * 100000, np.uint8))}),
        "damaged",
    ),
    "meta of a megabyte": (
        lambda m: m.update({"meta.npy": npy(np.zeros(2**20, np.uint8))}),
        "meta has 1048704 bytes",
    ),
    "another format": (meta(format="descent checkpoint 2"), "its format is not 'descent checkpoint 1'"),
    "no settings": (meta(settings=None), "says nothing about its settings"),
    "settings of lists": (meta(settings={"network": []}), "its network is"),
    "no step": (meta(t=None), "is at step None"),
    "half a step": (meta(t=2.5), "is at step 2.5"),
    "step zero": (meta(t=0), "is at step 0"),
    "a negative step": (meta(t=-3), "is at step -3"),
    "another step": (meta(t=14), r"has shape \(15,\) and dtype float64 as loss; expected are shape \(14,\)"),
    "a step too far": (meta(t=10**9), "is at step 1000000000, this training ends at 15"),
    "no state": (meta(state=None), "has None as the state's t"),
    "a state of text": (meta(state={"t": "15"}), "has '15' as the state's t"),
    "a state of another step": (meta(state={"t": 14}), "is at step 15, its state at step 14"),
    "no weights": (lambda m: m.pop("w.npy"), "has nothing as w"),
    "other weights": (
        lambda m: m.update({"w.npy": npy(np.ones(3))}),
        r"has shape \(3,\) and dtype float64 as w",
    ),
    "weights in another order": (
        lambda m: m.update({"w.npy": npy(np.ones(NET.size, ">f8"))}),
        "dtype >f8 as w",
    ),
    "no average": (lambda m: m.pop("state_m.npy"), "has nothing as state_m"),
    "a best epoch to come": (
        lambda m: m.update({"best_epoch.npy": npy(np.array(4))}),
        "has its best epoch at 4",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile(case, saved, tmp_path, monkeypatch):
    path, resume = saved
    monkeypatch.chdir(tmp_path)
    change, said = HOSTILE[case]
    rewrite(path, change)
    with pytest.raises(CheckpointError, match=said) as caught:
        resume()
    assert "x.npz" in str(caught.value)
    assert not os.path.exists("unpickled")


def test_a_bomb_is_not_blown_up(saved, monkeypatch):
    path, resume = saved
    rewrite(path, lambda m: m.update({"bomb.npy": header((2**21,)) + bytes(2**24)}), zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**16
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # nothing is read at all
    with pytest.raises(CheckpointError, match="its members are larger than the file"):
        resume()


def test_compressed_is_refused(saved):
    path, resume = saved
    rewrite(path, lambda m: None, zipfile.ZIP_DEFLATED)
    with pytest.raises(CheckpointError, match="is compressed|are larger than the file"):
        resume()


def test_a_name_twice(saved):
    path, resume = saved
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("w.npy", npy(np.ones(NET.size)))
    with pytest.raises(CheckpointError, match="its members are"):
        resume()


def test_a_file_too_large_is_not_even_opened(saved, monkeypatch):
    path, resume = saved
    with open(path, "r+b") as file:
        file.truncate(2**40)  # a hole: it takes no space
    monkeypatch.setattr(checkpoint, "_read", None)
    with pytest.raises(
        CheckpointError, match=r"has 1099511627776 bytes; a checkpoint of this training has at most"
    ):
        resume()


def test_what_is_no_file(saved):
    path, resume = saved
    path.unlink()
    os.mkfifo(path)  # reading it would wait for ever
    with pytest.raises(CheckpointError, match="is not a file"):
        resume()
    path.unlink()
    path.mkdir()
    with pytest.raises(CheckpointError, match="is not a file"):
        resume()


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"PK\x05\x06" + bytes(18), npy(np.ones(3)), pickle.dumps(Bomb())]
)
def test_foreign_files(content, saved):
    path, resume = saved
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="is no checkpoint, or damaged"):
        resume()


def test_somebody_elses_npz(saved):
    path, resume = saved
    np.savez(path, w=np.ones(NET.size))
    with pytest.raises(CheckpointError, match="its members are w.npy"):
        resume()


# ---- writing ------------------------------------------------------------------------------------


def test_a_write_that_fails_leaves_the_old_file(saved, monkeypatch):
    path, _ = saved
    before = path.read_bytes()

    def full(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        checkpoint.save(path, {}, {"w": np.ones(3)})
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["x.npz"]


def test_it_is_on_disk_before_it_has_its_name(tmp_path, monkeypatch):
    calls = []
    replace = os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: calls.append("fsync"))
    monkeypatch.setattr(os, "replace", lambda a, b: (calls.append("replace"), replace(a, b)))
    checkpoint.save(tmp_path / "x.npz", {}, {"w": np.ones(3)})
    assert calls[:2] == ["fsync", "replace"]


def test_what_the_dead_left_behind_is_cleared_away(saved):
    path, resume = saved
    keep = {"x.npz", "y.npz.12.tmp", "x.npz.old.tmp", "x.npz.12", "ax.npz.12.tmp"}
    for name in (*keep - {"x.npz"}, "x.npz.12.tmp", "x.npz.99999.tmp"):
        (path.parent / name).touch()
    resume()
    assert set(os.listdir(path.parent)) == keep
