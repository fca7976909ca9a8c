"""Claims of the errata page: corrections of the notes that no chapter states.

Each measures the corrected statement, and beside it what the notes say.
"""

import ast
import inspect

import numpy as np
from claims import claim

from lib import averages, problems, rules
from lib.contract import START
from lib.data import digits
from lib.loop import batches, descend, trace, train
from lib.net import FCN, dropout_mask, softmax
from lib.rules import sgd


def off(measured, stated):
    """The largest relative deviation."""
    measured, stated = np.asarray(measured, float), np.asarray(stated, float)
    return float(np.max(np.abs(measured / stated - 1)))


def steps(rule, grads, **hyper):
    """The steps a rule takes under given gradients, in learning rates, (T,)."""
    w, s, taken = np.zeros(1), START, []
    for g in grads:
        new, s = rule(w, np.array([float(g)]), s, lr=1.0, **hyper)
        taken.append((w - new)[0])
        w = new
    return np.array(taken)


def uncorrected(beta1, beta2, t):
    """Adam without correction under a constant gradient, by two loops over numbers."""
    m = v = 0.0
    for _ in range(t):
        m, v = beta1 * m + 1 - beta1, beta2 * v + 1 - beta2
    return m / np.sqrt(v)


# Adam's card


@claim(
    "num-err-sum",
    says="After a hundred gradients of size 2 AdaGrad's state is their sum of squares, 400; RMSProp's is an average, below 4.",
    against="both are sums of squares",
    tolerance=1e-12,
)
def test_sum():
    states = []
    for rule, hyper in ((rules.adagrad, {}), (rules.rmsprop, {"beta": 0.9})):
        w, s = np.zeros(1), START
        for _ in range(100):
            w, s = rule(w, np.full(1, 2.0), s, lr=0.1, **hyper)
        states.append(float(s.v[0]))
    exact = 4 * (1 - 0.9**100)
    assert states[1] < 4
    return max(off(states[0], 400), off(states[1], exact)), off(states[1], 400)


@claim(
    "num-err-rmsprop",
    says="With β₁ = 0 and no correction Adam is RMSProp; with the correction its first step is 31.6 times shorter for β₂ = .999.",
    against="Adam with its correction takes RMSProp's first step",
    tolerance=1e-3,
)
def test_rmsprop():
    grads = np.random.default_rng(0).standard_normal(50)
    plain = steps(rules.adam, grads, beta1=0.0, beta2=0.999, correct=False)
    rms = steps(rules.rmsprop, grads, beta=0.999)
    assert off(plain, rms) < 1e-12
    first = steps(rules.rmsprop, [1.0], beta=0.999)[0] / steps(rules.adam, [1.0], beta2=0.999)[0]
    return off(first, 31.62), off(first, 1.0)


@claim(
    "num-err-syntax",
    says="The line of code with *** in it is no Python; with one star it is.",
    against="the line runs as it stands in the notes",
    tolerance=0,
)
def test_syntax():
    def parses(line):
        try:
            ast.parse(line)
        except SyntaxError:
            return 0.0
        return 1.0

    good = "w += -learning_rate * dw / (np.sqrt(v) + eps)"
    bad = good.replace("* dw", "*** dw**")
    return 1 - parses(good), 1 - parses(bad)


@claim(
    "num-err-list",
    says="A learning rate is one number: a list of three to try is refused, and the paper's default is .001.",
    against="the list of three serves as a learning rate",
    tolerance=0,
)
def test_list():
    refused = 0.0
    try:
        rules.adam(np.zeros(2), np.ones(2), lr=[1e-3, 5e-4, 1e-4])
    except TypeError:
        refused = 1.0
    step = -rules.adam(np.zeros(2), np.ones(2), lr=1e-3, eps=0.0)[0]
    return (1 - refused) + float(np.abs(step - 1e-3).max() > 1e-9), refused


@claim(
    "num-err-uncorrected",
    says="Without correction steps under a constant gradient are 3.16 learning rates long at t = 1 and 6.57, the longest, at t = 12.",
    against="the first step is the longest",
    tolerance=0.002,
)
def test_uncorrected():
    taken = steps(rules.adam, np.ones(200), correct=False, eps=0.0)
    assert off(taken[[0, 11, 199]], [uncorrected(0.9, 0.999, t) for t in (1, 12, 200)]) < 1e-12
    assert taken.argmax() == 11
    return off(taken[[0, 11]], [3.162, 6.57]), off(taken.max(), taken[0])


@claim(
    "num-err-zero",
    says="At t = 0 the correction divides by 1 − β⁰ = 0; it is .1 at t = 1.",
    against="at t = 0 it divides by .1",
    tolerance=1e-12,
)
def test_zero():
    refused = 0.0
    try:
        averages.bias_correction(1.0, 0.9, 0)
    except ValueError:
        refused = 1.0
    at = [1 - 0.9**t for t in (0, 1)]
    assert refused == 1.0 and abs(1 / averages.bias_correction(1.0, 0.9, 1) - at[1]) < 1e-12
    return abs(at[0]) + abs(at[1] - 0.1), abs(at[0] - 0.1)


@claim(
    "num-err-five",
    says="At t = 5 the corrections still multiply m by 2.44 and v by 200; what a step feels is √(1−β₂ᵗ)/(1−β₁ᵗ), which is below one at every t.",
    against="the correction makes steps longer",
    tolerance=0.003,
)
def test_five():
    m, v = averages.bias_correction(1.0, 0.9, 5), averages.bias_correction(1.0, 0.999, 5)
    t = np.arange(1, 30001)
    felt = np.sqrt(-np.expm1(t * np.log(0.999))) / -np.expm1(t * np.log(0.9))
    grads = np.ones(30)
    measured = steps(rules.adam, grads, eps=0.0) / steps(rules.adam, grads, eps=0.0, correct=False)
    assert off(measured, felt[:30]) < 1e-9 and felt.max() < 1
    return off([m, v], [2.44, 200.4]), float(1 / felt[0] - 1)


@claim(
    "num-err-algorithm",
    says="The six lines above are the library's Adam, to the last digits, over 200 random gradients.",
    against="the same with the correction left out",
    tolerance=1e-11,
)
def test_algorithm():
    rng = np.random.default_rng(2)
    w = plain = book = rng.standard_normal(3)
    m = v = np.zeros(3)
    s = START
    for t in range(1, 201):
        g = rng.standard_normal(3)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        w = w - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        plain = plain - 0.01 * m / (np.sqrt(v) + 1e-8)
        book, s = rules.adam(book, g, s, lr=0.01)
    return off(w, book), off(plain, book)


# The report


@claim(
    "num-err-exp",
    says="exp maps scores to all positive numbers; divided by their sum they are in (0, 1) and add up to one.",
    against="exp alone gives numbers between 0 and 1",
    tolerance=1e-12,
)
def test_exp():
    z = np.random.default_rng(0).standard_normal((50, 10)) * 3
    e = np.exp(z)
    p = softmax(z)
    assert np.abs(p - e / e.sum(axis=1, keepdims=True)).max() < 1e-14 and 0 < p.min() < p.max() < 1
    return float(np.abs(p.sum(axis=1) - 1).max()), float(e.max() - 1)


@claim(
    "num-err-shapes",
    says="784 inputs and ten classes need a 784 × 10 matrix; a net with 300 hidden units has biases of 300 and of 10.",
    against="one bias serves both layers: 300 = 10",
    tolerance=0,
)
def test_shapes():
    w = np.zeros(784 * 10 + 10)
    shapes = [a.shape for a in FCN((784, 10)).unpack(w)]
    two = [a.shape for a in FCN((784, 300, 10)).unpack(np.zeros(784 * 300 + 300 + 3000 + 10))]
    right = shapes == [(784, 10), (10,)] and two == [(784, 300), (300,), (300, 10), (10,)]
    return float(not right), float(two[1] != two[3])


@claim(
    "num-err-sigmoid",
    says="The probabilities of a softmax layer add up to one; sigmoids of the same ten scores do not, near zero they add up to 5.",
    against="the last layer of the report is a sigmoid layer",
    tolerance=1e-12,
)
def test_sigmoid():
    z = np.random.default_rng(1).standard_normal((100, 10)) * 0.01
    sums = (1 / (1 + np.exp(-z))).sum(axis=1)
    assert abs(sums.mean() - 5) < 0.05
    return float(np.abs(softmax(z).sum(axis=1) - 1).max()), float(np.abs(sums - 1).min())


@claim(
    "num-err-abs",
    says="The L1 penalty is δΣ|w|: never negative, with slope ±δ.",
    against="it is δΣw, which falls without end as weights fall",
    tolerance=1e-9,
)
def test_abs():
    net, bare = FCN((3, 4), l1=0.1), FCN((3, 4))
    w = np.random.default_rng(0).standard_normal(16)
    X, y = np.random.default_rng(1).standard_normal((5, 3)), np.arange(5) % 4
    slope = net.loss_grad(w, X, y)[1] - bare.loss_grad(w, X, y)[1]
    weights = w[:12]
    by_hand = 0.1 * sum(abs(float(x)) for x in weights)
    error = abs(float(net.penalty(w)) - by_hand) + np.abs(slope[:12] - 0.1 * np.sign(weights)).max()
    return float(error), abs(0.1 * weights.sum() - by_hand)


@claim(
    "num-err-l1",
    says="For normal weights of σ = .05 the L1 penalty is √(2/π)/σ = 15.96 times δΣw², and its pull δ is the stronger one where |w| < ½.",
    against="L2 is the stronger penalty",
    tolerance=0.01,
)
def test_l1():
    w = 0.05 * np.random.default_rng(0).standard_normal(784 * 300)
    ratio = np.abs(w).sum() / (w**2).sum()
    pulls = np.mean(1.0 > 2 * np.abs(w))
    assert pulls == 1.0
    return max(off(ratio, np.sqrt(2 / np.pi) / 0.05), off(15.96, np.sqrt(2 / np.pi) / 0.05)), off(ratio, 1.0)


@claim(
    "num-err-penalised",
    says="With λ₁ = .001 the loss that is trained on starts 2.8 above the loss of the data alone: only the second compares with a validation loss.",
    against="the two are the same number",
    tolerance=0.05,
)
def test_penalised():
    data, net = digits(), FCN((64, 300, 100, 10), l1=0.001)
    w = net.init(np.random.default_rng(0), scale=0.07)
    with_penalty = net.loss_grad(w, data.X_train, data.y_train)[0]
    alone = net.loss(w, data.X_train, data.y_train)
    weights = 64 * 300 + 300 * 100 + 100 * 10
    expected = 0.001 * weights * 0.07 * np.sqrt(2 / np.pi)
    return off([with_penalty - alone, expected], [2.8, 2.8]), float(with_penalty - alone)


@claim(
    "num-err-dropout",
    says="Dropout zeroes a share p of the activations, scales the rest by 1/(1−p), keeps their mean and adds a variance of p/(1−p) (in standard errors), and changes no weight.",
    against="it scales nothing: the mean falls to 1 − p",
    tolerance=4,
)
def test_dropout():
    p, n = 0.3, 10**6
    mask = dropout_mask(np.random.default_rng(0), n, p)
    assert set(np.unique(mask).round(9).tolist()) == {0.0, round(1 / 0.7, 9)}
    net = FCN((4, 5, 3), dropout=0.5)
    w = net.init(np.random.default_rng(0))
    before = w.copy()
    net.loss_grad(w, np.ones((6, 4)), np.zeros(6, int), np.random.default_rng(1))
    assert np.array_equal(w, before)
    spread = np.sqrt(p / (1 - p) / n)
    fourth = np.mean((mask - 1) ** 4)
    error = max(
        abs(mask.mean() - 1) / spread,
        abs(np.mean((mask - 1) ** 2) - p / (1 - p)) / np.sqrt((fourth - (p / (1 - p)) ** 2) / n),
    )
    return float(error), float(abs((mask != 0).mean() - 1) / spread)


@claim(
    "num-err-seeds",
    says="Ten runs that differ in nothing but their seed end with validation accuracies more than .01 apart.",
    against="one run tells which of two settings is better: the seed does not matter",
    tolerance=0,
)
def test_seeds():
    run = train(FCN((64, 32, 10)), digits(), sgd, lr=0.1, epochs=10, batch_size=32, seed=range(10))
    ends = run.val_accuracy[-1]
    return float(max(0.01 - np.ptp(ends), 0)), float(np.ptp(ends))


@claim(
    "num-err-batch",
    says="An update rule steps once for every minibatch: with 1200 examples and batches of 100, twelve times in an epoch.",
    against="it steps once in an epoch",
    tolerance=0,
)
def test_batch():
    data = digits(validation=597 / 1797)
    run = train(FCN((64, 10)), data, sgd, lr=0.1, epochs=2, batch_size=100, seed=0)
    return abs(len(run.loss) / 2 - 12) + abs(batches(1200, 100, 0).steps_per_epoch - 12), len(
        run.loss
    ) / 2 - 1


@claim(
    "num-err-adaptive",
    says="A schedule changes the rate of all coordinates alike; AdaGrad gives two coordinates, one seeing a hundred times the gradient, the same steps.",
    against="a schedule does as much: the ratio of the steps becomes one",
    tolerance=1e-6,
)
def test_adaptive():
    g = np.array([100.0, 1.0])
    scheduled, adapted = np.zeros(2), np.zeros(2)
    s = START
    for t in range(20):
        scheduled, _ = rules.sgd(scheduled, g, START, lr=0.1 / (1 + t))
        adapted, s = rules.adagrad(adapted, g, s, lr=0.1)
    return abs(adapted[0] / adapted[1] - 1), abs(scheduled[0] / scheduled[1] - 1)


@claim(
    "num-err-sparse",
    says="A feature seen in one of a hundred steps is moved ten times as far at each by AdaGrad as one seen always; a gradient that is small throughout is moved as far as a large one.",
    against="sparse means too small to learn from: its steps are no longer",
    tolerance=0.005,
)
def test_sparse():
    always, rare = np.ones(10000), (np.arange(1, 10001) % 100 == 0).astype(float)
    last = [steps(rules.adagrad, g, eps=1e-12)[-1] for g in (always, rare, 1e-3 * always)]
    assert off(last[2], last[0]) < 1e-6
    return off(last[1] / last[0], 10), off(last[1], last[0])


@claim(
    "num-err-defaults",
    says="The paper's and the library's defaults are β₁ = .9, β₂ = .999, ε = 1e-8.",
    against="β₂ = .99 and ε = 1e-9, as the report also has them",
    tolerance=0,
)
def test_defaults():
    given = inspect.signature(rules.adam).parameters
    values = [given[name].default for name in ("beta1", "beta2", "eps")]
    return abs(np.subtract(values, [0.9, 0.999, 1e-8])).max(), abs(
        np.subtract(values, [0.9, 0.99, 1e-9])
    ).max()


@claim(
    "num-err-reddi",
    says="On Reddi's sequence with β₁ = 0, β₂ = 1/(1+C²) Adam ends at +1, the worst point of the interval, gradient descent at −1, the best.",
    against="Adam solves what other adaptive methods left unsolved: it ends at −1",
    tolerance=0.05,
)
def test_reddi():
    f, ends = problems.ReddiSequence(C=3), []
    for rule, hyper in ((rules.adam, {"beta1": 0.0, "beta2": 0.1}), (rules.sgd, {})):
        w, s = np.zeros(1), START
        for t in range(3000):
            g = f.loss_grad(w, t)[1]
            w, s = rule(w, np.asarray(g), s, lr=0.5 / np.sqrt(t + 1), **hyper)
            w = np.clip(w, -1, 1)
        ends.append(float(w[0]))
    return max(abs(ends[0] - 1), abs(ends[1] + 1)), abs(ends[0] + 1)


@claim(
    "num-err-scale",
    says="With ε = 0 one factor on all gradients changes no step of Adam; a hundredfold jump within the run makes steps longer than three learning rates.",
    against="a step never depends on the size of the gradients: the jump changes none",
    tolerance=1e-9,
)
def test_scale():
    g = np.random.default_rng(0).standard_normal(100)
    error = off(steps(rules.adam, 1e4 * g, eps=0.0), steps(rules.adam, g, eps=0.0))
    jump = np.ones(3000)
    jump[2900:] = 100
    longest = steps(rules.adam, jump, eps=0.0).max()
    assert longest > 3
    return error, float(longest - 1)


# The optimiser notes


@claim(
    "num-err-log",
    says="A record that pairs each gradient with the point it was taken at satisfies g = ∇f(w); with the point after the step it is off by the factor 1 − ηλ.",
    against="it makes no difference whether w is stored before or after the step",
    tolerance=1e-12,
)
def test_log():
    f = problems.Quadratic([1.0, 4.0])
    path = trace(descend(f.loss_grad, np.array([1.0, -2.0]), sgd, lr=0.1), 30)
    before = np.abs(path.grad - path.w * [1.0, 4.0]).max()
    after = path.w[1:] * [1.0, 4.0]
    return float(before + off(after / path.grad[:-1], np.tile([0.9, 0.6], (30, 1)))), off(
        after, path.grad[:-1]
    )


@claim(
    "num-err-inplace",
    says="`w -= lr * g` changes the caller's array, so that a list of such w holds one point many times, and it fails for whole numbers; `w = w - lr * g` does neither.",
    against="the two forms are the same",
    tolerance=0,
)
def test_inplace():
    def record(in_place):
        w, path = np.array([1.0]), []
        for _ in range(5):
            path.append(w)
            if in_place:
                w -= 0.5 * w
            else:
                w = w - 0.5 * w
        return len({float(p[0]) for p in path})

    failed = 0.0
    whole = np.array([1, 2])
    try:
        whole -= 0.5 * whole
    except TypeError:
        failed = 1.0
    assert failed == 1.0
    return float(abs(record(False) - 5)), float(5 - record(True))


@claim(
    "num-err-name",
    says="A loop over seeds must begin before the first line that prints one; as the notes' cell stands a fresh kernel stops with a NameError.",
    against="the cell runs in a fresh kernel",
    tolerance=0,
)
def test_name():
    def stops(source):
        try:
            exec(source, {"print": lambda *_: None})
        except NameError:
            return 1.0
        return 0.0

    good = "for seed in range(3):\n    print(seed)"
    bad = "print(seed)\n" + good
    return stops(good), stops(bad)


@claim(
    "num-err-inverse",
    says="1/(1 + kt) is inverse-time decay: a tenth of the rate takes 9/k steps, a hundredth 99/k.",
    against="it is exponential, a hundredth taking twice as long as a tenth",
    tolerance=1e-9,
)
def test_inverse():
    k, t = 0.05, np.arange(5000)
    rate = 1 / (1 + k * t)
    tenth, hundredth = np.argmax(rate <= 0.1 * (1 + 1e-12)), np.argmax(rate <= 0.01 * (1 + 1e-12))
    return off([tenth * k, hundredth * k], [9, 99]), off(hundredth / tenth, 2)


@claim(
    "num-err-exponential",
    says=r".95 to the power of the epoch is exponential decay, $e^{-.0513t}$, the notes' second formula once more.",
    against="it is a polynomial in t: on a doubly logarithmic scale its slope is constant",
    tolerance=5e-4,
)
def test_exponential():
    t = np.arange(1, 101)
    rate = 0.95**t
    k = -np.log(rate[-1]) / 100
    slopes = np.diff(np.log(rate)) / np.diff(np.log(t))
    return max(off(np.exp(-k * t), rate), abs(k - 0.0513)), float(np.ptp(slopes))


@claim(
    "num-err-staircase",
    says=r"Steps of one length are $\gamma^{\lfloor t/s\rfloor}$, steps at chosen times $\gamma$ to the number of them passed; for times s, 2s, … they agree.",
    against=r"the staircase is the smooth $\gamma^{t/s}$",
    tolerance=1e-12,
)
def test_staircase():
    t = np.arange(60)
    uniform = 0.5 ** (t // 15)
    passed = 0.5 ** np.array([sum(now >= time for time in (15, 30, 45)) for now in t])
    return off(uniform, passed), off(uniform, 0.5 ** (t / 15))


@claim(
    "num-err-root",
    says="k/√t is infinite at t = 0, where training starts; k/√(1+t) starts at k and tends to it.",
    against="the formula can be used from epoch 0 on",
    tolerance=1e-3,
)
def test_root():
    t = np.arange(10**6 + 1)
    with np.errstate(divide="ignore"):
        printed = 1 / np.sqrt(t)
    mended = 1 / np.sqrt(1 + t)
    assert mended[0] == 1
    return off(mended[-1], printed[-1]), float(np.isinf(printed[0]))
