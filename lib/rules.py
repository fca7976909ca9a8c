r"""Every update rule of the book: one pure function each, in the order the chapters meet them.

    w, s = rule(w, g, s, *, lr, ...)

Notation: `w` parameters, `g` the gradient at `w`, both of shape (..., P); `s` what the rule
remembers, `START` before the first step; `t` = 1, 2, ... the step being taken; `lr` the learning
rate; every `beta` weighs the OLD average. A number may be an array that broadcasts, such as `lr`
of shape (R, 1) for R runs of shape (R, P).

For all rules: float dtypes; `w` and `g` of one shape and dtype, which the result keeps; inputs are
never written to; lr > 0, beta in [0, 1), eps >= 0, decay >= 0; anything else raises ValueError or
TypeError naming the value and what is allowed. The default variant of each equals PyTorch's;
where libraries print another one, the docstring says so.
"""

from typing import NamedTuple

import numpy as np

from lib.averages import bias_correction, ewa
from lib.contract import START, State, rule

__all__ = [
    "START",
    "AmsgradState",
    "CenteredState",
    "NadamState",
    "State",
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "adamw",
    "amsgrad",
    "averaged_momentum",
    "lion",
    "momentum",
    "nadam",
    "nesterov",
    "rmsprop",
    "sgd",
]


class CenteredState(NamedTuple):
    """State of centred RMSProp: `m` averages the gradient, `v` its square.

    >>> CenteredState(t=1)
    CenteredState(t=1, m=0.0, v=0.0)
    """

    t: int = 0
    m: np.ndarray | float = 0.0
    v: np.ndarray | float = 0.0


class AmsgradState(NamedTuple):
    """State of AMSGrad: `m` and `v` as in Adam, `v_max` the largest `v` so far.

    >>> AmsgradState()
    AmsgradState(t=0, m=0.0, v=0.0, v_max=0.0)
    """

    t: int = 0
    m: np.ndarray | float = 0.0
    v: np.ndarray | float = 0.0
    v_max: np.ndarray | float = 0.0


class NadamState(NamedTuple):
    """State of Nadam: `m` and `v` as in Adam, `product` of the momentum factors so far.

    >>> NadamState()
    NadamState(t=0, m=0.0, v=0.0, product=1.0)
    """

    t: int = 0
    m: np.ndarray | float = 0.0
    v: np.ndarray | float = 0.0
    product: float = 1.0


@rule
def sgd(w, g, s=START, *, lr):
    r"""Gradient descent; stochastic when `g` comes from a minibatch.

    $$ w_t = w_{t-1} - \eta\,g_t $$

    Keeps no average: only `s.t` advances. Source: Cauchy (1847); Robbins & Monro (1951).

    >>> w, s = sgd(np.array([1.0, 2.0]), np.array([0.5, -1.0]), lr=0.1)
    >>> w
    array([0.95, 2.1 ])
    """
    w = w - lr * g
    return w, State(s.t + 1)


@rule
def momentum(w, g, s=START, *, lr, beta=0.9):
    r"""Heavy-ball momentum, velocity form: steps add up.

    $$ m_t = \beta\,m_{t-1} + g_t, \qquad w_t = w_{t-1} - \eta\,m_t $$

    `s.m` is the velocity. The weights of past gradients add up to 1/(1 - beta), so a constant
    gradient ends in steps of lr/(1 - beta). Equals PyTorch's SGD(momentum) with dampening 0.
    CS231n, scikit-learn and Keras keep the learning rate inside the velocity: the same path
    while lr is constant, another one after lr changes. Source: Polyak (1964).

    >>> w, s = np.array([1.0]), START
    >>> for _ in range(2):
    ...     w, s = momentum(w, np.array([1.0]), s, lr=0.1, beta=0.5)
    >>> s.m, w
    (array([1.5]), array([0.75]))
    """
    m = beta * s.m + g
    w = w - lr * m
    return w, State(s.t + 1, m)


@rule
def averaged_momentum(w, g, s=START, *, lr, beta=0.9):
    r"""Momentum, averaged form: the step follows an exponentially weighted average.

    $$ m_t = \beta\,m_{t-1} + (1-\beta)\,g_t, \qquad w_t = w_{t-1} - \eta\,m_t $$

    `s.m` is the average, from zero and not bias-corrected. The path of `momentum` with learning
    rate lr (1 - beta). PyTorch's SGD(momentum=beta, dampening=beta) differs: its first velocity
    is the whole first gradient. EECS182 writes the same average with beta and 1 - beta swapped.

    >>> averaged_momentum(np.array([1.0]), np.array([1.0]), lr=0.1, beta=0.5)[0]
    array([0.95])
    """
    m = ewa(s.m, g, beta)
    w = w - lr * m
    return w, State(s.t + 1, m)


@rule
def nesterov(w, g, s=START, *, lr, beta=0.9):
    r"""Nesterov's accelerated gradient, written for the gradient at the look-ahead point.

    $$ m_t = \beta\,m_{t-1} + g_t, \qquad w_t = w_{t-1} - \eta\,(g_t + \beta\,m_t) $$

    `w` is the look-ahead point itself, where the gradient is taken; the iterate of Nesterov's
    own form is `w + lr * beta * s.m`. Equals PyTorch's SGD(nesterov=True).
    Source: Nesterov (1983); this form: Bengio et al. (2013).

    >>> nesterov(np.array([1.0]), np.array([1.0]), lr=0.1, beta=0.5)[0]
    array([0.85])
    """
    m = beta * s.m + g
    w = w - lr * (g + beta * m)
    return w, State(s.t + 1, m)


@rule
def adagrad(w, g, s=START, *, lr, eps=1e-10):
    r"""AdaGrad: each coordinate's step shrinks with the sum of its squared gradients.

    $$ v_t = v_{t-1} + g_t^2, \qquad w_t = w_{t-1} - \eta\,\frac{g_t}{\sqrt{v_t} + \varepsilon} $$

    `s.v` is the SUM of squares, from zero (Keras starts at 0.1). eps outside the root as in
    PyTorch and the paper; d2l puts it inside. Source: Duchi, Hazan & Singer (2011).

    >>> adagrad(np.array([1.0, 1.0]), np.array([100.0, 0.01]), lr=0.1)[0]
    array([0.9, 0.9])
    """
    v = s.v + g**2
    w = w - lr * g / (np.sqrt(v) + eps)
    return w, State(s.t + 1, v=v)


@rule
def adadelta(w, g, s=START, *, lr, beta=0.9, eps=1e-6):
    r"""AdaDelta: steps in the units of the parameters.

    $$ v_t = \beta\,v_{t-1} + (1-\beta)\,g_t^2, \qquad
       d_t = \sqrt{\frac{m_{t-1} + \varepsilon}{v_t + \varepsilon}}\,g_t, \qquad
       m_t = \beta\,m_{t-1} + (1-\beta)\,d_t^2, \qquad w_t = w_{t-1} - \eta\,d_t $$

    `s.v` averages squared gradients, `s.m` squared steps d (before lr). lr = 1 is the paper's
    rule. eps beside both averages, inside the root, as in the paper and PyTorch.
    Source: Zeiler (2012).

    >>> w, s = adadelta(np.array([1.0]), np.array([100.0]), lr=1.0)
    >>> print(f"{1 - w[0]:.6f}")
    0.003162
    """
    v = ewa(s.v, g**2, beta)
    d = np.sqrt((s.m + eps) / (v + eps)) * g
    m = ewa(s.m, d**2, beta)
    w = w - lr * d
    return w, State(s.t + 1, m, v)


@rule(states=(State, CenteredState))
def rmsprop(w, g, s=START, *, lr, beta=0.99, eps=1e-8, eps_inside=False, centered=False):
    r"""RMSProp: the gradient divided by the root of its averaged square.

    $$ v_t = \beta\,v_{t-1} + (1-\beta)\,g_t^2, \qquad
       w_t = w_{t-1} - \eta\,\frac{g_t}{\sqrt{v_t} + \varepsilon} $$

    `centered=True` divides by the spread, sqrt(v - m^2), with m the average of g (Graves 2013)
    and returns a `CenteredState`; `eps_inside=True` divides by sqrt(v + eps), as the source notes,
    d2l and optax do. No bias correction: the first step is lr/sqrt(1 - beta), 10 lr at 0.99.
    Default: PyTorch's (its `alpha` is our beta). Rounding may make v - m^2 negative, where PyTorch
    returns NaN; here it counts as zero. Source: Tieleman & Hinton (2012).

    >>> w, s = rmsprop(np.array([1.0]), np.array([3.0]), lr=0.01)
    >>> print(f"{w[0]:.6f}")
    0.900000
    """
    v = ewa(s.v, g**2, beta)
    if centered:
        m = ewa(s.m, g, beta)
        variance = np.maximum(v - m**2, 0)
        s = CenteredState(s.t + 1, m, v)
    else:
        variance = v
        s = State(s.t + 1, v=v)
    w = w - lr * g / (np.sqrt(variance + eps) if eps_inside else np.sqrt(variance) + eps)
    return w, s


@rule
def adam(w, g, s=START, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, correct=True):
    r"""Adam: averaged gradient over the root of the averaged square, both bias-corrected.

    $$ m_t = \beta_1 m_{t-1} + (1-\beta_1)\,g_t, \qquad v_t = \beta_2 v_{t-1} + (1-\beta_2)\,g_t^2,
       \qquad w_t = w_{t-1} - \eta\,\frac{m_t/(1-\beta_1^t)}{\sqrt{v_t/(1-\beta_2^t)} + \varepsilon} $$

    `correct=False` is the simplified form of the notes: m and v as they are. Default: PyTorch's,
    Algorithm 1 of the paper. TensorFlow, Keras and scikit-learn use "epsilon hat", which leaves
    eps outside the correction; optax adds an optional eps_root inside the root.
    Source: Kingma & Ba (2015).

    >>> w, s = adam(np.array([1.0, 1.0]), np.array([100.0, 0.01]), lr=0.25)
    >>> print(w.round(6), s.t)
    [0.75 0.75] 1
    """
    t = s.t + 1
    m = ewa(s.m, g, beta1)
    v = ewa(s.v, g**2, beta2)
    m_hat = bias_correction(m, beta1, t) if correct else m
    v_hat = bias_correction(v, beta2, t) if correct else v
    w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
    return w, State(t, m, v)


@rule
def adamax(w, g, s=START, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    r"""AdaMax: Adam with the largest recent gradient in place of the root mean square.

    $$ m_t = \beta_1 m_{t-1} + (1-\beta_1)\,g_t, \qquad
       v_t = \max(\beta_2 v_{t-1},\,|g_t| + \varepsilon), \qquad
       w_t = w_{t-1} - \frac{\eta}{1-\beta_1^t}\,\frac{m_t}{v_t} $$

    `s.v` is the decayed largest |g|, which needs no correction. eps inside the maximum, as in
    PyTorch; the paper has none, Keras adds it to v. A coordinate whose gradient has always been
    zero stays put. Source: Kingma & Ba (2015), section 7.1.

    >>> adamax(np.array([1.0, 1.0]), np.array([100.0, 0.0]), lr=0.25)[0]
    array([0.75, 1.  ])
    """
    t = s.t + 1
    m = ewa(s.m, g, beta1)
    v = np.maximum(beta2 * s.v, np.abs(g) + eps)
    m_hat = bias_correction(m, beta1, t)
    # eps = 0 and no gradient yet: 0/0, where the step is zero
    w = w - lr * np.divide(m_hat, v, out=np.zeros_like(w), where=v > 0)
    return w, State(t, m, v)


@rule(start=NadamState())
def nadam(w, g, s=START, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, psi=0.004):
    r"""Nadam: Adam with Nesterov's look-ahead, the momentum factor warming up.

    $$ \mu_t = \beta_1\,(1 - \tfrac12\,0.96^{\,t\psi}), \qquad
       w_t = w_{t-1} - \eta\,\frac{\dfrac{\mu_{t+1}\,m_t}{1 - \prod_{i=1}^{t+1}\mu_i} +
       \dfrac{(1-\mu_t)\,g_t}{1 - \prod_{i=1}^{t}\mu_i}}{\sqrt{v_t/(1-\beta_2^t)} + \varepsilon} $$

    m_t and v_t as in Adam; `psi` >= 0 sets how fast mu_t grows; `s.product` is the product of
    the mu_i so far. Equals PyTorch's NAdam; optax and Keras 3 differ in the schedule of mu.
    Source: Dozat (2016).

    >>> w, s = nadam(np.array([1.0]), np.array([100.0]), lr=0.25)
    >>> print(f"{s.product:.6f}")
    0.450073
    """
    t = s.t + 1
    m = ewa(s.m, g, beta1)
    v = ewa(s.v, g**2, beta2)
    mu = beta1 * (1 - 0.5 * 0.96 ** (t * psi))
    mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * psi))
    product = s.product * mu
    step = mu_next * m / (1 - product * mu_next) + (1 - mu) * g / (1 - product)
    w = w - lr * step / (np.sqrt(bias_correction(v, beta2, t)) + eps)
    return w, NadamState(t, m, v, product)


@rule(start=AmsgradState())
def amsgrad(w, g, s=START, *, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    r"""AMSGrad: Adam whose denominator never shrinks.

    $$ \bar v_t = \max(\bar v_{t-1},\,v_t), \qquad
       w_t = w_{t-1} - \eta\,\frac{m_t/(1-\beta_1^t)}{\sqrt{\bar v_t/(1-\beta_2^t)} + \varepsilon} $$

    m_t and v_t as in Adam. The maximum is over the UNcorrected v, as in PyTorch and Keras;
    optax takes that of the corrected one, the paper corrects neither. Source: Reddi, Kale & Kumar (2018).

    >>> amsgrad(np.array([1.0]), np.array([100.0]), lr=0.25)[0].round(6)
    array([0.75])
    """
    t = s.t + 1
    m = ewa(s.m, g, beta1)
    v = ewa(s.v, g**2, beta2)
    v_max = np.maximum(s.v_max, v)
    m_hat = bias_correction(m, beta1, t)
    v_hat = bias_correction(v_max, beta2, t)
    w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
    return w, AmsgradState(t, m, v, v_max)


@rule
def adamw(w, g, s=START, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    r"""AdamW: Adam with weight decay decoupled from the gradient.

    $$ w_t = (1 - \eta\lambda)\,w_{t-1} - \eta\,\frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon} $$

    The corrected averages are Adam's and never see the decay `decay` = lambda >= 0. Equals
    PyTorch's AdamW; the paper multiplies the decay by its schedule factor only, not by the base
    rate. Source: Loshchilov & Hutter (2019), Algorithm 2.

    >>> adamw(np.array([1.0]), np.array([0.0]), lr=0.5, decay=0.5)[0]
    array([0.75])
    """
    t = s.t + 1
    m = ewa(s.m, g, beta1)
    v = ewa(s.v, g**2, beta2)
    m_hat = bias_correction(m, beta1, t)
    v_hat = bias_correction(v, beta2, t)
    w = (1 - lr * decay) * w - lr * m_hat / (np.sqrt(v_hat) + eps)
    return w, State(t, m, v)


@rule
def lion(w, g, s=START, *, lr, beta1=0.9, beta2=0.99, decay=0.0):
    r"""Lion: the sign of an interpolated momentum, every coordinate moves by lr.

    $$ w_t = (1-\eta\lambda)\,w_{t-1} - \eta\,\operatorname{sign}(\beta_1 m_{t-1} + (1-\beta_1)\,g_t),
       \qquad m_t = \beta_2 m_{t-1} + (1-\beta_2)\,g_t $$

    Two betas on one average `s.m`: beta1 for the step, beta2 for what is remembered. A coordinate
    whose interpolation is exactly zero stays put. Source: Chen et al. (2023), Algorithm 2.

    >>> lion(np.array([1.0, 1.0]), np.array([100.0, -0.01]), lr=0.25)[0]
    array([0.75, 1.25])
    """
    direction = np.sign(ewa(s.m, g, beta1))
    m = ewa(s.m, g, beta2)
    w = (1 - lr * decay) * w - lr * direction
    return w, State(s.t + 1, m)
