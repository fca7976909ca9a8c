"""Of the theme's 1900 icons the pages load only those they show: 3 kB of fonts instead of 156."""

import io
import re
from pathlib import Path

from fontTools import subset

_LETTER = re.compile(r"\\([ef][0-9a-f]{3})\b|([\ue000-\uf8ff])")
_SOURCE = re.compile(
    r'url\(([^()]*webfonts/(fa-[\w-]+))\.woff2\) format\("woff2"\),url\([^()]*\.ttf\) format\("truetype"\)'
)


def letters(css: str) -> set[int]:
    r"""The private letters, which are icons, that a style sheet names.

    >>> sorted(letters('a{content:"\\f101"}b{content:"' + chr(0xF002) + '"}c{content:"\\201c"}'))
    [61442, 61697]
    """
    return {int(code, 16) if code else ord(letter) for code, letter in _LETTER.findall(css)}


def smaller(font: bytes, wanted: set[int]) -> bytes:
    """The font with the letters `wanted` only, as WOFF."""
    options = subset.Options(flavor="woff", notdef_outline=True, glyph_names=False)
    loaded = subset.load_font(io.BytesIO(font), options)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=wanted)
    cut.subset(loaded)
    written = io.BytesIO()
    subset.save_font(loaded, written, options)
    return written.getvalue()


def cut(out: Path):
    """Rewrite the theme's icon fonts in a built book, after `sheets.cut` has left the icons shown."""
    theme = out / "_static" / "styles" / "pydata-sphinx-theme.css"
    css = theme.read_text("utf-8")
    theme.write_text(_SOURCE.sub(r'url(\1.woff) format("woff")', css), "utf-8")
    wanted = {code for p in out.rglob("*.css") for code in letters(p.read_text("utf-8"))}
    for font in sorted((out / "_static" / "vendor" / "fontawesome" / "webfonts").glob("*.ttf")):
        font.with_suffix(".woff").write_bytes(smaller(font.read_bytes(), wanted))
        font.with_suffix(".woff2").unlink(missing_ok=True)
        font.unlink()
