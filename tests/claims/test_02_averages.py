"""Claims of chapter 02: exponentially weighted averages and bias correction.

The oracles know nothing of recurrences: exact fractions, `np.average`, impulses fed through the
library one by one, a root finder, a sine wave fitted by least squares, many seeded runs.
"""

from fractions import Fraction

import numpy as np
from claims import claim
from scipy.optimize import brentq

from lib.averages import (
    effective_samples,
    ewa,
    ewa_path,
    ewa_weights,
    frequency_response,
    half_life,
    mean_age,
    time_constant,
)
from lib.loop import descend
from lib.problems import Quadratic
from lib.rules import adam, averaged_momentum, rmsprop
from lib.theory import ewa_variance

BETAS = (0.3, 0.5, 0.8, 0.9, 0.98)


def worst(measured, stated):
    """The largest deviation, relative to the largest value stated."""
    measured, stated = np.asarray(measured), np.asarray(stated)
    return np.max(np.abs(measured - stated)) / np.max(np.abs(stated))


def impulses(beta, t, **start):
    """Row s: the weights of x_1, ..., x_t in the average after step s, through the library."""
    return ewa_path(np.eye(t), beta, **start)


def season(day):
    """The chapter's winter: the expected temperature of a day, in degrees."""
    return -14 + 13 * (1 - np.cos(np.pi * (day - 1) / 180))


def readings(seed=0, days=120):
    """The chapter's daily readings: the season and 3 degrees of noise."""
    day = np.arange(1, days + 1)
    return season(day) + 3 * np.random.default_rng(seed).standard_normal(days)


# The average, written out


@claim(
    "eq-ewa-unrolled",
    says=r"After t steps $v_t = \beta^t v_0 + (1-\beta)\sum_{i=1}^t \beta^{t-i}x_i$: newest "
    "reading, largest weight.",
    against="the same weights in the other order, an inner product of the readings with β^i",
    tolerance=1e-14,
)
def test_unrolled():
    rng = np.random.default_rng(0)
    errors, wrongs = [], []
    for beta in (Fraction(1, 4), Fraction(7, 8), Fraction(61, 64)):
        for t in (1, 4, 20, 60):
            x = [Fraction(int(n), 16) for n in rng.integers(16, 320, t)]
            start = Fraction(int(rng.integers(-80, 80)), 16)
            new = sum((1 - beta) * beta ** (t - i) * x[i - 1] for i in range(1, t + 1))
            old = sum((1 - beta) * beta ** (i - 1) * x[i - 1] for i in range(1, t + 1))
            got = ewa_path([float(n) for n in x], float(beta), start=float(start))[-1]
            errors.append(worst(got, float(beta**t * start + new)))
            if t > 1:  # a single reading has one order only
                wrongs.append(worst(got, float(beta**t * start + old)))
    return max(errors), min(wrongs)


@claim(
    "eq-ewa-total",
    says=r"The weights of the readings add up to $1-\beta^t$, not to one.",
    against="that the weights of an average from zero add up to one",
    tolerance=5e-14,
)
def test_total():
    errors, wrongs = [], []
    for beta in BETAS:
        for t in (1, 3, 10):
            total = ewa_path(np.ones(t), beta)[-1]  # every reading 1: what comes out is the total
            errors += [worst(total, 1 - beta**t), worst(ewa_weights(beta, t).sum(), total)]
            wrongs.append(abs(total - 1))
    return max(errors), min(wrongs)


# Five windows


def steps_to(beta, share):
    """After how many steps a weight is down to `share`, by a root finder."""
    return brentq(lambda s: beta**s - share, 0, 2000, xtol=1e-13, rtol=1e-15)


@claim(
    "eq-ewa-time-constant",
    says=r"A weight is down to 1/e after $\tau=-1/\ln\beta$ steps and to ½ after $h=\tau\ln2$.",
    against="a half-life of 1/(1−β) steps, as printed for AdaDelta in a widely read textbook",
    tolerance=1e-13,
)
def test_time_constant():
    errors, wrongs = [], []
    for beta in BETAS:
        half = steps_to(beta, 0.5)
        errors += [worst(time_constant(beta), steps_to(beta, 1 / np.e)), worst(half_life(beta), half)]
        wrongs.append(worst(1 / (1 - beta), half))
    return max(errors), min(wrongs)


@claim(
    "thm-ewa-one-over-e",
    says=r"$\beta^{1/(1-\beta)}$ grows with β and stays below 1/e, its limit as β → 1.",
    against=r"that after 1/(1−β) steps the weight is 1/e",
    tolerance=2e-14,
)
def test_one_over_e():
    steps = np.array([2, 3, 5, 10, 30, 100, 300, 1000])  # 1/(1 - beta)
    left = np.empty(len(steps))
    for i, n in enumerate(steps):
        weights = ewa_weights(1 - 1 / n, n + 1)
        left[i] = weights[0] / weights[-1]  # the oldest against the newest, n steps later
    grows = np.maximum(-np.diff(left), 0).max()
    below = np.maximum(left - 1 / np.e, 0).max()
    gap = 1 / steps[4:]  # the shortfall is (1 - beta)/(2e), to within 5(1 - beta)^2/(24e)
    slack = np.abs(left[4:] - (1 - gap / 2) / np.e) - 0.25 * gap**2 / np.e
    return max(grows, below, np.maximum(slack, 0).max()), abs(left[3] - 1 / np.e)


@claim(
    "eq-ewa-mean-age",
    says=r"A reading in the average is $\beta/(1-\beta)$ steps old, on average.",
    against="1/(1−β) steps, which counts today's reading as one step old",
    tolerance=7e-14,
)
def test_mean_age():
    errors, wrongs = [], []
    for beta in BETAS:
        t = 2200  # the oldest weight is below 1e-19
        age = np.average(np.arange(t)[::-1], weights=impulses(beta, t)[-1])
        errors.append(worst(mean_age(beta), age))
        wrongs.append(worst(1 / (1 - beta), age))
    return max(errors), min(wrongs)


@claim(
    "eq-ewa-effective",
    says=r"Averaged independent readings are as steady as a mean of $(1+\beta)/(1-\beta)$.",
    against="a plain mean of 1/(1−β) readings",
    tolerance=2e-14,
)
def test_effective():
    errors, wrongs = [], []
    for beta in BETAS:
        same_as = 1 / np.sum(impulses(beta, 1000)[-1] ** 2)  # a mean of n has sum of squares 1/n
        errors.append(worst(effective_samples(beta), same_as))
        wrongs.append(worst(1 / (1 - beta), same_as))
    return max(errors), min(wrongs)


@claim(
    "num-ewa-five-windows",
    says="For β = 0.9 half-life, mean age, time constant, 1/(1−β), effective samples are 6.58, 9, "
    "9.49, 10, 19.",
    against="a half-life of 10, printed where 1/(1−β) was meant",
    tolerance=0.005,
)
def test_five_windows():
    printed = np.array([6.58, 9, 9.49, 10, 19])
    total_velocity = sum(0.9**k for k in range(500))
    ages = sum(k * 0.1 * 0.9**k for k in range(500))
    squares = sum((0.1 * 0.9**k) ** 2 for k in range(500))
    logs = np.array([np.log(0.5), np.log(1 / np.e)]) / np.log(0.9)
    found = np.array([logs[0], ages, logs[1], total_velocity, 1 / squares])
    library = [half_life(0.9), mean_age(0.9), time_constant(0.9), 10, effective_samples(0.9)]
    assert np.allclose(library, found, rtol=1e-12, atol=0)
    return np.abs(printed - found).max(), abs(10 - found[0])


@claim(
    "num-ewa-halves",
    says="The printed half-life 1/β is 1.11 steps for β = 0.9; 89 % of the weight is still there.",
    against="that half of the weight is gone by then",
    tolerance=0.005,
)
def test_half_life_printed():
    left = 0.9 ** (1 / 0.9)
    return max(abs(left - 0.89), abs(1 / 0.9 - 1.11)), abs(left - 0.5)


@claim(
    "num-ewa-ten-steps",
    says="For β = 0.9 the weight after ten steps is 0.3487, below 1/e = 0.3679.",
    against="1/3, as rounded in the notes",
    tolerance=5e-5,
)
def test_ten_steps():
    left = ewa_weights(0.9, 11)[0] / ewa_weights(0.9, 11)[-1]
    return max(abs(left - 0.3487), abs(1 / np.e - 0.3679)), abs(left - 1 / 3)


@claim(
    "num-ewa-half-way",
    says="The time constant is nearly 1/(1−β) − ½: for β from 0.9 on within 0.01 steps.",
    against="that it is 1/(1−β)",
    tolerance=0.01,
)
def test_half_way():
    gap = np.array([0.1, 0.05, 0.03, 0.01, 1e-3])
    steps = np.array([steps_to(1 - g, 1 / np.e) for g in gap])
    assert np.allclose(time_constant(1 - gap), steps, rtol=1e-11, atol=0)
    return np.abs(steps - (1 / gap - 0.5)).max(), np.abs(steps - 1 / gap).min()


# Noise and lag


@claim(
    "eq-ewa-variance",
    says=r"Noise of variance σ² leaves $\sigma^2\frac{1-\beta}{1+\beta}(1-\beta^{2t})$ in the "
    "average: less for larger β.",
    against="the variance with β and 1−β exchanged, which would make a large β the rough one",
    tolerance=4e-14,
)
def test_variance():
    errors, wrongs = [], []
    for beta in (0.3, 0.8, 0.9, 0.98):
        t = 40
        variance = np.sum(impulses(beta, t) ** 2, axis=1)  # independent: squared weights add up
        steps = np.arange(1, t + 1)
        errors.append(worst(ewa_variance(beta, steps), variance))
        wrongs.append(worst(ewa_variance(1 - beta, steps), variance))
    return max(errors), min(wrongs)


@claim(
    "eq-ewa-roughness",
    says=r"From day to day it changes by $\sigma(1-\beta)\sqrt{2/(1+\beta)}$, root mean square.",
    against="the change if consecutive averages were independent, √2 standard deviations",
    tolerance=3e-14,
)
def test_roughness():
    errors, wrongs = [], []
    for beta in BETAS:
        weights = impulses(beta, 1200)
        change = np.sqrt(np.sum((weights[-1] - weights[-2]) ** 2))
        errors.append(worst((1 - beta) * np.sqrt(2 / (1 + beta)), change))
        wrongs.append(worst(np.sqrt(2 * (1 - beta) / (1 + beta)), change))
    return max(errors), min(wrongs)


@claim(
    "num-ewa-smoother",
    says="Over 40 runs the mean day-to-day change of averaged unit noise is 0.46, 0.081, 0.016 for "
    "β = 0.5, 0.9, 0.98, and the bands do not touch.",
    against="the order in the notes: β near 1 oscillates more",
    tolerance=0.05,
)
def test_smoother():
    betas, printed = (0.5, 0.9, 0.98), np.array([0.46, 0.081, 0.016])
    x = np.random.default_rng(1).standard_normal((1200, 40))
    rough = [np.abs(np.diff(ewa_path(x, b)[200:], axis=0)).mean(axis=0) for b in betas]
    assert rough[0].min() > rough[1].max() and rough[1].min() > rough[2].max()
    found = np.array([r.mean() for r in rough])
    return np.max(np.abs(found / printed - 1)), np.max(np.abs(found[::-1] / printed - 1))


@claim(
    "num-ewa-mean-change",
    says=r"For normal noise the mean daily change is $\sqrt{2/\pi}\approx0.8$ times the root mean square, 0.46 for "
    "β = 0.5 (400 runs, in standard errors).",
    against="the mean change is the root mean square itself",
    tolerance=4,
)
def test_mean_change():
    errors, wrongs = [], []
    for seed, beta in enumerate((0.5, 0.9, 0.98)):
        x = np.random.default_rng([7, seed]).standard_normal((1000, 400))
        rough = np.abs(np.diff(ewa_path(x, beta)[300:], axis=0)).mean(axis=0)
        deviation = rough.std() / np.sqrt(rough.size)
        square = (1 - beta) * np.sqrt(2 / (1 + beta))
        errors.append(abs(rough.mean() - np.sqrt(2 / np.pi) * square) / deviation)
        wrongs.append(abs(rough.mean() - square) / deviation)
    assert abs(np.sqrt(2 / np.pi) * 0.5 * np.sqrt(2 / 1.5) - 0.46) < 0.005
    return max(errors), min(wrongs)


@claim(
    "eq-ewa-lag",
    says=r"On a ramp $x_t=a+bt$ the average is $x_t-b\frac{\beta}{1-\beta}$ plus a term that "
    r"dies like $\beta^t$.",
    against="a lag of 1/(1−β) steps",
    tolerance=4e-14,
)
def test_lag():
    rng, errors, wrongs = np.random.default_rng(2), [], []
    for beta in BETAS:
        a, b, start = rng.normal(size=3) + 3
        t = np.arange(1, 301)
        path = ewa_path(a + b * t, beta, start=start)
        for found, lag in ((errors, beta / (1 - beta)), (wrongs, 1 / (1 - beta))):
            found.append(worst(a + b * (t - lag) + beta**t * (start - a + b * lag), path))
    return max(errors), min(wrongs)


@claim(
    "num-ewa-tradeoff",
    says=r"On a ramp in noise the mean squared error is the squared lag plus the variance "
    "(20 000 runs, in standard errors).",
    against="the same with a lag of 1/(1−β)",
    tolerance=4,
)
def test_tradeoff():
    slope, noise, t, runs = 0.15, 3.0, 300, 20_000
    errors, wrongs = [], []
    for k, beta in enumerate((0.5, 0.8, 0.9, 0.95)):
        rng = np.random.default_rng(k)
        avg = np.full(runs, -slope * beta / (1 - beta))
        for i in range(1, t + 1):
            avg = ewa(avg, slope * i + noise * rng.standard_normal(runs), beta)
        square = (avg - slope * t) ** 2
        deviation = square.std() / np.sqrt(runs)
        variance = noise**2 * (1 - beta) / (1 + beta)
        errors.append(abs(square.mean() - (slope * beta / (1 - beta)) ** 2 - variance) / deviation)
        wrongs.append(abs(square.mean() - (slope / (1 - beta)) ** 2 - variance) / deviation)
    return max(errors), max(wrongs)


# The start


@claim(
    "num-ewa-day-three",
    says="On day 3 the three programs say −3.6, −13.3 and −13.5 degrees, and the first is warmer "
    "than every reading until day 11.",
    against="that the average from zero is an average of the three readings",
    tolerance=0.05,
)
def test_day_three():
    x = readings()
    printed = np.array([-3.6, -13.3, -13.5])
    mean = np.average(x[:3], weights=[0.81, 0.9, 1.0])
    first = np.average(x[:3], weights=[0.81, 0.09, 0.1])
    by_hand = np.array([0.1 * (0.81 * x[0] + 0.9 * x[1] + x[2]), mean, first])
    zero, corrected = ewa_path(x, 0.9), ewa_path(x, 0.9, correct=True)
    found = np.array([zero[2], corrected[2], ewa_path(x[1:], 0.9, start=x[0])[1]])
    assert np.allclose(found, by_hand, rtol=1e-13, atol=0)
    outside = zero > np.maximum.accumulate(x)
    assert outside[:11].all() and not outside[11:].any()
    return np.abs(found - printed).max(), abs(found[0] - mean)


@claim(
    "thm-ewa-correction",
    says=r"$v_t/(1-\beta^t)$ is the mean of the readings with weights $\beta^{t-i}$, for every t.",
    against="the average from zero without the division",
    tolerance=1e-12,
)
def test_correction():
    rng, errors, wrongs = np.random.default_rng(3), [], []
    for beta in (*BETAS, 0.999):
        x = rng.normal(5, 2, 50)
        corrected, plain = ewa_path(x, beta, correct=True), ewa_path(x, beta)
        for t in (1, 2, 7, 50):
            mean = np.average(x[:t], weights=beta ** np.arange(t - 1, -1, -1.0))
            errors.append(worst(corrected[t - 1], mean))
        wrongs.append(worst(plain[0], x[0]))
    return max(errors), min(wrongs)


@claim(
    "thm-ewa-own-rate",
    says=r"The corrected average is an EWA with its own $\hat\beta_t$: "
    r"$1-\hat\beta_t=(1-\beta)/(1-\beta^t)$.",
    against="constant β from the first reading on, the average that starts at x₁",
    tolerance=3e-14,
)
def test_own_rate():
    rng, errors, wrongs = np.random.default_rng(4), [], []
    for beta in BETAS:
        x = rng.normal(5, 2, 60)
        own, constant, path = 0.0, x[0], []
        for t, value in enumerate(x, 1):
            own = ewa(own, value, 1 - (1 - beta) / (1 - beta**t))
            constant = ewa(constant, value, beta)
            path.append((own, constant))
        corrected = [np.average(x[:t], weights=beta ** np.arange(t - 1, -1, -1.0)) for t in range(1, 61)]
        path = np.array(path)
        errors.append(worst(path[:, 0], corrected))
        wrongs.append(worst(path[:, 1], corrected))
    return max(errors), min(wrongs)


@claim(
    "eq-ewa-sandwich",
    says=r"$\max(1-\beta,\,1/t)\le 1-\hat\beta_t\le (1-\beta)+1/t$: first a mean, later an EWA.",
    against=r"$1-\hat\beta_t=\max(1-\beta,1/t)$, a switch from one to the other",
    tolerance=2e-14,
)
def test_sandwich():
    above, below, switch = [], [], []
    t = np.arange(1, 301)
    for beta in (0.5, 0.9, 0.99):
        newest = np.diag(impulses(beta, 300, correct=True))  # the weight of x_t in the average after step t
        low, high = np.maximum(1 - beta, 1 / t), 1 - beta + 1 / t
        below.append(np.max((low - newest) / newest))
        above.append(np.max((newest - high) / newest))
        switch.append(np.max(newest / low - 1))
    return max(0, *below, *above), min(switch)


@claim(
    "eq-ewa-variance-corrected",
    says=r"Corrected, the variance is $\sigma^2\frac{(1-\beta)(1+\beta^t)}{(1+\beta)(1-\beta^t)}$.",
    against=r"the uncorrected variance divided once by $1-\beta^t$",
    tolerance=5e-14,
)
def test_variance_corrected():
    errors, wrongs = [], []
    t = np.arange(1, 41)
    for beta in (0.5, 0.8, 0.9, 0.98):
        variance = np.sum(impulses(beta, 40, correct=True) ** 2, axis=1)
        errors.append(worst(ewa_variance(beta, t, correct=True), variance))
        wrongs.append(worst(ewa_variance(beta, t) / (1 - beta**t), variance))
    return max(errors), min(wrongs)


@claim(
    "eq-ewa-first-value",
    says=r"An average that starts at $x_1$ keeps weight $\beta^{t-1}$ on it and has variance "
    r"$\sigma^2(\frac{1-\beta}{1+\beta}+\frac{2\beta}{1+\beta}\beta^{2(t-1)})$.",
    against="the variance of the corrected average",
    tolerance=3e-14,
)
def test_first_value():
    errors, wrongs = [], []
    t = np.arange(1, 41)
    for beta in (0.5, 0.8, 0.9, 0.98):
        eye = np.eye(40)
        weights = np.vstack([eye[:1], ewa_path(eye[1:], beta, start=eye[0])])
        errors.append(worst(weights[:, 0], beta ** (t - 1.0)))
        variance = np.sum(weights**2, axis=1)
        factor = (1 - beta) / (1 + beta)
        errors.append(worst(factor + 2 * beta / (1 + beta) * beta ** (2.0 * (t - 1)), variance))
        wrongs.append(worst(factor * (1 + beta**t) / (1 - beta**t), variance))
    return max(errors), min(wrongs)


@claim(
    "num-ewa-tenth",
    says="With β = 0.9 and ten readings the first weighs 0.387 if the average starts at it, 0.059 "
    "if it is corrected.",
    against="the order in which the two are named",
    tolerance=0.0005,
)
def test_tenth():
    start = ewa_path(np.zeros(9), 0.9, start=1.0)[-1]
    corrected = ewa_path(np.eye(10)[0], 0.9, correct=True)[-1]
    return max(abs(start - 0.387), abs(corrected - 0.059)), abs(start - 0.059)


@claim(
    "num-ewa-warm-up",
    says="Uncorrected it is less than 1 % short from step 44, 459, 4603 on, for β = 0.9, 0.99, 0.999.",
    against="from step 1/(1−β) on",
    tolerance=0.5,
)
def test_warm_up():
    printed, found = np.array([44, 459, 4603]), []
    for beta in (0.9, 0.99, 0.999):
        path = ewa_path(np.ones(5000), beta)
        found.append(1 + np.flatnonzero(path > 0.99)[0])
    return np.abs(printed - found).max(), np.abs(np.array([10, 100, 1000]) - found).min()


# What passes


@claim(
    "eq-ewa-frequency",
    says=r"A wave of ω radians per step is shrunk by "
    r"$|H(\omega)|=(1-\beta)/\sqrt{1-2\beta\cos\omega+\beta^2}$.",
    against=r"the analogue filter with the same time constant, $1/\sqrt{1+(\omega\tau)^2}$",
    tolerance=1e-13,
)
def test_frequency():
    errors, wrongs = [], []
    for beta in (0.5, 0.9, 0.98):
        for omega in (0.01, 0.3, 1.0, 2.0, np.pi - 0.01):
            t = np.arange(1, 4001)
            late = slice(2000, None)
            path = ewa_path(np.cos(omega * t), beta)[late]
            waves = np.stack([np.cos(omega * t), np.sin(omega * t)], axis=1)[late]
            amplitude = np.hypot(*np.linalg.lstsq(waves, path, rcond=None)[0])
            errors.append(worst(frequency_response(beta, omega), amplitude))
        analogue = 1 / np.hypot(1, omega * time_constant(beta))
        wrongs.append(worst(analogue, amplitude))
    return max(errors), min(wrongs)


@claim(
    "num-ewa-zigzag",
    says="β = 0.9 divides a wave that changes sign every step by 19 and keeps a constant whole.",
    against="division by 1/(1−β) = 10",
    tolerance=5e-14,
)
def test_zigzag():
    zigzag = np.abs(ewa_path((-1.0) ** np.arange(600), 0.9)[-1])
    constant = ewa_path(np.ones(600), 0.9)[-1]
    return max(abs(1 / zigzag / 19 - 1), abs(constant - 1)), abs(1 / zigzag / 10 - 1)


@claim(
    "num-ewa-inside-rules",
    says="The state of momentum, RMSProp and Adam is the average of g or of g², uncorrected.",
    against="that Adam stores the corrected average",
    tolerance=3e-14,
)
def test_inside_rules():
    problem, errors, wrongs = Quadratic(np.array([1.0, 7.0])), [], []
    runs = (
        (averaged_momentum, {"beta": 0.9}, "m", 0.9, 1),
        (rmsprop, {"beta": 0.99}, "v", 0.99, 2),
        (adam, {}, "m", 0.9, 1),
        (adam, {}, "v", 0.999, 2),
    )
    for rule, hyper, slot, beta, power in runs:
        steps = descend(problem.loss_grad, np.array([3.0, -2.0]), rule, lr=0.05, **hyper)
        points = [next(steps) for _ in range(13)]
        g = np.array([point.grad for point in points[:-1]]) ** power
        weights = (1 - beta) * beta ** np.arange(11, -1, -1.0)
        got = getattr(points[-1].state, slot)
        errors.append(worst(got, weights @ g))
        wrongs.append(worst(got, weights @ g / weights.sum()))
    return max(errors), min(wrongs)
