"""A museum of published bugs: what was meant, what was printed, and a checker for tests that tell them apart.

Each exhibit holds a right function and a wrong one of the same signature, both in this book's own
words. A test for it takes an implementation and asserts; `accepts(test, exhibit)` says whether the
test catches the bug and lets right code pass, however it is written.
"""

from lib.museum.checker import Exhibit, Verdict, accepts
from lib.museum.data import ECHO_NOISE, OWN_END, SHY_SOFTMAX, TINY_STEP, WIDE_POINTS
from lib.museum.regularisation import DOUBLE_DECAY, FROZEN_MASK, SQUARED_NORM, TWO_SETS
from lib.museum.rules import EPS_INSIDE, EPS_LAST, HALF_CORRECTED, SIGNED_START, STUCK_COUNT
from lib.museum.schedules import LATE, SELF_SCALING, USED_UP
from lib.museum.theory import (
    EARLY_LIMIT,
    HALF_LIFE,
    LOST_HALF,
    SPARSE_BOUND,
    SWAPPED,
    TWICE_ROOT,
)

EXHIBITS = (
    EPS_LAST,
    STUCK_COUNT,
    HALF_CORRECTED,
    EPS_INSIDE,
    SIGNED_START,
    USED_UP,
    LATE,
    SELF_SCALING,
    TWICE_ROOT,
    SWAPPED,
    LOST_HALF,
    EARLY_LIMIT,
    HALF_LIFE,
    SPARSE_BOUND,
    DOUBLE_DECAY,
    FROZEN_MASK,
    SQUARED_NORM,
    TWO_SETS,
    ECHO_NOISE,
    SHY_SOFTMAX,
    WIDE_POINTS,
    OWN_END,
    TINY_STEP,
)

__all__ = [
    "DOUBLE_DECAY",
    "EARLY_LIMIT",
    "ECHO_NOISE",
    "EPS_INSIDE",
    "EPS_LAST",
    "EXHIBITS",
    "FROZEN_MASK",
    "HALF_CORRECTED",
    "HALF_LIFE",
    "LATE",
    "LOST_HALF",
    "OWN_END",
    "SELF_SCALING",
    "SHY_SOFTMAX",
    "SIGNED_START",
    "SPARSE_BOUND",
    "SQUARED_NORM",
    "STUCK_COUNT",
    "SWAPPED",
    "TINY_STEP",
    "TWICE_ROOT",
    "TWO_SETS",
    "USED_UP",
    "WIDE_POINTS",
    "Exhibit",
    "Verdict",
    "accepts",
]
