"""The two figures of regularisation draw what lib computes."""

import numpy as np
import pytest

from lib import theory
from lib.figures import all_dropouts, stop_or_shrink


@pytest.mark.parametrize("steps", [1, 30, 10_000])
@pytest.mark.parametrize("delta", [1e-4, 0.02, 10.0])
def test_shrink_factors(js, steps, delta):
    call = 'modules["stop_or_shrink.js"]'
    lams = np.array(js(f"{call}.LAMS"))
    np.testing.assert_allclose(lams, stop_or_shrink.LAMS, rtol=1e-13)
    assert js(f"{call}.LR") == stop_or_shrink.LR
    stopped = js(f"{call}.LAMS.map((l) => {call}.stoppingShrink(0.5, l, t))", t=steps)
    np.testing.assert_allclose(stopped, theory.stopping_shrink(0.5, lams, steps), rtol=1e-12)
    ridge = js(f"{call}.LAMS.map((l) => {call}.ridgeShrink(l, d))", d=delta)
    np.testing.assert_allclose(ridge, theory.ridge_shrink(lams, delta), rtol=1e-13)
    np.testing.assert_allclose(
        js(f"{call}.widest(t, d)", t=steps, d=delta),
        stop_or_shrink.widest(steps, delta),
        rtol=1e-9,
        atol=1e-12,
    )


def test_the_ridge_that_follows_stays_near():
    gaps = [abs(stop_or_shrink.widest(t, 1 / (0.5 * t))[1]) for t in np.geomspace(1, 10_000, 60).astype(int)]
    assert max(gaps) < 0.28
    assert max(gaps[25:]) < 0.21  # from 50 steps on


@pytest.mark.parametrize("p", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("scale", [0.0, 1.0, 3.0])
def test_averages(js, p, scale):
    ours = js('modules["all_dropouts.js"].average(p, scale)', p=p, scale=scale)
    q, chance, means = all_dropouts.average(p, scale)
    np.testing.assert_allclose([part["q"] for part in ours["parts"]], q, rtol=1e-10)
    np.testing.assert_allclose([part["chance"] for part in ours["parts"]], chance, rtol=1e-12)
    for name, value in means.items():
        assert ours[name] == pytest.approx(value, rel=1e-10), name
    assert ours["geometric"] == pytest.approx(ours["unmasked"], rel=1e-10)
    assert ours["arithmetic"] < ours["unmasked"] or scale == 0
    assert sum(part["chance"] for part in ours["parts"]) == pytest.approx(1)
