r"""The decorator `claim`: a statement of the book, measured, beside a false one it is told apart from.

    @claim("eq-gd-gap", says=r"...", against=r"...", tolerance=1e-12)
    def test_gap():
        return error, wrong

`error` is how far the statement is from an independent measurement, `wrong` how far the nearby
false statement `against` is. The test passes when 0 <= error <= tolerance and
wrong > 10 * tolerance: a claim that could not fail is refused. It also compares itself with its
entry in chapters/claims.json, from which the pages are built; `make claims` writes that file.
"""

import functools
import inspect
import json
import math
import numbers
import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "chapters" / "claims.json"

LABEL = re.compile(r"(eq|thm|lem|num)-[a-z0-9]+(-[a-z0-9]+)*")

# An error below NOISE is rounding: 1e-16 per operation, grown by sums, steps and condition numbers.
# It depends on the processor's summation order, so only its size is compared, within a factor
# SAME_SIZE, and anything below FLOOR counts as FLOOR. An error above NOISE comes from the statement
# (truncation, sampling from a fixed seed) and must be the same number on every machine.
NOISE, SAME_SIZE, FLOOR, SAME_NUMBER = 1e-8, 100, 1e-16, 0.02

registry = {}  # label -> what the decorator was told
measured = {}  # label -> entry for the record, after its test has passed its own bounds
writing = False  # set by --write-claims: measure, but do not compare with the record


def claim(label, *, says, against, tolerance):
    """Register a test function without arguments that returns `(error, wrong)`."""
    if not (isinstance(label, str) and LABEL.fullmatch(label)):
        raise ValueError(
            f"claim label is {label!r}; allowed are eq-, thm-, lem- or num- "
            "followed by words of a-z and 0-9 joined by '-'"
        )
    for name, text in (("says", says), ("against", against)):
        if not (isinstance(text, str) and text.strip()):
            raise ValueError(f"{label}: {name} is {text!r}; it must be a sentence")
        if any(ord(char) < 32 for char in text):
            raise ValueError(f"{label}: {name} holds a control character: write it as r'...'")
    if not (_real(tolerance) and 0 <= tolerance < math.inf):
        raise ValueError(f"{label}: tolerance is {tolerance!r}; allowed are finite numbers >= 0")
    tolerance = float(tolerance)

    def register(function):
        file = Path(function.__code__.co_filename)
        entry = {
            "chapter": file.stem.removeprefix("test_"),
            "says": says,
            "against": against,
            "test": f"tests/claims/{file.name}::{function.__name__}",
            "tolerance": tolerance,
        }
        if label in registry:
            raise ValueError(f"{label} is claimed twice: {registry[label]['test']}, {entry['test']}")
        if any(other["test"] == entry["test"] for other in registry.values()):
            raise ValueError(f"{label}: {entry['test']} already makes another claim")
        if inspect.signature(function).parameters:
            raise TypeError(f"{label}: {function.__name__} must take no arguments")
        registry[label] = entry

        @functools.wraps(function)
        def test():
            error, wrong = judge(label, function(), tolerance)
            now = entry | {"error": error, "wrong": wrong}
            measured[label] = now
            if not writing:
                stale = differences(load().get(label), now)
                assert not stale, f"{label}: claims.json is stale: run make claims ({stale})"

        test.claim = label
        return test

    return register


def judge(label, result, tolerance):
    """Return `(error, wrong)` as floats; AssertionError where the claim does not hold or cannot fail."""
    pair = isinstance(result, tuple) and len(result) == 2
    assert pair and all(map(_real, result)), (
        f"{label}: the test returned {result!r}; it must return two numbers (error, wrong)"
    )
    error, wrong = map(float, result)
    assert math.isfinite(error) and math.isfinite(wrong), (
        f"{label}: error {error:.3g} and wrong {wrong:.3g} must be finite"
    )
    assert error >= 0, f"{label}: error {error:.3g} is negative"
    assert error <= tolerance, f"{label}: error {error:.3g} exceeds the tolerance {tolerance:.3g}"
    assert wrong > 10 * tolerance, (
        f"{label}: the false statement is off by {wrong:.3g} only, not more than ten times the "
        f"tolerance {tolerance:.3g}: the test cannot tell the two apart"
    )
    return error, wrong


def differences(old, new):
    """Say where a recorded entry and a fresh one disagree; '' where they do not."""
    if old is None:
        return "no entry yet"
    changed = [key for key in new if key not in ("error", "wrong") and old.get(key) != new[key]]
    changed += [
        f"{key} was {old[key]:.3g}, is {new[key]:.3g}"
        for key in ("error", "wrong")
        if not same(old[key], new[key])
    ]
    return "; ".join(changed)


def same(a, b):
    """Tell whether two errors are one up to what processors do differently."""
    a, b = max(a, FLOOR), max(b, FLOOR)
    if min(a, b) < NOISE:
        return max(a, b) <= SAME_SIZE * min(a, b)
    return abs(a - b) <= SAME_NUMBER * max(a, b)


def load(record=None):
    """Read the record: label -> entry; empty where there is none yet."""
    record = record or RECORD
    return json.loads(record.read_text("utf-8")) if record.exists() else {}


def write(entries, files, record=None):
    """Write the `entries` of the test `files` just run; entries of other files stay.

    An entry that still holds keeps its old numbers, so another machine rewrites nothing.
    """
    record = record or RECORD
    kept = {
        label: old
        for label, old in load(record).items()
        if (file := old["test"].split("::")[0]) not in files and (ROOT / file).exists()
    }
    old = load(record)
    for label, new in entries.items():
        rounded = new | {key: _round(new[key]) for key in ("error", "wrong")}
        kept[label] = rounded if differences(old.get(label), new) else old[label]
    order = sorted(kept.items(), key=lambda item: (item[1]["chapter"], item[0]))
    text = json.dumps(dict(order), indent=1, ensure_ascii=False) + "\n"
    if not record.exists() or record.read_text("utf-8") != text:
        part = record.with_suffix(f".{os.getpid()}.part")
        part.write_text(text, "utf-8")
        part.replace(record)


def _round(x):
    return float(f"{x:.1g}" if x < NOISE else f"{x:.3g}")


def _real(x):
    return isinstance(x, numbers.Real) and not isinstance(x, bool)
