"""The figures of the network draw what lib computes."""

import numpy as np
import pytest

from lib import net
from lib.figures import gradient_check, rounding_trap, softmax_logits

RNG = np.random.default_rng(4)
FLOATS = 'modules["floats.js"]'
CHECK = 'modules["gradient_check.js"].check(h, delta, dtype, bug)'


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_rounding(js, dtype):
    x = RNG.choice([-1, 1], 3000) * 10 ** RNG.uniform(-9, 4, 3000)
    ties = np.arange(1, 200) * 2.0**-25, 1024 + np.arange(100) / 2, 2.0 ** np.arange(-26, 16), [0.0, 65519.9]
    x = np.concatenate([x, *ties])
    ours = js(f"xs.map({FLOATS}.rounding[dtype])", xs=x.tolist(), dtype=dtype)
    assert ours == x.astype(dtype).astype(float).tolist()


def test_rounding_overflows_as_float16_does(js):
    sizes = js(f"[65519, 65520, -70000].map((x) => String({FLOATS}.rounding.float16(x)))")
    assert sizes == ["65504", "Infinity", "-Infinity"]
    with np.errstate(over="ignore"):
        assert np.array([65519, 65520, -70000]).astype(np.float16).tolist() == [65504, np.inf, -np.inf]


@pytest.mark.parametrize(("dtype", "ulp"), [("float64", 2**-52), ("float32", 2**-23)])
def test_softmax_and_cross_entropy(js, dtype, ulp):
    r = f"{FLOATS}.rounding[dtype]"
    for _ in range(50):
        z = RNG.uniform(-20, 20, 4).astype(dtype)
        y = int(RNG.integers(4))
        given = {"z": z.astype(float).tolist(), "dtype": dtype, "y": y}
        np.testing.assert_allclose(js(f"{FLOATS}.softmax(z, {r})", **given), net.softmax(z), rtol=6 * ulp)
        loss = net.cross_entropy(z[None], np.array([y]))[0]
        assert js(f"{FLOATS}.crossEntropy(z, y, {r})", **given) == pytest.approx(
            loss, rel=6 * ulp, abs=2 * ulp
        )


def in_javascript(js, h, delta=1.0, dtype="float64", bug="none"):
    return js(CHECK, h=h, delta=delta, dtype=dtype, bug=bug)


@pytest.mark.parametrize("bug", ["none", "one", "forgot"])
@pytest.mark.parametrize("delta", [1.0, 1e-4])
def test_check(js, bug, delta):
    for h in (1e-5, 3e-4, 0.02, 0.4):
        ours, expected = (
            f(h, delta, "float64", bug) for f in (lambda *a: in_javascript(js, *a), gradient_check.check)
        )
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-10)
    for h in (0.01, 0.1):
        expected = gradient_check.check(h, delta, "float32", bug)
        np.testing.assert_allclose(
            in_javascript(js, h, delta, "float32", bug), expected, rtol=0.05, atol=2e-5
        )


def test_a_correct_gradient_makes_a_v_as_taylor_has_it(js):
    p = net.softmax(np.array([*gradient_check.SCORES, 0.0]))[:3]
    size = np.linalg.norm(p - [1, 0, 0])
    second, third = p * (1 - p), p * (1 - p) * (1 - 2 * p)
    forward, centred = in_javascript(js, 1e-3)
    assert forward == pytest.approx(5e-4 * np.linalg.norm(second) / size, rel=1e-2)
    assert centred == pytest.approx(1e-6 / 6 * np.linalg.norm(third) / size, rel=1e-2)
    for dtype, bounds in {
        "float64": ((1e-9, 1e-6), (1e-6, 1e-4)),
        "float32": ((1e-5, 1e-2), (1e-3, 0.1)),
    }.items():
        errors = np.array([in_javascript(js, h, dtype=dtype) for h in gradient_check.HS])
        for column, (low, high) in zip(errors.T, bounds, strict=True):
            assert low < gradient_check.HS[column.argmin()] < high
            assert column[0] > 1e3 * column.min() or dtype == "float32"
            assert column[-1] > 10 * column.min()


def test_a_wrong_gradient_makes_a_floor(js):
    for bug, low in (("one", 0.004), ("forgot", 0.5)):
        errors = [in_javascript(js, h, bug=bug)[1] for h in np.logspace(-10, -2, 25).tolist()]
        assert low < min(errors) and max(errors) < 1.01 * min(errors)


def test_a_kink_accuses_a_correct_gradient(js):
    p = net.softmax(np.array([*gradient_check.SCORES, 0.0]))
    size = np.linalg.norm(p[:3] - [1, 0, 0])
    forward, centred = in_javascript(js, 1e-4, delta=1e-8)
    assert forward == pytest.approx(p[3] / np.hypot(size, p[3]), rel=1e-3)
    assert centred == pytest.approx(p[3] / 2 / np.hypot(size, p[3] / 2), rel=1e-3)
    assert max(in_javascript(js, 1e-8, delta=1e-7)) < 1e-6


@pytest.mark.parametrize(
    ("accuracy", "sure", "classes"), [(0.1, 0.0, 10), (0.6, 1.0, 10), (0.25, 0.4, 3), (0.8, 0.75, 30)]
)
def test_rounded_accuracy(js, accuracy, sure, classes):
    n = 400
    y = RNG.integers(0, classes, n)
    answers = np.where(np.arange(n) % 20 < 20 * accuracy, y, (y + 1) % classes)
    # sure in whole blocks of twenty, so that the accuracy is the same with and without
    top = np.where(np.arange(n) // 20 < 20 * sure, 0.9, 0.4 if classes == 3 else 0.2)
    p = np.repeat(((1 - top) / (classes - 1))[:, None], classes, axis=1)
    p[np.arange(n), answers] = top
    assert net.accuracy(p, y) == pytest.approx(accuracy)
    given = {"a": accuracy, "s": sure, "c": classes}
    trap = 'modules["rounding_trap.js"]'
    ours = js(f"{trap}.rounded(a, s, c)", **given)
    assert ours == pytest.approx(net.rounded_accuracy(p, y), rel=1e-12)
    assert ours == pytest.approx(rounding_trap.rounded(accuracy, sure, classes), rel=1e-12)
    hot = np.arange(classes) == y[:, None]
    kinds = [((np.round(p) == a) & (hot == b)).sum() / n for a, b in ((0, 0), (1, 1), (0, 1), (1, 0))]
    np.testing.assert_allclose(js(f"{trap}.entries(a, s, c)", **given), kinds, atol=1e-12)
    np.testing.assert_allclose(rounding_trap.entries(accuracy, sure, classes), kinds, atol=1e-12)


def test_the_two_limits_of_the_trap(js):
    trap = 'modules["rounding_trap.js"].rounded(a, s, c)'
    for a, c in ((0.1, 10), (0.37, 4)):
        assert js(trap, a=a, s=0, c=c) == pytest.approx(1 - 1 / c)
        assert js(trap, a=a, s=1, c=c) == pytest.approx(1 - 2 * (1 - a) / c)


def test_the_naive_softmax_breaks_where_float32_does(js):
    call = 'modules["softmax_logits.js"].naive(z)'
    for top in (80.0, 88.7, 88.75, 120.0, -80.0, -104.0):
        z = [top, top - 1, top - 3, top - 20]
        ours, expected = np.array(js(call, z=z), float), softmax_logits.naive(z)
        assert np.isfinite(ours).all() == np.isfinite(expected).all() == (-104 < top < 88.72)
        if np.isfinite(expected).all():
            np.testing.assert_allclose(ours, expected, rtol=1e-6)


def test_the_clipped_loss(js):
    p = [0.5, 1e-9, 1e-11, 0.0]
    ours = js('p.map(modules["softmax_logits.js"].clipped)', p=p)
    np.testing.assert_allclose(ours, softmax_logits.clipped(np.array(p)), rtol=1e-14)
    assert ours[-1] == pytest.approx(10 * np.log(10), rel=1e-14)
