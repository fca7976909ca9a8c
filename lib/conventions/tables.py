"""Tables for people, in Markdown, made from the data files and from the docstrings of the rules."""

import inspect
import re
import tomllib
from pathlib import Path

import numpy as np

from lib import rules as book
from lib.conventions.data import checked, libraries, normal, rule, rules

__all__ = ["Markdown", "card", "facts", "formulas", "state", "translator"]

FRAMEWORKS = ("pytorch", "keras", "optax")


class Markdown(str):
    r"""A text that notebooks and pages show as Markdown.

    >>> Markdown("**one**\n\ntwo")
    Markdown of 3 lines
    """

    def __repr__(self):
        return f"Markdown of {len(self.splitlines())} lines"

    def _repr_markdown_(self):
        return str(self)


def value(x):
    """A default as one writes it: 0.001, 1e-8, True.

    >>> value(1e-07), value(0.9), value(True), value(0.0)
    ('1e-7', '0.9', 'True', '0')
    """
    return str(x) if isinstance(x, bool) else re.sub(r"e-0", "e-", f"{x:g}")


def facts(name, library):
    """Where things stand in a library's rule, in words that follow from its entry.

    >>> facts("rmsprop", "keras")
    ['η inside the velocity', 'ε inside the root', 'decay beside the gradient, times η']
    >>> facts("adam", "sklearn")
    ['ε beside the uncorrected root']
    """
    about = rule(name)
    form = about.dialects[library]
    trial = {s.name: s.default if s.switch else 0.25 for s in form.settings}
    p = normal(about.family, form, trial)
    double = {s.name: trial[s.name] * (2 if s.kind == "rate" else 1) for s in form.settings}
    q = normal(about.family, form, double)
    blank = {s.name: 0.25 for s in form.settings if s.default is None}
    first = normal(about.family, form, checked(form, blank))
    settable = {s.name.replace("epsilon", "eps") for s in form.settings}
    has_eps = any(n.startswith("eps") and n != "eps_root" for n in settable)
    memory = p.get("beta", p.get("momentum", 0)) > 0
    said = [
        (memory and "inside" in p, f"η {'inside' if p.get('inside') else 'outside'} the velocity"),
        (first.get("nesterov"), "Nesterov by default"),
        (p.get("first", 1) != 1, "the first gradient counts more"),
        (p.get("behind"), "stores the point behind"),
        ("rooted" in p and has_eps, f"ε {'inside' if p.get('rooted') else 'outside'} the root"),
        (name == "adagrad" and has_eps, f"ε {'inside' if p.get('eps_root') else 'outside'} the root"),
        ("hat" in p, f"ε beside the {'un' if p.get('hat') else ''}corrected root"),
        ("within" in p and has_eps, f"ε {'inside' if p.get('within') else 'beside'} the maximum"),
        ("eps_root" in settable, "another ε inside"),
        (first.get("initial", 0) > 0, f"v starts at {value(first.get('initial', 0))}"),
        (p.get("coupled", 0) > 0, "decay in the gradient"),
        (
            p.get("shrink", 0) > 0,
            f"decay beside the gradient, {'' if q.get('shrink') != p.get('shrink') else 'not '}times η",
        ),
    ]
    return [text for holds, text in said if holds]


def translator():
    """The table of the translator: every dialect of every rule.

    >>> str(translator()).count("keras.optimizers.Adamax")
    1
    """
    return Markdown("\n\n".join(f"**{about.title}**\n\n{_rows(about)}" for about in rules().values()))


def _rows(about):
    lines = ["| who | update, settings and defaults | where things stand |", "|---|---|---|"]
    for key, form in about.dialects.items():
        told = "; ".join(facts(about.name, key))
        note = f"{told}. {form.note}" if told and form.note else (told or form.note)
        maths = ", ".join(f"${part}$" for part in form.update.split(r",\; "))
        given = (s.name + ("" if s.default is None else f"={value(s.default)}") for s in form.settings)
        who = f"**{libraries()[key]['name']}** `{form.call}`"
        lines.append(f"| {who} | {maths} `{', '.join(given)}` | {note} |")
    return "\n".join(lines)


def formulas(name):
    r"""The formulas of a rule of `lib.rules`, out of its docstring.

    >>> formulas("momentum")
    ['m_t = \\beta\\,m_{t-1} + g_t', 'w_t = w_{t-1} - \\eta\\,m_t']
    """
    inside = re.search(r"\$\$(.*?)\$\$", inspect.getdoc(getattr(book, name)), re.S)[1]
    inside = re.sub(r"\|([^|]*)\|", r"\\lvert \1\\rvert ", inside)  # a bar would end a table's cell
    return [re.sub(r"\s+", " ", part).strip(" ,") for part in inside.split(r"\qquad")]


def state(name):
    """What a rule of `lib.rules` remembers beside t, found by taking a step.

    >>> state("amsgrad"), state("sgd")
    (['m', 'v', 'v_max'], [])
    """
    _, s = getattr(book, name)(np.ones(2), np.ones(2), lr=0.5)
    return [slot for slot, kept in s._asdict().items() if slot != "t" and np.any(np.asarray(kept) != 0)]


def card():
    """The reference card: each rule with formula, state, defaults, use, and what breaks it.

    >>> card()
    Markdown of 15 lines
    """
    told = tomllib.loads((Path(__file__).parent / "card.toml").read_text("utf-8"))
    names = [libraries()[key]["name"] for key in FRAMEWORKS]
    lines = [
        f"| rule | step | keeps | {' | '.join(names)} | use it | what breaks it |",
        "|" + "---|" * (5 + len(names)),
    ]
    for name, about in told.items():
        shown = [_defaults(name, about.get("rule"), key) for key in FRAMEWORKS]
        maths = ", ".join(f"${part}$" for part in formulas(name))
        kept = ", ".join(f"`{slot}`" for slot in state(name)) or "–"
        lines.append(
            f"| `{name}` | {maths} | {kept} | {' | '.join(shown)} | {about['use']} | {about['breaks']} |"
        )
    return Markdown("\n".join(lines))


def _defaults(name, key, library):
    """Defaults that are neither zero nor off, without the prefixes that all share."""
    form = rules()[key].dialects.get(library) if key else None
    if form is None:
        return "–"
    settings = form.settings[:1] if name == "sgd" else form.settings
    shown = [f"{s.name}{_gap(s)}{_unbroken(s.default)}" for s in settings if s.default is None or s.default]
    if name in ("momentum", "nesterov"):
        shown += [f"{name}\N{NO-BREAK SPACE}{0 if name == 'momentum' else False}"]
    return ", ".join(shown)


def _unbroken(default):
    return "?" if default is None else value(default).replace("-", "\N{WORD JOINER}-\N{WORD JOINER}")


def _gap(setting):
    return " " if len(setting.name) > 12 else "\N{NO-BREAK SPACE}"
