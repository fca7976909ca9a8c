"""The loop that takes the steps: any loss, any rule, any schedule.

`descend` yields one `Step` after another without end; `trace` stacks the first of them in arrays.
"""

import inspect
from itertools import islice
from typing import NamedTuple

import numpy as np

from lib.contract import START, check_number, unchanged
from lib.ranges import non_negative, positive, whole

__all__ = ["Diverged", "Step", "Trace", "descend", "trace"]


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


class Trace(NamedTuple):
    """The first points of a path, stacked: `t` (T,), `w` (T, ..., P), `loss` (T, ...), `grad`.

    >>> Trace(np.arange(1), np.zeros((1, 2)), np.zeros(1), np.zeros((1, 2))).w.shape
    (1, 2)
    """

    t: np.ndarray
    w: np.ndarray
    loss: np.ndarray
    grad: np.ndarray


class Diverged(ArithmeticError):
    """A loss or gradient became NaN or infinite; `last` is the last good `Step`, or None.

    >>> Diverged("the loss is inf at t = 3", None).last is None
    True
    """

    def __init__(self, message, last):
        super().__init__(message)
        self.last = last


def descend(loss_grad, w, rule, *, lr, state=START, clip=None, **hyper):
    r"""Follow an update rule from `w`, without end.

    $$ w_{t+1}, s_{t+1} = \text{rule}(w_t, \nabla f(w_t), s_t;\ \eta_t, \ldots), \qquad t = 0, 1, \ldots $$

    `loss_grad(w)` returns loss and gradient; if it has a parameter named `t`, it gets the step
    count, for losses that change from step to step. `rule`: one of `lib.rules` or any function
    `(w, g, s, *, lr, ...) -> (w, s)`. `lr`: a number > 0, or a schedule `t -> float` >= 0, called
    with t = 0 for the first step. `clip`: the largest Euclidean norm a gradient may have (over
    the last axis; a longer one is scaled down), or None. `hyper`: the rule's hyper-parameters.

    Yields `Step(t, w, loss, grad, state)` from t = 0, the start, on. Raises at once: TypeError or
    ValueError for parameters, hyper-parameters and clip the rule cannot take; while running:
    `Diverged` with the last good step for a NaN or infinite loss or gradient, TypeError when a
    step changes the shape or dtype of `w`.

    >>> from lib.rules import sgd
    >>> steps = descend(lambda w: (0.5 * w @ w, w), np.array([1.0]), sgd, lr=0.5)
    >>> [(step.t, float(step.loss)) for step in islice(steps, 3)]
    [(0, 0.5), (1, 0.125), (2, 0.03125)]
    """
    for name, value in (("loss_grad", loss_grad), ("rule", rule)):
        if not callable(value):
            raise TypeError(f"{name} is {value!r}; allowed are functions")
    w = np.array(w)
    check = getattr(rule, "check", None)
    if check:  # the gradient has no say yet: check all else with w in its place
        check(w, w, state, {"lr": 1.0, **hyper})
    if not callable(lr):
        check_number("lr", lr, w)
    if clip is not None:
        check_number("clip", clip, w)
        positive("clip", clip)
    return _steps(loss_grad, w, rule, lr, state, clip, hyper)


def _steps(loss_grad, w, rule, lr, state, clip, hyper):
    timed = "t" in inspect.signature(loss_grad).parameters
    check, formula = getattr(rule, "check", None), getattr(rule, "formula", rule)
    t, last = 0, None
    while True:
        loss, grad = loss_grad(w, t=t) if timed else loss_grad(w)
        if not (np.all(np.isfinite(loss)) and np.all(np.isfinite(grad))):
            bad = "gradient" if np.all(np.isfinite(loss)) else "loss"
            raise Diverged(_advice(bad, t, lr), last)
        if isinstance(grad, np.ndarray):
            grad = grad.copy()  # a loss may use one buffer for all its gradients
        last = Step(t, w, loss, grad, state)
        yield last
        g = grad if clip is None else _clipped(grad, clip)
        if t == 0 and check:
            w, g, state = check(w, g, state, {"lr": 1.0, **hyper})
        new_w, state = formula(w, g, state, lr=_rate(lr, t, w), **hyper)
        unchanged(getattr(rule, "__name__", "rule"), w, new_w)
        t, w = t + 1, new_w


def _advice(bad, t, lr):
    if t == 0:
        return f"the {bad} is not finite at the start, before any step: look at w and the loss"
    rate = lr(t - 1) if callable(lr) else lr
    return (
        f"the {bad} is no longer finite at t = {t}: try a smaller lr than {rate}; the last good "
        "step is in .last"
    )


def _rate(lr, t, w):
    if not callable(lr):
        return lr
    rate = lr(t)
    check_number(f"lr({t})", rate, w)
    non_negative(f"lr({t})", rate)
    return rate


def _clipped(grad, clip):
    norm = np.sqrt(np.sum(grad**2, axis=-1, keepdims=True))
    return np.where(norm > clip, grad * (clip / np.maximum(norm, clip)), grad)


def trace(steps, n):
    """Take `n` steps of a path and stack the n + 1 points in arrays.

    `steps`: what `descend` returns; `n` >= 0 (ValueError otherwise). Returns a `Trace` whose
    first entry is the start. `Diverged` passes through.

    >>> from lib.rules import sgd
    >>> path = trace(descend(lambda w: (0.5 * w @ w, w), np.array([1.0]), sgd, lr=0.5), 3)
    >>> path.w[:, 0]
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    whole("n", n)
    points = list(islice(steps, int(n) + 1))
    return Trace(
        np.array([p.t for p in points]),
        np.array([p.w for p in points]),
        np.array([p.loss for p in points]),
        np.array([p.grad for p in points]),
    )
