"""One step of a rule: the clipped gradient, the rate, the formula in blocks, the check of the result.

What `descend` and `train` share.
"""

from typing import NamedTuple

import numpy as np

from lib.contract import START, check_number, unchanged
from lib.memory import keep_memory
from lib.ranges import non_negative, positive

__all__ = ["BLOCK", "Diverged", "Step", "Stepper", "check_finite", "in_blocks", "long_slots", "rate_at"]

LONG = 2**21  # elements; only longer vectors gain by being stepped in blocks
BLOCK = 2**17  # elements; what a formula makes of a block then stays in the processor's cache
NARROWEST = 256  # elements; with many runs a narrower block would cost more than it saves


class Step(NamedTuple):
    """One point of a path: everything in it belongs to the same parameters.

    `t` steps taken so far; `w` the parameters, of shape (..., P); `loss` (...) and `grad` (..., P)
    at `w`, the gradient as the loss gave it, before any clipping; `state` of the rule.

    >>> Step(0, np.zeros(1), 0.5, np.ones(1), START).t
    0
    """

    t: int
    w: np.ndarray
    loss: np.ndarray | float
    grad: np.ndarray
    state: tuple


class Diverged(ArithmeticError):
    """A loss or gradient became NaN or infinite; `last` is the last good `Step`, or None.

    >>> Diverged("the loss is inf at t = 3", None).last is None
    True
    """

    def __init__(self, message, last):
        super().__init__(message)
        self.last = last

    def __reduce__(self):  # comes back whole from another process
        return type(self), (str(self), self.last)


class Stepper:
    """Takes steps of one rule: `w, state = stepper(t, w, grad, state)`.

    Made for a start `w`, `state`: TypeError or ValueError at once for a rate, a clip or
    hyper-parameters that do not fit. `rate` is the last rate used. With `reuse` two sets of long arrays
    take turns: what a step returned is good until the next step but one; without, for ever.

    >>> from lib.rules import sgd
    >>> stepper = Stepper(sgd, np.ones(2), START, lr=lambda t: 0.5 / (t + 1), clip=None, hyper={})
    >>> stepper(1, np.ones(2), np.array([4.0, -4.0]), START)
    (array([0., 2.]), State(t=1, m=0.0, v=0.0))
    >>> stepper.rate, stepper.state_like(np.ones(2))
    (0.25, State(t=1, m=0.0, v=0.0))
    """

    def __init__(self, rule, w, state, *, lr, clip, hyper, reuse=False):
        self.check, self.formula = getattr(rule, "check", None), getattr(rule, "formula", rule)
        self.name, self.elementwise = getattr(rule, "__name__", "rule"), getattr(rule, "elementwise", False)
        self.lr, self.clip, self.hyper, self.rate = lr, clip, hyper, None
        self.first, self.compared = True, False
        self.reuse, self.spare, self.latest = reuse, None, None
        keep_memory()
        if self.check:  # the gradient has no say yet: check all else with w in its place
            self.check(w, w, state, {"lr": 1.0, **hyper})
        if not callable(lr):
            check_number("lr", lr, w)
        if clip is not None:
            check_number("clip", clip, w)
            positive("clip", clip)

    def __call__(self, t, w, grad, state):
        """The parameters and the state after one step."""
        g = grad if self.clip is None else clipped(grad, self.clip)
        if self.first and self.check:
            w, g, state = self.check(w, g, state, {"lr": 1.0, **self.hyper})
        self.rate = rate_at(self.lr, t, w)
        hyper = {"lr": self.rate, **self.hyper}
        if self.elementwise and not self.first and w.size > LONG:
            new = in_blocks(self.formula, w, g, state, hyper, spare=self.spare, name=self.name)
            if self.reuse:
                self.spare, self.latest = self.latest, new
            if not self.compared:
                self._compare(new, self.formula(w, g, state, **hyper))
        else:
            new = self.formula(w, g, state, **hyper)
            unchanged(self.name, w, new[0])
        self.first = False
        return new

    def state_like(self, w):
        """A state as the rule leaves it for parameters like `w`: its type, slots, shapes and dtypes."""
        w, g, state, hyper = w, np.zeros_like(w), START, {"lr": 1.0, **self.hyper}
        if self.check:
            w, g, state = self.check(w, g, state, hyper)
        with np.errstate(all="ignore"):
            return self.formula(w, g, state, **hyper)[1]

    def _compare(self, blocks, whole):
        self.compared = True
        for part, all_ in zip((blocks[0], *blocks[1]), (whole[0], *whole[1]), strict=True):
            if not np.array_equal(part, all_, equal_nan=True):
                raise TypeError(
                    f"{self.name} moves a coordinate by what others do, so it cannot be stepped in "
                    "blocks: declare it @rule(elementwise=False)"
                )


def in_blocks(formula, w, g, s, hyper, *, block=BLOCK, spare=None, name="rule"):
    """One step of an elementwise formula, block by block along the last axis.

    Gives the bits of `formula(w, g, s, **hyper)`, in less time where the arrays outgrow the cache.
    All runs of a leading axis stay together. `spare`: a pair (w, state) that an earlier call
    returned, whose arrays may be written over; nothing else is written to.

    >>> from lib.rules import momentum
    >>> w, s = in_blocks(momentum.formula, np.ones(1000), np.ones(1000), START, {"lr": 0.5}, block=300)
    >>> set(w.tolist()), set(s.m.tolist()), s.t
    ({0.5}, {1.0}, 1)
    """
    size = w.shape[-1] if w.ndim else 1
    width = max(block * size // max(w.size, 1), NARROWEST)
    if size <= width:
        new = formula(w, g, s, **hyper)
        unchanged(name, w, new[0])
        return new
    # a number, or an array that is the same along the last axis, is the same in every block
    sliced = long_slots(s, w)
    long_hyper = [name for name, value in hyper.items() if np.ndim(value) and value.shape[-1] == size]
    some, values, new_s = list(s), dict(hyper), None
    old_w, old_s = spare or (None, ())
    new_w = _room(old_w, w.shape, w.dtype)
    for start in range(0, size, width):
        cut = (..., slice(start, start + width))
        for i in sliced:
            some[i] = s[i][cut]
        for key in long_hyper:
            values[key] = hyper[key][cut]
        before = w[cut]
        after, state = formula(before, g[cut], s._make(some), **values)
        if getattr(after, "dtype", None) is not before.dtype or after.shape != before.shape:
            unchanged(name, before, after)
        new_w[cut] = after
        if new_s is None:
            new_s = list(state)
            grown = [i for i, slot in enumerate(state) if np.ndim(slot) and slot.shape[-1] == width]
            for i in grown:
                old = old_s[i] if len(old_s) > i else None
                new_s[i] = _room(old, (*state[i].shape[:-1], size), state[i].dtype)
        for i in grown:
            new_s[i][cut] = state[i]
    return new_w, state._make(new_s)


def long_slots(state, w):
    """Which slots of a state run along the last axis of `w`, by their place.

    >>> from lib.contract import State
    >>> long_slots(State(1, np.zeros(5), np.zeros((1, 1))), np.zeros((2, 5)))
    [1]
    """
    return [i for i, slot in enumerate(state) if np.ndim(slot) and slot.shape[-1] == w.shape[-1]]


def _room(old, shape, dtype):
    fits = isinstance(old, np.ndarray) and old.shape == shape and old.dtype == dtype
    return old if fits and old.flags.owndata and old.flags.writeable else np.empty(shape, dtype)


def check_finite(loss, grad, t, lr, last):
    """Raise `Diverged`, with the last good step, for a loss or gradient that is not finite.

    >>> check_finite(1.0, np.ones(2), 0, 0.1, None)
    >>> check_finite(np.inf, np.ones(2), 0, 0.1, None)
    Traceback (most recent call last):
    lib.loop.stepping.Diverged: the loss is not finite at the start, before any step: look at w and \
the loss
    """
    # one NaN or infinity makes the sum of squares one; so may very large numbers: then look at each
    if np.isfinite(loss).all() and (np.isfinite(np.vdot(grad, grad)) or np.all(np.isfinite(grad))):
        return
    bad = "gradient" if np.all(np.isfinite(loss)) else "loss"
    if t == 0:
        raise Diverged(f"the {bad} is not finite at the start, before any step: look at w and the loss", None)
    rate = lr(t - 1) if callable(lr) else lr
    raise Diverged(
        f"the {bad} is no longer finite at t = {t}: try a smaller lr than {rate}; the last good "
        "step is in .last",
        last,
    )


def rate_at(lr, t, w):
    """The learning rate of the step that begins at t = 0, 1, ..., checked if a schedule gave it.

    >>> rate_at(lambda t: 1 / (1 + t), 3, np.zeros(1))
    0.25
    """
    if not callable(lr):
        return lr
    rate = lr(t)
    check_number(f"lr({t})", rate, w)
    non_negative(f"lr({t})", rate)
    return rate


def clipped(grad, clip):
    """The gradient, scaled down where its Euclidean norm over the last axis exceeds `clip`.

    >>> clipped(np.array([[3.0, 4.0], [0.0, 0.1]]), 0.5)
    array([[0.3, 0.4],
           [0. , 0.1]])
    """
    norm = np.sqrt(np.sum(grad**2, axis=-1, keepdims=True))
    return np.where(norm > clip, grad * (clip / np.maximum(norm, clip)), grad)
