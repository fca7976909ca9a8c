"""The problems against differences, solvers, exact arithmetic and the papers' own statements."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.datasets import load_digits

from lib import rules
from lib.loop import descend, trace
from lib.problems import (
    LeastSquares,
    LessardCycle,
    NoisyQuadratic,
    Problem,
    Quadratic,
    ReddiSequence,
    Rosenbrock,
    Saddle,
    TanhNet,
    Valley,
    WorstQuadratic,
    gaussian_points,
    rotated,
)

laws = settings(derandomize=True, deadline=None, max_examples=50)
rng = np.random.default_rng(12)
F = rng.standard_normal((4, 4))
X = rng.standard_normal((9, 3))

SMOOTH = {
    "quadratic": Quadratic(F @ F.T, rng.standard_normal(4)),
    "diagonal": Quadratic([3.0, 0.5]),
    "rotated": rotated([1.0, 9.0], 30, argmin=[2.0, -1.0]),
    "least squares": LeastSquares(X, rng.standard_normal(9)),
    "worst": WorstQuadratic(6, 30.0),
    "valley": Valley(),
    "steep valley": Valley(flat=0.3, steep=2.0, bend=0.7),
    "rosenbrock": Rosenbrock(),
    "rosenbrock 2": Rosenbrock(a=-0.5, b=3.0),
    "saddle": Saddle(),
    "noisy": NoisyQuadratic([2.0, 1.0], 0.0),
    "reddi": ReddiSequence(),
}
NETS = {
    "net": TanhNet(X, np.arange(9) % 3, hidden=4, classes=3),
    "squared net": TanhNet(X, np.arange(9) % 3, hidden=4, classes=3, squared=True),
}
ALL = {**SMOOTH, "lessard": LessardCycle(), **NETS}


def every(problems):
    return pytest.mark.parametrize("problem", problems.values(), ids=problems.keys())


def differences(f, w, h=1e-5):
    """Centred differences of `f` along every coordinate, on a leading axis of runs."""
    steps = h * np.eye(w.size)
    return (f(w + steps) - f(w - steps)) / (2 * h)


# what all of them promise


@every(ALL)
def test_gradient_is_the_centred_difference(problem):
    for w in np.random.default_rng(0).standard_normal((5, problem.size)):
        g = problem.grad(w)
        assert np.abs(differences(problem.loss, w).T - g).max() < 1e-8 * (1 + np.abs(g).max())


@every(SMOOTH)
def test_gradient_is_the_complex_step(problem):
    for w in np.random.default_rng(1).standard_normal((5, problem.size)):
        g = problem._loss(w + 1e-30j * np.eye(problem.size)).imag / 1e-30
        assert np.abs(problem.grad(w) - g).max() < 1e-13 * np.abs(g).max()


@every(ALL)
def test_runs_on_leading_axes_are_runs_one_by_one(problem):
    w = np.random.default_rng(2).standard_normal((3, 2, problem.size))
    loss, grad = problem.loss(w), problem.grad(w)
    assert loss.shape == (3, 2) and grad.shape == w.shape
    for i in np.ndindex(3, 2):
        assert np.allclose(loss[i], problem.loss(w[i]), rtol=1e-12, atol=1e-14)
        assert np.allclose(grad[i], problem.grad(w[i]), rtol=1e-12, atol=1e-14)
    assert problem.loss(np.empty((0, problem.size))).shape == (0,)


@every(ALL)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_input_left_alone(problem, dtype):
    w = np.random.default_rng(3).standard_normal((2, problem.size)).astype(dtype)
    w.flags.writeable = False
    loss, grad = problem.loss_grad(w, t=1)
    assert loss.dtype == grad.dtype == dtype
    assert problem.loss(w[0]).dtype == dtype and np.shape(problem.loss(w[0])) == ()
    assert np.abs(problem.loss(w) - problem.loss(w.astype(float))).max() <= 1e-3 * np.abs(loss).max()


@every({k: v for k, v in ALL.items() if k not in ("reddi",)})
def test_loss_grad_is_loss_and_grad(problem):
    w = np.random.default_rng(4).standard_normal((2, problem.size))
    loss, grad = problem.loss_grad(w)
    assert np.allclose(loss, problem.loss(w), rtol=1e-15)
    assert np.allclose(grad, problem.grad(w), rtol=1e-15)


@every(ALL)
def test_wrong_parameters_are_refused_by_name(problem):
    p, kind = problem.size, type(problem).__name__
    for f in (problem.loss, problem.grad, problem.loss_grad):
        with pytest.raises(ValueError, match=rf"{kind}: .* last axis {p + 1} .* allowed are {p}"):
            f(np.zeros((2, p + 1)))
        with pytest.raises(TypeError, match=rf"{kind}: w has dtype int64"):
            f(np.zeros(p, np.int64))
        with pytest.raises(ValueError, match=r"shape \(\), no axis"):
            f(1.0)


@every(ALL)
def test_problems_do_not_change(problem):
    with pytest.raises(AttributeError, match="does not change"):
        problem.size = 7
    for name, value in vars(problem).items():
        if isinstance(value, np.ndarray):
            assert not value.flags.writeable, name
    w = np.ones(problem.size)
    assert np.array_equal(pickle.loads(pickle.dumps(problem)).grad(w), problem.grad(w))


def test_problems_keep_their_own_copy():
    A, b = np.eye(2), np.ones(2)
    bowl = Quadratic(A, b)
    A[:], b[:] = 9.0, 9.0
    assert np.array_equal(bowl.grad(np.zeros(2)), [-1.0, -1.0])
    noise = np.ones(2)
    noisy = NoisyQuadratic([1.0, 1.0], noise)
    noise[:] = 9.0  # not made read-only behind the caller's back either
    assert np.array_equal(noisy.noise, [1.0, 1.0])


@every({k: v for k, v in SMOOTH.items() if k != "reddi"})
def test_minimum_and_eigenvalues_are_where_a_search_ends(problem):
    start = problem.argmin + 0.3 * np.random.default_rng(5).standard_normal(problem.size)
    found = minimize(
        lambda w: float(problem.loss(w)), start, jac=problem.grad, method="BFGS",
        options={"gtol": 1e-9},
    )  # fmt: skip
    assert np.abs(found.x - problem.argmin).max() < 1e-6
    assert abs(found.fun - problem.minimum) < 1e-11 * max(1, abs(problem.minimum))
    assert np.abs(problem.grad(problem.argmin)).max() < 1e-12
    hessian = differences(problem.grad, problem.argmin)
    lam = np.linalg.eigvalsh((hessian + hessian.T) / 2)
    assert np.abs(np.sort(problem.eigenvalues) - lam).max() < 1e-7 * lam.max()


# quadratics


@laws
@given(st.floats(0.1, 9.0), st.floats(0.1, 9.0), st.floats(-400, 400))
def test_rotated_turns_the_axes(first, second, degrees):
    bowl = rotated([first, second], degrees)
    phi = np.pi * degrees / 180
    axis = np.array([np.cos(phi), np.sin(phi)])
    across = np.array([-axis[1], axis[0]])
    assert np.allclose(bowl.A @ axis, first * axis, atol=1e-12)
    assert np.allclose(bowl.A @ across, second * across, atol=1e-12)
    assert np.allclose(bowl.eigenvalues, sorted([first, second]), rtol=1e-12)


def test_modes_and_gap():
    bowl = SMOOTH["quadratic"]
    w = np.random.default_rng(6).standard_normal((3, 4))
    x = bowl.modes(w)
    assert np.allclose(bowl.argmin + x @ bowl.eigenvectors.T, w, atol=1e-12)
    assert np.allclose(bowl.gap(w), bowl.loss(w) - bowl.minimum, rtol=1e-12)
    assert np.allclose(bowl.eigenvectors * bowl.eigenvalues @ bowl.eigenvectors.T, bowl.A, atol=1e-12)
    near = bowl.argmin + 1e-12
    assert 0 < bowl.gap(near) < 1e-21  # where loss - minimum is rounding noise


def test_flat_directions():
    A = np.outer([1.0, 2.0], [1.0, 2.0])
    bowl = Quadratic(A, [3.0, 6.0])
    assert bowl.eigenvalues[0] == 0 and bowl.kappa == np.inf
    assert np.allclose(bowl.argmin, np.linalg.pinv(A) @ [3.0, 6.0], rtol=1e-13)
    with pytest.raises(ValueError, match="no minimum"):
        Quadratic(A, [1.0, 0.0])
    zero = Quadratic(np.zeros((2, 2)))
    assert zero.minimum == 0 and np.array_equal(zero.argmin, [0, 0])


def test_least_squares_agrees_with_lapack_and_takes_the_shortest_solution():
    full = SMOOTH["least squares"]
    assert np.allclose(full.argmin, np.linalg.solve(full.X.T @ full.X, full.X.T @ full.y))
    assert np.allclose(full.eigenvalues, np.sort(2 * np.linalg.svd(full.X)[1] ** 2), rtol=1e-12)
    wide = np.random.default_rng(7).standard_normal((3, 5))
    y = np.array([1.0, 2.0, 3.0])
    flat = LeastSquares(wide, y)
    assert np.count_nonzero(flat.eigenvalues == 0) == 2 and flat.kappa == np.inf
    assert np.allclose(flat.argmin, np.linalg.pinv(wide) @ y, rtol=1e-12)
    assert flat.minimum < 1e-25
    start = np.random.default_rng(8).standard_normal(5)
    lr = 1.0 / flat.eigenvalues[-1]
    end = trace(descend(flat.loss_grad, start, rules.sgd, lr=lr), 4000).w[-1]
    null = np.eye(5) - np.linalg.pinv(wide) @ wide
    assert np.allclose(end, flat.argmin + null @ start, atol=1e-12)


def test_gaussian_points_are_the_notes():
    X, y = gaussian_points()
    assert X.shape == (500, 2) and y.shape == (500,) and y.dtype == float
    assert set(y) == {0.0, 1.0} and np.array_equal(y == 1, X[:, 1] > 0)
    assert np.allclose(X.mean(0), [-3, 0], atol=0.5) and np.allclose(X.std(0), [3, 1], atol=0.2)
    lam = LeastSquares(X, y).eigenvalues
    assert [f"{v:.5g}" for v in lam] == ["1000.4", "18745"]
    assert f"{LeastSquares(X, y).kappa:.4g}" == "18.74"
    assert not np.array_equal(gaussian_points(seed=1)[0], X)


def test_worst_quadratic_is_solved_by_powers_and_keeps_its_promises():
    for n, kappa in ((2, 4.0), (30, 100.0), (200, 9.0)):
        chain = WorstQuadratic(n, kappa)
        rho = (kappa**0.5 - 1) / (kappa**0.5 + 1)
        assert np.allclose(np.linalg.solve(chain.A, chain.b), rho ** np.arange(1, n + 1), atol=1e-14)
        assert 1 < chain.eigenvalues[0] and chain.eigenvalues[-1] < kappa
    assert chain.kappa > 0.999 * kappa  # long chains fill the interval
    assert np.array_equal(np.argwhere(chain.A[0]).ravel(), [0, 1])


# counterexamples


def test_lessard_cycle_is_exact_and_gradient_descent_converges():
    problem = LessardCycle()
    path = trace(descend(problem.loss_grad, np.array([3.3]), rules.momentum, lr=1 / 9, beta=4 / 9), 3000)
    cycle = np.sort(path.w[-3:, 0])
    exact = np.array([-2208, 792, 2592]) / 1225  # the paper's fractions
    assert np.abs(cycle - exact).max() < 1e-14
    descent = trace(descend(problem.loss_grad, np.array([3.3]), rules.sgd, lr=1 / 25), 3000)
    assert abs(descent.w[-1, 0]) < 1e-14


def test_lessard_loss_is_the_integral_of_its_slope():
    problem = LessardCycle()
    for x in (-2.0, 0.5, 1.0, 1.7, 2.0, 3.3):
        area, _ = quad(lambda s: problem.grad(np.array([s]))[0], 0, x, points=[1.0, 2.0][: int(x)])
        assert abs(problem.loss(np.array([x])) - area) < 1e-10
    x = np.linspace(-1, 4, 2001)[:, None]
    slopes = np.diff(problem.grad(x)[:, 0]) / np.diff(x[:, 0])
    assert slopes.min() > 1 - 1e-9 and slopes.max() < 25 + 1e-9  # mu and L


def reddi(rule, **hyper):
    problem, w, s, regret = ReddiSequence(C=3), np.zeros(1), rules.START, 0.0
    for t in range(6000):
        loss, grad = problem.loss_grad(w, t)
        regret += loss - problem.loss_grad(problem.argmin, t)[0]
        w, s = rule(w, grad, s, lr=0.5 / np.sqrt(t + 1.0).item(), beta1=0.0, beta2=0.1, **hyper)
        w = problem.project(w)
    return w[0], regret / 6000


def test_adam_ends_at_the_worst_point_of_reddis_sequence_and_amsgrad_near_the_best():
    end, regret = reddi(rules.adam, correct=False)
    assert end == 1.0 and regret == pytest.approx(2 / 3, abs=0.01)
    end, regret = reddi(rules.amsgrad)
    assert end < -0.95 and regret < 0.02


def test_reddi_counts_steps_from_one():
    problem = ReddiSequence(C=5)
    for t in range(9):
        loss, grad = problem.loss_grad(np.array([[0.5], [-1.0]]), t)
        slope = 5 if (t + 1) % 3 == 1 else -1
        assert np.array_equal(grad, [[slope], [slope]]) and np.array_equal(loss, [slope / 2, -slope])
    mean = np.mean([problem.loss_grad(np.array([0.3]), t)[0] for t in range(3)])
    assert mean == pytest.approx(problem.loss(np.array([0.3])), rel=1e-15)


def test_saddle_and_valley_have_the_shape_they_say():
    saddle = Saddle()
    hessian = differences(saddle.grad, saddle.saddle)
    assert np.allclose(hessian, np.diag([1.0, -1.0]), atol=1e-9)
    assert saddle.loss(-saddle.argmin) == saddle.minimum
    valley = Valley(flat=0.1, steep=3.0, bend=0.5)
    x = np.linspace(-6, 6, 50)
    floor = np.stack([x, valley.floor(x)], -1)
    assert np.allclose(valley.loss(floor), 0.05 * x**2, rtol=1e-12)  # the floor slopes gently
    assert np.allclose(valley.grad(floor), np.stack([0.1 * x, 0 * x], -1), atol=1e-14)
    top = [np.linalg.eigvalsh(differences(valley.grad, w))[-1] for w in floor]
    assert np.abs(np.array(top) / (3 * (1 + 0.25 * np.sin(x) ** 2)) - 1).max() < 0.04


# noise


def test_noise_is_a_pure_function_of_seed_step_and_place():
    noisy = NoisyQuadratic([1.0, 4.0], [0.1, 0.2], seed=3)
    w = np.ones((4, 2))
    first = [noisy.loss_grad(w, t)[1] for t in range(5)]
    again = [noisy.loss_grad(w, t)[1] for t in reversed(range(5))][::-1]
    assert np.array_equal(first, again)
    np.random.seed(0)  # the global state has no say
    assert np.array_equal(noisy.loss_grad(w, 2)[1], first[2])
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(NoisyQuadratic([1.0, 4.0], [0.1, 0.2], seed=4).loss_grad(w, 0)[1], first[0])
    more = noisy.loss_grad(np.ones((9, 2)), 2)[1]
    assert np.array_equal(more[:4], first[2])
    assert np.array_equal(noisy.loss_grad(w, 2)[0], noisy.loss(w))  # the loss is exact
    shifted = noisy.loss_grad(w + 1, 2)[1] - noisy.grad(w + 1)
    assert np.allclose(shifted, first[2] - noisy.grad(w), atol=1e-14)  # same noise elsewhere


def test_noise_has_the_size_it_says_and_is_independent():
    runs, steps = 2000, 40
    noisy = NoisyQuadratic([1.0, 4.0], [0.5, 2.0], seed=1)
    w = np.ones((runs, 2))
    xi = np.array([noisy.loss_grad(w, t)[1] - noisy.grad(w) for t in range(steps)])
    n = runs * steps
    assert np.all(np.abs(xi.mean((0, 1))) < 4 * np.array([0.5, 2.0]) / np.sqrt(n))
    assert np.all(np.abs(xi.std((0, 1)) / [0.5, 2.0] - 1) < 4 / np.sqrt(2 * n))
    unit = xi / [0.5, 2.0]
    for a, b in (
        (unit[1:], unit[:-1]),  # from step to step
        (unit[:, 1:], unit[:, :-1]),  # from run to run
        (unit[..., 0], unit[..., 1]),  # from coordinate to coordinate
    ):
        assert abs(np.mean(a * b)) < 4 / np.sqrt(a.size)


def test_descend_gives_noise_the_step_count():
    noisy = NoisyQuadratic([1.0], 1.0, seed=5)
    path = trace(descend(noisy.loss_grad, np.zeros(1), rules.sgd, lr=0.1), 3)
    for t, w, g in zip(path.t, path.w, path.grad, strict=True):
        assert np.array_equal(g, noisy.loss_grad(w, t)[1])


# the net


@pytest.mark.parametrize("squared", [False, True])
def test_net_loss_is_the_textbook_one(squared):
    net = NETS["squared net" if squared else "net"]
    w = net.init(1) * 3
    W1, b1, W2, b2 = net.unpack(w)
    loss = 0.0
    for x, label in zip(net.X, net.y, strict=True):
        z = np.tanh(x @ W1 + b1[0]) @ W2 + b2[0]
        one = np.arange(3) == label
        loss += 0.5 * np.sum((z - one) ** 2) if squared else -log_softmax(z)[label]
    assert net.loss(w) == pytest.approx(loss / len(net.y), rel=1e-13)


def test_net_survives_large_scores():
    net = NETS["net"]
    w = 1e4 * net.init(0)
    loss, grad = net.loss_grad(w)
    assert np.isfinite(loss) and np.all(np.isfinite(grad))


@every(NETS)
def test_hessian_vector_is_the_derivative_of_the_gradient(problem):
    w = problem.init(2)
    hessian = problem.hessian_vector(w, np.eye(problem.size))
    assert np.abs(hessian - hessian.T).max() < 1e-15
    assert np.abs(hessian - differences(problem.grad, w)).max() < 1e-9
    v = np.random.default_rng(0).standard_normal((2, 5, problem.size))
    assert np.allclose(problem.hessian_vector(w, v), v @ hessian, atol=1e-13)
    many = problem.init(2, 5)
    assert np.allclose(
        problem.hessian_vector(many, v)[1, 3], problem.hessian_vector(many[3], v[1, 3]), atol=1e-14
    )


@every(NETS)
def test_sharpness_is_the_largest_eigenvalue(problem):
    for seed in range(5):
        w = problem.init(seed)
        lam = np.linalg.eigvalsh(problem.hessian_vector(w, np.eye(problem.size)))
        assert problem.sharpness(w, tol=1e-9) == pytest.approx(lam[-1], rel=1e-9)
        assert problem.sharpness(w, seed=4) == pytest.approx(lam[-1], rel=1e-6)
        assert problem.sharpness(w) == problem.sharpness(w)
    with pytest.raises(ArithmeticError, match="after 2 iterations"):
        problem.sharpness(w, iterations=2)
    with pytest.raises(ValueError, match="w has shape"):
        problem.sharpness(problem.init(0, 2))
    with pytest.raises(ValueError, match="(?s)w is .*nan"):
        problem.sharpness(np.full(problem.size, np.nan))


def test_net_starts_at_the_right_scale():
    net = TanhNet(np.ones((2, 50)), [0, 1], hidden=60, classes=2)
    w = net.init(0, 40)
    W1, b1, W2, b2 = net.unpack(w)
    assert not b1.any() and not b2.any()
    assert W1.std() == pytest.approx(50**-0.5, rel=0.02)
    assert W2.std() == pytest.approx(60**-0.5, rel=0.05)
    assert np.array_equal(net.init(0, 40), w) and not np.array_equal(net.init(1, 40), w)
    assert np.shares_memory(W1, w)
    narrow = TanhNet([[1.0]], [0], hidden=3, classes=2).init(0)
    assert narrow[:3].all()  # one input: its weights are no bias


def test_gradient_descent_reaches_the_edge_of_stability():
    digits = load_digits()
    X = digits.data[:300] / 16
    X, y = X - X.mean(axis=0), digits.target[:300]
    lr = 0.4
    seen = {}
    for squared in (True, False):
        net = TanhNet(X, y, hidden=40, classes=10, squared=squared)
        w = net.init(0)
        edge = [net.sharpness(w, tol=1e-4) * lr / 2]
        for t in range(1, 4001):
            w = w - lr * net.grad(w)
            if t % 200 == 0:
                edge.append(net.sharpness(w, tol=1e-4) * lr / 2)
        seen[squared] = np.array(edge)
    assert seen[True][0] < 0.6 and np.all(np.abs(seen[True][-6:] - 1) < 0.06)
    assert seen[False][-1] < 0.05  # cross-entropy: flatter and flatter


# input


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Quadratic(np.ones((2, 3))), r"A has shape \(2, 3\)"),
        (lambda: Quadratic([[1.0, 1.0], [0.0, 1.0]]), "A is not symmetric"),
        (lambda: Quadratic([1.0, -1.0]), "A has the eigenvalue -1"),
        (lambda: Quadratic([1.0, np.nan]), "(?s)A is .*nan"),
        (lambda: Quadratic([1.0, 2.0], [1.0]), r"b has shape \(1,\)"),
        (lambda: rotated([1.0], 0), r"eigenvalues has shape \(1,\)"),
        (lambda: LeastSquares(np.ones(3), np.ones(3)), r"X has shape \(3,\)"),
        (lambda: LeastSquares(np.ones((3, 2)), np.ones(2)), r"y has shape \(2,\)"),
        (lambda: gaussian_points(0), "n is 0"),
        (lambda: WorstQuadratic(1, 4.0), "n is 1"),
        (lambda: WorstQuadratic(5, 0.5), "kappa is 0.5"),
        (lambda: Valley(flat=2.0), "steep is 1.0, flat is 2.0"),
        (lambda: Valley(bend=-1.0), "bend is -1.0"),
        (lambda: Rosenbrock(b=0.0), "b is 0.0"),
        (lambda: NoisyQuadratic([1.0], -1.0), "noise is -1.0"),
        (lambda: NoisyQuadratic([1.0, 2.0], [1.0] * 3), r"noise has shape \(3,\)"),
        (lambda: NoisyQuadratic([0.0], 1.0), "eigenvalues is"),
        (lambda: NoisyQuadratic([1.0], 1.0).loss_grad(np.zeros(1), t=-1), "t is -1"),
        (lambda: ReddiSequence(C=2), "C is 2"),
        (lambda: ReddiSequence().loss_grad(np.zeros(1), t=0.5), "t is 0.5"),
        (lambda: TanhNet(np.ones(3), [0], 1, 1), r"X has shape \(3,\)"),
        (lambda: TanhNet(np.ones((3, 1)), [0], 1, 1), r"y has shape \(1,\)"),
        (lambda: TanhNet(np.ones((2, 1)), [0, 3], 1, 3), "y runs from 0 to 3"),
        (lambda: TanhNet(np.ones((2, 1)), [0, 1], 0, 2), "hidden is 0"),
    ],
)
def test_bad_problems_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_labels_must_be_whole():
    with pytest.raises(TypeError, match="y has dtype float64"):
        TanhNet(np.ones((2, 1)), [0.0, 1.0], 1, 2)


def test_a_problem_of_ones_own():
    class Ramp(Problem):
        def __init__(self):
            self.set(size=1)

        def _loss(self, w):
            return w[..., 0]

        def _grad(self, w):
            return np.ones_like(w)

    path = trace(descend(Ramp().loss_grad, np.zeros(1), rules.sgd, lr=0.5), 2)
    assert path.loss.tolist() == [0.0, -0.5, -1.0]
    assert Ramp().minimum is None and Ramp().argmin is None and Ramp().eigenvalues is None
