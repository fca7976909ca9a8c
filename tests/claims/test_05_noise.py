"""Claims of chapter 05, minibatch noise.

The oracles enumerate: all batches, all orders of an epoch, all signs of a noise that is ±1. Where
that is too much, SciPy's Lyapunov solver, exact fractions, or many seeded runs of the library's rules.
"""

import math
from fractions import Fraction
from functools import cache
from itertools import combinations, permutations, product

import numpy as np
from claims import claim
from scipy.linalg import solve_discrete_lyapunov
from scipy.optimize import minimize_scalar

from lib import problems, theory
from lib.data import digits
from lib.loop import batches, descend, trace, train
from lib.net import FCN
from lib.rules import START, adam, momentum, sgd


def relative(measured, stated):
    """The largest deviation, relative to the largest value stated."""
    measured, stated = np.asarray(measured), np.asarray(stated)
    return float(np.max(np.abs(measured - stated)) / np.max(np.abs(stated)))


def settings(count=40, seed=1, edge=1.6):
    """Random (lr, beta, lam, noise) with lr lam and lr lam/(1 - beta) below `edge`."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        beta, lam, noise = rng.uniform(0.1, 0.95), rng.uniform(0.2, 5), rng.uniform(0.3, 3)
        yield rng.uniform(0.05, edge) * (1 - beta) / lam, beta, lam, noise


def signs(steps):
    """All sequences of ±1, (2**steps, steps): noise of variance 1 whose expectations are exact means."""
    return np.array(list(product((-1.0, 1.0), repeat=steps)))


def walk(rule, lrs, lam, noise, x0, xi, **hyper):
    """All runs of a rule from x0 under the noise xi (runs, T): positions (T + 1, runs)."""
    x, s, path = np.full((len(xi), 1), float(x0)), START, [np.full(len(xi), float(x0))]
    for t, lr in enumerate(lrs):
        x, s = rule(x, lam * x + noise * xi[:, t : t + 1], s, lr=float(lr), **hyper)
        path.append(x[:, 0])
    return np.array(path)


def lyapunov(lr, beta, lam, noise):
    """Variance of x in the long run, by SciPy from one step of the rule on basis states."""
    R = np.array([[beta, lam], [-lr * beta, 1 - lr * lam]])
    v = noise * np.array([1.0, -lr])
    return solve_discrete_lyapunov(R, np.outer(v, v))[1, 1]


# The network


@cache
def final(name):
    """Mean losses and accuracies after 120 steps, of three seeds."""
    rule, size, hyper = {
        "B 100": (sgd, 100, {"lr": 0.01}),
        "B 600": (sgd, 600, {"lr": 0.01}),
        "all": (sgd, 1200, {"lr": 0.01}),
        "momentum": (momentum, 100, {"lr": 0.01, "beta": 0.9}),
        "tenfold": (sgd, 100, {"lr": 0.1}),
        "slow": (momentum, 100, {"lr": 0.001, "beta": 0.9}),
    }[name]
    data, net = digits(validation=597 / 1797), FCN((64, 100, 100, 100, 100, 100, 10))
    run = train(net, data, rule, epochs=size // 10, batch_size=size, seed=(0, 1, 2), **hyper)
    assert len(run.loss) == 120
    return run.train_loss[-1]


@claim(
    "num-noise-digits",
    says="Final losses of SGD with B = 100, 600, 1200: 1.213, 1.208, 1.207; of momentum .114; of SGD with η = .1: .139.",
    against="momentum acts as a larger batch: SGD with B = 600 reaches momentum's loss",
    tolerance=5.1e-4,
)
def test_digits():
    stated = {"B 100": 1.213, "B 600": 1.208, "all": 1.207, "momentum": 0.114, "tenfold": 0.139}
    error = max(abs(final(name).mean() - value) for name, value in stated.items())
    return float(error), float(np.min(np.abs(final("B 600") - final("momentum"))))


@claim(
    "num-noise-slow",
    says="Momentum .9 with η = .001 ends at 1.409, behind the 1.213 of SGD with η = .01.",
    against="momentum with η = .001 comes as far as with η = .01",
    tolerance=5.1e-4,
)
def test_slow():
    error = abs(final("slow").mean() - 1.409)
    return float(error), float(np.min(np.abs(final("slow") - final("momentum"))))


@claim(
    "num-noise-data",
    says="With the same number of steps, SGD with B = 600 is shown six times as many examples as with B = 100.",
    against="with the same number of steps both see the same data",
    tolerance=0,
)
def test_data_seen():
    shown = [sum(len(batches(1200, size, 0)(t)) for t in range(120)) for size in (100, 600)]
    return abs(shown[1] / shown[0] - 6), abs(shown[1] / shown[0] - 1)


# What a batch knows


def by_listing(grads, size, replace):
    """Mean and expected squared distance of a batch's mean gradient, over all possible batches."""
    draws = product(range(len(grads)), repeat=size) if replace else combinations(range(len(grads)), size)
    means = np.array([grads[list(d)].mean(axis=0) for d in draws])
    return means.mean(axis=0), np.mean(np.sum((means - grads.mean(axis=0)) ** 2, axis=1))


@claim(
    "thm-noise-batch",
    says=r"A batch's gradient is unbiased; its variance is $\sigma^2/B$, without replacement times $(N-B)/(N-1)$.",
    against=r"without replacement the factor is $(N-B)/N$",
    tolerance=1e-13,
)
def test_batch():
    rng, error, wrong = np.random.default_rng(0), 0, np.inf
    for n, size in ((5, 1), (5, 3), (6, 2), (6, 4), (4, 4)):
        net, X, y = FCN((3, 4, 2)), rng.standard_normal((n, 3)), rng.integers(0, 2, n)
        w = net.init(rng)
        grads = np.array([net.loss_grad(w, X[i : i + 1], y[i : i + 1])[1] for i in range(n)])
        full = net.loss_grad(w, X, y)[1]
        sigma2 = np.mean(np.sum((grads - full) ** 2, axis=1))
        for replace in (True, False):
            mean, spread = by_listing(grads, size, replace)
            stated = sigma2 * theory.batch_variance(n, size, replace=replace)
            error = max(error, relative(mean, full), abs(spread - stated) / sigma2)
        if size < n:
            wrong = min(wrong, abs(spread - sigma2 / size * (n - size) / n) / sigma2)
    return error, wrong


@claim(
    "num-noise-missed",
    says="Of 1200 examples drawn with replacement 1200 times, 36.8 % are never drawn.",
    against="an epoch of draws with replacement meets every example",
    tolerance=2e-3,
)
def test_missed():
    rng = np.random.default_rng(0)
    missed = np.mean([1 - len(np.unique(rng.integers(0, 1200, 1200))) / 1200 for _ in range(1000)])
    return abs(missed - 0.368), float(missed)


# Where a constant step ends


@claim(
    "eq-noise-moments",
    says=r"Mean and variance follow $(1-\eta_t\lambda)$ and $(1-\eta_t\lambda)^2$, the variance plus $\eta_t^2s^2$, exactly.",
    against=r"noise adds $\eta_ts^2$ to the variance in a step",
    tolerance=1e-13,
)
def test_moments():
    rng, xi, error, wrong = np.random.default_rng(2), signs(10), 0, np.inf
    for _ in range(8):
        lam, s, x0 = rng.uniform(0.3, 2, 3)
        lrs = rng.uniform(0.05, 0.6, 10)
        path = walk(sgd, lrs, lam, s, x0, xi)
        mean, var = theory.noisy_moments(lrs, lam, s, x0)
        error = max(error, relative(path.mean(axis=1), mean), relative(path.var(axis=1), var))
        v = 0.0
        for lr in lrs:
            v = (1 - lr * lam) ** 2 * v + lr * s**2
        wrong = min(wrong, abs(v / path[-1].var() - 1))
    return error, wrong


@claim(
    "eq-noise-sgd",
    says=r"In the long run the variance is $\eta s^2/(\lambda(2-\eta\lambda))$.",
    against=r"it is $\eta s^2/(2\lambda)$ for every $\eta$",
    tolerance=1e-12,
)
def test_sgd_variance():
    error, wrong = 0, np.inf
    for lr, beta, lam, s in settings():
        lr = lr / (1 - beta)  # spread over (0.05, 1.6)/lam
        exact = Fraction(lr) * Fraction(s) ** 2 / (Fraction(lam) * (2 - Fraction(lr) * Fraction(lam)))
        var = theory.noisy_moments(np.full(600, lr), lam, s, 0.0)[1][-1]
        error = max(
            error, abs(var / float(exact) - 1), abs(theory.sgd_variance(lr, lam, s) / float(exact) - 1)
        )
        wrong = min(wrong, abs(lr * s**2 / (2 * lam) / var - 1))
    return error, wrong


@claim(
    "num-noise-tenfold",
    says="For λ = s = 1 the variances are .0050 (SGD .01), .0501 (momentum .9, .01) and .0526 (SGD .1).",
    against="momentum averages noise away: its variance is not above SGD's at the same η",
    tolerance=6e-5,
)
def test_tenfold():
    measured = lyapunov(0.01, 0.0, 1, 1), lyapunov(0.01, 0.9, 1, 1), lyapunov(0.1, 0.0, 1, 1)
    error = np.max(np.abs(np.subtract(measured, (0.0050, 0.0501, 0.0526))))
    return float(error), float(measured[1] - measured[0])


@claim(
    "eq-noise-momentum",
    says=r"With momentum it is $\eta s^2(1+\beta)/(\lambda(1-\beta)(2(1+\beta)-\eta\lambda))$.",
    against=r"it is SGD's with $\eta/(1-\beta)$, exactly",
    tolerance=1e-12,
)
def test_momentum_variance():
    error, wrong, xi = 0, np.inf, signs(9)
    for lr, beta, lam, s in settings():
        oracle = lyapunov(lr, beta, lam, s)
        error = max(error, abs(theory.momentum_variance(lr, beta, lam, s) / oracle - 1))
        wrong = min(wrong, abs(theory.sgd_variance(lr / (1 - beta), lam, s) / oracle - 1))
        path = walk(momentum, np.full(9, lr), lam, s, 1.0, xi, beta=beta)  # the rule itself, all signs
        mean, var = theory.noisy_moments(np.full(9, lr), lam, s, 1.0, beta=beta)
        error = max(error, relative(path.mean(axis=1), mean), relative(path.var(axis=1), var))
    return error, wrong


@claim(
    "eq-noise-ratio",
    says=r"Momentum's variance over SGD's with $\eta_e=\eta/(1-\beta)$ is $(2-\eta_e\lambda)/(2-\eta_e\lambda\frac{1-\beta}{1+\beta})$.",
    against=r"momentum's variance over SGD's with the same $\eta$ is that: near one",
    tolerance=1e-12,
)
def test_ratio():
    error, wrong = 0, np.inf
    for lr, beta, lam, s in settings(edge=1.0):
        e = lr / (1 - beta)
        stated = (2 - e * lam) / (2 - e * lam * (1 - beta) / (1 + beta))
        heavy = lyapunov(lr, beta, lam, s)
        error = max(error, abs(heavy / lyapunov(e, 0.0, lam, s) / stated - 1))
        wrong = min(wrong, abs(heavy / lyapunov(lr, 0.0, lam, s) / stated - 1))
    return error, wrong


@claim(
    "eq-noise-floor",
    says=r"For small steps the loss stays $\frac14\frac{\eta}{B(1-\beta)}\sum\sigma_i^2$ above its minimum.",
    against=r"it is $\frac14\frac{\eta}{B}\sum\sigma_i^2$: momentum does not enter",
    tolerance=2e-3,
)
def test_floor():
    rng, error, wrong = np.random.default_rng(4), 0, np.inf
    for beta in (0.5, 0.9):
        lams, sigmas, size = rng.uniform(0.5, 3, 6), rng.uniform(0.5, 2, 6), 16
        lr = 1e-3 * (1 - beta)
        loss = sum(
            0.5 * lam * lyapunov(lr, beta, lam, s / math.sqrt(size))
            for lam, s in zip(lams, sigmas, strict=True)
        )
        simple = lr * np.sum(sigmas**2) / (4 * size)
        error, wrong = max(error, abs(simple / (1 - beta) / loss - 1)), min(wrong, abs(simple / loss - 1))
    return float(error), float(wrong)


# Larger batches


@claim(
    "eq-noise-linear",
    says=r"Under linear scaling by k the variance changes by $(2-\eta\lambda)/(2-k\eta\lambda)$.",
    against="it does not change, for any k",
    tolerance=1e-12,
)
def test_linear():
    error, wrong = 0, np.inf
    for k in (2, 4, 8):
        for lr, beta, lam, s in settings(count=10):
            lr = lr / (1 - beta) / k
            ratio = lyapunov(k * lr, 0.0, lam, s / math.sqrt(k)) / lyapunov(lr, 0.0, lam, s)
            error = max(error, abs((2 - lr * lam) / (2 - k * lr * lam) / ratio - 1))
            wrong = min(wrong, abs(ratio - 1))
    return error, wrong


@claim(
    "eq-noise-critical",
    says=r"The best step and its decrease are $1/(1+B_{noise}/B)$ of the full gradient's.",
    against=r"they shrink with $1/\sqrt{1+B_{noise}/B}$",
    tolerance=1e-7,
)
def test_critical():
    rng, error, wrong = np.random.default_rng(6), 0, np.inf
    for size in (1, 8, 64):
        root = rng.standard_normal((3, 3))
        f = problems.Quadratic(root @ root.T + 0.5 * np.eye(3), rng.standard_normal(3))
        w = rng.standard_normal(3)
        noise = rng.standard_normal((3, 3)) * 4  # rows: the noise is ± each of them, equally likely
        cov = noise.T @ noise / 3
        g = f.grad(w)
        # The mean loss over the six equally likely gradients, with noise of variance cov/size
        all_g = g + np.concatenate([noise, -noise]) / math.sqrt(size)
        noisy = minimize_scalar(lambda lr: f.loss(w - lr * all_g).mean(), (0, 0.1), options={"xtol": 1e-10})  # noqa: B023
        clean = minimize_scalar(lambda lr: f.loss(w - lr * g), (0, 0.1), options={"xtol": 1e-10})  # noqa: B023
        ratios = np.array([noisy.x / clean.x, (f.loss(w) - noisy.fun) / (f.loss(w) - clean.fun)])
        share = 1 / (1 + theory.noise_batch(f.A, g, cov) / size)
        error = max(error, np.max(np.abs(ratios / share - 1)))
        wrong = min(wrong, np.min(np.abs(np.sqrt(share) / ratios - 1)))
    return float(error), float(wrong)


@claim(
    "num-noise-critical",
    says="Steps to the target: 4470 for B = 1, 284 for 16; 12 for 1024, 10 for 4096.",
    against="sixteen times the batch always needs a sixteenth of the steps",
    tolerance=0,
)
def test_steps_needed():
    lams, lrs = np.geomspace(0.01, 1, 8), np.geomspace(0.002, 1.9, 60)[:, None]

    def gap(size, t):  # the closed form at step t, of the best rate
        start = (1 - lrs * lams) ** (2 * t)
        noise = lrs / size / (lams * (2 - lrs * lams)) * (1 - start)
        return (0.5 * lams * (start + noise)).sum(axis=1).min()

    def needed(size):  # bisection: the best rate's gap falls with t
        low, high = 0, 10_000
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if gap(size, middle) <= 0.02 else (middle, high)
        return high

    counted = [needed(size) for size in (1, 16, 1024, 4096)]
    error = np.max(np.abs(np.subtract(counted, (4470, 284, 12, 10))))
    return float(error), abs(counted[2] / 4 - counted[3])


@claim(
    "num-noise-adam",
    says="Adam's loss .300 becomes .306 with B times 4 and η times 2, .180 with η times 4.",
    against="Adam's learning rate scales linearly with the batch: the loss stays",
    tolerance=5.1e-4,
)
def test_adam_root():
    def loss(k, lr):
        q = problems.NoisyQuadratic([1.0, 0.3], noise=10 / np.sqrt(k), seed=0)
        steps = descend(q.loss_grad, np.ones((400, 2)), adam, lr=lr, beta1=1 - 0.1 * k, beta2=1 - 0.001 * k)
        return trace(steps, 1024 // k).loss[-1].mean()

    base, root, linear = loss(1, 0.005), loss(4, 0.01), loss(4, 0.02)
    error = np.max(np.abs(np.subtract((base, root, linear), (0.300, 0.306, 0.180))))
    return float(error), float(abs(linear - base))


# Steps that shrink


@claim(
    "eq-noise-mean",
    says=r"With $\eta_t=1/(\lambda t)$ the mean error is zero from the first step on, its variance $s^2/(\lambda^2t)$.",
    against="half these learning rates forget the start as well",
    tolerance=1e-13,
)
def test_running_mean():
    rng, xi, error, wrong = np.random.default_rng(8), signs(11), 0, np.inf
    t = np.arange(1, 12)
    for _ in range(6):
        lam, s, x0 = rng.uniform(0.3, 3, 3)
        path = walk(sgd, 1 / (lam * t), lam, s, x0, xi)[1:]
        half = walk(sgd, 1 / (2 * lam * t), lam, s, x0, xi)[1:]
        stated = s**2 / (lam**2 * t)
        error = max(error, float(np.max(np.abs(path.mean(axis=1)))) / x0, relative(path.var(axis=1), stated))
        wrong = min(wrong, abs(half[-1].mean()) / x0)
    return error, wrong


@claim(
    "thm-noise-convex",
    says=r"$\mathbb E f(\bar w)-f^\star \le (r^2+G^2\sum\eta_t^2)/(2\sum\eta_t)$ for every convex f, with equality for some.",
    against="the same bound one per cent lower",
    tolerance=1e-12,
)
def test_convex():
    rng, error, wrong = np.random.default_rng(9), 0, 0
    for steps in (1, 2, 5, 9):
        xi = signs(steps)
        for case in range(12):
            slope, r = rng.uniform(0.5, 2, 2)
            s = 0.0 if case == 0 else rng.uniform(0, 2)
            G2 = slope**2 + s**2  # |noisy slope|² has this mean
            lrs = np.full(steps, r / math.sqrt(G2 * steps)) if case % 2 == 0 else rng.uniform(0.05, 1, steps)
            x, positions = np.full(len(xi), r), []
            for t, lr in enumerate(lrs):  # f = slope |x|: subgradient of the library's rule by hand
                positions.append(x)
                x = sgd(x, slope * np.sign(x) + s * xi[:, t], START, lr=float(lr))[0]
            average = np.average(positions, axis=0, weights=lrs)
            gap = slope * np.mean(np.abs(average))
            bound = (r**2 + G2 * np.sum(lrs**2)) / (2 * np.sum(lrs))
            error, wrong = max(error, gap / bound - 1), max(wrong, gap / (0.99 * bound) - 1)
    return float(max(error, 0)), float(wrong)


@claim(
    "eq-noise-average",
    says=r"The average of t iterates has variance $\frac{s^2}{\lambda^2t^2}\sum_j(1-\rho^j)^2$, in the end $s^2/(\lambda^2t)$.",
    against=r"averaging t iterates divides the variance of one by t",
    tolerance=1e-9,
)
def test_average():
    error, wrong, xi = 0, np.inf, signs(10)
    rng = np.random.default_rng(10)
    for _ in range(6):
        lam, s = rng.uniform(0.5, 3, 2)
        lr = rng.uniform(0.1, 0.9) / lam
        path = walk(sgd, np.full(10, lr), lam, s, 2.0, xi)[1:]
        for t in (1, 4, 10):
            stated = s**2 / (lam * t) ** 2 * sum((1 - (1 - lr * lam) ** j) ** 2 for j in range(1, t + 1))
            error = max(error, abs(path[:t].mean(axis=0).var() / stated - 1))
            error = max(error, abs(theory.averaged_variance(lr, lam, s, t) / stated - 1))
        far = theory.averaged_variance(lr, lam, s, 10**12)
        error = max(error, abs(far / (s**2 / (lam**2 * 10**12)) - 1))
        wrong = min(wrong, abs(theory.sgd_variance(lr, lam, s) / 10**12 / far - 1))
    return float(error), float(wrong)


# Why everybody shuffles


def over_orders(lr, lam, c):
    """Variance at the ends of epochs from all orders: x -> a x + b, b by brute force."""
    ends = []
    for order in permutations(c):
        x = 0.0
        for one in order:
            x -= lr * (lam * x + one)
        ends.append(x)
    return np.var(ends) / (1 - (1 - lr * lam) ** (2 * len(c)))


@claim(
    "eq-noise-reshuffled",
    says=r"With reshuffling the variance is $\eta^2s^2\frac n{n-1}(S_2-S_1^2/n)/(1-\rho^{2n})$.",
    against=r"it is that of drawing with replacement, $\eta s^2/(\lambda(2-\eta\lambda))$",
    tolerance=2e-11,
)
def test_reshuffled():
    rng, error, wrong = np.random.default_rng(12), 0, np.inf
    for n in (2, 4, 6):
        c = rng.standard_normal(n)
        c -= c.mean()
        s, lam = c.std(), rng.uniform(0.5, 2)
        for lr in (0.02 / lam, 0.3 / lam):
            oracle = over_orders(lr, lam, c)
            stated = theory.reshuffled_variance(lr, lam, s, n)
            error = max(error, abs(stated / oracle - 1))
            wrong = min(wrong, abs(theory.sgd_variance(lr, lam, s) / oracle - 1))
    return float(error), float(wrong)


@claim(
    "num-noise-cubed",
    says=r"For small steps and many batches reshuffling leaves the variance $\eta^3\lambda s^2n^2/24$.",
    against="as with replacement, the variance is of first order in η",
    tolerance=1.1e-2,
)
def test_cubed():
    lam, n, error, before = 2.0, 200, 0, None
    c = np.random.default_rng(3).standard_normal(n)
    c -= c.mean()
    for lr in (1e-5, 2e-5):
        # Covariances of draws without replacement, s² on the diagonal and -s²/(n-1) off it
        cov = c.var() * (n * np.eye(n) - 1) / (n - 1)
        weights = lr * (1 - lr * lam) ** np.arange(n)
        var = weights @ cov @ weights / (1 - (1 - lr * lam) ** (2 * n))
        error = max(error, abs(lr**3 * lam * c.var() * n**2 / 24 / var - 1))
        before, ratio = var, var / (before or var)
    return float(error), float(abs(ratio / 2 - 1))


@claim(
    "num-noise-shuffle",
    says="For η = .01, λ = 1, n = 12 reshuffling leaves 763 times less variance than replacement.",
    against="it leaves about half of it",
    tolerance=1e-3,
)
def test_shuffle_factor():
    c = np.random.default_rng(0).standard_normal(12)
    c -= c.mean()
    rng, ends = np.random.default_rng(1), np.zeros(40_000)
    orders = rng.permuted(np.tile(c, (len(ends), 1)), axis=1)
    for one in orders.T:  # 40 000 random orders of one epoch, then the geometric series over epochs
        ends = ends - 0.01 * (ends + one)
    factor = lyapunov(0.01, 0.0, 1.0, c.std()) / (ends.var() / (1 - 0.99**24))
    exact = theory.sgd_variance(0.01, 1.0, 1.0) / theory.reshuffled_variance(0.01, 1.0, 1.0, 12)
    assert abs(factor / exact - 1) < 4 * math.sqrt(2 / len(ends))
    return abs(763 / exact - 1), abs(2 / exact - 1)
