"""Stepping in blocks: the same bits as the whole array, for every rule and every shape of a number."""

import numpy as np
import pytest

from lib import rules
from lib.contract import START, State, rule
from lib.loop import descend, stepping, trace
from lib.loop.stepping import BLOCK, Stepper, in_blocks

RULES = [name for name in rules.__all__ if name.islower()]
VARIANTS = [(name, {}) for name in RULES] + [
    ("rmsprop", {"centered": True}),
    ("adam", {"correct": False}),
    ("adamw", {"decay": 0.1}),
    ("lion", {"decay": 0.1}),
]


@pytest.fixture(autouse=True)
def shorter(monkeypatch):
    """Let the loop begin with blocks where a second one is needed: the real bound takes long."""
    monkeypatch.setattr(stepping, "LONG", BLOCK)


P = 1000  # with blocks of 300: three whole ones and a part


def walk(step, shape, dtype, hyper, n=4):
    """Steps along gradients that have nothing to do with w, as a list of (w, state)."""
    rng = np.random.default_rng(3)
    w, s, points = rng.standard_normal(shape).astype(dtype), START, []
    for _ in range(n):
        g = (rng.standard_normal(shape) * 10.0 ** rng.integers(-6, 3, shape)).astype(dtype)
        w, s = step(w, g, s, hyper)
        points.append((w, s))
    return points


def compare(blocks, whole):
    for (w, s), (w_, s_) in zip(blocks, whole, strict=True):
        assert type(s) is type(s_)
        for one, two in zip((w, *s), (w_, *s_), strict=True):
            assert np.shape(one) == np.shape(two)
            assert np.result_type(one) == np.result_type(two)
            np.testing.assert_array_equal(one, two)


def _shapes():
    columns = np.linspace(0.01, 0.1, P)
    yield "number", (P,), {}
    yield "lr for every coordinate", (P,), {"lr": columns}
    yield "lr of size one", (P,), {"lr": np.array([0.1])}
    yield "lr for every run", (3, P), {"lr": np.array([[0.1], [0.01], [0.001]])}
    yield "lr for every run and coordinate", (3, P), {"lr": np.array([[1.0], [2.0], [3.0]]) * columns}
    yield "lr for coordinates of all runs", (3, P), {"lr": columns}
    yield "two axes of runs", (2, 3, P), {"lr": np.array([0.1, 0.2, 0.3])[:, None]}


SHAPES = list(_shapes())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("case", "shape", "rates"), SHAPES, ids=[case for case, *_ in SHAPES])
@pytest.mark.parametrize(("name", "more"), VARIANTS, ids=[n + "".join(m) for n, m in VARIANTS])
def test_blocks_give_the_bits_of_the_whole(name, more, case, shape, rates, dtype, monkeypatch):
    monkeypatch.setattr(stepping, "NARROWEST", 1)
    formula, check = getattr(rules, name).formula, getattr(rules, name).check
    rates = {key: value.astype(dtype) for key, value in rates.items()}
    widths, old = set(), []

    def seen(w, g, s, **hyper):
        widths.add(w.shape[-1])
        return formula(w, g, s, **hyper)

    def blocks(w, g, s, hyper):
        _, _, s = check(w, g, s, hyper)
        old.append(in_blocks(seen, w, g, s, hyper, block=300 * w.size // P))
        return old[-1]

    def turns(w, g, s, hyper):  # the same, over arrays used before
        _, _, s = check(w, g, s, hyper)
        old.append(in_blocks(formula, w, g, s, hyper, block=300 * w.size // P, spare=old[-2]))
        return tuple(old[-1])

    def whole(w, g, s, hyper):
        _, _, s = check(w, g, s, hyper)
        return formula(w, g, s, **hyper)

    hyper = {"lr": 0.1, **more, **rates}
    expected = walk(whole, shape, dtype, hyper)
    compare(walk(blocks, shape, dtype, hyper), expected)
    assert widths == {300, 100}
    compare(walk(turns, shape, dtype, hyper)[-1:], expected[-1:])


@pytest.mark.parametrize("name", ["adam", "nadam"])
def test_array_valued_betas(name, monkeypatch):
    monkeypatch.setattr(stepping, "NARROWEST", 1)
    formula, check = getattr(rules, name).formula, getattr(rules, name).check
    for beta in (np.linspace(0, 0.9, P), np.array([[0.5], [0.9]])):
        hyper = {"lr": 0.1, "beta1": beta}
        steps = [
            lambda w, g, s, h: in_blocks(formula, w, g, check(w, g, s, h)[2], h, block=600),
            lambda w, g, s, h: formula(w, g, check(w, g, s, h)[2], **h),
        ]
        compare(*(walk(step, (2, P), float, hyper) for step in steps))


def test_inputs_are_never_written_to():
    rng = np.random.default_rng(0)
    w, g = rng.standard_normal((2, 2 * BLOCK))
    s = State(3, rng.standard_normal(w.shape), rng.random(w.shape))
    for array in (w, g, s.m, s.v):
        array.flags.writeable = False
    new_w, new_s = in_blocks(rules.adam.formula, w, g, s, {"lr": 0.1})
    for new in (new_w, new_s.m, new_s.v):
        assert not any(np.shares_memory(new, old) for old in (w, g, s.m, s.v))


def test_the_loop_takes_long_vectors_in_blocks():
    sizes = []

    @rule
    def spying(w, g, s=START, *, lr):
        sizes.append(w.size)
        return w - lr * g, State(s.t + 1, g * 1.0)

    w = np.linspace(0, 1, 2 * BLOCK + 5)
    path = trace(descend(lambda w: (0.5 * w @ w, w), w, spying, lr=0.5), 3)
    np.testing.assert_array_equal(path.w[3], w / 8)
    whole, cut = 2 * BLOCK + 5, [BLOCK, BLOCK, 5]
    # the first step has no average yet; the second compares the blocks with the whole, once
    assert sizes == [whole, *cut, whole, *cut]


def test_points_of_a_long_path_share_no_memory():
    steps = descend(lambda w: (0.5 * w @ w, w), np.ones(BLOCK + 1), rules.momentum, lr=0.5)
    arrays = [a for p in [next(steps) for _ in range(5)] for a in (p.w, p.grad, p.state.m) if np.ndim(a)]
    for i, a in enumerate(arrays):
        assert not any(np.shares_memory(a, b) for b in arrays[i + 1 :])


def normalized(w, g, s=START, *, lr):
    """Not elementwise: the step has length lr."""
    m = g / np.sqrt(np.sum(g**2))
    return w - lr * m, State(s.t + 1, m)


def test_a_rule_that_is_not_elementwise_shows_itself():
    w = np.ones(BLOCK + 1)

    def loss_grad(w):
        return 0.5 * w @ w, w

    steps = descend(loss_grad, w, rule(normalized), lr=0.1)
    next(steps), next(steps)
    with pytest.raises(TypeError, match=r"normalized .* declare it @rule\(elementwise=False\)"):
        next(steps)
    by_hand, s = w, START
    for _ in range(4):
        by_hand, s = normalized(by_hand, by_hand, s, lr=0.1)
    for declared in (rule(normalized, elementwise=False), normalized):
        path = trace(descend(loss_grad, w, declared, lr=0.1), 4)
        np.testing.assert_array_equal(path.w[4], by_hand)


def test_a_block_that_changes_dtype_is_refused():
    def doubles(w, g, s, *, lr):
        return w - np.float64(lr) * g, State(s.t + 1)

    w = np.ones(1000, np.float32)
    with pytest.raises(TypeError, match="mine: a step turned .* float32 into .* float64"):
        in_blocks(doubles, w, w, START, {"lr": 0.1}, block=300, name="mine")


def test_a_state_that_is_the_parameters_themselves_survives_reuse():
    @rule
    def remembers(w, g, s=START, *, lr):
        new = w - lr * g + 0 * s.m
        return new, State(s.t + 1, new, w)  # one array in two places, and an old one

    w = np.linspace(1, 2, BLOCK + 1)
    stepper = Stepper(remembers, w, START, lr=0.5, clip=None, hyper={}, reuse=True)
    now, s = w.copy(), START
    for t in range(6):
        before = now.copy()
        now, s = stepper(t, now, now.copy(), s)
        np.testing.assert_array_equal(s.v, before)
        np.testing.assert_array_equal(now, w / 2 ** (t + 1))
        np.testing.assert_array_equal(s.m, now)


def test_with_reuse_two_sets_of_arrays_take_turns():
    stepper = Stepper(rules.adam, np.ones(BLOCK + 1), START, lr=0.1, clip=None, hyper={}, reuse=True)
    w, s, seen = np.ones(BLOCK + 1), START, []
    for t in range(6):
        before = [a.copy() for a in (w, *s[1:]) if np.ndim(a)]
        new_w, new_s = stepper(t, w, w.copy(), s)
        for kept, copy in zip([a for a in (w, *s[1:]) if np.ndim(a)], before, strict=True):
            np.testing.assert_array_equal(kept, copy)  # the last good step must not be spoilt
        w, s = new_w, new_s
        seen.append((w, s.m, s.v))
    for old, new in zip(seen[3], seen[5], strict=True):
        assert old is new
