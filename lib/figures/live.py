"""Panels that need Python at every move: live with a kernel, a picture and a plain note without."""

import html

import ipywidgets

__all__ = ["Live"]

_NOTE = "Shown for {values}. The controls of this panel need a running kernel: open the notebook."


class Live:
    """A picture with sliders, computed by Python whenever one moves.

    `function(**values)` returns what `plots.show` returns, or anything with `_repr_html_`; `alt`
    says in a sentence what the panel shows; each control is (low, high, step), beginning in the
    middle, (low, high, step, first), or a list of choices, beginning with the first. Use it for
    what only a kernel can do, such as training a network; anything lighter is an interactive
    figure (`show`), which lives on every page. In a notebook with a kernel the controls work; on
    a static page stand the first picture, `alt`, and a note. TypeError and ValueError for
    controls of another form, and for a panel without controls.

    >>> from lib import plots
    >>> def picture(lr):
    ...     fig, ax = plots.figure()
    ...     ax.plot([0, 1], [0, lr])
    ...     return plots.show(fig, alt=f"A line that rises to {lr:g}.", caption="A line.")
    >>> Live(picture, alt="A line whose height is the learning rate.", lr=(0.0, 1.0, 0.1))
    Live panel: A line whose height is the learning rate. (lr = 0.5)
    """

    def __init__(self, function, *, alt, **controls):
        if not callable(function):
            raise TypeError(f"function is {function!r}; allowed are functions of the controls")
        if not isinstance(alt, str) or not alt.strip().endswith("."):
            raise ValueError(f"alt is {alt!r}; allowed are sentences that end with a full stop")
        if not controls:
            raise ValueError("a panel without controls is a picture: call plots.show")
        self.function, self.alt = function, alt
        self.widgets = {name: _widget(name, control) for name, control in controls.items()}
        self._picture = ipywidgets.HTML(function(**self.values)._repr_html_())
        for widget in self.widgets.values():
            widget.observe(self._update, "value")
        self._panel = ipywidgets.VBox([*self.widgets.values(), self._picture])

    @property
    def values(self):
        """The values of the controls, by name.

        >>> from lib import plots
        >>> def picture(n):
        ...     fig, ax = plots.figure()
        ...     return plots.show(fig, alt=f"Empty axes number {n}.", caption="Empty axes.")
        >>> Live(picture, alt="Empty axes.", n=[3, 5]).values
        {'n': 3}
        """
        return {name: widget.value for name, widget in self.widgets.items()}

    def _update(self, change):
        self._picture.value = self.function(**self.values)._repr_html_()

    def __repr__(self):
        return f"Live panel: {self.alt} ({self._values()})"

    def _values(self):
        return ", ".join(
            f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {value}"
            for name, value in self.values.items()
        )

    def _repr_mimebundle_(self, **kwargs):
        note = html.escape(_NOTE.format(values=self._values()))
        static = (
            f'<div class="descent-live" role="group" aria-label="{html.escape(self.alt, quote=True)}">'
            f'{self._picture.value}<p class="descent-live-note">{note}</p></div>'
        )
        live = self._panel._repr_mimebundle_(**kwargs) or {}
        return {**live, "text/plain": repr(self), "text/html": static}


def _widget(name, control):
    words = f"{name} is {control!r}; allowed are (low, high, step), (low, high, step, first) and lists"
    if isinstance(control, list) and control:
        return ipywidgets.Dropdown(options=control, value=control[0], description=name)
    if not isinstance(control, tuple) or len(control) not in (3, 4):
        raise TypeError(words)
    low, high, step, *first = control
    if not (low < high and 0 < step <= high - low):
        raise ValueError(f"{words}; low < high and 0 < step <= high - low")
    whole = all(isinstance(v, int) for v in control)
    middle = low + step * int((high - low) / step / 2)
    value = first[0] if first else middle
    if not low <= value <= high:
        raise ValueError(f"{words}; first from low to high")
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    more = {} if whole else {"readout_format": ".3g"}
    return kind(value, min=low, max=high, step=step, description=name, continuous_update=False, **more)
