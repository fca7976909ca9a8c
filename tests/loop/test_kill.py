"""kill -9 at any moment: the checkpoint is always whole, and what it leads to is the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 100
ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_kill_9_a_hundred_times(tmp_path):
    told = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("mortal.py")), str(tmp_path), str(KILLS)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        timeout=300,
    )
    assert told.returncode == 0, told.stderr
    lives = json.loads(told.stdout)
    steps = lives["steps"]
    assert len(steps) == KILLS
    assert steps == sorted(steps)  # no life loses what another has done
    assert lives["done"] == 0  # every one was killed
    assert steps[-1] > 20  # and they came somewhere
    assert lives["left"] >= 5  # some of them in the middle of writing
    assert lives["same"]
    assert sorted(lives["files"]) == ["run.npz", "straight.npz", "warm.npz"]
