"""The loop: what it yields, what it refuses before the first step, and where it stops."""

from itertools import islice

import numpy as np
import pytest

from lib import rules
from lib.contract import State
from lib.loop import Diverged, descend, trace
from lib.rules import START, adam, adamw, momentum, nadam, sgd

SCALES = np.array([1.0, 10.0])
W = np.array([1.0, -2.0])


def bowl(w):
    """An elongated bowl and its gradient, for any number of runs."""
    return 0.5 * np.sum(SCALES * w**2, axis=-1), SCALES * w


def take(n, *args, **kwargs):
    """The first n points."""
    return list(islice(descend(*args, **kwargs), n))


# ---- what it yields -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in rules.__all__ if name.islower()])
def test_a_path_is_the_rule_called_by_hand(name):
    rule = getattr(rules, name)
    w, s = W, START
    for t, point in enumerate(take(6, bowl, W, rule, lr=0.05)):
        loss, grad = bowl(w)
        assert point.t == t
        np.testing.assert_array_equal(point.w, w)
        np.testing.assert_array_equal(point.grad, grad)
        assert point.loss == loss
        assert point.state.t == t
        w, s = rule(w, grad, s, lr=0.05)
        assert s.t == t + 1


def test_first_point_is_the_start_and_the_gradient_is_taken_there():
    (first,) = take(1, bowl, W, sgd, lr=0.1)
    assert first.t == 0
    assert first.loss == 20.5
    np.testing.assert_array_equal(first.w, W)
    np.testing.assert_array_equal(first.grad, [1.0, -20.0])
    assert first.state == START


def test_no_gradient_is_computed_that_nobody_asked_for():
    asked = []

    def counted(w):
        asked.append(w)
        return bowl(w)

    take(3, counted, W, sgd, lr=0.1)
    assert len(asked) == 3


def test_points_do_not_share_memory():
    w = W.copy()
    buffer = np.empty(2)

    def one_buffer(w):
        np.multiply(SCALES, w, out=buffer)
        return bowl(w)[0], buffer

    steps = descend(one_buffer, w, momentum, lr=0.01)
    points = list(islice(steps, 4))
    w[:] = 77.0  # the caller's array is the caller's
    points += list(islice(steps, 2))
    arrays = [a for point in points for a in (point.w, point.grad)] + [w, buffer]
    for i, a in enumerate(arrays):
        for b in arrays[i + 1 :]:
            assert not np.shares_memory(a, b)
    for kept, right in zip(points, take(6, bowl, W, momentum, lr=0.01), strict=True):
        np.testing.assert_array_equal(kept.w, right.w)
        np.testing.assert_array_equal(kept.grad, right.grad)


def test_a_path_continues_from_its_state():
    whole = take(8, bowl, W, adam, lr=0.05)
    halfway = whole[3]
    rest = take(5, bowl, halfway.w, adam, lr=0.05, state=halfway.state)
    np.testing.assert_array_equal([p.w for p in rest], [p.w for p in whole[3:]])


def test_runs_on_a_leading_axis_equal_runs_one_by_one():
    starts = np.array([[1.0, -2.0], [3.0, 0.5], [0.0, 0.1]])
    lr = np.array([[0.01], [0.05], [0.1]])
    beta = np.array([[0.0], [0.5], [0.9]])
    together = trace(descend(bowl, starts, momentum, lr=lr, beta=beta), 20)
    assert together.w.shape == (21, 3, 2)
    assert together.loss.shape == (21, 3)
    for r in range(3):
        alone = trace(descend(bowl, starts[r], momentum, lr=float(lr[r, 0]), beta=float(beta[r, 0])), 20)
        np.testing.assert_array_equal(together.w[:, r], alone.w)


def test_trace_stacks_the_first_points():
    path = trace(descend(bowl, W, sgd, lr=0.05), 3)
    np.testing.assert_array_equal(path.t, [0, 1, 2, 3])
    assert (path.w.shape, path.grad.shape, path.loss.shape) == ((4, 2), (4, 2), (4,))
    np.testing.assert_allclose(path.w[:, 1], [-2, -1, -0.5, -0.25], rtol=1e-15)
    assert len(trace(descend(bowl, W, sgd, lr=0.05), 0).t) == 1


@pytest.mark.parametrize("n", [-1, 2.5, float("nan")])
def test_trace_takes_whole_numbers(n):
    with pytest.raises(ValueError, match=rf"n is {n}; allowed are whole numbers >= 0"):
        trace(descend(bowl, W, sgd, lr=0.05), n)


def test_float32_stays_float32():
    def bowl32(w):
        return 0.5 * np.sum(w**2), w

    for name in (name for name in rules.__all__ if name.islower()):
        points = take(5, bowl32, W.astype(np.float32), getattr(rules, name), lr=0.01, clip=0.5)
        assert {p.w.dtype for p in points} == {np.dtype(np.float32)}, name


# ---- t ------------------------------------------------------------------------------------------


def test_a_loss_with_a_parameter_t_gets_the_step():
    seen = []

    def moving(w, t):
        seen.append(t)
        return bowl(w - t)

    def keyword(w, *, t=5):
        return bowl(w - t)

    path = trace(descend(moving, W, sgd, lr=0.01), 4)
    assert seen == [0, 1, 2, 3, 4]
    again = trace(descend(keyword, W, sgd, lr=0.01), 4)
    np.testing.assert_array_equal(path.w, again.w)


def test_other_parameters_with_defaults_get_nothing():
    for loss_grad in (
        lambda w, scale=2.0: (scale * w @ w, 2 * scale * w),
        lambda w, T=1, time=1: (2 * w @ w, 4.0 * w),
    ):
        second = take(2, loss_grad, W, sgd, lr=0.125)[1]
        np.testing.assert_array_equal(second.w, W / 2)


# ---- schedules ----------------------------------------------------------------------------------


def test_a_schedule_is_asked_once_a_step_from_zero():
    asked = []

    def schedule(t):
        asked.append(t)
        return 1 / (t + 2)

    points = take(4, lambda w: (w @ w, np.ones(1)), np.zeros(1), sgd, lr=schedule)
    assert asked == [0, 1, 2]
    np.testing.assert_allclose([p.w[0] for p in points], -np.cumsum([0, 1 / 2, 1 / 3, 1 / 4]), rtol=1e-15)


@pytest.mark.parametrize("zero", [0, 0.0, np.float64(0.0)])
def test_a_schedule_may_return_zero(zero):
    points = take(3, bowl, W, adamw, lr=lambda t: zero if t == 0 else 0.1, decay=0.5)
    np.testing.assert_array_equal(points[1].w, W)
    assert points[2].w[0] < W[0]
    assert points[2].state.t == 2


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (float("nan"), ValueError, r"^lr\(2\) is nan; allowed are finite numbers >= 0"),
        (float("inf"), ValueError, r"^lr\(2\) is inf; allowed are finite numbers >= 0"),
        (-0.1, ValueError, r"^lr\(2\) is -0.1; allowed are finite numbers >= 0"),
        (np.float64(-0.1), ValueError, r"^lr\(2\) is -0.1; allowed are finite numbers >= 0"),
        (None, TypeError, r"^lr\(2\) is None; allowed are numbers"),
        ("0.1", TypeError, r"^lr\(2\) is '0.1'; allowed are numbers"),
        (np.ones(3), ValueError, r"^lr\(2\) has shape \(3,\), which does not broadcast to w, \(2,\)"),
    ],
)
def test_a_schedule_that_returns_nonsense(value, error, said):
    steps = descend(bowl, W, sgd, lr=lambda t: 0.01 if t < 2 else value)
    assert len(list(islice(steps, 3))) == 3
    with pytest.raises(error, match=said):
        next(steps)


def test_a_schedule_of_numpy_doubles_would_turn_a_float32_net_into_float64():
    steps = descend(lambda w: (w @ w, 2 * w), W.astype(np.float32), sgd, lr=lambda t: np.float64(0.1))
    next(steps)
    said = r"lr\(0\) is np.float64\(0.1\) of dtype float64, which would turn .* float32 into float64"
    with pytest.raises(TypeError, match=said):
        next(steps)
    fine = take(2, lambda w: (w @ w, 2 * w), W, sgd, lr=lambda t: np.float64(0.25))
    np.testing.assert_array_equal(fine[1].w, W / 2)


# ---- clipping -----------------------------------------------------------------------------------


def test_clipping_is_by_the_norm_over_the_last_axis():
    w = np.zeros((3, 2))
    grad = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    first, second = take(2, lambda w: (np.zeros(3), grad), w, sgd, lr=1.0, clip=2.5)
    np.testing.assert_allclose(second.w, [[-1.5, -2.0], [-0.3, -0.4], [0.0, 0.0]], rtol=1e-15)
    np.testing.assert_array_equal(first.grad, grad)  # as the loss gave it


def test_clipping_leaves_a_gradient_at_the_limit_alone():
    grad = np.array([0.1, 0.7, -0.2])
    norm = float(np.sqrt(np.sum(grad**2)))
    plain, same, less = (
        take(2, lambda w: (0.0, grad), np.zeros(3), sgd, lr=1.0, clip=c)[1].w for c in (None, norm, norm / 2)
    )
    np.testing.assert_array_equal(same, plain)
    np.testing.assert_allclose(less, plain / 2, rtol=1e-15)


@pytest.mark.parametrize("clip", [0, 0.0, -1.0, float("nan"), float("inf")])
def test_clip_is_positive(clip):
    with pytest.raises(ValueError, match=rf"^clip is {clip}; allowed are finite numbers > 0"):
        descend(bowl, W, sgd, lr=0.1, clip=clip)


@pytest.mark.parametrize("clip", ["1", True, [1.0]])
def test_clip_is_a_number(clip):
    with pytest.raises(TypeError, match=r"^clip is .*; allowed are numbers"):
        descend(bowl, W, sgd, lr=0.1, clip=clip)


# ---- what it refuses before the first step ------------------------------------------------------


def never(w):
    """A loss that must not be asked."""
    raise AssertionError("the loss was asked before the input was checked")


@pytest.mark.parametrize(
    ("error", "said", "change"),
    [
        (ValueError, "lr is 0; allowed are finite numbers > 0", {"lr": 0}),
        (ValueError, "lr is -0.1; allowed are finite numbers > 0", {"lr": -0.1}),
        (ValueError, "lr is nan; allowed are finite numbers > 0", {"lr": float("nan")}),
        (ValueError, "lr is inf; allowed are finite numbers > 0", {"lr": float("inf")}),
        (TypeError, "lr is '0.1'; allowed are numbers", {"lr": "0.1"}),
        (ValueError, r"lr has shape \(3,\), which does not broadcast to w, \(2,\)", {"lr": np.ones(3)}),
        (ValueError, r"beta1 is 1.0; allowed are numbers in \[0, 1\)", {"beta1": 1.0}),
        (ValueError, "eps is -1; allowed are finite numbers >= 0", {"eps": -1}),
        (TypeError, r"no hyper-parameter 'beta' \(did you mean 'beta\d'\?\); it takes lr,", {"beta": 0.9}),
        (TypeError, "correct is 'no'; allowed are True and False", {"correct": "no"}),
        (TypeError, "w has dtype int64; allowed are float dtypes", {"w": np.array([1, 2], np.int64)}),
        (TypeError, "the state is a NadamState; allowed are START and State", {"state": rules.NadamState(1)}),
        (ValueError, r"the state's m has shape \(3,\), w has \(2,\)", {"state": State(1, np.ones(3))}),
        (TypeError, "rule is 'adam'; allowed are functions", {"rule": "adam"}),
        (TypeError, "loss_grad is 3.0; allowed are functions", {"loss_grad": 3.0}),
    ],
)
def test_bad_input_is_refused_before_the_first_step(error, said, change):
    good = {"loss_grad": never, "w": W, "rule": adam, "lr": 0.1}
    with pytest.raises(error, match=said):
        descend(**(good | change))


def test_without_a_rate():
    with pytest.raises(TypeError, match="lr"):
        descend(bowl, W, sgd)


@pytest.mark.parametrize(
    ("grad", "error", "said"),
    [
        (np.ones(3), ValueError, r"sgd: g has shape \(3,\); allowed is that of w, \(2,\)"),
        (np.ones(2, np.float32), TypeError, "sgd: g has dtype float32; allowed is that of w, float64"),
        ([1.0, 1.0], TypeError, "sgd: g is a list; allowed are float arrays"),
    ],
)
def test_a_gradient_that_does_not_fit(grad, error, said):
    steps = descend(lambda w: (0.0, grad), W, sgd, lr=0.1)
    next(steps)
    with pytest.raises(error, match=said):
        next(steps)


def test_a_rule_of_ones_own_needs_no_decorator():
    def signs(w, g, s=START, *, lr):
        return w - lr * np.sign(g), State(s.t + 1)

    def doubles(w, g, s=START, *, lr):
        return w - np.float64(lr) * g, State(s.t + 1)

    np.testing.assert_array_equal(take(3, bowl, W, signs, lr=0.25)[2].w, [0.5, -1.5])
    steps = descend(lambda w: (w @ w, w), W.astype(np.float32), doubles, lr=0.25)
    next(steps)
    with pytest.raises(TypeError, match=r"doubles: a step turned .* float32 into .* float64"):
        next(steps)


# ---- divergence ---------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:overflow")
def test_divergence_carries_the_last_good_step():
    steps = descend(lambda w: (np.sum(w**4), 4 * w**3), np.array([2.0]), sgd, lr=1.0)
    seen = []
    said = r"^the loss is no longer finite at t = \d+: try a smaller lr than 1.0; the last good step is"
    with pytest.raises(Diverged, match=said) as caught:
        seen.extend(islice(steps, 100))
    last = caught.value.last
    assert last is not None
    assert last.t > 0
    assert np.isfinite(last.loss)
    assert np.all(np.isfinite(last.grad))
    assert isinstance(caught.value, ArithmeticError)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("which", ["loss", "gradient"])
def test_the_first_number_that_is_not_finite_stops_the_path(which, bad):
    def breaks(w, t):
        loss, grad = bowl(w)
        if t == 3 and which == "loss":
            loss = bad
        if t == 3 and which == "gradient":
            grad = np.array([1.0, bad])
        return loss, grad

    steps = descend(breaks, W, sgd, lr=lambda t: 0.01 * (t + 1))
    good = list(islice(steps, 3))
    with pytest.raises(Diverged) as caught:
        next(steps)
    assert caught.value.last.t == 2
    np.testing.assert_array_equal(caught.value.last.w, good[-1].w)
    advice = "try a smaller lr than 0.03; the last good step is in .last"
    assert str(caught.value) == f"the {which} is no longer finite at t = 3: {advice}"


def test_one_run_among_several():
    def breaks(w, t):
        loss, grad = bowl(w)
        return np.where([False, t == 1], np.nan, loss), grad

    steps = descend(breaks, np.ones((2, 2)), sgd, lr=0.1)
    next(steps)
    with pytest.raises(Diverged, match="the loss is no longer finite at t = 1"):
        next(steps)


def test_a_start_that_is_not_finite_has_no_good_step():
    with pytest.raises(Diverged, match=r"^the loss is not finite at the start, before any step") as caught:
        next(descend(bowl, np.array([np.nan, 1.0]), nadam, lr=0.1))
    assert caught.value.last is None
