"""The converter in a browser says what `convert` says, for settings typed by hand; the card prints on one page."""

import re

import numpy as np
import pytest

from lib.conventions import convert, rules

LIBRARIES = ("pytorch", "keras", "optax", "sklearn", "averaged", "eecs182", "loshchilov")


def typed(setting, rng):
    """Something a reader might type: few digits."""
    if setting.switch:
        return bool(rng.integers(2))
    low, high = {"rate": (0.01, 0.5), "fraction": (0.1, 0.99), "share": (0.05, 1), "size": (0, 0.1)}[
        setting.kind
    ]
    return float(f"{rng.uniform(low, high):.3g}")


def fill(page, settings):
    """Type settings into their fields."""
    for name, value in settings.items():
        field = page.get_by_label(name, exact=True)
        if isinstance(value, bool):
            field.set_checked(value)
        else:
            field.fill(f"{value:g}")


def answer(page):
    """What stands in the answer, and the settings read out of it."""
    text = page.locator(".dfig-answer").inner_text().replace("\n", " ")
    found = {}
    for name, value in re.findall(r"(\w+) = ([^\s,]+)", text.split(": ", 1)[-1]):
        found[name] = value == "True" if value in ("True", "False") else float(value)
    return text, found


@pytest.mark.parametrize("name", ["momentum", "rmsprop", "adam", "adamw", "nadam"])
def test_typed_settings(open_figure, settle, name):
    page = open_figure("converter")
    page.get_by_label("rule", exact=True).select_option(name)
    rng = np.random.default_rng(3)
    known = [lib for lib in LIBRARIES if lib in rules()[name].dialects]
    for one in known:
        form = rules()[name].dialects[one]
        page.get_by_label("from", exact=True).select_option(one)
        settle(page)
        settings = {s.name: typed(s, rng) for s in form.settings}
        if name == "momentum" and one == "pytorch":
            settings |= {"nesterov": False}
        fill(page, settings)
        for other in known:
            page.get_by_label("to", exact=True).select_option(other)
            settle(page)
            found = convert(one, other, name, **settings)
            text, shown = answer(page)
            assert ("No equivalent" in text) != isinstance(found, dict), (one, other, settings)
            right = found if isinstance(found, dict) else found.nearest
            if right is not None:
                assert {k: shown[k] for k in right} == pytest.approx(dict(right), rel=1e-5, abs=1e-12)
            if not isinstance(found, dict):
                assert found.reasons[0][:60] in text


def test_wrong_numbers_are_told(open_figure, settle):
    page = open_figure("converter")
    field = page.get_by_label("momentum", exact=True)
    for text, told in (
        ("1.5", "momentum is 1.5; allowed are numbers in [0, 1)"),
        ("abc", "momentum is no number"),
    ):
        field.fill(text)
        settle(page)
        assert told in page.locator(".dfig-words").text_content()
        assert field.get_attribute("aria-invalid") == "true"
        assert field.input_value() == text
    field.fill("0.5")
    settle(page)
    assert field.get_attribute("aria-invalid") == "false" and "lr = 0.2" in answer(page)[0]


def test_a_schedule_parts_inside_from_outside(open_figure, settle):
    page = open_figure("converter")
    page.get_by_label("to", exact=True).select_option("keras")
    settle(page)
    assert "multiply the velocity" in answer(page)[0]
    page.locator("input[type=range]").focus()
    page.keyboard.press("Home")
    settle(page)
    assert "No equivalent, because the learning rate changes" in answer(page)[0]


def test_there_and_back(open_figure, settle):
    page = open_figure("converter")
    page.get_by_text("turn round").click()
    settle(page)
    assert page.get_by_label("from", exact=True).input_value() == "averaged"
    assert page.get_by_label("lr", exact=True).input_value() == "1"
    page.get_by_text("turn round").click()
    settle(page)
    assert page.get_by_label("lr", exact=True).input_value() == "0.1"


def test_the_card_prints_on_one_page(book, new_page):
    page, _ = new_page()
    page.goto((book / "chapters/reference.html").as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    sheets = re.findall(rb"/Type\s*/Page\b", printed)
    assert len(sheets) == 1
    width, height = map(float, re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed).groups())
    assert (round(width), round(height)) == (842, 595)  # A4, landscape, in points
