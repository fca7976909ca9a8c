"""Sphinx's mathematics, drawn while the book is built; broken TeX is a warning with its line.

Inline formulas never break across lines; a display formula wider than the page scrolls inside
its own box, with the equation number at the right as in print.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from lib.book.tex import TexError, Typesetter

logger = logging.getLogger(__name__)
RENDERER = "descent"
PHONE = 30  # ex: formulas up to this width fit the narrowest text of a phone

# Punctuation that belongs to an inline formula moves into its element, which never breaks.
OPENING = re.compile(r'([(\[“‘]+)(<span class="d-math [^>]*>)')
CLOSING = re.compile(r"</math></span></span>([,.;:!?)\]”’…]+|[-–’]\w+[,.;:!?)]*)")


def html(translator, node, tex: str, display: bool) -> str:
    """The HTML of one formula: the drawing for the eye, MathML for everything else."""
    typesetter = translator.builder.app.descent_typesetter
    try:
        svg, mathml = typesetter.draw(tex, display)
    except TexError as error:
        logger.warning("broken TeX: %s in %r", error, tex, location=place(node), type="tex")
        return f"<code>{translator.encode(tex)}</code>"
    if translator.document["source"] == "<partial node>":
        svg = typesetter.standalone(svg)  # a heading on its way to some table of contents
    return f'{svg}<span class="d-mathml">{mathml}</span>'


def place(node):
    """The nearest node that knows its source line: inline formulas often do not."""
    while node.parent is not None and (node.source is None or node.line is None):
        node = node.parent
    return node


def lines(tex: str) -> str:
    r"""TeX of a `{math}` directive: bare `\\` aligns at `&`, a blank line starts a new formula."""
    parts = [part.strip() for part in tex.split("\n\n") if part.strip()]
    parts = [
        rf"\begin{{aligned}}{part}\end{{aligned}}" if r"\\" in part and r"\begin" not in part else part
        for part in parts
    ]
    return parts[0] if len(parts) == 1 else r"\begin{gathered}" + r"\\".join(parts) + r"\end{gathered}"


def visit_inline(self, node):
    """Write a formula in running text; one that may not fit a phone can scroll where it stands."""
    formula = html(self, node, node.astext(), display=False)
    width = re.search(r' style="(vertical-align: [-.\d]+ex;)" width="([.\d]+)ex"', formula)
    if width and float(width[2]) > PHONE:
        formula = f'<span class="d-scroll d-wide" style="{width[1]}">{formula}</span>'
    self.body.append(
        self.starttag(node, "span", "", CLASS="d-math notranslate nohighlight") + formula + "</span>"
    )
    raise nodes.SkipNode


def visit_block(self, node):
    """Write a display formula, with its number and a link to itself where it is labelled."""
    tex = node.astext()
    formula = html(self, node, tex if node.get("nowrap") else lines(tex), display=True)
    self.body.append(self.starttag(node, "div", CLASS="d-equation notranslate nohighlight"))
    self.body.append(f'<div class="d-scroll">{formula}</div>')
    if node.get("number"):
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def open_typesetter(app):
    """Before anything is read: the drawings of earlier builds lie beside the doctrees."""
    app.descent_typesetter = Typesetter(Path(app.doctreedir).parent / ".formulas.json")


def finish_page(app, pagename, templatename, context, doctree):
    """Outline each glyph of the page once, and let no line break part a formula from a comma."""
    if body := context.get("body"):
        body = OPENING.sub(r"\2\1", body)
        body = CLOSING.sub(r"</math></span>\1</span>", body)
        context["body"] = app.descent_typesetter.glyphs(body) + body


def setup(app):
    """Register the renderer; `html_math_renderer: descent` in `_config.yml` chooses it."""
    app.add_html_math_renderer(RENDERER, (visit_inline, None), (visit_block, None))
    app.connect("builder-inited", open_typesetter)
    app.connect("html-page-context", finish_page)
    app.connect("build-finished", lambda app, error: app.descent_typesetter.save())
