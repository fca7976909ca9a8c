"""The schedules against PyTorch's, at their boundaries, in the loop, and against bad input."""

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import theory
from lib.data import digits
from lib.experiments import cut, fair
from lib.loop import descend, trace, train
from lib.net import FCN
from lib.rules import momentum, sgd
from lib.schedules import (
    chebyshev,
    constant,
    cosine,
    exponential,
    inverse_sqrt,
    inverse_time,
    multistep,
    one_cycle,
    per_epoch,
    polynomial,
    stable_decay,
    step,
    warm_restarts,
    warmup,
)

LR = 0.3
GOLDEN = np.load(Path(__file__).parent / "golden" / "schedules" / "schedules.npz")
AS_PYTORCH = {
    "constant": constant(LR),
    "inverse_time": inverse_time(LR, 0.25),
    "exponential": exponential(LR, -math.log(0.95)),
    "step": step(LR, 0.5, 7),
    "multistep": multistep(LR, 0.2, [5, 6, 20]),
    "linear": polynomial(LR, 30),
    "polynomial": polynomial(LR, 30, power=2.5),
    "cosine": cosine(LR, 30, end=0.02),
    "restarts": warm_restarts(LR, 9, end=0.02),
    "restarts_longer": warm_restarts(LR, 5, mult=2),
    "one_cycle": one_cycle(LR, 50),
    "one_cycle_own": one_cycle(LR, 41, rise=0.45, start=0.1, end=1e-3),
    "warmup_constant": warmup(constant(LR), 7),
    "warmup_cosine": warmup(cosine(LR, 33), 7),
}
EVERY = {
    **AS_PYTORCH,
    "inverse_sqrt": inverse_sqrt(LR, 4),
    "stable_decay": stable_decay(LR, 20, hold=15),
    "chebyshev": chebyshev(1.0, 50.0, 12),
    "chebyshev natural": chebyshev(1.0, 50.0, 12, order="natural"),
    "warmed": warmup(stable_decay(LR, 20, hold=15), 5),
    "epochs": per_epoch(warmup(exponential(LR, 0.2), 2), 7),
    "int": constant(1),
}
names = pytest.mark.parametrize("name", EVERY)


def values(schedule, n):
    return np.array([schedule(t) for t in range(n)])


# Against PyTorch


@pytest.mark.parametrize("name", AS_PYTORCH)
def test_equals_pytorch(name):
    golden = GOLDEN[name]
    assert len(golden) >= 20
    np.testing.assert_allclose(values(AS_PYTORCH[name], len(golden)), golden, rtol=1e-13, atol=1e-15)


def test_what_pytorch_calls_by_the_same_name_and_is_not_the_same():
    np.testing.assert_allclose(GOLDEN["constant_lr"][:6], [LR / 3] * 5 + [LR])
    late = GOLDEN["cosine_rises"]  # past its end it rises again, where `cosine` stays
    assert late[30] == pytest.approx(0.02)
    assert late[59] > 0.299
    assert cosine(LR, 30, end=0.02)(59) == 0.02


# What every schedule promises


@names
def test_a_python_float_and_a_pure_function(name):
    schedule = EVERY[name]
    forwards = [schedule(t) for t in range(50)]
    assert [schedule(t) for t in reversed(range(50))][::-1] == forwards == [schedule(t) for t in range(50)]
    for t in (0, 7, np.int64(7), np.float64(7.0), 7.25, 10**9):
        assert type(schedule(t)) is float
    assert schedule(np.int64(7)) == schedule(7) == schedule(7.0)
    assert min(forwards) >= 0 and np.isfinite(forwards).all()


@names
@pytest.mark.parametrize(
    ("t", "error", "said"),
    [
        (-1, ValueError, "t is -1; allowed are finite numbers >= 0"),
        (float("nan"), ValueError, "t is nan"),
        ("3", TypeError, "t is '3'; allowed are real numbers"),
        (np.arange(3), TypeError, "t is array"),
        (True, TypeError, "t is True"),
        (None, TypeError, "t is None"),
    ],
)
def test_a_wrong_time_is_refused(name, t, error, said):
    with pytest.raises(error, match=said):
        EVERY[name](t)


@names
def test_float32_stays_float32(name):
    path = trace(descend(lambda w: (0.0, w), np.ones(2, np.float32), sgd, lr=EVERY[name]), 8)
    assert path.w.dtype == np.float32


# Boundaries


def test_first_and_last():
    for schedule in (
        constant(LR),
        inverse_time(LR, 2),
        exponential(LR, 2),
        step(LR, 0.1, 3),
        multistep(LR, 0.1, [1]),
        inverse_sqrt(LR, 9),
        polynomial(LR, 10, end=0.1),
        cosine(LR, 10, end=0.1),
        warm_restarts(LR, 10, end=0.1),
        stable_decay(LR, 10, hold=0),
    ):
        assert schedule(0) == pytest.approx(LR, rel=1e-15)
    for schedule in (polynomial(LR, 10, end=0.1, power=3), cosine(LR, 10, end=0.1)):
        assert schedule(9) > 0.1
        assert schedule(10) == schedule(11) == schedule(10**6) == pytest.approx(0.1, rel=1e-15)
    assert stable_decay(LR, 10, hold=4)(4) == LR
    assert stable_decay(LR, 10, hold=4)(7) == LR / 2
    assert stable_decay(LR, 10, hold=4)(10) == stable_decay(LR, 10, hold=4)(99) == 0.0
    cycle = one_cycle(LR, 50)
    assert cycle(0) == pytest.approx(LR / 25, rel=1e-15)
    assert cycle(14) == pytest.approx(LR, rel=1e-15)
    assert cycle(49) == cycle(50) == cycle(1000) == pytest.approx(LR * 4e-6, rel=1e-9)
    assert max(values(cycle, 60)) == cycle(14)


def test_a_milestone_is_the_first_step_with_the_new_rate():
    falls = multistep(1.0, 0.5, [3, 4, 9])
    assert [falls(t) for t in (2, 3, 4, 8, 9)] == [1.0, 0.5, 0.25, 0.25, 0.125]
    assert [step(1.0, 0.5, 3)(t) for t in (2, 3, 5, 6)] == [1.0, 0.5, 0.5, 0.25]


@given(st.floats(0.1, 0.99), st.integers(1, 40), st.integers(0, 20))
@settings(max_examples=60, deadline=None)
def test_the_staircase_stands_on_the_exponential(gamma, every, stair):
    smooth, stairs = exponential(1.0, -math.log(gamma) / every), step(1.0, gamma, every)
    assert stairs(stair * every) == pytest.approx(smooth(stair * every), rel=1e-11)
    for t in range(stair * every, (stair + 1) * every):
        assert stairs(t) >= smooth(t) * (1 - 1e-11)


def test_polynomials_of_power_one_two_and_a_half_in_fractions():
    for t in range(10):
        left = 1 - Fraction(t, 10)
        assert polynomial(1.0, 10)(t) == pytest.approx(float(left), rel=1e-15)
        assert polynomial(2.0, 10, end=1.0, power=2)(t) == pytest.approx(float(1 + left**2), rel=1e-15)
        assert polynomial(1.0, 10, power=0.5)(t) == pytest.approx(math.sqrt(left), rel=1e-15)


def test_restarts_begin_where_the_last_cosine_ended():
    lengths = (5, 15, 45)
    schedule = warm_restarts(LR, 5, mult=3, end=0.01)
    one_by_one = np.concatenate([values(cosine(LR, n, end=0.01), n) for n in lengths])
    np.testing.assert_allclose(values(schedule, sum(lengths)), one_by_one, rtol=1e-14)
    assert schedule(65) == LR
    assert warm_restarts(LR, 7)(7 * 10**12 + 3) == warm_restarts(LR, 7)(3)
    assert 0 <= warm_restarts(LR, 7, mult=2)(1e300) <= LR


# Composition


@pytest.mark.parametrize("wrapped", [constant(LR), cosine(LR, 30), inverse_time(LR, 1.0)])
@pytest.mark.parametrize("steps", [0, 1, 6])
def test_warmup_is_straight_and_leaves_nothing_out(wrapped, steps):
    warm = warmup(wrapped, steps)
    rising = values(warm, steps + 1)
    np.testing.assert_allclose(np.diff(rising), LR / (steps + 1), rtol=1e-12)
    assert rising[0] == pytest.approx(LR / (steps + 1), rel=1e-15)
    assert [warm(steps + t) for t in range(40)] == [wrapped(t) for t in range(40)]


@pytest.mark.parametrize("s", [2, 10, 4000])
def test_the_schedule_of_the_transformer(s):
    ours = warmup(inverse_sqrt(LR, shift=s), steps=s - 1)
    for number in (1, 2, s - 1, s, s + 1, 5 * s):  # Vaswani et al. count steps from one
        theirs = LR * math.sqrt(s) * min(number**-0.5, number * s**-1.5)
        assert ours(number - 1) == pytest.approx(theirs, rel=1e-13)


def test_every_epoch_is_trained_with_its_rate():
    used = []

    def watched(w, g, s, *, lr):
        used.append(lr)
        return sgd(w, g, s, lr=lr)

    data, net = cut(digits(), 50, 10), FCN((64, 10))
    schedule = multistep(0.1, 0.5, [1, 3])  # in epochs
    train(net, data, watched, lr=per_epoch(schedule, 3), epochs=4, batch_size=20, seed=0)
    assert used == [0.1] * 3 + [0.05] * 6 + [0.025] * 3
    assert used[::3] == [schedule(epoch) for epoch in range(4)]


def test_the_first_step_gets_the_first_rate():
    path = trace(descend(lambda w: (0.5 * w @ w, w), np.ones(1), sgd, lr=inverse_time(0.5, 1.0)), 3)
    assert path.w[:, 0] == pytest.approx([1, 1 / 2, 3 / 8, 5 / 16], rel=1e-15)  # rates 1/2, 1/4, 1/6


# Chebyshev


def left(rates, lams):
    return np.prod(1 - np.outer(np.atleast_1d(lams), rates), axis=1)


@pytest.mark.parametrize("order", ["stable", "natural"])
@pytest.mark.parametrize("steps", [1, 2, 5, 8, 13])
def test_chebyshev_leaves_what_the_theorem_says(order, steps):
    rates = values(chebyshev(1.0, 30.0, steps, order=order), steps)
    worst = np.abs(left(rates, np.linspace(1, 30, 5001))).max()
    assert worst == pytest.approx(theory.chebyshev_bound(30.0, steps), rel=1e-12)
    np.testing.assert_allclose(np.sort(rates), np.sort(theory.chebyshev_lrs(1.0, 30.0, steps)), rtol=1e-14)
    assert chebyshev(1.0, 30.0, steps, order=order)(steps + 1) == rates[1 % steps]


def test_natural_order_is_that_of_the_theory():
    rates = values(chebyshev(1.0, 30.0, 9, order="natural"), 9)
    np.testing.assert_allclose(rates, theory.chebyshev_lrs(1.0, 30.0, 9), rtol=1e-14)


def test_the_order_of_lebedev_and_finogenov():
    nodes = np.cos((2 * np.array([1, 8, 4, 5, 2, 7, 3, 6]) - 1) * np.pi / 16)  # theirs for eight
    np.testing.assert_allclose(values(chebyshev(1.0, 3.0, 8), 8), 2 / (4 - 2 * nodes), rtol=1e-14)


@pytest.mark.parametrize("kappa", [10.0, 100.0, 1e4])
def test_in_the_stable_order_errors_stay_bounded_and_later_steps_enlarge_none(kappa):
    lams = np.geomspace(1, kappa, 300)
    for steps in (*range(1, 40), 64, 100, 127, 128, 129, 300):
        lrs = values(chebyshev(1.0, kappa, steps), steps)
        with np.errstate(under="ignore"):
            on_the_way = np.abs(np.cumprod(1 - np.outer(lrs, lams), axis=0)).max()
            still_ahead = np.abs(np.cumprod(1 - np.outer(lrs[::-1], lams), axis=0)).max()
        assert on_the_way <= 4 * kappa  # kappa itself for powers of two
        assert still_ahead <= 1


def test_the_natural_order_explodes_where_the_stable_one_arrives():
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(rng.standard_normal((60, 60)))
    A = q @ np.diag(np.linspace(1, 100, 60)) @ q.T
    ends = {}
    for order in ("stable", "natural"):
        w = q.sum(axis=1)
        for t in range(64):
            w = w - chebyshev(1.0, 100.0, 64, order=order)(t) * (A @ w)
        ends[order] = np.abs(q.T @ w).max()
    assert ends["stable"] <= 1.001 * theory.chebyshev_bound(100.0, 64)
    assert ends["natural"] > 1e3


# Bad input

BAD = [
    (lambda: constant(0), ValueError, "lr is 0; allowed are finite numbers > 0"),
    (lambda: constant("0.1"), TypeError, "lr is '0.1'; allowed are real numbers"),
    (lambda: constant(np.array([0.1, 0.2])), TypeError, "lr is array"),
    (lambda: constant(True), TypeError, "lr is True"),
    (lambda: inverse_time(0.1, -1), ValueError, "decay is -1; allowed are finite numbers >= 0"),
    (lambda: exponential(0.1, float("inf")), ValueError, "decay is inf"),
    (lambda: step(0.1, 1.5, 10), ValueError, r"gamma is 1.5; allowed are numbers in \(0, 1\]"),
    (lambda: step(0.1, 0.0, 10), ValueError, "gamma is 0.0"),
    (lambda: step(0.1, 0.5, 0), ValueError, "every is 0; allowed are whole numbers >= 1"),
    (lambda: step(0.1, 0.5, 2.5), ValueError, "every is 2.5"),
    (lambda: multistep(0.1, 0.5, [3, 3]), ValueError, r"milestones is \(3, 3\); allowed are ascending"),
    (lambda: multistep(0.1, 0.5, [0]), ValueError, "milestones is 0; allowed are whole numbers >= 1"),
    (lambda: inverse_sqrt(0.1, 0), ValueError, "shift is 0"),
    (lambda: polynomial(0.1, 0), ValueError, "steps is 0"),
    (lambda: polynomial(0.1, math.inf), ValueError, "steps is inf"),
    (lambda: polynomial(0.1, 10, end=0.2), ValueError, r"end is 0.2; allowed are numbers in \[0, lr\]"),
    (lambda: polynomial(0.1, 10, power=0), ValueError, "power is 0"),
    (lambda: cosine(0.1, 10, end=-0.1), ValueError, "end is -0.1"),
    (lambda: warm_restarts(0.1, 0), ValueError, "period is 0"),
    (lambda: warm_restarts(0.1, 5, mult=1.5), ValueError, "mult is 1.5; allowed are whole numbers >= 1"),
    (
        lambda: one_cycle(0.1, 3, rise=0.3),
        ValueError,
        r"rise is 0.3; allowed with 3 steps are numbers in \(1/3",
    ),
    (lambda: one_cycle(0.1, 30, rise=1.0), ValueError, "rise is 1.0"),
    (lambda: one_cycle(0.1, 30, start=2), ValueError, r"start is 2; allowed are numbers in \[0, 1\]"),
    (
        lambda: stable_decay(0.1, 10, hold=10),
        ValueError,
        "hold is 10; allowed are whole numbers below steps = 10",
    ),
    (lambda: stable_decay(0.1, 10, hold=0.5), ValueError, "hold is 0.5"),
    (lambda: chebyshev(0, 1, 3), ValueError, "lam_min is 0"),
    (lambda: chebyshev(2, 1, 3), ValueError, "lam_min is 2, lam_max is 1"),
    (
        lambda: chebyshev(1, 2, 3, order="best"),
        ValueError,
        "order is 'best'; allowed are 'stable' and 'natural'",
    ),
    (
        lambda: warmup(0.1, 5),
        TypeError,
        r"schedule is 0.1; allowed are functions of t, such as constant\(0.1\)",
    ),
    (lambda: warmup(constant(0.1), -1), ValueError, "steps is -1; allowed are whole numbers >= 0"),
    (lambda: per_epoch(constant(0.1), 0), ValueError, "steps_per_epoch is 0"),
    (lambda: per_epoch(0.1, 5), TypeError, "schedule is 0.1"),
]


@pytest.mark.parametrize(("make", "error", "said"), BAD, ids=[said for *_, said in BAD])
def test_bad_input_is_refused_at_once(make, error, said):
    with pytest.raises(error, match=said):
        make()


# Learning with them


def test_a_fair_comparison_makes_a_schedule_of_every_rate():
    data, made = cut(digits(validation=0.4), 100, 40), []

    def schedule(lr):
        made.append(lr)
        return cosine(lr, 10)

    shared = {"epochs": 2, "batch_size": 20, "tuning": (0,), "seeds": (1, 2)}
    result = fair(data, (), sgd, [0.05, 0.1, 0.2], schedule=schedule, **shared)
    assert made == [0.05, 0.1, 0.2, result.lr]
    plain = fair(data, (), sgd, [result.lr], **shared).runs
    assert np.all(result.runs.val_loss[0] == plain.val_loss[0])  # the same starts
    assert np.all(result.runs.val_loss[1:] != plain.val_loss[1:])


@pytest.mark.parametrize("rule", [sgd, momentum])
def test_a_falling_rate_ends_nearer_than_the_constant_it_began_with(rule):
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((400, 200, 1))
    ends = {}
    for name, lr in (("constant", constant(0.1)), ("cosine", cosine(0.1, 400))):
        walk = descend(lambda w, t: (0.0, w + noise[t % 400]), np.ones((200, 1)), rule, lr=lr)
        ends[name] = trace(walk, 400).w[-1].std()
    assert ends["cosine"] < 0.6 * ends["constant"]
