"""Every interactive figure under strain: extremes, random input, leaks, small screens, other themes."""

import re

import numpy as np
import pytest

from lib.figures import bundle, valley

NAMES = bundle.figure_names()
WORDS = ".dfig-words"


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_sees_all_of_it(open_figure, name):
    page = open_figure(name, viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        "() => [...document.querySelectorAll('.dfig input[type=range], .dfig-options label, .dfig-snap')]"
        ".filter((n) => n.getBoundingClientRect().height < 24).length"
    )
    assert small == 0  # a finger needs 24 px at the least


@pytest.mark.parametrize("name", NAMES)
def test_extremes_never_show_nan(open_figure, name, drawing, settle):
    page = open_figure(name)
    sliders = page.locator("input[type=range]").all()
    for keys in (["Home"] * len(sliders), ["End"] * len(sliders), ["Home", "End"] * len(sliders)):
        for slider, key in zip(sliders, keys, strict=False):
            slider.focus()
            page.keyboard.press(key)
        settle(page)
        text = drawing(page)
        assert "NaN" not in text and "Infinity" not in text and "∞" not in text


def test_divergence_is_said_in_a_word(open_figure):
    page = open_figure("valley", {"lr": 2.4, "beta": 0.0, "rule": "momentum"})
    assert "gradient descent diverges; momentum diverges" in page.locator(WORDS).inner_text()
    page = open_figure("best_rate", {"lr": 0.25})
    assert "diverges" in page.locator(WORDS).inner_text()


MONKEY = """async (seed) => {
  let x = seed;
  const random = () => ((x = (x * 1103515245 + 12345) % 2147483648), x / 2147483648);
  const nodes = () => [...document.querySelectorAll(".dfig input, .dfig [role=slider], .dfig-snap")];
  const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home"];
  for (let i = 0; i < 1000; i++) {
    const all = nodes();
    const node = all[Math.floor(random() * all.length)];
    if (node.type === "range") {
      node.value = Number(node.max) * random();
      node.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (node.getAttribute("role") === "slider") {
      const key = keys[Math.floor(random() * keys.length)];
      node.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey: random() < 0.5, bubbles: true }));
    } else node.click();
    if (i % 10 === 0) await new Promise(requestAnimationFrame);
  }
  await new Promise(requestAnimationFrame);
}"""


@pytest.mark.parametrize("name", NAMES)
def test_a_thousand_random_inputs(open_figure, name, drawing, settle):
    page = open_figure(name)
    page.evaluate(MONKEY, 7)
    settle(page)
    assert "NaN" not in drawing(page)
    assert len(page.locator(WORDS).inner_text()) > 40


@pytest.mark.parametrize("name", NAMES)
def test_destroyed_and_made_again_without_leaks(open_figure, name):
    page = open_figure(name)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    again = """async (n) => {
      const el = document.querySelector("[data-descent-figure]");
      for (let i = 0; i < n; i++) {
        el.descentClose();
        window.Descent.modules["host.js"].mountAll(window.Descent.figures);
        await new Promise(requestAnimationFrame);
      }
    }"""

    def counts():
        cdp.send("HeapProfiler.collectGarbage")
        metrics = {m["name"]: m["value"] for m in cdp.send("Performance.getMetrics")["metrics"]}
        return metrics["Nodes"], metrics["JSEventListeners"]

    page.evaluate(again, 5)
    nodes, listeners = counts()
    page.evaluate(again, 20)
    more_nodes, more_listeners = counts()
    assert page.locator(".dfig").count() == 1
    assert more_nodes <= nodes + 20 and more_listeners <= listeners + 5


def test_closing_brings_the_still_picture_back(open_figure):
    page = open_figure("valley")
    page.evaluate("document.querySelector('[data-descent-figure]').descentClose()")
    assert page.locator(".descent-still").is_visible()
    assert page.locator(".dfig").count() == 0


@pytest.mark.parametrize("name", NAMES)
def test_resize_and_theme_redraw(open_figure, name, settle):
    page = open_figure(name)
    width = page.locator(".dfig-plot").first.bounding_box()["width"]
    page.set_viewport_size({"width": 500, "height": 900})
    page.wait_for_timeout(100)
    settle(page)
    assert page.locator(".dfig-plot").first.bounding_box()["width"] != width
    colour = "getComputedStyle(document.querySelector('.dfig-frame')).stroke"
    before = page.evaluate(colour)
    page.evaluate("document.documentElement.style.setProperty('--pst-color-text-base', 'rgb(250, 240, 230)')")
    assert page.evaluate(colour) != before


def test_the_drawn_end_is_the_librarys(open_figure):
    for state in ({}, {"rule": "adam", "lr": 0.1, "beta": 0.8, "start": [5.0, 1.0]}):
        page = open_figure("valley", state)
        chosen = {**valley.DEFAULTS, **state}
        ends = page.evaluate("[...document.querySelectorAll('.dfig-dots')].map((n) => n.getAttribute('d'))")
        svg = page.locator(".dfig-plot").first
        width, height = float(svg.get_attribute("width")), float(svg.get_attribute("height"))
        for path, rule in zip(ends[1:3], ("sgd", chosen["rule"]), strict=True):
            x, y = map(float, re.findall(r"M([-\d.]+) ([-\d.]+)h0", path)[-1])
            drawn = [-8 + 16 * (x - 30) / (width - 40), 4.2 - 6.2 * (y - 10) / (height - 34)]
            end = valley.run(rule, chosen["start"], chosen["lr"], chosen["beta"])[-1]
            np.testing.assert_allclose(drawn, end, atol=0.02)  # a tenth of a pixel
