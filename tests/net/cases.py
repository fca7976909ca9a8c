"""The networks that are compared with PyTorch: settings, and inputs made without `lib`."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

GOLDEN = Path(__file__).parents[1] / "golden" / "net" / "net.npz"
N = 6


class Case(NamedTuple):
    """One network; `dropout` holds one drop probability for each hidden layer."""

    name: str
    sizes: tuple
    activation: str = "relu"
    dropout: tuple = ()
    l1: float = 0.0
    l2: float = 0.0
    spread: float = 1.0
    dtype: type = np.float64
    seed: int = 0


CASES = (
    Case("softmax", (5, 4), seed=1),
    Case("relu", (5, 8, 3), seed=2),
    Case("tanh", (4, 7, 6, 3), "tanh", seed=3),
    Case("sigmoid", (3, 9, 5), "sigmoid", seed=4),
    Case("deep", (6, 7, 6, 5, 4, 3), seed=5),
    Case("penalties", (4, 6, 3), "tanh", l1=0.03, l2=0.2, seed=6),
    Case("dropout", (5, 12, 9, 4), dropout=(0.5, 0.25), seed=7),
    Case("all", (4, 10, 8, 3), "sigmoid", (0.25, 0.5), 0.01, 0.1, seed=8),
    Case("extreme", (5, 4), spread=300.0, seed=9),
    Case("float32", (5, 8, 3), dtype=np.float32, seed=10),
)


def inputs(case):
    """w (P,), X (N, D), y (N,) and one mask for each hidden layer."""
    rng = np.random.default_rng(case.seed)
    pairs = list(zip(case.sizes, case.sizes[1:], strict=False))
    w = case.spread * (2 * rng.random(sum(i * o + o for i, o in pairs)) - 1)
    X = 2 * rng.random((N, case.sizes[0])) - 1
    y = rng.integers(0, case.sizes[-1], N)
    hidden = case.sizes[1:-1]
    rates = case.dropout or (0.0,) * len(hidden)
    masks = [(rng.random((N, n)) >= p) / (1 - p) for n, p in zip(hidden, rates, strict=True)]
    return w.astype(case.dtype), X.astype(case.dtype), y, [m.astype(case.dtype) for m in masks]
