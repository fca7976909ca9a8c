"""The figures of Adam draw what lib computes."""

import numpy as np
import pytest
from scipy.optimize import minimize

from lib import figures, rules
from lib.figures import (
    adam_microscope,
    adamw_or_l2,
    beat_the_bound,
    fools_adam,
    hundred_steps,
    rule_race,
)

RNG = np.random.default_rng(7)


# adam_microscope: each bug written out as a loop, the way it was published


def microscope(variant, beta1, beta2, size, n=60, lr=1e-3, eps=1e-8):
    m = v = 0.0
    steps = []
    for t in range(1, n + 1):
        m = beta1 * m + (1 - beta1) * size
        v = beta2 * v + (1 - beta2) * size**2
        clock = {"stuck": 1, "zero": t - 1, "two": t + 1}.get(variant, t)
        if clock == 0:
            steps.append(np.nan)
            continue
        m_hat = m if variant == "none" else m / (1 - beta1**clock)
        v_hat = v if variant in ("none", "second") else v / (1 - beta2**clock)
        root = np.sqrt(v_hat + eps) if variant == "inside" else np.sqrt(v_hat)
        if variant == "outside":
            step = -(-lr * m_hat / root + eps)
        elif variant == "inside":
            step = lr * m_hat / root
        else:
            step = lr * m_hat / (root + eps)
        steps.append(step / lr)
    return np.array(steps)


@pytest.mark.parametrize("variant", adam_microscope.TIMES)
def test_microscope(js, variant):
    for _ in range(5):
        b1, b2 = RNG.uniform(0, 0.99), RNG.uniform(0.5, 0.9999)
        at = {"beta1": float(b1), "beta2": float(b2), "size": float(10 ** RNG.uniform(-6, 0))}
        call = "Array.from({ length: 60 }, (_, i) => modules['adam_microscope.js'].stepSize(v, beta1, beta2, size, i + 1))"
        ours = np.array(js(call, v=variant, **at), float)
        np.testing.assert_allclose(ours, microscope(variant, **at), rtol=1e-9)
        still = adam_microscope.step_size(variant, at["beta1"], at["beta2"], at["size"], np.arange(1, 61))
        np.testing.assert_allclose(still, ours, rtol=1e-9)


@pytest.mark.parametrize("correct", [True, False])
def test_microscope_is_the_rule(correct):
    w, s, steps = np.zeros(1), rules.START, []
    for _ in range(30):
        new, s = rules.adam(w, np.full(1, 0.01), s, lr=1.0, beta1=0.8, beta2=0.99, correct=correct)
        steps.append((w - new)[0])
        w = new
    variant = "right" if correct else "none"
    drawn = adam_microscope.step_size(variant, 0.8, 0.99, 0.01, np.arange(1, 31))
    np.testing.assert_allclose(drawn, steps, rtol=1e-10)


def test_the_peak_without_correction():
    t = np.arange(1, 10_001)
    steps = adam_microscope.step_size("none", 0.9, 0.999, 1.0, t)
    assert t[steps.argmax()] == 12 and steps.max() == pytest.approx(6.5685, abs=1e-4)
    assert t[steps > 1.1].max() == 1750
    np.testing.assert_allclose(adam_microscope.step_size("right", 0.9, 0.999, 1.0, t), 1, atol=1e-7)


# beat_the_bound


@pytest.mark.parametrize("before", [0, 300, 10000])
@pytest.mark.parametrize("beta2", [0.999, 0.99, 0.95])
def test_bars(js, before, beta2):
    bars = RNG.uniform(-1, 1, 30) * (RNG.uniform(size=30) < 0.7)
    call = "modules['beat_the_bound.js'].stepsOf(bars, before, beta2)"
    ours = js(call, bars=bars.tolist(), before=before, beta2=beta2)
    np.testing.assert_allclose(ours, beat_the_bound.steps_of(bars, before, beta2), rtol=1e-11)
    most = beat_the_bound.most_of(0.9, beta2, 30, before + 30)
    call = "modules['beat_the_bound.js'].mostOf(0.9, beta2, 30, before + 30)"
    assert js(call, beta2=beta2, before=before) == pytest.approx(most, rel=1e-13)
    best = js("modules['beat_the_bound.js'].extremal(beta2)", beta2=beta2)
    np.testing.assert_allclose(best, beat_the_bound.extremal(beta2), atol=5e-5)
    assert beat_the_bound.steps_of(best, before, beta2)[-1] == pytest.approx(most, rel=1e-6)


@pytest.mark.parametrize(("before", "beta2"), [(0, 0.999), (10000, 0.999), (300, 0.95)])
def test_no_bars_do_better_than_the_formula(before, beta2):
    def minus(bars):
        return -beat_the_bound.steps_of(bars, before, beta2)[-1]

    found = minimize(minus, RNG.uniform(-1, 1, 30), method="L-BFGS-B", bounds=[(-1, 1)] * 30)
    most = beat_the_bound.most_of(0.9, beta2, 30, before + 30)
    assert 0.999 * most < -found.fun <= most * (1 + 1e-12)


def test_bounds_over_eta(js):
    numbers = js(
        "['paperBound', 'mostOf'].map((f) => modules['beat_the_bound.js'][f](0.9, 0.999, 1e6, 1e6))",
    )
    np.testing.assert_allclose(numbers, [np.sqrt(10), 0.1 / np.sqrt(0.001 * (1 - 0.81 / 0.999))], rtol=1e-12)
    assert beat_the_bound.paper_bound(0.9, 0.99) == 1
    assert beat_the_bound.most_of(0.9, 0.999, np.inf, np.inf) == pytest.approx(numbers[1], rel=1e-12)


# adamw_or_l2


@pytest.mark.parametrize(("lam", "size"), [(0.01, 100.0), (0.1, 10.0), (10.0, 0.1)])
def test_decay(js, lam, size):
    data = RNG.standard_normal(adamw_or_l2.STEPS)
    ours = js("modules['adamw_or_l2.js'].race(lam, size, data)", lam=lam, size=size, data=data.tolist())
    np.testing.assert_allclose(ours, adamw_or_l2.race(lam, size, data), rtol=1e-9, atol=1e-11)


def test_what_the_decay_moves():
    data = RNG.standard_normal(adamw_or_l2.STEPS)
    (few, w_few), (many, w_many) = (adamw_or_l2.race(lam, 10.0, data) for lam in (0.01, 10.0))
    np.testing.assert_allclose(few[:, 0], many[:, 0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(w_few[:, 0], (1 - 0.001 * 0.01) ** np.arange(2001), rtol=1e-11)
    assert w_many[-1, 0] < 1e-8 < 0.9 < w_few[-1, 0]
    loud = adamw_or_l2.race(0.1, 0.2, data)[1], adamw_or_l2.race(0.1, 90.0, data)[1]
    np.testing.assert_allclose(*loud, rtol=1e-9)


def test_the_wall():
    ends = [adamw_or_l2.race(5.0, size, -np.ones(2000))[1, -1, 1] for size in (0.1, 30.0)]
    np.testing.assert_allclose(ends, 1 / 5, rtol=5e-4)  # what is left of the start: 0.995**2000 of it


# fools_adam


@pytest.mark.parametrize("C", [2.1, 3.0, 7.5])
@pytest.mark.parametrize("name", fools_adam.RULES)
def test_reddi(js, name, C):
    for beta2 in (1 / (1 + C * C), 0.999):
        rule = {"Adam": "adam", "AMSGrad": "amsgrad", "SGD": "sgd"}[name]
        call = "modules['fools_adam.js'].play(modules['rules.js'][rule], C, 400, beta2)"
        at, regret = js(call, rule=rule, C=C, beta2=beta2)
        ours = fools_adam.play(name, C, 400, beta2)
        np.testing.assert_allclose(at, ours[0], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(regret, ours[1], rtol=1e-10, atol=1e-12)


def test_who_is_fooled():
    ends = {name: fools_adam.play(name, 3.0, 3000, 0.1) for name in fools_adam.RULES}
    assert ends["Adam"][0][-1] == 1.0 and ends["Adam"][1][-1] == pytest.approx(2 / 3, abs=0.01)
    for name in ("AMSGrad", "SGD"):
        assert ends[name][0][-1] < -0.98 and ends[name][1][-1] < 0.04
    assert fools_adam.play("Adam", 3.0, 3000, 0.999)[0][-1] < -0.98


# hundred_steps


@pytest.mark.parametrize("size", [1.0, 1e-7])
def test_hundred(js, size):
    gradients = RNG.normal(size=100) * (RNG.uniform(size=100) < 0.8) * size
    ours = np.array(js("modules['hundred_steps.js'].hundred(g)", g=gradients.tolist()))
    np.testing.assert_allclose(ours, hundred_steps.hundred(gradients), rtol=1e-10, atol=1e-14)


def test_epsilon_hat_stands_beside_the_uncorrected_root():
    """Kingma and Ba's second form, written out: lr_t m / (√v + ε̂)."""
    gradients = RNG.normal(size=100) * 1e-7
    m = v = 0.0
    for t, (g, step) in enumerate(zip(gradients, hundred_steps.hundred(gradients)[2], strict=True), 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        lr = np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        assert step == pytest.approx(-lr * m / (np.sqrt(v) + 1e-8), rel=1e-10)


def test_the_ratio_is_the_same_whatever_is_drawn():
    t = np.arange(1, 101)
    for gradients in (RNG.normal(size=100), RNG.uniform(size=100) + 3.0):
        right, simple, hat = hundred_steps.hundred(gradients)
        np.testing.assert_allclose(simple / right, (1 - 0.9**t) / np.sqrt(1 - 0.999**t), rtol=1e-5)
        np.testing.assert_allclose(hat, right, rtol=1e-5)
        assert np.argmax(simple / right) == 11
    assert hundred_steps.hundred(np.full(100, 1e-7))[2][0] == pytest.approx(-0.2403, abs=1e-4)


# rule_race


@pytest.mark.parametrize("surface", ["valley", "ravine", "rosenbrock", "saddle"])
def test_race(js, surface):
    (a, b), (c, d) = rule_race.WINDOW.get(surface, ((-7, 7), (-3, 4.2)))
    domains = js("modules['rule_race.js'].SURFACES[surface].slice(2, 4)", surface=surface)
    assert domains == [[a, b], [c, d]]
    least, ends = js("modules['rule_race.js'].SURFACES[surface].slice(6)", surface=surface)
    hill = rule_race.SURFACES[surface]
    np.testing.assert_allclose(hill.loss(np.array(ends, float)), least, atol=1e-15)
    assert least == hill.minimum
    for rule, lr in rule_race.DEFAULTS["lrs"].items():
        start = RNG.uniform([a / 2, c / 2], [b / 2, d / 2]).tolist()
        call = "modules['rule_race.js'].run(rule, surface, start, lr, 60)"
        ours = js(call, rule=rule, surface=surface, start=start, lr=lr)
        np.testing.assert_allclose(ours, rule_race.run(rule, surface, start, lr, 60), rtol=1e-6, atol=1e-8)


def test_race_in_noise(js):
    noise = np.reshape(js("Array.from(modules['random.js'].normals(5, 600))"), (300, 2))
    w, s, path = np.array([-5.0, 2.0]), rules.START, [[-5.0, 2.0]]
    for xi in noise[:80]:
        w, s = rules.adam(w, np.array([0.5, 10.0]) * w + 3 * xi, s, lr=0.2)
        path.append(w)
    ours = js("modules['rule_race.js'].run('adam', 'noisy', [-5, 2], 0.2, 80)")
    np.testing.assert_allclose(ours, path, rtol=1e-9, atol=1e-11)


def test_rules_that_leave_the_numbers(js):
    for lr in (10.0, 0.5):
        call = "modules['rule_race.js'].run('momentum', 'rosenbrock', [2, -1], lr, 300)"
        ours, path = js(call, lr=lr), rule_race.run("momentum", "rosenbrock", [2.0, -1.0], lr, 300)
        assert len(path) <= len(ours) < 20  # lib stops when the loss overflows, the figure when the path does
        np.testing.assert_allclose(ours[: len(path)], path, rtol=1e-9)


def test_every_rule_races_and_the_order_turns(js):
    lrs = rule_race.DEFAULTS["lrs"]
    assert sorted(lrs) == sorted(n for n in rules.__all__ if n[0].islower())

    def lowest(**other):
        ends = {n: rule_race.run(n, "ravine", [-5, 2], lr, 100)[-1] for n, lr in (lrs | other).items()}
        return min(ends, key=lambda n: rule_race.SURFACES["ravine"].loss(ends[n]))

    assert lowest() == "nesterov" and lowest(sgd=0.19) == "sgd"


def test_a_start_outside_the_map_is_refused():
    with pytest.raises(ValueError, match="start is .*; allowed on the surface 'saddle'"):
        figures.show("rule_race", surface="saddle")
