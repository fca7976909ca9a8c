"""Laws that the rules must obey whatever the gradients: what they may touch, keep and depend on."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lib import rules
from lib.contract import State
from lib.rules import (
    START,
    adadelta,
    adagrad,
    adam,
    adamax,
    adamw,
    amsgrad,
    averaged_momentum,
    lion,
    momentum,
    nadam,
    nesterov,
    rmsprop,
    sgd,
)

laws = settings(derandomize=True, deadline=None, max_examples=25)
LINEAR = (sgd, momentum, averaged_momentum, nesterov)
# every rule, and the variants its flags choose
VARIANTS = [(getattr(rules, name), {}) for name in rules.__all__ if name.islower()]
VARIANTS += [(rmsprop, {"centered": True}), (rmsprop, {"eps_inside": True}), (adam, {"correct": False})]


def name_of(variant):
    """How pytest prints a variant."""
    return "-".join([variant[0].__name__, *variant[1]]) if isinstance(variant, tuple) else None


every = pytest.mark.parametrize("variant", VARIANTS, ids=name_of)

nonzero = st.builds(lambda s, x: s * x, st.sampled_from([-1.0, 1.0]), st.floats(1e-3, 1e3))
streams = st.tuples(st.integers(1, 12), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=nonzero)
)
streams_with_zeros = streams.map(lambda g: np.where(np.abs(g) < 0.1, 0.0, g))
betas = st.floats(0, 0.999)
rates = st.floats(1e-4, 1.0)


def path(rule, gradients, *, lr=0.1, w=None, s=START, **hyper):
    """Weights before each step and after the last, (T + 1, ...)."""
    points = [np.zeros_like(gradients[0]) if w is None else w]
    for t, g in enumerate(gradients):
        w, s = rule(points[-1], g, s, lr=lr(t) if callable(lr) else lr, **hyper)
        points.append(w)
    return np.array(points)


def takes(rule, name):
    return name in inspect.signature(rule.formula).parameters


def close(a, b, scale):
    """Equal to a part in 10^11 of the scale: of rounding errors only."""
    np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11 * scale)


def some_gradients(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(dtype)


# ---- purity, dtype, shape -----------------------------------------------------------------------


@every
def test_inputs_are_not_written_to(variant):
    rule, hyper = variant
    s, w = START, some_gradients(5)
    for g in some_gradients((4, 5), seed=1):
        given_arrays = [a for a in (w, g, *s) if isinstance(a, np.ndarray)]
        copies = [a.copy() for a in given_arrays]
        for a in given_arrays:
            a.flags.writeable = False
        new_w, new_s = rule(w, g, s, lr=0.1, **hyper)
        for a, b in zip(given_arrays, copies, strict=True):
            np.testing.assert_array_equal(a, b)
        # nor does what comes out share memory with what went in or with itself
        out = [a for a in (new_w, *new_s) if isinstance(a, np.ndarray)]
        for i, a in enumerate(out):
            assert not any(np.shares_memory(a, b) for b in given_arrays + out[:i])
        w, s = new_w, new_s


@every
def test_two_continuations_of_one_state_do_not_meet(variant):
    rule, hyper = variant
    g = some_gradients((9, 3))
    w, s = np.zeros(3), START
    for x in g[:3]:
        w, s = rule(w, x, s, lr=0.1, **hyper)
    first = path(rule, g[3:], w=w, s=s, **hyper)
    path(rule, -5 * g[3:], w=w, s=s, **hyper)
    np.testing.assert_array_equal(path(rule, g[3:], w=w, s=s, **hyper), first)
    np.testing.assert_array_equal(first, path(rule, g, **hyper)[3:])


@every
def test_state_is_immutable_and_counts(variant):
    rule, hyper = variant
    s = START
    for t in range(1, 4):
        _, s = rule(np.ones(2), np.ones(2), s, lr=0.1, **hyper)
        assert s.t == t
        assert type(s.t) is int
    with pytest.raises(AttributeError):
        s.t = 0


@every
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_dtype_is_kept(variant, dtype):
    rule, hyper = variant
    w, s = np.ones(4, dtype), START
    for g in some_gradients((3, 4), dtype=dtype):
        w, s = rule(w, g, s, lr=0.125, **hyper)
        for a in (w, *s):
            assert not isinstance(a, np.ndarray) or a.dtype == dtype


@every
@pytest.mark.parametrize("shape", [(), (1,), (0,), (3,), (2, 3), (4, 1, 3)])
def test_shape_is_kept(variant, shape):
    rule, hyper = variant
    g = some_gradients((5, *shape))
    got = path(rule, g, w=np.full(shape, 0.5), **hyper)
    flat = path(rule, g.reshape(5, -1), w=np.full(g[0].size, 0.5), **hyper)
    np.testing.assert_array_equal(got, flat.reshape(6, *shape))


@every
def test_a_python_float_is_a_parameter_too(variant):
    rule, hyper = variant
    w, s = 1.0, START
    for g in (0.5, -0.25):
        w, s = rule(w, g, s, lr=0.125, **hyper)
    (*_, last) = path(rule, np.array([[0.5], [-0.25]]), w=np.ones(1), lr=0.125, **hyper)
    assert float(w) == last[0]


@every
def test_arrays_of_settings_equal_one_run_after_another(variant):
    rule, hyper = variant
    choices = {
        "lr": [0.1, 0.003, 1.0],
        "beta": [0.0, 0.5, 0.99],
        "beta1": [0.0, 0.7, 0.95],
        "beta2": [0.0, 0.8, 0.999],
        "eps": [1e-2, 1e-6, 1e-12],
        "decay": [0.0, 0.1, 0.7],
        "psi": [0.0, 0.004, 0.1],
    }
    used = {name: values for name, values in choices.items() if takes(rule, name)}
    g = some_gradients((6, 3, 4))
    w = some_gradients((3, 4), seed=1)
    columns = {name: np.array(values)[:, None] for name, values in used.items()}
    together = path(rule, g, w=w, **columns, **hyper)
    for r in range(3):
        alone = {name: values[r] for name, values in used.items()}
        # equal but for the last bit of a power, which an array may round differently
        close(together[:, r], path(rule, g[:, r], w=w[r], **alone, **hyper), 1.0)


# ---- laws ---------------------------------------------------------------------------------------


@every
@laws
@given(g=streams_with_zeros, data=st.data())
def test_coordinates_do_not_know_one_another(variant, g, data):
    rule, hyper = variant
    order = data.draw(st.permutations(range(g.shape[1])))
    whole = path(rule, g, **hyper)
    np.testing.assert_array_equal(path(rule, g[:, order], **hyper), whole[:, order])
    np.testing.assert_array_equal(path(rule, g[:, :1], **hyper), whole[:, :1])


@every
@laws
@given(g=streams_with_zeros)
def test_turning_the_gradients_round_turns_the_path_round(variant, g):
    rule, hyper = variant
    np.testing.assert_array_equal(path(rule, -g, **hyper), -path(rule, g, **hyper))


@every
@laws
@given(g=streams_with_zeros, power=st.integers(-8, 8))
def test_steps_are_proportional_to_the_rate(variant, g, power):
    rule, hyper = variant
    if takes(rule, "decay"):
        hyper = hyper | {"decay": 0.0}
    np.testing.assert_array_equal(
        path(rule, g, lr=0.1 * 2.0**power, **hyper), path(rule, g, lr=0.1, **hyper) * 2.0**power
    )


@every
@laws
@given(g=streams, c=st.floats(1e-6, 1e6))
def test_units_of_the_loss(variant, g, c):
    """A loss in other units: c times longer steps of the linear rules, the same of the others."""
    rule, hyper = variant
    if rule is adadelta:
        return  # its eps is the unit of its steps: see the next test
    if takes(rule, "eps"):
        hyper = hyper | {"eps": 0.0}
    if hyper.get("centered"):
        # the first steps only: the spread of one value is beta (1 - beta) g^2, later it may cancel
        g = g[:1]
    factor = c if rule in LINEAR else 1.0
    plain = path(rule, g, **hyper)
    close(path(rule, c * g, **hyper), factor * plain, factor * np.abs(plain).max())


@laws
@given(g=streams, c=st.floats(1e-2, 1e2))
def test_adadelta_steps_in_units_of_the_root_of_eps(g, c):
    # beside gradients of 1000 and more an eps of 1e-6 is nothing in v, and all there is in m at
    # first: the steps are as the root of eps and do not feel the unit of the loss
    g = 1e6 * g
    plain = path(adadelta, g, lr=1.0, eps=1e-6)
    scale = 1e-6 * np.abs(plain).max()
    np.testing.assert_allclose(path(adadelta, c * g, lr=1.0, eps=1e-6), plain, rtol=0, atol=scale)
    np.testing.assert_allclose(10 * path(adadelta, g, lr=1.0, eps=1e-8), plain, rtol=0, atol=scale)


# ---- reductions ---------------------------------------------------------------------------------


@laws
@given(g=streams, lr=rates)
def test_without_memory_the_adaptive_rules_follow_the_sign(g, lr):
    signs = -lr * np.concatenate([0 * g[:1], np.cumsum(np.sign(g), axis=0)])
    bare = {"beta1": 0.0, "beta2": 0.0}
    for rule in (adam, adamax, nadam):
        close(path(rule, g, lr=lr, eps=0.0, **bare), signs, lr * len(g))
    close(path(adamw, g, lr=lr, eps=0.0, decay=0.0, **bare), signs, lr * len(g))
    close(path(lion, g, lr=lr, **bare), signs, lr * len(g))
    close(path(rmsprop, g, lr=lr, beta=0.0, eps=0.0), signs, lr * len(g))
    for rule in (adagrad, adam, adamax, amsgrad, nadam):  # and with memory, on the first step
        first = path(rule, g[:1], lr=lr, eps=0.0)
        factor = 1.0
        if rule is nadam:  # mu_2 m_1 / (1 - mu_1 mu_2) + (1 - mu_1) g_1 / (1 - mu_1), m_1 = g_1 / 10
            mu = 0.9 * (1 - 0.5 * 0.96 ** (0.004 * np.array([1, 2])))
            factor = 0.1 * mu[1] / (1 - mu[0] * mu[1]) + 1
        close(first[1], -lr * factor * np.sign(g[0]), lr)


@laws
@given(g=streams_with_zeros, lr=rates)
def test_momentum_without_memory_is_gradient_descent(g, lr):
    plain = path(sgd, g, lr=lr)
    for rule in (momentum, averaged_momentum, nesterov):
        np.testing.assert_array_equal(path(rule, g, lr=lr, beta=0.0), plain)


@laws
@given(g=streams_with_zeros, lr=rates, beta=betas)
def test_averaged_momentum_is_momentum_at_a_smaller_rate(g, lr, beta):
    averaged = path(averaged_momentum, g, lr=lr, beta=beta)
    scale = lr * np.abs(g).max() * len(g)
    close(averaged, path(momentum, g, lr=lr * (1 - beta), beta=beta), scale)


@laws
@given(g=streams_with_zeros, lr=rates, beta=betas)
def test_momentum_is_the_heavy_ball(g, lr, beta):
    w = [np.zeros_like(g[0])] * 2
    for x in g:  # a step, and beta times the last displacement
        w.append(w[-1] - lr * x + beta * (w[-1] - w[-2]))
    close(path(momentum, g, lr=lr, beta=beta), w[1:], lr * np.abs(g).max() * len(g) ** 2)


@laws
@given(start=st.lists(nonzero, min_size=2, max_size=2), beta=st.floats(0, 0.95))
def test_nesterov_is_the_two_sequence_form(start, beta):
    scales, lr = np.array([1.0, 10.0]), 0.05
    y = x = np.array(start)
    w, s = y, START
    for _ in range(20):
        last, x = x, y - lr * scales * y  # a gradient step from the point ahead ...
        y = x + beta * (x - last)  # ... and from there on in the same direction
        w, s = nesterov(w, scales * w, s, lr=lr, beta=beta)
        close(w, y, np.abs(start).max())
        close(w + lr * beta * s.m, x, np.abs(start).max())  # as its docstring says


@laws
@given(g=streams, lr=rates, beta=st.floats(0.5, 0.999), eps=st.sampled_from([0.0, 1e-8, 1e-2]))
def test_relatives_of_adam(g, lr, beta, eps):
    same = np.testing.assert_array_equal
    plain = path(adam, g, lr=lr, beta2=beta, eps=eps)
    same(path(adamw, g, lr=lr, beta2=beta, eps=eps, decay=0.0), plain)
    # no average of the gradient: RMSProp, uncorrected and corrected
    no_mean = {"lr": lr, "beta1": 0.0, "beta2": beta, "eps": eps}
    scale = lr * len(g)
    close(path(adam, g, correct=False, **no_mean), path(rmsprop, g, lr=lr, beta=beta, eps=eps), scale)
    weights = (1 - beta) * beta ** np.subtract.outer(np.arange(len(g)), np.arange(len(g)))
    v_hat = np.array(
        [np.average(g[: t + 1] ** 2, axis=0, weights=weights[t, : t + 1]) for t in range(len(g))]
    )
    steps = -lr * g / (np.sqrt(v_hat) + eps)
    close(np.diff(path(adam, g, **no_mean), axis=0), steps, scale)
    # no average of the gradient leaves Nadam nothing to look ahead with
    close(path(nadam, g, **no_mean), path(adam, g, **no_mean), scale)
    # growing gradients: the largest average is the last
    grown = np.abs(g).cumsum(axis=0)
    close(path(amsgrad, grown, lr=lr, eps=eps), path(adam, grown, lr=lr, eps=eps), scale)


@laws
@given(g=streams_with_zeros, lr=rates)
def test_eps_inside_and_outside_agree_at_zero(g, lr):
    g = g + np.where(g == 0, 0.5, 0.0)
    same = {"lr": lr, "eps": 0.0}
    close(path(rmsprop, g, **same), path(rmsprop, g, eps_inside=True, **same), lr * len(g))


@laws
@given(g=streams_with_zeros, lr=rates, beta=betas)
def test_lion_with_one_beta_follows_the_sign_of_averaged_momentum(g, lr, beta):
    s, m = START, START
    w = v = np.zeros_like(g[0])
    for x in g:
        before = w
        w, s = lion(w, x, s, lr=lr, beta1=beta, beta2=beta)
        v, m = averaged_momentum(v, x, m, lr=1.0, beta=beta)
        np.testing.assert_array_equal(w, before - lr * np.sign(m.m))


# ---- bounds and ends ----------------------------------------------------------------------------


@laws
@given(g=streams_with_zeros, lr=rates, beta1=st.floats(0, 0.9), beta2=st.floats(0.9, 0.999))
def test_no_step_of_adam_is_longer_than_its_supremum(g, lr, beta1, beta2):
    steps = np.diff(path(adam, g, lr=lr, beta1=beta1, beta2=beta2, eps=1e-12, correct=False), axis=0)
    bound = lr * (1 - beta1) / np.sqrt((1 - beta2) * (1 - beta1**2 / beta2))
    assert np.all(np.abs(steps) <= bound * (1 + 1e-9))


def test_the_supremum_of_adam_is_reached():
    beta1, beta2, T = 0.9, 0.999, 200
    g = (beta1 / beta2) ** np.arange(T - 1, -1, -1.0)[:, None]
    (*_, last) = np.diff(path(adam, g, lr=1.0, eps=0.0, correct=False), axis=0)
    bound = (1 - beta1) / np.sqrt((1 - beta2) * (1 - beta1**2 / beta2))
    np.testing.assert_allclose(-last, bound, rtol=1e-6)


@laws
@given(g=streams, lr=rates)
def test_amsgrad_never_steps_further_than_adam(g, lr):
    s, largest = START, 0.0
    for x in g:
        _, s = amsgrad(np.zeros_like(x), x, s, lr=lr)
        assert np.all(s.v_max >= s.v)
        assert np.all(s.v_max >= largest)
        largest = s.v_max
    ams, plain = (np.abs(np.diff(path(rule, g, lr=lr), axis=0)) for rule in (amsgrad, adam))
    assert np.all(ams <= plain + 1e-12 * lr)


@laws
@given(g=streams, lr=rates)
def test_centring_never_shortens_a_step(g, lr):
    s = START
    for x in g:
        centred, _ = rmsprop(np.zeros_like(x), x, s, lr=lr, centered=True)
        plain, _ = rmsprop(np.zeros_like(x), x, State(s.t, 0.0, s.v), lr=lr)
        assert np.all(np.abs(centred) >= np.abs(plain))
        _, s = rmsprop(np.zeros_like(x), x, s, lr=lr, centered=True)


@laws
@given(g=nonzero, lr=rates, beta=st.floats(0, 0.99))
def test_on_a_constant_gradient(g, lr, beta):
    stream = np.full((12, 1), g)
    t = np.arange(1, 13)
    steps = {r: -np.diff(path(r, stream, lr=lr, **h), axis=0)[:, 0] for r, h in [
        (momentum, {"beta": beta}), (averaged_momentum, {"beta": beta}), (adagrad, {"eps": 0.0}),
        (adam, {"eps": 0.0}), (adamax, {"eps": 0.0}), (amsgrad, {"eps": 0.0}),
        (rmsprop, {"beta": beta, "eps": 0.0}), (lion, {}),
    ]}  # fmt: skip
    ewa_of_one = 1 - beta**t
    close(steps[momentum], lr * g * ewa_of_one / (1 - beta), lr * abs(g) * 12)
    close(steps[averaged_momentum], lr * g * ewa_of_one, lr * abs(g) * 12)
    sign = np.sign(g)
    close(steps[adagrad], lr * sign / np.sqrt(t), lr * 12)
    close(steps[rmsprop], lr * sign / np.sqrt(ewa_of_one), lr * 1200)
    for rule in (adam, adamax, amsgrad, lion):
        close(steps[rule], lr * sign, lr * 12)


@every
def test_without_gradient_nothing_moves_but_decay(variant):
    rule, hyper = variant
    w = np.array([2.0, -3.0])
    if takes(rule, "decay"):
        got = path(rule, np.zeros((5, 2)), w=w, decay=0.5, lr=0.25, **hyper)
        np.testing.assert_allclose(got, w * 0.875 ** np.arange(6.0)[:, None], rtol=1e-15)
        hyper = hyper | {"decay": 0.0}
    np.testing.assert_array_equal(path(rule, np.zeros((5, 2)), w=w, **hyper), np.tile(w, (6, 1)))


def test_adamax_without_eps_waits_for_the_first_gradient():
    got = path(adamax, np.array([[0.0], [0.0], [3.0]]), lr=1.0, eps=0.0, beta1=0.5)
    np.testing.assert_allclose(got[:, 0], [0, 0, 0, -0.5 / 0.875], rtol=1e-15)


def test_centred_rmsprop_survives_a_constant_gradient():
    # rounding makes v - m^2 negative, a root of which would be NaN
    got = path(rmsprop, np.full((200, 9), np.linspace(0.1, 0.9, 9)), beta=0.5, centered=True)
    assert np.all(np.isfinite(got))
