"""What a rule must refuse, at once, naming the value and what is allowed."""

import inspect
import re

import numpy as np
import pytest

from lib import rules
from lib.contract import State, rule
from lib.rules import START, AmsgradState, CenteredState, NadamState, adam, momentum, rmsprop, sgd

RULES = [getattr(rules, name) for name in rules.__all__ if name.islower()]
NAMES = [r.__name__ for r in RULES]
W, G = np.array([1.0, 2.0]), np.array([0.5, -1.0])
NAN, INF = float("nan"), float("inf")


def settings(r):
    """The hyper-parameters a rule takes, and their defaults."""
    found = inspect.signature(r.formula).parameters.values()
    return {p.name: p.default for p in found if p.kind is p.KEYWORD_ONLY}


def with_setting(name):
    return [r for r in RULES if name in settings(r)]


def refused(error, said, r, w=W, g=G, s=START, **hyper):
    """The rule raises `error`, and the whole message is `said` after the rule's name."""
    hyper.setdefault("lr", 0.1)
    with pytest.raises(error) as caught:
        r(w, g, s, **hyper)
    assert str(caught.value) == f"{r.__name__}: {said}"


ranges = [("lr", v, "finite numbers > 0") for v in (0, 0.0, -0.1, NAN, INF, -INF)]
ranges += [(b, v, "numbers in [0, 1)") for b in ("beta", "beta1", "beta2") for v in (-0.1, 1, 1.5, NAN)]
ranges += [(name, v, "finite numbers >= 0") for name in ("eps", "decay", "psi") for v in (-1e-8, NAN, INF)]


@pytest.mark.parametrize(("name", "value", "allowed"), ranges)
def test_values_out_of_range(name, value, allowed):
    takers = with_setting(name)
    assert takers
    for r in takers:
        refused(ValueError, f"{name} is {value}; allowed are {allowed}", r, **{name: value})


@pytest.mark.parametrize("name", ["lr", "beta", "beta1", "beta2", "eps", "decay", "psi"])
@pytest.mark.parametrize("value", ["0.1", None, True, [0.1], 0.1j])
def test_values_that_are_no_numbers(name, value):
    for r in with_setting(name):
        said = f"{name} is {value!r}; allowed are numbers and arrays of numbers"
        refused(TypeError, said, r, **{name: value})


@pytest.mark.parametrize("name", ["correct", "centered", "eps_inside"])
@pytest.mark.parametrize("value", ["False", 0, 1, None, np.True_])
def test_flags_are_true_or_false(name, value):
    (r,) = with_setting(name)
    refused(TypeError, f"{name} is {value!r}; allowed are True and False", r, **{name: value})


def test_every_number_has_a_range():
    for r in RULES:
        for name, default in settings(r).items():
            flag = isinstance(default, bool)
            refused(
                TypeError if flag else ValueError,
                {
                    "lr": "lr is nan; allowed are finite numbers > 0",
                    "eps": "eps is nan; allowed are finite numbers >= 0",
                    "decay": "decay is nan; allowed are finite numbers >= 0",
                    "psi": "psi is nan; allowed are finite numbers >= 0",
                }.get(
                    name,
                    f"{name} is nan; allowed are {'True and False' if flag else 'numbers in [0, 1)'}",
                ),
                r,
                **{name: NAN},
            )


@pytest.mark.parametrize(
    ("r", "unknown", "said"),
    [
        (sgd, "learning_rate", "no hyper-parameter 'learning_rate'; it takes lr"),
        (sgd, "momentum", "no hyper-parameter 'momentum'; it takes lr"),
        (momentum, "bet", "no hyper-parameter 'bet' (did you mean 'beta'?); it takes lr, beta"),
        (momentum, "beta1", "no hyper-parameter 'beta1' (did you mean 'beta'?); it takes lr, beta"),
        (
            adam,
            "epsilon",
            "no hyper-parameter 'epsilon' (did you mean 'eps'?); it takes lr, beta1, beta2, eps, correct",
        ),
        (
            rmsprop,
            "centred",
            "no hyper-parameter 'centred' (did you mean 'centered'?); it takes lr, beta, eps, "
            "eps_inside, centered",
        ),
    ],
)
def test_unknown_hyper_parameter(r, unknown, said):
    refused(TypeError, said, r, **{unknown: 0.5})


@pytest.mark.parametrize("r", RULES, ids=NAMES)
def test_the_rate_has_no_default(r):
    with pytest.raises(TypeError, match=rf"^{r.__name__}: lr is missing: it has no default$"):
        r(W, G)


@pytest.mark.parametrize("r", RULES, ids=NAMES)
def test_hyper_parameters_are_given_by_name(r):
    with pytest.raises(TypeError, match="positional argument"):
        r(W, G, START, 0.1)


@pytest.mark.parametrize("r", RULES, ids=NAMES)
def test_a_schedule_is_not_a_rate(r):
    refused(TypeError, "lr is a schedule; a rule takes its value, lr(t)", r, lr=lambda t: 0.1)


@pytest.mark.parametrize("r", RULES, ids=NAMES)
class TestArrays:
    def test_lists(self, r):
        said = "{0} is a list; allowed are float arrays, np.asarray({0}, float)"
        refused(TypeError, said.format("w"), r, w=[1.0, 2.0])
        refused(TypeError, said.format("g"), r, g=[1.0, 2.0])

    def test_integers(self, r):
        said = "w has dtype int64; allowed are float dtypes: w.astype(float)"
        refused(TypeError, said, r, w=np.array([1, 2], np.int64), g=np.array([1, 2], np.int64))
        refused(
            TypeError, "g has dtype int64; allowed is that of w, float64", r, g=np.array([1, 2], np.int64)
        )

    def test_complex_and_bool(self, r):
        for dtype in (complex, bool):
            w = W.astype(dtype)
            said = f"w has dtype {w.dtype}; allowed are float dtypes: w.astype(float)"
            refused(TypeError, said, r, w=w, g=w)

    def test_another_dtype(self, r):
        refused(TypeError, "g has dtype float32; allowed is that of w, float64", r, g=G.astype(np.float32))
        refused(TypeError, "g has dtype float64; allowed is that of w, float32", r, w=W.astype(np.float32))

    @pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 2), (2, 2)])
    def test_another_shape(self, r, shape):
        said = f"g has shape {shape}; allowed is that of w, (2,)"
        refused(ValueError, said, r, g=np.ones(shape))

    def test_a_rate_that_would_change_the_dtype(self, r):
        w, g = W.astype(np.float32), G.astype(np.float32)
        for lr in (np.float64(0.1), np.array(0.1), np.array([0.1, 0.1])):
            said = (
                f"lr is {lr!r} of dtype float64, which would turn parameters of dtype float32 into "
                "float64; allowed are Python floats and float32"
            )
            refused(TypeError, said, r, w=w, g=g, lr=lr)
        assert r(w, g, lr=np.float32(0.1))[0].dtype == np.float32

    @pytest.mark.parametrize("shape", [(2,), (3,), (2, 3), (1, 2, 1)])
    def test_an_array_that_does_not_broadcast(self, r, shape):
        w = np.ones((2, 5))
        for name, value in settings(r).items():
            if not isinstance(value, bool):
                array = np.full(shape, 0.25)
                said = (
                    f"{name} has shape {shape}, which does not broadcast to w, (2, 5); for R runs of "
                    "shape (R, P) allowed is (R, 1)"
                )
                refused(ValueError, said, r, w=w, g=w, **{name: array})

    def test_one_bad_number_among_good_ones(self, r):
        w = np.ones((2, 5))
        with pytest.raises(ValueError, match=r"(?s)lr is .*; allowed are finite numbers > 0"):
            r(w, w, lr=np.array([[0.1], [0.0]]))


@pytest.mark.parametrize("r", RULES, ids=NAMES)
@pytest.mark.parametrize("alien", [None, {}, (0, 0.0, 0.0), 3])
def test_what_is_no_state(r, alien):
    with pytest.raises(TypeError, match=rf"{r.__name__}: the state is a \w+; allowed are START and \w+"):
        r(W, G, alien, lr=0.1)


def test_state_of_another_rule():
    _, of_adam = adam(W, G, lr=0.1)
    refused(
        TypeError,
        "the state is a State; allowed are START and AmsgradState",
        rules.amsgrad,
        s=of_adam,
    )
    refused(TypeError, "the state is a State; allowed are START and NadamState", rules.nadam, s=of_adam)
    refused(
        TypeError,
        "the state is a NadamState; allowed are START and State",
        adam,
        s=NadamState(1, W, W, 0.5),
    )
    refused(
        TypeError,
        "the state is a AmsgradState; allowed are START and State or CenteredState",
        rmsprop,
        s=AmsgradState(1, W, W, W),
    )
    assert rmsprop(W, G, CenteredState(1, W, 9 * W), lr=0.1, centered=True)[1].t == 2


@pytest.mark.parametrize("r", [r for r in RULES if r is not sgd], ids=[n for n in NAMES if n != "sgd"])
def test_state_of_other_parameters(r):
    _, s = r(np.ones(3), np.ones(3), lr=0.1)
    slot = next(name for name, value in zip(s._fields[1:], s[1:], strict=True) if np.ndim(value))
    said = f"the state's {slot} has shape (3,), w has (2,): it belongs to other parameters; begin with START"
    refused(ValueError, said, r, s=s)


def test_a_rule_that_changes_the_dtype_is_told():
    @rule
    def careless(w, g, s=START, *, lr):
        return w - np.float64(lr) * g, State(s.t + 1)

    w = W.astype(np.float32)
    said = (
        "careless: a step turned parameters of shape (2,) and dtype float32 into (2,) and float64; "
        "a rule keeps both"
    )
    with pytest.raises(TypeError, match=re.escape(said)):
        careless(w, w, lr=0.1)
    assert careless(W, G, lr=0.1)[0].dtype == np.float64


def test_a_rule_that_changes_the_shape_is_told():
    @rule
    def careless(w, g, s=START, *, lr):
        return (w - lr * g)[None], State(s.t + 1)

    with pytest.raises(TypeError, match=r"careless: a step turned .* into \(1, 2\) and float64"):
        careless(W, G, lr=0.1)
