"""theory.js and problems.js are lib/theory and lib/problems, to twelve digits on random arguments."""

import numpy as np
import pytest

from lib import problems, theory

RNG = np.random.default_rng(7)
SPECTRA = [np.sort(10 ** RNG.uniform(-2, 1, 4)) for _ in range(12)]


def close(value, expected):
    np.testing.assert_allclose(np.asarray(value, float), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("lams", SPECTRA)
def test_gradient_descent(js, lams):
    lr = float(RNG.uniform(0.01, 1))
    call = 'modules["theory.js"]'
    close(js(f"{call}.gdRate(lr, lams)", lr=lr, lams=lams.tolist()), theory.gd_rate(lr, lams))
    close(js(f"{call}.maxLr(lams)", lams=lams.tolist()), theory.max_lr(lams))
    close(js(f"{call}.optimalLr(lams)", lams=lams.tolist()), theory.optimal_lr(lams))
    kappa = float(lams[-1] / lams[0])
    close(js(f"{call}.lineSearchRate(kappa)", kappa=kappa), theory.line_search_rate(kappa))


@pytest.mark.parametrize("lams", SPECTRA)
def test_momentum(js, lams):
    lr, beta = float(RNG.uniform(0.01, 2)), float(RNG.uniform(0, 0.99))
    call = 'modules["theory.js"]'
    for lam in lams.tolist():
        pairs = js(f"{call}.momentumRoots(lr, beta, lam)", lr=lr, beta=beta, lam=lam)
        ours = np.array([complex(re, im) for re, im in pairs])
        theirs = np.asarray(theory.momentum_roots(lr, beta, lam)).ravel()
        close(np.sort_complex(ours).view(float), np.sort_complex(theirs).view(float))
        close(js(f"{call}.criticalBeta(lr, lam)", lr=lr, lam=lam), theory.critical_beta(lr, lam))
    close(
        js(f"{call}.momentumRate(lr, beta, lams)", lr=lr, beta=beta, lams=lams.tolist()),
        theory.momentum_rate(lr, beta, lams),
    )
    best = js(f"{call}.momentumOptimum(lams)", lams=lams.tolist())
    close([best["lr"], best["beta"]], [float(v) for v in theory.momentum_optimum(lams)][:2])
    x = np.array([0.0, 1.0])
    for _ in range(5):
        x = np.asarray(theory.momentum_matrix(lr, beta, lams[0])) @ x
    steps = f"[1,2,3,4,5].reduce((s) => {call}.momentumStep(s, lr, beta, lam), [0, 1])"
    close(js(steps, lr=lr, beta=beta, lam=float(lams[0])), x)


@pytest.mark.parametrize("steps", [1, 2, 5, 16])
def test_chebyshev(js, steps):
    low, high = 0.03, 1.7
    call = 'modules["theory.js"]'
    ours = js(f"{call}.chebyshevLrs(low, high, steps)", low=low, high=high, steps=steps)
    close(np.sort(ours), np.sort(theory.chebyshev_lrs(low, high, steps)))
    close(
        js(f"{call}.chebyshevBound(k, steps)", k=high / low, steps=steps),
        theory.chebyshev_bound(high / low, steps),
    )


def test_problems(js):
    for w in RNG.uniform(-3, 3, (20, 2)):
        at = w.tolist()
        close(js('modules["problems.js"].valley().loss(w)', w=at), problems.Valley().loss(w))
        close(js('modules["problems.js"].valley().grad(w)', w=at), problems.Valley().grad(w))
        degrees = float(RNG.uniform(0, 90))
        ours, call = problems.rotated([1.0, 8.0], degrees), 'modules["problems.js"].rotated([1, 8], degrees)'
        close(js(f"{call}.loss(w)", w=at, degrees=degrees), ours.loss(w))
        close(js(f"{call}.grad(w)", w=at, degrees=degrees), ours.grad(w))
        close(np.abs(js(f"{call}.modes(w)", w=at, degrees=degrees)), np.abs(ours.modes(w)))
        for theirs, hill in (
            ("rosenbrock({ b: 5 })", problems.Rosenbrock(b=5.0)),
            ("saddle", problems.Saddle()),
        ):
            close(js(f'modules["problems.js"].{theirs}.loss(w)', w=at), hill.loss(w))
            close(js(f'modules["problems.js"].{theirs}.grad(w)', w=at), hill.grad(w))
        x = np.array([w[0]])
        close(js('modules["problems.js"].lessardSlope(x)', x=at[0]), problems.LessardCycle().grad(x)[0])
