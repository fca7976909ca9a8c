"""Sweeps: the same numbers however they are run, and nothing lost when something goes wrong."""

import hashlib
import itertools
import os
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweep_points import killer, momentum_run, net_run, random_run

from lib import rules
from lib.data import gaussian
from lib.loop import train
from lib.net import FCN
from lib.sweep import PointsFailed, running, seed_of, sweep

LRS, BETAS = np.array([0.002, 0.01, 0.03]), [0.0, 0.5, 0.9]


def same(a, b):
    """Assert that two tables are equal to the last bit."""
    assert a.axes == b.axes and a.arrays.keys() == b.arrays.keys()
    for name in a.arrays:
        assert a[name].dtype == b[name].dtype
        np.testing.assert_array_equal(a[name], b[name])


# ---- what it computes ---------------------------------------------------------------------------


def test_the_table_is_what_nested_loops_compute():
    table = sweep(momentum_run(25), {"lr": LRS, "beta": BETAS})
    assert repr(table) == "Table(3 lr x 3 beta: loss (3, 3, 26), w (3, 3, 3))"
    scales = np.array([1.0, 7.0, 30.0])
    for (i, lr), (j, beta) in itertools.product(enumerate(LRS), enumerate(BETAS)):
        w, m = np.array([1.0, -2.0, 0.5]), 0.0
        for t in range(26):  # momentum written out
            np.testing.assert_allclose(table["loss"][i, j, t], 0.5 * scales @ w**2, rtol=1e-12)
            last, m = w, beta * m + scales * w
            w = w - lr * m
        np.testing.assert_allclose(table["w"][i, j], last, rtol=1e-11)


@pytest.mark.parametrize("axes", [("lr",), ("beta", "lr"), "beta"])
def test_a_leading_axis_is_the_single_runs(axes):
    grid = {"lr": LRS, "beta": BETAS}
    single, block = sweep(momentum_run(), grid), sweep(momentum_run(), grid, vectorised=axes)
    for name in ("loss", "w"):
        assert block[name].shape == single[name].shape
        np.testing.assert_allclose(block[name], single[name], rtol=1e-12, atol=0)


def test_networks_on_a_leading_axis_are_the_single_networks():
    grid = {"seed": range(3), "lr": [0.001, 0.01, 0.1]}
    single, block = sweep(net_run(), grid), sweep(net_run(), grid, vectorised="lr")
    np.testing.assert_allclose(block["loss"], single["loss"], rtol=1e-12, atol=0)
    np.testing.assert_allclose(block["w"], single["w"], rtol=1e-12, atol=1e-14)
    assert (single["loss"][:, 1, -1] < single["loss"][:, 1, 0]).all()


def test_a_block_is_one_call_in_the_order_of_the_grid():
    calls = []

    def run(a, b, c):
        calls.append((a.tolist(), b, c.tolist()))
        return {"y": 100 * a + 10 * b + c}

    table = sweep(run, {"a": [1, 2], "b": [3, 4], "c": [5, 6]}, vectorised=("c", "a"))
    assert calls == [([1, 1, 2, 2], 3, [5, 6, 5, 6]), ([1, 1, 2, 2], 4, [5, 6, 5, 6])]
    assert table["y"].tolist() == [[[135, 136], [145, 146]], [[235, 236], [245, 246]]]


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_every_backend_gives_the_same_bits(backend):
    for run, grid in (
        (momentum_run(), {"lr": LRS, "beta": BETAS}),
        (random_run(), {"scale": [0.5, 2.0], "run": range(4)}),
    ):
        with joblib.parallel_config(backend=backend, n_jobs=2):
            other = sweep(run, grid)
        same(sweep(run, grid), other)


def test_jobs_are_other_processes():
    table = sweep(lambda x: {"pid": os.getpid()}, {"x": range(4)}, jobs=2)
    assert os.getpid() not in table["pid"]
    assert (sweep(lambda x: {"pid": os.getpid()}, {"x": range(4)})["pid"] == os.getpid()).all()


def test_what_a_grid_and_a_result_may_be():
    def run(rule, size, name, flag):
        assert type(size) is float and callable(rule)  # NumPy's scalars have become Python's
        w, s = rule(np.ones(2), np.ones(2), lr=size)
        return namedtuple("Result", "w t up")(w, s.t, flag)

    grid = {
        "rule": [rules.sgd, rules.adam],
        "size": np.array([0.5, 0.1]),
        "name": ["a"],
        "flag": [True, False],
    }
    table = sweep(run, grid)
    assert table["w"].shape == (2, 2, 1, 2, 2) and table["t"].dtype.kind == "i" and table["up"].dtype == bool
    np.testing.assert_allclose(table.select(rule=rules.sgd, size=0.5, name="a", flag=True)["w"], [0.5, 0.5])


def test_a_training_is_a_result():
    def run(lr, seed):
        data, net = gaussian(60, seed), FCN((2, 4, 2))
        return train(net, data, rules.adam, lr=lr, epochs=2, batch_size=16, seed=seed)

    table = sweep(run, {"lr": [0.01, 0.1], "seed": [0, 1]})
    alone = run(0.1, 1)
    assert table["val_loss"].shape == (2, 2, 3) and table["state.t"].tolist() == [[6, 6], [6, 6]]
    np.testing.assert_array_equal(table.select(lr=0.1, seed=1)["w"], alone.w)
    np.testing.assert_array_equal(table["state.v"][1, 1], alone.state.v)


def test_results_are_copies():
    buffer = np.zeros(1)

    def run(x):
        buffer[0] = x
        return {"y": buffer}

    assert sweep(run, {"x": [1, 2, 3]})["y"].ravel().tolist() == [1, 2, 3]


# ---- seeds --------------------------------------------------------------------------------------


def test_a_seed_belongs_to_its_point_everywhere():
    digest = hashlib.sha256(b"lr=0.1\nrule=lib.rules.sgd\nseed=3").digest()
    assert seed_of(seed=3, rule=rules.sgd, lr=0.1) == int.from_bytes(digest[:8], "big")
    assert seed_of(lr=np.float64(0.1)) == seed_of(lr=0.1)
    points = [{"lr": lr, "run": run} for lr in (0.1, 0.2, 1, 1.0, "1", True) for run in range(50)]
    assert len({seed_of(**point) for point in points}) == len(points)
    assert seed_of(a="1\nb=2") != seed_of(a="1", b=2)


def test_no_global_state_is_read_or_changed():
    grid = {"scale": [0.5, 2.0], "run": [0, 1]}
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    first = sweep(random_run(), grid)
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    np.random.seed(2)
    same(first, sweep(random_run(), grid))
    backwards = sweep(random_run(), {"run": [1, 0], "scale": [2.0, 0.5]})
    np.testing.assert_array_equal(backwards["walk"][::-1, ::-1].swapaxes(0, 1), first["walk"])


# ---- selecting ----------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_selecting_is_indexing(data):
    axes = {"a": [3.0, 1.0, 2.0], "b": ["x", "y"], "c": [10, 20, 30, 40]}
    table = sweep(lambda a, b, c: {"y": [a, len(b), c], "z": a * c}, axes)
    wanted, index = {}, []
    for name, values in axes.items():
        kind = data.draw(st.sampled_from(["all", "one", "some"]))
        if kind == "all":
            index.append(list(range(len(values))))
            continue
        places = data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1, max_size=3, unique=True))
        places = places[:1] if kind == "one" else places
        wanted[name] = values[places[0]] if kind == "one" else [values[i] for i in places]
        index.append(places)
    part = table.select(**wanted)
    dropped = tuple(i for i, name in enumerate(axes) if name in wanted and not isinstance(wanted[name], list))
    for name in ("y", "z"):
        np.testing.assert_array_equal(part[name], table[name][np.ix_(*index)].squeeze(axis=dropped))
    kept = {n: tuple(axes[n][i] for i in index[k]) for k, n in enumerate(axes) if k not in dropped}
    assert part.axes == kept


def test_numbers_are_found_to_nine_digits_and_others_told():
    table = sweep(lambda lr: {"y": lr}, {"lr": np.logspace(-3, 0, 4)})
    assert table.select(lr=0.1 + 1e-16)["y"] == pytest.approx(0.1)
    assert table.select(lr=1)["y"] == 1
    with pytest.raises(ValueError, match=r"lr is 0.11; the grid has 0.001, 0.01, 0.1, 1.0"):
        table.select(lr=0.11)
    with pytest.raises(KeyError, match="no axis 'beta'; there are lr"):
        table.select(beta=0.9)
    with pytest.raises(KeyError, match="no array 'loss'; there are y"):
        table["loss"]


# ---- failures -----------------------------------------------------------------------------------


def picky(x):
    if x == 2:
        raise ValueError("two is not allowed")
    return {"y": 10 * x, "z": np.full(2, x, np.float32)}


def test_one_bad_point_leaves_the_others():
    with pytest.raises(PointsFailed) as told:
        sweep(picky, {"x": [1, 2, 3]})
    assert str(told.value) == (
        "1 of 3 points failed; the others are in .table\n  x=2: ValueError: two is not allowed"
    )
    kept = sweep(picky, {"x": [1, 2, 3]}, errors="keep")
    for table in (told.value.table, kept):
        np.testing.assert_array_equal(table["y"], [10, np.nan, 30])
        assert table["z"].dtype == np.float32 and np.isnan(table["z"][1]).all()
        (failure,) = table.failures
        assert failure.point == {"x": 2} and "in picky" in failure.traceback
    assert kept.select(x=3).failures == () and len(kept.select(x=2).failures) == 1
    assert repr(kept) == "Table(3 x: y (3,), z (3, 2); 1 failed)"
    assert sweep(picky, {"x": [1, 3]})["y"].dtype.kind == "i"  # only a gap turns numbers into floats


def test_a_long_list_of_failures_is_cut():
    with pytest.raises(PointsFailed, match=r"7 of 7 points failed(.*\n){6}  \.\.\.$") as told:
        sweep(lambda x: {"y": 1 / 0}, {"x": range(7)})
    assert told.value.table.arrays == {} and len(told.value.table.failures) == 7


def test_a_run_that_diverges_takes_no_other_with_it():
    grid = {"lr": [0.01, 1.0, 0.03], "beta": [0.0, 0.9]}
    with np.errstate(all="ignore"):
        single = sweep(momentum_run(400), grid, errors="keep")
        block = sweep(momentum_run(400), grid, vectorised=("lr", "beta"), errors="keep")
    assert [f.point for f in single.failures] == [{"lr": 1.0, "beta": 0.0}, {"lr": 1.0, "beta": 0.9}]
    assert [f.point for f in block.failures] == [f.point for f in single.failures]
    assert all(f.error.startswith("Diverged: ") for f in block.failures)
    np.testing.assert_allclose(block["loss"], single["loss"], rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (3.0, "the function returned 3.0; allowed are dicts and NamedTuples"),
        ({}, "the function returned {}"),
        ({"y": "text"}, "'y' has dtype <U4; allowed are arrays of numbers"),
        ({"y": None}, "'y' has dtype object"),
        ({3: 1.0}, "3 has dtype float64; allowed are arrays of numbers under names"),
    ],
)
def test_results_that_are_none_are_told(result, said):
    with pytest.raises(PointsFailed, match=said):
        sweep(lambda x: result, {"x": [1]})


def test_results_of_another_shape_are_told():
    table = sweep(lambda n: {"y": np.zeros(max(n, 3))}, {"n": [1, 2, 5, 3]}, errors="keep")
    (failure,) = table.failures
    assert failure.point == {"n": 5}
    assert failure.error == "ValueError: results of shapes {'y': (5,)}, but {'y': (3,)} at n=1"
    assert table["y"].shape == (4, 3) and np.isnan(table["y"][2]).all()


def test_a_block_without_its_axis_is_told():
    with pytest.raises(PointsFailed, match=r"y has shape \(\); allowed is \(1, ...\), one row for each run"):
        sweep(lambda x: {"y": x.sum()}, {"x": [1, 2]}, vectorised="x")


# ---- workers that die or do not answer ----------------------------------------------------------


def test_a_worker_that_dies_is_replaced_and_its_point_done(tmp_path):
    table = sweep(killer(tmp_path / "died", once=True, spare=os.getpid()), {"x": range(6)}, jobs=2)
    assert (tmp_path / "died").exists()
    assert table["y"].tolist() == [0, 1, 4, 9, 16, 25]


def test_a_point_that_kills_every_worker_fails_alone(tmp_path):
    table = sweep(
        killer(tmp_path / "died", once=False, spare=os.getpid()),
        {"x": range(5)},
        jobs=2,
        retries=1,
        errors="keep",
    )
    np.testing.assert_array_equal(table["y"], [0, 1, np.nan, 9, 16])
    (failure,) = table.failures
    assert failure.point == {"x": 2} and failure.error.startswith("its worker died: ")


@pytest.mark.parametrize(("counts", "lost"), [([2, 1, 1, 2, 2, 2], False), ([2] + 1000 * [1], True)])
def test_a_killer_is_not_let_into_the_last_process(tmp_path, monkeypatch, counts, lost):
    """With a single worker left joblib would run everything here: wait for others, or give up."""
    counts = iter(counts)
    monkeypatch.setattr(running, "effective_n_jobs", lambda jobs: next(counts))
    monkeypatch.setattr(running, "PATIENCE", 0.25)
    run = killer(tmp_path / "died", once=True, spare=os.getpid())
    table = sweep(run, {"x": [2, 3]}, jobs=2, errors="keep")
    if lost:
        assert {"x": 2} in [f.point for f in table.failures]
        assert all(f.error == "no worker came back within 0.25 seconds" for f in table.failures)
    else:
        assert table["y"].tolist() == [4, 9]


def test_a_point_without_answer_is_given_up():
    def run(x):
        import time

        time.sleep(60 * (x == 1))
        return {"y": x}

    sweep(run, {"x": [0, 2]}, jobs=2)  # starting workers takes time of its own
    began = time.monotonic()
    table = sweep(run, {"x": range(3)}, jobs=2, timeout=2, errors="keep")
    assert time.monotonic() - began < 50
    assert [(f.point, f.error) for f in table.failures] == [({"x": 1}, "no result within 2 seconds")]
    np.testing.assert_array_equal(table["y"], [0, np.nan, 2])


# ---- a folder -----------------------------------------------------------------------------------


def counted(calls, bad=()):
    """A function that notes its calls; bad points fail."""

    def run(x, seed):
        calls.append((x, seed))
        if (x, seed) in bad:
            raise RuntimeError("bad")
        return {"y": np.array([x, seed], np.float32), "file": x}  # `file` is a name like any other

    return run


def test_a_sweep_is_continued(tmp_path):
    calls, grid = [], {"x": [1, 2], "seed": [0, 1]}
    first = sweep(counted(calls, bad=[(2, 0)]), grid, folder=tmp_path, errors="keep")
    assert len(calls) == 4 and len(first.failures) == 1
    calls.clear()
    second = sweep(counted(calls), grid, folder=tmp_path)
    assert calls == [(2, 0)]  # a failure is not kept, all else is
    same(second, sweep(counted([]), grid))
    calls.clear()
    wider = sweep(counted(calls), {"seed": [1, 0, 2], "x": [2]}, folder=str(tmp_path))
    assert calls == [(2, 2)]  # another grid, the axes in another order
    assert wider["y"][:, 0].tolist() == [[2, 1], [2, 0], [2, 2]]


def test_a_damaged_file_is_computed_again(tmp_path):
    calls, grid = [], {"x": [1, 2, 3], "seed": [0]}
    sweep(counted([]), grid, folder=tmp_path)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 3 and {f.suffix for f in files} == {".npz"}
    files[0].write_bytes(files[0].read_bytes()[:-40])
    content = bytearray(files[1].read_bytes())
    content[len(content) // 4] ^= 255
    files[1].write_bytes(content)
    files[2].write_bytes(b"")
    same(sweep(counted(calls), grid, folder=tmp_path), sweep(counted([]), grid))
    assert len(calls) == 3


def test_the_folder_of_another_function_is_refused(tmp_path):
    sweep(picky, {"x": [1]}, folder=tmp_path)
    with pytest.raises(ValueError, match=r"holds results of .*picky, not of .*<lambda>; take another folder"):
        sweep(lambda x: {"y": x}, {"x": [1]}, folder=tmp_path)


def test_results_are_on_disk_before_the_sweep_ends(tmp_path):
    """Kill the sweeping process itself: what was done is there."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from sweep_points import killer; from lib.sweep import sweep\n"
        "sweep(killer(sys.argv[2] + '/died', once=True), {'x': range(4)}, folder=sys.argv[2] + '/runs')"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    assert subprocess.run(command, env=environment, check=False).returncode == -9
    assert len(list((tmp_path / "runs").glob("*.npz"))) == 2  # x = 0 and x = 1
    assert subprocess.run(command, env=environment, check=False).returncode == 0
    assert len(list((tmp_path / "runs").glob("*.npz"))) == 4


# ---- the bar, and arguments ---------------------------------------------------------------------


def test_nobody_watches_a_test(capsys):
    sweep(picky, {"x": [1, 3]})
    out, err = capsys.readouterr()
    assert out == err == ""
    sweep(picky, {"x": [1, 3]}, progress=True)
    assert "2/2" in capsys.readouterr().err


def named(x):
    return {"y": 1}


@pytest.mark.parametrize(
    ("kwargs", "kind", "said"),
    [
        ({"grid": {}}, TypeError, "grid is {}"),
        ({"grid": [1, 2]}, TypeError, r"grid is \[1, 2\]; allowed is a dict"),
        ({"grid": {"x": 3}}, TypeError, "x is 3; allowed are lists, ranges and arrays"),
        ({"grid": {"x": "ab"}}, TypeError, "x is 'ab'"),
        ({"grid": {"x": []}}, TypeError, r"x is \[\]"),
        ({"grid": {"x": [1, 2, 1]}}, ValueError, "x has 1 more than once"),
        ({"grid": {"x": [lambda: 0]}}, TypeError, "a grid holds <function .*; allowed are numbers, strings"),
        ({"grid": {"x": [object()]}}, TypeError, "a grid holds <object"),
        ({"grid": {"x": [[1]]}}, TypeError, r"a grid holds \[1\]"),
        ({"grid": {"x": [1], "z": [2]}}, TypeError, r"function does not take a point \(x=1, z=2\)"),
        ({"grid": {"y": [1]}}, TypeError, "function does not take a point"),
        ({"function": 3}, TypeError, "function is 3"),
        ({"vectorised": "lr"}, ValueError, "vectorised names 'lr'; the grid has x"),
        ({"grid": {"x": [1, "a"]}, "vectorised": "x"}, TypeError, "holds other things than numbers"),
        ({"grid": {"x": [True]}, "vectorised": "x"}, TypeError, "holds other things than numbers"),
        ({"jobs": 0}, ValueError, "jobs is 0"),
        ({"jobs": 2.0}, ValueError, "jobs is 2.0"),
        ({"errors": "ignore"}, ValueError, "errors is 'ignore'; allowed are 'raise' and 'keep'"),
        ({"retries": -1}, ValueError, "retries is -1"),
        ({"timeout": 0}, ValueError, "timeout is 0"),
        ({"progress": "yes"}, TypeError, "progress is 'yes'"),
    ],
)
def test_bad_arguments_are_told_at_once(kwargs, kind, said):
    with pytest.raises(kind, match=said):
        sweep(**{"function": named, "grid": {"x": [1, 2]}, **kwargs})
