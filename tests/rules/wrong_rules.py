"""Mistakes people make in these rules, each as a whole small rule.

Most were met in print: in textbooks, course notebooks, libraries. `@wrong(variant, where)` names
the variant that the function pretends to be, and where the golden files see through it: the
beginning of the sentence that `goldens.verdict` answers.
"""

from typing import NamedTuple

import numpy as np

from lib.averages import bias_correction, ewa
from lib.rules import AmsgradState, CenteredState, NadamState, State

WRONG = []


class Mistake(NamedTuple):
    """A wrong rule, the variant it pretends to be, and where that is seen."""

    rule: object
    variant: str
    seen: str


def wrong(variant, seen):
    """Register a mistake."""

    def register(rule):
        WRONG.append(Mistake(rule, variant, seen))
        return rule

    return register


# ---- gradient descent ---------------------------------------------------------------------------


@wrong("sgd", "default: at t = 1 the step")
def sgd_climbs(w, g, s, *, lr):
    return w + lr * g, State(s.t + 1)


@wrong("sgd", "default: at t = 1 it raises ValueError: output array is read-only")
def sgd_in_place(w, g, s, *, lr):
    w -= lr * g
    return w, State(s.t + 1)


@wrong("sgd", "default: at t = 2 the state counts 1 steps")
def sgd_does_not_count(w, g, s, *, lr):
    return w - lr * g, State(1)


@wrong("sgd", "float32: at t = 1 the step is float64")
def sgd_in_double(w, g, s, *, lr):
    return w - np.float64(1.0) * lr * g, State(s.t + 1)


@wrong("sgd", "runs: at t = 1 the step")
def sgd_one_rate_for_all_runs(w, g, s, *, lr):
    return w - np.max(lr).item() * g, State(s.t + 1)


# ---- momentum -----------------------------------------------------------------------------------


@wrong("momentum", "default: at t = 1 the step")
def momentum_averages(w, g, s, *, lr, beta=0.9):
    m = ewa(s.m, g, beta)
    return w - lr * m, State(s.t + 1, m)


@wrong("momentum", "default: at t = 2 the step")
def momentum_weights_the_new(w, g, s, *, lr, beta=0.9):
    m = (1 - beta) * s.m + g
    return w - lr * m, State(s.t + 1, m)


@wrong("momentum", "default: at t = 1 the step")
def momentum_steps_by_the_old_velocity(w, g, s, *, lr, beta=0.9):
    m = beta * s.m + g
    return w - lr * s.m, State(s.t + 1, m)


@wrong("momentum", "default: at t = 1 the m")
def momentum_forgets_to_remember(w, g, s, *, lr, beta=0.9):
    m = beta * s.m + g
    return w - lr * m, State(s.t + 1, s.m)


@wrong("momentum", "default: at t = 2 it raises ValueError: output array is read-only")
def momentum_updates_its_state_in_place(w, g, s, *, lr, beta=0.9):
    m = s.m
    m *= beta
    m += g
    return w - lr * m, State(s.t + 1, m)


# the same steps while the rate is constant; the record of the velocity tells them apart at once
@wrong("momentum", "default: at t = 1 the m")
def momentum_with_the_rate_in_the_velocity(w, g, s, *, lr, beta=0.9):
    m = beta * s.m + lr * g
    return w - m, State(s.t + 1, m)


@wrong("averaged_momentum", "default: at t = 1 the step")
def averaged_momentum_adds_up(w, g, s, *, lr, beta=0.9):
    m = beta * s.m + g
    return w - lr * m, State(s.t + 1, m)


@wrong("averaged_momentum", "default: at t = 1 the step")
def averaged_momentum_swaps_the_weights(w, g, s, *, lr, beta=0.9):
    m = (1 - beta) * s.m + beta * g
    return w - lr * m, State(s.t + 1, m)


@wrong("averaged_momentum", "default: at t = 1 the step")
def averaged_momentum_starts_at_the_first_gradient(w, g, s, *, lr, beta=0.9):
    m = g if s.t == 0 else ewa(s.m, g, beta)
    return w - lr * m, State(s.t + 1, m)


@wrong("averaged_momentum", "default: at t = 1 the step")
def averaged_momentum_corrects(w, g, s, *, lr, beta=0.9):
    m = ewa(s.m, g, beta)
    return w - lr * bias_correction(m, beta, s.t + 1), State(s.t + 1, m)


@wrong("nesterov", "default: at t = 1 the step")
def nesterov_does_not_look_ahead(w, g, s, *, lr, beta=0.9):
    m = beta * s.m + g
    return w - lr * m, State(s.t + 1, m)


@wrong("nesterov", "default: at t = 1 the step")
def nesterov_looks_ahead_by_the_old_velocity(w, g, s, *, lr, beta=0.9):
    m = beta * s.m + g
    return w - lr * (g + beta * s.m), State(s.t + 1, m)


@wrong("nesterov", "default: at t = 1 the step")
def nesterov_takes_the_gradient_twice(w, g, s, *, lr, beta=0.9):
    m = beta * s.m + g
    return w - lr * (g + m), State(s.t + 1, m)


# ---- one rate per coordinate --------------------------------------------------------------------


@wrong("adagrad", "default: at t = 1 the step")
def adagrad_eps_inside(w, g, s, *, lr, eps=1e-10):
    v = s.v + g**2
    return w - lr * g / np.sqrt(v + eps), State(s.t + 1, v=v)


@wrong("adagrad", "default: at t = 1 the step")
def adagrad_starts_at_a_tenth(w, g, s, *, lr, eps=1e-10):
    v = (0.1 if s.t == 0 else s.v) + g**2
    return w - lr * g / (np.sqrt(v) + eps), State(s.t + 1, v=v)


@wrong("adagrad", "default: at t = 1 the step")
def adagrad_without_the_root(w, g, s, *, lr, eps=1e-10):
    v = s.v + g**2
    return w - lr * g / (v + eps), State(s.t + 1, v=v)


@wrong("adagrad", "default: at t = 2 the step")
def adagrad_forgets(w, g, s, *, lr, eps=1e-10):
    v = ewa(s.v, g**2, 0.5) if s.t else g**2
    return w - lr * g / (np.sqrt(v) + eps), State(s.t + 1, v=v)


@wrong("adadelta", "default: at t = 1 the step")
def adadelta_eps_outside(w, g, s, *, lr, beta=0.9, eps=1e-6):
    v = ewa(s.v, g**2, beta)
    d = (np.sqrt(s.m) + eps) / (np.sqrt(v) + eps) * g
    return w - lr * d, State(s.t + 1, ewa(s.m, d**2, beta), v)


@wrong("adadelta", "default: at t = 1 the m")
def adadelta_remembers_the_scaled_step(w, g, s, *, lr, beta=0.9, eps=1e-6):
    v = ewa(s.v, g**2, beta)
    d = np.sqrt((s.m + eps) / (v + eps)) * g
    return w - lr * d, State(s.t + 1, ewa(s.m, (lr * d) ** 2, beta), v)


@wrong("adadelta", "default: at t = 1 the m")
def adadelta_remembers_the_gradient(w, g, s, *, lr, beta=0.9, eps=1e-6):
    v = ewa(s.v, g**2, beta)
    d = np.sqrt((s.m + eps) / (v + eps)) * g
    return w - lr * d, State(s.t + 1, ewa(s.m, g**2, beta), v)


@wrong("adadelta", "default: at t = 1 the step")
def adadelta_without_steps(w, g, s, *, lr, beta=0.9, eps=1e-6):
    v = ewa(s.v, g**2, beta)
    return w - lr * g / np.sqrt(v + eps), State(s.t + 1, 0.0, v)


@wrong("adadelta", "float32: at t = 1 the step is float64")
def adadelta_root_of_a_python_zero(w, g, s, *, lr, beta=0.9, eps=1e-6):
    v = ewa(s.v, g**2, beta)
    d = np.sqrt(s.m + eps) / np.sqrt(v + eps) * g
    return w - lr * d, State(s.t + 1, ewa(s.m, d**2, beta), v)


@wrong("rmsprop", "default: at t = 1 the step")
def rmsprop_eps_inside(w, g, s, *, lr, beta=0.99, eps=1e-8):
    v = ewa(s.v, g**2, beta)
    return w - lr * g / np.sqrt(v + eps), State(s.t + 1, v=v)


@wrong("rmsprop_inside", "default: at t = 1 the step")
def rmsprop_eps_outside(w, g, s, *, lr, beta=0.99, eps=1e-8, eps_inside=True):
    v = ewa(s.v, g**2, beta)
    return w - lr * g / (np.sqrt(v) + eps), State(s.t + 1, v=v)


@wrong("rmsprop", "default: at t = 1 the step")
def rmsprop_eps_on_both_sides(w, g, s, *, lr, beta=0.99, eps=1e-8):
    v = ewa(s.v, g**2, beta)
    return w - lr * g / np.sqrt(v) + eps, State(s.t + 1, v=v)


@wrong("rmsprop", "default: at t = 1 the step")
def rmsprop_averages_the_gradient_itself(w, g, s, *, lr, beta=0.99, eps=1e-8):
    v = ewa(s.v, g, beta)
    return w - lr * g / (np.sqrt(v) + eps), State(s.t + 1, v=v)


@wrong("rmsprop", "default: at t = 1 the step")
def rmsprop_starts_at_the_first_square(w, g, s, *, lr, beta=0.99, eps=1e-8):
    v = g**2 if s.t == 0 else ewa(s.v, g**2, beta)
    return w - lr * g / (np.sqrt(v) + eps), State(s.t + 1, v=v)


# where w = 0 the mistaken start is right: only the path that begins elsewhere tells
@wrong("rmsprop", "path: at t = 1 the weight")
def rmsprop_starts_at_the_signed_weights(w, g, s, *, lr, beta=0.99, eps=1e-8):
    v = ewa(1e-6 * w if s.t == 0 else s.v, g**2, beta)
    return w - lr * g / (np.sqrt(v) + eps), State(s.t + 1, v=v)


@wrong("rmsprop", "default: at t = 1 the step")
def rmsprop_swaps_the_weights(w, g, s, *, lr, beta=0.99, eps=1e-8):
    v = (1 - beta) * s.v + beta * g**2
    return w - lr * g / (np.sqrt(v) + eps), State(s.t + 1, v=v)


@wrong("rmsprop", "default: at t = 1 the step")
def rmsprop_divides_by_the_old_average(w, g, s, *, lr, beta=0.99, eps=1e-8):
    v = ewa(s.v, g**2, beta)
    return w - lr * g / (np.sqrt(s.v) + eps), State(s.t + 1, v=v)


@wrong("rmsprop", "default: at t = 1 the step")
def rmsprop_corrects(w, g, s, *, lr, beta=0.99, eps=1e-8):
    v = ewa(s.v, g**2, beta)
    return w - lr * g / (np.sqrt(bias_correction(v, beta, s.t + 1)) + eps), State(s.t + 1, v=v)


@wrong("rmsprop_centered", "default: at t = 1 the step")
def centred_adds_the_mean(w, g, s, *, lr, beta=0.99, eps=1e-8, centered=True):
    v, m = ewa(s.v, g**2, beta), ewa(s.m, g, beta)
    return w - lr * g / (np.sqrt(v + m**2) + eps), CenteredState(s.t + 1, m, v)


@wrong("rmsprop_centered", "default: at t = 1 the step")
def centred_subtracts_the_mean_unsquared(w, g, s, *, lr, beta=0.99, eps=1e-8, centered=True):
    v, m = ewa(s.v, g**2, beta), ewa(s.m, g, beta)
    return w - lr * g / (np.sqrt(v - m) + eps), CenteredState(s.t + 1, m, v)


@wrong("rmsprop_centered", "default: at t = 1 the step")
def centred_centres_the_step_too(w, g, s, *, lr, beta=0.99, eps=1e-8, centered=True):
    v, m = ewa(s.v, g**2, beta), ewa(s.m, g, beta)
    return w - lr * (g - m) / (np.sqrt(v - m**2) + eps), CenteredState(s.t + 1, m, v)


# ---- Adam ---------------------------------------------------------------------------------------


def _adam(w, s, lr, m, v, m_hat, v_hat, eps):
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), State(s.t + 1, m, v)


@wrong("adam", "default: at t = 1 the step")
def adam_adds_eps_to_the_weights(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return w - lr * m_hat / np.sqrt(v_hat) + eps, State(t, m, v)


@wrong("adam", "default: at t = 1 the step")
def adam_eps_inside(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return w - lr * m_hat / np.sqrt(v_hat + eps), State(t, m, v)


@wrong("adam", "default: at t = 1 the step")
def adam_eps_hat(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    rate = lr * np.sqrt(1 - beta2**t).item() / (1 - beta1**t)
    return w - rate * m / (np.sqrt(v) + eps), State(t, m, v)


@wrong("adam", "default: at t = 1 the step")
def adam_without_eps(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    return w - lr * bias_correction(m, beta1, t) / np.sqrt(bias_correction(v, beta2, t)), State(t, m, v)


@wrong("adam", "default: at t = 2 the step")
def adam_clock_stands_at_one(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, 1), bias_correction(v, beta2, 1)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


@wrong("adam", "default: at t = 2 the step")
def adam_clock_ticks_for_each_of_two_arrays(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = 2 * s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


@wrong("adam", "default: at t = 1 it raises ValueError: t is 0")
def adam_clock_one_late(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, s.t), bias_correction(v, beta2, s.t)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


@wrong("adam", "default: at t = 1 the step")
def adam_clock_one_early(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 2, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


@wrong("adam", "default: at t = 1 the step")
def adam_corrects_only_the_mean(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    return _adam(w, s, lr, m, v, bias_correction(m, beta1, s.t + 1), v, eps)


@wrong("adam", "default: at t = 1 the step")
def adam_corrects_only_the_square(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    return _adam(w, s, lr, m, v, m, bias_correction(v, beta2, s.t + 1), eps)


@wrong("adam", "default: at t = 1 the step")
def adam_corrects_both_with_beta1(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta1, t)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


@wrong("adam", "default: at t = 1 the m")
def adam_stores_the_corrected_averages(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    m, v = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return _adam(w, s, lr, m, v, m, v, eps)


@wrong("adam", "default: at t = 1 the step")
def adam_squares_the_mean(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m = s.t + 1, ewa(s.m, g, beta1)
    v = ewa(s.v, m**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


@wrong("adam", "default: at t = 1 the step")
def adam_forgets_the_square(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, np.abs(g), beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


@wrong("adam", "default: at t = 1 the step")
def adam_forgets_the_root(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return w - lr * m_hat / (v_hat + eps), State(t, m, v)


@wrong("adam", "default: at t = 1 the step")
def adam_adds_up_its_gradients(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, beta1 * s.m + g, ewa(s.v, g**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


@wrong("adam", "default: at t = 1 the m")
def adam_swaps_the_betas(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta2), ewa(s.v, g**2, beta1)
    m_hat, v_hat = bias_correction(m, beta2, t), bias_correction(v, beta1, t)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


@wrong("adam", "default: at t = 1 the step")
def adam_swaps_the_weights(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, 1 - beta1), ewa(s.v, g**2, 1 - beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


@wrong("adam_uncorrected", "default: at t = 1 the step")
def adam_corrects_unasked(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, correct=False):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


# ---- Adam's relatives ---------------------------------------------------------------------------


@wrong("adamax", "default: at t = 1 the v")
def adamax_adds_eps_after_the_maximum(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), np.maximum(beta2 * s.v, np.abs(g))
    return w - lr * bias_correction(m, beta1, t) / (v + eps), State(t, m, v)


@wrong("adamax", "default: at t = 1 the step")
def adamax_loses_the_sign(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), np.maximum(beta2 * s.v, g + eps)
    return w - lr * bias_correction(m, beta1, t) / v, State(t, m, v)


@wrong("adamax", "default: at t = 1 the step")
def adamax_corrects_the_maximum(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), np.maximum(beta2 * s.v, np.abs(g) + eps)
    return w - lr * bias_correction(m, beta1, t) / bias_correction(v, beta2, t), State(t, m, v)


@wrong("adamax", "default: at t = 1 the step")
def adamax_does_not_correct(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), np.maximum(beta2 * s.v, np.abs(g) + eps)
    return w - lr * m / v, State(t, m, v)


def _nadam(w, g, s, lr, beta1, beta2, eps, mu, mu_next, product):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    step = mu_next * m / (1 - product * mu_next) + (1 - mu) * g / (1 - product)
    w = w - lr * step / (np.sqrt(bias_correction(v, beta2, t)) + eps)
    return w, NadamState(t, m, v, product)


@wrong("nadam", "default: at t = 1 the step")
def nadam_with_constant_momentum(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, psi=0.004):
    product = getattr(s, "product", 1.0) * beta1
    return _nadam(w, g, s, lr, beta1, beta2, eps, beta1, beta1, product)


@wrong("nadam", "default: at t = 2 the step")
def nadam_without_the_product(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, psi=0.004):
    mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** ((s.t + k) * psi)) for k in (1, 2))
    return _nadam(w, g, s, lr, beta1, beta2, eps, mu, mu_next, mu)


@wrong("nadam", "default: at t = 1 the step")
def nadam_warms_up_one_step_early(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, psi=0.004):
    mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** ((s.t + k) * psi)) for k in (2, 3))
    product = getattr(s, "product", 1.0) * mu
    return _nadam(w, g, s, lr, beta1, beta2, eps, mu, mu_next, product)


@wrong("nadam", "default: at t = 1 the step")
def nadam_does_not_look_ahead(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, psi=0.004):
    mu = beta1 * (1 - 0.5 * 0.96 ** ((s.t + 1) * psi))
    return _nadam(w, g, s, lr, beta1, beta2, eps, mu, mu, getattr(s, "product", 1.0) * mu)


# the corrected v is largest at the start, the uncorrected one grows: not the same maximum
@wrong("amsgrad", "default: at t = 1 the v_max")
def amsgrad_keeps_the_largest_corrected(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    v_max = np.maximum(getattr(s, "v_max", 0.0), bias_correction(v, beta2, t))
    w = w - lr * bias_correction(m, beta1, t) / (np.sqrt(v_max) + eps)
    return w, AmsgradState(t, m, v, v_max)


# differs only once v has begun to shrink and grow again: after the drop in the gradients
@wrong("amsgrad", "default: at t = ")
def amsgrad_feeds_the_maximum_back(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    v = np.maximum(s.v, v)
    w, _ = _adam(w, s, lr, m, v, bias_correction(m, beta1, t), bias_correction(v, beta2, t), eps)
    return w, AmsgradState(t, m, v, v)


@wrong("amsgrad", "default: at t = ")
def amsgrad_is_adam(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    w, _ = _adam(w, s, lr, m, v, bias_correction(m, beta1, t), bias_correction(v, beta2, t), eps)
    return w, AmsgradState(t, m, v, v)


@wrong("amsgrad", "default: at t = 1 the step")
def amsgrad_as_in_the_paper(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    v_max = np.maximum(getattr(s, "v_max", 0.0), v)
    return w - lr * m / (np.sqrt(v_max) + eps), AmsgradState(t, m, v, v_max)


def _adamw(w, g, s, lr, beta1, beta2, eps):
    t, m, v = s.t + 1, ewa(s.m, g, beta1), ewa(s.v, g**2, beta2)
    m_hat, v_hat = bias_correction(m, beta1, t), bias_correction(v, beta2, t)
    return _adam(w, s, lr, m, v, m_hat, v_hat, eps)


@wrong("adamw", "path: at t = 1 the weight")
def adamw_couples(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    return _adamw(w, g + decay * w, s, lr, beta1, beta2, eps)


@wrong("adamw", "path: at t = 1 the weight")
def adamw_decays_without_the_rate(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    return _adamw((1 - decay) * w, g, s, lr, beta1, beta2, eps)


@wrong("adamw", "default: at t = 1 the step")
def adamw_decays_after_the_step(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    w, s = _adamw(w, g, s, lr, beta1, beta2, eps)
    return (1 - lr * decay) * w, s


@wrong("adamw", "path: at t = 1 the weight")
def adamw_does_not_decay(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    return _adamw(w, g, s, lr, beta1, beta2, eps)


@wrong("adamw", "path: at t = 1 the weight")
def adamw_decays_twice_as_fast(w, g, s, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    return _adamw((1 - 2 * lr * decay) * w, g, s, lr, beta1, beta2, eps)


@wrong("lion", "default: at t = ")
def lion_has_one_beta(w, g, s, *, lr, beta1=0.9, beta2=0.99, decay=0.0):
    m = ewa(s.m, g, beta2)
    return (1 - lr * decay) * w - lr * np.sign(m), State(s.t + 1, m)


@wrong("lion", "default: at t = ")
def lion_swaps_the_betas(w, g, s, *, lr, beta1=0.9, beta2=0.99, decay=0.0):
    step, m = np.sign(ewa(s.m, g, beta2)), ewa(s.m, g, beta1)
    return (1 - lr * decay) * w - lr * step, State(s.t + 1, m)


@wrong("lion", "default: at t = 1 the step")
def lion_forgets_the_sign(w, g, s, *, lr, beta1=0.9, beta2=0.99, decay=0.0):
    step, m = ewa(s.m, g, beta1), ewa(s.m, g, beta2)
    return (1 - lr * decay) * w - lr * step, State(s.t + 1, m)


@wrong("lion", "path: at t = ")
def lion_couples_the_decay(w, g, s, *, lr, beta1=0.9, beta2=0.99, decay=0.0):
    g = g + decay * w
    step, m = np.sign(ewa(s.m, g, beta1)), ewa(s.m, g, beta2)
    return w - lr * step, State(s.t + 1, m)
