"""The pages load only rules that can apply, and every rule that can."""

import re

import pytest

from lib.book.sheets import blocks, cut, pruned

SHEET = """@charset "utf-8";
/* .gone { */ .kept, .gone:hover { content: "}{;"; }
.gone > .kept { a: b }
a.kept:not(.gone), :is(.gone, b) c { d: e }
[class*="gone"] { f: g }
@media (min-width: 3em) { .gone { h: i } .kept { j: k } }
@media print { .gone { l: m } }
@font-face { font-family: gone }
@keyframes gone { from { n: o } to { p: q } }
"""


def test_what_stays_and_what_goes():
    text = re.sub(r"\s+", "", pruned(SHEET, {"kept"}))
    for stays in ('.kept{content:"}{;";}', "a.kept:not(.gone),:is(.gone,b)c{d:e}", '[class*="gone"]{f:g}'):
        assert stays in text
    for stays in ("@media(min-width:3em){.kept{j:k}}", "@font-face{", "@keyframesgone{from{n:o}to{p:q}}"):
        assert stays in text
    for goes in (".gone:hover", ".gone>.kept", "h:i", "l:m"):
        assert goes not in text


def test_nothing_goes_when_all_is_known():
    def bare(css):
        return re.sub(r"/\*.*?\*/|\s", "", css)

    assert bare(pruned(SHEET, {"kept", "gone"})) == bare(SHEET)
    assert bare("".join(b if i is None else f"{b}{{{i}}}" for b, i in blocks(SHEET))) == bare(SHEET)


@pytest.mark.parametrize("where", ["page.html", "_static/script.js"])
def test_a_word_anywhere_keeps_a_rule(tmp_path, where):
    sheet = tmp_path / "_static" / "sphinx-design.min.css"
    sheet.parent.mkdir()
    sheet.write_text(".sd-card{a:b}.sd-tab{c:d}")
    (tmp_path / where).write_text("open('sd-tab')")
    cut(tmp_path)
    assert sheet.read_text() == ".sd-tab{c:d}"
