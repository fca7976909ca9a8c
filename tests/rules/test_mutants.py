"""The comparison of `test_golden` rejects wrong rules: known mistakes, and every one-place change.

The mistakes of `wrong_rules.py` must each be seen where it is said to be seen. The changes by
machine must each be seen somewhere, except the few listed here that change nothing.
"""

import re

import numpy as np
import pytest
from goldens import VARIANTS, cases, difference, read, verdict
from mutate import compiled, mutants, tree_of
from wrong_rules import WRONG, momentum_with_the_rate_in_the_velocity

from lib import rules

RULES = [name for name in rules.__all__ if name.islower()]


@pytest.mark.parametrize("mistake", WRONG, ids=lambda mistake: mistake.rule.__name__)
def test_known_mistake_is_seen(mistake):
    said = verdict(mistake.variant, mistake.rule)
    assert said is not None, "the golden files do not see this mistake"
    assert said.startswith(mistake.seen), said


def test_every_variant_has_a_known_mistake():
    without = set(VARIANTS) - {mistake.variant for mistake in WRONG}
    assert without == {"rmsprop_inside_centered"}, "eps and centring have theirs one by one"


def test_rate_inside_the_velocity_shows_only_under_a_schedule():
    about, found = read("momentum")
    steps_only = {name: {"w": kept["w"]} for name, kept in found.items()}
    default, general, *_ = cases("momentum")
    inside = momentum_with_the_rate_in_the_velocity
    assert difference(default, steps_only["default"], about["oracle"], inside) is None
    said = difference(general, steps_only["general"], about["oracle"], inside)
    assert said.startswith("general: at t = 2 the step")


# ---- every one-place change ---------------------------------------------------------------------

# change, at how many places -> why no comparison could tell it from the right rule
SAME = {
    "adam": {
        (r"correct -> correct \* 1\.01", 2): "True times a number is as true",
    },
    "adamax": {
        (r"np\.maximum\((.*), (np.*)\) -> np\.maximum\(\2, \1\)", 1): "a maximum has no order",
        (r"w -> (g|m|v|m_hat|w \* 1\.01)", 5): "of zeros_like's argument only the kind counts",
        (r"v -> v \* 1\.01", 1): "as positive as v",
    },
    "amsgrad": {
        (r"np\.maximum\(s\.v_max, v\) -> .*", 1): "a maximum has no order",
    },
    "rmsprop": {
        (r"(centered|eps_inside) -> \1 \* 1\.01", 2): "True times a number is as true",
        (r"np\.maximum\(v - m \*\* 2, 0\) -> np\.maximum\(0, v - m \*\* 2\)", 1): "no order",
        (r"v -> variance", 2): "without centring the two are one",
    },
}


def edge(name, rule):
    """What no library's file can hold: whether the rule is right where PyTorch returns NaN."""
    with np.errstate(all="ignore"):
        if name == "adamax":  # no eps and no gradient yet: the step is zero, not 0/0
            w, _ = rule(np.ones(2), np.array([0.0, -4.0]), lr=0.25, eps=0.0)
            return bool(np.allclose(w, [1.0, 1.25], rtol=1e-12, atol=0))
        if name == "rmsprop":  # a constant gradient: rounding makes v - m^2 negative
            g = np.random.default_rng(0).random(200)
            w, s = np.zeros(200), rules.START
            for _ in range(60):
                w, s = rule(w, g, s, lr=1.0, beta=0.5, centered=True)
                if not np.all(np.isfinite(w)):
                    return False
            return bool(np.any(s.v - s.m**2 < 0))
    return True


def seen(name, rule):
    """What the golden files, or the edges beyond them, say of a changed rule."""
    variants = [variant for variant, (of, *_) in VARIANTS.items() if of == name]
    for walk in ("general", "default", "path", "default path", "runs", "float32"):
        for variant in variants:
            said = verdict(variant, rule, only=(walk,))
            if said:
                return said
    return None if edge(name, rule) else "wrong where the libraries return NaN"


@pytest.mark.parametrize("name", RULES)
def test_every_one_place_change_is_seen(name):
    right = getattr(rules, name)
    assert seen(name, compiled(tree_of(right), vars(rules))) is None, "unchanged it is right"
    tried = [(said, seen(name, rule)) for said, rule in mutants(right)]
    assert len(tried) > 30
    unseen = [said for said, sentence in tried if sentence is None]
    for (pattern, places), why in SAME.get(name, {}).items():
        same = [said for said in unseen if re.fullmatch(pattern, said)]
        assert len(same) == places, f"{pattern} ({why}) at {len(same)} places, not {places}"
        unseen = [said for said in unseen if said not in same]
    assert unseen == []
