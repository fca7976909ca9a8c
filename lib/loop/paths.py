"""Paths: `descend` yields one `Step` after another without end, `trace` stacks the first of them."""

import inspect
from itertools import islice
from typing import NamedTuple

import numpy as np

from lib.contract import START
from lib.loop.stepping import Step, Stepper, check_finite
from lib.ranges import whole

__all__ = ["Trace", "descend", "trace"]


class Trace(NamedTuple):
    """The first points of a path, stacked: `t` (T,), `w` (T, ..., P), `loss` (T, ...), `grad`.

    >>> Trace(np.arange(1), np.zeros((1, 2)), np.zeros(1), np.zeros((1, 2))).w.shape
    (1, 2)
    """

    t: np.ndarray
    w: np.ndarray
    loss: np.ndarray
    grad: np.ndarray


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
    return _steps(loss_grad, w, Stepper(rule, w, state, lr=lr, clip=clip, hyper=hyper), state)


def _steps(loss_grad, w, stepper, state):
    timed = "t" in inspect.signature(loss_grad).parameters
    t, last = 0, None
    while True:
        loss, grad = loss_grad(w, t=t) if timed else loss_grad(w)
        check_finite(loss, grad, t, stepper.lr, last)
        if isinstance(grad, np.ndarray):
            grad = grad.copy()  # a loss may use one buffer for all its gradients
        last = Step(t, w, loss, grad, state)
        yield last
        w, state = stepper(t, w, grad, state)
        t += 1


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
