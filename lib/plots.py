"""Figures in the house style: arrays in, Axes out, and a page that shows them in light and dark.

    fig, ax = figure()
    ax.plot(x, y)
    show(fig, alt="One sentence that states what is to be seen.", caption="What the reader reads.")

Nothing global changes: no pyplot, no rcParams. A new line in an Axes takes the next colour AND
the next line style of `CYCLE`, so that no figure is told by colour alone.
"""

import html

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text

from lib import svg

__all__ = [
    "BLUE",
    "CYCLE",
    "GREEN",
    "GREY",
    "GROUND",
    "ORANGE",
    "PURPLE",
    "RED",
    "Plot",
    "band",
    "contours",
    "figure",
    "heat",
    "path",
    "show",
]

BLUE, ORANGE, GREEN = "#0072b2", "#b45f06", "#00785a"
RED, PURPLE, GREY = "#b3261e", "#5e2080", "#6b7280"
GROUND = "#fffffe"  # the page's own ground; plain white stays white, for marks on a heat map
_COLORS = [BLUE, ORANGE, GREEN, RED, PURPLE, GREY]
_DASHES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1))]
CYCLE = cycler(color=_COLORS, linestyle=_DASHES, linewidth=[1.8] * 6)

TEXT = 12  # points, at 7.2 inches: 16 px on a desktop, 11 px at the least; nothing is set smaller
NARROW, WIDE = 30, 43  # rem, for 7.2 inches: narrower than that a figure scrolls in its own box
_STYLE = {
    "font.size": TEXT,
    "axes.titlesize": TEXT,
    "axes.titleweight": "normal",
    "figure.titlesize": TEXT,
    "axes.labelsize": TEXT,
    "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT,
    "mathtext.fontset": "cm",
    "axes.prop_cycle": CYCLE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "axes.axisbelow": True,
}


def figure(rows=1, cols=1, *, width=7.2, height=None, **subplots):
    """A figure in the house style and its Axes: one, or an array of shape as plt.subplots gives.

    `width`, `height` in inches, where 7.2 is the whole text width; default height by shape. The
    rest goes to `Figure.subplots` (sharex, width_ratios, subplot_kw, ...). ValueError for a size
    that is not positive.

    >>> fig, (left, right) = figure(1, 2, sharey=True)
    >>> float(fig.get_figwidth())
    7.2
    """
    if height is None:
        height = rows * min(4.0, 0.6 + 0.72 * width / cols)
    for name, value in (("width", width), ("height", height)):
        if not 0 < value < np.inf:
            raise ValueError(f"{name} is {value}; allowed are inches > 0")
    with mpl.rc_context(_STYLE):
        fig = Figure(figsize=(width, height), layout="constrained")
        return fig, fig.subplots(rows, cols, **subplots)


class Plot:
    """A finished figure: an inline SVG with a name and a caption on a page, its name elsewhere.

    >>> Plot("<figure>...</figure>", alt="A straight line.")
    Figure: A straight line.
    """

    def __init__(self, markup: str, alt: str):
        self.markup, self.alt = markup, alt

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"


def show(fig, *, alt, caption):
    """Finish a figure for the page: the last line of a plot cell.

    `alt`: one sentence of 20 characters or more, ending in a full stop, that states what the
    figure shows, with its numbers, for readers who do not see it. `caption`: plain text under it.
    Neither takes TeX. Text below `TEXT` points is set at that size, legends get a ground of
    the page's colour, dense meshes become images. ValueError for an alt or caption that breaks these rules.

    >>> fig, ax = figure()
    >>> show(fig, alt="Empty axes from 0 to 1.", caption="Nothing yet.")
    Figure: Empty axes from 0 to 1.
    """
    for name, text in (("alt", alt), ("caption", caption)):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name} is {text!r}; every figure needs one, in words")
        if "$" in text or "\\" in text:
            raise ValueError(f"{name} is {text!r}; allowed is plain text, without TeX")
    if len(alt) < 20 or not alt.endswith("."):
        raise ValueError(f"alt is {alt!r}; allowed is a sentence of >= 20 characters and its full stop")
    scale = fig.get_figwidth() / 7.2
    css = f"width:100%;min-width:{NARROW * scale:.1f}rem;max-width:{WIDE * scale:.1f}rem;height:auto"
    with mpl.rc_context(_STYLE):
        _dress(fig)
        drawing = svg.inline(fig, alt, css)
    return Plot(
        f'<figure class="descent-plot"><div class="d-plot" style="overflow-x:auto">{drawing}</div>'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>",
        alt,
    )


def _dress(fig):
    """House style for what was drawn outside `figure`, such as legends and notes."""
    for text in fig.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), TEXT))
        text.set_math_fontfamily(_STYLE["mathtext.fontset"])
    for legend in fig.findobj(Legend):
        legend.get_frame().set(facecolor=GROUND, edgecolor="none", alpha=0.8)
    for mesh in fig.findobj(QuadMesh):
        mesh.set_rasterized(True)


def contours(ax, loss, xlim, ylim, *, levels=14, n=101, **style):
    """Level lines of a loss of two parameters, in the background.

    `loss` takes an array of shape (n, n, 2) and returns (n, n); `xlim`, `ylim` = (low, high);
    `levels`: a count, spaced so that a quadratic's lines are equally far apart, or the values.
    Returns Matplotlib's ContourSet. ValueError for limits, counts or losses that make no plot.

    >>> fig, ax = figure()
    >>> lines = contours(ax, lambda w: (w**2).sum(-1), (-1, 1), (-1, 1), levels=[0.25, 1])
    >>> lines.levels
    array([0.25, 1.  ])
    """
    for name, limits in (("xlim", xlim), ("ylim", ylim)):
        if len(limits) != 2 or not -np.inf < limits[0] < limits[1] < np.inf:
            raise ValueError(f"{name} is {limits}; allowed are two finite numbers, low < high")
    if n < 2:
        raise ValueError(f"n is {n}; allowed are whole numbers >= 2")
    x, y = np.linspace(*xlim, n), np.linspace(*ylim, n)
    w = np.stack(np.meshgrid(x, y), axis=-1)
    z = np.asarray(loss(w))
    if z.shape != (n, n):
        raise ValueError(f"loss gave shape {z.shape} for points of shape {w.shape}; allowed is ({n}, {n})")
    if not np.isfinite(z).all():
        raise ValueError(f"loss is not finite everywhere in xlim {xlim}, ylim {ylim}")
    if np.ndim(levels) == 0:
        if levels < 1 or z.max() == z.min():
            raise ValueError(f"levels is {levels} for losses from {z.min()} to {z.max()}; nothing to draw")
        levels = z.min() + (z.max() - z.min()) * (np.arange(1, levels + 1) / (levels + 1)) ** 2
    ax.grid(False)
    style = {"colors": GREY, "linewidths": 0.9, "alpha": 0.6, "negative_linestyles": "solid"} | style
    return ax.contour(x, y, z, levels=levels, **style)


def path(ax, w, *, color=BLUE, label=None, marker=".", **style):
    """A trajectory of two parameters: hollow circle at the start, filled one at the end.

    `w` of shape (T, 2), in time order; `marker` for the points between, "" for none.
    Returns the Line2D of the path. ValueError for another shape or values that are not finite.

    >>> fig, ax = figure()
    >>> path(ax, [[0, 0], [1, 2]]).get_xydata().tolist()
    [[0.0, 0.0], [1.0, 2.0]]
    """
    w = np.asarray(w, float)
    if w.ndim != 2 or w.shape[1] != 2 or not len(w):
        raise ValueError(f"w has shape {w.shape}; allowed is (T, 2)")
    if not np.isfinite(w).all():
        raise ValueError("w is not finite everywhere; cut the path before it diverges")
    style = {"linestyle": "-", "linewidth": 1.5, "markersize": 5} | style
    (line,) = ax.plot(*w.T, color=color, label=label, marker=marker, **style)
    ends = {"color": color, "marker": "o", "linestyle": "", "markersize": 8, "zorder": line.zorder + 1}
    ax.plot(*w[0], markerfacecolor=GROUND, markeredgewidth=1.8, **ends)
    ax.plot(*w[-1], **ends)
    return line


def band(ax, x, runs, *, color=BLUE, label=None, quantiles=(0.1, 0.9), **style):
    """The median of many runs and, faintly, the band that holds most of them.

    `x` of shape (T,), `runs` of shape (R, T); `quantiles` = (low, high) in [0, 1].
    Returns the median's Line2D. ValueError for other shapes or quantiles.

    >>> fig, ax = figure()
    >>> band(ax, [0, 1], [[1, 2], [3, 4], [9, 9]]).get_ydata().tolist()
    [3.0, 4.0]
    """
    x, runs = np.asarray(x), np.asarray(runs, float)
    if x.ndim != 1 or runs.ndim != 2 or runs.shape[1] != len(x) or not len(runs):
        raise ValueError(f"x has shape {x.shape}, runs {runs.shape}; allowed are (T,) and (R, T)")
    low, high = quantiles
    if not 0 <= low < high <= 1:
        raise ValueError(f"quantiles is {quantiles}; allowed are low < high in [0, 1]")
    edges = np.quantile(runs, [low, high], axis=0)
    ax.fill_between(x, *edges, color=color, alpha=0.18, linewidth=0)
    style = {"linestyle": "-", "linewidth": 1.8} | style
    (line,) = ax.plot(x, np.median(runs, axis=0), color=color, label=label, **style)
    return line


def heat(ax, x, y, z, *, label, **style):
    """A heat map with its colour bar, in a scale that stays in order for colour-blind readers.

    `x` of shape (n,), `y` of shape (m,), `z` of shape (m, n); `label` names the colour bar; the
    rest goes to `pcolormesh` (vmin, vmax, norm, ...). Returns the QuadMesh. ValueError for shapes.

    >>> fig, ax = figure()
    >>> heat(ax, [0, 1, 2], [0, 1], [[0, 1, 2], [3, 4, 5]], label="loss").get_array().shape
    (2, 3)
    """
    x, y, z = np.asarray(x), np.asarray(y), np.asarray(z)
    if z.shape != (len(y), len(x)):
        raise ValueError(f"z has shape {z.shape}; allowed is (len(y), len(x)), {(len(y), len(x))}")
    ax.grid(False)
    mesh = ax.pcolormesh(x, y, z, **({"cmap": "viridis", "shading": "nearest"} | style))
    bar = ax.figure.colorbar(mesh, ax=ax, label=label)
    bar.outline.set_visible(False)
    return mesh
