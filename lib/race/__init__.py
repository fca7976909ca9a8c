r"""A fair race of update rules: random search with equal budgets, judged by what chose nothing.

A `Track` is a problem with its length, a `Contender` a rule with the space its settings are drawn
from. `race` gives every contender equally many trials, trains each trial with some seeds that choose
and with fresh seeds that judge, and `chances` says what any smaller budget would have brought.
"""

from lib.race.budgets import chances, expected, spread, wins
from lib.race.racing import Contender, Log, Memory, Result, draw, measure, race
from lib.race.tracks import Track, on_data, on_quadratic

__all__ = [
    "Contender",
    "Log",
    "Memory",
    "Result",
    "Track",
    "chances",
    "draw",
    "expected",
    "measure",
    "on_data",
    "on_quadratic",
    "race",
    "spread",
    "wins",
]
