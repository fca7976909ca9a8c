"""Losses with known answers: what an optimiser is tried on.

Every problem has `loss(w)`, `grad(w)`, `loss_grad(w, t=0)` and, where there is an answer,
`minimum`, `argmin` and `eigenvalues` of the Hessian (ascending), else None. Parameters `w` have
shape (..., P): leading axes are runs, and losses then have shape (...), gradients (..., P), in the
dtype of `w`. Problems never change once made; their arrays are read-only.
"""

from lib.problems.base import Problem
from lib.problems.quadratics import (
    LeastSquares,
    Quadratic,
    WorstQuadratic,
    gaussian_points,
    rotated,
)
from lib.problems.surfaces import LessardCycle, Rosenbrock, Saddle, Valley
from lib.problems.tanh_net import TanhNet
from lib.problems.timed import NoisyQuadratic, ReddiSequence

__all__ = [
    "LeastSquares",
    "LessardCycle",
    "NoisyQuadratic",
    "Problem",
    "Quadratic",
    "ReddiSequence",
    "Rosenbrock",
    "Saddle",
    "TanhNet",
    "Valley",
    "WorstQuadratic",
    "gaussian_points",
    "rotated",
]
