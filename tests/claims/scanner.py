"""Which labels a chapter asks the register for, read from its MyST source.

A fence ends where CommonMark ends it, and the inside of a directive that holds text is read in
the same way, so nesting is followed as the builder follows it and shown code is passed over.
"""

import re
from typing import NamedTuple

# Directives whose body is no MyST text.
SHOWN = {
    *("code-cell", "code", "code-block", "sourcecode", "literalinclude", "raw", "parsed-literal"),
    *("toctree", "bibliography", "mermaid", "image", "glue", "claims", "raw-cell"),
}
# Directives that state something true, and the start of their labels.
STATED = {"math": "eq-", "prf:theorem": "thm-", "prf:lemma": "lem-"}
UNSEEN = {"prf:proposition", "prf:corollary", "prf:property", "prf:criterion", "prf:observation"}

FENCE = re.compile(r"\s*(?:[-*+]\s+|\d+[.)]\s+|>\s?)*(`{3,}|~{3,}|:{3,})\s*(?:\{([^}\s]+)\})?(.*)$")
OPTION = re.compile(r":([\w-]+):(?:\s+(.*))?$")
CODE = re.compile(r"(?:\{([\w:.+-]+)\})?(?<!`)(`+)(?!`)((?:(?!\n\s*\n).)+?)(?<!`)\2(?!`)", re.DOTALL)
NUMBERED = re.compile(r"\\begin\{(equation|align|gather|multline|eqnarray|alignat|flalign)\}")
DOLLAR_LABEL = re.compile(r"\$\$[ \t]*\(([^()\n]+)\)[ \t]*$", re.MULTILINE)


class Found(NamedTuple):
    """`stated`: label -> line; `checked`: label -> line of its first use; `wrong`: messages."""

    stated: dict
    checked: dict
    wrong: list


def scan(text: str, name: str = "chapter") -> Found:
    """Read the MyST source `text`; messages start with `name:line:`."""
    lines = text.splitlines()
    start = 0
    if lines and lines[0] == "---":
        start = lines.index("---", 1) + 1
    found = Found({}, {}, [])
    _read(lines[start:], start + 1, name, found)
    return found


def _read(lines, first, name, found):
    """Scan `lines`, the first of which is line `first` of the file."""
    prose = [""] * len(lines)  # what is left when every fence is taken out
    at = 0
    while at < len(lines):
        match = FENCE.match(lines[at])
        fence = match and match[1]
        if not fence or (fence[0] == "`" and "`" in match[3]):
            prose[at] = "" if lines[at].lstrip().startswith("%") else lines[at]
            at += 1
            continue
        end = at + 1
        closing = re.compile(rf"\s*(?:>\s?)*{re.escape(fence[0])}{{{len(fence)},}}\s*$")
        while end < len(lines) and not closing.match(lines[end]):
            end += 1
        directive = match[2] or ("div" if fence[0] == ":" else "code")
        if match[2]:
            prose[at] = match[3]  # a title may hold a role
        _directive(directive, lines[at + 1 : end], first + at, name, found)
        at = end + 1
    _prose("\n".join(prose), first, name, found)


def _directive(directive, body, line, name, found):
    options = dict(_options(body))
    label = (options.get("label") or options.get("name") or "").strip()
    where = f"{name}:{line}"
    if directive in STATED:
        must = directive != "math" or "label" in options or "name" in options
        if must and not label.startswith(STATED[directive]):
            found.wrong.append(
                f"{where}: {{{directive}}} needs a :label: that starts with {STATED[directive]}, "
                f"not {label!r}"
            )
        elif label in found.stated:
            found.wrong.append(f"{where}: label {label} is used twice")
        elif must:
            found.stated[label] = line
        if "nonumber" in options:
            found.wrong.append(f"{where}: {{{directive}}} with :nonumber: hides from the register")
    elif directive in UNSEEN:
        found.wrong.append(f"{where}: {{{directive}}} has no claim: write prf:theorem or prf:lemma")
    elif directive == "eval-rst":
        found.wrong.append(f"{where}: {{eval-rst}} hides its mathematics from the register")
    if directive == "math":
        _tex("\n".join(body), line + 1, name, found)
    elif directive not in SHOWN:
        _read(body, line + 1, name, found)


def _options(body):
    """Yield the options of a directive: `:key: value` lines, or a block between `---` lines."""
    if body and body[0].strip() == "---":
        for row in body[1:]:
            if row.strip() == "---":
                return
            key, _, value = row.partition(":")
            yield key.strip(), value.strip()
    for row in body:
        match = OPTION.match(row.strip())
        if not match:
            return
        yield match[1], match[2] or ""


def _prose(text, first, name, found):
    def span(match):
        """Note a {checked} role; blank out every role and code span."""
        line = first + text.count("\n", 0, match.start())
        label = match[3].strip()
        if match[1] == "checked":
            found.checked.setdefault(label, line)
            if not label.startswith(("num-", *STATED.values())):
                found.wrong.append(f"{name}:{line}: {{checked}} needs a num- label, not {label!r}")
        elif match[1] == "math":
            _tex(label, line, name, found)
        return re.sub(r"[^\n]", " ", match[0])

    plain = CODE.sub(span, text)
    for match in DOLLAR_LABEL.finditer(plain):
        line = first + plain.count("\n", 0, match.start())
        found.wrong.append(
            f"{name}:{line}: $$ … $$ ({match[1]}) is numbered: write a {{math}} directive with :label: eq-…"
        )
    _tex(plain, first, name, found)


def _tex(text, first, name, found):
    """Refuse numbers and labels made inside TeX, which no directive tells us about."""
    for match in re.finditer(rf"\\label\s*\{{|\\tag\b|{NUMBERED.pattern}", text):
        line = first + text.count("\n", 0, match.start())
        found.wrong.append(
            f"{name}:{line}: {match[0]} numbers mathematics by itself: write a {{math}} directive "
            "with :label: eq-…"
        )
