"""What a number may be: each function names the argument, its value and the range allowed.

Every public function of `lib` checks its arguments through these, so that a wrong value is
refused where it enters and the message always reads the same way.
"""

import numpy as np

__all__ = [
    "at_least_one",
    "condition_number",
    "finite",
    "fraction",
    "non_negative",
    "positive",
    "whole",
]


def _all(condition) -> bool:
    return condition if isinstance(condition, bool) else bool(np.all(condition))


def fraction(name: str, value):
    """Refuse `value` outside $[0, 1)$: the range of every decay factor beta.

    Takes a number or an array; raises ValueError, TypeError for what is no number.

    >>> fraction("beta", 0.9)
    >>> fraction("beta", 1.0)
    Traceback (most recent call last):
    ValueError: beta is 1.0; allowed are numbers in [0, 1)
    """
    if not _all((value >= 0) & (value < 1)):
        raise ValueError(f"{name} is {value}; allowed are numbers in [0, 1)")


def positive(name: str, value):
    """Refuse `value` that is not a finite number above zero.

    Takes a number or an array; raises ValueError (also for NaN and infinity).

    >>> positive("lr", 0.1)
    >>> positive("lr", float("nan"))
    Traceback (most recent call last):
    ValueError: lr is nan; allowed are finite numbers > 0
    """
    if not _all((value > 0) & (value < np.inf)):
        raise ValueError(f"{name} is {value}; allowed are finite numbers > 0")


def non_negative(name: str, value):
    """Refuse `value` that is not a finite number of zero or more.

    Takes a number or an array; raises ValueError (also for NaN and infinity).

    >>> non_negative("eps", 0.0)
    >>> non_negative("eps", -1e-8)
    Traceback (most recent call last):
    ValueError: eps is -1e-08; allowed are finite numbers >= 0
    """
    if not _all((value >= 0) & (value < np.inf)):
        raise ValueError(f"{name} is {value}; allowed are finite numbers >= 0")


def at_least_one(name: str, value):
    """Refuse a step count below one: steps are counted t = 1, 2, ... as in the formulas.

    Takes a whole number or an array of them; raises ValueError.

    >>> at_least_one("t", 1)
    >>> at_least_one("t", 0)
    Traceback (most recent call last):
    ValueError: t is 0; allowed are whole numbers >= 1
    """
    if not _all((value >= 1) & (value % 1 == 0)):
        raise ValueError(f"{name} is {value}; allowed are whole numbers >= 1")


def finite(name: str, value):
    """Refuse `value` that is NaN or infinite.

    Takes a number or an array; raises ValueError.

    >>> finite("lam", -1.0)
    >>> finite("lam", float("inf"))
    Traceback (most recent call last):
    ValueError: lam is inf; allowed are finite numbers
    """
    if not _all((value > -np.inf) & (value < np.inf)):
        raise ValueError(f"{name} is {value}; allowed are finite numbers")


def whole(name: str, value):
    """Refuse a number of steps taken that is not 0, 1, 2, ...

    Takes a number or an array; raises ValueError.

    >>> whole("t", 0)
    >>> whole("t", -1)
    Traceback (most recent call last):
    ValueError: t is -1; allowed are whole numbers >= 0
    """
    if not _all((value >= 0) & (value % 1 == 0)):
        raise ValueError(f"{name} is {value}; allowed are whole numbers >= 0")


def condition_number(name: str, value):
    """Refuse `value` that is no ratio of a largest to a smallest eigenvalue: finite, at least 1.

    Takes a number or an array; raises ValueError.

    >>> condition_number("kappa", 100)
    >>> condition_number("kappa", 0.01)
    Traceback (most recent call last):
    ValueError: kappa is 0.01; allowed are finite numbers >= 1
    """
    if not _all((value >= 1) & (value < np.inf)):
        raise ValueError(f"{name} is {value}; allowed are finite numbers >= 1")
