"""The cases on which every rule is compared with another library, and the comparison itself.

A case is a rule, its settings and a stream of gradients. The gradients cover eleven decades, with
exact zeros, changes of sign, bursts and a drop halfway, so that every term of a rule decides the
result somewhere. They are made by exact or correctly rounded arithmetic alone from PCG64's random
bits: the same bits on every machine, of which `tests/golden/*.npz` keeps a fingerprint.

What is compared is the STEP: before each one the weights are put back to zero, so that a step of
1e-13 is seen with all its digits and not as a rounding error of a weight near one. A rule whose
step depends on the weights, and every rule once, also walks a whole path ("path").
"""

import functools
import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib import rules

GOLDEN = Path(__file__).parents[1] / "golden"
DECADES = np.array([float(f"1e-{k}") for k in range(12)] + [1.0])  # the last one starts late
LATE = 20
SHOWN = (*range(1, 8), 10, 16, 19, 20, 21, 22, 37, 38, 75, 99, 100, 101, 102, 150, 200, 299, 300)
STATES = (1, 2, 5, 38, 101, 300)  # the steps at which a file also holds the state


class Case(NamedTuple):
    """One walk: `lr` a number, an array or a schedule `t -> lr`; `reset` puts w back to zero."""

    name: str
    rule: str
    hyper: dict
    lr: object
    seed: int
    runs: tuple = ()
    dtype: type = np.float64
    steps: int = 300
    reset: bool = True
    states: bool = False

    def rate(self, t):
        """The learning rate of the step that begins at t = 0, 1, ..."""
        return self.lr(t) if callable(self.lr) else self.lr

    @property
    def shape(self):
        """Shape of the weights."""
        return (*self.runs, len(DECADES))

    def start(self):
        """The first weights: zero, or where a path begins three fifths of a decade each."""
        w = np.zeros(self.shape) if self.reset else 0.6 * DECADES * np.ones(self.shape)
        return w.astype(self.dtype)

    def gradients(self):
        """The stream, (steps, *shape)."""
        return stream(self.seed, (self.steps, *self.shape), self.dtype)


@functools.cache
def stream(seed, shape, dtype):
    """Gradients as the head of this file describes them."""
    rng = np.random.default_rng(seed)
    g = (2 * rng.random(shape) - 1) * DECADES
    g[rng.random(shape) < 0.125] = 0.0
    g[36::37] *= 64
    g[100:] /= 8
    g[:LATE, ..., -1] = 0.0
    g = g.astype(dtype)
    g.flags.writeable = False
    return g


class Decaying(NamedTuple):
    """A schedule by one division, so that every library computes the same number."""

    lr: float

    def __call__(self, t):
        return self.lr / (1 + 0.05 * t)


# variant -> rule, (settings that choose the variant), (general settings), which library answers
VARIANTS = {
    "sgd": ("sgd", {}, {}, "torch"),
    "momentum": ("momentum", {}, {"beta": 0.83}, "torch"),
    "averaged_momentum": ("averaged_momentum", {}, {"beta": 0.83}, "torch"),
    "nesterov": ("nesterov", {}, {"beta": 0.83}, "torch"),
    "adagrad": ("adagrad", {}, {"eps": 3e-5}, "torch"),
    "adadelta": ("adadelta", {}, {"beta": 0.83, "eps": 3e-9}, "torch"),
    "rmsprop": ("rmsprop", {}, {"beta": 0.83, "eps": 3e-5}, "torch"),
    "rmsprop_centered": ("rmsprop", {"centered": True}, {"beta": 0.83, "eps": 3e-5}, "torch"),
    "rmsprop_inside": ("rmsprop", {"eps_inside": True}, {"beta": 0.83, "eps": 3e-9}, "optax"),
    "rmsprop_inside_centered": (
        "rmsprop",
        {"eps_inside": True, "centered": True},
        {"beta": 0.83, "eps": 3e-9},
        "optax",
    ),
    "adam": ("adam", {}, {"beta1": 0.83, "beta2": 0.97, "eps": 3e-5}, "torch"),
    "adam_uncorrected": (
        "adam",
        {"correct": False},
        {"beta1": 0.83, "beta2": 0.97, "eps": 3e-5},
        "torch",
    ),
    "adamax": ("adamax", {}, {"beta1": 0.83, "beta2": 0.97, "eps": 3e-5}, "torch"),
    "nadam": ("nadam", {}, {"beta1": 0.83, "beta2": 0.97, "eps": 3e-5, "psi": 0.02}, "torch"),
    "amsgrad": ("amsgrad", {}, {"beta1": 0.83, "beta2": 0.97, "eps": 3e-5}, "torch"),
    "adamw": ("adamw", {}, {"beta1": 0.83, "beta2": 0.97, "eps": 3e-5, "decay": 0.3}, "torch"),
    "lion": ("lion", {}, {"beta1": 0.83, "beta2": 0.97, "decay": 0.3}, "optax"),
}


def cases(variant):
    """The walks of one variant: default and general settings, runs, float32, a path."""
    rule, choice, general, _ = VARIANTS[variant]
    general = choice | general
    seed = 100 * list(VARIANTS).index(variant)
    column = np.array([[0.3], [0.002]])
    walks = [
        Case("default", rule, choice, 0.01, seed, states=True),
        Case("general", rule, general, Decaying(0.2), seed + 1, states=True),
        Case("runs", rule, general, column, seed + 2, runs=(2,), steps=102),
        Case("float32", rule, general, Decaying(0.2), seed + 3, dtype=np.float32, states=True),
        Case("path", rule, general, Decaying(0.2), seed + 4, reset=False),
    ]
    if "decay" in general:  # the default decay, which weights at zero cannot show
        walks.append(Case("default path", rule, choice, 0.01, seed + 5, reset=False))
    return walks


def walk(case, rule=None):
    """Yield (t, w, state) after each step t = 1, 2, ...; `rule` replaces the right one.

    Whatever a rule is given it must not write to: its inputs are read-only.
    """
    rule = rule or getattr(rules, case.rule)
    w, s = case.start(), rules.START
    for t, g in enumerate(case.gradients(), start=1):
        if case.reset:
            w = np.zeros_like(w)
        for array in (w, g, *s):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False
        w, s = rule(w, g, s, lr=case.rate(t - 1), **case.hyper)
        yield t, w, s


def fingerprint(case):
    """Sixteen hex digits of the gradients' bits."""
    return hashlib.sha256(np.ascontiguousarray(case.gradients()).tobytes()).hexdigest()[:16]


def record(case, oracle):
    """What a file keeps of an oracle's walk, `oracle` yielding (t, w, {slot: array})."""
    kept = {}
    for t, w, slots in oracle:
        if t in SHOWN:
            kept.setdefault("w", []).append(np.asarray(w, case.dtype))
        if case.states and t in STATES:
            for slot, value in slots.items():
                kept.setdefault(slot, []).append(np.asarray(value, case.dtype))
    return {name: np.array(values) for name, values in kept.items()}


def write(variant, oracle, versions):
    """Write `tests/golden/<variant>.npz` from `oracle(case)`; `versions` names the libraries."""
    arrays, about = {}, {"oracle": versions, "cases": {}}
    for case in cases(variant):
        arrays |= {f"{case.name}/{k}": v for k, v in record(case, oracle(case)).items()}
        lr = case.lr.tolist() if isinstance(case.lr, np.ndarray) else case.lr
        about["cases"][case.name] = {
            "hyper": case.hyper,
            "lr": lr if isinstance(lr, (float, list)) and not callable(lr) else f"{lr}",
            "seed": case.seed,
            "gradients": fingerprint(case),
        }
    arrays["about"] = np.array(json.dumps(about, indent=1))
    np.savez_compressed(GOLDEN / f"{variant}.npz", **arrays)


@functools.cache
def read(variant):
    """The file of a variant: what it says about itself, and {case: {quantity: array}}."""
    with np.load(GOLDEN / f"{variant}.npz") as data:
        about = json.loads(str(data["about"]))
        found = {}
        for key in data.files:
            if key != "about":
                case, quantity = key.split("/")
                found.setdefault(case, {})[quantity] = data[key]
    return about, found


# float64: 1e-12 of each single number. float32: eight units in the last place, of the number or of
# a tenth of the coordinate's largest one, since a step that is the difference of two nearly equal
# terms has fewer digits left than either, and the order of rounding decides which.
TOLERANCE = {np.float64: (1e-12, 0.0), np.float32: (8 * 2.0**-23, 0.1)}


def difference(case, want, oracle, rule=None):
    """Where a walk first departs from `want`, the oracle's, in words; None if nowhere."""
    shown, states = iter(range(len(SHOWN))), iter(range(len(STATES)))
    steps = walk(case, rule)
    last = 0
    with np.errstate(all="ignore"):
        while True:
            try:
                t, w, s = next(steps)
            except StopIteration:
                return None
            except Exception as error:  # a wrong rule may fail in any way at all
                return f"{case.name}: at t = {last + 1} it raises {type(error).__name__}: {error}"
            last = t
            count = getattr(s, "t", "no")
            if not np.array_equal(count, t):
                return f"{case.name}: at t = {t} the state counts {count} steps"
            found = []
            if t in SHOWN:
                i = next(shown)
                found.append(("step" if case.reset else "weight", w, want["w"], i))
            if case.states and t in STATES:
                i = next(states)
                found += [(k, getattr(s, k, np.nan), want[k], i) for k in want if k != "w"]
            for quantity, got, series, i in found:
                said = _off(case, quantity, got, series, i)
                if said:
                    return f"{case.name}: at t = {t} {said} by {oracle}"


def _off(case, quantity, got, series, i):
    """In words by how much `got` misses `series[i]`, or None."""
    tolerance, floor = TOLERANCE[case.dtype]
    right = series[i]
    kind = (np.shape(got), np.result_type(got))
    if quantity in ("step", "weight") and kind != (right.shape, right.dtype):
        return f"the {quantity} is {kind[1]} {kind[0]}, should be {right.dtype} {right.shape}"
    try:
        got = np.broadcast_to(got, right.shape).astype(np.float64)
    except ValueError:
        return f"the {quantity} has shape {np.shape(got)}, should have {right.shape}"
    right = right.astype(np.float64)
    scale = np.maximum(np.abs(right), floor * np.abs(series.astype(np.float64)).max(axis=0))
    error = np.abs(got - right)
    bad = ~(error <= tolerance * scale)
    if not bad.any():
        return None
    with np.errstate(all="ignore"):
        relative = np.where(bad, error / scale, 0.0)
    relative[np.isnan(relative)] = np.inf
    at = np.unravel_index(np.argmax(relative), relative.shape)
    where = f"coordinate {at[-1]}" if at else "all coordinates"
    return f"the {quantity} of {where} is {got[at]:.9g}, should be {right[at]:.9g}"


def verdict(variant, rule=None, only=None):
    """The first difference from the golden file over the cases of a variant, or None."""
    about, found = read(variant)
    for case in cases(variant):
        if only is None or case.name in only:
            said = difference(case, found[case.name], about["oracle"], rule)
            if said:
                return said
    return None
