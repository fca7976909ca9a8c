"""Training a network on minibatches: epochs, evaluation, early stopping, checkpoints."""

import numpy as np

from lib.contract import START
from lib.loop.batching import DROP, batches, generator
from lib.loop.history import Log
from lib.loop.progress import bar
from lib.loop.resuming import Keeper, settings
from lib.loop.stepping import Step, Stepper, check_finite
from lib.ranges import at_least_one, whole

__all__ = ["evaluate", "train"]

CHUNK = 2048  # examples evaluated at once


def train(
    net, data, rule, *, lr, epochs, batch_size, seed, w=None, clip=None, patience=None,
    checkpoint=None, save_every=None, progress=None, **hyper,
):  # fmt: skip
    r"""Fit a network to data: `epochs` passes over all examples in minibatches, one step for each.

    $$ w_{t+1}, s_{t+1} = \text{rule}(w_t, \nabla f_{B_t}(w_t), s_t;\ \eta_t, \ldots),
       \qquad B_t = \texttt{batches}(N, \texttt{batch\_size}, \texttt{seed})(t) $$

    `net`: an `FCN`, or whatever has its `init`, `loss_grad`, `scores`, `penalty`, `dropout`, `dtype`.
    `data`: X_train (N, D), y_train (N,), X_val, y_val, as `Data` names them. `rule`, `lr`, `clip`,
    `hyper` as in `descend`: a number or a schedule `t -> float` over steps; the largest norm of a
    gradient. `seed`, a whole number, decides start, batches and dropout, and nothing else does.

    `w`: the start, (P,) or (R, P) for R runs at once; default `net.init(default_rng(seed))`. Runs
    share batches and dropout masks, so that they differ only in what makes them differ; with a
    sequence of R seeds each run has its own. `patience`: stop once that many epochs have brought
    no lower validation loss (to any run). `progress`: show a bar; None: only if somebody watches.

    `checkpoint`: a file `.npz`, written every `save_every` steps (default: each epoch) and at the
    end. If it exists, training goes on from there, and ends with the same bits as if it had never
    stopped; `epochs` may be raised. CheckpointError if it is damaged or of other settings.

    Returns a `History`. ValueError or TypeError at once for what cannot be; while training
    `Diverged`, with the last good step, for a loss or gradient that is not finite.

    >>> from typing import NamedTuple
    >>> from lib.net import FCN
    >>> from lib.rules import adam
    >>> class Data(NamedTuple):
    ...     X_train: object; y_train: object; X_val: object; y_val: object
    >>> X = np.random.default_rng(0).standard_normal((200, 2))
    >>> y = (X[:, 0] > 0).astype(int)
    >>> data = Data(X[:150], y[:150], X[150:], y[150:])
    >>> history = train(FCN((2, 8, 2)), data, adam, lr=0.05, epochs=5, batch_size=10, seed=0)
    >>> history.loss.shape, history.val_loss.shape, bool(history.val_accuracy[-1] > 0.9)
    ((75,), (6,), True)
    """
    at_least_one("epochs", epochs)
    for name, value in (("patience", patience), ("save_every", save_every)):
        if value is not None:
            at_least_one(name, value)
    seeds, w = _start(net, seed, w)
    seen, unseen = _data(data, w.dtype)
    orders = [batches(len(seen[1]), batch_size, one) for one in seeds]
    stepper = Stepper(rule, w, START, lr=lr, clip=clip, hyper=hyper, reuse=True)
    log = Log(w, int(epochs), orders[0].steps_per_epoch)
    drops = any(np.ravel(net.dropout))
    keeper = None
    if checkpoint is not None:
        said = settings(
            net, rule, hyper, data, seed=seeds, start=w, lr=lr, clip=clip, batch_size=batch_size,
            patience=patience,
        )  # fmt: skip
        keeper = Keeper(checkpoint, said, stepper, save_every or log.per_epoch)
        keeper.resume(log)

    def look(last):
        numbers = [n for X, y in (seen, unseen) for n in evaluate(net, log.w, X, y)]
        check_finite(numbers[0] + numbers[2], 0.0, log.t, lr, last)
        log.look(numbers)

    shown = bar(progress, log.total, log.t)
    last = None
    try:
        if log.t == 0:
            look(None)
        while not log.finished(patience):
            t, w, state = log.t, log.w, log.state
            index = orders[0](t) if len(orders) == 1 else np.stack([order(t) for order in orders])
            masks = _masks(seeds, w, t) if drops else None
            loss, grad = net.loss_grad(w, seen[0][index], seen[1][index], masks)
            check_finite(loss, grad, t, lr, last)
            log.loss[t], log.penalty[t] = loss - (penalty := net.penalty(w)), penalty
            last = Step(t, w, loss, grad, state)
            log.w, log.state = stepper(t, w, grad, state)
            log.t = t + 1
            if log.t % log.per_epoch == 0:
                look(last)
            if keeper is not None:
                keeper.after_step(log, log.finished(patience))
            if shown is not None:
                shown.set_postfix_str(f"validation {np.mean(log.val_accuracy[log.e]):.1%}", refresh=False)
                shown.update()
    finally:
        if shown is not None:
            shown.close()
    return log.history()


def evaluate(net, w, X, y, chunk=CHUNK):
    r"""Mean cross-entropy and accuracy over all examples, without dropout and penalties.

    $$ \frac1N\sum_n \Bigl(\ln\sum_c e^{z_{nc}} - z_{n,y_n}\Bigr), \qquad
       \frac1N\sum_n 1[\arg\max_c z_{nc} = y_n] $$

    Goes through `X` (N, D), `y` (N,) in chunks of `chunk` examples, fewer for several runs, so that
    memory stays small. Returns two arrays (...), one entry a run. ValueError for a class the net does
    not have.

    >>> from lib.net import FCN
    >>> loss, share = evaluate(FCN((1, 2)), np.zeros(4), np.ones((3, 1)), np.array([0, 0, 1]))
    >>> round(float(loss), 6), round(float(share), 6)
    (0.693147, 0.666667)
    """
    runs = w.shape[:-1]
    chunk = max(chunk // int(np.prod(runs)), 64)
    loss, right = np.zeros(runs, w.dtype), np.zeros(runs, np.int64)
    for start in range(0, len(y), chunk):
        classes = y[start : start + chunk]
        z = net.scores(w, X[start : start + chunk])
        if classes.min() < 0 or classes.max() >= z.shape[-1]:
            raise ValueError(f"y has the class {max(classes, key=abs)}; allowed is [0, {z.shape[-1]})")
        z = z - z.max(axis=-1, keepdims=True)
        of_class = z[..., np.arange(len(classes)), classes]
        loss += (np.log(np.exp(z).sum(axis=-1)) - of_class).sum(axis=-1)
        right += (z.argmax(axis=-1) == classes).sum(axis=-1)
    return loss / w.dtype.type(len(y)), right / len(y)


def _start(net, seed, w):
    """The seeds as a list, one or one a run, and an own copy of the start."""
    seeds = [seed] if np.ndim(seed) == 0 else list(seed)
    for one in seeds:
        if isinstance(one, bool) or not isinstance(one, (int, np.integer)):
            raise TypeError(f"seed is {seed!r}; allowed are whole numbers >= 0, one or one for each run")
        whole("seed", one)
    seeds = [int(one) for one in seeds]
    if w is None:
        starts = [net.init(np.random.default_rng(one)) for one in seeds]
        w = starts[0] if np.ndim(seed) == 0 else np.stack(starts)
    w = np.array(w, order="C")
    if w.ndim not in (1, 2) or 0 in w.shape:
        raise ValueError(f"w has shape {w.shape}; allowed are (P,) and (R, P) for R runs")
    if np.ndim(seed) and w.shape[:-1] != (len(seeds),):
        raise ValueError(f"there are {len(seeds)} seeds, w has shape {w.shape}; allowed is one seed a run")
    return (seeds if np.ndim(seed) else seeds[:1]), w


def _data(data, dtype):
    """(X, y) to train on and (X, y) to validate with, inputs in the dtype of the parameters."""
    pairs = []
    for part in ("train", "val"):
        X, y = np.asarray(getattr(data, f"X_{part}")), np.asarray(getattr(data, f"y_{part}"))
        if X.ndim != 2 or y.shape != X.shape[:1] or not len(y):
            raise ValueError(
                f"X_{part} has shape {X.shape}, y_{part} {y.shape}; allowed are (N, D) and (N,), N >= 1"
            )
        if not np.issubdtype(y.dtype, np.integer):
            raise TypeError(f"y_{part} has dtype {y.dtype}; allowed are whole numbers: y.astype(int)")
        pairs.append((X.astype(dtype, copy=False), y))
    return pairs


def _masks(seeds, w, t):
    """What the dropout masks of step t are drawn from: a generator, or one for each run."""
    if w.ndim == 1:
        return generator(seeds[0], DROP, t)
    return [generator(one, DROP, t) for one in (seeds if len(seeds) > 1 else seeds * len(w))]
