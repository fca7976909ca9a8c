"""Claims of chapter 01, first page: gradient descent on quadratics.

The oracles: exact fractions, SciPy's eigensolver and singular values, a linear program for the best
rate, a root finder for the limit, matrix powers, pseudo-inverses, and runs that are counted.
"""

from fractions import Fraction

import numpy as np
from claims import claim
from scipy.linalg import eigh, null_space, pinv
from scipy.optimize import brentq, linprog, minimize

from lib import problems, theory
from lib.loop import descend, trace
from lib.rules import sgd


def run(problem, w0, lr, steps):
    """A path of gradient descent through the library."""
    return trace(descend(problem.loss_grad, np.asarray(w0, float), sgd, lr=lr), steps)


def off(stated, measured):
    """The largest relative deviation of numbers as printed from numbers as measured."""
    stated, measured = np.asarray(stated, float), np.asarray(measured, float)
    return float(np.max(np.abs(stated / measured - 1)))


def quadratics(count=12, seed=1):
    """Random positive definite A, b and starts w0, in 2 to 7 dimensions, condition up to 1000."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        n = rng.integers(2, 8)
        q = np.linalg.qr(rng.standard_normal((n, n)))[0]
        A = q * 10 ** rng.uniform(-1, 2, n) @ q.T
        yield (A + A.T) / 2, rng.standard_normal(n), 3 * rng.standard_normal(n)


def norm_rate(A, lr):
    """The factor by which one step can stretch an error: the largest singular value of I - lr A."""
    return np.linalg.norm(np.eye(len(A)) - lr * A, 2)


def best_by_linear_program(A):
    """Minimise s over (lr, s) subject to |1 - lr lambda_i| <= s."""
    lam = eigh(A, eigvals_only=True)
    one = np.ones_like(lam)
    rows = np.concatenate([np.stack([-lam, -one], 1), np.stack([lam, -one], 1)])
    result = linprog([0, 1], A_ub=rows, b_ub=np.concatenate([-one, one]), bounds=[(0, None)] * 2)
    return result.x


def notes():
    """The notes' data and its loss, built here from the legacy generator."""
    X = np.random.RandomState(0).normal([-3, 0], [3, 1], [500, 2])
    return X, (X[:, 1] > 0).astype(float)


@claim(
    "eq-gd-factor",
    says=r"On a parabola of curvature $\lambda$, $w_t - w^\star = (1-\eta\lambda)^t (w_0 - w^\star)$.",
    against=r"$e^{-\eta\lambda t}$ in place of $(1-\eta\lambda)^t$, the formula of the continuous flow",
    tolerance=1e-13,
)
def test_factor():
    error = wrong = 0.0
    for lam, lr, t in ((3, "1/64", 9), (5, "3/16", 20), (2, "7/8", 12), (7, "5/16", 8)):
        lr, star, start = Fraction(lr), Fraction(3, 2), Fraction(-5, 4)
        exact = star + (1 - lr * lam) ** t * (start - star)
        parabola = problems.Quadratic([float(lam)], b=[float(lam * star)])
        w = run(parabola, [float(start)], float(lr), t).w[-1, 0]
        flow = float(star) + np.exp(-float(lr) * lam * t) * float(start - star)
        size = abs(float(exact))
        error, wrong = max(error, abs(w - exact) / size), max(wrong, abs(w - flow) / size)
    return float(error), float(wrong)


def regime(a):
    """What 200 steps at lr * lambda = a do, read off the signs and sizes of the errors."""
    x = run(problems.Quadratic([2.0]), [1.0], a / 2, 200).w[:, 0]
    sides = "one side" if np.all(x >= 0) else "both sides" if np.all(x[1:] * x[:-1] <= 0) else "?"
    last = abs(x[-1])
    fate = "converges" if last < 0.9 else "repeats" if last == 1 else "diverges"
    return fate, sides


@claim(
    "thm-gd-regimes",
    says=r"$0<\eta\lambda\le1$: converges on one side; $1<\eta\lambda<2$: converges, changing sides; "
    r"$\eta\lambda=2$: two points for ever; above: diverges.",
    against=r"that everything beyond $\eta\lambda=1$ diverges, as a textbook says",
    tolerance=0,
)
def test_regimes():
    settings = np.array([0.01, 0.3, 0.7, 1.0, 1.01, 1.3, 1.7, 1.99, 2.0, 2.01, 2.1])
    stated = (
        [("converges", "one side")] * 4
        + [("converges", "both sides")] * 4
        + [("repeats", "both sides")]
        + [("diverges", "both sides")] * 2
    )
    textbook = [s if a <= 1 else ("diverges", s[1]) for a, s in zip(settings, stated, strict=True)]
    seen = [regime(a) for a in settings]
    miss = [np.mean([s != t for s, t in zip(seen, told, strict=True)]) for told in (stated, textbook)]
    return float(miss[0]), float(miss[1])


@claim(
    "eq-gd-modes",
    says=r"Along the Hessian's eigenvectors $x_{i,t} = (1-\eta\lambda_i)^t\,x_{i,0}$, each for itself.",
    against="the same formula on the parameters themselves, with the diagonal of A for the eigenvalues",
    tolerance=1e-11,
)
def test_modes():
    error, wrong = 0.0, np.inf
    for A, b, w0 in quadratics():
        problem, star = problems.Quadratic(A, b), np.linalg.solve(A, b)
        lam, Q = eigh(A)
        lr, t = 1.9 / lam[-1], 25
        e = run(problem, w0, lr, t).w[-1] - star
        from_modes = Q @ theory.gd_modes(lr, lam, Q.T @ (w0 - star), t)
        coordinates = (1 - lr * np.diag(A)) ** t * (w0 - star)
        size = np.linalg.norm(e)
        error = max(error, np.linalg.norm(e - from_modes) / size)
        wrong = min(wrong, np.linalg.norm(e - coordinates) / size)
    return float(error), float(wrong)


@claim(
    "eq-gd-gap",
    says=r"After t steps the loss gap is $\tfrac12\sum_i\lambda_i(1-\eta\lambda_i)^{2t}x_{i,0}^2$.",
    against="the same sum without the factor one half, as printed in a famous article",
    tolerance=1e-10,
)
def test_gap():
    error, wrong = 0.0, np.inf
    for A, b, w0 in quadratics(seed=2):
        problem, star = problems.Quadratic(A, b), np.linalg.solve(A, b)
        lam, Q = eigh(A)
        lr = 1.5 / lam[-1]
        measured = run(problem, w0, lr, 10).loss - (0.5 * star @ A @ star - b @ star)
        stated = theory.gd_gap(lr, lam, Q.T @ (w0 - star), np.arange(11))
        error = max(error, np.max(np.abs(stated / measured - 1)))
        wrong = min(wrong, np.max(np.abs(2 * stated / measured - 1)))
    return float(error), float(wrong)


@claim(
    "thm-gd-converges",
    says=r"Gradient descent converges from every start if and only if $0<\eta<2/\lambda_{\max}$.",
    against="the limit is two over the MEAN eigenvalue: flat directions make room for steep ones",
    tolerance=0,
)
def test_converges():
    miss, miss_mean, runs = 0, 0, 0
    for A, b, w0 in quadratics(12, seed=3):
        lam = eigh(A, eigvals_only=True)
        for c in (0.3, 0.9, 0.99, 1.01, 1.1):
            lr, problem = c * theory.max_lr(lam), problems.Quadratic(A, b)
            w = run(problem, w0, lr, 400).w
            e = np.linalg.norm(w[[200, 400]] - np.linalg.solve(A, b), axis=1)
            shrinks = e[1] < e[0] or e[0] < 1e-12
            miss += shrinks != (c < 1)
            miss_mean += shrinks != (lr < 2 / lam.mean())
            runs += 1
    return miss / runs, miss_mean / runs


@claim(
    "eq-gd-rate",
    says=r"One step shrinks every error by at least $\rho(\eta)=\max_i|1-\eta\lambda_i|$, and only "
    "the smallest and the largest eigenvalue matter.",
    against=r"$|1-\eta\lambda_{\min}|$ at every learning rate: the flattest mode is always the slowest",
    tolerance=1e-13,
)
def test_rate():
    error, wrong = 0.0, np.inf
    for A, _, _ in quadratics(seed=4):
        lam = eigh(A, eigvals_only=True)
        lrs = np.linspace(0.05, 1.3, 26) * 2 / lam[-1]
        measured = np.array([norm_rate(A, lr) for lr in lrs])
        ends = np.maximum(abs(1 - lrs * lam[0]), abs(1 - lrs * lam[-1]))
        for stated in (theory.gd_rate(lrs, lam), ends):
            error = max(error, np.max(np.abs(stated / measured - 1)))
        wrong = min(wrong, np.max(np.abs(abs(1 - lrs * lam[0]) / measured - 1)))
    return float(error), float(wrong)


@claim(
    "thm-gd-optimal",
    says=r"The rate is best at $\eta^\star=2/(\lambda_{\min}+\lambda_{\max})$ and is "
    r"$(\kappa-1)/(\kappa+1)$ there.",
    against=r"it is best at $1/\lambda_{\max}$, with the rate $1-1/\kappa$",
    tolerance=1e-12,
)
def test_optimal():
    error, wrong = 0.0, np.inf
    for A, _, _ in quadratics(seed=5):
        lam = eigh(A, eigvals_only=True)
        lr, rate = best_by_linear_program(A)
        kappa = lam[-1] / lam[0]
        stated = [theory.optimal_lr(lam), theory.optimal_rate(kappa)]
        error = max(error, off(stated, [lr, rate]))
        wrong = min(wrong, abs((1 / lam[-1]) / lr - 1))
    return float(error), float(wrong)


@claim(
    "eq-gd-cliff",
    says=r"The limit is $1+1/\kappa$ times the best learning rate.",
    against="it is twice the best learning rate: there is always a factor two of room",
    tolerance=1e-12,
)
def test_cliff():
    error, wrong = 0.0, np.inf
    for A, _, _ in quadratics(seed=6):
        best, _ = best_by_linear_program(A)
        limit = brentq(lambda lr, A=A: norm_rate(A, lr) - 1, best, 3 * best, xtol=1e-15, rtol=1e-14)
        lam, kappa = eigh(A, eigvals_only=True), np.linalg.cond(A)
        stated = [1 + 1 / kappa, theory.max_lr(lam) / theory.optimal_lr(lam)]
        error = max(error, off(stated, [limit / best] * 2))
        wrong = min(wrong, abs(2 / (limit / best) - 1))
    return float(error), float(wrong)


def counted(kappa, lr, eps):
    """Steps until the error of the worst start is below eps, counted on a run."""
    bowl, start = problems.Quadratic([1.0, kappa]), np.ones(2)
    for step in descend(bowl.loss_grad, start, sgd, lr=lr):
        if np.linalg.norm(step.w) <= eps * np.linalg.norm(start):
            return step.t


@claim(
    "eq-gd-steps",
    says=r"Accuracy $\varepsilon$ takes $\ln(1/\varepsilon)/\ln\frac{\kappa+1}{\kappa-1}$ steps, rounded "
    r"up, which is $\frac\kappa2\ln\frac1\varepsilon$ to within a fraction $1/(2\kappa^2)$.",
    against=r"$\kappa\ln(1/\varepsilon)$ steps, the count for $\eta=1/\lambda_{\max}$",
    tolerance=0,
)
def test_steps():
    error, wrong = 0.0, np.inf
    for kappa in (3.0, 10.0, 47.0, 300.0):
        for eps in (3e-3, 2e-6):
            count = counted(kappa, 2 / (1 + kappa), eps)
            exact = theory.steps_to(eps, theory.optimal_rate(kappa))
            close = kappa / 2 * np.log(1 / eps)
            error = max(error, abs(np.ceil(exact) - count) / count)
            error = max(error, abs(exact / close - 1) - 1 / (2 * kappa**2))
            wrong = min(wrong, abs(2 * close / count - 1))
    return float(error), float(wrong)


@claim(
    "eq-gd-ls",
    says=r"For $\lVert y-Xw\rVert^2$ the error is multiplied by $I-2\eta X^\top X$ at every step.",
    against=r"by $I-\eta X^\top X$, the matrix of $\tfrac12\lVert y-Xw\rVert^2$",
    tolerance=5e-12,
)
def test_least_squares():
    rng = np.random.default_rng(7)
    sets = [notes()] + [(rng.standard_normal((30, 4)), rng.standard_normal(30)) for _ in range(5)]
    error, wrong = 0.0, np.inf
    for X, y in sets:
        n = X.shape[1]
        lr, t, w0 = 0.9 / np.linalg.norm(X, 2) ** 2, 20, rng.standard_normal(n)
        star = pinv(X) @ y
        e = run(problems.LeastSquares(X, y), w0, lr, t).w[-1] - star
        right, half = (np.linalg.matrix_power(np.eye(n) - c * lr * X.T @ X, t) @ (w0 - star) for c in (2, 1))
        size = np.linalg.norm(e)
        error = max(error, np.linalg.norm(e - right) / size)
        wrong = min(wrong, np.linalg.norm(e - half) / size)
    return float(error), float(wrong)


@claim(
    "thm-gd-null",
    says=r"With fewer independent columns than weights the limit is $X^+y+P_0w_0$.",
    against=r"it is the minimum-norm solution $X^+y$ from every start",
    tolerance=2e-12,
)
def test_null():
    rng = np.random.default_rng(8)
    error, wrong = 0.0, np.inf
    for rank in (1, 2, 3, 4):
        q, r = (
            np.linalg.qr(rng.standard_normal((12, rank)))[0],
            np.linalg.qr(rng.standard_normal((6, rank)))[0],
        )
        X = q * rng.uniform(1, 2, rank) @ r.T
        y, w0 = rng.standard_normal(12), rng.standard_normal(6)
        N = null_space(X)
        end = run(problems.LeastSquares(X, y), w0, 0.9 / np.linalg.norm(X, 2) ** 2, 400).w[-1]
        least = pinv(X) @ y
        error = max(error, np.linalg.norm(end - (least + N @ (N.T @ w0))))
        wrong = min(wrong, np.linalg.norm(end - least))
    return float(error), float(wrong)


# Numbers in the text


@claim(
    "num-gd-cliff",
    says=r"From $0.5\cdot10^{-4}$ to $10^{-4}$ the gap after 50 steps becomes 212 times smaller; at "
    r"$1.07\cdot10^{-4}$ it is 124, at $1.2\cdot10^{-4}$ it is $3.3\cdot10^{11}$, before the first step 144.",
    against=r"a seven per cent larger learning rate changes the gap by seven per cent",
    tolerance=0.01,
)
def test_numbers_cliff():
    X, y = notes()
    fit = problems.LeastSquares(X, y)
    lrs = np.array([0.5, 1.0, 1.07, 1.2]) * 1e-4
    path = run(fit, np.zeros((4, 2)), lrs[:, None], 50)
    low, base, seven, twenty = path.loss[-1] - np.linalg.lstsq(X, y)[1][0]
    before = path.loss[0, 0] - np.linalg.lstsq(X, y)[1][0]
    stated = off([212, 124, 3.3e11, 144], [low / base, seven, twenty, before])
    return stated, abs(1.07 * base / seven - 1)


@claim(
    "num-gd-safe",
    says=r"At $1/\lambda_{\max}$ gradient descent needs 1.85 to 2 times the steps of the optimum.",
    against="it needs about as many, 0.85 to 1 times",
    tolerance=0,
)
def test_numbers_safe():
    ratio = np.array(
        [counted(k, 1 / k, 1e-6) / counted(k, 2 / (1 + k), 1e-6) for k in (18.74, 100.0, 1000.0)]
    )
    outside = [max(0, ratio.max() - high, high - 0.15 - ratio.min()) for high in (2, 1)]
    return float(outside[0]), float(outside[1])


@claim(
    "num-gd-hover",
    says="One per cent above the limit the steep mode's part of the gap grows fifty-fold in 100 steps.",
    against="it hovers: after 100 steps the gap is what it was",
    tolerance=0.06,
)
def test_numbers_hover():
    X, y = notes()
    top = np.linalg.svd(X)[2][0]
    star = np.linalg.lstsq(X, y)[0]
    w = run(problems.LeastSquares(X, y), [0, 0], 1.01 / np.linalg.norm(X, 2) ** 2, 300).w
    part = ((w - star) @ top) ** 2
    growth = part[100:] / part[:-100]
    return off(50, growth), float(np.min(abs(1 / growth - 1)))


@claim(
    "num-gd-early",
    says=r"After 100 steps the notes' $10^{-4}$ leaves a gap of $5.2\cdot10^{-8}$ and the optimum "
    r"$7.6\cdot10^{-8}$; the factors are 0.9000 and 0.8745 against 0.8987; the steep mode holds 48 % "
    "of the first gap; the optimum leads from step 232.",
    against="the optimum is ahead at every step",
    tolerance=0.01,
)
def test_numbers_early():
    X, y = notes()
    s = np.linalg.svd(X, compute_uv=False)
    star = np.linalg.lstsq(X, y)[0]
    best = 1 / (s**2).sum()

    def gaps(lr):
        return np.sum(((run(problems.LeastSquares(X, y), [0, 0], lr, 300).w - star) @ X.T) ** 2, 1)

    ours, optimum = gaps(1e-4), gaps(best)
    lead = 1 + np.flatnonzero(optimum >= ours)[-1]
    steep = (np.linalg.svd(X)[2][0] @ star * s[0]) ** 2 / ours[0]
    factors = [1 - 2e-4 * s[1] ** 2, 2e-4 * s[0] ** 2 - 1, 2 * best * s[0] ** 2 - 1]
    error = off(
        [5.2e-8, 7.6e-8, 0.9, 0.8745, 0.8987, 0.48, 232],
        [ours[100], optimum[100], *factors, steep, lead],
    )
    return error, optimum[100] / ours[100] - 1


@claim(
    "num-gd-data",
    says=r"The notes' data: eigenvalues 1000.4 and 18745, $\kappa=18.74$, limit $1.0669\cdot10^{-4}$, "
    r"$\eta^\star=1.0129\cdot10^{-4}$, rate 0.8987; $10^{-4}$ is 99 % of the optimum, 94 % of the limit, "
    "which is 5.3 % above the optimum.",
    against="the same with the Hessian taken without its factor two",
    tolerance=0.005,
)
def test_numbers_data():
    X, y = notes()
    high, low = 2 * np.linalg.svd(X, compute_uv=False) ** 2
    limit, best = 2 / high, 2 / (low + high)
    measured = [low, high, high / low, limit, best, (high - low) / (high + low)]
    fit = problems.LeastSquares(X, y)
    lib = [*fit.eigenvalues, fit.kappa, theory.max_lr(fit.eigenvalues), theory.optimal_lr(fit.eigenvalues)]
    printed = [1000.4, 18745, 18.74, 1.0669e-4, 1.0129e-4, 0.8987]
    error = max(off(printed, measured), off(lib, measured[:5]))
    error = max(error, off([0.99, 0.94, 1.053], [1e-4 / best, 1e-4 / limit, limit / best]))
    return error, off([low / 2], [printed[0]])


@claim(
    "num-gd-decay",
    says=r"After 100 steps the weights are at $w^\star=(-0.087,\ 0.385)$.",
    against="they decay to zero, as under weight decay",
    tolerance=0.001,
)
def test_numbers_decay():
    X, y = notes()
    w = run(problems.LeastSquares(X, y), [0, 0], 1e-4, 100).w[-1]
    star = pinv(X) @ y
    error = max(np.abs(w - star).max(), np.abs(star - [-0.087, 0.385]).max())
    return float(error), float(np.linalg.norm(w))


@claim(
    "num-gd-scale",
    says="With the mean squared error the limit is 0.053 instead of 0.000107, with one half in front 0.107.",
    against="the limit does not depend on the scale of the loss",
    tolerance=0.01,
)
def test_numbers_scale():
    X, _ = notes()

    def limit(A):
        return brentq(lambda lr: norm_rate(A, lr) - 1, 1e-9, 10, xtol=1e-14)

    hessians = 2 * X.T @ X, 2 * X.T @ X / 500, X.T @ X / 500
    measured = [limit(A) for A in hessians]
    lib = [theory.max_lr(problems.Quadratic(A).eigenvalues) for A in hessians]
    error = max(off([1.07e-4, 0.053, 0.107], measured), off(lib, measured))
    return error, abs(measured[0] / measured[1] - 1)


@claim(
    "num-gd-sample",
    says=r"The sample's variances are 8.55 and 1.00, the classes hold 253 and 247 points; the Hessian "
    r"sees $9+9=18$ against 1. With a variance of 3, $\kappa$ would be near 12, centred it is 8.5.",
    against=r"the variances are 3 and 1, as the notes describe the data",
    tolerance=0.02,
)
def test_numbers_sample():
    X, y = problems.gaussian_points()
    assert np.array_equal(X, notes()[0]) and np.array_equal(y, notes()[1])
    variance = X.var(0, ddof=1)
    rng = np.random.RandomState(1)
    wide, narrow = (rng.normal([-3, 0], [s, 1], [100_000, 2]) for s in (3, 3**0.5))
    kappas = [np.linalg.cond(Z) ** 2 for Z in (wide, narrow, X - X.mean(0))]
    error = off([8.55, 1, 253, 247, 18, 12, 8.5], [*variance, np.sum(y == 0), np.sum(y == 1), *kappas])
    return error, off([3, 1], variance)


@claim(
    "num-gd-two",
    says=r"Over two steps the best pair of learning rates leaves 0.677 of the worst error between the "
    r"notes' eigenvalues, two steps at $\eta^\star$ leave 0.808.",
    against=r"no pair beats $\eta^\star$ used twice",
    tolerance=0.002,
)
def test_numbers_two():
    X, _ = notes()
    high, low = 2 * np.linalg.svd(X, compute_uv=False) ** 2
    lam = np.linspace(low, high, 2001)

    def worst(p):
        return np.abs((1 - p[0] * lam / high) * (1 - p[1] * lam / high)).max()

    options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 2000}
    best = min(
        minimize(worst, start, method="Nelder-Mead", options=options).fun
        for start in ([1, 3], [1.2, 6], [0.8, 2])
    )
    twice = worst([2 / (1 + low / high)] * 2)
    return off([0.677, 0.808, theory.chebyshev_bound(high / low, 2)], [best, twice, best]), twice / best - 1
