"""ARCHITECTURE.md says which module of `lib` may import which; here the imports are read."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| `(\w+)(?:\.py|/)` \| .* \| ([\w, ]*)\|$", re.M)
EVERYTHING = "all of the above"


def allowed(page):
    """Module -> the modules it may import, in the order of the table."""
    table = {}
    for name, imports in ROW.findall(page.partition("## The library")[2].partition("\n## ")[0]):
        names = set(table) if imports.strip() == EVERYTHING else set(re.findall(r"\w+", imports))
        assert names <= set(table), f"{name} would import from below: {names - set(table)}"
        table[name] = names
    return table


def imports(source):
    """The modules of `lib` a source imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            found |= {f"{start}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    assert not any(name.startswith(".") for name in found), "a relative import"
    return {name.split(".")[1] for name in found if name.startswith("lib.")}


MODULES = {p.stem for p in (ROOT / "lib").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
MODULES -= {"__init__"}
TABLE = allowed((ROOT / "ARCHITECTURE.md").read_text("utf-8"))


def test_the_page_names_every_module():
    assert set(TABLE) == MODULES


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_imports_what_the_page_says(name):
    files = [ROOT / "lib" / f"{name}.py"]
    if not files[0].exists():
        files = sorted((ROOT / "lib" / name).rglob("*.py"))
    found = set().union(*(imports(file.read_text("utf-8")) for file in files)) - {name}
    assert found <= TABLE[name]
    if name != "figures":  # which may, but need not, import everything
        assert found == TABLE[name]


def test_imports_are_found_wherever_they_stand():
    source = (
        "from lib import plots\nimport lib.loop as loop\ndef f():\n    from lib.theory.momentum import matrix"
    )
    assert imports(source) == {"plots", "loop", "theory"}
    assert imports("import numpy\nfrom os import path") == set()
    with pytest.raises(AssertionError, match="relative"):
        imports("from . import rules")


def test_a_table_that_points_downwards_is_refused():
    page = "## The library\n| `a.py` | x | b |\n| `b.py` | y | |\n"
    with pytest.raises(AssertionError, match="from below"):
        allowed(page)
