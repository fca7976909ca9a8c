"""The built book: mathematics that is drawn and linked, nothing from elsewhere, nothing stale."""

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from fontTools.ttLib import TTFont

from lib.book import site, tex

ROOT = Path(__file__).resolve().parents[1]
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
PAGE = r"""---
myst:
  html_meta:
    description: "A page to try things on."
---
# Steps of size $\eta$

## A heading with $\kappa$

Inline ($w_t = w_{t-1} - \eta g_t$), and again $\eta$. The $t$-th.

```{math}
:label: eq-book-step
w_t = w_{t-1} - \eta \nabla f(w_{t-1})
```

By {eq}`eq-book-step`, and without a number

$$ \frac{a}{b} $$

\begin{align*}
a &= b \\
c &= d
\end{align*}

```{math}
a &= b \\
c &= d
```

:::{prf:theorem} Rate $\rho<1$
:label: thm-book
It holds that $\rho = \tfrac{\kappa-1}{\kappa+1}$.
:::

:::{admonition} Title with $\beta$
:class: predict
$\beta$
:::

| $\lambda$ | value |
|---|---|
| $\mu$ | 1 |

:::{figure} picture.svg
Caption with $\sigma$.
:::
"""

CODE = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# Code

```{code-cell} ipython3
1
```
"""


def build(root, page=PAGE, env=None):
    """A book of one page with the settings of the real one; returns the finished process."""
    chapters = root / "chapters"
    if not chapters.exists():
        chapters.mkdir()
        shutil.copy(ROOT / "_config.yml", root)
        shutil.copy(ROOT / "chapters" / "references.bib", chapters)
        (root / "lib" / "book" / "static").mkdir(parents=True)
        shutil.copy(ROOT / "lib" / "book" / "static" / "favicon.svg", root / "lib" / "book" / "static")
        (chapters / "picture.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
        (chapters / "index.md").write_text("# Home\n")
        (chapters / "claims.json").write_text("{}")
        (root / "_toc.yml").write_text(
            "format: jb-book\nroot: chapters/index\nparts:\n- caption: Part\n  numbered: true\n  chapters:\n"
            "  - file: chapters/page\n"
        )
    source = chapters / "page.md"
    if not source.exists() or source.read_text("utf-8") != page:  # else Sphinx would read it again
        source.write_text(page, "utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DESCENT_")}
    environment["PYTHONPATH"] = str(ROOT)
    program = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", program, "build", "-W", "-n", "--keep-going", "."]
    return subprocess.run(
        command, cwd=root, env=environment | (env or {}), text=True, capture_output=True, timeout=120
    )


class Element(dict):
    def __init__(self, tag, attributes, parent):
        super().__init__({key: value or "" for key, value in attributes})
        self.tag, self.parent, self.text = tag, parent, ""

    def above(self):
        """This element and everything it stands in, from the inside out."""
        node = self
        while node is not None:
            yield node
            node = node.parent


class Page(HTMLParser):
    """The elements of a built page, each with its attributes, its parent and the text in it."""

    def __init__(self, path):
        super().__init__()
        self.all, self.open, self.html = [], [], path.read_text("utf-8")
        self.feed(self.html)

    def handle_starttag(self, tag, attrs):
        element = Element(tag, attrs, self.open[-1] if self.open else None)
        self.all.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.all.append(Element(tag, attrs, self.open[-1] if self.open else None))

    def handle_endtag(self, tag):
        if any(element.tag == tag for element in self.open):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data):
        for element in self.open:
            element.text += data

    def within(self, other, tag):
        return [e for e in self.find(tag) if any(node is other for node in e.above())]

    def find(self, tag, **attributes):
        return [
            e
            for e in self.all
            if e.tag == tag and all(v in e.get(k.rstrip("_"), "").split() for k, v in attributes.items())
        ]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    root = tmp_path_factory.mktemp("book")
    done = build(root)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return root


@pytest.fixture(scope="module")
def page(book):
    return Page(book / "_build" / "html" / "chapters" / "page.html")


# Mathematics


def test_every_formula_is_a_drawing_with_mathml_beside_it(page):
    formulas = page.find("span", class_="d-math") + page.find("div", class_="d-equation")
    assert len(formulas) >= 14
    for formula in formulas:
        read = page.within(formula, "math")
        drawn = [e for e in page.within(formula, "svg") if [a.tag for a in e.above()].count("svg") == 1]
        assert [e["aria-hidden"] for e in drawn] == ["true"]
        assert len(read) == 1 and read[0].text.strip()
        assert "ex" in drawn[0]["width"] and "vertical-align" in drawn[0]["style"]


def test_a_glyph_is_outlined_once_a_page_and_every_use_finds_it(page):
    outlines = [e for e in page.find("path") if e.get("id", "").startswith("g-")]
    names = [e["id"] for e in outlines]
    used = {e["href"].lstrip("#") for e in page.find("use")}
    assert len(names) == len(set(names)) and set(names) == used
    assert len({e["d"] for e in outlines}) == len(outlines)
    assert len(page.find("use")) > 2 * len(names)


def test_punctuation_stays_on_the_line_of_its_formula(page):
    words = [e.text for e in page.find("span", class_="d-math")]
    assert any(text.startswith("(w") and text.endswith("),") for text in words)
    assert "η." in words and "t-th." in words and "η" in words


def test_a_heading_is_drawn_complete_in_the_list_of_contents(page):
    links = [e for e in page.find("a", class_="nav-link") if e["href"] == "#a-heading-with-kappa"]
    assert links
    for link in links:
        drawn = page.within(link, "path")
        assert len(drawn) == 1 and drawn[0]["d"] and "κ" in link.text


def test_a_labelled_equation_has_its_number_and_a_link_to_it(page):
    equation = next(e for e in page.find("div") if e.get("id") == "equation-eq-book-step")
    assert [e.text[:5] for e in page.within(equation, "span") if e["class"] == "eqno"] == ["(1.1)"]
    links = [e for e in page.find("a") if e.get("href") == "#equation-eq-book-step"]
    assert "(1.1)" in [e.text for e in links]
    assert len(page.find("span", class_="eqno")) == 1  # $$ … $$ and align* have none


def test_bare_rows_are_aligned_as_align_does(page):
    rows = [e.text.count("=") for e in page.find("math") if len(page.within(e, "mtr")) == 2]
    assert rows == [2, 2]


@pytest.mark.parametrize(
    "bad", [r"$\frac{a$", r"$\nosuch$", "$a_b_c$", "\\begin{align*}\na &= {b\n\\end{align*}"]
)
def test_broken_tex_is_refused(bad):
    with pytest.raises(tex.TexError):
        tex.Typesetter().draw(bad.strip("$"), False)


def test_broken_tex_fails_the_build_each_time_and_names_its_line(book, tmp_path):
    root = tmp_path / "bad"
    shutil.copytree(book, root, ignore=shutil.ignore_patterns("_build"))
    for page in (PAGE + "\nBroken: $\\frac{a$.\n",) * 2:  # the second build has nothing new to read
        done = build(root, page)
        line = page.count("\n")
        assert done.returncode != 0
        assert re.search(rf"page\.md:{line}: WARNING: broken TeX: Missing close brace", done.stderr), (
            done.stderr
        )
    assert build(root).returncode == 0


def test_drawings_are_remembered(tmp_path):
    first = tex.Typesetter(tmp_path / "formulas.json")
    drawn = first.draw(r"\eta^2", True)
    first.save()
    second = tex.Typesetter(tmp_path / "formulas.json")
    assert second.draw(r"\eta^2", True) == drawn and second._engine is None
    assert second.glyphs(drawn.svg) == first.glyphs(drawn.svg) != ""
    assert second.draw(r"\eta^2", False) != drawn and second._engine is not None


def test_drawings_of_another_version_are_forgotten(tmp_path, monkeypatch):
    first = tex.Typesetter(tmp_path / "formulas.json")
    first.draw(r"\eta", True)
    first.save()
    monkeypatch.setattr(tex, "FORMAT", tex.FORMAT + 1)
    assert tex.Typesetter(tmp_path / "formulas.json").formulas == {}


# Nothing from elsewhere


def test_a_page_asks_no_other_host_for_anything(book):
    loads = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "use": "href"}
    pages = sorted((book / "_build" / "html").rglob("*.html"))
    assert len(pages) > 3
    for path in pages:
        page = Page(path)
        for element in page.all:
            address = element.get(loads.get(element.tag, ""), "")
            assert not re.match(r"(https?:)?//", address), (path.name, address)
        scripts = " ".join(e.text for e in page.find("script"))
        assert not re.search(r"https?://|unpkg|jsdelivr|cdnjs|MathJax|require\.js", scripts), path.name


def test_styles_ask_no_other_host_for_anything(book):
    static = book / "_build" / "html" / "_static"
    styles = sorted(static.rglob("*.css"))
    assert static / "descent.css" in styles
    for path in styles:
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", path.read_text("utf-8")), path.name


def test_the_heavy_icon_script_is_gone_and_the_icons_font_is_there(book):
    static = book / "_build" / "html" / "_static"
    assert not list(static.rglob("fontawesome*.js"))
    assert "fontawesome.js" not in (book / "_build" / "html" / "chapters" / "page.html").read_text("utf-8")
    assert [p.suffix for p in static.rglob("fa-solid*")] == [".woff"]


def test_icons_that_pages_show_and_no_others_are_in_the_style_and_its_fonts(book):
    html = book / "_build" / "html"
    css = (html / "_static" / "styles" / "pydata-sphinx-theme.css").read_text("utf-8")
    page = (html / "chapters" / "page.html").read_text("utf-8")
    named = set(re.findall(r"\.(fa-[\w-]+):before", css))
    shown = set(re.findall(r"fa-[a-z-]+", page)) - {"fa-solid", "fa-lg"}
    assert {"fa-bars", "fa-moon"} <= shown <= named and "fa-guitar" not in named
    (solid,) = html.rglob("fa-solid*.woff")
    with TTFont(solid) as font:
        letters = {hex(code) for code in font.getBestCmap()}
    assert {"0xf0c9", "0xf186"} <= letters and len(letters) < 60  # bars and moon, of 1400
    assert "woff2" not in css


def test_only_the_search_page_loads_the_index(book, page):
    assert "searchindex" not in page.html
    assert "searchindex.js" in (book / "_build" / "html" / "search.html").read_text("utf-8")


def test_a_page_has_its_description_icon_and_style(page):
    assert [e["content"] for e in page.all if e.get("name") == "description"] == ["A page to try things on."]
    linked = " ".join(e["href"] for e in page.find("link"))
    assert "favicon.svg" in linked and "descent.css" in linked


# Launch links


@pytest.mark.parametrize(
    "given, expected",
    [
        ("https://github.com/someone/descent", "https://github.com/someone/descent"),
        ("https://github.com/someone/descent.git", "https://github.com/someone/descent"),
        ("git@github.com:someone/descent.git", "https://github.com/someone/descent"),
        ("https://user:secret@gitlab.com/group/sub/descent.git", "https://gitlab.com/group/sub/descent"),
        ("https://git.example.org/someone/descent", ""),
        ("https://github.com.example.org/someone/descent", ""),
        ("http://github.com/someone/descent", ""),
        ("https://github.com/someone", ""),
        ("/srv/descent", ""),
    ],
)
def test_only_known_hosts_become_launch_links(given, expected, monkeypatch, tmp_path):
    monkeypatch.setenv("DESCENT_REPO_URL", given)
    monkeypatch.setenv("DESCENT_REPO_BRANCH", "next")
    assert site.repository(tmp_path) == (expected, "next")


def test_the_repository_is_read_from_git(monkeypatch, tmp_path):
    for name in ("DESCENT_REPO_URL", "DESCENT_REPO_BRANCH"):
        monkeypatch.delenv(name, raising=False)
    assert site.repository(tmp_path) == ("", "main")
    subprocess.run(["git", "init", "-q", "-b", "draft", str(tmp_path)], check=True)
    add = ["git", "-C", str(tmp_path), "remote", "add", "origin", "git@gitlab.com:a/b.git"]
    subprocess.run(add, check=True)
    assert site.repository(tmp_path) == ("https://gitlab.com/a/b", "draft")


def test_launch_buttons_follow_the_repository(book, tmp_path):
    root = tmp_path / "linked"
    shutil.copytree(book, root, ignore=shutil.ignore_patterns("_build"))
    (root / "chapters" / "page.ipynb").write_text("{}")  # beside the page: the links open it
    binder, colab = "https://mybinder.org/v2/", "https://colab.research.google.com/"
    for url, links in [
        ("", []),
        (
            "https://github.com/a/b",
            [
                f"{binder}gh/a/b/main?urlpath=lab/tree/chapters/page.ipynb",
                f"{colab}github/a/b/blob/main/chapters/page.ipynb",
            ],
        ),
        ("https://gitlab.com/a/b", [f"{binder}gl/a%2Fb/main?urlpath=lab/tree/chapters/page.ipynb"]),
    ]:
        done = build(root, CODE, {"DESCENT_REPO_URL": url, "DESCENT_REPO_BRANCH": "main"})
        assert done.returncode == 0, done.stderr
        page = Page(root / "_build" / "html" / "chapters" / "page.html")
        assert [e["href"] for e in page.find("a") if e.get("href", "").startswith((binder, colab))] == links
    assert [p.name for p in (root / "_build" / ".jupyter_cache").iterdir()] == [site.execution_key()]


# Nothing stale


def test_the_execution_cache_follows_the_library(tmp_path):
    library = tmp_path / "lib"
    (library / "book").mkdir(parents=True)
    for name in ("rules.py", "book/math.py"):
        (library / name).write_text("x = 1\n")
    key = site.execution_key(library)
    (library / "book" / "math.py").write_text("x = 2\n")
    assert site.execution_key(library) == key
    (library / "rules.py").write_text("x = 2\n")
    changed = site.execution_key(library)
    (library / "rules.py").rename(library / "other.py")
    assert len({key, changed, site.execution_key(library)}) == 3


@pytest.mark.parametrize("package", ["numpy", "matplotlib"])
def test_the_execution_cache_follows_what_computes_and_draws(package, monkeypatch):
    before = site.execution_key()
    real = site.version
    monkeypatch.setattr(site, "version", lambda name: "0" if name == package else real(name))
    assert site.execution_key() != before


def test_every_chapter_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    assert set(files(toc)) == {f"chapters/{path.stem}" for path in (ROOT / "chapters").glob("*.md")}


def files(entry):
    """Every page below an entry of the table of contents."""
    found = [entry[key] for key in ("root", "file") if key in entry]
    below = [child for key in ("parts", "chapters", "sections") for child in entry.get(key, [])]
    return found + [file for child in below for file in files(child)]


def test_pages_are_written_again_when_a_style_or_an_extension_changes(tmp_path):
    (tmp_path / "book" / "static").mkdir(parents=True)
    (tmp_path / "figures").mkdir()
    keys = [site.page_key(tmp_path)]
    for name in ("book/static/descent.css", "book/site.py", "figures/valley.js"):
        (tmp_path / name).write_text("a")
        keys.append(site.page_key(tmp_path))
        (tmp_path / name).write_text("b")
        keys.append(site.page_key(tmp_path))
    assert len(set(keys)) == len(keys)
    (tmp_path / "book" / "notes.txt").write_text("not loaded by any page")
    assert site.page_key(tmp_path) == keys[-1]
