"""The closed forms against loops of the real rules, eigensolvers, searches, exact fractions."""

from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.optimize import minimize, minimize_scalar

from lib import rules, theory
from lib.averages import ewa_path
from lib.loop import descend, trace
from lib.problems import Quadratic, WorstQuadratic, rotated

laws = settings(derandomize=True, deadline=None, max_examples=100)
LAMS = np.array([0.3, 1.0, 2.5, 4.0])
rates = st.floats(1e-3, 4.0)
betas = st.floats(0.0, 0.999)


def relative(a, b):
    return np.max(np.abs(np.asarray(a) - b)) / np.max(np.abs(b))


def exact_power(lr, beta, lam, t):
    """R^t in rational arithmetic: no rounding at all until the end."""
    lr, beta, lam = Fraction(lr), Fraction(beta), Fraction(lam)
    r = [[beta, lam], [-lr * beta, 1 - lr * lam]]
    power = [[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]]
    for _ in range(t):
        power = [[sum(power[i][k] * r[k][j] for k in (0, 1)) for j in (0, 1)] for i in (0, 1)]
    return np.array([[float(x) for x in row] for row in power])


def random_bowl(seed, n=5, kappa=30.0):
    rng = np.random.default_rng(seed)
    q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    lam = np.geomspace(1.0, kappa, n)
    return Quadratic((q * lam) @ q.T, rng.standard_normal(n)), rng.standard_normal(n)


# gradient descent


@pytest.mark.parametrize("seed", range(5))
def test_gd_modes_and_gap_are_the_loop(seed):
    bowl, w0 = random_bowl(seed)
    lr = 1.9 / bowl.eigenvalues[-1]
    path = trace(descend(bowl.loss_grad, w0, rules.sgd, lr=lr), 40)
    x0 = bowl.modes(w0)
    predicted = theory.gd_modes(lr, bowl.eigenvalues, x0, path.t)
    assert predicted.shape == (41, 5)
    assert relative(predicted, bowl.modes(path.w)) < 1e-13
    gap = theory.gd_gap(lr, bowl.eigenvalues, x0, path.t)
    assert relative(gap, path.loss - bowl.minimum) < 1e-13


def test_gd_modes_take_runs_learning_rates_and_any_shape_of_t():
    x0 = np.random.default_rng(0).standard_normal((3, 4))
    lr = np.array([0.1, 0.2, 0.3])
    t = np.array([[0, 1], [5, 7]])
    out = theory.gd_modes(lr, LAMS, x0, t)
    assert out.shape == (2, 2, 3, 4)
    for i in range(3):
        assert np.allclose(out[1, 0, i], (1 - lr[i] * LAMS) ** 5 * x0[i], rtol=1e-14)
    assert theory.gd_gap(lr, LAMS, x0, t).shape == (2, 2, 3)


def test_three_regimes_of_one_mode():
    signs = [np.sign(theory.gd_modes(lr, [1.0], [1.0], np.arange(4))[:, 0]) for lr in (0.5, 1.5)]
    assert np.array_equal(signs, [[1, 1, 1, 1], [1, -1, 1, -1]])
    at_limit = theory.gd_modes(theory.max_lr([1.0, 4.0]), [4.0], [1.0], np.arange(6))[:, 0]
    assert np.array_equal(at_limit, [1, -1, 1, -1, 1, -1])
    assert abs(theory.gd_factor(1.5, 1.0)) < 1 < abs(theory.gd_factor(2.01, 1.0))


@laws
@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=6))
def test_optimal_lr_is_where_a_numerical_search_ends(lams):
    best = minimize_scalar(
        lambda lr: np.max(np.abs(1 - lr * np.array(lams))),
        bounds=(0, 2 / max(lams)),
        method="bounded",
        options={"xatol": 1e-10 / max(lams)},
    )
    lr = theory.optimal_lr(lams)
    assert abs(best.x / lr - 1) < 1e-6
    assert theory.gd_rate(lr, lams) <= best.fun + 1e-12
    assert abs(theory.gd_rate(lr, lams) - theory.optimal_rate(max(lams) / min(lams))) < 1e-12


def test_rates_over_grids_of_learning_rates_and_spectra():
    lr = np.linspace(0.1, 0.6, 7)
    assert np.allclose(
        theory.gd_rate(lr, LAMS), [max(abs(1 - a * lam) for lam in LAMS) for a in lr], rtol=1e-15
    )
    spectra = np.stack([LAMS, 2 * LAMS])
    assert np.allclose(theory.optimal_lr(spectra), theory.optimal_lr(LAMS) / [1, 2])
    assert theory.max_lr(spectra).shape == (2,)


@pytest.mark.parametrize("kappa", [2.0, 10.0, 300.0])
def test_steps_to_counts_the_steps_of_a_loop(kappa):
    rate = theory.optimal_rate(kappa)
    bowl = Quadratic([1.0, kappa])
    lr = theory.optimal_lr(bowl.eigenvalues)
    for step in descend(bowl.loss_grad, np.array([1.0, 0.0]), rules.sgd, lr=lr):
        if abs(step.w[0]) <= 1e-6:
            break
    assert step.t == ceil(theory.steps_to(1e-6, rate))
    if kappa > 100:
        assert abs(theory.steps_to(1e-6, rate) / (kappa / 2 * np.log(1e6)) - 1) < 1e-4
    assert theory.steps_to(0.1, 0.0) == 0


@pytest.mark.parametrize("kappa", [3.0, 50.0])
def test_line_search_loses_the_same_factor_every_step_from_the_worst_start(kappa):
    bowl, w = Quadratic([1.0, kappa]), np.array([kappa, 1.0])
    for _ in range(20):
        g = bowl.grad(w)
        after = w - (g @ g) / (g @ bowl.A @ g) * g
        ratio = bowl.loss(after) / bowl.loss(w)
        assert abs(ratio / theory.line_search_rate(kappa) - 1) < 1e-13
        w = after


def test_line_search_never_loses_more():
    rng = np.random.default_rng(3)
    bowl = Quadratic([1.0, 2.0, 9.0])
    for w in rng.standard_normal((500, 3)):
        g = bowl.grad(w)
        after = w - (g @ g) / (g @ bowl.A @ g) * g
        assert bowl.loss(after) <= bowl.loss(w) * theory.line_search_rate(9.0) * (1 + 1e-12)


# momentum


@laws
@given(rates, betas, st.floats(-2.0, 4.0))
def test_momentum_matrix_is_one_step_of_the_rule(lr, beta, lam):
    m, x = 0.7, -1.3
    w, s = rules.momentum(np.array([x]), np.array([lam * x]), rules.State(1, np.array([m])), lr=lr, beta=beta)
    step = theory.momentum_matrix(lr, beta, lam) @ [m, x]
    assert np.allclose(step, [s.m[0], w[0]], rtol=1e-14, atol=1e-14)


@laws
@given(rates, betas, st.floats(-2.0, 4.0))
def test_momentum_roots_are_the_eigenvalues(lr, beta, lam):
    roots = theory.momentum_roots(lr, beta, lam)
    values = np.linalg.eigvals(theory.momentum_matrix(lr, beta, lam))
    off = min(np.abs(roots - values).max(), np.abs(roots - values[::-1]).max())
    assert off < 2e-7  # at a double root an eigensolver knows half the digits
    if np.abs(roots[0] - roots[1]) > 0.1:
        assert off < 1e-12
    assert abs(np.prod(roots) - beta) < 1e-14
    assert abs(roots[0]) >= abs(roots[1]) * (1 - 1e-15)


def test_roots_are_complex_exactly_between_the_two_critical_betas():
    for a in (0.01, 0.3, 0.9, 1.7):
        low = theory.critical_beta(1.0, a)
        high = (1 + np.sqrt(a)) ** 2
        for beta in np.linspace(0, 4, 1001):
            roots = theory.momentum_roots(1.0, beta, a)
            assert np.iscomplex(roots).any() == (low < beta < high)
            if low < beta < high:
                assert np.abs(np.abs(roots) - np.sqrt(beta)).max() < 1e-15


def test_stability_region_on_36000_points():
    lr_lam, beta = np.meshgrid(np.linspace(0.013, 4.4, 240), np.linspace(0, 1.19, 150))
    claimed = theory.momentum_stable(lr_lam, beta, 1.0)
    matrices = theory.momentum_matrix(lr_lam, beta, 1.0)
    radius = np.abs(np.linalg.eigvals(matrices)).max(-1)
    assert claimed.size == 36_000
    assert np.abs(radius - 1).min() > 1e-6  # no point so near the border that rounding decides
    assert np.count_nonzero(claimed != (radius < 1)) == 0
    assert 0.3 < claimed.mean() < 0.9


def test_no_curvature_and_negative_curvature_are_not_stable():
    assert not theory.momentum_stable(0.1, 0.5, 0.0)
    assert not theory.momentum_stable(0.1, 0.5, -1.0)
    assert abs(theory.momentum_rate(0.1, 0.5, [0.0]) - 1) < 1e-15
    assert theory.momentum_rate(0.1, 0.5, [-1.0]) > 1


@pytest.mark.parametrize("beta", [0.0, 0.2, 0.9])
def test_momentum_rate_is_what_a_long_loop_shows(beta):
    lr = 0.3
    path = trace(descend(Quadratic(LAMS).loss_grad, np.ones(4), rules.momentum, lr=lr, beta=beta), 400)
    size = np.abs(path.w).max(axis=1)
    seen = (size[200:400].max() / size[:200].max()) ** (1 / 200)
    assert abs(seen / theory.momentum_rate(lr, beta, LAMS) - 1) < 0.01


@laws
@given(st.floats(0.05, 0.95), st.sampled_from([0.0, 1e-14, -1e-14, 1e-9, -1e-9, 1e-4, -1e-4, 0.1]))
def test_power_is_exact_at_and_near_the_double_root(root, off):
    lam, lr = 2.0, (1 - root) ** 2 / 2
    beta = float(np.clip(root**2 + off, 0, 0.99))
    scale = np.abs(exact_power(lr, beta, lam, 1)).max()
    for t in (0, 1, 2, 7, 40):
        exact = exact_power(lr, beta, lam, t)
        ours = theory.momentum_power(lr, beta, lam, t)
        # rounding of R's own entries grows like t, and is measured against the largest power
        size = max(np.abs(exact).max(), scale * max(root, beta**0.5) ** t)
        assert np.abs(ours - exact).max() <= 1e-13 * (1 + t) ** 2 * size


@laws
@given(rates, betas, st.floats(-1.0, 4.0), st.integers(0, 60))
def test_power_is_the_product(lr, beta, lam, t):
    r = theory.momentum_matrix(lr, beta, lam)
    product = np.linalg.matrix_power(r, t)
    ours = theory.momentum_power(lr, beta, lam, t)
    # an entry may be a small difference of large terms: compare with the matrix's own growth
    size = max(np.linalg.norm(np.linalg.matrix_power(np.abs(r), k)) for k in (t, t // 2))
    assert np.abs(ours - product).max() <= 1e-12 * max(size, np.abs(product).max(), 1e-300)


@pytest.mark.parametrize("t", [0, 1, 2, 3, 10])
def test_power_without_momentum_and_without_curvature(t):
    plain = theory.momentum_power(0.5, 0.0, 1.0, t)
    assert np.allclose(plain[1, 1], 0.5**t, rtol=1e-15)
    newton = theory.momentum_power(1.0, 0.0, 1.0, t)  # both roots zero
    assert np.array_equal(newton, exact_power(1.0, 0.0, 1.0, t))
    flat = theory.momentum_power(0.5, 0.75, 0.0, t)
    assert np.allclose(flat, exact_power(0.5, 0.75, 0.0, t), rtol=1e-14, atol=1e-15)


def test_double_root_transient_is_t_times_a_power():
    lr, lam = 0.04, 1.0
    beta = theory.critical_beta(lr, lam)
    sigma = 1 - np.sqrt(lr * lam)
    r = theory.momentum_matrix(lr, beta, lam)
    for t in range(1, 30):
        jordan = sigma**t * (t * r / sigma - (t - 1) * np.eye(2))
        assert np.abs(theory.momentum_power(lr, beta, lam, t) - jordan).max() < 1e-14
    size = np.linalg.norm(theory.momentum_power(lr, beta, lam, np.arange(30)), axis=(1, 2))
    assert size.max() > 1.5 * size[0] and size.argmax() > 1  # it grows before it shrinks


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.95])
def test_momentum_modes_are_the_loop(seed, beta):
    bowl, w0 = random_bowl(seed)
    lr = 1.5 * (1 + beta) / bowl.eigenvalues[-1]
    path = trace(descend(bowl.loss_grad, w0, rules.momentum, lr=lr, beta=beta), 60)
    predicted = theory.momentum_modes(lr, beta, bowl.eigenvalues, bowl.modes(w0), path.t)
    assert predicted.shape == (61, 5)
    assert relative(predicted, bowl.modes(path.w)) < 1e-12


def test_momentum_modes_take_runs():
    x0 = np.random.default_rng(0).standard_normal((3, 4))
    out = theory.momentum_modes(np.array([0.1, 0.2, 0.3]), 0.5, LAMS, x0, [0, 4])
    assert out.shape == (2, 3, 4)
    assert np.allclose(out[1, 2], theory.momentum_modes(0.3, 0.5, LAMS, x0[2], 4), rtol=1e-14)


def decimal_rate(p, kappa):
    """Momentum's rate in 40 digits: at the optimum floats know only half of theirs."""
    lr, beta = Decimal(float(p[0])), Decimal(float(p[1]))
    if not (lr > 0 and 0 <= beta < 1):
        return 2.0
    sizes = []
    with localcontext(prec=40):
        for lam in (Decimal(1), Decimal(kappa)):
            trace_ = abs(1 + beta - lr * lam)
            disc = trace_ * trace_ - 4 * beta
            sizes.append((trace_ + disc.sqrt()) / 2 if disc > 0 else beta.sqrt())
    return float(max(sizes))


@pytest.mark.parametrize("kappa", [2.0, 18.74, 400.0])
def test_momentum_optimum_is_where_nelder_mead_ends(kappa):
    lr, beta, best = theory.momentum_optimum([1.0, kappa])
    at = np.array([lr * 0.8, beta * 0.9])
    for size in np.geomspace(0.1, 1e-8, 25):  # restarted: the minimum is a sharp corner
        simplex = at * (1 + size * np.array([[0, 0], [1, 0], [0, -1]]))
        options = {"xatol": 1e-16, "fatol": 1e-16, "maxiter": 300, "initial_simplex": simplex}
        found = minimize(decimal_rate, at, args=(kappa,), method="Nelder-Mead", options=options)
        at = found.x
    assert abs(at[0] / lr - 1) < 2e-13 and abs(at[1] / beta - 1) < 2e-13
    assert abs(found.fun - best) < 2e-14
    assert theory.momentum_rate(lr, beta, [1.0, kappa]) == pytest.approx(best, abs=1e-14)


def test_worked_numbers_of_the_gaussian_points():
    from lib.problems import LeastSquares, gaussian_points

    lams = LeastSquares(*gaussian_points()).eigenvalues
    lr, beta, rate = theory.momentum_optimum(lams)
    assert f"{lr:.4g} {beta:.3f} {rate:.3f}" == "0.0001408 0.390 0.625"
    assert f"{theory.max_lr(lams):.5g} {theory.optimal_lr(lams):.5g}" == "0.00010669 0.00010129"
    assert f"{theory.optimal_rate(lams[1] / lams[0]):.4f}" == "0.8987"
    # the same optimum for the averaged form, whose "beta" the exercise gives to the new gradient
    assert f"{lr / (1 - beta):.3g} {1 - beta:.3f}" == "0.000231 0.610"


# Nesterov


@laws
@given(rates, betas, st.floats(-1.0, 4.0))
def test_nesterov_matrix_is_one_step_of_the_rule(lr, beta, lam):
    m, x = 0.7, -1.3
    w, s = rules.nesterov(np.array([x]), np.array([lam * x]), rules.State(1, np.array([m])), lr=lr, beta=beta)
    step = theory.nesterov_matrix(lr, beta, lam) @ [m, x]
    assert np.allclose(step, [s.m[0], w[0]], rtol=1e-13, atol=1e-13)


@laws
@given(rates, betas, st.lists(st.floats(0.0, 4.0), min_size=1, max_size=4))
def test_nesterov_rate_is_the_spectral_radius_of_its_own_recursion(lr, beta, lams):
    worst = 0.0
    for lam in lams:
        a = 1 - lr * lam
        companion = np.array([[(1 + beta) * a, -beta * a], [1.0, 0.0]])
        worst = max(worst, np.abs(np.linalg.eigvals(companion)).max())
    assert abs(theory.nesterov_rate(lr, beta, lams) - worst) < 3e-7 * max(1, worst)


@pytest.mark.parametrize("kappa", [2.0, 10.0, 1e4])
def test_nesterov_constants_reach_their_rates_and_tuned_is_best(kappa):
    lams = np.geomspace(3.0, 3.0 * kappa, 50)
    for constants in (theory.nesterov_standard, theory.nesterov_tuned):
        lr, beta, rate = constants(3.0, 3.0 * kappa)
        assert theory.nesterov_rate(lr, beta, lams) == pytest.approx(rate, abs=1e-13)
    rng = np.random.default_rng(0)
    near = [
        theory.nesterov_rate(lr * np.exp(a), np.clip(beta + b * (1 - beta), 0, 0.9999), lams)
        for a, b in rng.normal(0, 0.05, (500, 2))
    ]
    assert min(near) > rate


# the limits of speed


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "adam"])
def test_no_rule_beats_the_worst_case_bound(name):
    n, kappa = 40, 25.0
    chain = WorstQuadratic(n, kappa)
    lr = 0.01 if name == "adam" else 1 / kappa
    path = trace(descend(chain.loss_grad, np.zeros(n), getattr(rules, name), lr=lr), n - 1)
    for t, w in enumerate(path.w):
        assert np.all(w[t:] == 0)  # exactly: information moves one coordinate per step
    off = path.w - chain.argmin
    bound = theory.worst_case_bound(kappa, path.t)
    largest, length = np.abs(off).max(axis=1), np.linalg.norm(off, axis=1)
    assert np.all(largest >= bound * largest[0] * (1 - 1e-12))  # the first step can be equal
    assert np.all(length >= theory.worst_case_bound(kappa, path.t, n=n) * length[0] * (1 - 1e-12))


def test_worst_case_bound_of_finite_chains_is_reached_by_the_best_conceivable_method():
    n, kappa = 12, 9.0
    w = WorstQuadratic(n, kappa).argmin
    for t in range(n + 3):
        left = np.linalg.norm(w[t:]) / np.linalg.norm(w)  # the first t coordinates are right
        assert abs(theory.worst_case_bound(kappa, t, n=n) - left) < 1e-14
    assert abs(theory.worst_case_bound(kappa, 5, n=10**6) - theory.worst_case_bound(kappa, 5)) < 1e-15
    assert theory.worst_case_bound(1.0, np.array([0, 1]), n=4).tolist() == [1, 0]


@pytest.mark.parametrize("kappa", [4.0, 100.0])
@pytest.mark.parametrize("steps", [1, 2, 7, 16])
def test_chebyshev_schedule_reaches_its_bound_and_no_constant_rate_does(kappa, steps):
    lam = np.linspace(1.0, kappa, 20_001)
    lrs = theory.chebyshev_lrs(1.0, kappa, steps)
    polynomial = np.prod(1 - np.multiply.outer(lrs, lam), axis=0)
    bound = theory.chebyshev_bound(kappa, steps)
    assert abs(np.abs(polynomial).max() / bound - 1) < 1e-12
    if steps > 1:
        assert theory.optimal_rate(kappa) ** steps > bound * 1.01
    else:
        assert lrs[0] == pytest.approx(theory.optimal_lr([1.0, kappa]), rel=1e-15)
    rng = np.random.default_rng(1)
    for nudge in rng.normal(0, 0.02, (50, steps)):
        other = np.prod(1 - np.multiply.outer(lrs * np.exp(nudge), lam), axis=0)
        assert np.abs(other).max() > bound


def run_schedule(lrs, bowl, w0):
    path = trace(descend(bowl.loss_grad, w0, rules.sgd, lr=lambda t: float(lrs[t])), len(lrs))
    return np.linalg.norm(path.w[-1] - bowl.argmin) / np.linalg.norm(w0 - bowl.argmin)


@pytest.mark.parametrize("steps", [64, 100])
def test_stable_order_survives_rounding_and_natural_order_does_not(steps):
    bowl, w0 = random_bowl(1, n=30, kappa=100.0)
    natural = theory.chebyshev_lrs(1.0, 100.0, steps)
    stable = theory.chebyshev_lrs(1.0, 100.0, steps, order="stable")
    assert np.array_equal(np.sort(natural), np.sort(stable))
    x0 = bowl.modes(w0)
    exact = np.prod(1 - np.multiply.outer(natural, bowl.eigenvalues), axis=0) * x0
    exact = np.linalg.norm(exact) / np.linalg.norm(x0)
    assert abs(run_schedule(stable, bowl, w0) / exact - 1) < 1e-5
    assert run_schedule(natural, bowl, w0) > 1e3


def test_natural_order_is_sound_for_few_steps():
    bowl, w0 = random_bowl(1, n=30, kappa=100.0)
    ends = [
        run_schedule(theory.chebyshev_lrs(1.0, 100.0, 16, order=o), bowl, w0) for o in ("natural", "stable")
    ]
    assert abs(ends[0] / ends[1] - 1) < 1e-6


# the oscillator and the average


@pytest.mark.parametrize("beta", [0.2, 0.8, 0.9, 0.8 + 1e-12, 0.8 - 1e-7, 0.999])
def test_oscillator_is_the_matrix_exponential(beta):
    lr, lam = 0.02, 0.5  # critical at beta = 0.8
    system = np.array([[0.0, 1.0], [-lr * lam, -(1 - beta)]])
    t = np.array([0.0, 0.5, 3.0, 40.0])
    exact = np.array([expm(system * s)[0, 0] for s in t])
    assert np.abs(theory.oscillator(lr, beta, lam, t, x0=2.0) - 2 * exact).max() < 1e-13


def test_oscillator_regimes_and_quality():
    t = np.arange(0, 400.0)
    swings = [np.any(theory.oscillator(0.01, beta, 1.0, t) < 0) for beta in (0.5, 0.8, 0.9)]
    assert swings == [False, False, True]
    assert theory.quality_factor(0.01, 0.8, 1.0) == pytest.approx(0.5, rel=1e-12)
    # Q/pi full swings take the error to about 1/e
    beta, a = 0.99, 0.01
    q = theory.quality_factor(a, beta, 1.0)
    swing = 2 * np.pi / np.sqrt(a)
    assert theory.oscillator(a, beta, 1.0, 3 * swing) == pytest.approx(np.exp(-3 * np.pi / q), rel=0.01)


def test_momentum_tends_to_the_oscillator():
    damping, lam, tau = 0.7, 2.0, 3.0
    errors = []
    for lr in (1e-2, 1e-4, 1e-6):
        beta, t = 1 - damping * np.sqrt(lr), round(tau / np.sqrt(lr))
        x = theory.momentum_modes(lr, beta, [lam], [1.0], t)[0]
        errors.append(abs(x - theory.oscillator(lr, beta, lam, t)))
    assert errors[0] / errors[1] == pytest.approx(10, rel=0.2)  # the error falls like sqrt(lr)
    assert errors[1] / errors[2] == pytest.approx(10, rel=0.05)


@laws
@given(betas, st.integers(1, 40))
def test_ewa_variance_is_the_sum_of_squared_responses(beta, t):
    unit = np.eye(t)  # response to each single value of noise; variances of independent ones add
    for correct in (False, True):
        response = ewa_path(unit, beta, correct=correct)[-1]
        expected = np.sum(response**2)
        assert theory.ewa_variance(beta, t, correct) == pytest.approx(expected, rel=1e-9)


def test_ewa_variance_in_the_long_run():
    assert theory.ewa_variance(0.9, 2000) == pytest.approx(theory.ewa_variance(0.9), rel=1e-14)
    noise = np.random.default_rng(0).standard_normal((300, 4000))
    seen = ewa_path(noise, 0.9)[-1].var()
    expected = theory.ewa_variance(0.9)
    assert abs(seen - expected) < 4 * expected * np.sqrt(2 / 4000)


# input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.gd_factor(0.0, 1.0), "lr is 0.0; allowed are finite numbers > 0"),
        (lambda: theory.gd_rate(0.1, []), r"lams has shape \(0,\)"),
        (lambda: theory.gd_rate(0.1, 3.0), r"lams has shape \(\)"),
        (lambda: theory.gd_modes(0.1, [1.0], [1.0], -1), "t is -1"),
        (lambda: theory.gd_modes(0.1, [1.0], [1.0], 1.5), "t is 1.5"),
        (lambda: theory.gd_gap(0.1, [-1.0], [1.0], 1), "lams is"),
        (lambda: theory.max_lr([0.0, 0.0]), "the largest of lams is 0.0"),
        (lambda: theory.optimal_lr([0.0, 1.0]), "lams is"),
        (lambda: theory.momentum_optimum([0.0, 1.0]), "lams is"),
        (lambda: theory.optimal_rate(0.5), "kappa is 0.5"),
        (lambda: theory.steps_to(1.5, 0.9), "eps is 1.5"),
        (lambda: theory.steps_to(0.1, 1.0), "rate is 1.0"),
        (lambda: theory.momentum_matrix(0.1, -0.1, 1.0), "beta is -0.1"),
        (lambda: theory.momentum_power(0.1, 0.1, np.nan, 1), "lam is nan"),
        (lambda: theory.critical_beta(0.1, -1.0), "lam is -1.0"),
        (lambda: theory.nesterov_standard(2.0, 1.0), "mu is 2.0, L is 1.0"),
        (lambda: theory.chebyshev_lrs(2.0, 1.0, 3), "lam_min is 2.0, lam_max is 1.0"),
        (lambda: theory.chebyshev_lrs(1.0, 2.0, 0), "steps is 0"),
        (lambda: theory.chebyshev_lrs(1.0, 2.0, 3, order="best"), "order is 'best'"),
        (lambda: theory.oscillator(0.1, 1.0, 1.0, 0), "beta is 1.0"),
        (lambda: theory.oscillator(0.1, 0.5, 1.0, -1.0), "t is -1.0"),
        (lambda: theory.ewa_variance(0.9, 0), "t is 0"),
        (lambda: theory.worst_case_bound(4.0, -1), "t is -1"),
    ],
)
def test_bad_values_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_rotation_leaves_the_rate_alone():
    for degrees in (0, 22.5, 45):
        bowl = rotated([1.0, 9.0], degrees)
        assert theory.gd_rate(0.1, bowl.eigenvalues) == pytest.approx(0.9, rel=1e-13)
