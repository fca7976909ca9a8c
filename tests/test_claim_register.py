"""The claim register refuses what it should: tested on chapters and claims of its own."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MACHINERY = Path(__file__).parent / "claims"


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.stem}_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def claims():
    """The decorator's module with an empty registry."""
    return load(MACHINERY / "claims.py")


scan = load(MACHINERY / "scanner.py").scan


# --- the decorator -------------------------------------------------------------------------


def make(claims, result=(1e-16, 1.0), label="eq-x", tolerance=1e-12, **told):
    told = {"says": "this", "against": "that"} | told

    def test_x():
        return result

    claims.writing = True
    return claims.claim(label, tolerance=tolerance, **told)(test_x)


@pytest.mark.parametrize("result", [(0.0, 1.0), (1e-12, 1.1e-11), (0, 2)])
def test_a_claim_that_holds_and_could_fail_passes(claims, result):
    make(claims, result)()
    assert claims.measured["eq-x"]["error"] == result[0]


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ((2e-12, 1.0), "eq-x: error 2e-12 exceeds the tolerance 1e-12"),
        ((0.0, 1e-11), "eq-x: the false statement is off by 1e-11 only"),
        ((0.0, 0.0), "cannot tell the two apart"),
        ((-1e-16, 1.0), "eq-x: error -1e-16 is negative"),
        ((0.0, -1.0), "cannot tell the two apart"),
        ((float("nan"), 1.0), "eq-x: error nan and wrong 1 must be finite"),
        ((0.0, float("nan")), "must be finite"),
        ((0.0, float("inf")), "must be finite"),
        (None, "eq-x: the test returned None; it must return two numbers"),
        (0.0, "two numbers"),
        ((0.0,), "two numbers"),
        ((0.0, 1.0, 2.0), "two numbers"),
        ((0.0, True), "two numbers"),
        ((0.0, 1j), "two numbers"),
        (("0", "1"), "two numbers"),
    ],
)
def test_a_claim_that_is_wrong_or_cannot_fail_is_refused(claims, result, says):
    with pytest.raises(AssertionError, match=re.escape(says)):
        make(claims, result)()
    assert not claims.measured


@pytest.mark.parametrize("label", ["gap", "fig-gap", "eq-", "eq-Gap", "eq gap", "eq-a_b", None])
def test_a_label_of_another_form_is_refused(claims, label):
    with pytest.raises(ValueError, match="allowed are eq-, thm-, lem- or num-"):
        make(claims, label=label)


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), float("inf"), "small", None, True])
def test_a_tolerance_that_bounds_nothing_is_refused(claims, tolerance):
    with pytest.raises(ValueError, match="eq-x: tolerance is"):
        make(claims, tolerance=tolerance)


@pytest.mark.parametrize("told", [{"says": ""}, {"against": " "}, {"says": None}])
def test_a_claim_without_words_is_refused(claims, told):
    with pytest.raises(ValueError, match="must be a sentence"):
        make(claims, **told)


def test_tex_in_a_string_that_is_not_raw_is_refused(claims):
    with pytest.raises(ValueError, match="control character"):
        make(claims, says="$\beta$")


def test_a_label_is_claimed_once_and_a_function_claims_once(claims):
    make(claims)
    with pytest.raises(ValueError, match="eq-x is claimed twice"):
        make(claims)
    with pytest.raises(ValueError, match="already makes another claim"):
        make(claims, label="eq-y")


def test_a_claim_with_arguments_is_refused(claims):
    with pytest.raises(TypeError, match="must take no arguments"):
        claims.claim("eq-x", says="s", against="a", tolerance=1)(lambda x: (0, 1))


# --- the record ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "one"),
    [
        (1e-16, 9e-15, True),
        (0.0, 9e-15, True),  # an exact zero here, rounding there
        (0.0, 2e-14, False),
        (3e-12, 4e-10, False),
        (9e-9, 5e-7, True),  # one of them is rounding
        (0.0500, 0.0509, True),
        (0.0500, 0.0515, False),
        (2e-8, 3e-8, False),
    ],
)
def test_errors_are_one_up_to_what_processors_do(claims, a, b, one):
    assert claims.same(a, b) is one
    assert claims.same(b, a) is one


CLAIM = """
from claims import claim


@claim("{label}", says=r"{says}", against="half of it", tolerance=1e-12)
def test_{name}():
    return {error}, {wrong}
"""
CHAPTER = """---
kernelspec: {name: python3}
---
# A chapter

```{math}
:label: eq-a
x = 1
```

It is 7 {checked}`num-seven`.
"""


class Book:
    """A small repository: one chapter with its claims, and the real machinery beside them."""

    def __init__(self, root):
        self.root, self.told = root, {}
        self.claims = root / "tests/claims"
        self.claims.mkdir(parents=True)
        (root / "chapters").mkdir()
        options = "--import-mode=importlib --doctest-modules"  # as the book's own tests run
        (root / "pytest.ini").write_text(f"[pytest]\naddopts = {options}\n")
        for name in ("claims.py", "conftest.py", "scanner.py", "test_register.py"):
            shutil.copy(MACHINERY / name, self.claims)
        self.record = root / "chapters/claims.json"
        self.chapter(CHAPTER)
        self.claim("eq-a")
        self.claim("num-seven", error=5e-14)
        told = {"eq-a": 1e-16, "num-seven": 5e-14}
        entries = {label: self.entry(label, error) for label, error in told.items()}
        self.record.write_text(json.dumps(entries, indent=1) + "\n")

    def entry(self, label, error):
        return {
            "chapter": "01_a",
            "says": "x is 1",
            "against": "half of it",
            "test": f"tests/claims/test_01_a.py::test_{label.replace('-', '_')}",
            "tolerance": 1e-12,
            "error": error,
            "wrong": 0.5,
        }

    def chapter(self, text):
        (self.root / "chapters/01_a.md").write_text(text, "utf-8")

    def claim(self, label, says="x is 1", error=1e-16, wrong=0.5):
        name = label.replace("-", "_")
        self.told[label] = CLAIM.format(label=label, says=says, name=name, error=error, wrong=wrong)
        (self.claims / "test_01_a.py").write_text("".join(self.told.values()))

    def run(self, *args, fails=None):
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *args],
            check=False, cwd=self.root, env=env, capture_output=True, text=True,
        )  # fmt: skip
        if fails is not None:
            count = re.search(r"(\d+) failed", done.stdout)
            assert int(count[1] if count else done.returncode) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def entries(self):
        return json.loads(self.record.read_text("utf-8"))


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


def test_chapters_claims_and_record_that_agree_pass(book):
    book.run(fails=0)


def test_the_record_is_written_from_what_was_measured(book):
    before = book.record.read_bytes()
    book.record.unlink()
    book.run("tests/claims", "--write-claims", fails=0)
    assert book.record.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "why"),
    [({"says": "x is one"}, "says"), ({"wrong": 0.6}, "wrong was 0.5, is 0.6")],
)
def test_a_stale_record_fails_until_it_is_written(book, change, why):
    book.claim("eq-a", **change)
    out = book.run(fails=1)
    assert f"eq-a: claims.json is stale: run make claims ({why})" in out
    book.run("tests/claims", "--write-claims", fails=0)
    book.run(fails=0)


def test_rounding_noise_leaves_the_record_as_it_is(book):
    before = book.record.read_bytes()
    book.claim("eq-a", error=8e-15, wrong=0.505)
    book.run("tests/claims", "--write-claims", fails=0)
    assert book.record.read_bytes() == before


def test_a_claim_that_fails_leaves_the_record(book):
    book.claim("eq-a", error=1e-3)
    book.run("tests/claims/test_01_a.py", "--write-claims", fails=1)
    assert list(book.entries()) == ["num-seven"]


def test_writing_a_part_of_a_file_is_refused(book):
    before = book.record.read_bytes()
    for part in (["-k", "seven", "tests/claims"], ["tests/claims/test_01_a.py::test_eq_a"]):
        assert "takes whole files" in book.run("--write-claims", *part)
    assert book.record.read_bytes() == before


def test_writing_one_file_keeps_the_entries_of_others_and_drops_removed_files(book):
    other = CLAIM.format(label="eq-b", says="b", name="b", error=0, wrong=1)
    (book.claims / "test_02_b.py").write_text(other)
    book.run("tests/claims/test_02_b.py", "--write-claims", fails=0)
    assert list(book.entries()) == ["eq-a", "num-seven", "eq-b"]
    (book.claims / "test_02_b.py").unlink()
    book.run("tests/claims/test_01_a.py", "--write-claims", fails=0)
    assert list(book.entries()) == ["eq-a", "num-seven"]


def test_processes_side_by_side_write_the_same_record(book):
    before = book.record.read_bytes()
    book.record.unlink()
    book.run("tests/claims/test_01_a.py", "--write-claims", "-p", "xdist", "-n2", fails=0)
    assert book.record.read_bytes() == before
    book.run("-p", "xdist", "-n2", fails=0)


def test_a_numbered_equation_and_a_number_need_a_claim(book):
    book.chapter(CHAPTER + "\n```{math}\n:label: eq-new\ny\n```\nand {checked}`num-new`\n")
    out = book.run(fails=1)
    assert "chapters/01_a.md:13: eq-new" in out
    assert "chapters/01_a.md:17: num-new" in out


def test_a_claim_needs_its_label_in_its_chapter(book):
    book.chapter(CHAPTER.replace("{checked}`num-seven`", "").replace(":label: eq-a\n", ""))
    out = book.run(fails=1)
    assert "tests/claims/test_01_a.py::test_eq_a: no eq-a in chapters/01_a.md" in out
    assert "no num-seven in chapters/01_a.md" in out


def test_an_entry_needs_a_claim_and_a_claim_an_entry(book):
    book.record.write_text(book.record.read_text().replace('"eq-a"', '"eq-old"'))
    out = book.run(fails=2)
    assert "claims.json is stale: run make claims (eq-a, eq-old)" in out
    assert "eq-a: claims.json is stale: run make claims (no entry yet)" in out


def test_two_chapters_stating_one_label_fail(book):
    (book.root / "chapters/02_b.md").write_text("```{math}\n:label: eq-a\n```\n")
    assert "eq-a: 01_a, 02_b" in book.run(fails=1)


# --- the scanner ---------------------------------------------------------------------------


def test_labels_are_found_wherever_the_builder_finds_them():
    text = """---
title: $$ x $$ (no)
---
# Title {checked}`num-title`

~~~~{admonition} With {checked}`num-argument`
:class: tip
:::{dropdown} Inside
```{math}
---
label: eq-yaml
---
x
```
:::
~~~~

`````{prf:theorem} Named
:label: thm-one
:class: wide
````{math}
:label: eq-in-theorem
x
````
`````

::::{prf:lemma}
:label: lem-colon
::::

- in a list

  ```{math}
  :label: eq-in-list
  x
  ```

> ```{math}
> y
> ```

~~~{math}
:name: eq-tilde
x
~~~

::: plain
A {checked}`num-in-div`, a {checked}`num-twice` and {checked}`num-twice`.
:::

```{math}
:class: unnumbered
x
```

```{prf:definition}
:label: def-free
```

$$ x $$

and $a$ (b) with $$c$$ inside, {eq}`eq-yaml`.
"""
    found = scan(text)
    assert not found.wrong
    assert set(found.stated) == {
        *("eq-yaml", "thm-one", "eq-in-theorem", "lem-colon", "eq-in-list", "eq-tilde"),
    }
    assert set(found.checked) == {"num-title", "num-argument", "num-in-div", "num-twice"}
    assert text.splitlines()[found.stated["eq-in-list"] - 1] == "  ```{math}"
    assert "num-in-div" in text.splitlines()[found.checked["num-in-div"] - 1]


def test_what_is_only_shown_is_passed_over():
    text = """
```python
x = "{checked}`num-x`"  # $$ x $$ (eq-x)
```

````md
```{math}
:label: eq-shown
```
````

```{code-cell} ipython3
# \\begin{align} and {checked}`num-y`
print(r"$$ (label)")
```

A span ``{checked}`num-z` `` and `$$ x $$ (eq-y)`.

% {checked}`num-comment`
"""
    assert scan(text) == ({}, {}, [])


@pytest.mark.parametrize(
    "text",
    [
        "$$ x $$ (eq-x)",
        "$$\nx\n$$ (eq-x)",
        "$$\n\\label{eq-x} x\n$$",
        "\\begin{equation}\nx\n\\end{equation}",
        "\\begin{align}\nx\n\\end{align}",
        "```{math}\n:label: eq-x\n\\label{eq-y}\n```",
        "```{math}\n\\begin{gather}x\\end{gather}\n```",
        "```{math}\nx \\tag{3}\n```",
        "```{math}\n:label: gap\n```",
        "```{math}\n:label:\n```",
        "```{prf:theorem} Gap\n```",
        "```{prf:theorem} Gap\n:label: gap\n```",
        "```{prf:theorem} Gap\n:label: thm-gap\n:nonumber:\n```",
        "```{prf:lemma}\n:label: thm-gap\n```",
        "```{prf:proposition}\n:label: thm-gap\n```",
        "```{eval-rst}\n.. math:: x\n```",
        "```{math}\n:label: eq-x\n```\n\n```{math}\n:label: eq-x\n```",
        "{checked}`gap`",
        ":::{note}\n$$ x $$ (eq-x)\n:::",
    ],
)
def test_numbered_mathematics_in_any_other_form_is_refused(text):
    found = scan(f"# Title\n\n{text}\n", "chapters/x.md")
    assert len(found.wrong) == 1
    assert re.match(r"chapters/x\.md:\d+: ", found.wrong[0])
