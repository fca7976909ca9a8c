"""The schedule composer draws what lib computes."""

import numpy as np
import pytest

from lib import schedules, theory
from lib.figures import schedule_composer as composer

MODULE = 'modules["schedule_composer.js"]'


@pytest.mark.parametrize("noise", [0.0, 0.07, 0.5])
def test_losses(js, noise):
    for lrs in np.random.default_rng(0).uniform(0, 3, (5, composer.N)).tolist():
        ours = np.array(js(f"{MODULE}.losses(lrs, noise)", lrs=lrs, noise=noise))
        np.testing.assert_allclose(ours, composer.losses(lrs, noise), rtol=1e-10, atol=1e-300)
        total = theory.schedule_gap(lrs, composer.LAMS, noise, 1.0)
        np.testing.assert_allclose(ours.sum(axis=1), total, rtol=1e-10)


@pytest.mark.parametrize("noise", [0.01, 0.1, 0.5])
def test_best(js, noise):
    ours = js(f"{MODULE}.best(noise)", noise=noise)
    np.testing.assert_allclose(ours, theory.best_lrs(composer.N, composer.LAMS, noise, 1.0), rtol=1e-5)


def test_presets_are_schedules_of_the_library(js):
    n = composer.N
    made = {
        "constant": schedules.constant(0.6),
        "cosine": schedules.cosine(1.6, n),
        "Chebyshev": schedules.chebyshev(0.2, 1.0, n),
        "warm-up, hold, decay": schedules.warmup(schedules.stable_decay(1.0, n - 3, hold=7), 3),
    }
    presets = js(f"{MODULE}.PRESETS")
    assert presets.keys() == made.keys()
    for name, schedule in made.items():
        np.testing.assert_allclose(presets[name], [schedule(t) for t in range(n)], rtol=1e-12)
    np.testing.assert_allclose(composer.DEFAULTS["lrs"], presets["Chebyshev"], rtol=1e-9)


def test_the_jagged_one_wins_without_noise_and_loses_with_it(js):
    presets = js(f"{MODULE}.PRESETS")
    for noise, place in ((0.0, 0), (0.1, -1)):
        ranked = sorted(presets, key=lambda name, s=noise: composer.losses(presets[name], s)[-1].sum())
        assert ranked[place] == "Chebyshev"
