"""Claims of chapter 03, second page: how fast it can get.

The oracles know nothing of closed forms: exact fractions, one step of the library's rule on basis
vectors with NumPy's eigensolver, SciPy's linear programs for the best possible method and
polynomial, its minimiser for the best constants, its integrator for the spring.
"""

from fractions import Fraction
from itertools import islice

import numpy as np
from claims import claim
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, linprog, minimize

from lib import problems, theory
from lib.loop import descend, trace
from lib.rules import State, adagrad, adam, momentum, nesterov, sgd

CYCLE = [Fraction(792, 1225), Fraction(-2208, 1225), Fraction(2592, 1225)]


def relative(measured, stated):
    """The largest deviation, relative to the largest value stated."""
    measured, stated = np.asarray(measured), np.asarray(stated)
    return float(np.max(np.abs(measured - stated)) / np.max(np.abs(stated)))


def one_step(rule, lr, beta, lam):
    """The 2x2 matrix of (m, x), found by stepping from the two basis states."""
    columns = []
    for m, x in ((1.0, 0.0), (0.0, 1.0)):
        x = np.array([x])
        w, s = rule(x, lam * x, State(1, np.array([m])), lr=lr, beta=beta)
        columns.append([s.m[0], w[0]])
    return np.array(columns).T


def radius(matrix):
    """The largest eigenvalue in size."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def bowls(count=4, size=4, seed=3):
    """Random quadratics in general position, curvatures 0.5 to 10, with random starts."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        q = np.linalg.qr(rng.standard_normal((size, size)))[0]
        A = (q * rng.uniform(0.5, 10, size)) @ q.T
        yield problems.Quadratic(A, rng.standard_normal(size)), rng.standard_normal(size)


def look_ahead(grad, w, lr, beta, steps):
    """Nesterov's method as the chapter's algorithm writes it: the points w_t and y_t."""
    old, ws, ys = w, [w], []
    for _ in range(steps):
        y = w + beta * (w - old)
        w, old = y - lr * grad(y), w
        ws.append(w)
        ys.append(y)
    return np.array(ws), np.array(ys)


# A ball that never comes to rest


@claim(
    "thm-acc-cycle",
    says="With η = 1/9, β = 4/9 the heavy ball repeats 792/1225, −2208/1225, 2592/1225, and is drawn there from 3.3.",
    against="it converges to the minimum at 0, since f is strongly convex",
    tolerance=1e-13,
)
def test_cycle():
    def slope(w):
        return 25 * w if w < 1 else w + 24 if w < 2 else 25 * w - 24

    p, q = CYCLE[:2]
    for _ in range(6):  # two rounds, exactly
        p, q = q, q - slope(q) / 9 + Fraction(4, 9) * (q - p)
    assert [p, q] == CYCLE[:2]
    kink = problems.LessardCycle()
    path = trace(descend(kink.loss_grad, np.array([3.3]), momentum, lr=1 / 9, beta=4 / 9), 302)
    end = np.sort(path.w[-3:, 0])
    return relative(end, np.sort([float(c) for c in CYCLE])), float(np.abs(end).min())


@claim(
    "num-acc-drawn",
    says="Near the cycle the ball comes closer to it by the factor 2/3 a step.",
    against="the cycle does not attract: the factor is 1",
    tolerance=1e-9,
)
def test_drawn():
    kink = problems.LessardCycle()

    def round_trip(state):
        w, s = np.array([state[1]]), State(1, np.array([state[0]]))
        for _ in range(3):
            w, s = momentum(w, kink.grad(w), s, lr=1 / 9, beta=4 / 9)
        return np.array([s.m[0], w[0]])

    before, here = (float(c) for c in CYCLE[:2])
    start = np.array([(before - here) * 9, here])  # the velocity that led here
    h = 1e-4  # the map is linear near the cycle: differences are exact
    columns = [(round_trip(start + h * e) - round_trip(start - h * e)) / (2 * h) for e in np.eye(2)]
    M = np.array(columns).T
    return abs(np.linalg.det(M) ** (1 / 6) - 2 / 3) + abs(abs(np.trace(M) / 2) ** (1 / 3) - 2 / 3), 1 / 3


@claim(
    "num-acc-basin",
    says="Of the starts at rest between −5 and 5, 12 % end in the cycle.",
    against="the cycle needs a special start: practically none do",
    tolerance=5e-3,
)
def test_basin():
    kink, w = problems.LessardCycle(), np.linspace(-5, 5, 4001)[:, None]
    end = trace(descend(kink.loss_grad, w, momentum, lr=1 / 9, beta=4 / 9), 400).w[-1, :, 0]
    share = float(np.mean(np.abs(end) > 0.1))
    return abs(share - 0.12), share


# Look first, then correct


@claim(
    "eq-acc-sutskever",
    says=r"With $v_t=w_t-w_{t-1}$ the method reads $v_t=\beta v_{t-1}-\eta\nabla f(w_{t-1}+\beta v_{t-1})$.",
    against=r"the gradient is taken at $w_{t-1}$: that is the heavy ball",
    tolerance=3e-14,
)
def test_sutskever():
    error, wrong = 0, np.inf
    for f, start in bowls():
        stated = look_ahead(f.grad, start, 0.08, 0.7, 40)[0]
        for ahead in (0.7, 0.0):
            w, v, path = start, 0 * start, [start]
            for _ in range(40):
                v = 0.7 * v - 0.08 * f.grad(w + ahead * v)
                w = w + v
                path.append(w)
            miss = relative(path, stated)
            error, wrong = (max(error, miss), wrong) if ahead else (error, min(wrong, miss))
    return error, wrong


@claim(
    "eq-acc-torch",
    says=r"The library's rule walks through the look-ahead points y, and $w_t=y_{t+1}+\eta\beta m_t$.",
    against="the stored parameters are Nesterov's iterates w themselves",
    tolerance=3e-14,
)
def test_torch():
    error, wrong = 0, np.inf
    for f, start in bowls():
        ws, ys = look_ahead(f.grad, start, 0.08, 0.7, 41)
        steps = list(islice(descend(f.loss_grad, start, nesterov, lr=0.08, beta=0.7), 41))
        stored = np.array([s.w for s in steps])
        iterates = np.array([s.w + 0.08 * 0.7 * s.state.m for s in steps])
        error = max(error, relative(stored, ys), relative(iterates, ws[:41]))
        wrong = min(wrong, relative(stored, ws[:41]))
    return error, wrong


@claim(
    "eq-acc-cs231n",
    says=r"The course form $v_t=\beta v_{t-1}-\eta g_t$, $y_{t+1}=y_t-\beta v_{t-1}+(1+\beta)v_t$ takes the same path.",
    against=r"the same without $-\beta v_{t-1}$",
    tolerance=2e-14,
)
def test_cs231n():
    error, wrong = 0, np.inf
    for f, start in bowls():
        stored = trace(descend(f.loss_grad, start, nesterov, lr=0.08, beta=0.7), 40).w
        for keep in (1, 0):
            y, v, path = start, 0 * start, [start]
            for _ in range(40):
                last, v = v, 0.7 * v - 0.08 * f.grad(y)
                y = y - keep * 0.7 * last + 1.7 * v
                path.append(y)
            miss = relative(path, stored)
            error, wrong = (max(error, miss), wrong) if keep else (error, min(wrong, miss))
    return error, wrong


def ahead_map(lr, beta, lam, ahead):
    """One step on a mode, (v, x) -> (v, x), with the gradient at x + ahead * v."""
    columns = []
    for v, x in ((1.0, 0.0), (0.0, 1.0)):
        v = beta * v - lr * lam * (x + ahead * v)
        columns.append([v, x + v])
    return np.array(columns).T


@claim(
    "num-acc-lookahead",
    says="With the usual constants and κ = 25, looking ahead by v instead of βv makes the rate .845 instead of .800.",
    against="how far one looks ahead makes no difference to the rate",
    tolerance=6e-4,
)
def test_lookahead():
    lr, beta, _ = theory.nesterov_standard(1.0, 25.0)
    lams = np.linspace(1, 25, 97)
    right = max(radius(one_step(nesterov, lr, beta, q)) for q in lams)
    slip = max(radius(ahead_map(lr, beta, q, 1.0)) for q in lams)
    return max(abs(right - 0.800), abs(slip - 0.845)), abs(slip - right)


@claim(
    "eq-acc-roots",
    says=r"On one direction the roots solve $\sigma^2-(1+\beta)(1-\eta\lambda)\sigma+\beta(1-\eta\lambda)=0$.",
    against="their product is β, as for the heavy ball",
    tolerance=5e-14,
)
def test_roots():
    error, wrong = 0, np.inf
    rng = np.random.default_rng(1)
    for _ in range(50):
        lr, beta, lam = rng.uniform(0.05, 0.5), rng.uniform(0.2, 0.95), rng.uniform(0.5, 2)
        keep = 1 - lr * lam
        measured = np.poly(one_step(nesterov, lr, beta, lam))
        error = max(error, relative([1, -(1 + beta) * keep, beta * keep], measured))
        error = max(error, abs(theory.nesterov_rate(lr, beta, [lam]) - np.abs(np.roots(measured)).max()))
        wrong = min(wrong, relative([1, -(1 + beta) * keep, beta], measured))
    return float(error), wrong


@claim(
    "num-acc-no-hump",
    says="With the usual constants and from rest no direction of Nesterov's method ever exceeds its start.",
    against="the heavy ball with its best pair does not either",
    tolerance=0.0,
)
def test_no_hump():
    error, wrong = 0.0, np.inf
    for kappa in (10.0, 100.0, 1000.0):
        f = problems.Quadratic(np.geomspace(1, kappa, 60))
        lr, beta, _ = theory.nesterov_standard(1.0, kappa)
        ws = look_ahead(f.grad, np.ones(60), lr, beta, int(12 * np.sqrt(kappa)))[0]
        error = max(error, np.abs(ws).max() - 1)
        lr, beta, _ = theory.momentum_optimum(f.eigenvalues)
        ball = trace(descend(f.loss_grad, np.ones(60), momentum, lr=lr, beta=beta), 60).w
        wrong = min(wrong, np.abs(ball).max() - 1)
    return float(error), float(wrong)


@claim(
    "eq-acc-stable",
    says=r"Nesterov's method is stable for $0<\eta\lambda<(2+2\beta)/(1+2\beta)$.",
    against=r"up to $2+2\beta$, as the heavy ball",
    tolerance=3e-14,
)
def test_stable():
    error, wrong = 0, np.inf
    for beta in (0.1, 0.5, 0.9, 0.99):
        edge = brentq(lambda a, b=beta: radius(one_step(nesterov, a, b, 1.0)) - 1, 1.0, 3.0, xtol=1e-15)
        error = max(error, relative(edge, (2 + 2 * beta) / (1 + 2 * beta)))
        inside = [radius(one_step(nesterov, a, beta, 1.0)) for a in np.linspace(0.01, edge - 1e-3, 60)]
        assert max(inside) < 1
        wrong = min(wrong, relative(edge, 2 + 2 * beta))
    return error, wrong


@claim(
    "eq-acc-standard",
    says=r"With $\eta=1/L$, $\beta=(\sqrt\kappa-1)/(\sqrt\kappa+1)$ the rate on quadratics is $1-1/\sqrt\kappa$.",
    against=r"it is $(\sqrt\kappa-1)/(\sqrt\kappa+1)$, as for the heavy ball",
    tolerance=1e-7,
)
def test_standard():
    error, wrong = 0, np.inf
    for mu, L in ((1.0, 10.0), (0.5, 50.0), (2.0, 1000.0)):
        lr, beta, stated = theory.nesterov_standard(mu, L)
        # at lam = mu the root is double, and an eigensolver may lose half of the digits there
        rate = max(radius(one_step(nesterov, lr, beta, q)) for q in np.geomspace(mu, L, 200))
        root = np.sqrt(L / mu)
        error = max(error, abs(rate - (1 - 1 / root)), abs(stated - (1 - 1 / root)))
        wrong = min(wrong, abs(rate - (root - 1) / (root + 1)))
    return float(error), float(wrong)


@claim(
    "eq-acc-tuned",
    says=r"The best constants on quadratics are $\eta=4/(3L+\mu)$, $\beta=(\sqrt{3\kappa+1}-2)/(\sqrt{3\kappa+1}+2)$; rate $1-2/\sqrt{3\kappa+1}$.",
    against="the usual constants are the best",
    tolerance=1e-6,
)
def test_tuned():
    error, wrong = 0, np.inf
    for mu, L in ((1.0, 5.0), (0.5, 25.0)):
        lams = np.concatenate([[mu], np.linspace(mu, L, 25)[1:]])
        rate = lambda p, q=lams, s=L: max(radius(ahead_map(p[0] / s, p[1], lam, p[1])) for lam in q)  # noqa: E731
        runs = [
            minimize(rate, [1.1, b], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 400})
            for b in (0.3, 0.6)
        ]  # fmt: skip
        best = min(runs, key=lambda r: r.fun)
        lr, beta, stated = theory.nesterov_tuned(mu, L)
        error = max(error, abs(best.fun - stated), abs(best.x[0] / (lr * L) - 1), abs(best.x[1] - beta))
        wrong = min(wrong, theory.nesterov_standard(mu, L)[2] - best.fun)
    return float(error), float(wrong)


def smooth_losses(seed=7):
    """Strongly convex losses that are not quadratic: log(sum exp) of random planes plus a bowl."""
    rng = np.random.default_rng(seed)
    for _ in range(4):
        B, c, mu = rng.standard_normal((12, 5)) * 2, rng.standard_normal(12), 0.05

        def loss_grad(w, B=B, c=c, mu=mu):
            z = B @ w + c
            e = np.exp(z - z.max())
            return z.max() + np.log(e.sum()) + mu / 2 * w @ w, B.T @ (e / e.sum()) + mu * w

        w = minimize(
            lambda w, f=loss_grad: f(w), np.zeros(5), jac=True, method="BFGS", options={"gtol": 1e-11}
        ).x
        for _ in range(5):  # Newton's method, to the last digit
            e = np.exp(B @ w + c - (B @ w + c).max())
            p = e / e.sum()
            w = w - np.linalg.solve(B.T @ (np.diag(p) - np.outer(p, p)) @ B + mu * np.eye(5), loss_grad(w)[1])
        yield loss_grad, mu, mu + np.linalg.norm(B, 2) ** 2, w, rng.standard_normal(5) * 3
    kink = problems.LessardCycle()
    yield kink.loss_grad, 1.0, 25.0, np.zeros(1), np.array([3.3])


@claim(
    "thm-acc-guarantee",
    says=r"$f(w_t)-f^\star\le(1-1/\sqrt\kappa)^t\,(f(w_0)-f^\star+\frac\mu2\lVert w_0-w^\star\rVert^2)$ on smooth strongly convex losses.",
    against="the same guarantee for the heavy ball with its best pair",
    tolerance=0.0,
)
def test_guarantee():
    error = 0
    for loss_grad, mu, L, best, start in smooth_losses():
        lr, beta, rate = theory.nesterov_standard(mu, L)
        lowest = loss_grad(best)[0]
        first = loss_grad(start)[0] - lowest + mu / 2 * np.sum((start - best) ** 2)
        for step in islice(descend(loss_grad, start, nesterov, lr=lr, beta=beta), 200):
            gap = loss_grad(step.w + lr * beta * step.state.m)[0] - lowest
            error = max(error, (gap - rate**step.t * first) / first)
    lr, beta, _ = theory.momentum_optimum([1.0, 25.0])
    ball = trace(descend(loss_grad, start, momentum, lr=lr, beta=beta), 60)  # on the kink
    wrong = 1 - rate**60 * first / ball.loss[60]
    return float(error), float(wrong)


# Nobody is faster


@claim(
    "eq-acc-sum",
    says=r"The heavy ball is at $w_t=w_0-\eta\sum_s\frac{1-\beta^{t+1-s}}{1-\beta}g_s$.",
    against="the same with a plus, as printed in a much-read article",
    tolerance=5e-14,
)
def test_sum():
    error, wrong = 0, np.inf
    for f, start in bowls():
        path = trace(descend(f.loss_grad, start, momentum, lr=0.1, beta=0.8), 30)
        for t in (1, 7, 30):
            weights = (1 - 0.8 ** (t + 1 - np.arange(1, t + 1))) / 0.2
            moved = 0.1 * weights @ path.grad[:t]
            error = max(error, relative(start - moved, path.w[t]))
            wrong = min(wrong, relative(start + moved, path.w[t]))
    return error, wrong


@claim(
    "lem-acc-support",
    says="On the chain all coordinates beyond the t-th are exactly zero after t steps: for five rules, Adam among them.",
    against="those from the t-th on are zero: one coordinate fewer",
    tolerance=0.0,
)
def test_support():
    chain, error, wrong = problems.WorstQuadratic(25, 100.0), 0.0, np.inf
    rules = (
        (sgd, {"lr": 0.015}), (momentum, {"lr": 0.02, "beta": 0.6}), (nesterov, {"lr": 0.01, "beta": 0.8}),
        (adam, {"lr": 0.1}), (adagrad, {"lr": 0.3}),
    )  # fmt: skip
    for rule, hyper in rules:
        w = trace(descend(chain.loss_grad, np.zeros(25), rule, **hyper), 24).w
        for t in range(25):
            error = max(error, np.abs(w[t, t:]).max())
        wrong = min(wrong, np.abs(w[1, 0]))
    return float(error), float(wrong)


@claim(
    "thm-acc-lower",
    says=r"No combination of t gradients comes closer to the chain's solution than $\rho^t$ of the start, $\rho=(\sqrt\kappa-1)/(\sqrt\kappa+1)$.",
    against=r"none comes closer than $((\kappa-1)/(\kappa+1))^t$, the rate of gradient descent",
    tolerance=1e-10,
)
def test_lower():
    error, wrong = 0, np.inf
    for n, kappa in ((20, 30.0), (30, 100.0)):
        chain = problems.WorstQuadratic(n, kappa)
        star = np.linalg.solve(chain.A, chain.b)
        assert chain.eigenvalues[-1] / chain.eigenvalues[0] <= kappa
        for t in (1, 4, 9):
            basis, v = [], chain.b
            for _ in range(t):  # what t gradients span from zero
                for b in basis:
                    v = v - (b @ v) * b
                basis.append(v / np.linalg.norm(v))
                v = chain.A @ basis[-1]
            V = np.array(basis).T  # the best combination in the largest-coordinate norm: a linear program
            ones = np.ones((n, 1))
            best = linprog(
                np.r_[np.zeros(t), 1], A_ub=np.block([[V, -ones], [-V, -ones]]), b_ub=np.r_[star, -star], bounds=(None, None)
            )  # fmt: skip
            bound = theory.worst_case_bound(kappa, t) * np.abs(star).max()
            error = max(error, abs(best.fun / bound - 1))
            gd = ((kappa - 1) / (kappa + 1)) ** t * np.abs(star).max()
            wrong = min(wrong, 1 - best.fun / gd)
    return float(error), float(wrong)


# Acceleration without memory


@claim(
    "eq-acc-poly",
    says=r"After K steps with rates $\eta_k$ a direction has shrunk by $\prod_k(1-\eta_k\lambda)$.",
    against=r"by $1-\lambda\sum_k\eta_k$",
    tolerance=5e-14,
)
def test_poly():
    error, wrong = 0, np.inf
    rates = [0.02, 0.11, 0.05, 0.17, 0.08]
    for f, start in bowls():
        end = trace(descend(f.loss_grad, start, sgd, lr=lambda t: rates[t]), 4).w[-1]
        x0, x = f.modes(start), f.modes(end)
        stated = np.prod([1 - r * f.eigenvalues for r in rates[:4]], axis=0)
        error = max(error, relative(x, stated * x0))
        wrong = min(wrong, relative(x, (1 - sum(rates[:4]) * f.eigenvalues) * x0))
    return error, wrong


@claim(
    "eq-acc-chebyshev",
    says=r"The numbers $1/\eta_k$ are the zeros of the Chebyshev polynomial $T_K$, moved to $[\lambda_{\min},\lambda_{\max}]$.",
    against=r"they are the points $\cos\frac{k\pi}{K+1}$, moved there: the zeros of another polynomial",
    tolerance=5e-14,
)
def test_nodes():
    error, wrong = 0, np.inf
    for K, low, high in ((2, 1.0, 9.0), (5, 0.5, 20.0), (12, 1.0, 100.0)):
        c, d = (high + low) / 2, (high - low) / 2
        zeros = np.sort(c + d * np.polynomial.chebyshev.Chebyshev.basis(K).roots().real)
        k = np.arange(1, K + 1)
        printed = np.sort(c - d * np.cos((2 * k - 1) * np.pi / (2 * K)))
        error = max(error, relative(np.sort(1 / theory.chebyshev_lrs(low, high, K)), zeros))
        error = max(error, relative(printed, zeros))
        wrong = min(wrong, relative(np.sort(c - d * np.cos(k * np.pi / (K + 1))), zeros))
    return error, wrong


@claim(
    "thm-acc-chebyshev",
    says=r"The largest $|p_K|$ is $2\rho^K/(1+\rho^{2K})$, and no polynomial with $p(0)=1$ has a smaller one.",
    against=r"it is $\rho^K$",
    tolerance=1e-5,
)
def test_chebyshev():
    error, wrong = 0, np.inf
    for K, kappa in ((3, 10.0), (5, 20.0), (8, 100.0)):
        lam = np.linspace(1, kappa, 4001)
        lrs = theory.chebyshev_lrs(1.0, kappa, K)
        reached = np.abs(np.prod(1 - lrs[:, None] * lam, axis=0)).max()
        z = (2 * lam - kappa - 1) / (kappa - 1)
        basis = np.polynomial.chebyshev.chebvander(z, K)
        at_zero = np.polynomial.chebyshev.chebvander(np.array([-(kappa + 1) / (kappa - 1)]), K)
        ones = np.ones((len(lam), 1))
        best = linprog(  # the smallest maximum over all polynomials with p(0) = 1
            np.r_[np.zeros(K + 1), 1], A_ub=np.block([[basis, -ones], [-basis, -ones]]),
            b_ub=np.zeros(2 * len(lam)), A_eq=np.c_[at_zero, 0], b_eq=[1], bounds=(None, None),
        )  # fmt: skip
        stated = theory.chebyshev_bound(kappa, K)
        error = max(error, abs(reached / stated - 1), abs(best.fun / stated - 1))
        rho = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
        wrong = min(wrong, abs(reached / rho**K - 1))
    return float(error), float(wrong)


@claim(
    "num-acc-order",
    says="For κ = 100, K = 32, largest rates first, the error climbs to about 1e13 times its start; smallest first, never above it.",
    against="the order does not matter: the error never exceeds its start",
    tolerance=0.5,
)
def test_order():
    spectrum, lrs = np.linspace(1, 100, 50), theory.chebyshev_lrs(1.0, 100.0, 32)
    q = np.linalg.qr(np.random.default_rng(0).standard_normal((50, 50)))[0]
    f = problems.Quadratic((q * spectrum) @ q.T)
    peaks = []
    for order in (lrs, lrs[::-1]):
        rates = [*map(float, order), 1.0]
        path = trace(descend(f.loss_grad, q.sum(axis=1), sgd, lr=rates.__getitem__), 32).w
        size = np.linalg.norm(path, axis=1)
        peaks.append(np.log10(size.max() / size[0]))
    return max(abs(peaks[0] - 13), abs(peaks[1])), float(peaks[0])


def semi(A, b, w, low, high, steps):
    """Chebyshev's momentum as printed: all points, and all omega."""
    c, d = (high + low) / 2, (high - low) / 2
    omega, before, points, omegas = 1.0, w, [w], []
    for t in range(1, steps + 1):
        w, before = w - omega / c * (A @ w - b) + (omega - 1) * (w - before), w
        points.append(w)
        omegas.append(omega)
        omega = 2 * c**2 / (2 * c**2 - d**2) if t == 1 else 1 / (1 - d**2 / (4 * c**2) * omega)
    return np.array(points), np.array(omegas)


@claim(
    "eq-acc-semi",
    says="Momentum with these changing numbers meets Chebyshev's bound after every step, with no hump.",
    against="with the best constant pair it does too",
    tolerance=1e-11,
)
def test_semi():
    error, wrong = 0, np.inf
    for kappa in (9.0, 100.0):
        lam = np.linspace(1, kappa, 80)
        points, _ = semi(np.diag(lam), 0 * lam, np.ones(80), 1.0, kappa, 40)
        bound = np.array([1.0] + [theory.chebyshev_bound(kappa, t) for t in range(1, 41)])
        error = max(error, float(np.max(np.abs(np.abs(points).max(axis=1) / bound - 1))))
        lr, beta, _ = theory.momentum_optimum(lam)
        f = problems.Quadratic(lam)
        ball = trace(descend(f.loss_grad, np.ones(80), momentum, lr=lr, beta=beta), 40).w
        wrong = min(wrong, float(np.max(np.abs(ball).max(axis=1) / bound - 1)))
    return error, wrong


@claim(
    "eq-acc-limit",
    says=r"$\omega_t/c$ and $\omega_t-1$ tend to the best pair $\eta^\star$, $\beta^\star$ of the heavy ball.",
    against=r"$\omega_t-1$ tends to $(\sqrt\kappa-1)/(\sqrt\kappa+1)$, without the square",
    tolerance=3e-13,
)
def test_limit():
    error, wrong = 0, np.inf
    for low, high in ((1.0, 9.0), (0.5, 50.0), (1.0, 1000.0)):
        _, omegas = semi(np.eye(1), np.zeros(1), np.ones(1), low, high, 3000)
        lr, beta, rate = theory.momentum_optimum([low, high])
        error = max(error, abs(2 * omegas[-1] / (low + high) / lr - 1), abs((omegas[-1] - 1) / beta - 1))
        wrong = min(wrong, abs((omegas[-1] - 1) / rate - 1))
    return float(error), float(wrong)


# A spring in thick oil


@claim(
    "eq-acc-ode",
    says=r"With $\gamma=(1-\beta)/\sqrt\eta$ fixed, momentum tends to $\ddot x+\gamma\dot x+\lambda x=0$: halving $\sqrt\eta$ halves the distance.",
    against=r"the friction is $2\gamma$",
    tolerance=3e-2,
)
def test_spring():
    error, wrong = 0, np.inf
    for gamma, lam in ((0.4, 1.0), (2.0, 1.0), (5.0, 1.5)):
        for friction in (gamma, 2 * gamma):
            ode = solve_ivp(
                lambda _, s, g=friction, q=lam: [s[1], -g * s[1] - q * s[0]], (0, 4), [1.0, 0.0], rtol=1e-11, atol=1e-12
            ).y[0, -1]  # fmt: skip
            f, gaps = problems.Quadratic([lam]), []
            for h in (1 / 128, 1 / 256):
                n = round(4 / h)
                x = trace(descend(f.loss_grad, np.ones(1), momentum, lr=h**2, beta=1 - gamma * h), n).w[n, 0]
                gaps.append(abs(x - ode))
            miss = abs(gaps[0] / gaps[1] / 2 - 1)
            error, wrong = (max(error, miss), wrong) if friction == gamma else (error, min(wrong, miss))
    return float(error), float(wrong)


@claim(
    "eq-acc-quality",
    says=r"$Q=\sqrt{\eta\lambda}/(1-\beta)$: the direction swings for $Q>\frac12$, about $Q/\pi$ times until its amplitude is $1/e$.",
    against=r"$Q=\sqrt{\eta\lambda}/(2(1-\beta))$, the friction counted twice",
    tolerance=1e-2,
)
def test_quality():
    error, wrong = 0, np.inf
    for q in (5.0, 20.0, 60.0):
        lr, beta = 1e-6, 1 - 1e-3 / q
        assert abs(theory.quality_factor(lr, beta, 1.0) / q - 1) < 1e-9
        root = np.linalg.eigvals(one_step(momentum, lr, beta, 1.0))[0]
        swings = abs(np.angle(root)) / -np.log(abs(root)) / (2 * np.pi)
        error = max(error, abs(swings / (q / np.pi) - 1))
        wrong = min(wrong, abs(swings / (q / 2 / np.pi) - 1))
    for lr in (1e-6, 1e-8):  # where swinging begins, by the eigensolver
        swing = lambda b, a=lr: np.trace(one_step(momentum, a, b, 1.0)) ** 2 - 4 * b  # noqa: E731
        edge = brentq(swing, 1 - 5 * np.sqrt(lr), 1 - 0.5 * np.sqrt(lr), xtol=1e-16)
        error = max(error, abs(np.sqrt(lr) / (1 - edge) / 0.5 - 1))
    return float(error), float(wrong)


@claim(
    "num-acc-swing",
    says="With β = .9 a direction swings from ηλ = .0025 on in the limit, from .0026 on in fact.",
    against=r"from $\eta\lambda=(1-\beta)^2=.01$ on",
    tolerance=1e-4,
)
def test_swing():
    swing = lambda a: np.trace(one_step(momentum, a, 0.9, 1.0)) ** 2 - 4 * 0.9  # noqa: E731
    edge = brentq(swing, 1e-5, 0.1, xtol=1e-14)
    limit = brentq(lambda a: theory.quality_factor(a, 0.9, 1.0) - 0.5, 1e-5, 0.1)
    return float(max(abs(edge - 0.0026), abs(limit - 0.0025))), float(abs(edge - 0.01))
