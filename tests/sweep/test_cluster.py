"""The same sweeps on a real Dask cluster of two processes, one of which is killed."""

import os

import joblib
import numpy as np
import pytest
from dask.distributed import Client, LocalCluster
from sweep_points import killer, momentum_run, random_run

from lib.sweep import sweep


@pytest.fixture(scope="module")
def client():
    """Two workers of one thread each."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
        Client(cluster) as client,
    ):
        yield client


def on_cluster(client, *args, **kwargs):
    client.wait_for_workers(2, timeout=60)  # with a single one joblib runs everything in this process
    with joblib.parallel_config(backend="dask"):
        return sweep(*args, **kwargs)


@pytest.mark.parametrize(
    ("run", "grid", "kwargs"),
    [
        (momentum_run(), {"lr": [0.002, 0.01, 0.03], "beta": [0.0, 0.9]}, {}),
        (momentum_run(), {"lr": np.linspace(0.001, 0.03, 300), "beta": [0.0, 0.9]}, {"vectorised": "lr"}),
        (random_run(), {"scale": [0.5, 2.0], "run": range(4)}, {}),
    ],
)
def test_a_cluster_gives_the_same_bits(client, run, grid, kwargs):
    here, there = sweep(run, grid, **kwargs), on_cluster(client, run, grid, **kwargs)
    assert here.axes == there.axes
    for name, array in here.arrays.items():
        np.testing.assert_array_equal(there[name], array)


def test_both_workers_work_and_a_killed_one_is_made_up_for(client, tmp_path):
    def slow(x):
        import time

        time.sleep(0.1)
        return {"y": x, "pid": os.getpid()}

    table = on_cluster(client, slow, {"x": range(8)})
    pids = set(table["pid"].tolist())
    assert len(pids) == 2 and os.getpid() not in pids

    done = on_cluster(
        client,
        killer(tmp_path / "died", once=True, spare=os.getpid()),
        {"x": range(8)},
        folder=tmp_path / "runs",
    )
    assert int((tmp_path / "died").read_text())  # some worker did die
    assert done["y"].tolist() == [x**2 for x in range(8)]
    assert len(list((tmp_path / "runs").iterdir())) == 8
