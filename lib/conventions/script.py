"""The data files as a JavaScript module, for the converter on a page without Python.

Every expression is written out by `language.javascript`, so that no convention is typed twice.
"""

import json
from functools import cache

from lib.conventions.data import libraries, rules
from lib.conventions.language import javascript, names

__all__ = ["module"]

HEAD = """// Made from lib/conventions when the book is built.
export const ratio = (a, b) => (b ? a / b : 0);
"""


@cache
def module() -> str:
    """An ES module that exports `libraries`, `sentences`, `families`, `rules`.

    >>> module().count("export const")
    5
    """
    families = {about.family.name: about.family for about in rules().values()}
    said = {text: i for i, text in enumerate(dict.fromkeys(_sentences(families.values())))}
    written = ",".join(_family(family, said) for family in families.values())
    parts = [
        HEAD + f"export const libraries = {_text({k: about['name'] for k, about in libraries().items()})};",
        f"export const sentences = {_text(list(said))};",
        f"export const families = {{{written}}};",
        f"export const rules = {{{','.join(map(_rule, rules().values()))}}};",
    ]
    return "\n".join(parts) + "\n"


def _text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _sentences(families):
    yield from (text for family in families for p in family.parameters for text in (p.because, p.note))


def _number(value):
    return int(value) if type(value) is float and value.is_integer() else value


def _family(family, said):
    known = [p.name for p in family.parameters]
    told = {p.name: [said[p.because], p.only, said[p.note]] for p in family.parameters}
    neutral = ",".join(f"{p.name}:{javascript(p.neutral)}" for p in family.parameters)
    state = list(family.start)
    first = ",".join(f"{name}:{javascript(text)}" for name, text in family.start.items())
    own = [name for name, _ in family.step if name not in (*state, "w")]
    local = f"let {','.join(dict.fromkeys(own))};" if own else ""
    parameters = f"{{{','.join(known)}}}"
    return (
        f"{family.name}:{{parameters:{_text(told)},neutral:{{{neutral}}},"
        f"simplify:({parameters})=>{{{_lines(family.simplify)}return {parameters};}},"
        f"start:({parameters})=>({{{first}}}),"
        f"step:({parameters},{{{','.join(state)}}},w,g,t,rate)=>{{"
        f"{local}{_lines(family.step)}return [w,{{{','.join(state)}}}];}}}}"
    )


def _lines(lines):
    return "".join(f"{name}={javascript(text)};" for name, text in lines)


def _rule(about):
    dialects = ",".join(map(_dialect, about.dialects.values()))
    return f"{about.name}:{{title:{_text(about.title)},family:{_text(about.family.name)},dialects:{{{dialects}}}}}"


def _dialect(form):
    settings = [[s.name, _number(s.default), s.kind] for s in form.settings]
    demand = ""
    if form.demand:
        demand = (
            f"demand:[{_function([form.demand[0]], javascript(form.demand[0]))},{_text(form.demand[1])}],"
        )
    return (
        f"{form.library}:{{call:{_text(form.call)},settings:{_text(settings)},{demand}"
        f"normal:{_maker(form.normal)},back:{_maker(form.back)}}}"
    )


def _maker(expressions):
    parts = ((name, javascript(text)) for name, text in expressions.items())
    body = ",".join(name if name == text else f"{name}:{text}" for name, text in parts)
    return _function(expressions.values(), f"({{{body}}})")


def _function(expressions, body):
    asked = sorted({name for text in expressions for name in names(text)})
    return f"({{{','.join(asked)}}})=>{body}"
