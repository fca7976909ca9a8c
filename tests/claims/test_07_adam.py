"""Claims of chapter 07, Adam derived.

The oracles: PyTorch's recorded paths and scikit-learn's own Adam; exact fractions; enumeration of all
sequences of a two-valued gradient, whose means are exact expectations; an eigensolver and a search.
"""

import importlib.util
import inspect
import math
import sys
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from claims import claim
from scipy.linalg import eigh
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

from lib import theory
from lib.net import FCN
from lib.rules import START, State, adam, rmsprop

sys.path.append(str(Path(__file__).resolve().parents[1] / "rules"))  # what the rules are tested with
import goldens


def steps(gradients, s=START, rule=adam, **hyper):
    """Steps under gradients (T,) or (T, P), in learning rates, w put back to zero before each."""
    gradients = np.asarray(gradients, float)
    out, w = [], np.zeros(gradients.shape[1:] or 1)
    for g in gradients.reshape(len(gradients), *w.shape):
        step, s = rule(w, g, s, lr=1.0, **hyper)
        out.append(-step)
    return np.array(out).reshape(gradients.shape)


def exact_average(values, beta):
    """An exponentially weighted average from zero, in fractions."""
    v = Fraction(0)
    for value in values:
        v = beta * v + (1 - beta) * Fraction(value)
    return v


@cache
def plain():
    """Uncorrected steps under a constant gradient, from exact fractions of .9 and .999, (20000,)."""
    beta1, beta2 = Fraction(9, 10), Fraction(999, 1000)
    first = [float(1 - beta1**t) / math.sqrt(float(1 - beta2**t)) for t in range(1, 301)]
    t = np.arange(301, 20_001)
    return np.r_[first, -np.expm1(t * math.log(0.9)) / np.sqrt(-np.expm1(t * math.log(0.999)))]


def two_valued(up, down, p, length):
    """All sequences of a gradient that is `up` with probability p, else `down`, and their probabilities."""
    which = np.array(list(product((1, 0), repeat=length)))
    return np.where(which, up, down), np.prod(np.where(which, p, 1 - p), axis=1)


# The opening, and three updates


@claim(
    "num-adam-peak",
    says="Without correction the longest step under a constant gradient is the twelfth, 6.57 learning rates.",
    against="the first step is the longest",
    tolerance=5e-3,
)
def test_peak():
    taken = steps(np.ones(3000), correct=False)
    assert np.argmax(taken) + 1 == 12
    assert np.allclose(steps(np.ones(50)), 1, atol=1e-7)
    return abs(taken.max() - 6.57), float(taken.max() - taken[0])


@claim(
    "num-adam-oracles",
    says="Adam, with and without correction, follows PyTorch through gradients of eleven decades.",
    against="both forms take the same path",
    tolerance=1e-12,
)
def test_oracles():
    found = {}
    for variant in ("adam", "adam_uncorrected"):
        case = goldens.cases(variant)[0]
        _, kept = goldens.read(variant)
        ours = np.array([w for t, w, _ in goldens.walk(case) if t in goldens.SHOWN])
        found[variant] = goldens_error(ours, kept["default"]["w"])
        found[variant, "w"] = ours
    wrong = float(np.max(np.abs(found["adam", "w"] - found["adam_uncorrected", "w"])))
    return max(found["adam"], found["adam_uncorrected"]), wrong


def goldens_error(ours, theirs):
    """The largest relative error of single numbers; a zero must be a zero."""
    return float(np.max(np.abs(ours - theirs) / np.where(theirs == 0, 1e-300, np.abs(theirs))))


@claim(
    "num-adam-rmsprop",
    says=r"Simplified Adam with $\beta_1=0$ is RMSProp; RMSProp's first step is 31.6 times Adam's.",
    against=r"with the default $\beta_1$ the simplified form is RMSProp",
    tolerance=1e-12,
)
def test_rmsprop():
    g = np.random.default_rng(0).standard_normal((60, 5))
    theirs = steps(g, rule=rmsprop, beta=0.999)
    error = np.max(np.abs(steps(g, beta1=0.0, correct=False) - theirs))
    ratio = steps([1.0], rule=rmsprop, beta=0.999, eps=0.0)[0] / steps([1.0], eps=0.0)[0]
    error = max(error, abs(ratio / math.sqrt(1000) - 1))
    return float(error), float(np.max(np.abs(steps(g, correct=False) - theirs)))


# The first step


@claim(
    "eq-adam-first",
    says=r"The first step is $-\eta\,g_1/(|g_1|+\varepsilon)$, for all betas.",
    against=r"it is $-\eta\,g_1$",
    tolerance=1e-12,
)
def test_first():
    rng = np.random.default_rng(1)
    g = rng.standard_normal(200) * 10.0 ** rng.uniform(-11, 6, 200)
    error, wrong = 0, np.inf
    for beta1, beta2, lr in ((0.9, 0.999, 0.001), (0.0, 0.99, 0.3), (0.5, 0.2, 2.0)):
        w, _ = adam(np.zeros(200), g, START, lr=lr, beta1=beta1, beta2=beta2)
        error = max(error, np.max(np.abs(w / (-lr * g / (np.abs(g) + 1e-8)) - 1)))
        wrong = min(wrong, np.max(np.abs(w / (-lr * g) - 1)))
    return float(error), float(wrong)


@claim(
    "num-adam-length",
    says="With no zero among its 50 610 gradients the first step of a 64-300-100-10 network with η = .001 has length .225.",
    against="its length is the learning rate",
    tolerance=5.1e-4,
)
def test_length():
    net, rng = FCN((64, 300, 100, 10)), np.random.default_rng(2)
    assert net.size == 50_610
    w = net.init(rng)
    new, _ = adam(w, rng.standard_normal(net.size), START, lr=0.001)
    length = np.linalg.norm(new - w)
    return float(abs(length - 0.225)), float(abs(length - 0.001))


@claim(
    "num-adam-slips",
    says="First steps: uncorrected 3.16, only m corrected and RMSProp 31.6, only v corrected .1, t one too large .744.",
    against="leaving out one correction does little harm: the step stays within a factor two",
    tolerance=2e-3,
)
def test_slips():
    m, v = exact_average([1], Fraction(9, 10)), exact_average([1], Fraction(999, 1000))
    c1, c2 = 1 - Fraction(9, 10), 1 - Fraction(999, 1000)
    t2 = m / (1 - Fraction(81, 100)) / Fraction(math.sqrt(v / (1 - Fraction(999, 1000) ** 2)))
    exact = [m / Fraction(math.sqrt(v)), m / c1 / Fraction(math.sqrt(v)), m / Fraction(math.sqrt(v / c2)), t2]
    stated = [3.16, 31.6, 0.1, 0.744]
    error = max(abs(float(e) / s - 1) for e, s in zip(exact, stated, strict=True))
    error = max(error, abs(steps([1.0], correct=False)[0] / 3.16 - 1))
    error = max(error, abs(steps([1.0], rule=rmsprop, beta=0.999)[0] / 31.6 - 1))
    # the rule itself with a counter that began at one
    error = max(error, abs(steps([1.0], State(t=1))[0] / 0.744 - 1))
    return float(error), float(exact[1]) / 2 - 1


# Expectation


@claim(
    "eq-adam-expectation",
    says=r"$\mathbb E\,m_t=(1-\beta_1^t)\,\mathbb E\,g_t+\zeta_t$, and alike for $v_t$; $\zeta_t=0$ for a stationary gradient.",
    against=r"$\mathbb E\,m_t=\mathbb E\,g_t$",
    tolerance=1e-12,
)
def test_expectation():
    rng, error, wrong = np.random.default_rng(3), 0, np.inf
    for drifts in (True, False):
        for _ in range(4):
            length, p = 9, rng.uniform(0.1, 0.9)
            signs, weight = two_valued(1.0, -1.0, p, length)
            mean, spread = rng.uniform(1, 3), rng.uniform(0.2, 2)
            shift = rng.standard_normal(length) if drifts else np.zeros(length)
            g = mean + shift + spread * signs  # every path of the gradient
            beta1, beta2 = rng.uniform(0.3, 0.95, 2)
            w, s = np.zeros(len(g)), START
            means = weight @ g, weight @ g**2  # exact expectations, per step
            for t in range(1, length + 1):
                w, s = adam(w, g[:, t - 1], s, lr=0.1, beta1=beta1, beta2=beta2)
                for avg, beta, E in ((s.m, beta1, means[0]), (s.v, beta2, means[1])):
                    zeta = (1 - beta) * sum(beta ** (t - i) * (E[i - 1] - E[t - 1]) for i in range(1, t + 1))
                    assert drifts or abs(zeta) < 1e-12
                    stated = (1 - beta**t) * E[t - 1] + zeta
                    error = max(error, abs(weight @ avg - stated) / abs(E[t - 1]))
            wrong = min(wrong, abs(weight @ s.m / means[0][-1] - 1))
    return float(error), float(wrong)


@claim(
    "num-adam-montecarlo",
    says=r"Means of 20 000 runs of m and v are within 4 standard errors of $(1-\beta^t)$ times those of $g$ and $g^2$.",
    against=r"the mean of $m_1$ is that of $g$",
    tolerance=4,
)
def test_montecarlo():
    rng = np.random.default_rng(0)  # as on the page
    w, s, error, wrong = np.zeros(20_000), START, 0, 0
    for t in range(1, 31):
        w, s = adam(w, rng.normal(5.0, 1.0, 20_000), s, lr=0.001)
        if t in (1, 5, 30):
            for avg, beta, mean in ((s.m, 0.9, 5.0), (s.v, 0.999, 26.0)):
                se = avg.std() / math.sqrt(len(avg))
                error = max(error, abs(avg.mean() - (1 - beta**t) * mean) / se)
        if t == 1:
            wrong = abs(s.m.mean() - 5.0) / (s.m.std() / math.sqrt(len(w)))
    return float(error), float(wrong)


@claim(
    "eq-adam-lag",
    says=r"Under a drift b the corrected average lags by $b\,(\frac{\beta}{1-\beta}-\frac{t\beta^t}{1-\beta^t})$, in the end 9 b and 999 b.",
    against="the correction removes the lag",
    tolerance=1e-10,
)
def test_lag():
    error, wrong, b = 0, np.inf, 0.3
    for beta, name in ((0.9, "m"), (0.999, "v"), (0.5, "m")):
        # the second moment sees squares, so that their root must drift
        s, w = START, np.zeros(1)
        for t in range(1, 40):
            wanted = 2.0 + b * t
            g = np.array([wanted if name == "m" else math.sqrt(wanted)])
            w, s = adam(w, g, s, lr=0.1, beta1=beta if name == "m" else 0.0, beta2=beta)
            corrected = getattr(s, name)[0] / (1 - beta**t)
            stated = wanted - b * (beta / (1 - beta) - t * beta**t / (1 - beta**t))
            error = max(error, abs(corrected / stated - 1))
        wrong = min(wrong, abs(corrected / wanted - 1))
    for beta, lag in ((0.9, 9), (0.999, 999)):
        t = 10**5
        error = max(error, abs((beta / (1 - beta) - t * beta**t / (1 - beta**t)) / lag - 1))
    return float(error), float(wrong)


@claim(
    "eq-adam-sign",
    says=r"The expected first step is $-\eta\,(P(g>0)-P(g<0))$.",
    against=r"it is $-\eta\,\mathbb E g/\sqrt{\mathbb E g^2}$",
    tolerance=1e-12,
)
def test_sign():
    rng, error, wrong = np.random.default_rng(4), 0, np.inf
    for _ in range(20):
        values, p = rng.standard_normal(6) * 10.0 ** rng.uniform(-2, 2, 6), rng.dirichlet(np.ones(6))
        w, _ = adam(np.zeros(6), values, START, lr=0.1, eps=0.0)
        expected = p @ w
        error = max(error, abs(expected + 0.1 * (p[values > 0].sum() - p[values < 0].sum())))
        wrong = min(wrong, abs(expected + 0.1 * (p @ values) / math.sqrt(p @ values**2)))
    return float(error), float(wrong)


@claim(
    "num-adam-uphill",
    says="For a gradient 10 (probability .1) or −1 the mean of w/η is +.8 after 1 step, +6.9 after 50, and falls by .03 a step later.",
    against="with unbiased averages the mean goes downhill from the first step on",
    tolerance=0.4,
)
def test_uphill():
    rng = np.random.default_rng(5)
    g = np.where(rng.random((3000, 4000)) < 0.1, 10.0, -1.0)
    path = -np.cumsum(steps(g), axis=0)
    se = path[49].std() / math.sqrt(4000)
    slope = (path[-1].mean() - path[1499].mean()) / 1500
    slope_se = (path[-1] - path[1499]).std() / 1500 / math.sqrt(4000)
    assert abs(path[49].mean() - 6.9) < 4 * se < 0.9
    assert abs(slope + 0.1 / math.sqrt(10.9)) < 4 * slope_se + 1e-3
    # exactly, by all sequences: the first twelve steps climb
    all_g, weight = two_valued(10.0, -1.0, 0.1, 12)
    climb = -np.cumsum(steps(all_g.T) @ weight)
    assert np.all(np.diff(climb) > 0)
    error = max(abs(climb[0] - 0.8), abs(path[49].mean() - 6.9), abs(slope + 0.03))
    return float(error), float(path[49].mean() + 50 * 0.03)


@claim(
    "num-adam-jensen",
    says=r"At t = 1 and with normal noise $\mathbb E\sqrt{\hat v}$ is $\sqrt{2/\pi}=.80$ of $\sqrt{\mathbb E g^2}$.",
    against=r"the root of an unbiased estimate is unbiased",
    tolerance=1e-6,
)
def test_jensen():
    x = np.linspace(-12, 12, 20_001)  # the normal law on a grid, which is exact to 1e-7
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) * (x[1] - x[0])
    _, s = adam(np.zeros_like(x), x, START, lr=1.0)
    ratio = np.sum(np.sqrt(s.v / (1 - 0.999)) * density) / math.sqrt(np.sum(x**2 * density))
    assert round(ratio, 1) == 0.8
    return float(abs(ratio - math.sqrt(2 / math.pi))), float(abs(ratio - 1))


# What the correction does


@claim(
    "eq-adam-net",
    says=r"Correction multiplies the step, under any gradients, by $\sqrt{1-\beta_2^t}/(1-\beta_1^t)$.",
    against=r"it multiplies it by $1/(1-\beta_1^t)$: steps get larger",
    tolerance=1e-11,
)
def test_net():
    rng, error, wrong = np.random.default_rng(6), 0, np.inf
    for beta1, beta2 in ((0.9, 0.999), (0.5, 0.9), (0.95, 0.99), (0.9, 0.3)):
        g = rng.standard_normal((40, 3))
        hyper = {"beta1": beta1, "beta2": beta2, "eps": 0.0}
        ratio = steps(g, **hyper) / steps(g, correct=False, **hyper)
        t = np.arange(1, 41)[:, None]
        error = max(error, np.max(np.abs(theory.adam_correction(beta1, beta2, t) / ratio - 1)))
        wrong = min(wrong, np.max(np.abs(1 / (1 - beta1**t) / ratio - 1)))
    return float(error), float(wrong)


@claim(
    "num-adam-five",
    says="At t = 5 the correction multiplies m by 2.44 and v by 200.",
    against="at t = 5 dividing makes little difference any more: less than a tenth",
    tolerance=3e-3,
)
def test_five():
    m, v = exact_average([1] * 5, Fraction(9, 10)), exact_average([1] * 5, Fraction(999, 1000))
    return max(abs(float(1 / m) / 2.44 - 1), abs(float(1 / v) / 200 - 1)), float(1 / m) - 1.1


@claim(
    "num-adam-net",
    says="The correction's net factor is .316 at t = 1, least, .152, at t = 12, and above .95 from step 2327 on.",
    against="the factor is at least one: correction enlarges steps",
    tolerance=5e-4,
)
def test_net_numbers():
    c = 1 / plain()
    assert np.argmin(c) + 1 == 12
    assert np.flatnonzero(c <= 0.95)[-1] + 2 == 2327
    measured = steps(np.ones(12)) / steps(np.ones(12), correct=False)
    return float(max(abs(measured[0] - 0.316), abs(measured[11] - 0.152))), float(1 - c.min())


@claim(
    "num-adam-long",
    says="Without correction steps are 3.16 at t = 1, 6.57 at t = 12, and more than 1.1 up to step 1750.",
    against="the effect is over after a hundred steps: they are below 1.1",
    tolerance=5e-3,
)
def test_long():
    taken = steps(np.ones(2000), correct=False)
    assert np.flatnonzero(taken > 1.1)[-1] + 1 == 1750
    assert np.max(np.abs(taken / plain()[:2000] - 1)) < 1e-5
    return float(max(abs(taken[0] - 3.16), abs(taken[11] - 6.57))), float(taken[99] - 1.1)


# The bound


@claim(
    "num-adam-shapes",
    says="After 10 000 zeros: one spike 3.16, thirty equal gradients 5.57, thirty that grow by 11 % 7.26 learning rates.",
    against="the spike takes the longest step",
    tolerance=5e-3,
)
def test_shapes():
    silence = State(t=10_000, m=0.0, v=0.0)
    shapes = np.eye(30)[-1], np.ones(30), theory.adam_extremal(0.9, 0.999, 30)
    taken = [steps(g, silence, eps=1e-300)[-1] for g in shapes]
    error = np.max(np.abs(np.subtract(taken, (3.16, 5.57, 7.26))))
    return float(error), float(taken[2] - taken[0])


@claim(
    "thm-adam-bound",
    says="The longest step at t is the theorem's formula, attained by growing gradients; its limit bounds it for all t.",
    against=r"it is $(1-\beta_1)/\sqrt{1-\beta_2}$, or one if that is less",
    tolerance=1e-12,
)
def test_bound():
    error, wrong = 0, np.inf
    for beta1, beta2 in ((0.9, 0.999), (0.9, 0.99), (0.8, 0.9), (0.5, 0.3)):
        for t in (1, 2, 5, 30):
            a = (1 - beta1) * beta1 ** np.arange(t - 1.0, -1, -1) / (1 - beta1**t)
            b = (1 - beta2) * beta2 ** np.arange(t - 1.0, -1, -1) / (1 - beta2**t)
            # max of (a.g)² over g'Bg = 1 is the largest eigenvalue of B^(-1/2) a a' B^(-1/2)
            root = a / np.sqrt(b)
            oracle = math.sqrt(eigh(np.outer(root, root), eigvals_only=True)[-1])
            attained = steps(
                (beta1 / beta2) ** np.arange(t - 1.0, -1, -1), beta1=beta1, beta2=beta2, eps=0.0
            )[-1]
            formula = theory.adam_bound(beta1, beta2, t)
            error = max(error, abs(formula / oracle - 1), abs(attained / oracle - 1))
            rng = np.random.default_rng(t)
            random = steps(rng.standard_normal((t, 500)), beta1=beta1, beta2=beta2, eps=0.0)[-1]
            error = max(error, np.max(np.abs(random)) / oracle - 1)
        most = theory.adam_bound(beta1, beta2)
        error = max(error, np.max(theory.adam_bound(beta1, beta2, np.arange(1, 3000))) / most - 1)
        if beta1**2 < beta2:
            far = theory.adam_bound(beta1, beta2, 10**6)
            published = max((1 - beta1) / math.sqrt(1 - beta2), 1.0)
            error, wrong = max(error, abs(far / most - 1)), min(wrong, abs(far / published - 1))
    return float(error), float(wrong)


@claim(
    "num-adam-bound",
    says="With the defaults a step of 7.2035 is attained at t = 4000, and the supremum is 7.27.",
    against="no step is longer than 3.16 learning rates",
    tolerance=4e-4,
)
def test_bound_number():
    taken = steps(theory.adam_extremal(0.9, 0.999, 4000))[-1]
    r = Fraction(81, 100) / Fraction(999, 1000)
    most = math.sqrt(Fraction(1, 100) / (Fraction(1, 1000) * (1 - r)))
    return max(abs(taken - 7.2035), abs(most - 7.2703)), float(taken - math.sqrt(10))


@claim(
    "num-adam-bound-beta",
    says=r"With $\beta_2=.99$ the supremum is 2.35, where the published bound is 1; with $\beta_2=.81$ steps grow like the root of t.",
    against="with β₂ = .99 no step is longer than one learning rate",
    tolerance=5e-3,
)
def test_bound_beta():
    taken = steps(theory.adam_extremal(0.9, 0.99, 2000), beta2=0.99)[-1]
    grown = [steps(theory.adam_extremal(0.9, 0.81, t), beta2=0.81, eps=0.0)[-1] for t in (400, 1600)]
    error = max(abs(taken - 2.35), abs(grown[1] / grown[0] / 2 - 1))
    return float(error), float(taken - 1)


# Scale


@claim(
    "thm-adam-scale",
    says="Adam's path is unchanged when all gradients and ε are multiplied by one number, per coordinate.",
    against="it is unchanged when the gradients alone are multiplied by numbers that vary from step to step",
    tolerance=1e-12,
)
def test_scale():
    rng = np.random.default_rng(7)
    g = rng.standard_normal((200, 8))
    c = 10.0 ** np.array([-6.0, -3, -1, 0.5, 1, 2, 4, 6])
    base = steps(g, eps=1e-3)
    scaled = steps(c * g, eps=1e-3 * c)
    bare = steps(c * g, eps=0.0) - steps(g, eps=0.0)
    varying = steps(g * 10.0 ** rng.uniform(-1, 1, (200, 1)), eps=0.0)
    error = max(np.max(np.abs(scaled - base)), np.max(np.abs(bare)))
    return float(error), float(np.max(np.abs(varying - steps(g, eps=0.0))))


@claim(
    "num-adam-switch",
    says="After a rise of the gradient by ten steps reach 5.20 and exceed 1.1 for 1740 steps; after a fall they sink to .104 and pass .5 after 3494.",
    against="a constant gradient takes steps of one learning rate, also after a change",
    tolerance=3e-3,
)
def test_switch():
    k = np.arange(1, 9001)
    calm = State(t=10**6, m=1.0, v=1.0)
    error = 0
    for factor, extreme in ((10.0, 5.20), (0.1, 0.104)):
        # closed form: both averages move from 1 to their new value
        exact = (factor + (1 - factor) * 0.9**k) / np.sqrt(factor**2 + (1 - factor**2) * 0.999**k)
        taken = steps(np.full(9000, factor), calm)
        assert np.max(np.abs(taken / exact - 1)) < 1e-6
        error = max(error, abs(taken[np.abs(np.log(taken)).argmax()] - extreme))
        if factor > 1:
            assert np.flatnonzero(taken > 1.1)[-1] + 1 == 1740
        else:
            assert np.flatnonzero(taken[100:] > 0.5)[0] + 100 + 1 == 3495
    return float(error), float(abs(taken[999] - 1))


# Defaults


@claim(
    "num-adam-defaults",
    says="The defaults of the table, wherever the library is installed; scikit-learn's always.",
    against=r"$\beta_2$ is .99 everywhere, as the notes print",
    tolerance=0,
)
def test_defaults():
    stated = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    ours = {k: p.default for k, p in inspect.signature(adam).parameters.items()}
    found = [{**ours, "lr": stated["lr"]}]  # lib has no default rate
    sk = {k: p.default for k, p in inspect.signature(AdamOptimizer).parameters.items()}
    renamed = {"lr": "learning_rate_init", "beta1": "beta_1", "beta2": "beta_2", "eps": "epsilon"}
    found.append({k: sk[v] for k, v in renamed.items()})
    if importlib.util.find_spec("torch"):
        import torch

        p = {k: v.default for k, v in inspect.signature(torch.optim.Adam).parameters.items()}
        found.append({"lr": p["lr"], "beta1": p["betas"][0], "beta2": p["betas"][1], "eps": p["eps"]})
    if importlib.util.find_spec("optax"):
        import optax

        p = {k: v.default for k, v in inspect.signature(optax.adam).parameters.items()}
        found.append({"lr": stated["lr"], "beta1": p["b1"], "beta2": p["b2"], "eps": p["eps"]})
    error = max(abs(one[k] - value) for one in found for k, value in stated.items())
    return error, abs(found[1]["beta2"] - 0.99)


def by_sklearn(gradients, eps):
    """The steps of scikit-learn's Adam, which corrects inside the learning rate."""
    optimiser = AdamOptimizer([np.zeros(gradients.shape[1])], learning_rate_init=1.0, epsilon=eps)
    return np.array([-optimiser._get_updates([g])[0] for g in gradients])


@claim(
    "eq-adam-hat",
    says=r"Adam with $\hat\varepsilon$ on the uncorrected root is Adam with $\varepsilon_t=\hat\varepsilon/\sqrt{1-\beta_2^t}$.",
    against=r"it is Adam with $\varepsilon=\hat\varepsilon$",
    tolerance=1e-12,
)
def test_hat():
    g = np.random.default_rng(8).standard_normal((60, 6)) * 10.0 ** np.arange(-8, -2)
    theirs, s, w, ours = by_sklearn(g, 1e-6), START, np.zeros(6), []
    for t, one in enumerate(g, 1):
        step, s = adam(w, one, s, lr=1.0, eps=1e-6 / math.sqrt(1 - 0.999**t))
        ours.append(-step)
    return float(np.max(np.abs(np.array(ours) - theirs))), float(np.max(np.abs(steps(g, eps=1e-6) - theirs)))


@claim(
    "num-adam-sklearn",
    says=r"For a gradient of $10^{-6}$ the first step is .76 η with $\hat\varepsilon=10^{-8}$ (scikit-learn), .99 η with $\varepsilon=10^{-8}$.",
    against="the two conventions agree",
    tolerance=5e-3,
)
def test_sklearn():
    theirs = by_sklearn(np.array([[1e-6]]), 1e-8)[0, 0]
    ours = steps([1e-6])[0]
    return float(max(abs(theirs - 0.76), abs(ours - 0.99))), float(ours - theirs)
