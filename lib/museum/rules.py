"""Bugs in update rules."""

import numpy as np

from lib.museum.checker import Exhibit

__all__ = ["EPS_INSIDE", "EPS_LAST", "HALF_CORRECTED", "SIGNED_START", "STUCK_COUNT"]


def adam_step(w, m_hat, v_hat, *, lr, eps):
    """One step of Adam from its corrected averages."""
    return w - lr * m_hat / (np.sqrt(v_hat) + eps)


def adam_step_eps_last(w, m_hat, v_hat, *, lr, eps):
    """One step of Adam, the brackets around the denominator lost."""
    return w - lr * m_hat / np.sqrt(v_hat) + eps


EPS_LAST = Exhibit(
    "epsilon outside the fraction",
    "Dive into Deep Learning, chapter_optimization/adam.md, lines 111 and 204, TensorFlow tabs",
    adam_step,
    adam_step_eps_last,
    (lambda w, m_hat, v_hat, *, lr, eps: w - m_hat * (lr / (eps + v_hat**0.5)),),
    (lambda w, m_hat, v_hat, *, lr, eps: (w + eps) - m_hat * (lr / v_hat**0.5),),
)


def adam(w, g, state, *, lr, beta1, beta2, eps):
    """Adam; `state` is (m, v, t), t the step to be taken: it begins as (0.0, 0.0, 1)."""
    m, v, t = state
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), (m, v, t + 1)


def adam_stuck(w, g, state, *, lr, beta1, beta2, eps):
    """Adam whose count never moves."""
    m, v, t = state
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), (m, v, t)


def adam_half_corrected(w, g, state, *, lr, beta1, beta2, eps):
    """Adam that corrects the first moment and forgets the second."""
    m, v, t = state
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    return w - lr * m_hat / (np.sqrt(v) + eps), (m, v, t + 1)


def _adam_rescaled(w, g, state, *, lr, beta1, beta2, eps):
    # the paper's other form: both corrections moved into the rate and into epsilon
    m, v, t = state
    m = m + (1 - beta1) * (g - m)
    v = v + (1 - beta2) * (g * g - v)
    grown = np.sqrt(1 - beta2**t)
    return w - lr * grown / (1 - beta1**t) * m / (np.sqrt(v) + eps * grown), (m, v, t + 1)


def _adam_always_first(w, g, state, *, lr, beta1, beta2, eps):
    m = state[0] + (1 - beta1) * (g - state[0])
    v = state[1] + (1 - beta2) * (g * g - state[1])
    step = m / (1 - beta1) / (np.sqrt(v / (1 - beta2)) + eps)
    return w - lr * step, (m, v, state[2])


def _adam_half_rescaled(w, g, state, *, lr, beta1, beta2, eps):
    m = state[0] + (1 - beta1) * (g - state[0])
    v = state[1] + (1 - beta2) * (g * g - state[1])
    return w - lr / (1 - beta1 ** state[2]) * m / (v**0.5 + eps), (m, v, state[2] + 1)


STUCK_COUNT = Exhibit(
    "a count that never counts",
    "Dive into Deep Learning, chapter_optimization/adam.md, lines 104 to 113, TensorFlow tab",
    adam,
    adam_stuck,
    (_adam_rescaled,),
    (_adam_always_first,),
)

HALF_CORRECTED = Exhibit(
    "half a bias correction",
    "fastbook, 16_accel_sgd.ipynb, section on Adam",
    adam,
    adam_half_corrected,
    (_adam_rescaled,),
    (_adam_half_rescaled,),
)


def rmsprop(w, g, v, *, lr, beta, eps):
    """RMSProp as its text defines it, epsilon outside the root; returns w and v."""
    v = beta * v + (1 - beta) * g**2
    return w - lr * g / (np.sqrt(v) + eps), v


def rmsprop_inside(w, g, v, *, lr, beta, eps):
    """RMSProp with epsilon moved under the root."""
    v = beta * v + (1 - beta) * g**2
    return w - lr * g / np.sqrt(v + eps), v


def _rmsprop_other(w, g, v, *, lr, beta, eps):
    v = v + (1 - beta) * (g * g - v)
    return w - g * (lr / (eps + v**0.5)), v


def _rmsprop_inside_other(w, g, v, *, lr, beta, eps):
    v = v + (1 - beta) * (g * g - v)
    return w - lr * (v + eps) ** -0.5 * g, v


EPS_INSIDE = Exhibit(
    "epsilon moves under the root",
    "fastbook, 16_accel_sgd.ipynb, section on RMSProp; fast.ai course part 2 (2022), notebook 12",
    rmsprop,
    rmsprop_inside,
    (_rmsprop_other,),
    (_rmsprop_inside_other,),
)


def first_state(w):
    """What RMSProp's average of squared gradients begins with."""
    return np.zeros_like(w)


def first_state_signed(w):
    """A first state with the signs of the weights."""
    return 1e-6 * w


SIGNED_START = Exhibit(
    "a square that begins negative",
    "Neuromatch Academy deep learning, W1D5 Optimization, exercise on RMSProp",
    first_state,
    first_state_signed,
    (lambda w: 0 * w * w, lambda w: np.full(np.shape(w), 1e-6, np.result_type(w))),
    (lambda w: w / 1e6, lambda w: -1e-6 * w),
)
