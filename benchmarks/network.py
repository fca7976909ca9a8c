"""How fast networks train: against the bare matrix products, PyTorch and scikit-learn; sweeps; Adam alone.

python benchmarks/network.py [--only steps sklearn adam runs] [--threads 1 2]

PyTorch is no requirement of the book: pip install torch==2.13.0 to have its columns filled.
"""

import argparse
import itertools
import os
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import numpy as np
from ratios import medians, processes, table

from lib import rules
from lib.contract import START
from lib.data import Data
from lib.loop import batches, descend, trace, train
from lib.loop.stepping import Stepper
from lib.net import FCN
from lib.problems import Quadratic

NETS = {  # name: sizes, batch, dropout
    "64-100×4-10": ((64, 100, 100, 100, 100, 10), 100, 0.0),
    "784-10": ((784, 10), 100, 0.0),
    "784-300-100-10": ((784, 300, 100, 10), 100, 0.0),
    "784-800-600-400-200-10, dropout": ((784, 800, 600, 400, 200, 10), 128, 0.5),
    "3072-100×5-10": ((3072, 100, 100, 100, 100, 100, 10), 100, 0.0),
}
RULES = ("sgd", "momentum", "rmsprop", "adam")
DTYPES = ("float32", "float64")
LR = 1e-6  # so small that no weight goes anywhere: neither infinities nor denormal numbers
TORCH = find_spec("torch") is not None


def batch(sizes, n, dtype):
    """Inputs and classes."""
    rng = np.random.default_rng(0)
    return rng.random((n, sizes[0])).astype(dtype), rng.integers(0, sizes[-1], n)


# ---- one training step: the products alone, the book, PyTorch ------------------------------------


def products(sizes, n, p, dtype):
    """The matrix products of one gradient into arrays that are there already: the limit."""
    rng = np.random.default_rng(0)
    h, d, dh = ([rng.random((n, size)).astype(dtype) for size in sizes] for _ in range(3))
    W = [rng.random(pair).astype(dtype) for pair in itertools.pairwise(sizes)]
    dW = [np.empty_like(one) for one in W]
    layers = range(len(W))
    jobs = [(h[i], W[i], d[i + 1]) for i in layers]
    jobs += [(h[i].T, d[i + 1], dW[i]) for i in layers]
    jobs += [(d[i + 1], W[i].T, dh[i]) for i in layers if i]

    def run():
        for a, b, out in jobs:
            np.matmul(a, b, out=out)

    return run


def gradient(sizes, n, p, dtype):
    """Loss and gradient by the book."""
    net = FCN(sizes, dropout=p, dtype=dtype)
    w, (X, y) = net.init(np.random.default_rng(0)), batch(sizes, n, dtype)
    rng = np.random.default_rng(1) if p else None
    return lambda: net.loss_grad(w, X, y, rng)


def step(sizes, n, p, dtype, rule):
    """Gradient and update by the book, as `train` takes them."""
    net = FCN(sizes, dropout=p, dtype=dtype)
    w, (X, y) = net.init(np.random.default_rng(0)), batch(sizes, n, dtype)
    rng = np.random.default_rng(1) if p else None
    stepper = Stepper(getattr(rules, rule), w, START, lr=LR, clip=None, hyper={}, reuse=True)
    at = [0, w, START]

    def run():
        t, w, state = at
        _, grad = net.loss_grad(w, X, y, rng)
        at[:] = (t + 1, *stepper(t, w, grad, state))

    return run


def torch_step(sizes, n, p, dtype, rule):
    """Gradient and update by PyTorch, eager, with its default optimiser."""
    torch = import_torch()
    dtype_, parts = getattr(torch, dtype), []
    for rows, columns in itertools.pairwise(sizes):
        parts += [torch.nn.Linear(rows, columns, dtype=dtype_), torch.nn.ReLU(), torch.nn.Dropout(p)]
    parts = [part for part in parts[:-2] if p or not isinstance(part, torch.nn.Dropout)]
    net, criterion = torch.nn.Sequential(*parts), torch.nn.CrossEntropyLoss()
    X, y = map(torch.tensor, batch(sizes, n, dtype))
    make = {"sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    if rule == "momentum":
        optimiser = torch.optim.SGD(net.parameters(), lr=LR, momentum=0.9)
    else:
        optimiser = make[rule](net.parameters(), lr=LR)

    def run():
        optimiser.zero_grad()
        criterion(net(X), y).backward()
        optimiser.step()

    return run


def import_torch():
    """PyTorch with as many threads as this process may use."""
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    return torch


def steps(threads, chosen):
    """A row for each net and dtype: shares of the bare products' time; bold is slower than PyTorch."""
    who = ["products", "book"] + ["torch"] * TORCH
    head = ["net", "products, ms", "gradient"]
    for rule in RULES:
        head += [rule, "PyTorch"] if TORCH else [rule]
    rows = [head]
    with processes(who, threads) as ends:
        for name, net in chosen.items():
            for dtype in DTYPES:
                jobs = {"limit": ("products", products, (*net, dtype))}
                jobs["gradient"] = ("book", gradient, (*net, dtype))
                for rule in RULES:
                    jobs[rule] = ("book", step, (*net, dtype, rule))
                    if TORCH:
                        jobs[f"torch {rule}"] = ("torch", torch_step, (*net, dtype, rule))
                times = medians(ends, jobs)
                limit = times.pop("limit")
                row = [f"{name}, {dtype}", f"{1e3 * limit:.3f}"]
                rows.append(row + [f"{time / limit:.2f}" for time in times.values()])
    print(f"### A training step, {threads} thread{'s' * (threads > 1)}, as a multiple of the bare products\n")
    table(*rows)


# ---- whole trainings: the book, scikit-learn -----------------------------------------------------

BATCHES, EPOCHS = 10, 2


def data_of(sizes, n, dtype):
    """Ten batches to train on, one to validate with."""
    X, y = batch(sizes, n * BATCHES, dtype)
    return Data(X, y, X[:n], y[:n])


def training(sizes, n, p, dtype, rule):
    """`train` for two epochs, with its look at all examples before, between and after."""
    data, net = data_of(sizes, n, dtype), FCN(sizes, dtype=dtype)
    return lambda: train(
        net, data, getattr(rules, rule), lr=LR, epochs=EPOCHS, batch_size=n, seed=0, progress=False
    )


def bare_training(sizes, n, p, dtype, rule):
    """The steps of `train` and nothing else."""
    data, net = data_of(sizes, n, dtype), FCN(sizes, dtype=dtype)

    def run():
        w, state, batch = net.init(np.random.default_rng(0)), START, batches(len(data.y_train), n, seed=0)
        stepper = Stepper(getattr(rules, rule), w, START, lr=LR, clip=None, hyper={}, reuse=True)
        for t in range(EPOCHS * BATCHES):
            _, grad = net.loss_grad(w, data.X_train[batch(t)], data.y_train[batch(t)])
            w, state = stepper(t, w, grad, state)

    return run


def sklearn_training(sizes, n, p, dtype, rule):
    """`MLPClassifier.fit` for two epochs; it keeps the losses of its batches and looks at no other data."""
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    X, y, *_ = data_of(sizes, n, dtype)
    settings = {"solver": rule, "learning_rate_init": LR, "momentum": 0.0, "nesterovs_momentum": False}
    net = MLPClassifier(
        sizes[1:-1], alpha=0.0, batch_size=n, max_iter=EPOCHS, random_state=0, n_iter_no_change=99, **settings
    )
    return lambda: net.fit(X, y)


def against_sklearn(threads, chosen):
    """A row for each net and dtype: scikit-learn's time as a multiple of the book's; dropout it has none."""
    rows = [
        (
            "scikit-learn / book, without dropout",
            "sgd: steps",
            "whole `train`",
            "adam: steps",
            "whole `train`",
        )
    ]
    with processes(("book", "sklearn"), threads) as ends:
        for name, net in chosen.items():
            for dtype in DTYPES:
                row = [f"{name.split(',')[0]}, {dtype}"]
                for rule in ("sgd", "adam"):
                    made = (*net, dtype, rule)
                    jobs = {"steps": ("book", bare_training, made), "train": ("book", training, made)}
                    jobs["sklearn"] = ("sklearn", sklearn_training, made)
                    times = medians(ends, jobs, repeats=5)
                    row += [f"{times['sklearn'] / times[who]:.2f}" for who in ("steps", "train")]
                rows.append(row)
    print(f"### {BATCHES * EPOCHS} steps of training, {threads} thread{'s' * (threads > 1)}\n")
    table(*rows)


# ---- Adam alone ----------------------------------------------------------------------------------


def adam(size, dtype):
    """The rule on one vector, as `train` steps it."""
    w, g = np.random.default_rng(0).standard_normal((2, size)).astype(dtype)
    stepper = Stepper(rules.adam, w, START, lr=LR, clip=None, hyper={}, reuse=True)
    at = [0, w, START]

    def run():
        t, w, state = at
        at[:] = (t + 1, *stepper(t, w, g, state))

    return run


def torch_adam(size, dtype, foreach):
    """PyTorch's Adam on one tensor."""
    torch = import_torch()
    w, g = np.random.default_rng(0).standard_normal((2, size)).astype(dtype)
    w = torch.nn.Parameter(torch.tensor(w))
    w.grad = torch.tensor(g)
    return torch.optim.Adam([w], lr=LR, foreach=foreach).step


def copying():
    """A copy of 256 MB, for the bandwidth of memory."""
    a = np.ones(2**25)
    b = np.empty_like(a)
    return lambda: np.copyto(b, a)


def adam_alone(threads, chosen):
    """A row for each size and dtype."""
    rows = [("parameters", "book, ms", "share of bandwidth", "PyTorch default / book", "for-each / book")]
    with processes(["book"] + ["torch"] * TORCH, threads) as ends:
        copied = 2 * 2**28 / medians(ends, {"copy": ("book", copying, ())}, 0.2, 5)["copy"]
        for size in (10**5, 10**6, 10**7):
            for dtype in DTYPES:
                jobs = {"book": ("book", adam, (size, dtype))}
                if TORCH:
                    jobs["default"] = ("torch", torch_adam, (size, dtype, None))
                    jobs["foreach"] = ("torch", torch_adam, (size, dtype, True))
                times = medians(ends, jobs, repeats=11)
                # w, g, m and v are read, w, m and v are written
                share = 7 * size * np.dtype(dtype).itemsize / times["book"] / copied
                ratios = [
                    f"{times[who] / times['book']:.2f}" if TORCH else "-" for who in ("default", "foreach")
                ]
                rows.append((f"{size:.0e}, {dtype}", f"{1e3 * times['book']:.2f}", f"{share:.0%}", *ratios))
    print(f"### Adam alone, {threads} thread{'s' * (threads > 1)}; memory copies {copied / 1e9:.1f} GB/s\n")
    table(*rows)


# ---- many runs at once ---------------------------------------------------------------------------


def grid(count):
    """`count` points of a grid of learning rates and betas on a quadratic at once, 150 steps."""
    lrs, betas = np.meshgrid(np.linspace(0.01, 0.5, 64), np.linspace(0, 0.95, 64))
    lr, beta = lrs.reshape(-1, 1)[:count], betas.reshape(-1, 1)[:count]
    loss_grad = Quadratic(np.array([0.1, 3.0])).loss_grad
    return lambda: trace(descend(loss_grad, np.ones((count, 2)), rules.momentum, lr=lr, beta=beta), 150)


def grid_alone(count):
    """The same points one by one."""
    lrs, betas = np.meshgrid(np.linspace(0.01, 0.5, 64), np.linspace(0, 0.95, 64))
    points = list(zip(lrs.ravel().tolist(), betas.ravel().tolist(), strict=True))[:: 4096 // count]
    loss_grad = Quadratic(np.array([0.1, 3.0])).loss_grad

    def run():
        for lr, beta in points:
            trace(descend(loss_grad, np.ones(2), rules.momentum, lr=lr, beta=beta), 150)

    return run


SMALL = ((64, 16, 10), (64, 32, 10), (64, 100, 10))


def nets(sizes, count, single):
    """An epoch of `count` small nets on data like the digits, at once or one by one."""
    X, y = batch(sizes, 1500, "float64")
    data, net = Data(X[:1200], y[:1200], X[1200:], y[1200:]), FCN(sizes)
    w = net.init(np.random.default_rng(0), count)
    settings = {"lr": 0.01, "epochs": 1, "batch_size": 32, "seed": 0, "progress": False}

    def run():
        for start in w if single else [w]:
            train(net, data, rules.adam, w=start, **settings)

    return run


def runs(threads, chosen):
    """Many runs on a leading axis against one by one; of the loops a sample is timed."""
    rows = [("many runs", "one by one / at once")]
    with processes(("book",), threads) as ends:
        jobs = {"once": ("book", grid, (4096,)), "loop": ("book", grid_alone, (32,))}
        times = medians(ends, jobs, 0.05, 9)
        ratio = 4096 / 32 * times["loop"] / times["once"]
        rows.append(("64×64 points (lr, beta) on a quadratic, 150 steps", f"{ratio:.0f}"))
        for sizes in SMALL:
            jobs = {"once": ("book", nets, (sizes, 200, False)), "loop": ("book", nets, (sizes, 10, True))}
            times = medians(ends, jobs, 0.1, 5)
            name, ratio = "-".join(map(str, sizes)), 200 / 10 * times["loop"] / times["once"]
            rows.append((f"200 nets {name}, an epoch of Adam, batch 32", f"{ratio:.1f}"))
    print(f"### On a leading axis, {threads} thread{'s' * (threads > 1)}\n")
    table(*rows)


PARTS = {"steps": steps, "sklearn": against_sklearn, "adam": adam_alone, "runs": runs}


def main():
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--threads", nargs="+", type=int, default=(1, 2))
    parser.add_argument("--nets", default="", help="only the nets whose name contains this")
    given = parser.parse_args()
    chosen = {name: net for name, net in NETS.items() if given.nets in name}
    if not TORCH:
        print("PyTorch is not installed: its columns are left out (pip install torch==2.13.0)\n")
    for part in given.only:
        for threads in given.threads:
            PARTS[part](threads, chosen)


if __name__ == "__main__":
    main()
