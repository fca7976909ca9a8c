"""Claims of the translator: what libraries compute, from their kept paths, themselves, or plain loops."""

import json
from pathlib import Path

import numpy as np
from claims import claim
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from lib.conventions import convert, walk
from lib.rules import START, State, adagrad, adam, adamw

GOLDEN = Path(__file__).parents[1] / "golden" / "conventions"


def worst(measured, stated):
    """The largest deviation, each column relative to its largest value."""
    measured, stated = np.asarray(measured), np.asarray(stated)
    return float(np.max(np.abs(measured - stated) / np.abs(stated).max(axis=0)))


def gradients(seed, steps=60):
    """Gradients over eleven decades, (steps, 12)."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (steps, 12)) * np.array([float(f"1e-{k}") for k in range(12)])


def bowl(step, steps=40):
    """Where w ends on w²/2 from 1 if `step(t, g)` says how far to go."""
    w = 1.0
    for t in range(1, steps + 1):
        w += step(t, w)
    return w


@claim(
    "num-trans-hook",
    says="With 0.1 and 0.9 on w²/2, after 40 steps: PyTorch and Keras 0.1160, scikit-learn 0.0143, averaged "
    "−0.1373, EECS 182 0.0140.",
    against="that scikit-learn, with its defaults, stands where PyTorch stands",
    tolerance=5e-5,
)
def test_hook():
    m = {"sum": 0.0, "step": 0.0, "mean": 0.0, "new": None}

    def outside(t, g):
        m["sum"] = 0.9 * m["sum"] + g
        return -0.1 * m["sum"]

    def inside(t, g):
        m["step"] = 0.9 * m["step"] - 0.1 * g
        return m["step"]

    def averaged(t, g):
        m["mean"] = 0.9 * m["mean"] + (1 - 0.9) * g
        return -0.1 * m["mean"]

    def reversed_(t, g):
        m["new"] = g if m["new"] is None else (1 - 0.9) * m["new"] + 0.9 * g
        return -0.1 * m["new"]

    w = np.array([1.0])
    optimizer = SGDOptimizer([w], learning_rate_init=0.1, momentum=0.9)  # itself, with its defaults
    for _ in range(40):
        optimizer.update_params([w], [w.copy()])
    stood = [bowl(outside), bowl(inside), float(w[0]), bowl(averaged), bowl(reversed_)]
    page = [0.1160, 0.1160, 0.0143, -0.1373, 0.0140]
    settings = [("pytorch", "lr", "momentum"), ("keras", "learning_rate", "momentum")]
    settings += [
        ("sklearn", "learning_rate_init", "momentum"),
        ("averaged", "lr", "beta"),
        ("eecs182", "lr", "beta"),
    ]
    for (who, lr, beta), right in zip(settings, stood, strict=True):
        path = walk(who, "momentum", lambda w: w, [1.0], rate=np.ones(40), **{lr: 0.1, beta: 0.9})
        assert abs(path[-1, 0] - right) < 1e-12
    return float(np.max(np.abs(np.subtract(stood, page)))), abs(stood[2] - stood[0])


@claim(
    "num-trans-defaults",
    says="With the same learning rate and all else at its default, PyTorch and Keras walk the same path under plain "
    "SGD, and under no other of the nine rules both have.",
    against="that they agree under AdaDelta as well, the nearest of the other eight",
    tolerance=1e-12,
)
def test_defaults():
    paths = []
    for library in ("pytorch", "keras"):
        with np.load(GOLDEN / f"{library}.npz") as data:
            about = json.loads(str(data["about"]))
            paths.append(
                {key.split("/")[0]: data[key] for key in about["cases"] if key.endswith("/default drop")}
            )
    both = sorted(set(paths[0]) & set(paths[1]))
    assert len(both) == 9
    apart = {name: worst(paths[1][name], paths[0][name]) for name in both}
    assert not convert("pytorch", "keras", "adam") and not convert("pytorch", "keras", "rmsprop")
    return apart.pop("momentum"), min(apart.values())


@claim(
    "eq-trans-adagrad",
    says="In AdaGrad an ε inside the root is part of the first value of the sum.",
    against="the same ε outside the root",
    tolerance=1e-12,
)
def test_adagrad():
    errors, wrongs = [], []
    for seed, (start, eps) in enumerate(((0.1, 1e-7), (0.0, 1e-3), (1e-6, 1e-6))):
        grads = gradients(seed)
        w, v, path = np.zeros(12), np.full(12, start), []
        for g in grads:  # as Keras and optax do
            v = v + g**2
            w = w - 0.1 * g / np.sqrt(v + eps)
            path.append(w)
        for found, first, outside in ((errors, start + eps, 0.0), (wrongs, start, eps)):
            w, s, own = np.zeros(12), State(v=np.full(12, first)), []
            for g in grads:
                w, s = adagrad(w, g, s, lr=0.1, eps=outside)
                own.append(w)
            found.append(worst(own, path))
    return max(errors), min(wrongs)


@claim(
    "eq-trans-nearest",
    says=r"$1 \le (\sqrt v+\varepsilon)/\sqrt{v+\varepsilon^2} \le \sqrt2$, with equality on the right at √v = ε.",
    against="the bound √2 made 1 % smaller",
    tolerance=1e-14,
)
def test_nearest():
    root = np.concatenate([[0.0], np.logspace(-20, 3, 4001), np.logspace(-12, -2, 11)])[:, None]
    eps = np.logspace(-12, -2, 11)
    ratio = (root + eps) / np.sqrt(root**2 + eps**2)
    assert ratio.max() > np.sqrt(2) - 1e-6  # it is reached
    error = max(0.0, float(np.max(ratio)) - np.sqrt(2), 1 - float(np.min(ratio)))
    return error, float(np.max(ratio)) - 0.99 * np.sqrt(2)


def sklearn_adam(grads, lr, beta1, beta2, eps):
    """The path of scikit-learn's own Adam, from zero."""
    w, path = np.zeros(12), []
    optimizer = AdamOptimizer([w], learning_rate_init=lr, beta_1=beta1, beta_2=beta2, epsilon=eps)
    for g in grads:
        optimizer.update_params([w], [g])
        path.append(w.copy())
    return np.array(path)


@claim(
    "eq-trans-epshat",
    says=r"Adam with $\hat\varepsilon$ beside the uncorrected root is Adam with $\hat\varepsilon/\sqrt{1-\beta_2^t}$ "
    "beside the corrected one (scikit-learn's own optimiser against the book's).",
    against="the same ε in both places",
    tolerance=1e-12,
)
def test_epshat():
    errors, wrongs = [], []
    for seed, (beta1, beta2, eps) in enumerate(((0.9, 0.999, 1e-8), (0.5, 0.9, 1e-4), (0.0, 0.99, 1e-6))):
        grads = gradients(10 + seed)
        theirs = sklearn_adam(grads, 0.01, beta1, beta2, eps)
        for found, move in ((errors, 1), (wrongs, 0)):
            w, s, path = np.zeros(12), START, []
            for t, g in enumerate(grads, 1):
                now = eps / (1 - beta2**t) ** (0.5 * move)
                w, s = adam(w, g, s, lr=0.01, beta1=beta1, beta2=beta2, eps=now)
                path.append(w)
            found.append(worst(path, theirs))
    return max(errors), min(wrongs)


@claim(
    "num-trans-grown",
    says="With β₂ = 0.999 the epsilon of the uncorrected form begins 31.6 times as large and is 1.49 times as large at "
    "t = 600.",
    against="that it is half as much too large at t = 600, 1.24 times",
    tolerance=5e-3,
)
def test_grown():
    found = []
    for t in (1, 600):  # gradients far below epsilon: what is divided by is epsilon alone
        grads = np.full((t, 12), 1e-30)
        moved = np.abs(np.diff(sklearn_adam(grads, 1.0, 0.0, 0.999, 1e-8), axis=0, prepend=0)[-1, 0])
        found.append(1e-30 / 1e-8 / moved)
    return max(abs(found[0] - 31.6) / 31.6, abs(found[1] - 1.49) / 1.49), abs(found[1] - 1.24)


@claim(
    "eq-trans-decay",
    says="AdamW's Algorithm 2 with λ is the libraries' AdamW with λ/η, under any schedule.",
    against="the same λ in both",
    tolerance=1e-12,
)
def test_decay():
    errors, wrongs = [], []
    for seed, (alpha, lam) in enumerate(((1e-3, 1e-4), (0.05, 0.01), (0.3, 0.02))):
        grads = gradients(20 + seed)
        factors = np.linspace(1, 0.05, len(grads))
        w, m, v, path = np.ones(12), 0.0, 0.0, []
        for t, (g, f) in enumerate(zip(grads, factors, strict=True), 1):  # Algorithm 2, its η_t is f
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            w = w - f * (alpha * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8) + lam * w)
            path.append(w)
        for found, decay in ((errors, lam / alpha), (wrongs, lam)):
            w, s, own = np.ones(12), START, []
            for g, f in zip(grads, factors, strict=True):
                w, s = adamw(w, g, s, lr=float(alpha * f), decay=decay)
                own.append(w)
            found.append(worst(own, path))
    return max(errors), min(wrongs)
