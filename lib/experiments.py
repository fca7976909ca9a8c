r"""The notes' experiments with networks as functions of the data: digits in the book, MNIST where it is.

Every comparison follows one protocol, `fair`: the learning rate is chosen on one half of the
validation examples with some seeds, and the result read off the other half with fresh seeds.
"""

from typing import NamedTuple

import numpy as np

from lib.loop import History, train
from lib.net import FCN
from lib.ranges import at_least_one, positive
from lib.rules import momentum
from lib.sweep import sweep

__all__ = ["A", "B", "Fair", "cut", "fair", "fit", "halves", "layer_sizes", "overfit", "update_ratio"]

A, B = (300,), (300, 100)  # the hidden layers of the notes' two networks


class Fair(NamedTuple):
    """What `fair` returns for L learning rates, S tuning seeds and R fresh ones.

    `lr`: the rate chosen, of `lrs` (L,); `trials` (L, S): the loss each trial ended with on the half
    that chooses, infinity where it diverged; `inside`: whether the chosen rate has neighbours on
    both sides (if not, the grid was too narrow); `runs`: the `History` of the R fresh seeds, whose
    `val_...` are of the half that judges.

    >>> Fair(0.1, np.array([0.1]), np.array([[2.3]]), False, None).inside
    False
    """

    lr: float
    lrs: np.ndarray
    trials: np.ndarray
    inside: bool
    runs: History


def layer_sizes(data, hidden):
    """Sizes (D, *hidden, C) of a network for the inputs and classes of `data`; `hidden` may be ().

    >>> from lib.data import digits
    >>> layer_sizes(digits(), A)
    (64, 300, 10)
    """
    return (data.X_train.shape[1], *hidden, int(data.y_train.max()) + 1)


def cut(data, train, validation):
    """The first examples of each part: `train` and `validation` of them.

    ValueError for more than there are.

    >>> from lib.data import digits
    >>> [len(part) for part in cut(digits(), 50, 20)]
    [50, 50, 20, 20]
    """
    for name, n, there in (("train", train, data.y_train), ("validation", validation, data.y_val)):
        at_least_one(name, n)
        if n > len(there):
            raise ValueError(f"{name} is {n}; allowed are 1 to {len(there)}, what the data holds")
    return data._replace(
        X_train=data.X_train[:train],
        y_train=data.y_train[:train],
        X_val=data.X_val[:validation],
        y_val=data.y_val[:validation],
    )


def halves(data):
    """The same training examples twice, once with each half of the validation examples.

    Choose by the first and judge by the second: the best of many trials looks better, on the
    examples that chose it, than it is. ValueError for fewer than two validation examples.

    >>> from lib.data import digits
    >>> choose, judge = halves(digits())
    >>> len(choose.y_val), len(judge.y_val)
    (179, 180)
    """
    half = len(data.y_val) // 2
    if half < 1:
        raise ValueError(f"there are {len(data.y_val)} validation examples; allowed are two or more")
    return (
        data._replace(X_val=data.X_val[:half], y_val=data.y_val[:half]),
        data._replace(X_val=data.X_val[half:], y_val=data.y_val[half:]),
    )


def fit(data, hidden, rule, *, lr, epochs, batch_size, seed, scale="he", **more):
    r"""Train a network with the given hidden layers on `data`: `lib.loop.train` with its start.

    $$ \operatorname{Var} W = \texttt{scale}^2 \quad\text{or}\quad \tfrac{2}{I}\ (\text{"he"}) \quad\text{or}\quad
       \tfrac{2}{I+O}\ (\text{"glorot"}) $$

    `hidden`: sizes of the hidden layers, () for the softmax classifier; `seed`: one, or one for each
    run; `more` goes to `train` and on to the rule. Returns a `History`.

    >>> from lib.data import digits
    >>> run = fit(digits(), (), momentum, lr=0.05, beta=0.9, epochs=3, batch_size=100, seed=0)
    >>> bool(run.val_accuracy[-1] > 0.8)
    True
    """
    net = FCN(layer_sizes(data, hidden))
    starts = [net.init(np.random.default_rng(one), scale=scale) for one in np.atleast_1d(seed)]
    w = starts[0] if np.ndim(seed) == 0 else np.stack(starts)
    return train(net, data, rule, lr=lr, epochs=epochs, batch_size=batch_size, seed=seed, w=w, **more)


def fair(
    data,
    hidden,
    rule,
    lrs,
    *,
    epochs,
    batch_size,
    schedule=None,
    tuning=(0, 1),
    seeds=(10, 11, 12, 13, 14),
    **more,
):
    r"""Train one network as well as a grid of learning rates allows, and judge it on what chose nothing.

    $$ \hat\eta = \arg\min_{\eta\in\texttt{lrs}} \frac1S\sum_{s\in\texttt{tuning}}
       f_{\text{choose}}\bigl(w_T(\eta, s)\bigr), \qquad
       \text{result} = f_{\text{judge}}\bigl(w_T(\hat\eta, r)\bigr),\ r\in\texttt{seeds} $$

    `lrs`: rates > 0, ascending; `schedule`: what makes a schedule of each of them, as those of
    `lib.schedules` do, or None for constant rates; `tuning` and `seeds`: distinct whole numbers, none
    in both; the rest as in `fit`. Two methods with equally many `lrs` and `tuning` seeds have had an equal tuning budget.
    Returns a `Fair`. ValueError for other grids, or if every rate diverged.

    >>> from lib.data import digits
    >>> data = cut(digits(validation=0.4), 400, 400)
    >>> result = fair(data, (), momentum, [0.01, 0.1], epochs=3, batch_size=50)
    >>> result.lr, result.trials.shape, result.runs.val_loss.shape
    (0.1, (2, 2), (4, 5))
    """
    lrs = np.asarray(lrs, float)
    positive("lrs", lrs)
    if lrs.ndim != 1 or not len(lrs) or not np.all(np.diff(lrs) > 0):
        raise ValueError(f"lrs is {lrs}; allowed are one or more rates in ascending order")
    if len({*tuning, *seeds}) < len(tuning) + len(seeds) or not len(tuning) or not len(seeds):
        raise ValueError(f"tuning is {tuning}, seeds {seeds}; allowed are distinct ones, none in both")
    choose, judge = halves(data)
    rate, more = schedule or float, {"epochs": epochs, "batch_size": batch_size, **more}

    def trial(lr, seed):
        with np.errstate(over="ignore", invalid="ignore"):  # a diverging run overflows before it is told
            run = fit(choose, hidden, rule, lr=rate(lr), seed=seed, **more)
        return {"loss": run.val_loss[-1]}

    table = sweep(trial, {"lr": lrs.tolist(), "seed": list(tuning)}, errors="keep", progress=False)
    ended = table.arrays.get("loss", np.full((len(lrs), len(tuning)), np.inf))
    trials = np.where(np.isfinite(ended), ended, np.inf)
    means = trials.mean(axis=1)
    if not np.isfinite(means).any():
        raise ValueError(f"lrs is {lrs}; every rate diverged for some seed, first: {table.failures[0].error}")
    best = int(np.argmin(means))
    runs = fit(judge, hidden, rule, lr=rate(lrs[best]), seed=tuple(seeds), **more)
    return Fair(float(lrs[best]), lrs, trials, 0 < best < len(lrs) - 1, runs)


def overfit(data, *, examples=50, hidden=4 * (100,), rule=momentum, lr=0.02, epochs=40, seed=0, **more):
    """Let a five-layer network learn a handful of examples by heart, in batches of half of them.

    The sanity check of a network and its training: the data are too few to generalise from, and any
    sound network should bring their loss to zero. `more` as in `fit`. Returns a `History`.

    >>> from lib.data import digits
    >>> float(overfit(digits(), beta=0.9).train_accuracy[-1])
    1.0
    """
    few = cut(data, examples, len(data.y_val))
    size = max(examples // 2, 1)
    return fit(few, hidden, rule, lr=lr, epochs=epochs, batch_size=size, seed=seed, **more)


def update_ratio(net, w, step):
    r"""Size of an update beside the size of the weights, layer by layer.

    $$ \frac{\lVert \Delta W_l \rVert}{\lVert W_l \rVert} $$

    `w` (..., P), `step` (..., P) the change of `w`; biases are left out. Returns (L, ...). Source: the
    rule of thumb 1e-3 is that of the course CS231n.

    >>> net = FCN((2, 1))
    >>> update_ratio(net, np.array([3.0, 4.0, 0.0]), np.array([0.0, 0.05, 9.0]))
    array([0.01])
    """
    pairs = zip(net.unpack(w)[::2], net.unpack(step)[::2], strict=True)
    return np.array([np.linalg.norm(d, axis=(-2, -1)) / np.linalg.norm(W, axis=(-2, -1)) for W, d in pairs])
