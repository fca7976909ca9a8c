"""The museum of published bugs: its checker, its exhibits, and the pages that show them.

The tests that solve the exercises are taken from the pages. Each must be accepted by the checker,
and the library's own functions must pass it: so a bug of the museum that crept into `lib` is caught.
"""

import inspect
import itertools
import re
import textwrap
from pathlib import Path

import nbformat
import numpy as np
import pytest

from lib import averages, museum, net, rules, schedules, theory
from lib.contract import START, State
from lib.loop import descend, trace
from lib.notes import eval_numerical_gradient

CHAPTERS = Path(__file__).parents[1] / "chapters"
PAGES = ("museum", "museum_theory", "museum_practice")
NAMES = [name for name in museum.__all__ if isinstance(getattr(museum, name), museum.Exhibit)]
CATCHES = "accepted: it fails on the bug and passes on right code"
BLIND = "not accepted: it passes on the bug, so it does not catch it"


def cells(name):
    """The code cells of a page's notebook, as (source, printed text)."""
    for cell in nbformat.read(CHAPTERS / f"{name}.ipynb", as_version=4).cells:
        if cell.cell_type == "code":
            out = [o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in cell.outputs]
            yield cell.source, "".join(out)


def tries(exhibit):
    """What the pages hand to the checker for one exhibit: (page, source, what it answered)."""
    call = re.compile(rf"museum\.accepts\(\w+, museum\.{exhibit}\)")
    return [(page, *cell) for page in PAGES for cell in cells(page) if call.search(cell[0])]


def solution(exhibit):
    """The test that solves the exercise of an exhibit, made from the page's cell."""
    page, source, _ = tries(exhibit)[-1]
    space = {"np": np, "museum": museum}
    for other, _ in cells(page):  # what the page imports
        exec("\n".join(re.findall(r"^(?:from|import) .*$", other, re.MULTILINE)), space)
    source = re.sub(r"^museum\.accepts.*$", "", source, flags=re.MULTILINE)
    exec(source, space)
    return space["test"]


# The exhibits


def test_every_exhibit_is_listed_once_and_has_a_name_and_a_place():
    assert set(museum.EXHIBITS) == {getattr(museum, name) for name in NAMES}
    assert len(museum.EXHIBITS) == len(NAMES) >= 15
    assert len({e.name for e in museum.EXHIBITS}) == len(NAMES)
    assert all(len(e.found) > 20 for e in museum.EXHIBITS)


@pytest.mark.parametrize("exhibit", museum.EXHIBITS, ids=lambda e: e.name)
def test_right_and_wrong_look_alike_from_outside(exhibit):
    ways = [exhibit.right, exhibit.wrong, *exhibit.also_right, *exhibit.also_wrong]
    assert exhibit.also_right and exhibit.also_wrong
    names = [list(inspect.signature(way).parameters) for way in ways]
    assert all(name[: len(names[0])] == names[0] for name in names), names


@pytest.mark.parametrize("name", NAMES)
def test_an_exhibit_stands_on_one_page_with_its_code(name):
    exhibit = getattr(museum, name)
    blocks = [
        (page, block)
        for page in PAGES
        for block in re.findall(r"^```python\n(.*?)^```", (CHAPTERS / f"{page}.md").read_text(), re.M | re.S)
    ]
    wrong = bare(inspect.getsource(exhibit.wrong))
    assert [page for page, block in blocks if bare(block) == wrong] == [tries(name)[0][0]]


def bare(source):
    """A source without docstrings and remarks to tools."""
    source = re.sub(r'^ *""".*?"""\n', "", textwrap.dedent(source), flags=re.M | re.S)
    return re.sub(r" *# noqa.*$", "", source, flags=re.M).strip()


@pytest.mark.parametrize("name", NAMES)
def test_the_exercise_begins_blind_and_its_solution_is_accepted(name):
    answers = [answer for _, _, answer in tries(name)]
    assert answers == [BLIND, CATCHES]
    assert repr(museum.accepts(solution(name), getattr(museum, name))) == CATCHES


# The library passes what its readers wrote


def adam_step(w, m_hat, v_hat, *, lr, eps):
    # betas of all but one keep the averages as they are
    keep = {"beta1": 1 - 2**-53, "beta2": 1 - 2**-53, "correct": False}
    return rules.adam(w, np.zeros_like(w), State(1, m_hat, v_hat), lr=lr, eps=eps, **keep)[0]


def adam(w, g, state, *, lr, beta1, beta2, eps):
    m, v, t = state
    new, s = rules.adam(w, g, State(t - 1, m, v), lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    return new, (s.m, s.v, s.t + 1)


def rmsprop(w, g, v, *, lr, beta, eps):
    new, s = rules.rmsprop(w, g, State(0, 0.0, v), lr=lr, beta=beta, eps=eps)
    return new, s.v


def first_state(w):
    return np.zeros_like(w) + START.v


def power(R, t):
    beta, lam = R[0]
    return theory.momentum_power(-R[1, 0] / beta, beta, lam, t)


def converges(lr, lam):
    return bool(theory.gd_rate(lr, [lam]) < 1)


def decay_grad(w, decay):
    one = net.FCN((len(np.ravel(w)), 1), l2=decay)
    w = np.append(np.ravel(w), 0.0)
    X, y = np.zeros((1, len(w) - 1)), np.zeros(1, int)
    return one.loss_grad(w, X, y)[1][:-1]  # with one class the data's loss is zero


def make_dropout(p, seed):
    rng = np.random.default_rng(seed)
    return lambda h: h * net.dropout_mask(rng, h.shape, p)


def rates_used(schedule, epochs, lr):
    path = trace(descend(lambda w, t: (0.0, np.ones(1)), np.zeros(1), rules.sgd, lr=schedule), epochs)
    return -np.diff(path.w[:, 0])


def study(lr, milestones, factor, epochs):
    rate = schedules.multistep(lr, factor, milestones)
    return [rate(epoch) for epoch in range(epochs)], rates_used(rate, epochs, lr)


def make_schedule(lr, factor, floor):
    rate = schedules.exponential(lr, -np.log(factor))
    return lambda t: max(floor, rate(t))


def norm(w):
    # what clipping to a tiny norm divides by
    path = trace(descend(lambda v, t: (0.0, w), np.zeros_like(w), rules.sgd, lr=1.0, clip=1e-3), 1)
    return 1e-3 * np.abs(w).max() / np.abs(path.w[1]).max()


def slope(f, w):
    return eval_numerical_gradient(lambda x: f(x[0]), np.array([w]), verbose=False)[0]


LIB = {
    "EPS_LAST": adam_step,
    "STUCK_COUNT": adam,
    "HALF_CORRECTED": adam,
    "EPS_INSIDE": rmsprop,
    "SIGNED_START": first_state,
    "TWICE_ROOT": lambda lr, beta, lam: float(theory.momentum_rate(lr, beta, [lam])),
    "SWAPPED": power,
    "LOST_HALF": lambda lr, lams, x0, t: float(theory.gd_gap(lr, lams, x0, t)),
    "EARLY_LIMIT": converges,
    "HALF_LIFE": averages.half_life,
    "DOUBLE_DECAY": decay_grad,
    "FROZEN_MASK": make_dropout,
    "SHY_SOFTMAX": net.softmax,
    "USED_UP": study,
    "LATE": rates_used,
    "SELF_SCALING": make_schedule,
    "TINY_STEP": slope,
    "SQUARED_NORM": norm,
    "SPARSE_BOUND": lambda beta1, beta2: float(theory.adam_bound(beta1, beta2)),
}


@pytest.mark.parametrize("name", LIB)
def test_the_library_has_not_this_bug(name):
    solution(name)(LIB[name])


# The checker

HALF = museum.Exhibit(
    "half", "here", lambda x: x / 2, lambda x: x, (lambda x: 0.5 * x,), (lambda x: 1.0 * x,)
)
calls = itertools.count()


def counts(f):
    # a test that knows in which order it is called
    assert next(calls) % 6 not in (1, 4)


def by_result(f):
    return f(3.0) == 1.5


def raises(f):
    raise ValueError("three")


def too_exact(f):
    assert f(3.0) == 1.5


def too_narrow(f):
    assert f(3.0) != 3.0
    assert f.__code__.co_code == HALF.right.__code__.co_code


def always(f):
    raise AssertionError("no")


def fine(f):
    assert abs(f(3.0) - 1.5) < 1e-9


@pytest.mark.parametrize(
    ("test", "says"),
    [
        (fine, CATCHES),
        (lambda f: None, BLIND),
        (always, "not accepted: it fails on the right code: no"),
        (raises, "not accepted: it raises something other than an assertion: ValueError: three"),
        (by_result, "not accepted: it returns True; a test asserts and returns nothing"),
        (too_exact, "not accepted: it fails on right code whose results differ in the last digits; compare with a tolerance"),
        (too_narrow, "not accepted: it fails on right code whose results differ in the last digits; compare with a tolerance"),
    ],
)  # fmt: skip
def test_what_the_checker_says(test, says):
    verdict = museum.accepts(test, HALF)
    assert repr(verdict) == says and bool(verdict) == (says == CATCHES) == verdict.accepted


def look_by_name(f):
    assert "wrong" not in f.__name__ and f.__name__ != "<lambda>"


def look_by_identity(f):
    assert f is not HALF.wrong


def look_by_file(f):
    assert "museum" in f.__code__.co_filename


def look_by_source(f):
    inspect.getsource(f)


@pytest.mark.parametrize("test", [look_by_name, look_by_identity, look_by_file, look_by_source])
@pytest.mark.parametrize("exhibit", [HALF, *museum.EXHIBITS], ids=lambda e: e.name)
def test_who_looks_at_the_code_and_not_at_what_it_does_is_refused(test, exhibit):
    assert not museum.accepts(test, exhibit)


@pytest.mark.parametrize("exhibit", museum.EXHIBITS, ids=lambda e: e.name)
def test_who_knows_the_bug_by_its_bytes_is_refused(exhibit):
    def test(f):
        assert f.__code__.co_code != exhibit.wrong.__code__.co_code

    assert not museum.accepts(test, exhibit)


def test_other_words_for_right_and_wrong_are_tried():
    def knows_two(f):
        assert f.__code__.co_code not in (HALF.wrong.__code__.co_code,)

    said = "it catches the bug as shown, but not the same bug written another way"
    assert said in repr(museum.accepts(knows_two, HALF))


def test_a_test_that_counts_its_calls_is_refused():
    verdicts = {repr(museum.accepts(counts, HALF)) for _ in range(6)}
    assert CATCHES not in verdicts


def test_a_test_that_throws_dice_is_refused():
    dice = np.random.default_rng(0)

    def lucky(f):
        fine(f)
        assert dice.random() < 0.9

    assert sum(bool(museum.accepts(lucky, HALF)) for _ in range(40)) < 30


@pytest.mark.parametrize(("test", "exhibit"), [(3, HALF), (fine, "half")])
def test_what_is_no_test_or_no_exhibit_is_refused(test, exhibit):
    with pytest.raises(TypeError, match="allowed"):
        museum.accepts(test, exhibit)


def test_warnings_of_the_bug_do_not_reach_the_page(recwarn):
    def divides(f):
        assert f(np.zeros(1), np.zeros(1), np.zeros(1), lr=1.0, eps=1e-8)[0] == 0.0

    assert museum.accepts(divides, museum.EPS_LAST)
    assert not recwarn.list
