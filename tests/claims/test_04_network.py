"""Claims of chapter 04, the fully connected network.

Oracles: 50-digit decimals for softmax and its logarithm, the complex step on formulas written out
here for derivatives, exact fractions for rounding errors, counting for the rounded accuracy.
"""

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

import numpy as np
from claims import claim

from lib.data import digits
from lib.net import (
    FCN,
    accuracy,
    affine,
    affine_backward,
    cross_entropy,
    relu,
    relu_backward,
    rounded_accuracy,
    softmax,
)


def relative(measured, stated):
    """The largest deviation, relative to the largest value stated."""
    measured, stated = np.asarray(measured), np.asarray(stated)
    return float(np.max(np.abs(measured - stated)) / np.max(np.abs(stated)))


def log_sum_exp(z):
    """ln(sum(exp(z))) in 50 digits, as the formula stands."""
    with localcontext() as context:
        context.prec, context.Emax = 50, 10**6
        return sum(Decimal(float(x)).exp() for x in z).ln()


def scores(count=30, seed=0):
    """Random scores of up to 10 classes, from tame ones to thousands."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        yield rng.standard_normal(rng.integers(2, 11)) * 10.0 ** (i % 4)


# Softmax


@claim(
    "num-net-plateau",
    says="In ten steps the accuracy rises from .120 to .900; what the notes report is .9000 before and after.",
    against="what is reported rises with the accuracy",
    tolerance=5.1e-4,
)
def test_plateau():
    data = digits()
    X, y, onehot = data.X_train, data.y_train, np.eye(10)[data.y_train]
    w = FCN((64, 10)).init(np.random.default_rng(0), scale=0.01)
    W, b, seen = w[:640].reshape(64, 10), w[640:], []
    for t in range(11):
        if t in (0, 10):
            e = np.exp(data.X_val @ W + b)
            p = e / e.sum(axis=1, keepdims=True)
            counted = np.mean((p > 0.5) == np.eye(10, dtype=bool)[data.y_val])
            seen.append((np.mean(p.argmax(axis=1) == data.y_val), counted))
        e = np.exp(X @ W + b)
        d = (e / e.sum(axis=1, keepdims=True) - onehot) / len(y)
        W, b = W - 0.5 * X.T @ d, b - 0.5 * d.sum(axis=0)
    (before, reported), (after, again) = seen
    error = max(abs(before - 0.120), abs(after - 0.900), abs(reported - 0.9), abs(again - 0.9))
    return float(error), float(after - before - (again - reported))


@claim(
    "num-net-overflow",
    says="In float32 the exponential overflows from 88.72 on.",
    against="scores within ±90 are safe",
    tolerance=5e-3,
)
def test_overflow():
    low, high = np.float32(0), np.float32(1000)
    with np.errstate(over="ignore"):
        while (middle := np.float32((low + high) / 2)) not in (low, high):
            low, high = (middle, high) if np.isfinite(np.exp(middle)) else (low, middle)
        assert np.isinf(np.exp(np.full(2, 88.1, np.float32)).sum())
    return abs(float(low) - 88.72), abs(float(low) - 90)


@claim(
    "eq-net-lse",
    says=r"Shifted by the maximum, log-sum-exp is exact for scores of any size, and lies in $[m, m+\ln C]$.",
    against=r"it lies in $[m, m+\tfrac12\ln C]$",
    tolerance=1e-14,
)
def test_log_sum_exp():
    error = wrong = 0.0
    for z in [*scores(), np.full(7, 3.0), np.full(2, -800.0)]:
        exact, m = float(log_sum_exp(z)), z.max()
        measured = cross_entropy(z[None], np.array([0]))[0] + z[0]
        error = max(
            error, abs(measured - exact) / (1 + abs(z).max()), m - exact, exact - m - math.log(len(z))
        )
        wrong = max(wrong, exact - m - math.log(len(z)) / 2)
    return float(error), float(wrong)


@claim(
    "eq-net-ce",
    says=r"$-\ln p_y=\operatorname{lse}(z)-z_y$, from scores, to the rounding of the largest of the C losses.",
    against=r"$-\ln p_y=\max z-z_y$",
    tolerance=1e-14,
)
def test_cross_entropy():
    error, wrong = 0.0, np.inf
    for z in scores():
        exact = np.array([float(log_sum_exp(z) - Decimal(float(x))) for x in z])
        measured = [cross_entropy(z[None], np.array([c]))[0] for c in range(len(z))]
        error = max(error, relative(measured, exact))
        if abs(z).max() < 5:
            wrong = min(wrong, relative(z.max() - z, exact))
    return error, wrong


@claim(
    "num-net-clip",
    says="Clipping probabilities at 1e-10 caps the loss at 23.03, with slope zero; from scores the slope is -1.",
    against="a clip at 1e-10 leaves a loss of 30 as it is",
    tolerance=5e-3,
)
def test_clip():
    def clipped(ahead):
        p = 1 / (1 + math.exp(ahead))
        return -math.log(max(p, 1e-10))

    error = 0.0
    for ahead in (30.0, 100.0, 700.0):
        slope = (clipped(ahead + 1e-3) - clipped(ahead - 1e-3)) / 2e-3
        loss, dz = cross_entropy(np.array([[0.0, ahead]]), np.array([0]))
        error = max(
            error, abs(clipped(ahead) - 23.03), abs(slope), abs(dz[0, 0] + 1), abs(loss - ahead) / ahead
        )
    return float(error), abs(30 - clipped(30.0))


@claim(
    "num-net-nan",
    says="For a certain and right prediction the sum of y ln p is NaN; from scores the loss is 0.",
    against="in floating point 0 ln 0 is 0, as the limit is",
    tolerance=0,
)
def test_nan():
    z = np.array([[800.0, 0.0]])
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = -np.sum(np.array([1.0, 0.0]) * np.log(softmax(z)[0]))
    error = float(not np.isnan(cost)) + abs(float(cross_entropy(z, np.array([0]))[0]))
    return error, float(math.isnan(0.0 * -math.inf))


# Slope and curvature


@claim(
    "thm-net-slope",
    says=r"The gradient is $p-y$, the Hessian $\operatorname{diag}(p)-pp^\top$, with eigenvalues in $[0,\tfrac12]$ and $H\mathbf 1=0$.",
    against=r"the Hessian is $\operatorname{diag}(p(1-p))$",
    tolerance=1e-13,
)
def test_slope():
    rng, error, wrong = np.random.default_rng(3), 0.0, np.inf
    for _ in range(30):
        z = 2 * rng.standard_normal(rng.integers(2, 11))
        y = rng.integers(len(z))
        steps = z + 1e-30j * np.eye(len(z))  # a complex step along every score
        slope = (np.log(np.exp(steps).sum(axis=1)) - steps[:, y]).imag / 1e-30
        second = (np.exp(steps) / np.exp(steps).sum(axis=1, keepdims=True)).imag / 1e-30
        p = softmax(z)
        H = np.diag(p) - np.outer(p, p)
        eigenvalues = np.linalg.eigvalsh(H)
        error = max(
            error,
            float(np.max(np.abs(cross_entropy(z[None], np.array([y]))[1][0] - slope))),
            relative(H, second),
            -eigenvalues[0],
            eigenvalues[-1] - 0.5,
            float(np.max(np.abs(H.sum(axis=1)))),
        )
        wrong = min(wrong, relative(np.diag(p * (1 - p)), second))
    return float(error), wrong


@claim(
    "num-net-start",
    says="The loss of a network that does not know is ln 10 = 2.303; of network B at He's start 2.42 to 2.59.",
    against="at He's start the loss is ln 10",
    tolerance=5.1e-3,
)
def test_start():
    data, net = digits(), FCN((64, 300, 100, 10))
    zero = net.loss(np.zeros(net.size), data.X_train, data.y_train)
    he = [net.loss(net.init(np.random.default_rng(s)), data.X_train, data.y_train) for s in range(3)]
    error = max(abs(zero - 2.303), abs(min(he) - 2.42), abs(max(he) - 2.59))
    return float(error), float(min(he) - zero)


# Backpropagation


def plain_loss(w, sizes, X, y):
    """The loss of one network, written out for a complex w."""
    end, h = 0, X.astype(w.dtype)
    for layer, (rows, columns) in enumerate(pairwise(sizes)):
        W, end = w[end : end + rows * columns].reshape(rows, columns), end + rows * columns
        a, end = h @ W + w[end : end + columns], end + columns
        h = a if layer == len(sizes) - 2 else np.where(a.real > 0, a, 0)
    return np.mean(np.log(np.exp(h).sum(axis=1)) - h[np.arange(len(y)), y])


def backpropagated(net, w, X, y):
    """The four lines of the theorem through the functions of `lib.net`, layer by layer."""
    layers = net.unpack(w)
    H, Z = [X], []
    for W, b in zip(layers[::2], layers[1::2], strict=True):
        Z.append(affine(H[-1], W, b))
        H.append(relu(Z[-1]))
    d, parts = cross_entropy(Z[-1], y)[1], []
    for i in range(len(Z) - 1, -1, -1):
        dH, dW, db = affine_backward(d, H[i], layers[2 * i])
        parts = [dW.ravel(), db, *parts]
        if i:
            d = relu_backward(dH, Z[i - 1])
    return parts


@claim(
    "thm-net-backprop",
    says=r"$dW=H^\top dZ$, $db=dZ^\top\mathbf 1$, $dH=dZ\,W^\top$ and the mask of ReLU give the gradient.",
    against="the gradient by a bias is the mean over the examples, not the sum",
    tolerance=1e-12,
)
def test_backprop():
    rng, error, wrong = np.random.default_rng(4), 0.0, np.inf
    for sizes in ((3, 4), (4, 6, 3), (5, 7, 6, 4), (3, 8, 7, 6, 5, 4)):
        net, X, y = FCN(sizes), rng.standard_normal((9, sizes[0])), rng.integers(0, sizes[-1], 9)
        w = net.init(rng) + 0.1 * rng.standard_normal(net.size)
        exact = np.array([plain_loss(w + 1e-30j * e, sizes, X, y).imag / 1e-30 for e in np.eye(net.size)])
        parts = backpropagated(net, w, X, y)
        error = max(error, relative(np.concatenate(parts), exact), relative(net.loss_grad(w, X, y)[1], exact))
        meant = [part / 9 if i % 2 else part for i, part in enumerate(parts)]
        wrong = min(wrong, relative(np.concatenate(meant), exact))
    return error, wrong


# Gradient checks


def check(dtype, h, seed, coordinates=60):
    """Relative errors (forward, centred) on a network of two layers and twenty digits."""
    data, sizes = digits(), (64, 30, 10)
    X, y = data.X_train[:20], data.y_train[:20]
    net, exact = FCN(sizes, activation="tanh", dtype=dtype), FCN(sizes, activation="tanh")
    w = net.init(np.random.default_rng(seed))
    at = np.random.default_rng(seed + 100).choice(net.size, coordinates, replace=False)
    g = exact.loss_grad(w.astype(float), X, y)[1][at]
    E, h = np.eye(net.size, dtype=dtype)[at], dtype(h)
    up, here, down = (net.loss(w + s * h * E, X, y) for s in (dtype(1), dtype(0), dtype(-1)))
    return [np.linalg.norm(D - g) / np.linalg.norm(g) for D in ((up - here) / h, (up - down) / (2 * h))]


@claim(
    "num-net-small",
    says="Of the steps 1e-4, 1e-8 and 1e-12 the first is by far the best and the last the worst.",
    against="the smaller the step, the better the difference",
    tolerance=0,
)
def test_small():
    errors = np.array([[check(np.float64, h, seed)[1] for h in (1e-4, 1e-8, 1e-12)] for seed in range(10)])
    good = np.all(errors[:, 1:] > 10 * errors[:, :-1], axis=1)
    return float(np.mean(~good)), float(np.mean(errors[:, 2] > errors[:, 0]))


@claim(
    "num-net-single",
    says="In float32 the best centred difference has three digits; with h = 1e-5 it is off by more than 10 %.",
    against="in float32 a check with h = 1e-5 passes at 1 %",
    tolerance=0,
)
def test_single():
    hs = 10.0 ** np.arange(-3, 0, 0.5)
    best = np.array([min(check(np.float32, h, seed)[1] for h in hs) for seed in range(6)])
    usual = np.array([check(np.float32, 1e-5, seed)[1] for seed in range(6)])
    failed = (best > 1e-3) | (best < 1e-5) | (usual < 0.1)
    return float(np.mean(failed)), float(np.mean(usual > 0.01))


def reciprocals(count=12, seed=5):
    """Points x with few digits, so that x + h and x - h are exact for h = 2**-k."""
    rng = np.random.default_rng(seed)
    return [round(float(x) * 2**16) / 2**16 for x in rng.uniform(0.7, 1.4, count)]


def rounding(*points):
    """How far 1/x, as computed, is from 1/x at some points."""
    return float(max(abs(Fraction(1 / x) - 1 / Fraction(x)) for x in points))


def bounded(difference, points, derivative, bound, weaker):
    """Largest relative violations, over many steps, of a bound on the error and of a sharper one."""
    error = wrong = 0.0
    for x in reciprocals():
        for k in range(6, 34):
            h = 2.0**-k
            delta = rounding(*points(x, h))
            off = float(abs(Fraction(difference(x, h)) + 1 / Fraction(x) ** 2))
            M = derivative(x, h)
            error = max(error, off / bound(h, delta, M) - 1)
            wrong = max(wrong, off / weaker(h, delta, M) - 1)
    return error, wrong


def not_least(bound, h, value):
    """How far a bound is from `value` at h, or from being least there, for some rounding and curvature."""
    worst = 0.0
    for delta, M in ((1e-16, 1.0), (3e-12, 0.2), (1e-8, 50.0)):
        at, stated = h(delta, M), value(delta, M)
        beside = min(bound(at * 1.001, delta, M), bound(at / 1.001, delta, M))
        worst = max(worst, abs(bound(at, delta, M) / stated - 1), stated / beside - 1)
    return worst


@claim(
    "eq-net-forward",
    says=r"A forward difference is off by at most $M_2h/2+2\delta/h$, least at $h=2\sqrt{\delta/M_2}$: $2\sqrt{\delta M_2}$.",
    against=r"it is off by at most $M_2h/4+2\delta/h$",
    tolerance=1e-12,
)
def test_forward():
    def bound(h, delta, M):
        return M * h / 2 + 2 * delta / h

    error, wrong = bounded(
        lambda x, h: (1 / (x + h) - 1 / x) / h,
        lambda x, h: (x, x + h),
        lambda x, h: 2 / x**3,  # f'' falls: its largest value is at x
        bound,
        lambda h, delta, M: M * h / 4 + 2 * delta / h,
    )
    best = not_least(bound, lambda d, M: 2 * math.sqrt(d / M), lambda d, M: 2 * math.sqrt(d * M))
    error = max(error, best)
    return error, wrong


@claim(
    "eq-net-centred",
    says=r"A centred difference is off by at most $M_3h^2/6+\delta/h$, least at $h=\sqrt[3]{3\delta/M_3}$: $\tfrac12\sqrt[3]{9\delta^2M_3}$.",
    against=r"it is off by at most $M_3h^2/12+\delta/h$",
    tolerance=1e-12,
)
def test_centred():
    def bound(h, delta, M):
        return M * h**2 / 6 + delta / h

    error, wrong = bounded(
        lambda x, h: (1 / (x + h) - 1 / (x - h)) / (2 * h),
        lambda x, h: (x - h, x + h),
        lambda x, h: 6 / (x - h) ** 4,
        bound,
        lambda h, delta, M: M * h**2 / 12 + delta / h,
    )
    best = not_least(bound, lambda d, M: np.cbrt(3 * d / M), lambda d, M: np.cbrt(9 * d**2 * M) / 2)
    error = max(error, best)
    return float(error), wrong


@claim(
    "num-net-best",
    says="For derivatives near one: forward h near 1e-8 with 8 digits, centred h a few 1e-6 with 10 to 11 digits.",
    against="the best step is the spacing of the numbers, 1e-16",
    tolerance=0.5,
)
def test_best():
    # In decades: the median best step, and the median error near it. + - * / of Python floats are the
    # same on every machine, so these are fixed numbers.
    hs, found = [2.0**-k for k in np.arange(8, 40)], []
    for x in reciprocals(400):
        slope = -1 / Fraction(x) ** 2
        forward = [abs(Fraction((1 / (x + h) - 1 / x) / h) / slope - 1) for h in hs]
        centred = [abs(Fraction((1 / (x + h) - 1 / (x - h)) / (2 * h)) / slope - 1) for h in hs]
        found.append(
            [
                hs[np.argmin(forward)],
                np.median(forward[16:20]),
                hs[np.argmin(centred)],
                np.median(centred[9:12]),
            ]
        )
    middle = np.median(np.log10(np.array(found, float)), axis=0)
    error = np.max(np.abs(middle - [-8, -8, math.log10(5e-6), -10.5]))
    return float(error), float(np.min(np.abs(middle[::2] + 16)))


@claim(
    "eq-net-kink",
    says=r"If $|a|\le h$, the centred difference of ReLU is $\tfrac12(1+a/h)$.",
    against="it is ½ on the kink and near it",
    tolerance=1e-12,
)
def test_kink():
    rng = np.random.default_rng(6)
    h = 10.0 ** rng.uniform(-8, 0, 200)
    a = h * rng.uniform(-1, 1, 200)
    D = (relu(a + h) - relu(a - h)) / (2 * h)
    return relative(D, (1 + a / h) / 2), float(np.max(np.abs(D - 0.5)))


@claim(
    "eq-net-complex",
    says=r"$\operatorname{Im}f(w+ihv)/h$ is the slope along v, to all digits with h = 1e-20.",
    against="a real step of 1e-20 does as well",
    tolerance=1e-12,
)
def test_complex():
    rng, error, wrong = np.random.default_rng(7), 0.0, np.inf
    for activation in ("relu", "tanh"):
        for sizes in ((5, 4), (6, 20, 3), (4, 9, 8, 7, 3)):
            net, X, y = (
                FCN(sizes, activation=activation),
                rng.standard_normal((12, sizes[0])),
                rng.integers(0, 3, 12),
            )
            w = net.init(rng)
            v = rng.standard_normal(net.size)
            slope = net.loss_grad(w, X, y)[1] @ v
            error = max(error, abs(net.loss(w + 1e-20j * v, X, y).imag / 1e-20 / slope - 1))
            real = (net.loss(w + 1e-20 * v, X, y) - net.loss(w, X, y)) / 1e-20
            wrong = min(wrong, abs(real / slope - 1))
    return float(error), float(wrong)


# The rounding trap


def counted(p, y):
    """Share of entries that agree after rounding, one entry after the other."""
    equal = [(p[n, c] > 0.5) == (y[n] == c) for n in range(len(y)) for c in range(p.shape[1])]
    return sum(equal) / len(equal)


@claim(
    "thm-net-rounding",
    says=r"Rounded entries report $1-((1-q)+2q(1-A_q))/C$.",
    against=r"they report $1-(1-A)/C$, with A the accuracy",
    tolerance=1e-12,
)
def test_rounding():
    rng, error, wrong = np.random.default_rng(8), 0.0, np.inf
    for classes in (2, 3, 5, 10, 40):
        for sharp in (0.3, 2.0, 40.0):  # never sure, sometimes, nearly always
            z = sharp * rng.standard_normal((300, classes))
            y = np.where(rng.random(300) < 0.4, z.argmax(axis=1), rng.integers(0, classes, 300))
            p = softmax(z)
            sure = p.max(axis=1) > 0.5
            q, A = sure.mean(), accuracy(p[sure], y[sure]) if sure.any() else 0.0
            stated, reported = 1 - ((1 - q) + 2 * q * (1 - A)) / classes, counted(p, y)
            error = max(error, abs(stated - reported), abs(rounded_accuracy(p, y) - reported))
            wrong = min(wrong, abs(1 - (1 - accuracy(p, y)) / classes - reported))
    return float(error), float(wrong)


@claim(
    "num-net-trap",
    says="Ten classes: never sure .9; sure with A = .85 .97, with .5 .9, always wrong .8.",
    against="a better accuracy is reported as a higher one: A = .5 as .4 above a guess",
    tolerance=1e-12,
)
def test_trap():
    y = np.arange(1000) % 10

    def sure(A):
        said = np.where(np.arange(1000) < 1000 * A, y, (y + 1) % 10)
        return counted(np.eye(10)[said], y)

    reported = [counted(np.full((1000, 10), 0.1), y), sure(0.85), sure(0.5), sure(0.0)]
    error = np.max(np.abs(np.subtract(reported, (0.9, 0.97, 0.9, 0.8))))
    return float(error), float(0.4 - (reported[2] - reported[0]))
