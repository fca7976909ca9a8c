"""Every rule equals another library's, step by step, on eleven decades of gradients.

The files in `tests/golden` hold what PyTorch (or, where it has no such rule, optax) computes; they
are read on every run. Where PyTorch itself can be imported, random settings are compared live too:

    /tmp/torch/bin/python -m pytest tests/rules/test_golden.py
"""

import importlib.util
import re
import sys

import numpy as np
import pytest
from goldens import (
    DECADES,
    GOLDEN,
    SHOWN,
    STATES,
    TOLERANCE,
    VARIANTS,
    Case,
    Decaying,
    cases,
    difference,
    fingerprint,
    read,
    record,
    walk,
)

from lib import rules

WALKS = [(variant, case) for variant in VARIANTS for case in cases(variant)]


@pytest.mark.parametrize(("variant", "case"), WALKS, ids=[f"{v}-{c.name}" for v, c in WALKS])
def test_rule_equals_the_library(variant, case):
    about, found = read(variant)
    said = difference(case, found[case.name], about["oracle"])
    assert said is None, f"{variant}, {said}"


def test_every_rule_has_a_file_and_every_file_a_rule():
    listed = {rule for rule, *_ in VARIANTS.values()}
    public = {name for name in rules.__all__ if name.islower()}
    assert listed == public
    assert {path.stem for path in GOLDEN.glob("*.npz")} == set(VARIANTS)


@pytest.mark.parametrize("variant", VARIANTS)
def test_files_say_what_they_were_made_from(variant):
    about, found = read(variant)
    library = {"torch": "PyTorch 2.13.0", "optax": "optax 0.2.8"}[VARIANTS[variant][-1]]
    assert about["oracle"].startswith(library)
    for case in cases(variant):
        kept = about["cases"][case.name]
        assert kept["hyper"] == case.hyper
        assert kept["gradients"] == fingerprint(case), "the stream of gradients has changed"
        assert len(found[case.name]["w"]) == sum(t <= case.steps for t in SHOWN)


@pytest.mark.parametrize("variant", VARIANTS)
def test_files_keep_every_average_the_rule_keeps(variant):
    _, found = read(variant)
    (general,) = [case for case in cases(variant) if case.name == "general"]
    *_, (_, _, state) = walk(general)
    kept = set(found["general"]) - {"w"}
    averages = {k for k, v in zip(state._fields, state, strict=True) if np.any(v) and k != "t"}
    assert kept == averages
    assert all(len(found["general"][k]) == len(STATES) for k in kept)


def test_files_are_small():
    sizes = [path.stat().st_size for path in GOLDEN.glob("*.npz")]
    assert max(sizes) < 100_000
    assert sum(sizes) < 400_000


def test_gradients_cover_eleven_decades_with_zeros_and_signs():
    g = cases("adam")[0].gradients()
    assert g.shape == (300, len(DECADES))
    size = np.median(np.abs(g), axis=0)
    np.testing.assert_allclose(size[:12] / size[0], DECADES[:12], rtol=0.5)
    assert np.all((g == 0).mean(axis=0)[:12] > 0.05)
    assert np.all((g > 0).mean(axis=0) > 0.25)
    assert np.all((g < 0).mean(axis=0) > 0.25)


def test_a_difference_is_told_by_step_and_quantity():
    about, found = read("momentum")
    general = cases("momentum")[1]
    said = difference(general, found["general"], about["oracle"], rules.sgd.formula)
    assert re.fullmatch(r"general: at t = 1 it raises TypeError: .*'beta'", said)

    def forgetful(w, g, s, *, lr, beta):
        return rules.momentum(w, g, s._replace(m=0.999999 * s.m), lr=lr, beta=beta)

    said = difference(general, found["general"], about["oracle"], forgetful)
    assert re.match(r"general: at t = 2 the step of coordinate \d+ is -?\d", said)
    assert said.endswith("by PyTorch 2.13.0, NumPy 2.4.6")


def test_tolerance_sees_one_part_in_a_million_million():
    about, found = read("sgd")
    default = cases("sgd")[0]
    for slip, seen in ((1 + 4e-13, False), (1 + 2e-12, True)):

        def slipped(w, g, s, *, lr, slip=slip):
            return rules.sgd(w, g, s, lr=lr * slip)

        assert bool(difference(default, found["default"], about["oracle"], slipped)) is seen


# ---- live, where PyTorch is installed -----------------------------------------------------------

if importlib.util.find_spec("torch"):
    sys.path.insert(0, str(GOLDEN))
    from make_torch import torch_walk

    TORCH = [variant for variant, (*_, library) in VARIANTS.items() if library == "torch"]

    def random_case(variant, seed, dtype):
        """A case with settings drawn over their ranges."""
        rng = np.random.default_rng(seed)
        rule, choice, general, _ = VARIANTS[variant]
        draw = {
            "beta": lambda: rng.uniform(0, 0.999),
            "beta1": lambda: rng.uniform(0, 0.99),
            "beta2": lambda: rng.uniform(0.5, 0.9999),
            "eps": lambda: 10 ** rng.uniform(-10, -2),
            "decay": lambda: rng.uniform(0, 0.5),
            "psi": lambda: rng.uniform(0, 0.1),
        }
        hyper = choice | {name: float(draw[name]()) for name in general}
        rate = Decaying(float(10 ** rng.uniform(-3, 0)))
        return Case("live", rule, hyper, rate, seed, dtype=dtype, states=True)

    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    @pytest.mark.parametrize("variant", TORCH)
    def test_rule_equals_the_installed_pytorch(variant, dtype, monkeypatch):
        # random settings meet worse cancellation than the files: float64 too gets the floor of
        # a hundredth of the coordinate's largest step, float32 four times the room
        monkeypatch.setitem(TOLERANCE, np.float64, (1e-12, 0.01))
        monkeypatch.setitem(TOLERANCE, np.float32, (32 * 2.0**-23, 0.1))
        for seed in range(4):
            case = random_case(variant, 7000 + seed, dtype)
            said = difference(case, record(case, torch_walk(case)), "PyTorch")
            assert said is None, f"{variant} {case.hyper}, {said}"
