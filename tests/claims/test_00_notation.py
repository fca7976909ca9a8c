"""Claims of chapter 00: what the conventions of other libraries compute, in the book's letters.

Each foreign convention is written out here as a plain loop from its own documentation; the book's
side of every comparison runs through `lib`.
"""

import numpy as np
from claims import claim

from lib.averages import ewa_path
from lib.loop import descend, trace
from lib.problems import Quadratic
from lib.rules import START, averaged_momentum, momentum, nesterov

SETTINGS = ((0.5, 0.30), (0.9, 0.10), (0.6, 0.05), (0.99, 0.02))  # beta, lr


def worst(measured, stated):
    """The largest deviation, relative to the largest value stated."""
    measured, stated = np.asarray(measured), np.asarray(stated)
    return np.max(np.abs(measured - stated)) / np.max(np.abs(stated))


def problems():
    """Four random quadratics in four dimensions, each with a start and one of the settings."""
    rng = np.random.default_rng(0)
    for beta, lr in SETTINGS:
        q, _ = np.linalg.qr(rng.standard_normal((4, 4)))
        hessian = q * rng.uniform(0.2, 2.0, 4) @ q.T
        yield Quadratic((hessian + hessian.T) / 2, rng.standard_normal(4)), rng.standard_normal(4), beta, lr


def book(rule, problem, w, lr, beta, steps=60):
    """The book's path, shape (steps + 1, 4)."""
    return trace(descend(problem.loss_grad, w, rule, lr=lr, beta=beta), steps).w


def keras(grad, w, lr, beta, steps=60, nesterov=False, rescale=False):
    """Keras and CS231n: the learning rate `lr(t)` sits inside the velocity."""
    v, path = 0.0, [w]
    for t in range(steps):
        if rescale and t:
            v = v * lr(t) / lr(t - 1)
        g = grad(w)
        v = beta * v - lr(t) * g
        w = w + beta * v - lr(t) * g if nesterov else w + v
        path.append(w)
    return np.array(path)


def pytorch(grad, w, lr, beta, steps=60, dampening=0.0, nesterov=False):
    """PyTorch: outside; the first buffer is the first gradient, without dampening."""
    buffer, path = None, [w]
    for t in range(steps):
        g = grad(w)
        buffer = g if buffer is None else beta * buffer + (1 - dampening) * g
        w = w - lr(t) * (g + beta * buffer if nesterov else buffer)
        path.append(w)
    return np.array(path)


def constant(lr):
    """A learning rate that stays."""
    return lambda t: lr


def drop(lr, at=30):
    """A learning rate that falls to a tenth at step `at`."""
    return lambda t: lr if t < at else lr / 10


def replay(grads):
    """A gradient that is given in advance, whatever w is."""
    feed = iter(grads)
    return lambda w: next(feed)


def book_replay(grads, rate, beta):
    """The book's momentum on gradients given in advance, from zero."""
    steps = descend(lambda w, t: (0.0, grads[t]), np.zeros(3), momentum, lr=rate, beta=beta)
    return trace(steps, len(grads) - 1).w


@claim(
    "num-conv-hook",
    says="On f = w²/2 from 1, β = 0.9, η = 0.1 for 50 steps and 0.01 after: at t = 61 the forms stand "
    "at 0.0064 and −0.0333.",
    against="that they stand at the same place, as they do until t = 50",
    tolerance=5e-5,
)
def test_hook():
    bowl, w = Quadratic(np.array([1.0])), np.array([1.0])
    rate = drop(0.1, at=50)
    outside = book(momentum, bowl, w, rate, 0.9, 61)
    inside = keras(bowl.grad, w, rate, 0.9, 61)
    assert np.allclose(inside[:51], outside[:51], atol=1e-14)
    error = max(abs(inside[61, 0] - 0.0064), abs(outside[61, 0] + 0.0333))
    return error, abs(inside[61, 0] - outside[61, 0])


@claim(
    "eq-conv-averaged",
    says=r"The average is $(1-\beta)$ times the velocity, so averaged momentum with $\eta/(1-\beta)$ walks "
    r"the path of momentum with $\eta$.",
    against=r"the same learning rate η in both forms",
    tolerance=5e-14,
)
def test_averaged():
    errors, wrongs = [], []
    for problem, w, beta, lr in problems():
        for shape in (constant, drop):
            velocity = book(momentum, problem, w, shape(lr), beta)
            errors.append(worst(book(averaged_momentum, problem, w, shape(lr / (1 - beta)), beta), velocity))
            wrongs.append(worst(book(averaged_momentum, problem, w, shape(lr), beta), velocity))
        grads = np.array([problem.grad(point) for point in velocity[:40]])  # the memories, on given gradients
        s = START
        for g in grads:
            s = momentum(w, g, s, lr=lr, beta=beta)[1]
        errors.append(worst((1 - beta) * s.m, ewa_path(grads, beta)[-1]))
    return max(errors), min(wrongs)


@claim(
    "eq-conv-polyak",
    says=r"Momentum with a constant η is Polyak's $w_t = w_{t-1}-\eta g_t+\beta(w_{t-1}-w_{t-2})$.",
    against="the gradient taken after the momentum step, as Nesterov's method does",
    tolerance=3e-13,
)
def test_polyak():
    errors, wrongs = [], []
    for problem, w, beta, lr in problems():
        velocity = book(momentum, problem, w, lr, beta)
        for found, ahead in ((errors, 0.0), (wrongs, beta)):
            path = [w, w]
            for _ in range(60):
                move = path[-1] - path[-2]
                path.append(path[-1] - lr * problem.grad(path[-1] + ahead * move) + beta * move)
            found.append(worst(velocity, path[1:]))
    return max(errors), min(wrongs)


@claim(
    "num-conv-polyak-inside",
    says="Under any schedule Polyak's form is the one with the learning rate inside the velocity.",
    against="that it is the one with the learning rate outside",
    tolerance=3e-13,
)
def test_polyak_inside():
    errors, wrongs = [], []
    for problem, w, beta, lr in problems():
        rate, path = drop(lr), [w, w]
        for t in range(60):
            path.append(path[-1] - rate(t) * problem.grad(path[-1]) + beta * (path[-1] - path[-2]))
        errors.append(worst(keras(problem.grad, w, rate, beta), path[1:]))
        wrongs.append(worst(book(momentum, problem, w, rate, beta), path[1:]))
    return max(errors), min(wrongs)


@claim(
    "eq-conv-memory",
    says=r"Outside, the step is $-\eta_t\sum\beta^{t-i}g_i$; inside, $-\sum\beta^{t-i}\eta_i g_i$: each "
    "gradient keeps its rate.",
    against="the two sums exchanged",
    tolerance=5e-13,
)
def test_memory():
    rng, errors, wrongs = np.random.default_rng(1), [], []
    for beta, lr in SETTINGS:
        grads, rates = rng.standard_normal((40, 3)), lr * rng.uniform(0.1, 1, 40)
        rate = lambda t, rates=rates: float(rates[t])  # noqa: E731
        outside = np.diff(book_replay(grads, rate, beta), axis=0)
        inside = np.diff(keras(replay(grads), np.zeros(3), rate, beta, 39), axis=0)
        for t in range(1, 40):
            decay = beta ** np.arange(t - 1, -1, -1.0)
            sum_out = -rates[t - 1] * decay @ grads[:t]
            sum_in = -(decay * rates[:t]) @ grads[:t]
            errors += [worst(outside[t - 1], sum_out), worst(inside[t - 1], sum_in)]
        wrongs.append(worst(outside[-1], sum_in))
    return max(errors), min(wrongs)


@claim(
    "eq-conv-switch",
    says=r"k steps after η becomes η′ the two forms are $(\eta'-\eta)\,m_s\,\beta\frac{1-\beta^k}{1-\beta}$ "
    "apart, if both see the same gradients.",
    against=r"the difference without its first factor β, $(\eta'-\eta)\,m_s\frac{1-\beta^k}{1-\beta}$",
    tolerance=1e-12,
)
def test_switch():
    rng, errors, wrongs = np.random.default_rng(2), [], []
    s, k = 25, np.arange(1, 31)
    for beta, lr in SETTINGS:
        grads = rng.standard_normal((56, 3))
        rate = drop(lr, at=s)
        outside = book_replay(grads, rate, beta)
        inside = keras(replay(grads), np.zeros(3), rate, beta, 55)
        velocity = beta ** np.arange(s - 1, -1, -1.0) @ grads[:s]  # m_s, summed up directly
        apart = (inside - outside)[s + 1 :]
        shape = (lr / 10 - lr) * velocity * ((1 - beta**k) / (1 - beta))[:, None]
        errors.append(worst(beta * shape, apart))
        wrongs.append(worst(shape, apart))
    return max(errors), min(wrongs)


@claim(
    "num-conv-correction",
    says="Multiplying the inside velocity by η′/η at every change of the rate gives the outside path.",
    against="leaving the velocity as it is",
    tolerance=5e-14,
)
def test_correction():
    errors, wrongs = [], []
    for problem, w, beta, lr in problems():
        warmup = lambda t, lr=lr: lr * min(1, (t + 1) / 20)  # noqa: E731
        for rate in (drop(lr), warmup):
            outside = book(momentum, problem, w, rate, beta)
            errors.append(worst(keras(problem.grad, w, rate, beta, rescale=True), outside))
            wrongs.append(worst(keras(problem.grad, w, rate, beta), outside))
    return max(errors), min(wrongs)


@claim(
    "eq-conv-dampening",
    says=r"PyTorch's buffer with dampening = β is the average from zero plus $\beta^t g_1$: it starts at "
    "the first gradient.",
    against="that dampening = β gives the average from zero",
    tolerance=2e-13,
)
def test_dampening():
    rng, errors, wrongs = np.random.default_rng(3), [], []
    for beta, _ in SETTINGS:
        grads = rng.standard_normal((40, 3))
        path = pytorch(replay(grads), np.zeros(3), constant(1.0), beta, 40, dampening=beta)
        buffer = -np.diff(path, axis=0)  # lr 1: each step is minus the buffer
        average = ewa_path(grads, beta)
        extra = beta ** np.arange(1.0, 41)[:, None] * grads[0]
        errors.append(worst(average + extra, buffer))
        wrongs.append(worst(average, buffer))
    return max(errors), min(wrongs)


@claim(
    "num-conv-reversed",
    says="EECS 182's smoothing with weight b on the new gradient is PyTorch's with momentum and "
    "dampening 1 − b.",
    against="β = b, the same number carried over",
    tolerance=1e-13,
)
def test_reversed():
    errors, wrongs = [], []
    for problem, start, b, lr in problems():
        if b == 0.5:
            b = 0.4  # at one half the two readings agree
        w, s, path, grads = start, None, [start], []
        for _ in range(60):
            grads.append(problem.grad(w))
            s = grads[-1] if s is None else (1 - b) * s + b * grads[-1]
            w = w - lr * s
            path.append(w)
        smoothed = ewa_path(np.array(grads[1:]), 1 - b, start=grads[0])  # by the library
        errors.append(worst(start - lr * (grads[0] + np.cumsum(smoothed, axis=0)), path[2:]))
        errors.append(worst(pytorch(problem.grad, start, constant(lr), 1 - b, dampening=1 - b), path))
        wrongs.append(worst(pytorch(problem.grad, start, constant(lr), b, dampening=b), path))
    return max(errors), min(wrongs)


@claim(
    "eq-conv-nesterov",
    says=r"The w of PyTorch's and of this book's Nesterov is the look-ahead point $u_t+\beta v_t$ of "
    "Sutskever's form.",
    against=r"that it is $u_t$ itself",
    tolerance=4e-14,
)
def test_nesterov():
    errors, wrongs = [], []
    for problem, start, beta, lr in problems():
        u, v, ahead, plain = start, np.zeros(4), [start], [start]
        for _ in range(60):
            v = beta * v - lr * problem.grad(u + beta * v)
            u = u + v
            ahead.append(u + beta * v)
            plain.append(u)
        path = book(nesterov, problem, start, lr, beta)
        errors.append(worst(path, ahead))
        wrongs.append(worst(path, plain))
    return max(errors), min(wrongs)


@claim(
    "num-conv-rows",
    says="At a constant rate the rows PyTorch, Keras, CS231n, Polyak, averaged give one path, and so do "
    "the two rows Nesterov.",
    against="the row with dampening = β, rate η/(1−β), which starts 1/(1−β) times too fast",
    tolerance=3e-13,
)
def test_rows():
    errors, wrongs = [], []
    for problem, w, beta, lr in problems():
        rate, fast = constant(lr), constant(lr / (1 - beta))
        path = book(momentum, problem, w, lr, beta)
        look = book(nesterov, problem, w, lr, beta)
        polyak = [w, w]
        for _ in range(60):
            polyak.append(polyak[-1] - lr * problem.grad(polyak[-1]) + beta * (polyak[-1] - polyak[-2]))
        errors += [
            worst(polyak[1:], path),
            worst(pytorch(problem.grad, w, rate, beta), path),
            worst(keras(problem.grad, w, rate, beta), path),
            worst(book(averaged_momentum, problem, w, lr / (1 - beta), beta), path),
            worst(pytorch(problem.grad, w, rate, beta, nesterov=True), look),
            worst(keras(problem.grad, w, rate, beta, nesterov=True), look),
        ]
        wrongs.append(worst(pytorch(problem.grad, w, fast, beta, dampening=beta), path))
    return max(errors), min(wrongs)
