"""Claims of the museum's third room: regularisation, data, measurement."""

import numpy as np
from claims import claim

from lib import museum, theory
from lib.data import digits
from lib.loop import descend, trace, train
from lib.net import FCN
from lib.problems import LeastSquares
from lib.rules import sgd

DATA = digits()


def off(measured, stated):
    """The largest relative deviation."""
    measured, stated = np.asarray(measured, float), np.asarray(stated, float)
    return float(np.max(np.abs(measured / stated - 1)))


@claim(
    "num-mus-decay",
    says="With λ = .01 the weights end with norm 8.6 and a validation loss of .22, with twice the decay 7.3 and .34.",
    against="the two look similar: the validation losses agree",
    tolerance=0.02,
)
def test_decay():
    norms, losses = [], []
    for l2 in (0.01, 0.02):
        net = FCN((64, 32, 10), l2=l2)
        run = train(net, DATA, sgd, lr=0.1, epochs=30, batch_size=32, seed=0)
        norms.append(np.sqrt(sum(np.sum(W**2) for W in net.unpack(run.w)[::2])))
        losses.append(run.val_loss[-1])
    return off([*norms, *losses], [8.6, 7.3, 0.22, 0.34]), off(*losses)


def fit(make, size, lr, seed, steps=2000):
    """Validation loss of 64 hidden units behind a dropout layer; backpropagation by hand."""
    net, rng, layer = FCN((64, 64, 10)), np.random.default_rng(seed), make(0.5, seed)
    w = net.init(rng)
    W1, b1, W2, b2 = net.unpack(w)
    for _ in range(steps):
        i = rng.integers(0, len(DATA.y_train), size)
        X, onehot = DATA.X_train[i], np.eye(10)[DATA.y_train[i]]
        a = X @ W1 + b1
        mask = layer(np.ones_like(a))
        h = np.maximum(a, 0) * mask
        z = h @ W2 + b2
        p = np.exp(z - z.max(axis=1, keepdims=True))
        dz = (p / p.sum(axis=1, keepdims=True) - onehot) / size
        da = dz @ W2.T * mask * (a > 0)
        for part, gradient in ((W2, h.T @ dz), (b2, dz.sum(axis=0)), (W1, X.T @ da), (b1, da.sum(axis=0))):
            part -= lr * gradient
    return net.loss(w, DATA.X_val, DATA.y_val)


@claim(
    "num-mus-mask",
    says="With batches of one the mean validation loss of three seeds is .43 with one mask and .29 with fresh ones; with batches of 32 one mask does no harm (within .01).",
    against="one mask does no harm with batches of one either",
    tolerance=0.01,
)
def test_mask():
    means = {
        (size, make): np.mean([fit(make, size, lr, seed) for seed in range(3)])
        for size, lr in ((1, 0.02), (32, 0.2))
        for make in (museum.FROZEN_MASK.right, museum.FROZEN_MASK.wrong)
    }
    fresh, frozen, fresh32, frozen32 = means.values()
    assert frozen32 - fresh32 < 0.01
    return float(max(abs(frozen - 0.43), abs(fresh - 0.29))), float(frozen - fresh)


@claim(
    "num-mus-norm",
    says="420 numbers uniform within ±1/√20 have a mean square sum of 7 and a mean norm of 2.6.",
    against="the printed 7.3 is their norm",
    tolerance=0.02,
)
def test_norm():
    w = np.random.default_rng(0).uniform(-1, 1, (4000, 420)) / np.sqrt(20)
    norms = np.array([museum.SQUARED_NORM.right(row) for row in w])
    squares = np.array([museum.SQUARED_NORM.wrong(row) for row in w])
    exact = 420 * (1 / 20) / 3
    assert off(exact, 7) < 1e-12
    return off([squares.mean(), norms.mean()], [exact, 2.64]), off(norms.mean(), 7.328)


@claim(
    "num-mus-sets",
    says="30 images give a mean validation accuracy of .73, 100 images .90; L2 with λ = .03 changes neither by as much as .01.",
    against="the difference between the runs as printed is due to the penalty",
    tolerance=0.01,
)
def test_sets():
    means = {}
    for n in (30, 100):
        for l2 in (0.0, 0.03):
            ends = []
            for seed in range(3):
                i = np.random.default_rng(seed).permutation(len(DATA.y_train))[:n]
                part = DATA._replace(X_train=DATA.X_train[i], y_train=DATA.y_train[i])
                run = train(FCN((64, 100, 10), l2=l2), part, sgd, lr=0.2, epochs=200, batch_size=n, seed=seed)
                ends.append(run.val_accuracy[-1])
            means[n, l2] = np.mean(ends)
    penalty = max(abs(means[n, 0.03] - means[n, 0.0]) for n in (30, 100))
    stated = max(abs(means[30, 0.0] - 0.73), abs(means[100, 0.0] - 0.90))
    printed = means[100, 0.03] - means[30, 0.0]
    return float(max(penalty, stated)), float(printed)


@claim(
    "num-mus-echo",
    says="With one seed for both, slope 2 and noise .5 are estimated as slope 2.5 without residual, for any number of points.",
    against="the estimate tends to 2",
    tolerance=1e-12,
)
def test_echo():
    error = 0.0
    for n in (10, 1000, 10**5):
        x, y = museum.ECHO_NOISE.wrong(n, 2.0, 0.5, 3)
        slope = np.linalg.lstsq(x[:, None], y, rcond=None)[0][0]
        error = max(error, abs(slope - 2.5), np.abs(y - slope * x).max())
        right = museum.ECHO_NOISE.right(n, 2.0, 0.5, 3)
        estimate = np.linalg.lstsq(right[0][:, None], right[1], rcond=None)[0][0]
        assert abs(estimate - 2) < 4 * 0.5 / np.sqrt(n)
    return float(error), float(abs(slope - 2.0))


@claim(
    "num-mus-softmax",
    says="exp overflows float32 from 88.73 on, and a score of 89 becomes NaN in a softmax that shifts beyond 90 only; float64 overflows near 709.8, 620 later.",
    against="scores within [−90, 90] are safe",
    tolerance=0.01,
)
def test_softmax():
    grid = np.arange(88.0, 91.0, 0.005, dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        first = float(grid[np.argmax(np.isinf(np.exp(grid)))])
        shy = museum.SHY_SOFTMAX.wrong(np.array([89.0, 0.0], np.float32))
    assert np.isnan(shy[0]) and np.isfinite(np.exp(709.7)) and 620 < 709.78 - 88.73 < 622
    assert np.allclose(museum.SHY_SOFTMAX.right(np.array([89.0, 0.0], np.float32)), [1, 0])
    return abs(first - 88.73), abs(first - 90)


@claim(
    "num-mus-wide",
    says="As least squares the meant points have κ = 13.7 and the best rate .864, the drawn ones 20.7 and .908: 1.5 times the steps.",
    against="the slip changes no rate",
    tolerance=0.01,
)
def test_wide():
    kappas, rates = [], []
    for draw in (museum.WIDE_POINTS.right, museum.WIDE_POINTS.wrong):
        X = draw(500, [-3, 0], [3, 1], 0)
        lams = np.linalg.eigvalsh(2 * X.T @ X)
        kappas.append(lams[1] / lams[0])
        rates.append(max(abs(1 - 2 / lams.sum() * lams)))
    steps = np.log(rates[0]) / np.log(rates[1])
    error = off([*kappas, *rates, steps], [13.7, 20.7, 0.864, 0.908, 1.51])
    return error, off(kappas[1], kappas[0])


@claim(
    "num-mus-own-end",
    says="After 40 steps the log gap to the last loss is .03 below the log gap to the minimum at step 20, and 1.79 at step 39.",
    against="the two curves agree",
    tolerance=0.05,
)
def test_own_end():
    X = museum.WIDE_POINTS.wrong(500, [-3, 0], [3, 1], 0)
    y = (X[:, 1] > 0).astype(float)
    problem = LeastSquares(X, y)
    best = np.linalg.lstsq(X, y, rcond=None)[1][0]
    lr = 0.9 * theory.max_lr(problem.eigenvalues)
    losses = trace(descend(problem.loss_grad, np.zeros(2), sgd, lr=lr), 40).loss
    with np.errstate(divide="ignore"):
        low = np.log(losses - best) - museum.OWN_END.wrong(losses, best)
    assert low[-1] == np.inf
    return off([low[20], low[39]], [0.0265, 1.79]), float(low[39])


@claim(
    "num-mus-tiny",
    says="With h = 1e-12 the derivative of w²/2 comes out as 99.13 at 100, 14901 at 1e4 and 0 at 2e4.",
    against="it is right to one per cent wherever w is",
    tolerance=0.001,
)
def test_tiny():
    def f(w):
        return w * w / 2

    points = (100.0, 1e4, 2e4)
    tiny = [museum.TINY_STEP.wrong(f, w) for w in points]
    assert 2e4 + 1e-12 == 2e4 and tiny[2] == 0
    assert off([museum.TINY_STEP.right(f, w) for w in points], points) < 1e-9
    return off(tiny[:2], [99.13, 14901]), off(tiny[1], 1e4)
