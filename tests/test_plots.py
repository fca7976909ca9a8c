"""Figures: what is drawn is what was given, the SVG fits any page, the colours can be told apart."""

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from lib import plots, svg

ROOT = Path(__file__).parents[1]
ALT = "A damped oscillation over 200 steps."
LINE = """import sys
import numpy as np
from lib import plots
fig, ax = plots.figure()
t = np.arange(200)
ax.plot(t, 0.98**t * np.cos(t / 5), label="error")
ax.set(xlabel="step $t$", ylabel="error $x_t$")
ax.legend()
made = plots.show(fig, alt="A damped oscillation over 200 steps.", caption="An oscillation.")
"""


def line(color=plots.BLUE, alt=ALT):
    fig, ax = plots.figure()
    t = np.arange(200)
    ax.plot(t, 0.98**t * np.cos(t / 5), color=color, label="error")
    ax.axhline(0, color="k")
    ax.plot(0, 1, "o", color=color, markerfacecolor=plots.GROUND)
    ax.bar(150, 0.5, 20, color=color, edgecolor="k", hatch="//")
    ax.annotate("start", (0, 1))
    ax.set(xlabel="step $t$", ylabel="error $x_t$")
    ax.legend()
    return plots.show(fig, alt=alt, caption="An oscillation.")


def parsed(plot):
    return ElementTree.fromstring(plot._repr_html_())


def attributes(plot):
    return [value for element in parsed(plot).iter() for value in element.attrib.values()]


# The SVG on a page


def test_the_page_gets_a_figure_with_a_name_and_a_caption():
    figure = parsed(made := line(alt='Loss < 1 & falling, "fast" at first.'))
    (image,), caption = figure
    assert (figure.tag, figure.get("class")) == ("figure", "descent-plot")
    assert (image.tag, image.get("role")) == ("svg", "img")
    assert image.get("aria-label") == 'Loss < 1 & falling, "fast" at first.'
    assert (caption.tag, caption.text) == ("figcaption", "An oscillation.")
    assert repr(made) == 'Figure: Loss < 1 & falling, "fast" at first.'


def test_the_svg_scales_and_touches_nothing_else_on_the_page():
    markup = line()._repr_html_()
    image = parsed(line()).find(".//svg")
    assert "width" not in image.attrib and "height" not in image.attrib
    assert image.get("viewBox") == "0 0 518.4 288"
    assert "max-width" in image.get("style") and "width:100%" in image.get("style")
    for alien in ("<?xml", "<!", "<style", "<metadata", "<text", "xmlns", "font-family", "http"):
        assert alien not in markup


def test_the_same_figure_is_the_same_text_in_every_process():
    code = LINE + "sys.stdout.write(made._repr_html_())"
    texts = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(texts[0]) > 5000
    assert texts[0] == texts[1]


def test_a_line_of_200_points_stays_under_23_kb():
    assert 5_000 < len(line()._repr_html_()) < 23_000


def test_many_markers_stay_small_and_keep_their_colour():
    fig, ax = plots.figure()
    ax.plot(np.arange(1000) / 7, ".", color=plots.RED)
    markers = parsed(plots.show(fig, alt=ALT, caption="Dots."))
    groups = [group for group in markers.iter("g") if len(group.findall("use")) == 1000]
    assert [group.get("style") for group in groups] == [
        f"fill:{svg.THEME[plots.RED]};stroke:{svg.THEME[plots.RED]}"
    ]
    assert len(ElementTree.tostring(markers)) < 80_000


def test_white_on_a_heat_map_stays_white():
    fig, ax = plots.figure()
    ax.plot([0, 1], color="white")
    assert "stroke:#ffffff" in plots.show(fig, alt=ALT, caption="White.").markup


def test_ids_are_used_found_and_not_shared_between_figures():
    made = [line(), line(plots.RED), line(alt="The same oscillation, named differently.")]
    names = [{e.get("id") for e in parsed(p).iter()} - {None} for p in made]
    used = [set(re.findall(r"#(d\w+-\w+)", " ".join(attributes(p)))) for p in made]
    assert names == used and all(names)
    assert not any(a & b for a, b in itertools.combinations(names, 2))


@pytest.mark.parametrize("color", [*plots._COLORS, "#000000", plots.GROUND])
def test_colours_come_from_the_theme_and_none_is_fixed(color):
    elements = list(parsed(line(color)).iter())
    styles = "; ".join(e.get("style") for e in elements if e.get("style"))
    used = set(re.findall(r"(?:fill|stroke):\s*(?!url)([^;]+)", styles))
    assert svg.THEME[color] in used
    assert used <= {*svg.THEME.values(), "none"}
    assert {e.get("fill") for e in elements} | {e.get("stroke") for e in elements} == {None, "currentColor"}


def test_shapes_without_a_colour_of_their_own_take_that_of_the_text():
    assert parsed(line()).find(".//svg").get("fill") == "currentColor"


def test_rounding_moves_nothing_that_can_be_seen():
    """Against Matplotlib's own file: points to 0.005, transforms (glyph scales!) to 1e-6."""
    fig, ax = plots.figure()
    ax.plot(np.geomspace(1, 3, 50))
    ax.set(xlabel=r"$\frac{\eta_1}{2}$", title="momentum")
    raw = svg._draw(fig)
    mine = parsed(plots.show(fig, alt=ALT, caption="Rounded."))
    for key, slack in (("d", 0.00501), ("transform", 1e-6)):
        before, after = (
            [np.array(re.findall(r"-?[\d.]+", e.get(key)), float) for e in tree.iter() if e.get(key)]
            for tree in (raw, mine)
        )
        assert len(before) == len(after) > 10
        assert max(np.abs(a - b).max() for a, b in zip(before, after, strict=True)) < slack
    assert all(len(d) <= 2 for path in mine.iter("path") for d in re.findall(r"\.(\d+)", path.get("d")))


# House style


def test_nothing_global_changes():
    settings = "{k: mpl.rcParams[k] for k in mpl.rcParams if k != 'backend'}"  # asking for it imports pyplot
    code = f"import matplotlib as mpl; before = {settings}; {LINE}"
    code += f"print({settings} == before, 'matplotlib.pyplot' in sys.modules)"
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True, text=True)
    assert (run.stdout, run.stderr) == ("True False\n", "")


def test_no_text_is_smaller_than_can_be_read_on_a_phone():
    fig, ax = plots.figure()
    ax.plot([1, 2], label="line")
    ax.legend(fontsize=6)
    ax.text(1, 1, "note", fontsize=5)
    ax.tick_params(labelsize=4)
    plots.show(fig, alt=ALT, caption="Small print.")
    assert min(text.get_fontsize() for text in fig.findobj(Text)) == plots.TEXT


@pytest.mark.parametrize("width", [3.6, 7.2, 9])
def test_a_figure_scrolls_in_a_box_before_its_text_is_less_than_11_pixels(width):
    figure = parsed(plots.show(plots.figure(width=width)[0], alt=ALT, caption="Empty."))
    box, caption = figure
    (image,) = box
    assert (box.get("style"), caption.tag) == ("overflow-x:auto", "figcaption")
    units = float(image.get("viewBox").split()[2])
    smallest = 16 * float(re.search(r"min-width:([\d.]+)rem", image.get("style"))[1])
    assert 11 <= plots.TEXT * smallest / units < 12


def test_lines_differ_by_more_than_colour():
    ax = plots.figure()[1]
    lines = [ax.plot([0, 1])[0] for _ in range(6)]
    assert [line.get_color() for line in lines] == list(plots.CYCLE.by_key()["color"])
    assert len({str(line._dash_pattern) for line in lines}) == 6


@pytest.mark.parametrize("shape, axes", [((1, 1), ()), ((1, 2), (2,)), ((3, 1), (3,)), ((2, 3), (2, 3))])
def test_figure_gives_axes_as_pyplot_does(shape, axes):
    fig, ax = plots.figure(*shape, sharex=True)
    assert isinstance(fig, Figure) and np.shape(ax) == axes
    assert fig.get_figwidth() == 7.2 and 2 < fig.get_figheight() / shape[0] <= 4


# Colours

LIGHT = dict(zip("blue orange green red purple grey".split(), plots._COLORS, strict=True))
DARK = {"blue": "#56b4e9", "orange": "#e69f00", "green": "#2fbf8f"}
DARK |= {"red": "#ef6a5a", "purple": "#b768f0", "grey": "#9aa3b2"}
PALETTES = [(LIGHT, ["#ffffff"]), (DARK, ["#121212", "#14181e"])]
# Machado, Oliveira & Fernandes (2009), severity 1.0, for linear RGB
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
}


def linear(color):
    s = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)


def luminance(color):
    return linear(color) @ [0.2126, 0.7152, 0.0722]


def lab(rgb):
    """CIELAB, where a distance of about 2 is just seen; D65 white."""
    xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]] @ rgb
    x, y, z = np.cbrt(np.maximum(xyz / [0.9505, 1.0, 1.089], 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(one, other, kind):
    seen = [lab(np.clip(np.asarray(BLINDNESS[kind]) @ linear(c), 0, 1)) for c in (one, other)]
    return np.linalg.norm(seen[0] - seen[1])


def test_the_measures_of_colour_are_right():
    assert lab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=0.02)
    assert luminance("#777777") == pytest.approx(0.1845, abs=1e-3)
    assert apart("#ff0000", "#008000", "none") > 100
    assert apart("#9b7a00", "#c97b00", "deuteranopia") < apart("#9b7a00", "#c97b00", "none")


@pytest.mark.parametrize("palette, grounds", PALETTES, ids=["light", "dark"])
def test_every_colour_stands_out_from_its_ground(palette, grounds):
    for name, color in palette.items():
        for ground in grounds:
            low, high = sorted([luminance(color), luminance(ground)])
            assert (high + 0.05) / (low + 0.05) >= 4.5, (name, ground)


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_stay_apart_for_colour_blind_readers(palette, kind):
    for (a, one), (b, other) in itertools.combinations(palette.items(), 2):
        assert apart(one, other, kind) > 14, (a, b)


def test_the_books_stylesheet_holds_these_colours():
    """Light value and dark value of every `--d-name`, and no other."""
    text = "".join(file.read_text("utf-8") for file in sorted(ROOT.glob("lib/**/*.css")))
    found = {}
    for name, color in re.findall(r"--d-(\w+):\s*(#[0-9a-fA-F]{6})\b", text):
        if name in LIGHT:
            found.setdefault(name, set()).add(color.lower())
    assert found == {name: {LIGHT[name], DARK[name]} for name in LIGHT}


# What the helpers draw


def test_contours_lie_where_the_loss_has_their_level():
    ax = plots.figure()[1]
    center = np.array([0.3, -0.2])
    drawn = plots.contours(ax, lambda w: (w - center) ** 2 @ [1, 10], (-2, 2), (-1, 1), levels=5)
    for level, path in zip(drawn.levels, drawn.get_paths(), strict=True):
        loss = (path.vertices - center) ** 2 @ [1, 10]
        assert len(loss) > 20 and loss == pytest.approx(level, rel=0.02, abs=0.01)
    # equally far apart: on an axis of symmetry the radii grow by one amount
    assert np.diff(np.sqrt(drawn.levels)) == pytest.approx(np.sqrt(drawn.levels[0]), rel=0.01)


def test_contours_keep_the_limits_apart():
    ax = plots.figure()[1]
    plots.contours(ax, lambda w: w[..., 0] ** 2 + w[..., 1], (-2, 3), (10, 11), levels=[11.0])
    assert (*ax.get_xlim(), *ax.get_ylim()) == (-2, 3, 10, 11)


def test_a_path_shows_every_point_its_start_and_its_end():
    ax = plots.figure()[1]
    w = np.random.default_rng(0).normal(size=(7, 2))
    plots.path(ax, w, color=plots.RED, label="run")
    whole, start, end = (line.get_xydata() for line in ax.lines)
    assert np.array_equal(whole, w) and np.array_equal(start, w[:1]) and np.array_equal(end, w[-1:])
    assert [line.get_markerfacecolor() for line in ax.lines[1:]] == [plots.GROUND, plots.RED]
    assert [text.get_text() for text in ax.legend().texts] == ["run"]


def test_a_band_is_the_median_between_its_quantiles():
    ax = plots.figure()[1]
    runs = np.random.default_rng(1).permuted(np.tile(np.arange(11.0)[:, None], 4), axis=0)
    median = plots.band(ax, np.arange(4), runs * [1, 2, 3, 4])
    assert median.get_ydata().tolist() == [5, 10, 15, 20]  # of 0, ..., 10 the middle one is 5
    corners = ax.collections[0].get_paths()[0].vertices
    for x in range(4):
        column = corners[corners[:, 0] == x, 1]
        assert (column.min(), column.max()) == pytest.approx((x + 1, 9 * (x + 1)))


def test_a_heat_map_is_one_image_with_its_own_scale():
    fig, ax = plots.figure()
    z = np.arange(5000.0).reshape(50, 100)
    mesh = plots.heat(ax, np.arange(100), np.arange(50), z, label="rate")
    assert np.array_equal(mesh.get_array().reshape(z.shape), z)
    made = plots.show(fig, alt="A rate that grows to the upper right.", caption="A heat map.")
    assert len(list(parsed(made).iter("image"))) == 2
    assert len(made._repr_html_()) < 100_000
    assert fig.axes[1].get_ylabel() == "rate"
    brightness = [luminance(mpl.colors.to_hex(c)) for c in mesh.cmap(np.linspace(0, 1, 64))]
    assert np.all(np.diff(brightness) > 0)  # order survives without colour


# What is refused


NOT_A_SENTENCE = ["", "  ", None, "Loss.", "The loss falls from 3 to 1", r"It falls by $\eta$."]


@pytest.mark.parametrize("alt", NOT_A_SENTENCE)
def test_a_figure_without_a_proper_name_is_refused(alt):
    with pytest.raises(ValueError, match="^alt is .*" + re.escape(repr(alt))):
        plots.show(plots.figure()[0], alt=alt, caption="A caption.")


@pytest.mark.parametrize("caption", ["", None, "with $x$", r"with \eta"])
def test_a_figure_without_a_proper_caption_is_refused(caption):
    with pytest.raises(ValueError, match=r"^caption is "):
        plots.show(plots.figure()[0], alt=ALT, caption=caption)


def test_alt_and_caption_must_be_named():
    with pytest.raises(TypeError, match="caption"):
        plots.show(plots.figure()[0], alt=ALT)


def bowl(w):
    return (w**2).sum(-1)


REFUSED = [
    ("height is -1", lambda ax: plots.figure(height=-1)),
    ("width is nan", lambda ax: plots.figure(width=float("nan"))),
    ("xlim is", lambda ax: plots.contours(ax, bowl, (1, 1), (0, 1))),
    ("ylim is", lambda ax: plots.contours(ax, bowl, (0, 1), (0, np.inf))),
    ("n is 1", lambda ax: plots.contours(ax, bowl, (0, 1), (0, 1), n=1)),
    ("loss gave shape", lambda ax: plots.contours(ax, lambda w: w, (0, 1), (0, 1))),
    ("not finite", lambda ax: plots.contours(ax, lambda w: w[..., 0] / 0 * np.nan, (1, 2), (0, 1))),
    ("levels is 0", lambda ax: plots.contours(ax, bowl, (0, 1), (0, 1), levels=0)),
    ("nothing to draw", lambda ax: plots.contours(ax, lambda w: 0 * w[..., 0], (0, 1), (0, 1))),
    ("w has shape", lambda ax: plots.path(ax, np.zeros((2, 3)))),
    ("w has shape", lambda ax: plots.path(ax, np.zeros((0, 2)))),
    ("not finite", lambda ax: plots.path(ax, [[0, 1], [np.inf, 0]])),
    ("runs", lambda ax: plots.band(ax, np.arange(3), np.zeros((3, 2)))),
    ("runs", lambda ax: plots.band(ax, np.arange(3), np.zeros(3))),
    ("quantiles is", lambda ax: plots.band(ax, [0], [[0]], quantiles=(0.9, 0.1))),
    ("z has shape", lambda ax: plots.heat(ax, [0, 1], [0, 1, 2], np.zeros((2, 3)), label="z")),
]


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize("message, call", REFUSED)
def test_bad_input_is_refused_by_name(message, call):
    with pytest.raises(ValueError, match=message):
        call(plots.figure()[1])
