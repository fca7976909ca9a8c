"""A process that has a training killed, again and again, until it is done; run by test_kill.py.

    python mortal.py FOLDER KILLS

Each life is a fork, so that NumPy is imported once; it is killed after some milliseconds, wherever
it then is. A tiny net writes its checkpoint at every step: most of the time it is writing.
Prints, as JSON, how far each life came and what the dead left behind.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from lib.data import Data
from lib.loop import train
from lib.loop.checkpoint import load
from lib.net import FCN
from lib.rules import amsgrad


def life(path, epochs=1000):
    """Train, from the checkpoint if there is one."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((24, 2)), rng.integers(0, 2, 24)
    data = Data(X[:16], y[:16], X[16:], y[16:])
    net = FCN((2, 4, 2), dropout=0.5)
    return train(
        net, data, amsgrad, lr=lambda t: 0.1 / (1 + t), epochs=epochs, batch_size=8, seed=1, checkpoint=path,
        save_every=1, progress=False,
    )  # fmt: skip


def main(folder, kills):
    path = Path(folder, "run.npz")
    rng = np.random.default_rng(0)
    life(Path(folder, "warm.npz"), epochs=1)  # what is imported late is imported now
    steps, left, done = [], 0, 0
    for n, delay in enumerate(rng.uniform(0.002, 0.03, kills)):
        child = os.fork()
        if child == 0:
            if n % 5:  # the disk is slow, and only a loss of power would need it
                os.fsync = lambda fd: None
            code = 1
            try:
                life(path)
                code = 0
            finally:
                os._exit(code)
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        done += os.WIFEXITED(status)
        left += any(name.endswith(".tmp") for name in os.listdir(folder))
        # whatever happened, the file is whole; before the first step there is none
        steps.append(load(path, limit=2**24)[0]["t"] if path.exists() else 0)
    epochs = steps[-1] // 2 + 3
    resumed, straight = life(path, epochs), life(Path(folder, "straight.npz"), epochs)
    same = all(
        np.array_equal(a, b)
        for a, b in zip((*resumed[:-1], *resumed.state), (*straight[:-1], *straight.state), strict=True)
    )
    print(json.dumps({"steps": steps, "left": left, "done": done, "same": same, "files": os.listdir(folder)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
