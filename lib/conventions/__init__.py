"""The conventions of PyTorch, Keras, optax and others, and the way from one to another.

    from lib import conventions
    conventions.convert("pytorch", "keras", "momentum", lr=0.1, momentum=0.9)

All that is known of a library stands in `libraries.toml` and `families/*.toml`, in a small language
(`language.py`) that Python evaluates and that is also written out as JavaScript for the converter
on the page. Tests compare every entry with the library itself.
"""

from lib.conventions.convert import NoEquivalent, Settings, convert
from lib.conventions.data import libraries, rules
from lib.conventions.tables import card, translator
from lib.conventions.walk import walk

__all__ = ["NoEquivalent", "Settings", "card", "convert", "libraries", "rules", "translator", "walk"]
