"""Every interactive figure under strain: extremes, random input, leaks, small screens, other themes."""

import re

import numpy as np
import pytest

from lib import net, theory
from lib.averages import half_life
from lib.figures import (
    all_dropouts,
    beat_the_bound,
    bundle,
    critical_hump,
    gradient_check,
    rotation_dial,
    rule_race,
    schedule_composer,
    stop_or_shrink,
    valley,
)

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


SAID = [  # what the sentence says in the first state and in the corners, as the library computes it
    ("converter", {}, lambda: "in averaged form the same path is averaged_momentum: lr = 1, beta = 0.9."),
    (
        "fair_race",
        {},
        lambda: "the order is by expected loss on unseen digits: Adam 0.363, Adam (all four) 0.498",
    ),
    ("fair_race", {"race": "hill", "budget": 48}, lambda: "momentum −15.3, Adam (all four) −12.8, Adam −9.5"),
    ("fair_race", {"race": "net2", "budget": 1}, lambda: "with 1 trial for each, the order"),
    ("converter", {"target": "keras", "late": 0.1}, lambda: "no equivalent in Keras."),
    ("adam_microscope", {}, lambda: "the first step is 3.162 η, the largest 6.57 η at t = 12; more than"),
    (
        "adam_microscope",
        {"variant": "right"},
        lambda: "first step is 1.000 η, the largest 1.00 η at t = 1; never",
    ),
    ("adam_microscope", {"variant": "zero"}, lambda: "0/0, not a number, the largest 1.34 η at t = 2"),
    ("adam_microscope", {"variant": "stuck"}, lambda: "2.08 η at t = 12; at t = 10000 it is 0.316 η"),
    ("adamw_or_l2", {}, lambda: f"leaves 0.0207 whatever λ, AdamW (1 − ηλ)ᵗ = {0.9999**2000:.3f}"),
    (
        "adamw_or_l2",
        {"kind": "constant", "lam": 5},
        lambda: "AdamW 0.200 whatever the size; its wall is at 0.200",
    ),
    (
        "hundred_steps",
        {},
        lambda: "without correction a step is up to 6.57 times Adam's, at t = 12; with ε̂ no less than 1.00",
    ),
    (
        "hundred_steps",
        {"series": [1] * 100, "size": 1e-7},
        lambda: "no less than 0.264 times Adam's, at t = 1",
    ),
    ("hundred_steps", {"series": [0] * 100}, lambda: "no form of Adam moves"),
    ("rule_race", {}, lambda: f"After 100 steps Adam with η = 0.200 is at {race_end('adam')}"),
    (
        "rule_race",
        {"surface": "saddle", "start": [1.5, 0]},
        lambda: "Adam with η = 0.200 is at (−0.00692, 0), 0.250 above",
    ),
    (
        "rule_race",
        {"rule": "sgd", "lrs": {**rule_race.DEFAULTS["lrs"], "sgd": 1}},
        lambda: "SGD with η = 1.00 diverges. Lowest is Nadam",
    ),
    (
        "rule_race",
        {"rule": "sgd", "lrs": {**rule_race.DEFAULTS["lrs"], "sgd": 1}},
        lambda: "above the minimum; 1 of 13 diverge.",
    ),
    (
        "fools_adam",
        {},
        lambda: "After 3000 steps Adam is at 1.00 with an average regret of 0.672, AMSGrad is at −0.994",
    ),
    ("fools_adam", {"long": True}, lambda: "Adam is at −0.990 with an average regret of 0.0350"),
    ("beat_the_bound", {}, lambda: "3.16 η, at bar 15: within the paper's bound of 3.16 η"),
    (
        "beat_the_bound",
        {"bars": beat_the_bound.extremal(0.999).round(4).tolist()},
        lambda: "7.26 η, at bar 30: beyond the paper's bound of 3.16 η",
    ),
    ("beat_the_bound", {"bars": [0] * 30}, lambda: "No gradient, no step."),
    ("best_rate", {}, lambda: f"the flattest mode is the slowest, with a factor of {1 - 0.12:.4f}"),
    ("best_rate", {"lr": 2 / 11}, lambda: "the flattest and the steepest mode tie"),
    ("best_rate", {"lr": 0.2}, lambda: "jumps from side to side and never shrinks"),
    ("best_rate", {"lr": 0.25}, lambda: "1.500 times as large after every step: the path diverges"),
    ("chebyshev", {}, lambda: f"at most {theory.chebyshev_bound(30.0, 8):.3f} of an error is left"),
    ("chebyshev", {}, lambda: f"constant rate {theory.optimal_rate(30.0) ** 8:.3f}, although 4 of"),
    ("chebyshev", {"steps": 1}, lambda: "nothing to spread"),
    ("chebyshev", {"steps": 2, "kappa": 2}, lambda: "and no step is beyond"),
    ("critical_hump", {}, lambda: f"{critical_hump.stretch(0.81).max():.2f} times as large at step 9"),
    ("critical_hump", {"beta": 0}, lambda: "overdamped"),
    ("critical_hump", {"beta": 0}, lambda: "nothing grows on the way"),
    ("eigenbasis", {}, lambda: "factor per step is 0.800 at every angle"),
    ("eigenbasis", {"lr": 0.25}, lambda: "the steep direction never shrinks"),
    ("eigenbasis", {"lr": 0.26}, lambda: "the steep direction diverges"),
    ("epsilon_caps", {}, lambda: f"multiplied by {round(1 / (1e-6 + 1e-8), -3):.0f} with"),
    ("epsilon_caps", {}, lambda: "by 10000 inside; at most by 1/ε = 1.00\u00a0×\u00a010⁸ and 1/√ε = 10000"),
    ("epsilon_caps", {"dtype": "float32", "g": 1}, lambda: "Outside, ε is lost beside √v"),
    ("epsilon_caps", {"dtype": "float32", "g": 1e-24}, lambda: "g² underflows to 0"),
    ("epsilon_caps", {"dtype": "float16", "g": 1e-5}, lambda: "ε rounds to 0, g² too: the step divides by"),
    ("epsilon_caps", {"dtype": "float16", "g": 0.01}, lambda: "ε rounds to 0."),
    ("gradient_check", {}, lambda: f"in float64: the correct gradient is off by {check_error('none', 0)}"),
    ("gradient_check", {}, lambda: f"the wrong one by {check_error('one', 1)}"),
    ("gradient_check", {"bug": "forgot"}, lambda: f"the wrong one by {check_error('forgot', 1)}"),
    ("gradient_check", {"bug": "none", "delta": 1e-7}, lambda: "crosses the kink: the check accuses"),
    (
        "all_dropouts",
        {},
        lambda: "arithmetic mean {}, geometric mean {}, unmasked {}.".format(*averages(0.5, 1.0)),
    ),
    (
        "all_dropouts",
        {"p": 0.9, "scale": 3.0},
        lambda: "geometric mean {1}, unmasked {2}.".format(*averages(0.9, 3.0)),
    ),
    (
        "stop_or_shrink",
        {},
        lambda: "After 100 steps, 1/(ηt) = 0.0200; δ = 0.100. The widest gap is " + gap(100, 0.1),
    ),
    ("stop_or_shrink", {"steps": 1, "delta": 0.001}, lambda: "After 1 step, 1/(ηt) = 2.00"),
    ("stop_or_shrink", {"steps": 1, "delta": 0.001}, lambda: gap(1, 0.001)),
    ("rotation_dial", {}, lambda: said_of_the_valley(30) + ": none below it"),
    ("rotation_dial", {"degrees": 5}, lambda: said_of_the_valley(5) + ": all three below it"),
    ("rounding_trap", {}, lambda: "right in 0.100 of the examples; rounding reports 0.900, for with 10"),
    (
        "rounding_trap",
        {},
        lambda: f"Sure of nothing it would read 0.900, sure of everything {1 - 2 * 0.9 / 10:.3f}",
    ),
    (
        "rounding_trap",
        {"accuracy": 0.98, "sure": 0.5, "classes": 20},
        lambda: f"reports {1 - (0.5 + 0.02) / 20:.3f}",
    ),
    ("rounding_trap", {"accuracy": 0.7, "sure": 1, "classes": 2}, lambda: "rounding reports 0.700"),
    ("softmax_logits", {}, lambda: said_of_the_scores([9, 11, -4, 10], 0)),
    ("softmax_logits", {"truth": 2, "temperature": 2}, lambda: said_of_the_scores([4.5, 5.5, -2, 5], 2)),
    ("softmax_logits", {"shift": 90}, lambda: "overflows, for exp(101) is beyond exp(88.72)"),
    ("softmax_logits", {"shift": -120}, lambda: "divides 0 by 0"),
    ("softmax_logits", {"scores": [-14, 12, 3, -4]}, lambda: "clipped it reads 23.03 and its gradient is 0"),
    ("lessard", {}, lambda: "a cycle of three"),
    ("lessard", {"start": 0.5}, lambda: "the distance to the minimum after 60 steps is"),
    (
        "line_search",
        {},
        lambda: f"every step leaves {100 * theory.line_search_rate(8.0):.1f}\u00a0% of the loss, and",
    ),
    ("line_search", {"start": [0, 1.2]}, lambda: "lies on an axis"),
    ("line_search", {"start": [8, 0]}, lambda: "lies on an axis"),
    ("line_search", {"start": [0, 0]}, lambda: "this start is the minimum"),
    ("line_search", {"start": [8, 2]}, lambda: "from the worst start it would be 60.5"),
    ("memory_lens", {}, lambda: f"half-life {half_life(0.9):.2f} steps"),
    ("modes_fade", {}, lambda: f"the flattest still has {100 * 0.9985**30:.1f}\u00a0%"),
    ("modes_fade", {"steps": 0}, lambda: "every mode has all of its error"),
    ("modes_fade", {"steps": 1, "lr": 2.0}, lambda: "the steepest jumps from side to side"),
    ("modes_fade", {"lr": 2.1}, lambda: "λ above 0.952 grows"),
    ("momentum_views", {}, lambda: f"size {0.8**0.5:.4f}, so in the long run every 21 steps"),
    ("momentum_views", {"lr": 3.6}, lambda: "on the unit circle: that mode never fades"),
    ("momentum_views", {"lr": 3.7}, lambda: "outside the unit circle: that mode diverges"),
    ("momentum_views", {"convention": "reversed"}, lambda: "β = 0.200, written this way"),
    ("valley", {}, lambda: f"gradient descent ends at a loss of {end_loss('sgd'):.3g}"),
    ("valley", {"rule": "rmsprop"}, lambda: "still jumping between"),
    ("valley", {"rule": "adam"}, lambda: f"Adam ends at a loss of {end_loss('adam'):.3g}"),
    (
        "schedule_composer",
        {},
        lambda: f"left of the start, 0 from the noise. Ση = {composed(0, 1)[0]}, Ση² =",
    ),
    (
        "schedule_composer",
        {"noise": 0.1, "lrs": [0.6] * 16},
        lambda: (
            "Expected loss {}: {} left of the start, {} from the noise. Ση = 9.60, Ση² = 5.76. "
            "The best for this noise: {}.".format(*composed(0.1, 2))
        ),
    ),
]


def written(value):
    """A number below 1 with three digits, as a sentence writes it."""
    mantissa, power = f"{value:.2e}".split("e")
    if int(power) > -4:
        return f"{value:.{2 - int(power)}f}"
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}\u00a0×\u00a010{raised}"


def check_error(bug, column):
    return written(gradient_check.check(1e-4, 1.0, "float64", bug)[column])


def said_of_the_valley(degrees):
    gd, adagrad, rmsprop, adam = map(written, rotation_dial.ends(degrees))
    return (
        f"Turned by {degrees}°, gradient descent ends at {gd}, as at every angle; "
        f"AdaGrad at {adagrad}, RMSProp at {rmsprop}, Adam at {adam}"
    )


def said_of_the_scores(z, y):
    loss, gradient = net.cross_entropy(np.array([z], float), np.array([y]))
    return f"the loss is {loss:.4g}, the gradient there p − 1 = −{-gradient[0, y]:.4f}"


def race_end(rule):
    x, y = rule_race.run(rule, "valley", [-5.5, 1.0], 0.2, 100)[-1]
    return f"({x:.3f}, {y:.4f})".replace("-", "−")


def end_loss(rule):
    return valley.HILL.loss(valley.run(rule, [-6.5, 2.0], 0.2, 0.9)[-1])


def averages(p, scale):
    """The three averages of dropout's sub-networks."""
    means = all_dropouts.average(p, scale)[2]
    return [f"{means[name]:#.4g}" for name in ("arithmetic", "geometric", "unmasked")]


def gap(steps, delta):
    """Where early stopping and a ridge differ most."""
    lam, more = stop_or_shrink.widest(steps, delta)
    word = "more" if more > 0 else "less"
    return f"at λ = {lam:#.3g}, where stopping keeps {abs(more):#.3g} {word} than the ridge."


def composed(noise, count):
    """The sum of the rates at first; or the final losses of constant rates 0.6, and of the best ones."""
    c = schedule_composer
    if count == 1:
        return [f"{sum(c.DEFAULTS['lrs']):.1f}"]
    start, cloud = c.losses([0.6] * c.N, noise)[-1]
    best = theory.best_lrs(c.N, c.LAMS, noise, 1.0)
    gaps = (start + cloud, start, cloud, theory.schedule_gap(best, c.LAMS, noise, 1.0)[-1])
    return [f"{gap:#.3g}" for gap in gaps]


@pytest.mark.parametrize(("name", "state", "text"), SAID)
def test_the_sentence_is_right(open_figure, name, state, text):
    assert text() in open_figure(name, state).locator(WORDS).text_content()


def test_critical_damping_of_an_extreme_rate_stays_stable(open_figure, settle):
    page = open_figure("momentum_views", {"lr": 100.0, "beta": 0.9})
    assert "diverges" in page.locator(WORDS).inner_text()
    page.locator("text=critical damping").click()
    settle(page)
    lr, beta, rate = theory.momentum_optimum([0.05, 0.3, 1.0])
    words = page.locator(WORDS).inner_text()
    assert f"Learning rate {lr:.2f}, β = {beta:.3f}" in words
    assert f"size {rate:.4f}" in words


STUCK = """async (input) => {
  const output = input.parentElement.querySelector("output");
  const frame = () => new Promise(requestAnimationFrame);
  const tell = () => (input.dispatchEvent(new Event("input")), frame());
  const stuck = [];
  for (let share = 0; share < 0.99; share += 0.03) {
    input.value = share * input.max;
    await tell();
    const before = output.textContent;
    input.stepUp();
    await tell();
    if (output.textContent === before) stuck.push(before);
  }
  return stuck;
}"""


@pytest.mark.parametrize("name", NAMES)
def test_a_key_press_always_moves_a_slider(open_figure, name):
    for slider in open_figure(name).locator("input[type=range]").all():
        assert slider.evaluate(STUCK) == []


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
