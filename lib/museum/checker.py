"""The exhibit, and the checker that runs a reader's test on right and on wrong code."""

import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Exhibit", "Verdict", "accepts"]


FAILS = "it fails on the right code"


@dataclass(frozen=True)
class Exhibit:
    """One published bug: its name, where it was found, the `right` function and the `wrong` one.

    `also_right`, `also_wrong`: the same in other words, so that a test has to look at what an
    implementation does. `rounds`: whether results may differ in their last digits.

    >>> bug = Exhibit("sign", "nowhere", lambda x: x, lambda x: -x)
    >>> bug.name, bug.right(2), bug.wrong(2)
    ('sign', 2, -2)
    """

    name: str
    found: str
    right: Callable
    wrong: Callable
    also_right: tuple = ()
    also_wrong: tuple = ()
    rounds: bool = True


@dataclass(frozen=True)
class Verdict:
    """What the checker answers: true if the test is `accepted`; `says` tells why.

    >>> Verdict(False, "not accepted"), bool(Verdict(False, "not accepted"))
    (not accepted, False)
    """

    accepted: bool
    says: str

    def __bool__(self):
        return self.accepted

    def __repr__(self):
        return self.says


def accepts(test, exhibit):
    """Run a test on an exhibit: it must fail on the bug and pass on the right code.

    `test` takes an implementation and raises AssertionError where it is wrong. It meets right and
    wrong code several times: renamed copies, right code that rounds differently in the last digits,
    and the same right and wrong in other words. So only behaviour can tell them apart. Returns a
    `Verdict`; TypeError for what is no test or no exhibit.

    >>> half = Exhibit("half", "nowhere", lambda x: x / 2, lambda x: x)
    >>> def good(f):
    ...     assert abs(f(3.0) - 1.5) < 1e-6
    >>> accepts(good, half)
    accepted: it fails on the bug and passes on right code
    >>> def blind(f):
    ...     assert f(0.0) == 0.0
    >>> accepts(blind, half)
    not accepted: it passes on the bug, so it does not catch it
    """
    if not callable(test):
        raise TypeError(f"test is {test!r}; allowed is a function of one implementation")
    if not isinstance(exhibit, Exhibit):
        raise TypeError(f"exhibit is {exhibit!r}; allowed is one of lib.museum.EXHIBITS")
    cases = list(_cases(exhibit))
    first = [_run(test, make()) for _, _, make in cases]
    again = [_run(test, make()) for _, _, make in reversed(cases)][::-1]
    for (is_right, told, _), (outcome, message) in zip(cases, first, strict=True):
        if outcome == "raised":
            return Verdict(False, f"not accepted: it raises something other than an assertion: {message}")
        if outcome == "returned":
            return Verdict(False, f"not accepted: it returns {message}; a test asserts and returns nothing")
        if (outcome == "passed") != is_right:
            why = f": {message}" if message and told == FAILS else ""
            return Verdict(False, f"not accepted: {told}{why}")
    if [outcome for outcome, _ in first] != [outcome for outcome, _ in again]:
        return Verdict(False, "not accepted: run again it answers differently; fix its seeds, count no calls")
    return Verdict(True, "accepted: it fails on the bug and passes on right code")


def _cases(exhibit):
    """(is it right?, what to say if the test gets it wrong, a maker of a fresh implementation)."""
    yield True, FAILS, lambda: _copy(exhibit.right)
    yield False, "it passes on the bug, so it does not catch it", lambda: _copy(exhibit.wrong)
    if exhibit.rounds:
        said = "it fails on right code whose results differ in the last digits; compare with a tolerance"
        yield True, said, lambda: _rounding(exhibit.right)
    for other in exhibit.also_right:
        yield True, "it fails on right code written another way", lambda other=other: _copy(other)
    for other in exhibit.also_wrong:
        said = "it catches the bug as shown, but not the same bug written another way"
        yield False, said, lambda other=other: _copy(other)


def _run(test, implementation):
    """('passed' | 'failed' | 'raised' | 'returned', what to add to the message)."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = test(implementation)
        except AssertionError as error:
            return "failed", str(error).split("\n")[0]
        except Exception as error:
            return "raised", f"{type(error).__name__}: {error}"
    return ("passed", "") if result is None else ("returned", repr(result))


def _copy(function):
    """The function under another name, without a source to look at."""
    code = function.__code__.replace(
        co_name="implementation", co_qualname="implementation", co_filename="<implementation>"
    )
    copied = types.FunctionType(
        code, function.__globals__, "implementation", function.__defaults__, function.__closure__
    )
    copied.__kwdefaults__ = function.__kwdefaults__
    return copied


def _rounding(function):
    """The function with its floats off by one part in 1e12, as another order of sums would be."""

    def implementation(*args, **kwargs):
        return _nudged(_copy(function)(*args, **kwargs))

    return implementation


def _nudged(value):
    if callable(value):  # a maker's product: nudge what it returns
        return lambda *args, **kwargs: _nudged(value(*args, **kwargs))
    if isinstance(value, (tuple, list)):
        return type(value)(_nudged(item) for item in value)
    if isinstance(value, (float, np.floating)):
        return value * (1 + 1e-12)
    if isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.floating):
        return value * value.dtype.type(1 + 1e-12)
    return value
