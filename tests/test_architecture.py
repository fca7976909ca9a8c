"""The order of the library: a module imports only from modules above it, and little from outside.

The table is the architecture. A module that is not in it fails, so that a new one is given its
place here first.
"""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# module: (modules of lib, packages from outside) it may import, in reading order
MAY = {
    "ranges": ((), ("numpy",)),
    "averages": (("ranges",), ("numpy",)),
    "contract": (("ranges",), ("numpy",)),
    "memory": ((), ("numpy",)),
    "rules": (("ranges", "averages", "contract"), ("numpy",)),
    "conventions": (("ranges", "contract", "rules"), ("numpy",)),
    "schedules": (("ranges",), ()),
    "problems": (("ranges",), ("numpy",)),
    "theory": (("ranges",), ("numpy",)),
    "net": (("ranges", "memory"), ("numpy",)),
    "penalties": (("ranges", "contract", "net"), ("numpy",)),
    "data": (("ranges", "problems"), ("numpy", "sklearn", "pooch")),
    "loop": (("ranges", "contract", "memory"), ("numpy", "tqdm")),
    "sweep": (("ranges", "loop"), ("numpy", "joblib")),
    "experiments": (("ranges", "rules", "net", "loop", "sweep"), ("numpy",)),
    "race": (
        ("ranges", "contract", "problems", "net", "loop", "sweep", "experiments"),
        ("numpy",),
    ),
    "check": (("ranges", "contract", "rules", "schedules", "net"), ("numpy",)),
    "notes": (("ranges", "contract", "rules", "net", "loop"), ("numpy",)),
    "museum": ((), ("numpy",)),
    "svg": ((), ("matplotlib",)),
    "plots": (("svg",), ("matplotlib", "numpy", "cycler")),
    "figures": (
        ("averages", "rules", "conventions", "schedules", "problems", "theory", "net", "loop", "plots"),
        ("numpy", "anywidget", "ipywidgets", "traitlets", "minify"),
    ),
    "book": (("figures",), ("docutils", "sphinx", "jinja2", "fontTools", "py_mini_racer", "myst_nb")),
}


def modules(lib):
    """Every source file of a library, with the first name under `lib` it belongs to."""
    for path in sorted(lib.rglob("*.py")):
        parts = path.relative_to(lib).with_suffix("").parts
        if parts != ("__init__",):
            yield parts[0], path


def imports(source, path=("lib",)):
    """Yield (line, dotted name) of what a source imports, anywhere in it, also by a string.

    `path`: the package the source lies in, to resolve relative imports.
    """
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module, names, level):
                base = ".".join(path[: len(path) - level + 1]) if level else ""
                name = ".".join(filter(None, (base, module)))
                if name == "lib":  # from lib import plots, problems
                    yield from ((node.lineno, f"lib.{alias.name}") for alias in names)
                else:
                    yield node.lineno, name
            case ast.Call(ast.Name("__import__" | "import_module"), [ast.Constant(str(name)), *_]):
                yield node.lineno, name
            case ast.Call(ast.Attribute(_, "import_module"), [ast.Constant(str(name)), *_]):
                yield node.lineno, name


def violations(lib, may=MAY):
    """A sentence for every import that goes the wrong way, and every module without a place."""
    found = []
    for module, path in modules(lib):
        where = path.relative_to(lib.parent)
        if module not in may:
            found.append(f"{where}: {module} has no place in the architecture: give it one in {__name__}")
            continue
        inside, outside = may[module]
        package = ("lib", *path.relative_to(lib).parts[:-1])
        for line, name in imports(path.read_text(encoding="utf-8"), package):
            top, *rest = name.split(".")
            if top == "lib":
                # `import lib` alone does not say what is used
                allowed = bool(rest) and rest[0] in (module, *inside)
            else:
                allowed = top in outside or top in sys.stdlib_module_names
            if not allowed:
                listed = ", ".join((*(f"lib.{m}" for m in inside), *outside)) or "the standard library"
                found.append(f"{where}:{line}: {module} imports {name}; it may import {listed}")
    return found


def test_every_arrow_points_upwards():
    assert violations(ROOT / "lib") == []


def test_the_table_itself_points_upwards():
    order = list(MAY)
    for module, (inside, _) in MAY.items():
        for other in inside:
            assert order.index(other) < order.index(module), f"{module} above {other}"


def test_closed_forms_know_no_problem_and_no_rule():
    # theory is what problems and rules are tested against: it must not be computed from them
    assert MAY["theory"] == (("ranges",), ("numpy",))
    for module in ("problems", "theory", "rules", "loop", "averages"):
        assert not {"matplotlib", "scipy", "sphinx"} & set(MAY[module][1])


def test_the_package_itself_imports_nothing():
    assert list(imports((ROOT / "lib" / "__init__.py").read_text(encoding="utf-8"))) == []


BROKEN = [
    ("theory/descent.py", "from lib.problems import Quadratic", "imports lib.problems"),
    ("theory.py", "def f():\n    from lib import rules", "theory.py:2: theory imports lib.rules"),
    ("averages.py", "from lib import contract, ranges", "imports lib.contract"),
    ("contract.py", "import lib.rules as r", "imports lib.rules"),
    ("rules.py", "from .loop import descend", "rules imports lib.loop"),
    ("theory/deep.py", "from ..problems.base import Problem", "theory imports lib.problems.base"),
    ("problems/base.py", "from .. import plots", "problems imports lib.plots"),
    ("loop.py", "from lib.rules import adam", "imports lib.rules"),
    ("ranges.py", "import scipy.optimize", "imports scipy.optimize"),
    ("schedules.py", "import numpy as np", "schedules imports numpy; it may import lib.ranges"),
    ("rules.py", "import lib", "rules imports lib;"),
    (
        "plots.py",
        "from importlib import import_module\nimport_module('lib.rules')",
        "plots imports lib.rules",
    ),
    ("plots.py", "x = __import__('torch')", "plots imports torch"),
    ("novelty.py", "import math", "novelty has no place in the architecture"),
]


@pytest.mark.parametrize(("name", "source", "said"), BROKEN, ids=[f"{n}-{s}" for n, s, _ in BROKEN])
def test_a_wrong_arrow_is_told(tmp_path, name, source, said):
    path = tmp_path / "lib" / name
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    (told,) = violations(tmp_path / "lib")
    assert said in told


GOOD = [
    ("theory/momentum.py", "from lib.theory.descent import spectrum\nfrom .descent import spectrum"),
    ("loop.py", "import inspect\nfrom lib.contract import START\nfrom lib import ranges"),
    ("rules.py", "import numpy.linalg\nfrom lib.averages import ewa"),
    ("figures/valley.py", "from lib import plots, problems\nfrom lib.figures.bundle import esm"),
    ("ranges.py", "from __future__ import annotations\nimport numpy as np, math"),
]


@pytest.mark.parametrize(("name", "source"), GOOD, ids=[n for n, _ in GOOD])
def test_a_right_arrow_is_not(tmp_path, name, source):
    path = tmp_path / "lib" / name
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    assert violations(tmp_path / "lib") == []
