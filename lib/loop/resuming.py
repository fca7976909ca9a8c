"""When a checkpoint is written, and which one a training may go on from.

It is accepted if a training with these settings, never interrupted, would have passed through it.
"""

import inspect
from hashlib import blake2b
from pathlib import Path

import numpy as np

from lib.loop.checkpoint import CheckpointError, load, save, sweep
from lib.loop.stepping import rate_at

__all__ = ["Keeper", "settings"]


def settings(net, rule, hyper, data, **more):
    """All that decides the course of a training, as text: what a checkpoint is compared by.

    >>> from lib.rules import momentum
    >>> class Net:
    ...     __repr__ = lambda self: "Net(3)"
    >>> settings(Net(), momentum, {"beta": 0.5}, (), seed=7)
    {'network': 'Net(3)', 'rule': 'lib.rules.momentum', 'beta': '0.5', 'seed': '7'}
    """
    said = {"network": repr(net), "rule": f"{rule.__module__}.{rule.__qualname__}"}
    for name, text in said.items():
        if " at 0x" in text:
            raise ValueError(f"the {name} calls itself {text}; to be told from others it needs a __repr__")
    parameters = inspect.signature(rule).parameters.values()
    defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "lr"}
    said |= {name: _text(value) for name, value in {**defaults, **hyper}.items()}
    names = ("X_train", "y_train", "X_val", "y_val") if data else ()
    said |= {name: _text(np.asarray(getattr(data, name))) for name in names}
    return said | {name: _text(value) for name, value in more.items()}


def _text(value):
    if callable(value):
        return "a schedule"  # known by the rates it gave
    if isinstance(value, np.ndarray):
        return f"{value.dtype.str}{value.shape} {blake2b(np.ascontiguousarray(value)).hexdigest()[:32]}"
    return repr(value)


class Keeper:
    """Writes the checkpoint of one training every `every` steps, and puts a training where it was.

    `said`: the settings as text; `log`: a `Log`. ValueError for a path that does not end in .npz or
    whose folder does not exist.

    >>> import tempfile
    >>> from lib.contract import State
    >>> from lib.loop.history import Log
    >>> from lib.loop.stepping import Stepper
    >>> from lib.rules import sgd
    >>> stepper = Stepper(sgd, np.zeros(2), State(), lr=0.5, clip=None, hyper={})
    >>> done, begun = Log(np.ones(2), 3, 4), Log(np.zeros(2), 3, 4)
    >>> done.t, done.state = 6, State(6)
    >>> folder = tempfile.TemporaryDirectory()
    >>> keeper = Keeper(Path(folder.name, "run.npz"), {}, stepper, every=2)
    >>> keeper.after_step(done, finished=False)
    >>> keeper.resume(begun)
    >>> begun.t, begun.w, begun.state
    (6, array([1., 1.]), State(t=6, m=0.0, v=0.0))
    >>> folder.cleanup()
    """

    def __init__(self, path, said, stepper, every):
        self.path = Path(path)
        if self.path.suffix != ".npz" or not self.path.parent.is_dir():
            raise ValueError(f"checkpoint is {path}; allowed are files .npz in a folder that exists")
        self.said, self.stepper, self.every = said, stepper, int(every)
        self.rates = blake2b()  # of the rates a schedule gave, step by step

    def after_step(self, log, finished):
        """Write the checkpoint if it is time."""
        if callable(self.stepper.lr):
            self.rates.update(_bytes(self.stepper.rate))
        if log.t % self.every and not finished:
            return
        slots = dict(zip(log.state._fields, log.state, strict=True))
        numbers = {
            name: slot for name, slot in slots.items() if not isinstance(slot, (np.ndarray, np.generic))
        }
        arrays = {f"state_{name}": slot for name, slot in slots.items() if name not in numbers}
        meta = {"settings": self.said, "t": log.t, "state": numbers, "rates": self.rates.hexdigest()}
        save(self.path, meta, log.arrays() | arrays)

    def resume(self, log):
        """Put the training where the checkpoint left it, if there is one; CheckpointError if it is another's."""
        sweep(self.path)
        if not self.path.exists():
            return
        room = sum(a.nbytes for a in (log.loss, log.penalty, log.train_loss, log.val_loss))
        meta, arrays = load(self.path, limit=2**21 + 16 * log.w.nbytes + 8 * room)
        self._same(meta.get("settings"))
        t, end = meta.get("t"), log.total
        if type(t) is not int or t < 1:
            self._refuse(f"is at step {t!r}")
        if t > end:
            self._refuse(f"is at step {t}, this training ends at {end}: raise epochs")
        log.t = t
        for name, here in log.arrays().items():
            there = self._array(arrays, name, here)
            if getattr(log, name).shape == there.shape:
                setattr(log, name, there)
            else:  # the part of a longer record that is filled so far
                getattr(log, name)[: len(there)] = there
        if np.any((log.best_epoch < 0) | (log.best_epoch > log.e)):
            self._refuse(f"has its best epoch at {log.best_epoch}")
        log.state = self._state(meta.get("state"), arrays, log)
        if callable(self.stepper.lr):
            for s in range(t):
                self.rates.update(_bytes(rate_at(self.stepper.lr, s, log.w)))
            if self.rates.hexdigest() != meta.get("rates"):
                self._refuse("was written under a schedule that gave other rates", advise=True)

    def _same(self, theirs):
        if not isinstance(theirs, dict):
            self._refuse("says nothing about its settings")
        for name in (*self.said, *theirs):
            there, here = str(theirs.get(name))[:300], str(self.said.get(name))
            if there != here:
                self._refuse(f"is of another training: its {name} is {there}, here it is {here}", advise=True)

    def _array(self, arrays, name, like):
        found = arrays.get(name)
        if found is None or (found.shape, found.dtype) != (like.shape, like.dtype):
            what = "nothing" if found is None else f"shape {found.shape} and dtype {found.dtype}"
            self._refuse(f"has {what} as {name}; expected are shape {like.shape} and dtype {like.dtype}")
        return found

    def _state(self, numbers, arrays, log):
        like = self.stepper.state_like(log.w)
        slots = []
        for name, slot in zip(like._fields, like, strict=True):
            if isinstance(slot, (np.ndarray, np.generic)):
                found = self._array(arrays, f"state_{name}", slot)
                slots.append(found if found.ndim else found[()])
                continue
            number = numbers.get(name) if isinstance(numbers, dict) else None
            if type(number) is not type(slot):
                self._refuse(f"has {number!r} as the state's {name}; expected is a number like {slot!r}")
            slots.append(number)
        state = like._make(slots)
        if state.t != log.t:
            self._refuse(f"is at step {log.t}, its state at step {state.t}")
        return state

    def _refuse(self, what, advise=False):
        advice = "; give the settings it was written with, another file, or delete it to begin anew"
        raise CheckpointError(f"{self.path} {what}{advice if advise else ''}")


def _bytes(rate):
    return np.asarray(rate, np.float64).tobytes()
