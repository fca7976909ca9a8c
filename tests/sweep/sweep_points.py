"""Functions to sweep, made anew for each test: what is made inside a function travels to any worker."""


def momentum_run(steps=40):
    """Momentum on an elongated bowl; lr and beta are numbers, or arrays of as many runs."""
    import numpy as np

    from lib.loop import descend, trace
    from lib.problems import Quadratic
    from lib.rules import momentum

    def run(lr, beta):
        lr, beta = (a[..., None] for a in np.broadcast_arrays(lr, beta))
        start = np.broadcast_to([1.0, -2.0, 0.5], (*lr.shape[:-1], 3))
        path = trace(descend(Quadratic([1.0, 7.0, 30.0]).loss_grad, start, momentum, lr=lr, beta=beta), steps)
        return {"loss": path.loss.T, "w": path.w[-1]}

    return run


def net_run(steps=15):
    """A small network from the weights of a seed; lr is a number, or an array of as many runs."""
    import numpy as np

    from lib.loop import descend, trace
    from lib.net import FCN
    from lib.rules import adam

    def run(lr, seed):
        rng = np.random.default_rng(seed)
        X, y, net = rng.random((30, 5)), rng.integers(0, 3, 30), FCN((5, 8, 3), activation="tanh")
        lr, w = np.asarray(lr)[..., None], net.init(rng)
        start = np.broadcast_to(w, (*lr.shape[:-1], net.size))
        path = trace(descend(lambda w: net.loss_grad(w, X, y), start, adam, lr=lr), steps)
        return {"loss": path.loss.T, "w": path.w[-1]}

    return run


def random_run():
    """A random walk whose randomness belongs to its point."""
    import numpy as np

    from lib.sweep import seed_of

    def run(scale, run):
        rng = np.random.default_rng(seed_of(scale=scale, run=run))
        return {"walk": scale * rng.standard_normal(20).cumsum(), "steps": 20}

    return run


def killer(marker, *, once, spare=None):
    """x squared; at x = 2 it kills the process it runs in, the first time or every time.

    `spare`: a process that it must not run in.
    """

    def run(x):
        import os
        import signal
        from pathlib import Path

        import numpy as np

        if os.getpid() == spare:
            raise RuntimeError("not in a worker")
        if x == 2:
            first = not Path(marker).exists()
            Path(marker).write_text(str(os.getpid()))
            if first or not once:
                os.kill(os.getpid(), signal.SIGKILL)
        return {"y": np.float64(x) ** 2, "pid": os.getpid()}

    return run
