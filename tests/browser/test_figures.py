"""Every interactive figure in a real browser: it loads, and answers keyboard, mouse and touch."""

import pytest

from lib.figures import bundle

NAMES = bundle.figure_names()
WORDS = ".dfig-words"


@pytest.mark.parametrize("name", NAMES)
def test_loads_and_hides_its_still_picture(open_figure, name, drawing):
    page = open_figure(name)
    assert page.locator(".dfig").count() == 1
    assert page.locator(".descent-still").is_hidden()
    assert "NaN" not in drawing(page) and "undefined" not in drawing(page)
    assert len(page.locator(WORDS).inner_text()) > 40


@pytest.mark.parametrize("name", NAMES)
def test_a_finger_never_looks_for_a_path(open_figure, name):
    """Finding out whether a finger touches one of the long paths took ten seconds."""
    page = open_figure(name)
    events = "[...document.querySelectorAll('.dfig-plot path')].map((n) => getComputedStyle(n).pointerEvents)"
    assert set(page.evaluate(events)) == {"none"}


@pytest.mark.parametrize("name", NAMES)
def test_every_control_works_by_keyboard(open_figure, name, changed, drawing, settle):
    page = open_figure(name)
    for slider in page.locator("input[type=range]").all():
        slider.focus()
        key = "ArrowLeft" if float(slider.input_value()) > 250 else "ArrowRight"
        assert changed(page, lambda k=key: page.keyboard.press(k))
        assert slider.get_attribute("aria-valuetext")
    for knob in page.locator("[role=slider]").all():
        knob.focus()
        presses = ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowDown")
        assert any([changed(page, lambda k=k: page.keyboard.press(k)) for k in presses])
        assert knob.get_attribute("aria-label") and knob.get_attribute("aria-valuetext")
    for box in page.locator("input[type=checkbox]").all():
        box.focus()
        assert changed(page, lambda: page.keyboard.press("Space"))
    for group in page.locator(".dfig-choice").all():
        group.locator("input").first.focus()
        assert changed(page, lambda: page.keyboard.press("ArrowRight"))
    for button in page.locator(".dfig-snap").all():
        button.focus()
        page.keyboard.press("Enter")
        settle(page)
        assert "NaN" not in drawing(page)


def first_target(page):
    """The middle of the first thing that can be dragged, and where to drag it."""
    knob = page.locator(".dfig-handle, .dfig-sketch").first
    if knob.count():
        box = knob.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        return (x, y), (x + 25, y - 25)
    box = page.locator("input[type=range]").first.bounding_box()
    y = box["y"] + box["height"] / 2
    return (box["x"] + box["width"] / 2, y), (box["x"] + 0.8 * box["width"], y)


@pytest.mark.parametrize("name", NAMES)
def test_moves_by_mouse(open_figure, name, changed):
    page = open_figure(name)
    (x, y), (to_x, to_y) = first_target(page)

    def drag():
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(to_x, to_y, steps=5)
        page.mouse.up()

    assert changed(page, drag)


@pytest.mark.parametrize("name", NAMES)
def test_moves_by_touch(open_figure, name, changed):
    page = open_figure(name, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page.locator(".dfig-handle, .dfig-sketch, input[type=range]").first.scroll_into_view_if_needed()
    (x, y), (to_x, to_y) = first_target(page)
    cdp = page.context.new_cdp_session(page)

    def touch(kind, *at):
        points = [{"x": at[0], "y": at[1]}] if at else []
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def drag():
        touch("touchStart", x, y)
        for share in (0.3, 0.6, 1.0):
            touch("touchMove", x + share * (to_x - x), y + share * (to_y - y))
        touch("touchEnd")

    assert changed(page, drag)


def test_the_model_is_written_and_heard(open_figure, settle):
    page = open_figure("best_rate")
    page.locator("text=best learning rate").click()
    settle(page)
    assert "tie" in page.locator(WORDS).inner_text()
    assert page.locator("output").first.inner_text() == "0.1818"
