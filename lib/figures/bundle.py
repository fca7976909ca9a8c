"""Turn the figures' ES modules into what each host can load; nothing made here is committed.

A page opened from disk cannot load ES modules, and anywidget takes a single file. Both get the
same modules wrapped one by one, in the order of their imports: `modules["x.js"] = (() => {...})()`.
The sources keep to one form of import and export, which `_wrap` knows; anything else raises.
What pages load is minified; what anywidget takes, beside a kernel, stays as written.
"""

import re
from functools import cache
from pathlib import Path

try:
    import minify
except ImportError:  # no wheel for macOS on ARM: the same scripts, about half as large again
    minify = None

from lib.conventions import script

__all__ = ["classic", "esm", "figure_names", "kit"]

HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import (?:(\{[^}]*\})|\* as (\w+)) from "(\.[^"]+)";\n', re.M)
_EXPORT = re.compile(r"^export (?:async )?(?:function|const|let|class) (\w+)", re.M)
# what several figures import is loaded once a page, not once a figure
SHARED = ("rules.js", "theory.js", "problems.js", "floats.js", "random.js")
KIT = ("parts/figure.js", *SHARED, "host.js")
MADE = {"dialects.js": script.module}  # not files: written from data that Python reads too


def figure_names() -> list[str]:
    """Names of the interactive figures: the modules with a default export, sorted.

    >>> "valley" in figure_names()
    True
    """
    return sorted(p.stem for p in HERE.glob("*.js") if "export default" in p.read_text("utf-8"))


@cache
def kit() -> str:
    """The classic script that every page with a figure loads once: shared parts, rules, host.

    >>> "window.Descent=" in kit().replace(" = ", "=")
    True
    """
    body = "\n".join(_wrap(name) for name in _ordered(KIT))
    return _small(
        "(() => {\nconst modules = {};\nconst figures = {};\n"
        f"{body}\n"
        "window.Descent = { modules, figures };\n"
        'const start = () => modules["host.js"].mountAll(figures);\n'
        'if (document.readyState === "complete") start();\n'
        'else document.addEventListener("DOMContentLoaded", start);\n})();\n'
    )


@cache
def classic(name: str) -> str:
    """The classic script of one figure, to be loaded after `kit`.

    Raises KeyError for a name that is no figure.

    >>> "figures" in classic("valley")
    True
    """
    _known(name)
    shared = set(_ordered(KIT))
    body = "\n".join(_wrap(m) for m in _ordered([f"{name}.js"]) if m not in shared)
    return _small(
        "(() => {\nconst { modules, figures } = window.Descent;\n"
        f'{body}\nfigures["{name}"] = modules["{name}.js"].default;\n'
        'if (document.readyState === "complete") modules["host.js"].mountAll(figures);\n})();\n'
    )


@cache
def esm(name: str) -> str:
    """One figure and its parts as a single ES module, for anywidget.

    Raises KeyError for a name that is no figure.

    >>> esm("valley").rstrip().endswith('export default modules["valley.js"].default;')
    True
    """
    _known(name)
    body = "\n".join(_wrap(m) for m in _ordered([f"{name}.js"]))
    return f'const modules = {{}};\n{body}\nexport default modules["{name}.js"].default;\n'


def _small(script: str) -> str:
    return minify.string("text/javascript", script) if minify else script


def _known(name):
    if name not in figure_names():
        raise KeyError(f"no figure {name!r}; there are {', '.join(figure_names())}")


def _resolve(module: str, target: str) -> str:
    return str((HERE / module).parent.joinpath(target).resolve().relative_to(HERE.resolve()))


def _source(module: str) -> str:
    return MADE[module]() if module in MADE else (HERE / module).read_text("utf-8")


def _ordered(modules) -> list[str]:
    """The modules and all they import, each after what it imports."""
    order: list[str] = []

    def visit(module, path=()):
        if module in path:
            raise ValueError(f"circular import: {' -> '.join((*path, module))}")
        if module not in order:
            for match in _IMPORT.finditer(_source(module)):
                visit(_resolve(module, match[3]), (*path, module))
            order.append(module)

    for module in modules:
        visit(module)
    return order


def _wrap(module: str) -> str:
    source = _source(module)

    def imported(match):
        names = match[2] or match[1].replace(" as ", ": ")
        return f'const {names} = modules["{_resolve(module, match[3])}"];\n'

    names = _EXPORT.findall(source)
    code = _IMPORT.sub(imported, source)
    code = re.sub(r"^export (?=(?:async )?(?:function|const|let|class) )", "", code, flags=re.M)
    if "export default" in code:
        code = code.replace("export default", "const standard =", 1)
        names = [*names, "default: standard"]
    if re.search(r"^(?:import|export)\b", code, re.M):
        raise ValueError(f"{module}: an import or export of a form the bundle does not know")
    return f'modules["{module}"] = (() => {{\n{code}return {{ {", ".join(names)} }};\n}})();'
