"""From the settings of one library to the settings of another that walk the same path.

There is no rule per pair. Settings become the normal form, the normal form becomes the other
library's settings, and these become a normal form again. What does not come back is why there is
no equivalent.
"""

import re
from typing import NamedTuple

from lib.conventions.data import _known, checked, dialect, libraries, normal, rule, simplified
from lib.conventions.language import evaluate

__all__ = ["NoEquivalent", "Settings", "convert"]

CLOSE = 1e-9  # relative: what is compared has been through a few roundings


class Settings(dict):
    """Settings by name; `call`: what takes them; `notes`: what to know before using them.

    >>> Settings({"lr": 0.1}, "torch.optim.SGD").call
    'torch.optim.SGD'
    """

    def __init__(self, settings, call, notes=()):
        super().__init__(settings)
        self.call, self.notes = call, tuple(notes)


class NoEquivalent(NamedTuple):
    """Why no settings do the same: `reasons`, and the `nearest` settings where there are some.

    False in a condition.

    >>> NoEquivalent(("it has no momentum",)) or "nothing"
    'nothing'
    """

    reasons: tuple
    nearest: Settings | None = None

    def __bool__(self):
        return False

    def __str__(self):
        return "no equivalent, because " + "; and ".join(self.reasons)


def convert(source, target, name, *, schedule=False, **settings):
    r"""Settings of `target` that walk the path of `source` with `settings`, for the rule `name`.

    `source`, `target`: keys of `libraries()`; `name`: a key of `rules()`; `schedule`: whether the
    learning rate changes on the way, when two forms of momentum part; `settings`: those of
    `source`, by its own names (PyTorch's pair `betas` comes out as `beta1` and `beta2`); what is left
    out has its default. Returns `Settings`, a dict with `.call` and `.notes`, or `NoEquivalent` with `.reasons`
    and, where something comes close, `.nearest`. Raises ValueError for unknown names and values out
    of range, TypeError for unknown and missing settings.

    >>> convert("pytorch", "averaged", "momentum", lr=0.1, momentum=0.9)
    {'lr': 1.0, 'beta': 0.9}
    >>> convert("keras", "optax", "rmsprop", epsilon=1e-6, centered=True)["eps"]
    1e-06
    >>> print(convert("keras", "jax", "rmsprop", centered=True))
    no equivalent, because centring is on in Keras and can only be off in JAX examples
    """
    about = rule(name)
    for library in (source, target):
        _known("library", library, list(libraries()))
    for library in (source, target):
        if dialect(library, name) is None:
            return NoEquivalent((f"{libraries()[library]['name']} has no {about.title}",))
    one, other, family = about.dialects[source], about.dialects[target], about.family
    raw = normal(family, one, checked(one, settings))
    form = simplified(family, raw)
    found = {key: _tidy(evaluate(text, form)) for key, text in other.back.items()}
    found = Settings({s.name: found[s.name] for s in other.settings}, other.call)
    try:
        back = normal(family, other, checked(other, found))
    except ValueError as error:
        return NoEquivalent((str(error),))
    reasons, notes = _differences(
        family, form, raw, simplified(family, back), back, (source, target), schedule
    )
    found.notes = tuple(notes)
    return NoEquivalent(tuple(reasons), found) if reasons else found


def _differences(family, form, raw, back, raw_back, who, schedule):
    names = dict(zip(("source", "target"), (libraries()[key]["name"] for key in who), strict=True))
    reasons, notes = [], []
    for p in family.parameters:
        a, b = form[p.name], back[p.name]
        if _same(a, b):
            continue
        if p.only == "note" or (p.only == "schedule" and not schedule):
            notes.append(p.note)
        else:
            reasons.append(p.because.format(a=_word(a), b=_word(b), **names))
    return reasons, notes


def _same(a, b):
    return a == b or abs(a - b) <= CLOSE * max(abs(a), abs(b))


def _tidy(value):
    """A number without the last digits, which are rounding; a switch as it is."""
    return (
        bool(value) if isinstance(value, bool) or type(value).__name__ == "bool" else float(f"{value:.15g}")
    )


def _word(value):
    if isinstance(value, bool):
        return "on" if value else "off"
    return re.sub(r"e([+-])0*", lambda m: "e" + m[1].strip("+"), f"{value:.6g}")
