"""Claims of the museum's first room, rules and schedules.

The oracles are the library's rules and loop, exact counts, and closed forms; the bugs are the
museum's.
"""

from functools import cache

import numpy as np
from claims import claim

from lib import museum, rules
from lib.contract import START
from lib.data import digits
from lib.loop import batches, descend, trace, train
from lib.net import FCN

NET = FCN((64, 32, 10))
DATA = digits()


def off(measured, stated):
    """The largest relative deviation."""
    measured, stated = np.asarray(measured, float), np.asarray(stated, float)
    return float(np.max(np.abs(measured / stated - 1)))


@claim(
    "num-mus-eps-last",
    says="Of 2410 weights 365 have no gradient in the first step; with ε outside the fraction exactly these become NaN, and the loss with them.",
    against="only the 96 weights of the three black pixels are lost",
    tolerance=0,
)
def test_eps_last():
    w = NET.init(np.random.default_rng(0))
    _, g = NET.loss_grad(w, DATA.X_train, DATA.y_train)
    assert np.flatnonzero((DATA.X_train == 0).all(axis=0)).tolist() == [0, 32, 39]
    hidden = np.maximum(DATA.X_train @ NET.unpack(w)[0] + NET.unpack(w)[1], 0)
    assert (hidden == 0).all(axis=0).sum() == 2 and w.size == 2410
    good = rules.adam(w, g, START, lr=0.001)[0]
    with np.errstate(invalid="ignore"):
        bad = museum.EPS_LAST.wrong(w, g, g**2, lr=0.001, eps=1e-8)
        assert np.isfinite(NET.loss(good, DATA.X_train, DATA.y_train))
        assert np.isnan(NET.loss(bad, DATA.X_train, DATA.y_train))
    assert np.array_equal(np.isnan(bad), g == 0)
    lost = int(np.isnan(bad).sum())
    return float(abs(lost - 365)), float(abs(lost - 96))


@claim(
    "num-mus-stuck",
    says="With the count stuck at 1, steps under a constant gradient are 1, 1.34, 1.57, up to 2.08 in step 12, and tend to .316 learning rates.",
    against="they tend to Adam's own step, one learning rate",
    tolerance=0.005,
)
def test_stuck():
    w, state, steps = np.zeros(1), (0.0, 0.0, 1), []
    for _ in range(20000):
        new, state = museum.STUCK_COUNT.wrong(w, np.ones(1), state, lr=1.0, beta1=0.9, beta2=0.999, eps=1e-8)
        steps.append((w - new)[0])
        w = new
    limit = np.sqrt(1 - 0.999) / (1 - 0.9)
    assert np.argmax(steps) == 11
    error = off([*steps[:3], max(steps), steps[-1]], [1, 1.34, 1.57, 2.08, limit])
    return max(error, off(limit, 0.316)), off(steps[-1], 1.0)


@claim(
    "num-mus-half-first",
    says=r"Without the second correction the first step is $1/\sqrt{1-\beta_2}$ learning rates: 10 for β₂ = .99, 31.6 for .999.",
    against="it is one learning rate, as in Adam",
    tolerance=1e-3,
)
def test_half_first():
    first = [
        -museum.HALF_CORRECTED.wrong(
            np.zeros(1), np.full(1, 7.0), (0.0, 0.0, 1), lr=1.0, beta1=0.9, beta2=b, eps=0.0
        )[0][0]
        for b in (0.99, 0.999)
    ]
    adam = [-rules.adam(np.zeros(1), np.full(1, 7.0), START, lr=1.0, beta2=b)[0][0] for b in (0.99, 0.999)]
    assert off(adam, [1, 1]) < 1e-6
    return off(first, [10, 31.6]), off(first, adam)


@cache
def losses(half, lr):
    """Training losses of three seeds over two epochs, (3, 91)."""
    runs = []
    for seed in range(3):
        order, state = batches(len(DATA.y_train), 32, seed), (0.0, 0.0, 1)
        w = NET.init(np.random.default_rng(seed))
        if half:
            path = []
            for t in range(2 * order.steps_per_epoch):
                path.append(NET.loss(w, DATA.X_train, DATA.y_train))
                _, g = NET.loss_grad(w, DATA.X_train[order(t)], DATA.y_train[order(t)])
                w, state = museum.HALF_CORRECTED.wrong(w, g, state, lr=lr, beta1=0.9, beta2=0.999, eps=1e-8)
            runs.append([*path, NET.loss(w, DATA.X_train, DATA.y_train)])
        else:  # the library's rule in the library's loop

            def batch(w, t, order=order):
                return NET.loss_grad(w, DATA.X_train[order(t)], DATA.y_train[order(t)])

            ws = trace(descend(batch, w, rules.adam, lr=lr), 2 * order.steps_per_epoch).w
            runs.append([NET.loss(w, DATA.X_train, DATA.y_train) for w in ws])
    return np.array(runs)


@claim(
    "num-mus-half-loss",
    says="With η = .01 the first step lifts the loss above 8.5 with each of three seeds; after two epochs the means are .24 for Adam, .80 for the bug.",
    against="after two epochs both are at the same loss",
    tolerance=0.02,
)
def test_half_loss():
    right, wrong = losses(False, 0.01), losses(True, 0.01)
    assert np.all(wrong[:, 1] > 8.5)
    ends = [right[:, -1].mean(), wrong[:, -1].mean()]
    return off(ends, [0.24, 0.80]), off(wrong[:, -1].mean(), right[:, -1].mean())


@claim(
    "num-mus-half-small",
    says="With η = .001 the bug is ahead after two epochs, at .40 against Adam's 1.66.",
    against="the bug is always behind",
    tolerance=0.02,
)
def test_half_small():
    right, wrong = losses(False, 0.001)[:, -1], losses(True, 0.001)[:, -1]
    return off([wrong.mean(), right.mean()], [0.40, 1.66]), float((right - wrong).min())


@claim(
    "num-mus-eps-inside",
    says="For a steady gradient of 1e-4 and ε = 1e-5 the step is .909 learning rates with ε outside, .0316 inside, 29 times less.",
    against="the place of ε makes no difference",
    tolerance=0.01,
)
def test_eps_inside():
    g = np.array([1e-4])
    step = [
        -rules.rmsprop(np.zeros(1), g, rules.State(1, 0.0, g**2), lr=1.0, beta=0.9, eps=1e-5, eps_inside=i)[
            0
        ][0]
        for i in (False, True)
    ]
    wrong = -museum.EPS_INSIDE.wrong(np.zeros(1), g, g**2, lr=1.0, beta=0.9, eps=1e-5)[0][0]
    assert off(wrong, step[1]) < 1e-12
    assert off([1e5, 316.2], [1 / 1e-5, 1e-5**-0.5]) < 1e-3
    return off([*step, step[0] / step[1]], [0.909, 0.0316, 28.8]), off(step[0], step[1])


@claim(
    "num-mus-signed",
    says="After one step with β = .99 and a batch of 32, 635 of 2410 averages of squares are negative and their weights NaN.",
    against="none is: squares outweigh a start of 1e-6",
    tolerance=0,
)
def test_signed():
    w = NET.init(np.random.default_rng(0))
    i = batches(len(DATA.y_train), 32, 0)(0)
    _, g = NET.loss_grad(w, DATA.X_train[i], DATA.y_train[i])
    with np.errstate(invalid="ignore"):
        new, _ = rules.rmsprop(
            w, g, rules.State(0, 0.0, museum.SIGNED_START.wrong(w)), lr=0.001, beta=0.99, eps=1e-8
        )
    good, _ = rules.rmsprop(w, g, START, lr=0.001, beta=0.99, eps=1e-8)
    assert np.isfinite(good).all()
    return float(abs(np.isnan(new).sum() - 635)), float(np.isnan(new).sum())


@claim(
    "num-mus-used-up",
    says="The plot shows .5 and, from epoch 15 on, .25; the training after it runs at .125 throughout.",
    against="training uses the plotted rates",
    tolerance=0,
)
def test_used_up():
    plotted, used = museum.USED_UP.wrong(0.5, [15, 30], 0.5, 30)
    error = (
        np.abs(np.subtract(plotted, [0.5] * 15 + [0.25] * 15)).max() + np.abs(np.array(used) - 0.125).max()
    )
    return float(error), float(np.abs(np.subtract(plotted, used)).max())


@claim(
    "num-mus-used-loss",
    says="Mean training losses after 30 epochs: .019 with the plotted rates, .068 with the used one, .013 with a constant .5.",
    against="the used rate ends as the plotted ones would",
    tolerance=0.05,
)
def test_used_loss():
    per_epoch = batches(len(DATA.y_train), 32, 0).steps_per_epoch
    ends = []
    for rates in (*museum.USED_UP.wrong(0.5, [15, 30], 0.5, 30), [0.5] * 30):
        run = train(
            NET, DATA, rules.sgd, lr=lambda t, rates=rates: rates[t // per_epoch],
            epochs=30, batch_size=32, seed=(0, 1, 2),
        )  # fmt: skip
        ends.append(run.train_loss[-1].mean())
    return off(ends, [0.019, 0.068, 0.013]), off(ends[1], ends[0])


@claim(
    "num-mus-late",
    says="With the square-root schedule from .1 the late loop uses .1, .1, .0707 in place of .1, .0707, .0577.",
    against="it uses the schedule's own rates",
    tolerance=0.001,
)
def test_late():
    def root(epoch):
        return 0.1 / np.sqrt(epoch + 1)

    late = museum.LATE.wrong(root, 3, 0.1)
    on_time = [root(0), root(1), root(2)]
    return max(off(late, [0.1, 0.1, 0.0707]), off(on_time, [0.1, 0.0707, 0.0577])), off(late, on_time)


@claim(
    "num-mus-late-quartic",
    says="On w⁴/4 from 5 with warm-up to .15 the loss falls from 156 to .006 in 20 steps; one step late w passes 1e33 in five.",
    against="one step late makes no difference to speak of",
    tolerance=0.02,
)
def test_late_quartic():
    def warm(t):
        return min(0.15, 0.03 * (t + 1))

    def walk(rates):
        path = [5.0]
        for rate in rates:
            path.append(path[-1] - rate * path[-1] ** 3)
        return path

    on_time = [3 * step / 100 for step in (1, 2, 3, 4)] + [0.15] * 16
    right = walk(on_time)
    wrong = walk(museum.LATE.wrong(warm, 5, 0.15))
    assert off(museum.LATE.right(warm, 20, 0.15), on_time) < 1e-12
    assert abs(wrong[5]) > 1e33
    return off([right[0] ** 4 / 4, right[-1] ** 4 / 4], [156, 0.006]), float(np.log10(abs(wrong[5])))


@claim(
    "num-mus-self-scaling",
    says="The stateful schedule from 2 with factor .9 answers 1.8, 1.62, 1.458 to the same question, and its floor .01 after fifty.",
    against="it answers 2 each time",
    tolerance=1e-12,
)
def test_self_scaling():
    schedule = museum.SELF_SCALING.wrong(2.0, 0.9, 0.01)
    first = [schedule(0) for _ in range(3)]
    after = [schedule(t) for t in range(3, 51)] and schedule(0)
    return off([*first, after], [1.8, 1.62, 1.458, 0.01]), off(first, [2.0] * 3)
