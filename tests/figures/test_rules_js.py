"""rules.js is lib/rules.py: the same steps to twelve digits, on gradients spread over 11 decades."""

import inspect

import numpy as np
import pytest

from lib import rules

NAMES = [n for n in rules.__all__ if n[0].islower()]
STEPS = 40

WALK = """(() => {
  let [w, s, path] = [start, modules["rules.js"].START, []];
  for (const g of grads) {
    [w, s] = modules["rules.js"].rules[name](w, g, s, hyper);
    path.push(w);
  }
  return path;
})()"""


def settings(rule, rng):
    """Random values for each hyper-parameter the rule takes."""
    draw = {
        "lr": lambda: float(10 ** rng.uniform(-3, 0)),
        "beta": lambda: float(rng.uniform(0, 0.99)),
        "beta1": lambda: float(rng.uniform(0, 0.99)),
        "beta2": lambda: float(rng.uniform(0.5, 0.9999)),
        "eps": lambda: float(10 ** rng.uniform(-10, -4)),
        "decay": lambda: float(rng.uniform(0, 0.1)),
        "psi": lambda: float(rng.uniform(0, 0.1)),
    }
    names = list(inspect.signature(rule).parameters)[3:]
    return {n: draw[n]() if n in draw else bool(rng.integers(2)) for n in names}


def gradients(rng, width=12):
    """Signs and sizes from 1e-11 to 1, some exactly zero."""
    g = rng.choice([-1.0, 1.0], (STEPS, width)) * 10 ** rng.uniform(-11, 0, (STEPS, width))
    g[rng.uniform(size=g.shape) < 0.1] = 0.0
    return g


def walk(rule, grads, hyper):
    w, s, path = np.zeros(grads.shape[1]), rules.START, []
    for g in grads:
        w, s = rule(w, g, s, **hyper)
        path.append(w)
    return np.array(path)


def distance(path, other):
    """Largest difference of a coordinate, relative to how far that coordinate has moved."""
    moved = np.maximum(np.cumsum(np.abs(np.diff(path, axis=0, prepend=0)), axis=0), 1e-300)
    return np.max(np.abs(path - other) / moved)


def in_javascript(js, name, grads, hyper):
    start = [0.0] * grads.shape[1]
    return np.array(js(WALK, name=name, grads=grads.tolist(), hyper=hyper, start=start), float)


def test_all_rules_are_there(js):
    assert sorted(js('Object.keys(modules["rules.js"].rules)')) == sorted(NAMES)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", NAMES)
def test_same_path(js, name, seed):
    rng = np.random.default_rng(seed)
    rule = getattr(rules, name)
    hyper, grads = settings(rule, rng), gradients(rng)
    assert distance(walk(rule, grads, hyper), in_javascript(js, name, grads, hyper)) < 1e-12


@pytest.mark.parametrize("name", NAMES)
def test_same_defaults(js, name):
    rng = np.random.default_rng(11)
    rule, grads = getattr(rules, name), gradients(rng)
    hyper = {"lr": 0.03}
    assert distance(walk(rule, grads, hyper), in_javascript(js, name, grads, hyper)) < 1e-12


@pytest.mark.parametrize("name", NAMES)
def test_the_comparison_notices_one_part_in_a_million(js, name):
    rng = np.random.default_rng(3)
    rule, grads = getattr(rules, name), gradients(rng)
    other = in_javascript(js, name, grads, {"lr": 0.03 * (1 + 1e-6)})
    assert distance(walk(rule, grads, {"lr": 0.03}), other) > 1e-8


def test_averages_of_the_lens(js):
    from lib import averages

    lens = 'modules["memory_lens.js"].averages'
    for beta in np.random.default_rng(5).uniform(0.01, 0.999, 20):
        ours = {
            "timeConstant": averages.time_constant(beta),
            "halfLife": averages.half_life(beta),
            "meanAge": averages.mean_age(beta),
            "effectiveSamples": averages.effective_samples(beta),
        }
        for name, value in ours.items():
            assert js(f"{lens}.{name}(beta)", beta=float(beta)) == pytest.approx(value, rel=1e-12)
        omega = np.linspace(0.01, np.pi, 7)
        theirs = js(
            f"omega.map((o) => {lens}.frequencyResponse(beta, o))", beta=float(beta), omega=omega.tolist()
        )
        np.testing.assert_allclose(theirs, averages.frequency_response(beta, omega), rtol=1e-12)
        xs = np.random.default_rng(6).normal(size=30)
        for correct in (False, True):
            path = js(
                'modules["memory_lens.js"].ewaPath(xs, beta, correct)',
                xs=xs.tolist(),
                beta=float(beta),
                correct=correct,
            )
            np.testing.assert_allclose(
                path, averages.ewa_path(xs, beta, correct=correct), rtol=1e-12, atol=1e-15
            )
