"""What every update rule promises, and the decorator that holds callers to it.

    w, s = rule(w, g, s, *, lr, ...)

`@rule` checks what goes in and comes out, so that the body of a rule is its formula and nothing
else. The bare formula stays reachable as `adam.formula`, for loops that have checked already.
"""

import difflib
import functools
import inspect
from typing import NamedTuple

import numpy as np

from lib.ranges import fraction, non_negative, positive

__all__ = ["START", "State", "check_number", "rule", "unchanged"]


class State(NamedTuple):
    """What a rule remembers between steps: `t` steps taken, `m` and `v` two running averages.

    The zeros broadcast, so `START = State()` begins parameters of any shape. Immutable.

    >>> State()
    State(t=0, m=0.0, v=0.0)
    """

    t: int = 0
    m: np.ndarray | float = 0.0
    v: np.ndarray | float = 0.0


START = State()

_RANGE = {
    "lr": positive,
    "beta": fraction,
    "beta1": fraction,
    "beta2": fraction,
    "eps": non_negative,
    "decay": non_negative,
    "l1": non_negative,
    "psi": non_negative,
}
_FLAGS = ("correct", "centered", "eps_inside")


def rule(formula=None, *, start=START, states=None, elementwise=True):
    """Turn a formula `(w, g, s, *, lr, ...) -> (w, s)` into an update rule that checks its input.

    `start`: the state that `START` stands for, where a rule has slots of its own;
    `states`: the state types it accepts (default: the type of `start`); `elementwise`: every
    coordinate moves by itself, so that a loop may step a long vector in blocks. A rule that looks
    at norms, or at other coordinates, says False.
    Refused, with the name, the value and what is allowed: parameters that are not floats, a
    gradient or state of another shape or dtype, a hyper-parameter that is unknown, out of range,
    does not broadcast to `w`, or (a NumPy scalar) would change the dtype of `w`.

    >>> @rule
    ... def sign_descent(w, g, s=START, *, lr):
    ...     return w - lr * np.sign(g), State(s.t + 1)
    >>> sign_descent(np.array([1.0]), np.array([5.0]), lr=0.25)
    (array([0.75]), State(t=1, m=0.0, v=0.0))
    >>> sign_descent(np.array([1.0]), np.array([5.0]), lr=-1)
    Traceback (most recent call last):
    ValueError: sign_descent: lr is -1; allowed are finite numbers > 0
    """
    if formula is None:
        return functools.partial(rule, start=start, states=states, elementwise=elementwise)
    parameters = inspect.signature(formula).parameters.values()
    allowed = {p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY}
    accepted = states or (type(start),)

    def check(w, g, s, hyper):
        """Return w, g and the state as the formula takes them, or raise."""
        try:
            w, g = _arrays(w, g)
            s = _state(s, w, start, accepted)
            _hyper(hyper, allowed, w)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{formula.__name__}: {error}") from None
        return w, g, s

    @functools.wraps(formula)
    def checked(w, g, s=START, **hyper):
        w, g, s = check(w, g, s, hyper)
        new_w, new_s = formula(w, g, s, **hyper)
        unchanged(formula.__name__, w, new_w)
        return new_w, new_s

    checked.formula = formula
    checked.check = check
    checked.elementwise = elementwise
    return checked


def unchanged(name, w, new_w):
    """Refuse a step that changed the shape or the dtype of the parameters (TypeError).

    >>> unchanged("mine", np.zeros(2, np.float32), np.zeros(2))
    Traceback (most recent call last):
    TypeError: mine: a step turned parameters of shape (2,) and dtype float32 into (2,) and \
float64; a rule keeps both
    """
    if np.shape(new_w) != w.shape or np.result_type(new_w) != w.dtype:
        raise TypeError(
            f"{name}: a step turned parameters of shape {w.shape} and dtype {w.dtype} into "
            f"{np.shape(new_w)} and {np.result_type(new_w)}; a rule keeps both"
        )


def _arrays(w, g):
    for name, a in (("w", w), ("g", g)):
        if not isinstance(a, (np.ndarray, np.floating, float)):
            raise TypeError(
                f"{name} is a {type(a).__name__}; allowed are float arrays, np.asarray({name}, float)"
            )
    w, g = np.asarray(w), np.asarray(g)
    if not np.issubdtype(w.dtype, np.floating):
        raise TypeError(f"w has dtype {w.dtype}; allowed are float dtypes: w.astype(float)")
    if g.dtype != w.dtype:
        raise TypeError(f"g has dtype {g.dtype}; allowed is that of w, {w.dtype}")
    if g.shape != w.shape:
        raise ValueError(f"g has shape {g.shape}; allowed is that of w, {w.shape}")
    return w, g


def _state(s, w, start, accepted):
    if type(s) is State and s.t == 0 and State not in accepted:
        s = start
    if not isinstance(s, accepted):
        names = " or ".join(kind.__name__ for kind in accepted)
        raise TypeError(f"the state is a {type(s).__name__}; allowed are START and {names}")
    for name, slot in zip(s._fields[1:], s[1:], strict=True):
        if not _broadcasts(slot, w):
            raise ValueError(
                f"the state's {name} has shape {np.shape(slot)}, w has {w.shape}: it belongs to "
                "other parameters; begin with START"
            )
    return s


def _hyper(hyper, allowed, w):
    for name, value in hyper.items():
        if name not in allowed:
            close = difflib.get_close_matches(name, allowed, n=1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise TypeError(f"no hyper-parameter {name!r}{hint}; it takes {', '.join(allowed)}")
        if name in _FLAGS:
            if not isinstance(value, bool):
                raise TypeError(f"{name} is {value!r}; allowed are True and False")
        else:
            check_number(name, value, w)
    for name, parameter in allowed.items():
        if parameter.default is parameter.empty and name not in hyper:
            raise TypeError(f"{name} is missing: it has no default")


def check_number(name, value, w):
    """Refuse a hyper-parameter that is no number, out of range, or does not fit parameters `w`.

    >>> check_number("lr", np.float64(0.1), np.zeros(2, np.float32))
    Traceback (most recent call last):
    TypeError: lr is np.float64(0.1) of dtype float64, which would turn parameters of dtype \
float32 into float64; allowed are Python floats and float32
    """
    if callable(value):
        raise TypeError(f"{name} is a schedule; a rule takes its value, {name}(t)")
    if isinstance(value, bool) or not isinstance(value, (int, float, np.ndarray, np.number)):
        raise TypeError(f"{name} is {value!r}; allowed are numbers and arrays of numbers")
    _RANGE.get(name, lambda *_: None)(name, value)
    if isinstance(value, (np.ndarray, np.number)):
        if np.result_type(value.dtype, w.dtype) != w.dtype:
            raise TypeError(
                f"{name} is {value!r} of dtype {value.dtype}, which would turn parameters of dtype "
                f"{w.dtype} into {np.result_type(value.dtype, w.dtype)}; allowed are Python floats "
                f"and {w.dtype}"
            )
        if not _broadcasts(value, w):
            raise ValueError(
                f"{name} has shape {value.shape}, which does not broadcast to w, {w.shape}; for R "
                "runs of shape (R, P) allowed is (R, 1)"
            )


def _broadcasts(value, w) -> bool:
    try:
        return np.broadcast_shapes(np.shape(value), w.shape) == w.shape
    except ValueError:
        return False
