"""The converter of the appendix: one library's settings into another's, or why there are none."""

import numpy as np

from lib import plots
from lib.conventions import convert, libraries, rules, walk

STEPS, DROP = 60, 30
CLAIM = "Equal numbers are not equal paths; the equivalent numbers are."
DEFAULTS = {
    "rule": "momentum",
    "source": "pytorch",
    "target": "averaged",
    "settings": {"lr": 0.1, "momentum": 0.9, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False},
    "late": 1.0,
}


def path(library, rule, settings, late):
    """The path on f(w) = w²/2 from 1, the learning rate multiplied by `late` after DROP steps."""
    rate = np.where(np.arange(STEPS) < DROP, 1.0, late)
    return walk(library, rule, lambda w: w, [1.0], rate=rate, **settings)[:, 0]


def still(rule, source, target, settings, late):
    """The path of the source, and that of the target with the settings found."""
    found = convert(source, target, rule, schedule=late != 1, **settings)
    nearest = found or found.nearest
    one, other = (libraries()[key]["name"] for key in (source, target))
    fig, ax = plots.figure(height=3.0)
    ax.plot(path(source, rule, settings, late), "-", color=plots.BLUE, label=f"{one}, as typed")
    if nearest:
        word = "equivalent" if found else "nearest"
        ax.plot(
            path(target, rule, nearest, late), "--", color=plots.ORANGE, label=f"{other}, {word} settings"
        )
    ax.set(xlabel="step t", ylabel="w")
    ax.legend()
    told = ", ".join(f"{key} = {value:g}" for key, value in (nearest or {}).items())
    answer = f"the same path has {told}" if found else "there is no equivalent"
    return plots.show(
        fig,
        alt=f"{rules()[rule].title} from {one} to {other}: {answer}.",
        caption=CLAIM,
    )
