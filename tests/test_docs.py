"""Every public name says in one line what it is, and shows it in an example that doctest runs."""

import importlib
import inspect
import re
import types
from pathlib import Path

import pytest

LIB = Path(__file__).parents[1] / "lib"
# pages and figures are built, not called: `lib.book` and the figures' own modules have no examples
INTERNAL = ("lib.book", "lib.figures")


def module_names(lib=LIB):
    """The dotted names of all modules of the library."""
    for path in sorted(lib.rglob("*.py")):
        parts = path.relative_to(lib.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sort_key(name):
    """The order ruff asks of `__all__`: CONSTANTS, Classes, functions."""
    return (not name.isupper(), not name[0].isupper(), name)


def defined_in(module):
    """The public functions and classes that a module itself defines."""
    for name, value in vars(module).items():
        ours = getattr(value, "__module__", None) == module.__name__
        if ours and not name.startswith("_") and (inspect.isfunction(value) or inspect.isclass(value)):
            yield name


def methods(cls):
    """The public methods and properties a class itself defines, with the object that has the docstring."""
    for name, value in vars(cls).items():
        function = getattr(value, "__func__", value)
        if not name.startswith("_") and (inspect.isfunction(function) or isinstance(value, property)):
            yield name, value


def summary_faults(doc):
    """What is wrong with the first line of a docstring."""
    if not doc or not doc.strip():
        return ["has no docstring"]
    first, *rest = doc.strip().splitlines()
    faults = []
    if not first.rstrip().endswith((".", ":", "?")):
        faults.append("has a summary that is not one whole line")
    if rest and rest[0].strip():
        faults.append("has no empty line after its summary")
    return faults


def complaints(module, examples=True):
    """A sentence for every public name that is not documented as it should be."""
    name = module.__name__
    found = [f"{name} {fault}" for fault in summary_faults(module.__doc__)]
    listed = getattr(module, "__all__", None)
    own = list(defined_in(module))
    if listed is None:
        listed = own
        if own and examples:
            found.append(f"{name} has no __all__")
    else:
        if name.count(".") < 2:  # below a package, the modules' helpers are for one another
            found += [f"{name}.{n} is public and not in __all__" for n in own if n not in listed]
        found += [f"{name}.__all__ lists {n}, which is not there" for n in listed if not hasattr(module, n)]
        if list(listed) != sorted(listed, key=sort_key):
            found.append(f"{name}.__all__ is not sorted")
    for n in dict.fromkeys((*listed, *own)):
        value = getattr(module, n, None)
        if inspect.isfunction(value) or inspect.isclass(value):
            found += complaints_of(value, f"{name}.{n}", examples and n in listed)
    return found


def complaints_of(value, name, examples):
    """The same for one function or class and its methods."""
    doc = inspect.getdoc(value)
    found = [f"{name} {fault}" for fault in summary_faults(doc)]
    if examples and ">>>" not in (doc or ""):
        found.append(f"{name} has no example")
    if inspect.isclass(value):
        shown = "\n".join(base.__doc__ or "" for base in value.__mro__[:-1])
        for method, member in methods(value):
            doc = inspect.getdoc(member) or inspect.getdoc(getattr(value, method, None))
            found += [f"{name}.{method} {fault}" for fault in summary_faults(doc)]
            used = re.search(rf">>>.*\.{method}\b", shown) or ">>>" in (doc or "")
            if examples and not used:
                found.append(f"{name}.{method} has no example, nor has its class with it")
    return found


@pytest.mark.parametrize("name", list(module_names()))
def test_every_public_name_is_documented(name):
    module = importlib.import_module(name)
    assert complaints(module, examples=not name.startswith(INTERNAL)) == []


def test_the_packages_offer_what_their_modules_define():
    """What a module of `problems` or `theory` lists is offered by the package, or is a helper."""
    for package in ("lib.problems", "lib.theory", "lib.net", "lib.notes"):
        offered = set(importlib.import_module(package).__all__)
        parts = [importlib.import_module(n) for n in module_names() if n.startswith(f"{package}.")]
        defined = {n for part in parts for n in part.__all__}
        assert offered <= defined, offered - defined


def module_of(source, name="bad"):
    """A module made from a source, as if imported."""
    module = types.ModuleType(name)
    exec(inspect.cleandoc(source), vars(module))
    return module


DOC = '"""A module."""\n'
GOOD = '''
"""A module."""
__all__ = ["LIMIT", "Thing", "double"]
LIMIT = 3
def double(x):
    """Twice a number.

    >>> double(2)
    4
    """
    return 2 * x
def _helper(): ...
class Thing:
    """A thing.

    >>> Thing().size()
    1
    """
    def size(self):
        """Its size."""
        return 1
    def _hidden(self): ...
'''


def test_good_documentation_is_not_complained_about():
    assert complaints(module_of(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"""A module."""', "", ["bad has no docstring"]),
        ("Twice a number.", "Twice", ["bad.double has a summary that is not one whole line"]),
        ("Twice a number.\n", "Twice a number,\n    that is.\n", ["bad.double has a summary that is not one whole line", "bad.double has no empty line after its summary"]),
        (">>> double(2)\n    4\n", "", ["bad.double has no example"]),
        ('"""Its size."""', "", ["bad.Thing.size has no docstring"]),
        (">>> Thing().size()\n    1", ">>> Thing() is None\n    False", ["bad.Thing.size has no example, nor has its class with it"]),
        ('"LIMIT", "Thing", "double"', '"double", "LIMIT", "Thing"', ["bad.__all__ is not sorted"]),
        ('"LIMIT", "Thing", "double"', '"LIMIT", "double"', ["bad.Thing is public and not in __all__"]),
        ('"LIMIT", "Thing", "double"', '"LIMIT", "Lost", "Thing", "double"', ["bad.__all__ lists Lost, which is not there"]),
        ('__all__ = ["LIMIT", "Thing", "double"]', "", ["bad has no __all__"]),
    ],
)  # fmt: skip
def test_bad_documentation_is_told(old, new, said):
    assert old in GOOD
    assert complaints(module_of(GOOD.replace(old, new))) == said


def test_internal_modules_need_docstrings_but_no_examples():
    bare = GOOD.replace(">>> double(2)\n    4\n", "").replace('"""Its size."""', "")
    assert complaints(module_of(bare), examples=False) == ["bad.Thing.size has no docstring"]
