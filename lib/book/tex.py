r"""TeX to a finished drawing: MathJax 3, run while the book is built, never while it is read.

    Typesetter(cache).draw(r"\eta", display=False)  ->  Formula(svg, mathml)

MathJax's own components (the package `sphinx-mathjax-offline` carries the files) run inside V8
(`mini-racer`). The SVG looks like print and follows the colour and size of the text around it;
the MathML twin is what a screen reader reads and what is copied. A glyph is drawn once a page:
`svg` holds `<use href="#g-...">`, and `glyphs` gives the outlines a piece of HTML asks for.
"""

import hashlib
import importlib.metadata
import json
import re
from pathlib import Path
from typing import NamedTuple

import py_mini_racer

__all__ = ["Formula", "TexError", "Typesetter"]

FORMAT = 1  # raise when the drawings below change, so that no old one is taken from a cache
COMPONENTS = ("core", "adaptors/liteDOM", "input/tex-full", "output/svg", "output/svg/fonts/tex")
CONFIGURE = """
var self = globalThis;
var MathJax = {
  loader: {load: [], require: () => { throw Error('nothing is loaded at run time'); }},
  startup: {typeset: false, ready() {}},
  tex: {packages: ['base', 'ams', 'newcommand', 'boldsymbol', 'textmacros'],
        formatError: (jax, error) => { throw Error(error.message); }},
  svg: {fontCache: 'none'},
  options: {enableAssistiveMml: false},
};
"""
START = """
MathJax.loader.preLoad(%s);
MathJax.startup.defaultReady();
function draw(tex, display) {
  try {
    const node = MathJax.tex2svg(tex, {display, em: 16, ex: 8});
    return [MathJax.startup.adaptor.innerHTML(node), MathJax.tex2mml(tex, {display})];
  } catch (error) { return [null, error.message]; }  // an exception let out of V8 hangs Python's exit
}
"""
GLYPH = re.compile(r'<path data-c="([0-9A-F]+)" d="([^"]*)"([^>]*)></path>')
USE = re.compile(r'<use href="#(g-[0-9A-F]+-[0-9a-f]{6})"([^>]*)/>')


class TexError(ValueError):
    """The formula is no valid TeX; the message is MathJax's."""


class Formula(NamedTuple):
    """One formula: an `<svg>` that refers to shared glyphs, and its `<math>` twin."""

    svg: str
    mathml: str


class Typesetter:
    """Draws formulas, remembering every drawing in the JSON file `cache` (None: only in memory)."""

    def __init__(self, cache: Path | None = None):
        self.cache = cache
        self.version = f"{FORMAT}:{importlib.metadata.version('sphinx-mathjax-offline')}"
        self.formulas: dict[str, list[str]] = {}
        self.outlines: dict[str, str] = {}
        self._engine = None
        if cache and cache.is_file():
            stored = json.loads(cache.read_text())
            if stored.get("version") == self.version:
                self.formulas, self.outlines = stored["formulas"], stored["outlines"]

    def save(self):
        """Write the cache file, if there is one and something new was drawn."""
        if self.cache and self._engine:
            stored = {
                "version": self.version,
                "formulas": self.formulas,
                "outlines": self.outlines,
            }
            self.cache.parent.mkdir(parents=True, exist_ok=True)
            self.cache.write_text(json.dumps(stored))

    def draw(self, tex: str, display: bool = False) -> Formula:
        r"""Typeset `tex`, in display style or inline. Raises TexError for broken TeX.

        >>> typesetter = Typesetter()
        >>> typesetter.draw(r"\eta").mathml
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>&#x3B7;</mi></math>'
        >>> typesetter.draw(r"\frac{1}{2")
        Traceback (most recent call last):
        lib.book.tex.TexError: Missing close brace
        """
        key = ("D:" if display else "I:") + tex
        if key not in self.formulas:
            self.formulas[key] = self._draw(tex, display)
        return Formula(*self.formulas[key])

    def glyphs(self, html: str) -> str:
        """The outlines `html` refers to, once each, in an invisible `<svg>` to stand before it."""
        names = sorted({name for name, _ in USE.findall(html)})
        if not names:
            return ""
        paths = "".join(f'<path id="{name}" d="{self.outlines[name]}"/>' for name in names)
        return f'<svg class="d-glyphs" aria-hidden="true"><defs>{paths}</defs></svg>'

    def standalone(self, svg: str) -> str:
        """`svg` with its outlines written in place, for a spot whose page may not define them."""
        return USE.sub(lambda use: f'<path d="{self.outlines[use[1]]}"{use[2]}/>', svg)

    def _draw(self, tex, display):
        if self._engine is None:
            self._engine = start()
        call = f"JSON.stringify(draw({json.dumps(tex)}, {json.dumps(display)}))"
        svg, mathml = json.loads(self._engine.eval(call))
        if svg is None:
            raise TexError(mathml)
        return [self._share(svg), tidy_mathml(mathml)]

    def _share(self, svg):
        def refer(path):
            code, outline, rest = path.groups()
            name = f"g-{code}-{hashlib.sha256(outline.encode()).hexdigest()[:6]}"
            self.outlines[name] = outline
            return f'<use href="#{name}"{rest}/>'

        svg = re.sub(r' data-(?!c\b)[\w-]+="[^"]*"', "", svg)
        svg = svg.replace("<svg ", '<svg aria-hidden="true" ', 1)
        svg = re.sub(r' (?:xmlns|role|focusable)="[^"]*"', "", svg)
        return GLYPH.sub(refer, svg)


def start():
    """A V8 with MathJax ready in it; takes a quarter of a second."""
    files = importlib.metadata.files("sphinx-mathjax-offline") or []
    folder = next(f for f in files if f.name == "core.js").locate().parent
    engine = py_mini_racer.MiniRacer()
    engine.eval(CONFIGURE)
    for name in ("startup", *COMPONENTS):
        engine.eval((Path(folder) / f"{name}.js").read_text(encoding="utf-8"))
    engine.eval(START % json.dumps(COMPONENTS)[1:-1])
    return engine


def tidy_mathml(mathml: str) -> str:
    """MathML on one line, without MathJax's private attributes."""
    mathml = re.sub(r' data-[\w-]+="[^"]*"', "", mathml)
    return re.sub(r">\s+<", "><", mathml).strip()
