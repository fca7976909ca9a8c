"""What a reader sees of the claims: marks beside mathematics and numbers, and the register."""

import io
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sphinx.testing.util import SphinxTestApp

CONF = """
extensions = ["myst_parser", "sphinx_proof", "lib.book.claims"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
suppress_warnings = ["myst.header"]
"""
INDEX = "# Book\n\n```{toctree}\nchapters/01_a\nchapters/02_b\nchapters/register\n```\n"
FIRST = """# First steps

```{math}
:label: eq-a
x = 1
```

```{math}
:label: eq-free
y
```

`````{prf:theorem} Gap
:label: thm-gap
````{admonition} Nested
```{math}
:label: eq-inner
z
```
````
`````

It takes 7 {checked}`num-seven` steps, and again 7 {checked}`num-seven`.
"""
SECOND = "# Second\n\n$$ x $$\n\n```{prf:lemma}\n:label: lem-b\nb\n```\n\nAgain {checked}`num-seven`.\n"
REGISTER = "# Register\n\n```{claims}\n```\n"


def claim(label, chapter, error=3.6e-16, **more):
    return {
        "chapter": chapter,
        "says": rf"The statement of {label} with $\lambda<2$.",
        "against": "half of it & more",
        "test": f"tests/claims/test_{chapter}.py::test_{label[-1]}",
        "tolerance": 1e-12,
        "error": error,
        "wrong": 0.512,
    } | more


CLAIMS = {
    "eq-a": claim("eq-a", "01_a"),
    "eq-inner": claim("eq-inner", "01_a", error=0.0),
    "num-seven": claim("num-seven", "01_a", error=0.013, tolerance=0.05),
    "thm-gap": claim("thm-gap", "01_a"),
    "lem-b": claim("lem-b", "02_b"),
}


class Book:
    """A small book, built in a folder of its own."""

    def __init__(self, root: Path):
        self.src = root
        (root / "chapters").mkdir(parents=True)
        for name, text in [
            *(("conf.py", CONF), ("index.md", INDEX), ("chapters/01_a.md", FIRST)),
            *(("chapters/02_b.md", SECOND), ("chapters/register.md", REGISTER)),
        ]:
            (root / name).write_text(text, "utf-8")
        self.record(CLAIMS)

    def record(self, claims):
        (self.src / "chapters/claims.json").write_text(json.dumps(claims), "utf-8")

    def build(self, builder="html"):
        """Build; return the warnings and the documents that were read."""
        warnings, read = io.StringIO(), []
        app = SphinxTestApp(builder, self.src, warning=warnings)
        app.connect("source-read", lambda app, name, source: read.append(name))
        try:
            app.build()
        finally:
            app.cleanup()
        self.out = Path(app.outdir)
        return re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue()), set(read)

    def page(self, name):
        return (self.out / f"{name}.html").read_text("utf-8")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("book") / "src")
    book.warnings, book.read = book.build()
    return book


class Marks(HTMLParser):
    """The check marks of a page: attributes, the classes around each, and what it shows."""

    VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})

    def __init__(self, html):
        super().__init__()
        self.stack, self.marks, self.ids = [], [], set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids.add(attrs.get("id"))
        if attrs.get("class") == "claim-mark":
            self.marks.append(attrs | {"around": [a.get("class", "") for _, a in self.stack]})
        if tag not in self.VOID:
            self.stack.append((tag, attrs))

    def handle_startendtag(self, tag, attrs):
        self.ids.add(dict(attrs).get("id"))

    def handle_endtag(self, tag):
        assert self.stack.pop()[0] == tag, "a mark broke the page's nesting"

    def handle_data(self, data):
        if self.stack and self.stack[-1][1].get("class") == "claim-mark":
            self.marks[-1]["shown"] = data


def test_the_book_builds_without_a_warning(book):
    assert book.warnings == ""


def test_each_claimed_label_has_its_mark_and_no_other(book):
    marks = Marks(book.page("chapters/01_a")).marks
    assert [mark["href"] for mark in marks] == [
        *("register.html#claim-eq-a", "register.html#claim-thm-gap"),
        *("register.html#claim-eq-inner", "register.html#claim-num-seven"),
        "register.html#claim-num-seven",
    ]
    assert [mark["shown"] for mark in marks] == ["✓\u20094e-16"] * 2 + ["✓\u20090", "✓", "✓"]
    for mark in marks[:2]:
        assert mark["title"] == "Checked by a test: error 4e-16, tolerance 1e-12"
        assert mark["aria-label"] == mark["title"]
    marks = Marks(book.page("chapters/02_b")).marks
    assert [mark["href"][-8:] for mark in marks] == ["im-lem-b", "um-seven"]


def test_a_mark_stands_beside_the_formula_not_inside(book):
    equation, theorem, *_ = Marks(book.page("chapters/01_a")).marks
    assert equation["around"][-1] == "claim-equation"
    assert not any("math" in names.split() for names in equation["around"])
    assert theorem["around"][-1] == "admonition-title"
    html = book.page("chapters/01_a")
    assert '<span class="eqno">(1)' in html
    assert "claim-equation" not in html[html.index("eq-free") : html.index("thm-gap")]


def test_every_mark_arrives_at_an_entry(book):
    register = Marks(book.page("chapters/register"))
    for page in ("01_a", "02_b"):
        for mark in Marks(book.page(f"chapters/{page}")).marks:
            assert mark["href"].split("#")[1] in register.ids


def test_an_entry_says_what_the_record_says(book):
    html = book.page("chapters/register")
    entry = html[html.index('id="claim-num-seven"') :]
    entry = entry[: entry.index('class="claim"')]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", entry))
    for said in (
        *("The statement of num-seven with", "Told apart from half of it &amp; more"),
        *("Error 0.01, allowed 0.05", "Its error 0.5"),
        "tests/claims/test_01_a.py::test_n",
    ):
        assert said in text
    assert re.search(r'class="math[^>]*>\\\(\\lambda&lt;2', entry)


def test_entries_link_back_to_where_the_chapter_states_them(book):
    html = book.page("chapters/register")
    for target, shown in [
        *(("01_a.html#equation-eq-a", r"\(1\)"), ("01_a.html#equation-eq-inner", r"\(3\)")),
        *(("01_a.html#thm-gap", "Theorem 1"), ("02_b.html#lem-b", "Lemma 1")),
        ("01_a.html#checked-num-seven", "In the text"),
    ]:
        assert re.search(rf'href="{target}"[^>]*>(<[^>]+>)*{shown}', html), target
        page, anchor = target.split("#")
        assert book.page(f"chapters/{page[:-5]}").count(f'id="{anchor}"') == 1


def test_entries_stand_in_the_order_of_the_chapter(book):
    ids = re.findall(r'id="claim-([^"]+)"', book.page("chapters/register"))
    assert ids == ["eq-a", "thm-gap", "eq-inner", "num-seven", "lem-b"]


def test_chapters_stand_in_order_under_their_titles(book):
    html = book.page("chapters/register")
    assert re.findall(r"<h2>([^<]+)<", html) == ["First steps", "Second"]


def test_the_stylesheet_is_served_with_the_book(book):
    assert "claims.css" in book.page("chapters/01_a")
    assert (book.out / "_static/claims.css").exists()


def test_pages_follow_the_record(tmp_path):
    book = Book(tmp_path / "src")
    (book.src / "chapters/02_b.md").write_text(SECOND.replace("Again {checked}`num-seven`.", ""))
    book.build()
    assert book.build()[1] == set()
    book.record(CLAIMS | {"eq-a": claim("eq-a", "01_a", error=7e-14)})
    later = (book.src / "chapters/claims.json").stat().st_mtime + 10
    os.utime(book.src / "chapters/claims.json", (later, later))
    assert book.build()[1] == {"chapters/01_a", "chapters/02_b", "chapters/register"}
    assert "error 7e-14, tolerance 1e-12" in book.page("chapters/01_a")
    assert "7e-14" in book.page("chapters/register")


def test_an_unknown_label_is_a_warning(tmp_path):
    book = Book(tmp_path / "src")
    book.record({label: claim for label, claim in CLAIMS.items() if label != "num-seven"})
    warnings, _ = book.build()
    line = FIRST.splitlines().index(FIRST.splitlines()[-1]) + 1
    assert f"01_a.md:{line}: WARNING: {{checked}}: no claim is called 'num-seven'" in warnings
    assert len(Marks(book.page("chapters/01_a")).marks) == 3


def test_a_claim_the_chapters_do_not_hold_is_a_warning(tmp_path):
    book = Book(tmp_path / "src")
    lost = {f"{kind}-lost": claim(f"{kind}-lost", "01_a") for kind in ("eq", "num")}
    book.record(CLAIMS | lost)
    warnings, _ = book.build()
    assert "eq-lost" in warnings
    assert "checked-num-lost" in warnings


def test_a_build_of_some_chapters_lists_their_claims(tmp_path):
    book = Book(tmp_path / "src")
    book.record(CLAIMS | {"eq-later": claim("eq-later", "09_later")})
    assert book.build()[0] == ""
    assert "later" not in book.page("chapters/register")


def test_a_book_without_record_or_register_builds(tmp_path):
    book = Book(tmp_path / "src")
    (book.src / "chapters/register.md").unlink()
    (book.src / "index.md").write_text(INDEX.replace("chapters/register\n", ""))
    assert book.build()[0] == ""
    assert all("href" not in mark for mark in Marks(book.page("chapters/01_a")).marks)


@pytest.mark.parametrize("builder", ["text", "latex"])
def test_other_builders_show_the_register_and_no_marks(tmp_path, builder):
    book = Book(tmp_path / "src")
    if builder == "text":  # which sphinx-proof cannot write
        (book.src / "chapters/01_a.md").write_text("# A\n\n7 {checked}`num-seven`.\n")
        (book.src / "chapters/02_b.md").write_text("# B\n")
        book.record({"num-seven": CLAIMS["num-seven"]})
    assert book.build(builder)[0] == ""
    text = "".join(path.read_text("utf-8") for path in book.out.rglob("*.t*x*"))
    assert "✓" not in text
    assert "The statement of num" in text


def test_reading_order_follows_the_table_of_contents(tmp_path):
    from types import SimpleNamespace

    from sphinx_external_toc.parsing import parse_toc_yaml

    from lib.book.claims import reading_order

    toc = tmp_path / "_toc.yml"
    toc.write_text(
        "format: jb-book\nroot: index\nparts:\n  - chapters:\n      - file: 03_momentum\n        sections:\n"
        "          - file: 03_acceleration\n      - file: 01_first\n"
    )
    env = SimpleNamespace(external_site_map=parse_toc_yaml(toc), found_docs=set())
    assert reading_order(env) == ["index", "03_momentum", "03_acceleration", "01_first"]
    assert reading_order(SimpleNamespace(found_docs={"b", "a"})) == ["a", "b"]
