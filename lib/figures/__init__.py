"""Interactive figures: one ES module each, alive with a kernel and on a page without one.

    from lib import figures
    figures.show("valley", lr=0.02)

With a kernel the figure is an anywidget whose values can be read and set from Python; on a static
page the same module is mounted by `host.js`. Beside `name.js` stands `name.py` with `CLAIM`, what
the figure shows; `DEFAULTS`, its first state; and `still`, the picture for a page without
JavaScript and for print, drawn from `lib`. `Live` makes panels that only a kernel can move.
"""

import difflib
import html
import json
from importlib import import_module
from pathlib import Path

import anywidget
import traitlets

from lib.figures.bundle import esm, figure_names
from lib.figures.live import Live

__all__ = ["Live", "show"]


class _Figure(anywidget.AnyWidget):
    """What all figures share: how they are shown in each host."""

    _css = Path(__file__).with_name("figures.css").read_text("utf-8")

    def __init__(self, name, alt, still, **state):
        self._name, self._alt, self._still = name, alt, still
        super().__init__(**state)

    def __repr__(self):
        return f"Interactive figure {self._name}: {self._alt}"

    def state(self):
        return {key: getattr(self, key) for key in self._keys_shown}

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        data = {**data, "text/plain": repr(self), "text/html": self._static()}
        return data, metadata

    def _static(self):
        state = html.escape(json.dumps(self.state(), sort_keys=True), quote=True)
        return (
            f'<div class="descent-figure" data-descent-figure="{self._name}" '
            f'data-state="{state}"><div class="descent-still">{self._still}</div></div>'
        )


def show(name, **state):
    """Show an interactive figure, in its first state or another one.

    `name`: one of `lib.figures.bundle.figure_names()`; `state`: values of its controls.
    Raises KeyError for an unknown figure and TypeError for an unknown control, naming the known.

    >>> show("valley", speed=1)
    Traceback (most recent call last):
    TypeError: figure 'valley' has no control 'speed'; it has beta, lr, rule, start
    """
    if name not in figure_names():
        close = difflib.get_close_matches(str(name), figure_names(), n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise KeyError(f"no figure {name!r}{hint}; there are {', '.join(figure_names())}")
    about = import_module(f"lib.figures.{name}")
    for key in state:
        if key not in about.DEFAULTS:
            known = ", ".join(sorted(about.DEFAULTS))
            raise TypeError(f"figure {name!r} has no control {key!r}; it has {known}")
    values = {**about.DEFAULTS, **state}
    still = about.still(**values)
    traits = {key: traitlets.Any(value).tag(sync=True) for key, value in values.items()}
    kind = type(
        f"{name.title().replace('_', '')}Figure",
        (_Figure,),
        {"_esm": esm(name), "_keys_shown": tuple(sorted(values)), **traits},
    )
    return kind(name, still.alt, still._repr_html_(), **values)
