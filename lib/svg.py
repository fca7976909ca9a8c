"""From a Matplotlib figure to SVG that lives inside a page: themed, small, the same every time.

Colours turn into CSS variables, so one drawing serves light and dark pages; text and axes take
the colour of the text around them. Private helper of `plots`.
"""

import hashlib
import io
import re
from xml.etree import ElementTree

import matplotlib as mpl

__all__ = ["THEME", "inline"]

# What a colour of the drawing becomes in the page: a variable of the book's stylesheet, with the
# light colour as fallback for pages that have none, such as a notebook.
THEME = {
    "#0072b2": "var(--d-blue, #0072b2)",
    "#b45f06": "var(--d-orange, #b45f06)",
    "#00785a": "var(--d-green, #00785a)",
    "#b3261e": "var(--d-red, #b3261e)",
    "#5e2080": "var(--d-purple, #5e2080)",
    "#6b7280": "var(--d-grey, #6b7280)",
    "#000000": "currentColor",
    "#fffffe": "var(--pst-color-background, var(--jp-layout-color0, #ffffff))",
}
_SAVE = {"svg.fonttype": "path", "svg.hashsalt": "descent", "path.simplify": True}
_HEX = re.compile(r"#[0-9a-f]{6}\b")
_DECIMAL = re.compile(r"-?\d*\.\d+(?:e[-+]?\d+)?")
_SPACE = re.compile(r"\s*([A-Za-z])\s*")
_REFERENCE = re.compile(r"#([\w.-]+)")


def inline(fig, name: str, css: str) -> str:
    """The figure as one `<svg role="img">` element, named `name` for those who do not see it.

    `css` styles the element. The same figure gives the same text in every process; ids begin with
    a hash of the content, so that two figures on a page never share one.

    >>> from matplotlib.figure import Figure
    >>> inline(Figure(figsize=(2, 1)), "Nothing.", "width:100%")[:46]
    '<svg viewBox="0 0 144 72" role="img" aria-labe'
    """
    svg = _draw(fig)
    size = svg.get("viewBox")
    svg.attrib = {
        "viewBox": size,
        "role": "img",
        "aria-label": name,
        "style": css,
        "fill": "currentColor",
        "stroke-linejoin": "round",
    }
    _strip(svg)
    _share(svg)
    used = {found for e in svg.iter() for v in e.attrib.values() for found in _REFERENCE.findall(v)}
    for element in svg.iter():
        if element.get("id") not in used:
            element.attrib.pop("id", None)
        if element.get("fill") in THEME:  # under a hatching; variables work in styles only
            element.set("style", f"fill:{element.attrib.pop('fill')}")
        for key, value in element.attrib.items():
            element.set(key, _shorter(key, value))
    return _rename(svg)


def _draw(fig):
    drawing = io.BytesIO()
    with mpl.rc_context(_SAVE):
        fig.savefig(drawing, format="svg", transparent=True, dpi=144)
    return ElementTree.fromstring(drawing.getvalue())


def _strip(svg):
    """Drop namespaces, metadata and the style element, which would apply to the whole page."""
    for parent in svg.iter():
        parent.tag = parent.tag.rpartition("}")[2]
        parent.text = parent.tail = None
        for key in [key for key in parent.attrib if key.startswith("{")]:
            parent.set(key.rpartition("}")[2], parent.attrib.pop(key))
        for child in list(parent):
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)


def _share(svg):
    """Say once, on their group, what all markers of a line have in common."""
    for group in svg.iter("g"):
        styles = {child.get("style") for child in group if child.tag == "use"}
        if len(styles) == 1 and None not in styles and "style" not in group.attrib:
            if all(child.tag == "use" for child in group):
                group.set("style", styles.pop())
                for child in group:
                    del child.attrib["style"]


def _shorter(key, value):
    if key in {"id", "href", "aria-label", "viewBox"}:
        return value
    if key == "style":
        value = _HEX.sub(lambda colour: THEME.get(colour[0], colour[0]), value)
        value = value.replace(": ", ":").replace("; ", ";")
    if key == "d":
        value = _SPACE.sub(r"\1", value)
    places = 6 if key == "transform" else 2  # a glyph's scale is small and multiplies what it holds
    return _DECIMAL.sub(lambda x: f"{float(x[0]):.{places}f}".rstrip("0").rstrip("."), value)


def _rename(svg):
    """Serialise with ids that begin with a hash of everything drawn."""
    text = ElementTree.tostring(svg, encoding="unicode")
    prefix = "d" + hashlib.sha256(text.encode()).hexdigest()[:8]
    ids = {e.get("id"): f"{prefix}-{i}" for i, e in enumerate(svg.iter()) if e.get("id")}
    for element in svg.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, ids[value])
            elif key in {"href", "clip-path"} or (key == "style" and "url(" in value):
                new = _REFERENCE.sub(lambda found: "#" + ids.get(found[1], found[1]), value)
                element.set(key, new)
    return ElementTree.tostring(svg, encoding="unicode")
