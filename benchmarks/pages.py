"""How fast the figures answer, how soon pages are ready, how much they load; one table each.

python benchmarks/pages.py [--book _build/html] [--only figures ready bytes] [--lighthouse COMMAND]
"""

import argparse
import gzip
import html
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright

from lib.figures import bundle

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
MOVES = 150
PRESSED = (".woff2", ".woff", ".png", ".jpg", ".gz")  # compressed already

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title><style>{css}</style>
<body style="width:43rem;margin:1rem auto"><div data-descent-figure="{name}" data-state="{state}"></div>
<script>{kit}</script><script>{bare}</script><script>{figure}</script>"""

# From the first input event that reaches the page to the end of the frame that shows it: a message
# posted from an animation frame arrives when style, layout and paint are done. The browser holds
# input back until the display's next beat; that wait is nobody's work and not counted.
CLOCK = """() => {
  window.times = [];
  let first = null;
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    window.times.push(performance.now() - first);
    first = null;
  };
  const seen = (event) => {
    if (first !== null || (event.type === "pointermove" && !event.buttons)) return;
    first = performance.now();
    requestAnimationFrame(() => channel.port2.postMessage(0));
  };
  window.addEventListener("pointermove", seen, { capture: true });
}"""

READY = """() => {
  const look = () => {
    const figures = [...document.querySelectorAll("[data-descent-figure]")];
    if (document.readyState === "loading" || !figures.every((n) => n.dataset.mounted)) requestAnimationFrame(look);
    else requestAnimationFrame(() => setTimeout(() => (window.readyAt = performance.now())));
  };
  look();
}"""


def table(*rows):
    """Print rows as a Markdown table, the first one as its head."""
    rows = [[str(cell) for cell in row] for row in rows]
    rows.insert(1, ["---"] + ["---:"] * (len(rows[0]) - 1))
    print(*(f"| {' | '.join(row)} |" for row in rows), "", sep="\n", flush=True)


def figure_page(name, bare):
    """A page with one figure and nothing else; `bare`: drawn by bare.js instead of the book's parts."""
    state = import_module(f"lib.figures.{name}").DEFAULTS
    return PAGE.format(
        name=name,
        css=(bundle.HERE / "figures.css").read_text("utf-8"),
        state=html.escape(json.dumps(state), quote=True),
        kit=bundle.kit(),
        bare=(ROOT / "benchmarks" / "bare.js").read_text("utf-8") if bare else "",
        figure=bundle.classic(name),
    )


def drags(page):
    """For each control its name and the way of a pointer that drags it."""
    for i, slider in enumerate(page.locator("input[type=range]").all()):
        box = slider.bounding_box()
        y = box["y"] + box["height"] / 2
        yield (
            f"slider {i + 1}",
            [(box["x"] + box["width"] * (0.1 + 0.8 * t / MOVES), y) for t in range(MOVES)],
        )
    for i, knob in enumerate(page.locator(".dfig-handle, .dfig-sketch").all()):
        box = knob.bounding_box()
        at = knob.get_attribute("data-at")
        x, y = map(float, at.split(",")) if at else (box["width"] / 2, box["height"] / 2)
        x, y = x + box["x"], y + box["y"]
        turns = [6.28 * t / 50 for t in range(MOVES)]
        yield f"point {i + 1}", [(x + 30 * math.sin(a), y + 30 * (1 - math.cos(a))) for a in turns]


def measure(browser, folder, name, bare):
    """Milliseconds of every frame while each control is dragged: control -> list."""
    path = Path(folder, f"{name}-{bare}.html")
    path.write_text(figure_page(name, bare), "utf-8")
    page = browser.new_page(viewport={"width": 900, "height": 1000})
    page.goto(path.as_uri())
    times = {}
    for i, control in enumerate([control for control, _ in drags(page)]):
        page.reload()  # every drag begins in the first state
        page.evaluate(CLOCK)
        _, way = list(drags(page))[i]
        page.mouse.move(*way[0])
        page.mouse.down()
        page.evaluate("window.times = []")
        for point in way[1:]:
            page.mouse.move(*point)
        page.mouse.up()
        times[control] = page.evaluate("window.times")
    page.close()
    return times


def quantiles(times):
    """Median and 95th percentile, in milliseconds with one decimal."""
    ordered = sorted(times)
    return f"{statistics.median(ordered):.1f}", f"{ordered[math.ceil(0.95 * len(ordered)) - 1]:.1f}"


def figures(playwright):
    """Input to painted frame for every control of every figure, beside the bare canvas."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    rows = [("figure, control (ms)", "median", "p95", "bare canvas: median", "p95")]
    with tempfile.TemporaryDirectory() as folder:
        for name in bundle.figure_names():
            book, bare = measure(browser, folder, name, False), measure(browser, folder, name, True)
            rows += [(f"{name}, {c}", *quantiles(book[c]), *quantiles(bare[c])) for c in book]
    browser.close()
    table(*rows)


@contextmanager
def served(folder):
    """The address of a server for `folder`."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def chapters(book):
    """The pages of the book but the redirection, as paths."""
    return [p for p in sorted(book.rglob("*.html")) if "_static" not in p.parts and p.parent != book]


def ready(playwright, book, repeats=5):
    """Navigation until every figure of the page is drawn, with an empty cache."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    rows = [("page (ms, median of 5)", "figures", "http", "file")]

    def once(address):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_init_script(f"({READY})()")
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("window.readyAt")
        answer = page.evaluate("[window.readyAt, document.querySelectorAll('[data-descent-figure]').length]")
        context.close()
        return answer

    with served(book) as address:
        for path in chapters(book):
            name = path.relative_to(book).as_posix()
            runs = [[once(at) for _ in range(repeats)] for at in (f"{address}/{name}", path.as_uri())]
            medians = [f"{statistics.median(t for t, _ in run):.0f}" for run in runs]
            rows.append((name, runs[0][0][1], *medians))
    browser.close()
    table(*rows)


def weigh(playwright, book):
    """What a page loads with an empty cache: requests, bytes as they are, bytes as a server sends them."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    rows = [("page (kB)", "requests", "raw", "gzip", "of it the page itself, gzip")]
    with served(book) as address:
        for path in chapters(book):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page, loaded = context.new_page(), []
            page.on("request", lambda r, loaded=loaded: loaded.append(r.url.split("?")[0]))
            page.goto(f"{address}/{path.relative_to(book).as_posix()}", wait_until="networkidle")
            files = [book / url.removeprefix(f"{address}/") for url in loaded if url.startswith("http")]
            data = [(file, file.read_bytes()) for file in files]
            packed = {f: len(d) if f.suffix in PRESSED else len(gzip.compress(d, 6)) for f, d in data}
            sizes = (sum(len(d) for _, d in data), sum(packed.values()), packed[path])
            name = path.relative_to(book).as_posix()
            rows.append((name, len(files), *(f"{size / 1000:.0f}" for size in sizes)))
            context.close()
    browser.close()
    table(*rows)
    scripts = {"kit": bundle.kit()} | {name: bundle.classic(name) for name in bundle.figure_names()}
    sizes = [len(text.encode()) for text in scripts.values()]
    packed = [len(gzip.compress(text.encode(), 6)) for text in scripts.values()]
    table(
        ("scripts of all figures (kB)", "files", "raw", "gzip"),
        ("together", len(sizes), f"{sum(sizes) / 1000:.1f}", f"{sum(packed) / 1000:.1f}"),
    )


def lighthouse(command, book):
    """Lighthouse's four scores on a desktop; the server here sends no gzip."""
    rows = [("page (Lighthouse, desktop)", "performance", "accessibility", "best practices", "SEO")]
    kinds = ("performance", "accessibility", "best-practices", "seo")
    with served(book) as address, tempfile.TemporaryDirectory() as folder:
        for path in chapters(book):
            name, report = path.relative_to(book).as_posix(), Path(folder, "report.json")
            flags = ["--preset=desktop", "--quiet", "--output=json", f"--output-path={report}"]
            flags += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
            run = [*command.split(), f"{address}/{name}", *flags]
            subprocess.run(run, check=True, env=os.environ | {"CHROME_PATH": CHROMIUM}, capture_output=True)
            found = json.loads(report.read_text("utf-8"))
            scores = [found["categories"][kind]["score"] for kind in kinds]
            rows.append((name, *(round(100 * score) if score is not None else "-" for score in scores)))
            for kind in kinds[1:]:
                for ref in found["categories"][kind]["auditRefs"]:
                    audit = found["audits"][ref["id"]]
                    if ref["weight"] and audit["score"] not in (None, 1):
                        print(f"{name}: {kind}: {audit['title']}", file=sys.stderr)
    table(*rows)


def main():
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--book", type=Path, default=ROOT / "_build" / "html", help="the built book")
    parser.add_argument("--only", nargs="+", choices=("figures", "ready", "bytes", "lighthouse"))
    parser.add_argument("--lighthouse", metavar="COMMAND", help="such as 'npx lighthouse'")
    given = parser.parse_args()
    asked = given.only or ["figures", "ready", "bytes", "lighthouse"]
    if CHROMIUM is None:
        sys.exit("no Chromium found: install it (Debian: apt-get install chromium)")
    if asked != ["figures"] and not (given.book / "search.html").exists():
        sys.exit(f"no book in {given.book}: make book")
    with sync_playwright() as playwright:
        if "figures" in asked:
            figures(playwright)
        if "ready" in asked:
            ready(playwright, given.book.resolve())
        if "bytes" in asked:
            weigh(playwright, given.book.resolve())
    if "lighthouse" in asked and given.lighthouse:
        lighthouse(given.lighthouse, given.book.resolve())


if __name__ == "__main__":
    main()
