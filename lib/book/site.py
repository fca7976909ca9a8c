"""The site around the chapters: style, launch links, and what must never be stale or elsewhere."""

import hashlib
import os
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from jinja2 import ChoiceLoader, DictLoader

from lib.book import icons, sheets

STATIC = Path(__file__).parent / "static"
LIBRARY = Path(__file__).parents[1]
# What the theme's templates would do better without: template -> (pattern, replacement)
REPAIRS = {
    # 1.5 MB of icon script, whose icons its web font draws too
    "static/webpack-macros.html": (r"<script[^>]*fontawesome\.js[^>]*></script>", ""),
    # the whole search index on every page; the search page loads it
    "pydata_sphinx_theme/layout.html": (
        r"{% if pagename == 'search' %}",
        "{% if not theme_search_as_you_type|tobool %}",
    ),
    # a name that differs from the words on the button
    "search-button-field.html": (r' aria-label="[^"]*"', ""),
    # a link outside every landmark
    "navbar-logo.html": (r'(?s)(<a class="navbar-brand.*</a>)', r'<nav aria-label="Home">\1</nav>'),
    # buttons without a name that open the sections of a chapter
    "sbt-sidebar-nav.html": (
        r"(?s)({{-? *generate_toctree_html\(.*?\)) *(-?}})",
        r"""\1 | string | replace("<summary>", '<summary aria-label="Sections">') | safe \2""",
    ),
}
# The same for what extensions write into pages
MENDS = (
    (r' id="(?:exercise|solution|proof)-content"', ""),  # an id belongs to one element of a page
    (r'<summary aria-label="[^"]*"', "<summary"),  # its own words are its name
    (r'role="doc-biblioentry"', 'role="listitem"'),  # deprecated, and not allowed in a list
)
REDIRECT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><meta name="description" content="The first page of {title}.">
<meta http-equiv="refresh" content="0; url={page}"></head>
<body><main><h1>{title}</h1><p><a href="{page}">Open the book</a></p></main></body></html>
"""


def execution_key(library: Path = LIBRARY) -> str:
    """What stored outputs depend on besides the cell: the library's source, numpy, matplotlib.

    Jupyter's own cache looks at the cells alone and would serve old numbers after a change in
    `lib`. `book` is left out: it draws pages and no chapter imports it.
    """
    digest = hashlib.sha256()
    for path in sorted(p for kind in ("*.py", "*.toml") for p in library.rglob(kind)):
        name = path.relative_to(library).as_posix()
        if not name.startswith("book/"):
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    for package in ("numpy", "matplotlib"):
        digest.update(f"{package} {version(package)}\0".encode())
    return digest.hexdigest()[:16]


def page_key(library: Path = LIBRARY) -> str:
    """What written pages depend on besides the chapters: the extensions, styles and scripts.

    Sphinx writes nothing, not even a style sheet, when no chapter has changed.
    """
    digest = hashlib.sha256()
    for path in sorted(
        p for room in ("book", "figures", "conventions") for p in (library / room).rglob("*.*")
    ):
        if path.suffix in {".py", ".css", ".js", ".svg", ".toml"}:
            digest.update(path.relative_to(library).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def repository(root: Path) -> tuple[str, str]:
    """Address and branch the launch links open: from the environment, else from git's origin.

    Only https addresses on GitHub and GitLab come through, without credentials; ("", "main") for
    every other: the theme stops the build at hosts it does not know.
    """
    url = os.environ.get("DESCENT_REPO_URL") or git(root, "remote", "get-url", "origin")
    url = re.sub(r"^git@([^:/]+):", r"https://\1/", url.strip()).removesuffix("/").removesuffix(".git")
    known = re.fullmatch(r"https://(?:[^@/]*@)?((?:github|gitlab)\.com(?:/[\w.-]+){2,})", url)
    branch = os.environ.get("DESCENT_REPO_BRANCH") or git(root, "branch", "--show-current")
    return (f"https://{known[1]}" if known else "", branch.strip() or "main")


def git(root: Path, *command: str) -> str:
    """What git answers, nothing where it cannot."""
    try:
        run = ["git", "-C", str(root), *command]
        return subprocess.run(run, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def configure(app, config):
    """Settings that depend on the machine and the sources."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads only cost, in kernels too
    config.nb_execution_cache_path = str(Path(app.outdir).parent / ".jupyter_cache" / execution_key())
    config.descent_pages = page_key()
    options = config.html_theme_options
    url, branch = repository(Path(app.srcdir))
    options["repository_url"], options["repository_branch"] = url, branch
    launch = options.get("launch_buttons", {})
    for service in ("binderhub_url", "colab_url"):
        if not url or (service == "colab_url" and "github.com" not in url):
            launch.pop(service, None)


def prepare(app):
    """Serve the style; repair the theme's templates."""
    if str(STATIC) not in app.config.html_static_path:
        app.config.html_static_path.append(str(STATIC))
    if app.builder.format == "html":
        templates = app.builder.templates.environment
        repaired = {
            name: re.sub(pattern, new, templates.loader.get_source(templates, name)[0])
            for name, (pattern, new) in REPAIRS.items()
        }
        templates.loader = ChoiceLoader([DictLoader(repaired), templates.loader])


def mend(app, pagename, templatename, context, doctree):
    """Repair what extensions wrote; describe the page that no chapter describes."""
    if body := context.get("body"):
        for pattern, new in MENDS:
            body = re.sub(pattern, new, body)
        context["body"] = body
    if pagename == "search":
        told = '<meta name="description" content="Search the book.">'
        context["metatags"] = context.get("metatags", "") + told


def finish(app, error):
    """After a build with warnings read everything again, so that -W fails until they are mended."""
    if error or app._warncount:
        Path(app.doctreedir, "environment.pickle").unlink(missing_ok=True)
    for script in Path(app.outdir, "_static", "scripts").glob("fontawesome*"):
        script.unlink()
    if error or app.builder.name != "html":
        return
    sheets.cut(Path(app.outdir))
    icons.cut(Path(app.outdir))
    if app.config.root_doc != "index":
        page = f"{app.config.root_doc}.html"
        text = REDIRECT.format(title=app.config.html_title, page=page)
        Path(app.outdir, "index.html").write_text(text, "utf-8")


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("descent_pages", "", "html")
    app.connect("config-inited", configure)
    app.connect("builder-inited", prepare)
    app.connect("html-page-context", mend)
    app.connect("build-finished", finish)
    app.add_css_file("descent.css", priority=900)  # after the theme and every extension
    app.add_js_file("descent.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
