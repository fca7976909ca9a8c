"""Claims of page 07_variants: what Adam contains, the sequence that fools it, AdamW, and the relatives.

The oracles: PyTorch's recorded paths, exact fractions, decompositions by SciPy, direct loops of plain
arithmetic, and seeded runs with their standard errors.
"""

import math
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
from claims import claim
from scipy.linalg import fractional_matrix_power, polar, svdvals
from scipy.optimize import brentq

from lib import problems, theory
from lib.contract import rule
from lib.data import digits
from lib.loop import train
from lib.net import FCN
from lib.rules import (
    START,
    adagrad,
    adam,
    adamax,
    adamw,
    amsgrad,
    averaged_momentum,
    lion,
    momentum,
    nadam,
    sgd,
)

sys.path.append(str(Path(__file__).resolve().parents[1] / "rules"))  # what the rules are tested with
import goldens


def steps(gradients, a_rule=adam, lr=1.0, **hyper):
    """Steps under gradients (T, P), w put back to zero before each; `lr` may be a function of t = 1, ..."""
    gradients = np.asarray(gradients, float)
    out, s, w = [], START, np.zeros(gradients.shape[1:])
    for t, g in enumerate(gradients, 1):
        step, s = a_rule(w, g, s, lr=lr(t) if callable(lr) else lr, **hyper)
        out.append(-step)
    return np.array(out)


def gradients(seed, t=60, size=4):
    return np.random.default_rng(seed).standard_normal((t, size))


@claim(
    "num-variants-silent",
    says="A silent weight under Adam with a penalty is .8085 after 200 steps, for λ = .0001, .01 and 1.",
    against="it decays like AdamW's: by (1 − ηλ)^200",
    tolerance=5.1e-5,
)
def test_silent():
    error, wrong, bare = 0, 0, []
    for lam in (1e-4, 1e-2, 1.0):
        w, s, u, r = np.ones(1), START, np.ones(1), START
        for _ in range(200):
            w, s = adam(w, lam * w, s, lr=0.001)
            u, r = adam(u, lam * u, r, lr=0.001, eps=0.0)
        error = max(error, abs(w[0] - 0.8085))
        wrong = max(wrong, abs((1 - 0.001 * lam) ** 200 - w[0]))
        bare.append(u[0])
    assert np.ptp(bare) < 1e-12  # without epsilon exactly the same
    return float(error), float(wrong)


# Inclusion


@claim(
    "num-variants-sign",
    says="With both betas and ε zero Adam is sign descent; with β₁ = 0, ε → ∞ and rate ηε it is gradient descent.",
    against="with both betas zero it is gradient descent",
    tolerance=1e-6,
)
def test_sign():
    g = gradients(0)
    signs = steps(g, beta1=0.0, beta2=0.0, eps=0.0)
    plain = steps(g, lr=1e9, beta1=0.0, eps=1e9)
    error = max(np.max(np.abs(signs - np.sign(g))), np.max(np.abs(plain - steps(g, sgd))))
    return float(error), float(np.max(np.abs(signs - g)))


@claim(
    "eq-variants-adagrad",
    says=r"With $\beta_1=0$, $\beta_2\to1$ and rate $\eta/\sqrt t$ Adam's steps are AdaGrad's.",
    against=r"with a constant rate they are",
    tolerance=1e-7,
)
def test_adagrad():
    g = gradients(1)
    theirs = steps(g, adagrad, eps=0.0)
    hyper = {"beta1": 0.0, "beta2": 1 - 1e-9, "eps": 0.0}
    error = np.max(np.abs(steps(g, lr=lambda t: 1 / math.sqrt(t), **hyper) - theirs))
    return float(error), float(np.max(np.abs(steps(g, **hyper) - theirs)))


@claim(
    "eq-variants-momentum",
    says=r"With rate $\eta\varepsilon$ Adam's step is $\eta\hat m_t/(1+\sqrt{\hat v_t}/\varepsilon)$, within $\sqrt{\hat v_t}/\varepsilon$ of corrected momentum's.",
    against="the difference is of second order, $\\hat v_t/\\varepsilon^2$",
    tolerance=1e-12,
)
def test_momentum():
    g, error, wrong = gradients(2), 0, 0
    heavy = steps(g, averaged_momentum, lr=lambda t: 1 / (1 - 0.9**t))
    for eps in (30.0, 1e3, 1e6):
        ours = steps(g, lr=eps, eps=eps)
        v, root = np.zeros(4), []
        for t, one in enumerate(g, 1):
            v = 0.999 * v + 0.001 * one**2
            root.append(np.sqrt(v / (1 - 0.999**t)))
        root = np.array(root)
        error = max(error, np.max(np.abs(ours * (1 + root / eps) / heavy - 1)))
        off = np.abs(ours / heavy - 1)
        error = max(error, np.max(off - root / eps))
        wrong = max(wrong, np.max(off - (root / eps) ** 2))
    return float(error), float(wrong)


# The sequence


def play(a_rule, C, n, start=0.0, **hyper):
    """Positions and regret per step on Reddi's sequence, rates .5/√t, projected."""
    f, w, s, regret = problems.ReddiSequence(C), np.full(1, start), START, 0.0
    for t in range(n):
        slope = C if t % 3 == 0 else -1.0
        regret += slope * (w[0] + 1)
        w, s = a_rule(w, np.array([slope]), s, lr=0.5 / math.sqrt(t + 1), **hyper)
        w = f.project(w)
    return w[0], regret / n


@claim(
    "num-variants-reddi",
    says="On Reddi's sequence Adam ends at +1 with a regret of ⅔ per step, AMSGrad and gradient descent at −1 with none.",
    against="Adam ends at the best point, as the others do",
    tolerance=0.02,
)
def test_reddi():
    hyper = {"beta1": 0.0, "beta2": 0.1}
    ours, theirs, plain = (
        play(adam, 3.0, 10_000, **hyper),
        play(amsgrad, 3.0, 10_000, **hyper),
        play(sgd, 3.0, 10_000),
    )
    error = max(
        abs(ours[0] - 1), abs(ours[1] - 2 / 3), abs(theirs[0] + 1), theirs[1], abs(plain[0] + 1), plain[1]
    )
    return float(error), float(ours[0] + 1)


def settled(C, beta2, rounds=400):
    """The three steps of a late period, by a plain loop."""
    v, roots = 0.0, []
    for t in range(3 * rounds):
        v = beta2 * v + (1 - beta2) * (C * C if t % 3 == 0 else 1.0)
        roots.append(math.sqrt(v))
    return np.array([-C, 1.0, 1.0]) / roots[-3:]


@claim(
    "eq-variants-period",
    says=r"In the long run the three steps are $-C/\sqrt{v_1}$, $1/\sqrt{v_2}$, $1/\sqrt{v_3}$ with the $v$ stated.",
    against=r"all three are divided by the root of the mean square, $\sqrt{(C^2+2)/3}$",
    tolerance=1e-12,
)
def test_period():
    error, wrong = 0, np.inf
    for C, beta2 in ((3, 0.1), (3, 0.7), (10, 1 / 101), (2.1, 0.3), (50, 0.9)):
        loop = settled(C, beta2)
        error = max(error, np.max(np.abs(theory.reddi_steps(C, beta2) / loop - 1)))
        flat = np.array([-C, 1, 1]) / math.sqrt((C * C + 2) / 3)
        wrong = min(wrong, np.max(np.abs(flat / loop - 1)))
    return float(error), float(wrong)


@claim(
    "num-variants-period",
    says="For C = 3 and β₂ = .1 they are −1.047, .762 and .966, together +.681.",
    against="together they go the way of the mean slope: downwards",
    tolerance=5.1e-4,
)
def test_period_numbers():
    b = Fraction(1, 10)
    a = (1 - b) / (1 - b**3)
    v = [a * (9 + b + b**2), a * (1 + 9 * b + b**2), a * (1 + b + 9 * b**2)]
    exact = [-3 / math.sqrt(v[0]), 1 / math.sqrt(v[1]), 1 / math.sqrt(v[2])]
    error = max(np.max(np.abs(np.subtract(exact, (-1.047, 0.762, 0.966)))), abs(sum(exact) - 0.681))
    return float(error), float(sum(exact))


@claim(
    "thm-variants-reddi",
    says="For every C > 2 and every start Adam tends to +1; a period's steps add up to more than .55 at equal rates.",
    against="it tends to −1, where the mean loss is least",
    tolerance=0.02,
)
def test_reddi_theorem():
    error, wrong = 0, np.inf
    for C in (2.05, 3.0, 10.0, 100.0):
        b2 = 1 / (1 + C * C)
        assert settled(C, b2).sum() > 0.55
        for v0 in (0.0, 1.0, C * C):  # the proof's bounds hold from any v below C²
            v1 = b2 * v0 + (1 - b2) * C * C
            v2 = b2 * v1 + 1 - b2
            v3 = b2 * v2 + 1 - b2
            assert -C / math.sqrt(v1) + 1 / math.sqrt(v2) + 1 / math.sqrt(v3) > 0.55
        for start in (-1.0, 0.3, 1.0):
            end, _ = play(adam, C, 6001, start, beta1=0.0, beta2=b2, eps=0.0, correct=False)
            error, wrong = max(error, abs(end - 1)), min(wrong, abs(end + 1))
    return float(error), float(wrong)


@claim(
    "num-variants-cure",
    says="For C = 3 a period leads the right way for every β₂ above .472.",
    against="it leads the wrong way for every β₂",
    tolerance=5e-4,
)
def test_cure():
    zero = brentq(lambda b: settled(3, b).sum(), 0.1, 0.9)
    assert all(settled(3, b).sum() < 0 for b in np.linspace(0.48, 0.95, 20))
    return float(abs(zero - 0.472)), float(-settled(3, 0.9).sum())


@claim(
    "num-variants-hundred",
    says="β₁ = 0, β₂ = .999: slope 100 once in 100 steps, else −1, leads Adam the wrong way, by .145 a period; 30 in 30 does not.",
    against="the default β₂ is safe",
    tolerance=5.1e-4,
)
def test_hundred():
    drift = {}
    for n in (30, 100):
        g = np.r_[float(n), -np.ones(n - 1)]
        taken = steps(np.tile(g, 30_000 // n)[:, None], beta1=0.0)
        drift[n] = -taken[-n:].sum()
    assert drift[30] < 0
    return float(abs(drift[100] - 0.145)), float(drift[100])


@claim(
    "num-variants-memory",
    says="On the random sequence Adam's mean end is above +.8 for β₂ = .5 and .8 and below −.8 for .999; AMSGrad's is below −.3 for all eight β₂ of the figure.",
    against="Adam's place is on the right side for all β₂",
    tolerance=0,
)
def test_memory():
    betas, ends = np.array([0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999]), {}
    for a_rule in (adam, amsgrad):
        rng, w, s = np.random.default_rng(1), np.zeros((8, 30)), START
        for t in range(3000):
            g = np.where(rng.random(30) < 0.11, 10.0, -1.0) * np.ones_like(w)
            w, s = a_rule(w, g, s, lr=0.5 / (t + 1) ** 0.5, beta2=betas[:, None])
            w = np.clip(w, -1, 1)
        ends[a_rule.__name__] = w.mean(axis=1)
    missed = [0.8 - ends["adam"][0], 0.8 - ends["adam"][1], ends["adam"][-1] + 0.8, *(ends["amsgrad"] + 0.3)]
    return float(max(0.0, *missed)), float(ends["adam"][0])


@claim(
    "num-variants-amsgrad",
    says="AMSGrad with the maximum over the uncorrected v follows PyTorch through gradients of eleven decades.",
    against="with the maximum over the corrected v it does, too",
    tolerance=1e-11,
)
def test_amsgrad():
    case, want = goldens.cases("amsgrad")[0], goldens.read("amsgrad")[1]["default"]["w"]
    ours = np.array([w for t, w, _ in goldens.walk(case) if t in goldens.SHOWN])
    m = v = top = np.zeros(case.shape)
    other = []
    for t, g in enumerate(case.gradients(), 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        top = np.maximum(top, v / (1 - 0.999**t))
        if t in goldens.SHOWN:
            other.append(-0.01 * m / (1 - 0.9**t) / (np.sqrt(top) + 1e-8))
    scale = np.where(want == 0, np.inf, np.abs(want))
    assert np.array_equal(ours == 0, want == 0)
    return float(np.max(np.abs(ours - want) / scale)), float(np.max(np.abs(np.array(other) - want) / scale))


# Decay


@claim(
    "eq-variants-sgd",
    says=r"For gradient descent the penalty's gradient and the decay $(1-\eta\lambda)w$ are one rule.",
    against="so they are for momentum",
    tolerance=1e-14,
)
def test_sgd():
    error, wrong = 0, np.inf
    for lam in (0.01, 0.5):
        ends = {}
        for a_rule in (sgd, momentum):
            a, b, s, r = np.ones(3), np.ones(3), START, START
            for g in gradients(3, size=3):
                a, s = a_rule(a, g + lam * a, s, lr=0.1)
                b, r = a_rule((1 - 0.1 * lam) * b, g, r, lr=0.1)
            ends[a_rule] = np.max(np.abs(a - b))
        error, wrong = max(error, ends[sgd]), min(wrong, ends[momentum])
    return float(error), float(wrong)


@claim(
    "eq-variants-loud",
    says=r"Under Adam with a penalty a loud weight's mean is $(1-\eta\lambda/\sigma)^t$ of its start, within 4 standard errors.",
    against=r"it is $(1-\eta\lambda)^t$, whatever the noise",
    tolerance=4,
)
def test_loud():
    rng, R, error, wrong = np.random.default_rng(6), 4000, 0, np.inf
    sigma = np.array([0.25, 4.0])
    w, s = np.ones((R, 2)), START
    for _ in range(1000):
        w, s = adam(w, 0.01 * w + sigma * rng.standard_normal((R, 2)), s, lr=0.001)
    se = w.std(axis=0) / math.sqrt(R)
    error = np.max(np.abs(w.mean(axis=0) - (1 - 1e-5 / sigma) ** 1000) / se)
    wrong = abs(w[:, 0].mean() - (1 - 1e-5) ** 1000) / se[0]
    return float(error), float(wrong)


@claim(
    "num-variants-loud",
    says="The penalty takes 14 %, 1.5 % and .15 % off weights with noise 1, 10 and 100, AdamW 14 % off each, within 4 standard errors.",
    against="the penalty takes the same off each",
    tolerance=4,
)
def test_loud_numbers():
    rng, sigma = np.random.default_rng(2), np.array([1.0, 10.0, 100.0])  # as on the page
    l2, decoupled, s, r = np.ones((4000, 3)), np.ones((4000, 3)), START, START
    for _ in range(1500):
        noise = sigma * rng.standard_normal((4000, 3))
        l2, s = adam(l2, 0.1 * l2 + noise, s, lr=0.001)
        decoupled, r = adamw(decoupled, noise, r, lr=0.001, decay=0.1)
    error = 0
    for w, stated in ((l2, (0.14, 0.015, 0.0015)), (decoupled, (0.14, 0.14, 0.14))):
        se = w.std(axis=0) / math.sqrt(len(w))
        error = max(error, np.max(np.abs(1 - w.mean(axis=0) - stated) / se))
    lost = 1 - l2.mean(axis=0)
    return float(error), float((lost[0] - lost[2]) / (l2[:, 0].std() / math.sqrt(len(l2))))


@claim(
    "eq-variants-adamw",
    says="AdamW is Adam's step beside a factor (1 − ηλ), as PyTorch has it; a silent weight is (1 − ηλ)^t exactly.",
    against="the decay is not multiplied by η",
    tolerance=1e-12,
)
def test_adamw():
    variant, error = "adamw", 0
    for case in goldens.cases(variant):
        if case.dtype == np.float64 and not case.runs:
            want = goldens.read(variant)[1][case.name]["w"]
            ours = np.array([w for t, w, _ in goldens.walk(case) if t in goldens.SHOWN])
            error = max(error, np.max(np.abs(ours - want) / np.where(want == 0, 1e-300, np.abs(want))))
    # by hand, from the steps of plain Adam
    g, w, s, hand = gradients(7), np.ones(4), START, np.ones(4)
    for one, step in zip(g, steps(g, lr=0.01), strict=True):
        w, s = adamw(w, one, s, lr=0.01, decay=0.3)
        hand = (1 - 0.01 * 0.3) * hand - step
        wrong = (1 - 0.3) * w - step
    error = max(error, np.max(np.abs(w - hand)))
    silent, s = np.ones(1), START
    for _ in range(300):
        silent, s = adamw(silent, np.zeros(1), s, lr=0.02, decay=0.5)
    return float(max(error, abs(silent[0] / 0.99**300 - 1))), float(np.max(np.abs(wrong - w)))


@claim(
    "eq-variants-box",
    says=r"Under a gradient of constant sign AdamW's weight is $-1/\lambda+(1-\eta\lambda)^t(w_0+1/\lambda)$ and stops at $-1/\lambda$.",
    against="it goes on for ever, as the loss falls for ever",
    tolerance=1e-10,
)
def test_box():
    error, wrong = 0, np.inf
    for lam, lr, w0 in ((0.1, 0.05, 3.0), (2.0, 0.1, -4.0), (0.5, 0.3, 0.0)):
        w, s = np.array([w0]), START
        for t in range(1, 3001):
            w, s = adamw(w, np.array([0.7]), s, lr=lr, decay=lam, eps=0.0)
            if t in (1, 10, 3000):
                error = max(error, abs(w[0] - theory.adamw_constant(lr, lam, w0, t)))
                error = max(error, abs(w[0] - (-1 / lam + (1 - lr * lam) ** t * (w0 + 1 / lam))))
        wrong = min(wrong, abs(w[0] - (w0 - 3000 * lr)))
        if (1 - lr * lam) ** 3000 < 1e-12:
            error = max(error, abs(w[0] + 1 / lam))
    return float(error), float(wrong)


@claim(
    "num-variants-half",
    says="With η = .001 and λ = .01 half of a weight is gone after 69 315 steps.",
    against="half is gone after 1000 steps",
    tolerance=0,
)
def test_half():
    left = np.cumprod(np.full(70_000, 1 - 0.001 * 0.01))
    w, s = np.ones(1), START
    for _ in range(1000):
        w, s = adamw(w, np.zeros(1), s, lr=0.001, decay=0.01)
    assert abs(w[0] - left[999]) < 1e-12
    return abs(int(np.argmax(left <= 0.5)) + 1 - 69_315), float(w[0] - 0.5)


# The comparison


@rule
def adam_l2(w, g, s=START, *, lr, decay):
    """Adam with the penalty's gradient."""
    return adam.formula(w, g + decay * w, s, lr=lr)


@cache
def compared():
    """Final losses of the four contenders, by the page's protocol."""
    data, net = digits(validation=997 / 1797), FCN((64, 24, 10))
    few = data._replace(X_train=data.X_train[:300], y_train=data.y_train[:300])
    choose = few._replace(X_val=data.X_train[300:700], y_val=data.y_train[300:700])

    def losses(data, a_rule, points, seeds):
        starts = np.repeat([net.init(np.random.default_rng(s)) for s in seeds], len(points), axis=0)
        hyper = {k: np.tile([p[k] for p in points], len(seeds))[:, None] for k in points[0]}
        seed = np.repeat(seeds, len(points)).tolist()
        run = train(net, data, a_rule, epochs=20, batch_size=30, w=starts, seed=seed, **hyper)
        return run.val_loss[-1].reshape(len(seeds), len(points))

    def grid(*decays):
        return [{"lr": lr, "decay": d} for lr in (0.003, 0.01, 0.03) for d in decays]

    final = {}
    for name, a_rule, points in (
        ("momentum", momentum, [{"lr": lr} for lr in np.geomspace(0.001, 1, 12)]),
        ("Adam", adam, [{"lr": lr} for lr in np.geomspace(0.0003, 0.1, 12)]),
        ("Adam + L2", adam_l2, grid(0.0001, 0.0003, 0.001, 0.003)),
        ("AdamW", adamw, grid(0.01, 0.03, 0.1, 0.3)),
    ):
        assert len(points) == 12
        best = points[losses(choose, a_rule, points, (0, 1)).mean(axis=0).argmin()]
        assert "decay" not in best or best["decay"] == points[0]["decay"], "both chose the weakest decay"
        final[name] = losses(few, a_rule, [best], range(10, 30))[:, 0]
    return final


@claim(
    "num-variants-digits",
    says="Losses .187 (momentum), .178 (Adam), .179 (penalty), .181 (AdamW); Adam leads momentum by .010 ± .005, AdamW and the penalty differ by .002 ± .002.",
    against="AdamW is ahead of Adam with a penalty by .01",
    tolerance=6e-4,
)
def test_digits():
    final = compared()
    stated = {"momentum": 0.187, "Adam": 0.178, "Adam + L2": 0.179, "AdamW": 0.181}
    error = max(abs(final[name].mean() - value) for name, value in stated.items())
    for one, other, gap, band in (
        ("Adam", "momentum", -0.0096, 0.0047),
        ("AdamW", "Adam + L2", 0.0017, 0.0022),
        ("AdamW", "Adam", 0.0032, 0.0033),
    ):
        difference = final[one] - final[other]
        two_se = 2 * difference.std(ddof=1) / math.sqrt(20)
        error = max(error, abs(difference.mean() - gap), abs(two_se - band))
    return float(error), float(final["AdamW"].mean() - final["Adam + L2"].mean() + 0.01)


# Relatives


@claim(
    "eq-variants-adamax",
    says=r"AdaMax's steps have the supremum $(1-\beta_1)/(1-\beta_1/\beta_2)$, 1.0091 with the defaults.",
    against="no step of AdaMax is longer than the learning rate",
    tolerance=1e-12,
)
def test_adamax():
    error, wrong = 0, np.inf
    for beta1, beta2 in ((0.9, 0.999), (0.5, 0.9), (0.9, 0.95)):
        stated, t = (1 - beta1) / (1 - beta1 / beta2), 700
        fading = beta2 ** np.arange(1.0, t + 1)[:, None]
        hyper = {"beta1": beta1, "beta2": beta2, "eps": 0.0}
        taken = steps(fading, adamax, **hyper)[-1, 0]
        error = max(error, abs(taken / stated - 1))
        # at T, the largest a.g over the box |g_i| beta2^(T-i) <= 1: every g_i in its corner
        T = 40
        age = np.arange(T - 1.0, -1, -1)
        a = (1 - beta1) * beta1**age / (1 - beta1**T)
        best = np.sum(a * beta2**-age)
        reached = steps(beta2 ** np.arange(1.0, T + 1)[:, None], adamax, **hyper)[-1, 0]
        error = max(error, abs(reached / best - 1), max(0.0, best / stated - 1))
        wrong = min(wrong, taken - 1)
    assert round(0.1 / (1 - 0.9 / 0.999), 4) == 1.0091
    return float(error), float(wrong)


@claim(
    "num-variants-nadam",
    says="With a constant momentum factor Nadam is the line of the table; with PyTorch's it follows PyTorch.",
    against="the line holds for PyTorch's factor as well",
    tolerance=1e-11,
)
def test_nadam():
    g = gradients(9)
    m = v = np.zeros(4)
    line = []
    for t, one in enumerate(g, 1):
        m, v = 0.9 * m + 0.1 * one, 0.999 * v + 0.001 * one**2
        ahead = 0.9 * m / (1 - 0.9 ** (t + 1)) + 0.1 * one / (1 - 0.9**t)
        line.append(ahead / np.sqrt(v / (1 - 0.999**t)))
    error = np.max(np.abs(steps(g, nadam, psi=1e6, eps=0.0) - line))
    case, want = goldens.cases("nadam")[0], goldens.read("nadam")[1]["default"]["w"]
    ours = np.array([w for t, w, _ in goldens.walk(case) if t in goldens.SHOWN])
    error = max(error, np.max(np.abs(ours - want) / np.where(want == 0, 1e-300, np.abs(want))))
    return float(error), float(np.max(np.abs(steps(g, nadam, eps=0.0) - line)))


@claim(
    "eq-variants-radam",
    says=r"$\rho_t$ is the length of a plain mean of the same mean age as $\hat v_t$; $r_t$ follows from it.",
    against=r"$\rho_t$ is t",
    tolerance=1e-9,
)
def test_radam():
    error, wrong = 0, np.inf
    for beta in (0.9, 0.99, 0.999):
        full = (1 + beta) / (1 - beta)

        def spread(rho):  # of the reciprocal root of a mean of rho squares
            return rho / (2 * (rho - 2) * (rho - 4))

        for t in (7, 40, 900):
            weights = beta ** np.arange(t - 1.0, -1, -1)
            age = np.average(np.arange(t, 0, -1), weights=weights)  # the newest has age one
            rho = 2 * age - 1  # a plain mean of rho values has mean age (rho + 1)/2
            stated = theory.radam_factor(beta, t)
            error = max(error, abs(stated / math.sqrt(spread(full) / spread(rho)) - 1))
        wrong = min(wrong, abs(math.sqrt(spread(full) / spread(900)) / stated - 1))
    return float(error), float(wrong)


@claim(
    "num-variants-radam",
    says="With β₂ = .999: no factor for four steps, then .017 at 5, .215 at 100, above .5 from 556 and above .95 from 3651 on; ρ ends at 1999.",
    against="the warm-up lasts as long as momentum's memory: over at t = 100",
    tolerance=5.1e-4,
)
def test_radam_numbers():
    def factor(t, beta=Fraction(999, 1000)):
        full = (1 + beta) / (1 - beta)
        assert full == 1999
        rho = full - 2 * t * beta**t / (1 - beta**t)
        if rho <= 4:
            return None
        return math.sqrt((rho - 4) * (rho - 2) * full / ((full - 4) * (full - 2) * rho))

    assert factor(4) is None
    assert factor(555) <= 0.5 < factor(556)
    assert factor(3650) <= 0.95 < factor(3651)
    return max(abs(factor(5) - 0.017), abs(factor(100) - 0.215)), abs(1 - factor(100))


@claim(
    "eq-variants-norms",
    says="The steepest step is −G/|G|, −sign G or −UVᵀ, as length is Euclid's, the largest entry or the largest singular value.",
    against="−G, scaled to length one, is the steepest in all three",
    tolerance=1e-12,
)
def test_norms():
    rng, error, wrong = np.random.default_rng(10), 0, np.inf
    norms = {
        "euclid": np.linalg.norm,
        "entry": lambda D: np.abs(D).max(),
        "spectral": lambda D: svdvals(D)[0],
    }
    for shape in ((4, 3), (3, 5)):
        G = rng.standard_normal(shape)
        U = polar(G)[0]  # an independent way to UV'
        stated = {"euclid": -G / np.linalg.norm(G), "entry": -np.sign(G), "spectral": -U}
        # the dual norms: what no step of length one can beat
        dual = {"euclid": math.sqrt(np.sum(G**2)), "entry": np.abs(G).sum(), "spectral": svdvals(G).sum()}
        for name, norm in norms.items():
            D = stated[name]
            error = max(error, abs(norm(D) - 1), abs(np.sum(G * D) / -dual[name] - 1))
            for _ in range(300):
                other = rng.standard_normal(shape)
                assert np.sum(G * other) / norm(other) >= np.sum(G * D) - 1e-12
            if name != "euclid":
                wrong = min(wrong, abs(np.sum(G * -G) / norm(G) - np.sum(G * D)))
    moves = steps(gradients(11), lion)
    assert np.array_equal(np.abs(moves), np.ones_like(moves))  # Lion's steps are signs
    return float(error), float(wrong)


@claim(
    "eq-variants-shampoo",
    says=r"$(GG^\top)^{-1/4}G(G^\top G)^{-1/4}$ is the orthogonal factor $UV^\top$ of G.",
    against=r"with the exponents $-\frac12$ it is",
    tolerance=1e-9,
)
def test_shampoo():
    rng, error, wrong = np.random.default_rng(12), 0, np.inf
    for n in (2, 4, 7):
        G = rng.standard_normal((n, n)) + np.eye(n)
        U = polar(G)[0]
        for power, exact in ((-0.25, True), (-0.5, False)):
            left, right = fractional_matrix_power(G @ G.T, power), fractional_matrix_power(G.T @ G, power)
            off = np.max(np.abs(left @ G @ right - U))
            error, wrong = (max(error, off), wrong) if exact else (error, min(wrong, off))
    return float(error), float(wrong)


@claim(
    "num-variants-muon",
    says="Muon's five iterations send singular values from .01 to 1 into .682 to 1.134, and leave U and V.",
    against="they send them to one, within a hundredth",
    tolerance=5.1e-4,
)
def test_muon():
    a, b, c = 3.4445, -4.775, 2.0315
    rng = np.random.default_rng(13)
    U, V = (np.linalg.qr(rng.standard_normal((50, 50)))[0] for _ in range(2))
    sigma = np.geomspace(0.01, 1, 50)
    X = U * sigma @ V.T
    for _ in range(5):
        S = X @ X.T
        X = a * X + b * S @ X + c * S @ S @ X
    ends = np.diag(U.T @ X @ V)
    assert np.max(np.abs(U.T @ X @ V - np.diag(ends))) < 1e-12
    fine = np.linspace(0.01, 1, 200_001)
    for _ in range(5):
        fine = a * fine + b * fine**3 + c * fine**5
    assert fine.min() <= ends.min() and ends.max() <= fine.max()
    return float(max(abs(fine.min() - 0.682), abs(fine.max() - 1.134))), float(1 - fine.min())
