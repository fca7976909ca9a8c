"""Claims of chapter 09, schedules.

The oracles: PyTorch's rates in the golden file, exact fractions, SciPy's optimisers, enumeration of
all signs of the noise, and the loop itself.
"""

import math
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
from claims import claim
from scipy.optimize import minimize, minimize_scalar

from lib import theory
from lib.data import digits
from lib.experiments import cut, fair
from lib.loop import descend, trace, train
from lib.net import FCN
from lib.rules import START, adam, sgd
from lib.schedules import (
    chebyshev,
    constant,
    cosine,
    exponential,
    inverse_time,
    multistep,
    one_cycle,
    per_epoch,
    polynomial,
    step,
    warm_restarts,
    warmup,
)

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "schedules" / "schedules.npz")
T, LAMS = 60, np.geomspace(0.02, 1, 12)  # the chapter's problem, with x0 = 1


def rates(schedule, steps=T):
    return np.array([schedule(t) for t in range(steps)])


def end(lrs, noise, lams=LAMS, x0=1.0):
    """Expected loss after the last step, mode by mode: the recursion of e, not `theory`'s of mean and variance."""
    e = np.full(len(lams), float(x0) ** 2)
    for lr in lrs:
        e = (1 - lr * lams) ** 2 * e + lr**2 * noise**2
    return 0.5 * float(lams @ e)


# The opening


def tuned(make, noise=0.1):
    """Expected loss under the best of many learning rates, a grid of its own and a local search."""
    with np.errstate(over="ignore", invalid="ignore"):
        grid = np.geomspace(0.02, 4, 40)
        ends = [end(rates(make(lr)), noise) for lr in grid]
        i = int(np.nanargmin(ends))
        near = (grid[max(i - 1, 0)], grid[min(i + 1, 39)])
        found = minimize_scalar(lambda lr: end(rates(make(lr)), noise), bounds=near, method="bounded")
    return found.fun


@claim(
    "num-sched-best",
    says="Beside the best schedule a tuned exponential costs 0.5 %, linear 5 %, cosine 12 %, constant 60 %; the best begins with four steps beyond 2/λmax.",
    against="the best schedule is within the stability limit of a constant rate",
    tolerance=0.011,
)
def test_best():
    best = theory.best_lrs(T, LAMS, 0.1, 1.0)
    stated = {
        1.005: lambda lr: exponential(lr, 3 / T),
        1.05: lambda lr: polynomial(lr, T),
        1.12: lambda lr: cosine(lr, T),
        1.60: constant,
    }
    assert (best > 2).tolist() == [True] * 4 + [False] * 56
    assert np.all(np.diff(best) < 0)
    error = max(abs(tuned(make) / end(best, 0.1) - cost) for cost, make in stated.items())
    inside = minimize(
        lambda lrs: np.log(end(lrs, 0.1)), np.minimum(best, 2.0), method="L-BFGS-B", bounds=[(0, 2)] * T
    )
    assert np.exp(inside.fun) > end(best, 0.1)
    return error, float(best[0] / 2 - 1)


@claim(
    "num-sched-same",
    says="L-BFGS from random starts finds the same schedule at the same loss.",
    against="it finds the tuned exponential, half a percent worse",
    tolerance=1e-5,
)
def test_same():
    rng, best = np.random.default_rng(2), theory.best_lrs(T, LAMS, 0.1, 1.0)
    error = 0.0
    for _ in range(3):
        found = minimize(
            lambda lrs: np.log(end(lrs, 0.1)),
            rng.uniform(0.05, 2, T),
            method="L-BFGS-B",
            bounds=[(0, 20)] * T,
            options={"maxiter": 2000, "maxfun": 10**6, "ftol": 1e-13},
        )
        error = max(error, abs(np.exp(found.fun) / end(best, 0.1) - 1))
        np.testing.assert_allclose(found.x, best, rtol=0.05)
    return error, tuned(lambda lr: exponential(lr, 3 / T)) / end(best, 0.1) - 1


@claim(
    "num-sched-noisier",
    says="At s = 1 the best schedule falls by a factor of 3.5, for 23 at s = .1, and the best constant rate costs 7 % more.",
    against="more noise asks for more decay: the factor rises above 23",
    tolerance=0.1,
)
def test_noisier():
    quiet, loud = (theory.best_lrs(T, LAMS, s, 1.0) for s in (0.1, 1.0))
    flat = tuned(constant, noise=1.0) / end(loud, 1.0)
    falls = quiet[0] / quiet[-1], loud[0] / loud[-1]
    return max(abs(falls[0] - 23), abs(falls[1] - 3.5), abs(flat - 1.07)), 23 - falls[1]


# Names


@claim(
    "eq-sched-exponential",
    says=r"$\eta_0e^{-kt}=\eta_0\gamma^t$ with $\gamma=e^{-k}$; the notes' $.95^t$ has $k=.0513$.",
    against=r"$k = 1-\gamma = .05$",
    tolerance=1e-13,
)
def test_exponential():
    error, wrong = 0.0, 0.0
    for t in (1, 7, 50, 200):
        exact = float(Fraction(3, 10) * Fraction(95, 100) ** t)
        error = max(error, abs(exponential(0.3, -math.log(0.95))(t) / exact - 1))
        wrong = max(wrong, abs(exponential(0.3, 0.05)(t) / exact - 1))
    assert round(-math.log(0.95), 4) == 0.0513
    return error, wrong


PYTORCH = {
    "constant": constant(0.3),
    "inverse_time": inverse_time(0.3, 0.25),
    "exponential": exponential(0.3, -math.log(0.95)),
    "step": step(0.3, 0.5, 7),
    "multistep": multistep(0.3, 0.2, [5, 6, 20]),
    "linear": polynomial(0.3, 30),
    "polynomial": polynomial(0.3, 30, power=2.5),
    "cosine": cosine(0.3, 30, end=0.02),
    "restarts": warm_restarts(0.3, 9, end=0.02),
    "restarts_longer": warm_restarts(0.3, 5, mult=2),
    "one_cycle": one_cycle(0.3, 50),
    "one_cycle_own": one_cycle(0.3, 41, rise=0.45, start=0.1, end=1e-3),
    "warmup_constant": warmup(constant(0.3), 7),
    "warmup_cosine": warmup(cosine(0.3, 33), 7),
}


@claim(
    "num-sched-pytorch",
    says="Fourteen schedules give the rates that PyTorch's optimisers use, to rounding.",
    against="they are one step late",
    tolerance=1e-14,
)
def test_pytorch():
    assert len(PYTORCH) == 14
    error = max(np.abs(rates(s, len(GOLDEN[n])) - GOLDEN[n]).max() for n, s in PYTORCH.items())
    late = (
        np.abs(rates(s, len(GOLDEN[n]))[:-1] - GOLDEN[n][1:]).max()
        for n, s in PYTORCH.items()
        if n != "constant"
    )
    return float(error), float(min(late))


@claim(
    "num-sched-traps",
    says="PyTorch's ConstantLR uses a third of the rate for five steps; CosineAnnealingLR is back at the top after twice its length.",
    against="ConstantLR is constant",
    tolerance=1e-3,
)
def test_traps():
    stated = np.array([0.1] * 5 + [0.3] * 15)
    rises = rates(lambda t: 0.02 + 0.14 * (1 + math.cos(math.pi * t / 30)))
    error = max(np.abs(GOLDEN["constant_lr"] - stated).max(), np.abs(GOLDEN["cosine_rises"] - rises).max())
    return float(error), float(np.abs(GOLDEN["constant_lr"] - 0.3).max())


@claim(
    "num-sched-epochs",
    says="Under per_epoch every step of epoch e is taken with schedule(e).",
    against="with schedule(e - 1), and schedule(0) twice",
    tolerance=0.0,
)
def test_epochs():
    used, schedule = [], inverse_time(0.1, 1.0)

    def watched(w, g, s, *, lr):
        used.append(lr)
        return sgd(w, g, s, lr=lr)

    train(
        FCN((64, 10)),
        cut(digits(), 70, 10),
        watched,
        lr=per_epoch(schedule, 4),
        epochs=5,
        batch_size=20,
        seed=0,
    )
    used = np.reshape(used, (5, 4))
    right = [schedule(epoch) for epoch in range(5)]
    late = [schedule(max(epoch - 1, 0)) for epoch in range(5)]
    return float(np.abs(used.T - right).max()), float(np.abs(used.T - late).max())


# How far


@claim(
    "thm-sched-sum",
    says=r"What is left lies between $\exp(-\lambda\sum\eta/(1-q))$ and $\exp(-\lambda\sum\eta)$.",
    against=r"the lower bound holds without the $1/(1-q)$",
    tolerance=1e-13,
)
def test_sum():
    rng, error, wrong = np.random.default_rng(0), 0.0, 0.0
    for _ in range(50):
        lam, q = rng.uniform(0.1, 5), rng.uniform(0.05, 0.9)
        lrs = rng.uniform(0, q / lam, rng.integers(1, 40))
        lrs[0] = q / lam
        left = abs(
            trace(
                descend(lambda w, a=lam: (0.0, a * w), np.ones(1), sgd, lr=lambda t, e=lrs: e[t]), len(lrs)
            ).w[-1, 0]
        )
        low, high = math.exp(-lam * lrs.sum() / (1 - q)), math.exp(-lam * lrs.sum())
        error = max(error, low / left - 1, left / high - 1)
        wrong = max(wrong, high / left - 1)
    return max(error, 0.0), wrong


@claim(
    "eq-sched-stall",
    says=r"An exponential leaves about $\exp(-\eta_0\lambda/(1-e^{-k}))$ of the error for ever: to first order in $\eta_0\lambda$.",
    against=r"it leaves nothing in the end",
    tolerance=0.03,
)
def test_stall():
    error, least = 0.0, 1.0
    for k in (0.02, 0.1, 0.5):
        for a in (0.001, 0.01):  # the error of the estimate is of order a times its exponent
            left = 1.0
            for t in range(4000):
                left *= 1 - a * math.exp(-k * t)
            estimate = math.exp(-a / (1 - math.exp(-k)))
            error = max(error, abs(left / estimate - 1) / (1 + a / (1 - math.exp(-k))))
            least = min(least, left)
    return error, least


@claim(
    "num-sched-stall",
    says="With η₀λ = k = .1, .502 of the error is left after 10 steps and .340 for ever; the estimate is .350.",
    against="it goes on falling to nothing",
    tolerance=5.1e-4,
)
def test_stall_numbers():
    schedule = exponential(0.1, 0.1)
    path = trace(descend(lambda w: (0.5 * w @ w, w), np.ones(1), sgd, lr=schedule), 1500).w[:, 0]
    estimate = math.exp(-0.1 / (1 - math.exp(-0.1)))
    error = max(abs(path[10] - 0.502), abs(path[-1] - 0.340), abs(estimate - 0.350))
    error = max(error, abs(path[-1] - theory.exponential_rest(0.1, 0.1, 1.0)))
    return float(error), float(path[-1])


# The best


@claim(
    "thm-sched-one-mode",
    says=r"One direction: the best rates are $1/(\lambda(1+r+t))$ and leave $x_0^2/(1+T/r)$.",
    against=r"the best rates are $1/(\lambda(1+t))$, whatever the noise",
    tolerance=1e-12,
)
def test_one_mode():
    error, wrong = 0.0, np.inf
    for lam, s, x0 in ((1.0, 1.0, 1.0), (0.3, 0.5, 2.0), (2.0, 3.0, -1.0)):
        one, r, n = np.array([lam]), (s / (lam * x0)) ** 2, 6
        found = minimize(
            lambda lrs, one=one, s=s, x0=x0: np.log(end(lrs, s, one, x0)),
            np.full(n, 0.3 / lam),
            method="BFGS",
            options={"gtol": 1e-9},
        )
        stated = 0.5 * lam * x0**2 / (1 + n / r)
        ours = end(rates(inverse_time(*theory.one_mode_optimum(lam, s, x0)), n), s, one, x0)
        error = max(error, abs(np.exp(found.fun) / stated - 1), abs(ours / stated - 1))
        np.testing.assert_allclose(found.x * lam * (1 + r + np.arange(n)), 1, rtol=1e-4)
        wrong = min(wrong, end(1 / (lam * (1 + np.arange(n))), s, one, x0) / stated - 1)
    return float(error), float(wrong)


def listed(lrs, lams, noise, x0):
    """Expected loss as the mean over all signs of a noise of ±s."""
    signs = np.array(list(product((-1.0, 1.0), repeat=len(lrs))))
    total = 0.0
    for lam in lams:
        x = np.full(len(signs), float(x0))
        for lr, xi in zip(lrs, signs.T, strict=True):
            x = x - lr * (lam * x + noise * xi)
        total += 0.5 * lam * np.mean(x**2)
    return total


@claim(
    "eq-sched-coordinate",
    says="As a function of one rate the expected loss is a parabola, lowest at the stated rate.",
    against="greedy: the rate that is best for the next loss alone",
    tolerance=1e-10,
)
def test_coordinate():
    rng, error, wrong = np.random.default_rng(3), 0.0, np.inf
    for _ in range(6):
        lams, noise, x0, n = rng.uniform(0.1, 1, 3), rng.uniform(0.2, 1), rng.uniform(0.5, 2), 7
        lrs, t = rng.uniform(0.1, 1.5, n), 3
        values = []
        for lr in (0.0, 0.7, 1.4):  # three points tell a parabola
            lrs[t] = lr
            values.append(listed(lrs, lams, noise, x0))
        lowest = float(
            -np.polyfit((0.0, 0.7, 1.4), values, 2)[1] / 2 / np.polyfit((0.0, 0.7, 1.4), values, 2)[0]
        )
        e = np.full(3, x0**2)
        for lr in lrs[:t]:
            e = (1 - lr * lams) ** 2 * e + lr**2 * noise**2
        a = lams * np.prod((1 - np.outer(lrs[t + 1 :], lams)) ** 2, axis=0)
        stated = a @ (lams * e) / (a @ (lams**2 * e + noise**2))
        greedy = lams @ (lams * e) / (lams @ (lams**2 * e + noise**2))
        error, wrong = max(error, abs(lowest / stated - 1)), min(wrong, abs(greedy / stated - 1))
    return float(error), float(wrong)


# Chebyshev


@claim(
    "num-sched-order",
    says="In the stable order, κ = 100, no error grows beyond κ times its start on the way, and the last j steps enlarge none, for every K up to 160.",
    against="nor does it in the natural order",
    tolerance=0.0,
)
def test_order():
    lams = np.linspace(1, 100, 400)

    def most(order, steps, way):
        factors = 1 - np.outer(rates(chebyshev(1, 100, steps, order=order), steps)[::way], lams)
        return np.abs(np.cumprod(factors, axis=0)).max()

    error = max(max(most("stable", k, 1) / 100, most("stable", k, -1)) for k in range(1, 161)) - 1
    return max(error, 0.0), min(most("natural", k, 1) for k in (8, 16, 64)) / 100 - 1


@claim(
    "num-sched-chebyshev",
    says="Sixty Chebyshev steps leave 5e-15 without noise, the best constant rate .0042; at s = .1 they leave .312, over twenty times the best.",
    against="they are no worse than the best constant rate with noise either",
    tolerance=0.05,
)
def test_chebyshev():
    jagged, flat = rates(chebyshev(0.02, 1, T)), np.full(T, 2 / 1.02)
    best = end(theory.best_lrs(T, LAMS, 0.1, 1.0), 0.1)
    stated = ((end(jagged, 0.0), 5.1e-15), (end(flat, 0.0), 0.0042), (end(jagged, 0.1), 0.312))
    assert 20 < end(jagged, 0.1) / best < 22
    return max(abs(measured / said - 1) for measured, said in stated), end(jagged, 0.1) / tuned(constant) - 1


# Warm-up


@claim(
    "eq-sched-noise-step",
    says=r"The root mean square of $\hat m_t$ under noise alone is $\sqrt{(1-\beta)(1+\beta^t)/((1+\beta)(1-\beta^t))}$.",
    against=r"it has its last value $\sqrt{(1-\beta)/(1+\beta)}$ from the start",
    tolerance=1e-12,
)
def test_noise_step():
    error, wrong = 0.0, np.inf
    for beta in (0.5, 0.9, 0.99):
        for t in (1, 2, 5, 40):
            m = np.zeros(t)
            for j in range(
                t
            ):  # each unit gradient alone, through the rule: its share of the corrected average
                w, s = np.zeros(1), START
                for i in range(t):
                    w, s = adam(w, np.array([float(i == j)]), s, lr=1.0, beta1=beta, beta2=0.0, eps=1e9)
                m[j] = s.m[0] / (1 - beta**t)
            exact = math.sqrt(np.sum(m**2))
            stated = math.sqrt((1 - beta) / (1 + beta) * (1 + beta**t) / (1 - beta**t))
            error = max(error, abs(stated / exact - 1))
        wrong = min(wrong, abs(math.sqrt((1 - beta) / (1 + beta)) - 1))
    return error, wrong


@claim(
    "num-sched-noise-step",
    says="Under noise alone Adam's first step has size η in every coordinate, later ones .23 η in root mean square: 4.4 times less.",
    against="all steps have the same size",
    tolerance=0.06,
)
def test_noise_step_numbers():
    g, w, s, sizes = np.random.default_rng(5).standard_normal((900, 3000)), np.zeros(3000), START, []
    for row in g:
        before, (w, s) = w, adam(w, row, s, lr=1.0)
        sizes.append(np.sqrt(np.mean((w - before) ** 2)))
    late = np.mean(sizes[200:])
    return max(abs(sizes[0] - 1), abs(late / 0.23 - 1), abs(sizes[0] / late / 4.4 - 1)), sizes[0] / late - 1


@claim(
    "num-sched-correction",
    says="Correction multiplies Adam's steps by .316 at first, .152 at least, at t = 12, and by more than .95 only from t = 2327 on; RAdam's factor is .017, .215, .83 at t = 5, 100, 2000.",
    against="correction lengthens the first steps",
    tolerance=2.5e-3,
)
def test_correction():
    t = np.arange(1, 4001)
    lone = {}
    for correct in (True, False):
        w, s, path = np.zeros(1), START, [0.0]
        for _ in t:
            w, s = adam(w, np.ones(1), s, lr=1.0, eps=1e-30, correct=correct)
            path.append(w[0])
        lone[correct] = -np.diff(path)
    factor = lone[True] / lone[False]
    assert factor.argmin() + 1 == 12
    assert (t[factor > 0.95])[0] == 2327
    radam = theory.radam_factor(0.999, np.array([5, 100, 2000])) - np.array([0.017, 0.215, 0.83])
    return float(max(abs(factor[0] - 0.316), abs(factor.min() - 0.152), np.abs(radam).max())), float(
        1 - factor[0]
    )


# The network


@claim(
    "num-sched-digits",
    says="Chosen rates: .016 for the constant, .032 for falling ones; the worst of twelve seeds ends at .149 and at .108 at most; all ranges overlap, and falling rates win 8, 8 and 9 of twelve.",
    against="the worst seed of a falling rate is no better than that of the constant",
    tolerance=1.1e-3,
)
def test_digits():
    data, n, ends = cut(digits(validation=0.4), 600, 700), 300, {}
    made = {
        "constant": constant,
        "exponential": lambda lr: exponential(lr, 3 / n),
        "cosine": lambda lr: cosine(lr, n),
        "warm-up": lambda lr: warmup(cosine(lr, n - 30), 30),
    }
    for name, make in made.items():
        result = fair(
            data,
            (100,),
            adam,
            np.geomspace(0.001, 0.064, 7),
            schedule=make,
            epochs=10,
            batch_size=20,
            seeds=range(10, 22),
        )
        assert result.inside
        assert round(result.lr, 3) == (0.016 if name == "constant" else 0.032)
        ends[name] = result.runs.val_loss[-1]
    plain = ends.pop("constant")
    assert max(plain.min(), *(e.min() for e in ends.values())) < min(
        plain.max(), *(e.max() for e in ends.values())
    )
    assert [int(np.sum(e < plain)) for e in ends.values()] == [8, 8, 9]
    worst = max(e.max() for e in ends.values())
    return float(max(abs(plain.max() - 0.149), abs(worst - 0.108))), float(plain.max() - worst)
