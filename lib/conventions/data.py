"""What the data files say: libraries, families of rules, and each library's dialect of a rule.

A family is a normal form: a few lines that compute one step from some parameters. A dialect is a
library's settings, how the parameters follow from them (`normal`), and how they follow from the
parameters (`back`). Everything else here is computed from those.
"""

import difflib
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lib.conventions.language import evaluate
from lib.ranges import fraction, non_negative, positive

__all__ = [
    "Dialect",
    "Family",
    "Parameter",
    "Rule",
    "Setting",
    "checked",
    "dialect",
    "libraries",
    "normal",
    "rule",
    "rules",
    "simplified",
]

HERE = Path(__file__).parent
# the order in which the chapters meet them
RULES = "momentum adagrad rmsprop adadelta adam adamw amsgrad adamax nadam lion".split()


class Parameter(NamedTuple):
    """A parameter of a normal form; `only`: it counts under a "schedule", or is a mere "note".

    >>> rule("momentum").family.parameters[0].about
    'learning rate of the velocity form'
    """

    name: str
    about: str
    neutral: str
    because: str = ""
    only: str = ""
    note: str = ""


class Family(NamedTuple):
    """A normal form: its parameters, what is remembered first, the lines of a step.

    >>> rule("lion").family.step[1]
    ('m', 'beta2 * m + (1 - beta2) * g')
    """

    name: str
    parameters: tuple
    start: dict
    step: tuple  # of (name, expression)
    simplify: tuple


class Setting(NamedTuple):
    """A setting of a library: name, default (None: it has none) and kind of value.

    >>> dialect("keras", "rmsprop").settings[1]
    Setting(name='rho', default=0.9, kind='fraction')
    """

    name: str
    default: object
    kind: str

    @property
    def switch(self):
        """Whether it is on or off.

        >>> dialect("keras", "rmsprop").settings[1].switch
        False
        """
        return self.kind in ("flag", "choice")


class Dialect(NamedTuple):
    """How one library writes one rule.

    >>> dialect("keras", "adam").normal["hat"]
    'True'
    """

    library: str
    call: str
    update: str
    settings: tuple
    normal: dict
    back: dict
    note: str = ""
    demand: tuple = ()


class Rule(NamedTuple):
    """A rule and its dialects by library.

    >>> list(rule("lion").dialects)
    ['ours', 'keras', 'optax']
    """

    name: str
    title: str
    family: Family
    dialects: dict


def _read(path):
    return tomllib.loads(path.read_text("utf-8"))


@cache
def libraries():
    """What is known of each library: its name, the version compared with, where it is described.

    >>> libraries()["pytorch"]["name"]
    'PyTorch'
    """
    return _read(HERE / "libraries.toml")


@cache
def rules():
    """Every rule by name, in the order of the chapters.

    >>> list(rules())[:3]
    ['momentum', 'adagrad', 'rmsprop']
    """
    found = {}
    for path in sorted((HERE / "families").glob("*.toml")):
        text = _read(path)
        family = Family(
            path.stem,
            tuple(Parameter(**p) for p in text["parameter"]),
            text["start"],
            tuple(_line(line) for line in text["step"]),
            tuple(_line(line) for line in text["simplify"]),
        )
        for name, about in text["rules"].items():
            dialects = {key: _dialect(key, said) for key, said in about.pop("dialects").items()}
            found[name] = Rule(name, family=family, dialects=dialects, **about)
    return {name: found[name] for name in RULES}


def _line(line):
    name, expression = line.split(" = ", 1)
    return name, expression


def _dialect(library, said):
    settings = (
        Setting(n, None if default == "required" else default, k) for n, default, k in said["settings"]
    )
    return Dialect(library, **{**said, "settings": tuple(settings), "demand": tuple(said.get("demand", ()))})


def _known(what, name, allowed):
    if name not in allowed:
        close = difflib.get_close_matches(str(name), allowed, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise ValueError(f"no {what} {name!r}{hint}; there are {', '.join(allowed)}")


def rule(name):
    """One rule; ValueError for a name that is none.

    >>> rule("adam").title
    'Adam'
    """
    _known("rule", name, list(rules()))
    return rules()[name]


def dialect(library, name):
    """How a library writes a rule, None where it does not have it; ValueError for unknown names.

    >>> dialect("keras", "adam").call
    'keras.optimizers.Adam'
    >>> dialect("sklearn", "lion") is None
    True
    """
    _known("library", library, list(libraries()))
    return rule(name).dialects.get(library)


def checked(form, settings):
    """Settings of a dialect, defaults filled in; None stands for 0, as optax and Keras write it.

    Raises TypeError for unknown, missing and wrongly typed settings, ValueError for values out of
    range and for combinations the library refuses.

    >>> checked(dialect("jax", "momentum"), {"step_size": 1, "mass": None})
    Traceback (most recent call last):
    TypeError: momentum, nesterov has no default for mass: give one
    """
    known = {s.name: s for s in form.settings}
    if form.library == "pytorch" and "beta1" in known and "betas" in settings:
        settings = dict(settings)
        settings["beta1"], settings["beta2"] = settings.pop("betas")  # PyTorch takes them as a pair
    for name in settings:
        if name not in known:
            raise TypeError(f"{form.call} has no setting {name!r}; it has {', '.join(known)}")
    values = {}
    for name, setting in known.items():
        value = settings.get(name, setting.default)
        if value is None and setting.default is None:
            raise TypeError(f"{form.call} has no default for {name}: give one")
        values[name] = _value(setting, value)
    if form.demand and not evaluate(form.demand[0], values):
        raise ValueError(f"{form.call}: {form.demand[1]}")
    return values


def _value(setting, value):
    if setting.switch:
        if not isinstance(value, bool):
            raise TypeError(f"{setting.name} is {value!r}; allowed are True and False")
        return value
    value = 0.0 if value is None else value
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise TypeError(f"{setting.name} is {value!r}; allowed are numbers")
    value = float(value)
    if setting.kind == "share":
        if not 0 < value <= 1:
            raise ValueError(f"{setting.name} is {value}; allowed are numbers in (0, 1]")
    else:
        {"rate": positive, "fraction": fraction, "size": non_negative}[setting.kind](setting.name, value)
    return value


def normal(family, form, values):
    """The parameters of the normal form that settings amount to.

    >>> adam = rule("adam")
    >>> keras = adam.dialects["keras"]
    >>> normal(adam.family, keras, checked(keras, {}))["hat"]
    True
    """
    said = {p.name: evaluate(form.normal.get(p.name, p.neutral), values) for p in family.parameters}
    return {name: value if isinstance(value, bool) else float(value) for name, value in said.items()}


def simplified(family, parameters):
    """The same with everything that makes no difference put in one form.

    >>> family = rule("adagrad").family
    >>> simplified(family, {"initial": 0.25, "eps_root": 0.25})
    {'initial': 0.5, 'eps_root': 0}
    """
    values = dict(parameters)
    for name, expression in family.simplify:
        values[name] = evaluate(expression, values)
    return values
