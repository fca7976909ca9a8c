"""What training keeps while it runs, and what it returns."""

from typing import NamedTuple

import numpy as np

from lib.contract import START

__all__ = ["History", "Log"]

EPOCHS = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")  # of `History`, one entry an epoch


class History(NamedTuple):
    """The course of a training of T steps in E epochs; with R runs every `...` is R, else nothing.

    For each step t = 0, ..., T-1, at the parameters before it: `loss` (T, ...) of the minibatch,
    with dropout, without penalties; `penalty` (T, ...). For each epoch e = 0, ..., E, entry 0
    being the start: `train_loss`, `train_accuracy`, `val_loss`, `val_accuracy` (E + 1, ...) over
    all examples, without dropout and penalties. `best_epoch` (...) is the first of lowest
    validation loss, `best_w` (..., P) the parameters then; `w` (..., P) and `state` are the last.

    >>> zero = np.zeros(1)
    >>> History(zero, zero, zero, zero, zero, zero, 0, zero, zero, None).best_epoch
    0
    """

    loss: np.ndarray
    penalty: np.ndarray
    train_loss: np.ndarray
    train_accuracy: np.ndarray
    val_loss: np.ndarray
    val_accuracy: np.ndarray
    best_epoch: np.ndarray | int
    best_w: np.ndarray
    w: np.ndarray
    state: tuple


class Log:
    """Where a training stands: `t` steps taken, `w`, `state`, and the arrays of `History`, half filled.

    Made for a start `w` (..., P), a number of epochs and of steps in each.

    >>> log = Log(np.zeros(3), 5, 2)
    >>> log.look([0.7, 0.5, 0.8, 0.5])
    >>> log.t, log.e, log.finished(None), log.best_epoch
    (0, 0, False, array(0))
    >>> log.t, log.w = 2, np.ones(3)
    >>> log.look([0.6, 0.5, 0.9, 0.5])  # training loss lower, validation loss higher
    >>> log.finished(patience=1), log.best_w, log.arrays()["val_loss"]
    (True, array([0., 0., 0.]), array([0.8, 0.9]))
    >>> log.history().loss.shape
    (2,)
    """

    def __init__(self, w, epochs, per_epoch):
        runs, self.per_epoch, self.total = w.shape[:-1], per_epoch, epochs * per_epoch
        self.t, self.w, self.state, self.best_w = 0, w, START, w
        self.best_epoch = np.zeros(runs, np.int64)
        self.loss, self.penalty = np.zeros((2, self.total, *runs), w.dtype)
        for name in EPOCHS:
            setattr(self, name, np.zeros((epochs + 1, *runs), w.dtype if "loss" in name else np.float64))

    @property
    def e(self):
        """Whole epochs done."""
        return self.t // self.per_epoch

    def look(self, numbers):
        """Note losses and accuracies at the end of an epoch, in the order of `History`."""
        for name, value in zip(EPOCHS, numbers, strict=True):
            getattr(self, name)[self.e] = value
        better = self.val_loss[self.e] < np.min(self.val_loss[: self.e], axis=0, initial=np.inf)
        self.best_epoch = np.where(better, self.e, self.best_epoch)
        self.best_w = np.where(better[..., None], self.w, self.best_w)  # a copy: `w` is written over

    def finished(self, patience):
        """Whether all steps are taken, or no run has become better for `patience` epochs."""
        stale = patience is not None and np.all(self.e - self.best_epoch >= patience)
        return bool(self.t >= self.total or stale)

    def arrays(self):
        """The arrays of `History` as far as they are filled."""
        steps = {name: getattr(self, name)[: self.t] for name in ("loss", "penalty")}
        epochs = {name: getattr(self, name)[: self.e + 1] for name in EPOCHS}
        return steps | epochs | {"best_epoch": self.best_epoch, "best_w": self.best_w, "w": self.w}

    def history(self):
        """The `History` so far."""
        return History(**self.arrays(), state=self.state)
