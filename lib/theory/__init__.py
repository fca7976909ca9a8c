"""Closed forms: what can be said about an optimiser without running it.

Conventions of every function here: `lam` is one eigenvalue of the Hessian (a number, or an array
that broadcasts with `lr` and `beta`); `lams` is a whole spectrum, its eigenvalues along the last
axis, and then `lr` and `beta` are numbers, or arrays with one entry per spectrum. `x0` are error
coordinates w_0 - w* in the eigenbasis. An array `t` of step counts becomes the leading axes of
the result. Everything is computed in float64.
"""

from lib.theory.acceleration import (
    chebyshev_bound,
    chebyshev_lrs,
    nesterov_matrix,
    nesterov_rate,
    nesterov_standard,
    nesterov_tuned,
    worst_case_bound,
)
from lib.theory.adam import (
    adam_bound,
    adam_correction,
    adam_extremal,
    adamw_constant,
    radam_factor,
    reddi_steps,
)
from lib.theory.adaptive import (
    adagrad_regret,
    cycle_rate,
    diagonal_kappa,
    epsilon_gain,
    noisy_sign,
    rmsprop_cycle,
    rmsprop_step,
    sparse_gain,
)
from lib.theory.averages import ewa_variance
from lib.theory.descent import (
    gd_factor,
    gd_gap,
    gd_modes,
    gd_rate,
    line_search_rate,
    max_lr,
    optimal_lr,
    optimal_rate,
    steps_to,
)
from lib.theory.momentum import (
    critical_beta,
    momentum_matrix,
    momentum_modes,
    momentum_optimum,
    momentum_power,
    momentum_rate,
    momentum_roots,
    momentum_stable,
    oscillator,
    quality_factor,
)
from lib.theory.noise import (
    averaged_variance,
    batch_variance,
    momentum_variance,
    noise_batch,
    noisy_moments,
    reshuffled_variance,
    sgd_variance,
)
from lib.theory.regularisation import dropout_ridge, ridge_shrink, stopping_ridge, stopping_shrink
from lib.theory.schedules import best_lrs, exponential_rest, one_mode_optimum, schedule_gap

__all__ = [
    "adagrad_regret",
    "adam_bound",
    "adam_correction",
    "adam_extremal",
    "adamw_constant",
    "averaged_variance",
    "batch_variance",
    "best_lrs",
    "chebyshev_bound",
    "chebyshev_lrs",
    "critical_beta",
    "cycle_rate",
    "diagonal_kappa",
    "dropout_ridge",
    "epsilon_gain",
    "ewa_variance",
    "exponential_rest",
    "gd_factor",
    "gd_gap",
    "gd_modes",
    "gd_rate",
    "line_search_rate",
    "max_lr",
    "momentum_matrix",
    "momentum_modes",
    "momentum_optimum",
    "momentum_power",
    "momentum_rate",
    "momentum_roots",
    "momentum_stable",
    "momentum_variance",
    "nesterov_matrix",
    "nesterov_rate",
    "nesterov_standard",
    "nesterov_tuned",
    "noise_batch",
    "noisy_moments",
    "noisy_sign",
    "one_mode_optimum",
    "optimal_lr",
    "optimal_rate",
    "oscillator",
    "quality_factor",
    "radam_factor",
    "reddi_steps",
    "reshuffled_variance",
    "ridge_shrink",
    "rmsprop_cycle",
    "rmsprop_step",
    "schedule_gap",
    "sgd_variance",
    "sparse_gain",
    "steps_to",
    "stopping_ridge",
    "stopping_shrink",
    "worst_case_bound",
]
