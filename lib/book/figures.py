"""Interactive figures on pages without a kernel: each page loads the scripts of its figures only.

The scripts are made from the modules of `lib/figures` when the book is built; nothing made is
committed, so nothing can be stale. They are classic scripts, because a page opened from disk may
not load ES modules.
"""

import re
from pathlib import Path

from lib.figures import bundle

_FIGURE = re.compile(r'data-descent-figure="(\w+)"')


def write_scripts(app):
    """Put the kit, each figure and the style sheet where the pages find them."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static", "figures")
    folder.mkdir(parents=True, exist_ok=True)
    files = {f"{name}.js": bundle.classic(name) for name in bundle.figure_names()}
    files |= {"kit.js": bundle.kit(), "figures.css": (bundle.HERE / "figures.css").read_text("utf-8")}
    for name, text in files.items():
        Path(folder, name).write_text(text, "utf-8")


def add_scripts(app, pagename, templatename, context, doctree):
    """Name the scripts in the pages that need them."""
    names = sorted(set(_FIGURE.findall(context.get("body", ""))))
    if names:
        app.add_css_file("figures/figures.css")
        for name in ["kit", *names]:
            app.add_js_file(f"figures/{name}.js", loading_method="defer", priority=600)


def drop_state(app, env):
    """Leave out what Jupyter's widget runtime would read: no page has it, and it repeats all scripts."""
    for page in getattr(env, "nb_metadata", {}).values():
        page.get("js_files", {}).pop("ipywidgets_state", None)


def setup(app):
    """Register with Sphinx."""
    app.connect("env-updated", drop_state)
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
