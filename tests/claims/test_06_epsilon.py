"""Claims of chapter 06, second page: epsilon, the first step, the two-cycle.

Oracles: Python's Decimal, neighbouring floats of each dtype, eigenvalues of a numerical Jacobian,
and loops that share no code with the rules. The training runs are the library's.
"""

from decimal import Decimal, getcontext
from functools import cache

import numpy as np
from claims import claim

from lib import notes, problems, theory
from lib.data import digits
from lib.loop import descend, trace, train
from lib.net import FCN
from lib.rules import START, State, adam, rmsprop, sgd


def relative(measured, stated):
    """The largest relative deviation, entry by entry."""
    return float(np.max(np.abs(np.asarray(measured) / np.asarray(stated) - 1)))


def settled(g, eps, inside):
    """Step over lr of the rule after 60 steps with a constant gradient, beta = 1/2."""
    w, s = np.zeros_like(g), START
    for _ in range(60):
        before = w
        w, s = rmsprop(w, g, s, lr=1.0, beta=0.5, eps=eps, eps_inside=inside)
    return before - w


@cache
def digits_run(name):
    """Mean final loss, and losses of the first steps, of three seeds."""
    net = FCN((64, 100, 10))
    rule, epochs, hyper = {
        "outside": (rmsprop, 10, {"lr": 0.001}),
        "inside": (rmsprop, 10, {"lr": 0.001, "eps_inside": True}),
        # dividing by 1e-4 g is multiplying eps: the same run without touching the loss
        "outside, small": (rmsprop, 10, {"lr": 0.001, "eps": 1e-4}),
        "inside, small": (rmsprop, 10, {"lr": 0.001, "eps": 1.0, "eps_inside": True}),
        "1e-12": (rmsprop, 10, {"lr": 0.001, "eps": 1e-12}),
        "1e-2": (rmsprop, 10, {"lr": 0.001, "eps": 1e-2}),
        "first": (rmsprop, 3, {"lr": 0.01}),
        "corrected": (adam, 3, {"lr": 0.01, "beta1": 0.0, "beta2": 0.99}),
    }[name]
    run = train(net, digits(), rule, epochs=epochs, batch_size=50, seed=(0, 1, 2), **hyper)
    return run.train_loss[-1].mean(), run.loss[:4].mean(axis=1)


# Inside or outside


@claim(
    "num-eps-bracket",
    says="Final losses .160 and .162 (outside, inside); with .0001 times the loss .165 and 2.26.",
    against="RMSProp does not see the scale of the loss: inside, too, the loss stays",
    tolerance=6e-4,
)
def test_bracket():
    found = [digits_run(name)[0] for name in ("outside", "inside", "outside, small", "inside, small")]
    error = np.max(np.abs(np.subtract(found, (0.160, 0.162, 0.165, 2.26))))
    return float(error), float(found[3] - found[1])


@claim(
    "eq-eps-gain",
    says=r"For a constant gradient the step over $\eta$ tends to $|g|/(|g|+\varepsilon)$, inside $|g|/\sqrt{g^2+\varepsilon}$.",
    against=r"inside it is $|g|/(|g|+\sqrt\varepsilon)$",
    tolerance=1e-12,
)
def test_gain():
    g, error, wrong = np.logspace(-11, 0, 23), 0, np.inf
    getcontext().prec = 40
    for eps in (1e-8, 1e-4, 1e-10):
        e, d = Decimal(eps), [Decimal(x) for x in g]
        for inside, exact in (
            (False, [float(x / (x + e)) for x in d]),
            (True, [float(x / (x * x + e).sqrt()) for x in d]),
        ):
            error = max(error, relative(settled(g, eps, inside), exact))
            error = max(error, relative(theory.epsilon_gain(g, eps, inside=inside), exact))
        wrong = min(wrong, np.max(np.abs(g / (g + np.sqrt(eps)) / np.array(exact) - 1)))
    return error, float(wrong)


@claim(
    "eq-eps-caps",
    says=r"Step over gradient is at most $\eta/\varepsilon=10^8\eta$ outside and $\eta/\sqrt\varepsilon=10^4\eta$ inside.",
    against=r"inside the cap is $\eta/\varepsilon$, too",
    tolerance=1e-6,
)
def test_caps():
    g = np.logspace(-16, 2, 37)
    caps = [np.max(settled(g, 1e-8, inside) / g) for inside in (False, True)]
    # The notes' program has the second cap
    w, config = np.zeros(1), {"learning_rate": 1.0, "decay_rate": 0.5}
    for _ in range(60):
        before = w
        w, config = notes.rmsprop(w, np.array([1e-16]), config)
    error = max(relative(caps, (1e8, 1e4)), abs((before - w)[0] / 1e-16 / 1e4 - 1))
    return float(error), abs(1e8 / caps[1] - 1)


@claim(
    "num-eps-half",
    says=r"Half length at $|g|=\varepsilon=10^{-8}$ outside, $|g|=\sqrt{\varepsilon/3}=5.8\cdot10^{-5}$ inside.",
    against=r"inside, half length is at $|g|=\sqrt\varepsilon=10^{-4}$",
    tolerance=6e-3,
)
def test_half():
    steps = [settled(np.array([g]), 1e-8, inside)[0] for g, inside in ((1e-8, False), (5.8e-5, True))]
    return relative(steps, (0.5, 0.5)), float(abs(settled(np.array([1e-4]), 1e-8, True)[0] / 0.5 - 1))


@claim(
    "num-eps-decades",
    says=r"Over eleven decades inside and outside differ by over 1 % in 71 %, below $7\cdot10^{-4}$; at $|g|=1$ by $5\cdot10^{-9}$.",
    against="a test with gradients around 1 tells them apart: they differ by over 1 % there",
    tolerance=5e-3,
)
def test_decades():
    g = np.logspace(-11, 0, 2201)
    ratio = settled(g, 1e-8, False) / settled(g, 1e-8, True)
    apart = np.abs(ratio - 1) > 0.01
    assert np.all(np.diff(apart.astype(int)) <= 0), "the gradients told apart are the small ones"
    border, at_one = g[apart][-1], abs(ratio[-1] - 1)
    error = max(abs(apart.mean() - 0.71), abs(border / 7e-4 - 1) / 2, abs(at_one / 5e-9 - 1))
    return float(error), float(0.01 / at_one)


@claim(
    "eq-eps-sgd",
    says=r"With $\eta=\varepsilon\eta'$ the step is $\eta'g/(1+\sqrt v/\varepsilon)$, and for $\varepsilon\to\infty$ SGD's.",
    against=r"with $\eta=\sqrt\varepsilon\,\eta'$, as inside, it tends to SGD's",
    tolerance=1e-6,
)
def test_sgd():
    rng, error, wrong = np.random.default_rng(0), 0, np.inf
    A = rng.standard_normal((5, 5))
    f = problems.Quadratic(A @ A.T + np.eye(5), rng.standard_normal(5))
    plain = trace(descend(f.loss_grad, np.ones(5), sgd, lr=0.02), 80).w
    for eps, inside in ((1e8, False), (1e16, True)):
        root = eps if not inside else eps**0.5
        run = trace(descend(f.loss_grad, np.ones(5), rmsprop, lr=0.02 * root, eps=eps, eps_inside=inside), 80)
        error = max(error, np.max(np.abs(run.w - plain)))
    for eps in (0.3, 1e8):  # the formula at a finite epsilon, from v by hand
        w, s, v = np.ones(5), START, np.zeros(5)
        for g in rng.standard_normal((20, 5)):
            before, v = w, 0.99 * v + 0.01 * g**2
            w, s = rmsprop(w, g, s, lr=0.02 * eps, eps=eps)
            error = max(error, np.max(np.abs(before - 0.02 * g / (1 + np.sqrt(v) / eps) - w)))
        short = trace(descend(f.loss_grad, np.ones(5), rmsprop, lr=0.02 * eps**0.5, eps=eps), 80).w
        wrong = min(wrong, np.max(np.abs(short - plain)))
    return float(error), float(wrong)


@claim(
    "num-eps-flat",
    says=r"On the digits $\varepsilon=10^{-12}$, $10^{-8}$, $10^{-4}$ end at .160, .160, .165.",
    against=r"$10^{-2}$ ends there, too",
    tolerance=6e-4,
)
def test_flat():
    found = [digits_run(name)[0] for name in ("1e-12", "outside", "outside, small")]
    error = np.max(np.abs(np.subtract(found, (0.160, 0.160, 0.165))))
    return float(error), float(digits_run("1e-2")[0] - 0.165)


@claim(
    "num-eps-roots",
    says="After 300 steps on the digits the median root of v is 2.5e-3, and a tenth of the weights has v = 0.",
    against="the median is near 1e-4, the corner of 1e-8 inside the root",
    tolerance=0.06,
)
def test_roots():
    data, net = digits(), FCN((64, 100, 10))
    w, rng, v = net.init(np.random.default_rng(0)), np.random.default_rng(1), 0.0
    for _ in range(300):
        i = rng.choice(len(data.y_train), 50, replace=False)
        g = net.loss_grad(w, data.X_train[i], data.y_train[i])[1]
        v = 0.99 * v + 0.01 * g**2
        w = w - 0.001 * g / (np.sqrt(v) + 1e-8)
    middle, none = np.median(np.sqrt(v)), np.mean(v == 0)
    return float(max(abs(middle / 2.5e-3 - 1), abs(none / 0.1 - 1))), float(middle / 1e-4 - 1)


# Floating point


def smallest(dtype, true):
    """The smallest positive float of a dtype for which `true`, by bisection over its bit patterns."""
    bits = {2: np.uint16, 4: np.uint32, 8: np.uint64}[np.dtype(dtype).itemsize]
    low, high = 0, int(np.asarray(np.inf, dtype).view(bits))
    with np.errstate(all="ignore"):
        while high - low > 1:
            middle = (low + high) // 2
            at = np.asarray(middle, bits).view(dtype)
            low, high = (low, middle) if true(at) else (middle, high)
        return float(np.asarray(high, bits).view(dtype))


@claim(
    "num-eps-dtypes",
    says="The table: what 1e-8 becomes, where it is lost, where squares vanish and overflow, for three dtypes.",
    against="1e-8 is no zero in float16 and is lost beside 1 only, not beside .25, in float32",
    tolerance=3.5e-2,
)
def test_dtypes():
    table = {
        np.float16: (0.0, 5.96e-8, 1.7e-4, 256),
        np.float32: (1e-8, 0.25, 2.6e-23, 1.8e19),
        np.float64: (1e-8, 1.3e8, 1.6e-162, 1.3e154),
    }
    error = 0
    for dtype, (value, lost, vanish, overflow) in table.items():
        eps = dtype(1e-8)
        assert abs(float(eps) - value) < 1e-15
        found = (
            smallest(dtype, lambda x: x + eps == x),  # noqa: B023
            smallest(dtype, lambda x: x * x > 0),
            smallest(dtype, lambda x: np.isinf(x * x)),
        )
        error = max(error, relative(found, (lost, vanish, overflow)))
    with np.errstate(all="ignore"):
        w, s = rmsprop(np.zeros(2, np.float16), np.array([0, 1e-3], np.float16), lr=0.01)
        assert np.isnan(w[0]) and np.isinf(w[1]) and np.all(s.v == 0)
        w = rmsprop(np.zeros(2, np.float16), np.array([0, 1e-3], np.float16), lr=0.01, eps=1e-4)[0]
        assert np.all(np.isfinite(w)), "1e-4 works in float16"
        assert abs(float(np.float16(1e-7)) / 1.2e-7 - 1) < 0.01
    assert np.nextafter(np.float32(0.25), np.float32(0)) + np.float32(1e-8) == np.float32(0.25)
    return error, abs(smallest(np.float32, lambda x: x + np.float32(1e-8) == x) / 1.0 - 1)


@claim(
    "num-eps-defaults",
    says="With its defaults PyTorch's RMSProp amplifies tiny gradients 300 000 times more than Keras's.",
    against="ten times more, as its default learning rate is ten times Keras's",
    tolerance=0.06,
)
def test_defaults():
    g = np.full(1, 1e-15)
    ratio = 0.01 * settled(g, 1e-8, False) / (0.001 * settled(g, 1e-7, True))
    return abs(ratio[0] / 3e5 - 1), abs(ratio[0] / 10 - 1)


# Centred, and the first step


def constant(beta, n, g=1.0, centered=False):
    """The lengths over lr of the first n steps under a constant gradient."""
    w, s, path = np.zeros(1), START, [0.0]
    for _ in range(n):
        w, s = rmsprop(w, np.array([g]), s, lr=1.0, beta=beta, eps=0.0, centered=centered)
        path.append(w[0])
    return -np.diff(path)


@claim(
    "eq-eps-centred",
    says=r"Under a constant gradient step t of centred RMSProp is $\eta/\sqrt{\beta^t(1-\beta^t)}$.",
    against=r"it is $\eta/\sqrt{1-\beta^t}$, as without centring",
    tolerance=1e-9,
)
def test_centred():
    error, wrong = 0, np.inf
    for beta, n in ((0.5, 12), (0.9, 60), (0.99, 500)):
        steps, t = constant(beta, n, g=-3.0, centered=True), np.arange(1, n + 1)
        getcontext().prec = 60
        power = [Decimal(beta) ** int(k) for k in t]
        exact = np.array([float(1 / (p * (1 - p)).sqrt()) for p in power])
        error = max(
            error, relative(-steps, exact), relative(theory.rmsprop_step(beta, t, centered=True), exact)
        )
        wrong = min(wrong, np.max(np.abs(theory.rmsprop_step(beta, t) / exact - 1)))
    return error, float(wrong)


@claim(
    "num-eps-centred",
    says=r"Centred, $\beta=.99$: least at t = 69, $2\eta$; $152\eta$ at 1000 and $23\,000\eta$ at 2000.",
    against=r"it tends to $\eta$",
    tolerance=8e-3,
)
def test_centred_numbers():
    steps = constant(0.99, 2000, centered=True)
    assert 1 + steps.argmin() == 69
    error = relative((steps[68], steps[999], steps[1999]), (2, 152, 23_000))
    return error, float(steps[1999] - 1)


@claim(
    "eq-eps-first",
    says=r"Under a constant gradient step t is $\eta/\sqrt{1-\beta^t}$, the first $10\eta$ for $\beta=.99$.",
    against=r"it is $\eta/(1-\beta^t)$",
    tolerance=1e-12,
)
def test_first():
    error, wrong = 0, np.inf
    for beta in (0.5, 0.9, 0.99):
        steps, t = constant(beta, 300, g=0.02), np.arange(1, 301)
        # v_t by its definition: the sum of weights (1 - beta) beta^(t-i)
        weights = np.cumsum((1 - beta) * beta ** np.arange(300.0))
        error = max(
            error, relative(steps, 1 / np.sqrt(weights)), relative(theory.rmsprop_step(beta, t), steps)
        )
        wrong = min(wrong, relative(1 / (1 - beta**t), steps))
    assert abs(constant(0.99, 1)[0] - 10) < 1e-12
    return error, wrong


@claim(
    "num-eps-first",
    says="For β = .99 the step is within 10 % from step 175 on, and 124 steps ahead in the long run.",
    against=r"it is $2\ln2/\ln\frac1\beta=138$ steps ahead, the integral for the sum",
    tolerance=1.5e-3,
)
def test_ahead():
    steps = constant(0.99, 5000)
    ahead = -5000 + steps.sum()
    error = max(abs(ahead / 124 - 1), abs(1 + np.argmax(steps < 1.1) - 175))
    return float(error), abs(2 * np.log(2) / -np.log(0.99) / ahead - 1)


@claim(
    "num-eps-early",
    says="At η = .01 the first step takes the loss from 2.45 to 4.57, corrected to 2.20; after 3 epochs .118 and .129.",
    against="the correction makes no difference to the second loss",
    tolerance=5.1e-4,
)
def test_early():
    (end, first), (end_c, first_c) = digits_run("first"), digits_run("corrected")
    at_start = np.abs(np.subtract((first[0], first[1], first_c[1]), (2.45, 4.57, 2.20)))
    at_end = np.abs(np.subtract((end, end_c), (0.118, 0.129)))
    return float(max(at_start.max() / 10, at_end.max())), float(first[1] - first_c[1]) / 10


# The last step


def lap(x, v, lr, lam, beta):
    """One step of RMSProp on lam x²/2 with eps = 0, by hand."""
    g = lam * x
    v = beta * v + (1 - beta) * g * g
    return x - lr * g / np.sqrt(v), v


@claim(
    "thm-eps-cycle",
    says=r"$x=\pm\eta/2$ repeats itself, and deviations shrink by $\sqrt\beta$ per step for $\frac19<\beta<1$.",
    against=r"deviations shrink by $\beta$ per step",
    tolerance=2e-7,
)
def test_cycle():
    error, wrong = 0, np.inf
    for beta in (0.15, 0.5, 0.9, 0.99):
        for lr, lam in ((0.1, 1.0), (0.01, 300.0)):
            x, v = lr / 2, (lam * lr / 2) ** 2
            w, s = np.array([x]), State(1, v=np.array([v]))
            for t in range(1, 101):
                w, s = rmsprop(w, lam * w, s, lr=lr, beta=beta, eps=0.0)
                error = max(error, abs(w[0] / (x * (-1) ** t) - 1))
            # The Jacobian of a step followed by the reflection x -> -x, in relative coordinates
            J, h = np.zeros((2, 2)), 1e-6
            for column, (a, b) in enumerate(((h, 0), (0, h))):
                up, down = (lap(x * (1 + k * a), v * (1 + k * b), lr, lam, beta) for k in (1, -1))
                J[:, column] = (down[0] - up[0]) / (2 * h * x), (up[1] - down[1]) / (2 * h * v)
            factor = np.abs(np.linalg.eigvals(J)).max()
            error = max(
                error, abs(factor / np.sqrt(beta) - 1), abs(theory.cycle_rate(beta) / np.sqrt(beta) - 1)
            )
            wrong = min(wrong, abs(factor / beta - 1))
    return float(error), float(wrong)


def where_it_ends(lr, lam, eps, inside, beta=0.8):
    """The last two |x| of a run from a generic start."""
    f = problems.Quadratic([lam])
    run = trace(
        descend(f.loss_grad, np.array([1.3 * lr]), rmsprop, lr=lr, eps=eps, eps_inside=inside, beta=beta),
        4000,
    )
    return np.abs(run.w[-2:, 0])


@claim(
    "eq-eps-cycle",
    says=r"It ends at $|x|=\frac\eta2-\frac\varepsilon\lambda$, inside $\sqrt{\eta^2/4-\varepsilon/\lambda^2}$; if not positive, at the minimum.",
    against=r"it ends at $\eta/2$ whatever $\varepsilon$",
    tolerance=1e-12,
)
def test_ends():
    error, wrong = 0, np.inf
    for lr, lam, eps, inside in (
        (0.1, 1.0, 0.01, False),
        (0.1, 5.0, 0.2, False),
        (0.2, 3.0, 0.05, True),
        (0.1, 1.0, 1e-3, True),
        (0.1, 1.0, 0.06, False),  # no cycle
        (0.1, 1.0, 3e-3, True),  # no cycle
    ):
        ends, stated = where_it_ends(lr, lam, eps, inside), theory.rmsprop_cycle(lr, lam, eps, inside=inside)
        by_hand = lr / 2 - eps / lam if not inside else lr**2 / 4 - eps / lam**2
        by_hand = max(by_hand, 0.0) ** (0.5 if inside else 1.0)
        error = max(error, np.max(np.abs(ends - by_hand)) / lr, abs(by_hand - stated) / lr)
        wrong = min(wrong, np.min(np.abs(ends - lr / 2)) / lr)
    return float(error), float(wrong)


@claim(
    "eq-eps-floor",
    says=r"The loss of RMSProp stays at $\frac{\eta^2}8\sum_i\lambda_i$ where coordinates do not mix.",
    against=r"it tends to zero, as gradient descent's does",
    tolerance=2e-6,
)
def test_floor():
    rng, error, wrong = np.random.default_rng(1), 0, np.inf
    for lr, beta in ((0.01, 0.9), (0.05, 0.95)):
        lams = 10.0 ** rng.uniform(0, 3, 4)
        f = problems.Quadratic(lams)
        loss = trace(descend(f.loss_grad, rng.standard_normal(4), rmsprop, lr=lr, beta=beta), 4000).loss[-1]
        error = max(error, abs(lr**2 / 8 * lams.sum() / loss - 1))
        plain = trace(descend(f.loss_grad, np.ones(4), sgd, lr=1 / lams.max()), 4000).loss[-1]
        wrong = min(wrong, abs(plain / (lr**2 / 8 * lams.sum()) - 1))
    assert abs(0.01**2 / 8 * 101 / 0.00126 - 1) < 5e-3
    return float(error), float(wrong)
