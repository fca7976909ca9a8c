"""Pages in the system's Chromium with the network cut: of the built book, and one for each figure.

Without a Chromium these tests are skipped with a word; in CI that is a failure, because a browser
test that never runs proves nothing.
"""

import fcntl
import html
import json
import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from lib.figures import bundle

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("_config.yml", "_toc.yml", "chapters/*.md", "chapters/*.bib", "chapters/*.json")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium found: CI installs one, and these tests need it")
        pytest.skip("no Chromium found: install it (Debian: apt-get install chromium) to run these")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def newest(root, *patterns):
    """When the newest file was written."""
    return max((path.stat().st_mtime for p in patterns for path in root.glob(p) if path.is_file()), default=0)


@pytest.fixture(scope="session")
def book():
    """The folder of the built book: the reader's own, or one made here where that is out of date."""
    sources = newest(ROOT, *SOURCES, "lib/**/*.py", "lib/**/*.js", "lib/**/*.css", "lib/**/*.svg")
    own, made = ROOT / "_build", ROOT / "_build" / "tested"
    for built in (own, made):
        if newest(built, "html/search.html", "html/chapters/*.html") > sources:
            return built / "html"
    made.mkdir(parents=True, exist_ok=True)
    with open(made / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the tests' other process may be building
        if newest(made, "html/search.html", "html/chapters/*.html") <= sources:
            build(own / ".jupyter_cache", made)
    return made / "html"


def build(cache, made):
    if cache.is_dir() and not (made / "_build" / ".jupyter_cache").exists():
        shutil.copytree(cache, made / "_build" / ".jupyter_cache")  # what was executed before
    program = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", program, "build", "--path-output", str(made), "."]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    # a page that did not change is not written again: this one says when the book was tried
    shutil.rmtree(made / "html", ignore_errors=True)
    shutil.copytree(made / "_build" / "html", made / "html")
    (made / "html" / "search.html").touch()


@pytest.fixture(scope="session")
def new_page(chromium):
    """A new page with the network cut, and the list of its errors and requests to other hosts.

    Contexts are slow to make, so pages with the same options share one.
    """
    contexts = {}

    def new_page(**options):
        key = json.dumps(options, sort_keys=True)
        if key not in contexts:
            contexts[key] = chromium.new_context(**{"viewport": {"width": 900, "height": 900}, **options})
            contexts[key].set_offline(True)
        page, problems = contexts[key].new_page(), []
        page.on("console", lambda m: m.type in ("error", "warning") and problems.append(m.text))
        page.on("pageerror", lambda e: problems.append(str(e)))
        page.on("request", lambda r: r.url.startswith(("file:", "data:", "blob:")) or problems.append(r.url))
        return page, problems

    yield new_page
    for context in contexts.values():
        context.close()


@pytest.fixture
def open_page(new_page):
    """Open a file; errors and requests to other hosts fail the test."""
    pages = []

    def open_page(path, **options):
        page, problems = new_page(**options)
        pages.append((page, problems))
        page.goto(path.as_uri())
        return page

    yield open_page
    for page, problems in pages:
        page.close()
        assert problems == []


@pytest.fixture(scope="session")
def settle():
    """Wait until the frame after the next is painted and the figure's sentence has caught up."""
    script = """() => new Promise((done) => {
      const look = () => document.querySelector(".dfig-words[aria-busy]") ? setTimeout(look, 20) : done();
      requestAnimationFrame(() => requestAnimationFrame(look));
    })"""
    return lambda page: page.evaluate(script)


@pytest.fixture(scope="session")
def drawing():
    """Everything a figure has drawn and said, as one text."""
    script = (
        "() => [...document.querySelectorAll('.dfig path, .dfig circle, .dfig g.dfig-handle')]"
        ".map((n) => (n.getAttribute('d') || '') + (n.getAttribute('transform') || '')).join('|')"
        " + document.querySelector('.dfig-words').textContent"
    )
    return lambda page: page.evaluate(script)


@pytest.fixture(scope="session")
def changed(settle, drawing):
    """Whether an act changes what the figure draws or says."""

    def changed(page, act):
        before = drawing(page)
        act()
        settle(page)
        return drawing(page) != before

    return changed


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title>
<meta name="viewport" content="width=device-width"><style>{css}</style>
<body><main><div class="descent-figure" data-descent-figure="{name}" data-state="{state}"><div
class="descent-still">still</div></div></main><script>{kit}</script><script>{figure}</script>"""


@pytest.fixture
def open_figure(open_page, tmp_path):
    """Open one figure on a page of its own, in its first state or another one."""

    def open_figure(name, state=None, **options):
        defaults = import_module(f"lib.figures.{name}").DEFAULTS
        text = PAGE.format(
            name=name,
            css=(bundle.HERE / "figures.css").read_text("utf-8"),
            state=html.escape(json.dumps({**defaults, **(state or {})}), quote=True),
            kit=bundle.kit(),
            figure=bundle.classic(name),
        )
        path = tmp_path / f"{name}.html"
        path.write_text(text, "utf-8")
        page = open_page(path, **options)
        page.wait_for_selector(".dfig-words:not(:empty)")
        return page

    return open_figure
