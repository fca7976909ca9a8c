"""Claims of chapter 03, gradient descent against momentum.

The oracles know nothing of closed forms: one step of the library's rule on basis vectors gives the
matrix of a mode, NumPy's eigensolver its roots, exact fractions its powers, SciPy its best numbers.
"""

from fractions import Fraction

import numpy as np
from claims import claim
from scipy.optimize import brentq, minimize, minimize_scalar

from lib import problems, theory
from lib.loop import descend, trace
from lib.rules import START, State, averaged_momentum, momentum, sgd

X, Y = problems.gaussian_points(n=500, seed=0)
DATA = problems.LeastSquares(X, Y)


def relative(measured, stated):
    """The largest deviation, relative to the largest value stated."""
    measured, stated = np.asarray(measured), np.asarray(stated)
    return float(np.max(np.abs(measured - stated)) / np.max(np.abs(stated)))


def one_step(lr, beta, lam, rule=momentum):
    """The 2x2 matrix of (m, x), found by stepping from the two basis states."""
    columns = []
    for m, x in ((1.0, 0.0), (0.0, 1.0)):
        x = np.array([x])
        w, s = rule(x, lam * x, State(1, np.array([m])), lr=lr, beta=beta)
        columns.append([s.m[0], w[0]])
    return np.array(columns).T


def block(lr, beta, hessian):
    """One step of momentum for all parameters at once, (m, w) -> (m, w): no eigenbasis."""
    eye = np.eye(len(hessian))
    return np.block([[beta * eye, hessian], [-lr * beta * eye, eye - lr * hessian]])


def radius(matrix):
    """The largest eigenvalue in size."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def companion(a, beta):
    """Roots of s^2 - (1 + beta - a) s + beta by the eigensolver, for arrays of a and beta."""
    a, beta = np.broadcast_arrays(np.asarray(a, float), np.asarray(beta, float))
    one, zero = np.ones_like(a), np.zeros_like(a)
    rows = [np.stack([1 + beta - a, -beta], -1), np.stack([one, zero], -1)]
    return np.linalg.eigvals(np.stack(rows, -2))


def bowls(count=5, size=4, seed=3):
    """Random quadratics in general position, curvatures 0.5 to 10, with random starts."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        q = np.linalg.qr(rng.standard_normal((size, size)))[0]
        A = (q * rng.uniform(0.5, 10, size)) @ q.T
        yield problems.Quadratic(A, rng.standard_normal(size)), rng.standard_normal(size)


# Steps that remember


@claim(
    "eq-mom-unrolled",
    says=r"The velocity is $\sum_s \beta^{t-s} g_s$, and its weights add up to $(1-\beta^t)/(1-\beta)$.",
    against="the velocity is a moving average: its weights add up to one",
    tolerance=1e-13,
)
def test_unrolled():
    rng, error, wrong = np.random.default_rng(0), 0, np.inf
    for beta in (0.3, 0.9, 0.99):
        s, ones, grads = START, START, rng.standard_normal((30, 2))
        for t, g in enumerate(grads, 1):
            s = momentum(np.zeros(2), g, s, lr=0.1, beta=beta)[1]
            ones = momentum(np.zeros(1), np.ones(1), ones, lr=0.1, beta=beta)[1]
            total = sum(Fraction(beta) ** k for k in range(t))  # the weights, added exactly
            by_hand = [float(Fraction(beta) ** (t - i)) for i in range(1, t + 1)] @ grads[:t]
            error = max(error, relative(s.m, by_hand), relative(ones.m, float(total)))
            error = max(error, relative((1 - beta**t) / (1 - beta), float(total)))
        wrong = min(wrong, relative(1.0, ones.m))
    return error, wrong


@claim(
    "eq-mom-terminal",
    says=r"Under a constant gradient step t has length $\eta(1-\beta^t)/(1-\beta)$ and tends to $\eta/(1-\beta)$.",
    against="the steps have their final length from the first one on",
    tolerance=1e-12,
)
def test_terminal():
    error = wrong = 0
    for beta in (0.5, 0.9):
        path = trace(descend(lambda w: (0.0, np.ones(1)), np.zeros(1), momentum, lr=0.1, beta=beta), 400)
        steps = -np.diff(path.w[:, 0])
        t = np.arange(1, 401)
        error = max(error, relative(steps, 0.1 * (1 - beta**t) / (1 - beta)))
        error = max(error, relative(steps[-1], 0.1 / (1 - beta)))
        wrong = max(wrong, relative(steps[0], 0.1 / (1 - beta)))
    return error, wrong


@claim(
    "eq-mom-rescale",
    says=r"The averaged form with $\eta$ takes the path of the velocity form with $\eta(1-\beta)$.",
    against="both forms take the same path at the same learning rate",
    tolerance=2e-14,
)
def test_rescale():
    error, wrong = 0, np.inf
    for f, w in bowls():
        for beta in (0.2, 0.9):
            a = trace(descend(f.loss_grad, w, averaged_momentum, lr=0.15, beta=beta), 40).w
            b = trace(descend(f.loss_grad, w, momentum, lr=0.15 * (1 - beta), beta=beta), 40).w
            c = trace(descend(f.loss_grad, w, momentum, lr=0.15, beta=beta), 40).w
            error, wrong = max(error, relative(a, b)), min(wrong, relative(a, c))
    return error, wrong


@claim(
    "eq-mom-twostep",
    says=r"The heavy ball is $w_t = w_{t-1} - \eta g_t + \beta(w_{t-1}-w_{t-2})$.",
    against="what is added is a share of the last gradient step, not of the last step",
    tolerance=5e-14,
)
def test_twostep():
    error, wrong = 0, np.inf
    for f, start in bowls():
        path = trace(descend(f.loss_grad, start, momentum, lr=0.1, beta=0.8), 40).w
        w, before, last = start, start, 0 * start
        v, steps, slips = start, [start], [start]
        for _ in range(40):
            w, before = w - 0.1 * (f.A @ w - f.b) + 0.8 * (w - before), w
            g = f.A @ v - f.b
            v, last = v - 0.1 * g - 0.08 * last, g
            steps.append(w)
            slips.append(v)
        error, wrong = max(error, relative(path, steps)), min(wrong, relative(slips, path))
    return error, wrong


@claim(
    "eq-mom-coast",
    says=r"When the gradient vanishes after a last step d, the ball still goes $\beta d/(1-\beta)$.",
    against="with no gradient the parameters hardly change, as the notes say",
    tolerance=3e-13,
)
def test_coast():
    error, wrong = 0, np.inf
    for beta in (0.5, 0.9, 0.97):
        w, s, path = np.zeros(1), START, [0.0]
        for t in range(2000):
            g = np.array([np.sin(t) + 2 if t < 25 else 0.0])
            w, s = momentum(w, g, s, lr=0.1, beta=beta)
            path.append(w[0])
        d = path[25] - path[24]
        error = max(error, relative(path[-1] - path[25], beta * d / (1 - beta)))
        wrong = min(wrong, abs(path[-1] - path[25]) / abs(path[25]))
    return error, wrong


# The notes' experiment


def notes_run(steps=100, lr=1e-4, b=None):
    """The loop of the notes, written out: losses after each step, with b the weight on the NEW gradient."""
    w, smooth, losses = np.zeros(2), None, []
    for _ in range(steps):
        g = 2 * X.T @ (X @ w - Y)
        smooth = g if smooth is None or b is None else (1 - b) * smooth + b * g
        w = w - lr * smooth
        losses.append(float(np.sum((Y - X @ w) ** 2)))
    return np.array(losses)


@claim(
    "num-mom-tuned",
    says="At the notes' learning rate the rates are .900 (gradient descent) and .891 (momentum); tuned, .899 and .625.",
    against="tuned, momentum gains no more than it does at the notes' learning rate",
    tolerance=5.1e-4,
)
def test_tuned():
    H = 2 * X.T @ X
    lr, beta, _ = theory.momentum_optimum(DATA.eigenvalues)
    measured = [
        radius(np.eye(2) - 1e-4 * H),
        radius(block(0.6e-4, 0.4, H)),
        radius(np.eye(2) - theory.optimal_lr(DATA.eigenvalues) * H),
        radius(block(lr, beta, H)),
    ]
    error = float(np.max(np.abs(np.array([0.900, 0.891, 0.899, 0.625]) - measured)))
    return error, abs(measured[1] - measured[3])


@claim(
    "num-mom-eigs",
    says=r"The Hessian $2X^\top X$ of the notes' data has the eigenvalues 1000.4 and 18745, so κ = 18.74.",
    against="the eigenvalues are those of the covariance, about 1000 and 9000: the mean plays no part",
    tolerance=1e-4,
)
def test_eigenvalues():
    s = np.linalg.svd(X, compute_uv=False)[::-1]
    lam = 2 * s**2
    assert np.allclose(DATA.eigenvalues, lam, rtol=1e-11, atol=0)
    error = max(np.max(np.abs(lam / [1000.4, 18745] - 1)), abs(lam[1] / lam[0] / 18.74 - 1))
    centred = 2 * 500 * np.linalg.eigvalsh(np.cov(X.T))
    return float(error), abs(centred[1] / lam[1] - 1)


@claim(
    "num-mom-94",
    says=r"Gradient descent must keep η below 1.067e-4 there; the notes' 1e-4 is 94 % of it.",
    against=r"the limit is $1/\lambda_{\max}$",
    tolerance=5e-3,
)
def test_limit_94():
    H = 2 * X.T @ X
    limit = brentq(lambda lr: radius(np.eye(2) - lr * H) - 1, 5e-5, 1e-3, xtol=1e-16)
    assert np.isclose(theory.max_lr(DATA.eigenvalues), limit, rtol=1e-10, atol=0)
    return max(abs(1e-4 / limit - 0.94), abs(limit / 1.067e-4 - 1)), abs(1e-4 * radius(H) - 0.94)


@claim(
    "num-mom-true-optimum",
    says="One step before the end the log gap to the run's own last loss is −18.2; to the minimum it is −16.6.",
    against="the last loss may stand for the minimum: the two log gaps agree",
    tolerance=5e-2,
)
def test_true_optimum():
    losses = notes_run()
    w = np.linalg.lstsq(X, Y, rcond=None)[0]
    assert np.isclose(DATA.minimum, np.sum((Y - X @ w) ** 2), rtol=1e-12, atol=0)
    to_last, to_best = np.log(losses[98] - losses[99]), np.log(losses[98] - DATA.minimum)
    return max(abs(to_last + 18.2), abs(to_best + 16.6)), abs(to_last - to_best)


@claim(
    "num-mom-cov",
    says=r"The data have $X^\top X/500 \approx$ diag(18.7, 1.0), covariance diag(8.55, 1.00) and correlation −.0105.",
    against="their covariance is diag(3, 1), as the notes state",
    tolerance=3e-3,
)
def test_covariance():
    second, cov = X.T @ X / 500, np.cov(X.T)
    error = max(
        abs(second[0, 0] / 18.7 - 1), abs(second[1, 1] - 1), abs(second[0, 1]) / 18.7,
        abs(cov[0, 0] / 8.55 - 1), abs(cov[1, 1] - 1), abs(np.corrcoef(X.T)[0, 1] + 0.0105),
    )  # fmt: skip
    return float(error), abs(3 / cov[0, 0] - 1)


# One direction at a time


@claim(
    "eq-mom-matrix",
    says=r"In each eigendirection one step multiplies $(m, x)$ by $R=[[\beta,\lambda],[-\eta\beta, 1-\eta\lambda]]$.",
    against=r"the old velocity enters x with the factor $-\eta$ instead of $-\eta\beta$",
    tolerance=5e-13,
)
def test_matrix():
    error, wrong = 0, np.inf
    for f, start in bowls():
        lr, beta = 0.12, 0.7
        path = f.modes(trace(descend(f.loss_grad, start, momentum, lr=lr, beta=beta), 30).w)
        for i, lam in enumerate(f.eigenvalues):
            R = theory.momentum_matrix(lr, beta, lam)
            slip = np.array([[beta, lam], [-lr, 1 - lr * lam]])
            right, bad = ([np.linalg.matrix_power(M, t)[1, 1] for t in range(31)] for M in (R, slip))
            error = max(error, relative(one_step(lr, beta, lam), R))
            error = max(error, relative(path[:, i], path[0, i] * np.array(right)))
            wrong = min(wrong, relative(path[:, i], path[0, i] * np.array(bad)))
    return error, wrong


@claim(
    "eq-mom-charpoly",
    says=r"The roots solve $\sigma^2-(1+\beta-\eta\lambda)\sigma+\beta=0$; their product is β.",
    against=r"the same with $(1-\beta)\eta\lambda$, which belongs to the averaged form",
    tolerance=5e-14,
)
def test_charpoly():
    error, wrong = 0, np.inf
    rng = np.random.default_rng(1)
    for _ in range(50):
        lr, beta, lam = rng.uniform(0.01, 1), rng.uniform(0.05, 0.95), rng.uniform(0.3, 3)
        measured = np.poly(one_step(lr, beta, lam))
        error = max(error, relative(measured, [1, -(1 + beta - lr * lam), beta]))
        pair = theory.momentum_roots(lr, beta, lam)
        error = max(error, relative(np.poly(pair), measured))
        wrong = min(wrong, relative([1, -(1 + beta - (1 - beta) * lr * lam), beta], measured))
    return error, wrong


@claim(
    "thm-mom-stable",
    says=r"A direction shrinks to zero exactly for $0<\eta\lambda<2(1+\beta)$, $0\le\beta<1$.",
    against=r"exactly for $0<\eta\lambda<2$, as without momentum",
    tolerance=0.0,
)
def test_stable():
    a, beta = np.linspace(0.0123, 4.5, 240), np.linspace(0, 1.1, 151)[:, None] + 1e-3
    shrinks = np.abs(companion(a, beta)).max(axis=-1) < 1  # 36 240 points, none on the border
    stated = theory.momentum_stable(a, beta, 1.0)
    return float(np.mean(shrinks != stated)), float(np.mean(shrinks != ((a < 2) & (beta < 1))))


@claim(
    "eq-mom-stable",
    says=r"Momentum converges up to $\eta = 2(1+\beta)/\lambda_{\max}$.",
    against=r"it diverges beyond $2/\lambda_{\max}$, as gradient descent does",
    tolerance=5e-14,
)
def test_largest_rate():
    error, wrong = 0, np.inf
    for f, _ in bowls():
        top = np.linalg.norm(f.A, 2)
        for beta in (0.2, 0.9):
            edge = brentq(lambda lr, b=beta, A=f.A: radius(block(lr, b, A)) - 1, 1 / top, 6 / top, xtol=1e-14)
            error = max(error, relative(edge, 2 * (1 + beta) / top))
            wrong = min(wrong, relative(edge, 2 / top))
    return error, wrong


# Real or complex


@claim(
    "eq-mom-complex",
    says=r"The roots are complex exactly for $(1-\sqrt{\eta\lambda})^2<\beta<(1+\sqrt{\eta\lambda})^2$.",
    against=r"exactly for $\beta > (1-\eta\lambda)^2$",
    tolerance=0.0,
)
def test_complex():
    a, beta = np.linspace(0.0123, 3.9, 240), np.linspace(0, 0.99, 151)[:, None] + 1e-3
    swings = companion(a, beta).imag.max(axis=-1) > 1e-7
    stated = theory.momentum_roots(a, beta, 1.0).imag.max(axis=-1) > 0
    formula = (theory.critical_beta(a, 1.0) < beta) & (beta < (1 + np.sqrt(a)) ** 2)
    error = max(np.mean(swings != stated), np.mean(swings != formula))
    return float(error), float(np.mean(swings != (beta > (1 - a) ** 2)))


@claim(
    "eq-mom-modulus",
    says=r"Complex roots have size $\sqrt\beta$ and angle $\arccos\frac{1+\beta-\eta\lambda}{2\sqrt\beta}$, whatever η and λ.",
    against=r"their size is $2\sqrt\beta$, as printed in a much-read article",
    tolerance=1e-13,
)
def test_modulus():
    error, wrong = 0, np.inf
    rng = np.random.default_rng(2)
    for _ in range(200):
        beta, lam = rng.uniform(0.1, 0.95), rng.uniform(0.3, 3)
        inside = rng.uniform(0.05, 0.95)
        lr = ((1 - np.sqrt(beta)) + 2 * np.sqrt(beta) * inside) ** 2 / lam
        measured = np.linalg.eigvals(one_step(lr, beta, lam))
        error = max(error, relative(np.abs(measured), np.sqrt(beta)))
        cosine = (1 + beta - lr * lam) / (2 * np.sqrt(beta))
        error = max(error, relative(np.abs(np.angle(measured)), np.arccos(cosine)))
        wrong = min(wrong, relative(2 * np.sqrt(beta), np.abs(measured)))
    return error, wrong


@claim(
    "num-mom-overshoot",
    says="With ηλ = .1 and β = .9 the error swings to −.60, changes sign six times in 60 steps, and the rate is .949, not .900.",
    against="momentum prevents overshooting: the error keeps its sign",
    tolerance=5e-3,
)
def test_overshoot():
    f = problems.Quadratic([1.0])
    ball = trace(descend(f.loss_grad, np.ones(1), momentum, lr=0.1, beta=0.9), 60).w[:, 0]
    plain = trace(descend(f.loss_grad, np.ones(1), sgd, lr=0.1), 60).w[:, 0]
    changes = int(np.sum(np.sign(ball[1:]) != np.sign(ball[:-1])))
    rates = radius(one_step(0.1, 0.9, 1.0)), plain[60] / plain[59]
    error = max(abs(ball.min() + 0.60), abs(changes - 6), abs(rates[0] - 0.949), abs(rates[1] - 0.9))
    return float(error + (plain.min() < 0)), float(-ball.min())


@claim(
    "eq-mom-effective",
    says=r"A slow direction has $\sigma_1 = 1-\eta\lambda/(1-\beta)$ up to a term of second order in ηλ.",
    against=r"it has $1-\eta\lambda$ up to second order: a larger batch, not a larger learning rate",
    tolerance=2e-2,
)
def test_effective():
    error, wrong = 0, np.inf
    for beta in (0.3, 0.6, 0.9):
        a = np.array([1e-3, 2e-3]) * (1 - beta) ** 2
        s = np.array([radius(one_step(x, beta, 1.0)) for x in a])
        orders = [np.diff(np.log(np.abs(s - (1 - x))))[0] / np.log(2) for x in (a / (1 - beta), a)]
        error, wrong = max(error, abs(orders[0] - 2)), min(wrong, abs(orders[1] - 2))
    return float(error), float(wrong)


@claim(
    "eq-mom-power",
    says=r"$R^t = (\sigma_1^t(R-\sigma_2I)-\sigma_2^t(R-\sigma_1I))/(\sigma_1-\sigma_2)$, and its corner as given from rest.",
    against=r"the same with the two matrices exchanged, as once printed",
    tolerance=3e-12,
)
def test_power():
    error, wrong = 0, np.inf
    rng = np.random.default_rng(4)
    for _ in range(40):
        lr, beta, lam = rng.uniform(0.05, 1), rng.uniform(0.1, 0.9), rng.uniform(0.3, 3)
        s1, s2 = theory.momentum_roots(lr, beta, lam)
        if abs(s1 - s2) < 0.1:
            continue
        R = one_step(lr, beta, lam)
        A1, A2 = ((R - s * np.eye(2)) / (s1 - s2) for s in (s1, s2))
        x = trace(descend(lambda w, c=lam: (0.0, c * w), np.ones(1), momentum, lr=lr, beta=beta), 12).w
        for t in range(13):
            exact = np.linalg.matrix_power(R, t)
            rest = (s1 ** (t + 1) * (1 - s2) - s2 ** (t + 1) * (1 - s1)) / (s1 - s2)
            error = max(error, relative(s1**t * A2 - s2**t * A1, exact), abs(rest - x[t, 0]))
            error = max(error, relative(theory.momentum_power(lr, beta, lam, t), exact))
        wrong = min(wrong, relative(s1 * A1 - s2 * A2, R))
    return float(error), float(wrong)


# Critical damping


@claim(
    "lem-mom-critical",
    says=r"For one direction no momentum has a rate below $|1-\sqrt{\eta\lambda}|$, and $(1-\sqrt{\eta\lambda})^2$ reaches it.",
    against=r"it is $1-\sqrt{\eta\lambda}$, without the square",
    tolerance=3e-7,
)
def test_critical():
    error, wrong = 0, np.inf
    for a in (0.01, 0.1, 0.36, 0.7, 1.5, 2.5):
        rate = lambda b, a=a: float(np.abs(companion(a, b)).max())  # noqa: E731
        grid = np.linspace(0, 1, 4001)
        near = grid[np.argmin([rate(b) for b in grid])]
        best = minimize_scalar(
            rate, bounds=(max(near - 5e-4, 0), near + 5e-4), method="bounded", options={"xatol": 1e-12}
        )
        stated = theory.critical_beta(a, 1.0)
        error = max(error, abs(best.x - stated), abs(best.fun - abs(1 - np.sqrt(a))))
        wrong = min(wrong, abs(best.x - (1 - np.sqrt(a))))
    return float(error), float(wrong)


@claim(
    "eq-mom-jordan",
    says=r"At a double root $R^t=\sigma^t(tR/\sigma-(t-1)I)$; from rest the error is $\sigma^t(1+(1-\sigma)t)$.",
    against=r"from rest it is the pure power $\sigma^t$",
    tolerance=5e-14,
)
def test_jordan():
    error, wrong = 0, np.inf
    for root in (Fraction(1, 5), Fraction(1, 2), Fraction(7, 4)):  # the square root of lr lam
        sigma, a = 1 - root, root**2
        beta = sigma**2
        R = [[beta, 1], [-a * beta, 1 - a]]  # lam = 1, lr = a, all exact
        power = [[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]]
        f = problems.Quadratic([1.0])
        path = trace(descend(f.loss_grad, np.ones(1), momentum, lr=float(a), beta=float(beta)), 12).w
        for t in range(1, 13):
            power = [[sum(power[i][k] * R[k][j] for k in range(2)) for j in range(2)] for i in range(2)]
            stated = [
                [sigma**t * (t * R[i][j] / sigma - (t - 1) * (i == j)) for j in range(2)] for i in range(2)
            ]
            assert stated == power and power[1][1] == sigma**t * (1 + (1 - sigma) * t)
            exact = np.array(power, float)
            error = max(error, relative(theory.momentum_power(float(a), float(beta), 1.0, t), exact))
            error = max(error, abs(path[t, 0] - exact[1, 1]))
        wrong = min(wrong, abs(float(power[1][1] / sigma**12) - 1))
    return error, wrong


# The best pair


@claim(
    "thm-mom-optimum",
    says=r"The best rate is $(\sqrt\kappa-1)/(\sqrt\kappa+1)=\sqrt{\beta^\star}$, at $\eta^\star=(2/(\sqrt{\lambda_{\min}}+\sqrt{\lambda_{\max}}))^2$.",
    against=r"the best momentum is $(\sqrt\kappa-1)/(\sqrt\kappa+1)$, without the square",
    tolerance=1e-11,
)
def test_optimum():
    error, wrong = 0, np.inf
    for lams in ([1.0, 4.0], [1.0, 3.0, 30.0], [0.2, 5.0, 9.0, 90.0]):
        lams = np.array(lams)
        rate = lambda p, q=lams: float(np.abs(companion(p[0] * q, p[1])).max()) + 10 * max(0.0, -p[1])  # noqa: E731
        lr, beta, stated = theory.momentum_optimum(lams)
        found = min(
            (
                minimize(rate, [c / lams[-1], b], method="Nelder-Mead", options={"xatol": 1e-13, "fatol": 1e-14, "maxiter": 4000})
                for c in (1.5, 3.0)
                for b in (0.2, 0.6)
            ),
            key=lambda r: r.fun,
        )  # fmt: skip
        error = max(error, abs(found.fun - stated), abs(found.x[0] / lr - 1), abs(found.x[1] - beta))
        wrong = min(wrong, rate([lr, np.sqrt(beta)]) - found.fun)
    return float(error), float(wrong)


@claim(
    "eq-mom-steps",
    says=r"Shrinking by ε takes $\ln(1/\varepsilon)/(2\,\mathrm{artanh}(1/\sqrt\kappa))$ steps, less than $\frac{\sqrt\kappa}{2}\ln\frac1\varepsilon$.",
    against=r"it takes $\frac{\kappa}{2}\ln\frac1\varepsilon$, as without momentum",
    tolerance=4e-12,
)
def test_steps():
    error, wrong = 0, np.inf
    for kappa in (4.0, 100.0, 1e4):
        lr, beta, rate = theory.momentum_optimum([1.0, kappa])
        f = problems.Quadratic([1.0])  # the flat end: error rho^t (1 + (1 - rho) t) from rest
        n = int(20 * np.sqrt(kappa))
        path = trace(descend(f.loss_grad, np.ones(1), momentum, lr=lr, beta=beta), n).w[:, 0]
        measured = -np.log(path[n] / path[n // 2] * (1 + (1 - rate) * (n // 2)) / (1 + (1 - rate) * n))
        per_step = measured / (n - n // 2)
        formula = 1 / (2 * np.arctanh(1 / np.sqrt(kappa)))
        error = max(error, abs(formula * per_step - 1), formula - np.sqrt(kappa) / 2)
        error = max(error, abs(theory.steps_to(1e-6, rate) / (np.log(1e6) * formula) - 1))
        wrong = min(wrong, abs(kappa / 2 * per_step - 1))
    return float(error), float(wrong)


@claim(
    "thm-mom-hump",
    says=r"With the best pair the steepest direction follows $\rho^t(1+(1+\rho)t)$: its loss rises to $\kappa/e^2$ times its start.",
    against="the loss never exceeds its start, since the rate is below one",
    tolerance=1e-5,
)
def test_hump():
    error = 0
    for kappa in (10.0, 100.0, 1e6):
        lr, beta, rho = theory.momentum_optimum([1.0, kappa])
        f, n = problems.Quadratic([1.0, kappa]), int(2 * np.sqrt(kappa))
        path = trace(descend(f.loss_grad, np.array([0.0, 1.0]), momentum, lr=lr, beta=beta), n)
        t = np.arange(n + 1)
        size = np.abs(path.w[:, 1])
        error = max(error, relative(size, rho**t * (1 + (1 + rho) * t)))
        assert abs(int(size.argmax()) - np.sqrt(kappa) / 2) <= 1
    peak = path.loss.max() / path.loss[0]
    error = max(error, abs(peak / (kappa / np.e**2) - 1))
    first = lambda k: abs(1 - theory.momentum_optimum([1.0, k])[0] * k) - 1  # noqa: E731
    error = max(error, abs(brentq(first, 2.0, 50.0) / (1 + np.sqrt(2)) ** 2 - 1))
    return float(error), float((peak - 1) / peak)


@claim(
    "num-mom-steps",
    says="On the notes' data the loss gap first rises to 1.68 times its start; a millionth takes 22 steps, tuned gradient descent 65.",
    against="both methods need the same number of steps",
    tolerance=5e-3,
)
def test_counted_steps():
    best = np.linalg.lstsq(X, Y, rcond=None)[0]
    lr, beta, _ = theory.momentum_optimum(DATA.eigenvalues)
    counts, peaks = [], []
    for rule, hyper in (
        (momentum, {"lr": lr, "beta": beta}),
        (sgd, {"lr": theory.optimal_lr(DATA.eigenvalues)}),
    ):
        w = trace(descend(DATA.loss_grad, np.zeros(2), rule, **hyper), 100).w
        gap = np.sum(((w - best) @ X.T) ** 2, axis=1)
        counts.append(int(np.argmax(gap < 1e-6 * gap[0])))
        peaks.append(gap.max() / gap[0])
    error = max(abs(peaks[0] - 1.68), abs(counts[0] - 22), abs(counts[1] - 65))
    return float(error), abs(counts[1] / counts[0] - 1)


# Why the notes saw no gain


def notes_map(lr, b, s):
    """One step of the notes' loop on one direction, (s, x) -> (s, x), from basis vectors."""
    columns = []
    for smooth, x in ((1.0, 0.0), (0.0, 1.0)):
        smooth = (1 - b) * smooth + b * (2 * s**2 * x)
        columns.append([smooth, x - lr * smooth])
    return np.array(columns).T


@claim(
    "eq-mom-eecs",
    says=r"In the notes' form the roots solve $\sigma^2-(2-b-2\eta bs^2)\sigma+(1-b)=0$.",
    against=r"the same with $\eta bs^2$: the 2 of the squared error forgotten",
    tolerance=3e-14,
)
def test_notes_form():
    error, wrong = 0, np.inf
    rng = np.random.default_rng(5)
    for _ in range(50):
        lr, b, s = rng.uniform(0.05, 0.5), rng.uniform(0.1, 0.9), rng.uniform(0.5, 1.5)
        measured = np.poly(notes_map(lr, b, s))
        error = max(error, relative(one_step(lr, 1 - b, 2 * s**2, averaged_momentum), notes_map(lr, b, s)))
        for factor in (2, 1):
            miss = relative([1, -(2 - b - factor * lr * b * s**2), 1 - b], measured)
            error, wrong = (max(error, miss), wrong) if factor == 2 else (error, min(wrong, miss))
    return error, wrong


@claim(
    "num-mom-their-form",
    says="In the notes' form the best setting on their data is η = 2.31e-4, b = .610.",
    against="their learning rate 1e-4 is the best one",
    tolerance=1e-3,
)
def test_their_form():
    s = np.linalg.svd(X, compute_uv=False)
    rate = lambda p: max(radius(notes_map(p[0] * 1e-4, p[1], q)) for q in s)  # noqa: E731
    runs = (minimize(rate, [lr, b], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 2000}) for lr in (1.0, 1.5, 2.0) for b in (0.4, 0.6, 0.8))  # fmt: skip
    lr, b = min(runs, key=lambda r: r.fun).x
    return max(abs(2.31 / lr - 1), abs(0.610 / b - 1)), abs(1.0 / lr - 1)
