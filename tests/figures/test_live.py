"""Live panels: they follow their controls, and stand as pictures where there is no kernel."""

import re
from pathlib import Path

import pytest

from lib import plots
from lib.figures import Live

CHAPTERS = Path(__file__).parents[2] / "chapters"


def picture(lr, kind="a"):
    fig, ax = plots.figure()
    ax.plot([0, 1], [0, lr])
    return plots.show(fig, alt=f"A line of kind {kind} that rises to {lr:g}.", caption="A line.")


def panel(**controls):
    return Live(picture, alt="A line that rises to the learning rate.", **controls)


def test_the_picture_follows_the_control():
    live = panel(lr=(0.0, 1.0, 0.1, 0.3))
    assert "rises to 0.3" in live._picture.value
    live.widgets["lr"].value = 0.7
    assert "rises to 0.7" in live._picture.value
    assert live.values == {"lr": 0.7}


def test_static_form():
    data = panel(lr=(0.0, 1.0, 0.1, 0.3), kind=["a", "b"])._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    text = data["text/html"]
    assert "Shown for lr = 0.3, kind = a. The controls of this panel need a running kernel" in text
    assert "<svg" in text and 'aria-label="A line that rises to the learning rate."' in text
    assert "<input" not in text and "<script" not in text
    again = panel(lr=(0.0, 1.0, 0.1, 0.3), kind=["a", "b"])._repr_mimebundle_()
    assert again["text/html"] == text and again["text/plain"] == data["text/plain"]


@pytest.mark.parametrize(
    ("controls", "error", "words"),
    [
        ({}, ValueError, "without controls"),
        ({"lr": 0.5}, TypeError, "lr is 0.5; allowed are"),
        ({"lr": (0, 1)}, TypeError, r"lr is \(0, 1\); allowed are"),
        ({"lr": (1.0, 0.0, 0.1)}, ValueError, "low < high"),
        ({"lr": (0.0, 1.0, -0.1)}, ValueError, "0 < step"),
        ({"lr": (0.0, 1.0, 0.1, 2.0)}, ValueError, "first from low to high"),
        ({"lr": []}, TypeError, "allowed are"),
    ],
)
def test_bad_controls(controls, error, words):
    with pytest.raises(error, match=words):
        panel(**controls)


def test_alt_is_a_sentence():
    with pytest.raises(ValueError, match="alt is 'line'"):
        Live(picture, alt="line", lr=(0.0, 1.0, 0.1))


BARE = re.compile(r"\binteract(?:ive|_manual|ive_output)?\s*\(|\bimport ipywidgets|from ipywidgets")


def test_no_chapter_uses_bare_widgets():
    # a bare widget is dead on a page without a kernel: Live and figures.show are not
    for path in CHAPTERS.glob("*.md"):
        assert not BARE.search(path.read_text("utf-8")), path.name


def test_the_search_for_bare_widgets_finds_them():
    assert BARE.search("interact(f, x=3)") and BARE.search("import ipywidgets as w")
    assert not BARE.search("figures.show('valley')")
