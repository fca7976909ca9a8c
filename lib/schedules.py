r"""Learning-rate schedules: what the learning rate is at step t.

Each function here returns a schedule, a pure function of t = 0, 1, ..., the number of steps taken
before: `lr(0)` is the rate of the first step, and asking twice changes nothing. `lib.loop` calls it
so. The answer is always a Python float, which leaves float32 networks float32. A schedule takes
any real t >= 0; ValueError below, TypeError for what is no real number.

    >>> lr = warmup(cosine(0.1, steps=90), steps=10)      # 100 steps in all
    >>> [round(lr(t), 4) for t in (0, 9, 10, 55, 99)]
    [0.0091, 0.0909, 0.1, 0.05, 0.0]

Every `lr` is a finite number > 0, every count of steps a whole number >= 1, and all other ranges are
said below; ValueError or TypeError, naming the argument, when a schedule is made.
"""

import math
from itertools import pairwise
from numbers import Real

from lib.ranges import at_least_one, finite, non_negative, positive, whole

__all__ = [
    "chebyshev",
    "constant",
    "cosine",
    "exponential",
    "inverse_sqrt",
    "inverse_time",
    "multistep",
    "one_cycle",
    "per_epoch",
    "polynomial",
    "stable_decay",
    "step",
    "warm_restarts",
    "warmup",
]


def constant(lr):
    r"""The same rate for ever.

    $$ \eta_t = \eta $$

    Not PyTorch's `ConstantLR`, which begins with a third of the rate for five steps.

    >>> constant(0.1)(1000)
    0.1
    """
    _rate("lr", lr)
    return _schedule(lambda t: lr)


def inverse_time(lr, decay):
    r"""Falls like 1/t: the best rate for one noisy quadratic mode.

    $$ \eta_t = \frac{\eta_0}{1 + kt} $$

    `decay` = k >= 0. Keras: `InverseTimeDecay`. Source: Robbins & Monro (1951).

    >>> [inverse_time(1.0, decay=0.5)(t) for t in (0, 2, 6)]
    [1.0, 0.5, 0.25]
    """
    _rate("lr", lr)
    _check(non_negative, "decay", decay)
    return _schedule(lambda t: lr / (1 + decay * t))


def exponential(lr, decay):
    r"""Falls by the same factor at every step.

    $$ \eta_t = \eta_0\,e^{-kt} = \eta_0\,\gamma^t, \qquad \gamma = e^{-k} $$

    `decay` = k >= 0, not the factor: PyTorch's `ExponentialLR(gamma=0.95)` is `decay=-log(0.95)`,
    about 0.0513. All its steps together have a finite length, so it can stop before it arrives.

    >>> round(exponential(1.0, decay=0.1)(10), 4)
    0.3679
    """
    _rate("lr", lr)
    _check(non_negative, "decay", decay)
    return _schedule(lambda t: lr * math.exp(-decay * t))


def step(lr, gamma, every):
    r"""A staircase: multiplied by `gamma` after each `every` steps.

    $$ \eta_t = \eta_0\,\gamma^{\lfloor t/s\rfloor} $$

    `gamma` in (0, 1]; `every` = s. It meets `exponential(lr, -log(gamma)/every)` at multiples of s
    and lies above it elsewhere. PyTorch: `StepLR`.

    >>> [step(1.0, gamma=0.5, every=10)(t) for t in (0, 9, 10, 20)]
    [1.0, 1.0, 0.5, 0.25]
    """
    _rate("lr", lr)
    _factor("gamma", gamma)
    _count("every", every)
    return _schedule(lambda t: lr * gamma ** (t // every))


def multistep(lr, gamma, milestones):
    r"""Multiplied by `gamma` at each milestone: piecewise constant, stairs as one likes.

    $$ \eta_t = \eta_0\,\gamma^{\,\#\{i\,:\,t_i \le t\}} $$

    `gamma` in (0, 1]; `milestones` t_1 < t_2 < ..., whole numbers >= 1: the step t = t_i is the first
    with the new rate. PyTorch: `MultiStepLR`.

    >>> [multistep(1.0, gamma=0.5, milestones=(30, 60))(t) for t in (29, 30, 60)]
    [1.0, 0.5, 0.25]
    """
    _rate("lr", lr)
    _factor("gamma", gamma)
    milestones = tuple(milestones)
    for milestone in milestones:
        _count("milestones", milestone)
    if any(b <= a for a, b in pairwise(milestones)):
        raise ValueError(f"milestones is {milestones}; allowed are ascending whole numbers")
    return _schedule(lambda t: lr * gamma ** sum(t >= milestone for milestone in milestones))


def inverse_sqrt(lr, shift=1):
    r"""Falls like one over the square root of t: for convex losses with noise, and transformers.

    $$ \eta_t = \frac{\eta_0}{\sqrt{1 + t/s}} $$

    `shift` = s > 0, the time scale of the fall: `inverse_sqrt(lr)` is lr/sqrt(1 + t), and
    `warmup(inverse_sqrt(lr, shift=s), steps=s - 1)` is the schedule of Vaswani et al. (2017).

    >>> [inverse_sqrt(1.0)(t) for t in (0, 3, 8)]
    [1.0, 0.5, 0.3333333333333333]
    """
    _rate("lr", lr)
    _check(positive, "shift", shift)
    return _schedule(lambda t: lr / math.sqrt(1 + t / shift))


def polynomial(lr, steps, *, end=0.0, power=1.0):
    r"""Falls along a power of the time left; a straight line for `power` 1.

    $$ \eta_t = \eta_{\text{end}} + (\eta_0 - \eta_{\text{end}})\,\Bigl(1 - \frac tT\Bigr)^p
       \quad (t \le T), \qquad \eta_{\text{end}} \quad (t > T) $$

    `steps` = T; `end` in [0, lr]; `power` = p > 0. PyTorch: `PolynomialLR` (end 0).

    >>> [polynomial(1.0, steps=10, power=2)(t) for t in (0, 5, 10, 11)]
    [1.0, 0.25, 0.0, 0.0]
    """
    _fall(lr, steps, end)
    _check(positive, "power", power)
    return _schedule(lambda t: end + (lr - end) * (1 - min(t / steps, 1.0)) ** power)


def cosine(lr, steps, *, end=0.0):
    r"""Falls along half a cosine: slowly, fast, slowly.

    $$ \eta_t = \eta_{\text{end}} + \tfrac12(\eta_0 - \eta_{\text{end}})
       \Bigl(1 + \cos\frac{\pi t}{T}\Bigr) \quad (t \le T), \qquad \eta_{\text{end}} \quad (t > T) $$

    `steps` = T; `end` in [0, lr]. PyTorch's `CosineAnnealingLR` up to T, after which that one rises
    again. Source: Loshchilov & Hutter (2017), equation 5.

    >>> [round(cosine(1.0, steps=10, end=0.2)(t), 3) for t in (0, 5, 10, 15)]
    [1.0, 0.6, 0.2, 0.2]
    """
    _fall(lr, steps, end)
    return _schedule(lambda t: _half_cosine(lr, end, t / steps))


def warm_restarts(lr, period, *, mult=1, end=0.0):
    r"""Cosine after cosine, each beginning at `lr` again and `mult` times as long as the last.

    $$ \eta_t = \eta_{\text{end}} + \tfrac12(\eta_0 - \eta_{\text{end}})
       \Bigl(1 + \cos\frac{\pi\,(t - s_i)}{T_i}\Bigr), \qquad s_i \le t < s_i + T_i,
       \quad T_i = T_0\,m^i $$

    `period` = T_0; `mult` = m, a whole number >= 1; `end` in [0, lr]. PyTorch:
    `CosineAnnealingWarmRestarts`. Source: Loshchilov & Hutter (2017).

    >>> [round(warm_restarts(1.0, period=2, mult=2)(t), 3) for t in range(7)]
    [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]
    """
    _fall(lr, period, end, name="period")
    _count("mult", mult)

    def formula(t):
        length = period
        if mult == 1:
            t = t % length
        while t >= length:
            t, length = t - length, length * mult
        return _half_cosine(lr, end, t / length)

    return _schedule(formula)


def one_cycle(lr, steps, *, rise=0.3, start=1 / 25, end=4e-6):
    r"""Up along a half cosine to `lr`, then down along another to almost nothing.

    $$ \text{from } \texttt{start}\cdot\eta \text{ at } t = 0 \text{ to } \eta
       \text{ at } t = \texttt{rise}\cdot T - 1 \text{ to } \texttt{end}\cdot\eta \text{ at } t = T - 1 $$

    `steps` = T >= 2; `rise` in (0, 1) with rise T > 1; `start` and `end` are shares of `lr` in
    [0, 1]. After T it stays at its end. The defaults are those of PyTorch's `OneCycleLR`, which also
    moves the momentum unless told not to. Source: Smith & Topin (2019).

    >>> [round(one_cycle(1.0, steps=10)(t), 3) for t in (0, 1, 2, 9)]
    [0.04, 0.52, 1.0, 0.0]
    """
    _rate("lr", lr)
    _count("steps", steps)
    for name, share in (("rise", rise), ("start", start), ("end", end)):
        _check(_share, name, share)
    top = rise * steps - 1
    if not 0 < top < steps - 1:
        raise ValueError(f"rise is {rise}; allowed with {steps} steps are numbers in (1/{steps}, 1)")

    def formula(t):
        if t <= top:
            return _half_cosine(start * lr, lr, t / top)
        return _half_cosine(lr, end * lr, (t - top) / (steps - 1 - top))

    return _schedule(formula)


def stable_decay(lr, steps, *, hold):
    r"""Constant for `hold` steps, then straight down to zero.

    $$ \eta_t = \eta\,\min\Bigl(1, \frac{T-t}{T-h}\Bigr) \quad (t \le T), \qquad 0 \quad (t > T) $$

    `steps` = T in all; `hold` = h, a whole number in [0, T). Inside `warmup` it is
    warm-up-stable-decay (WSD), whose first part does not depend on T. Source: Hu et al. (2024).

    >>> [stable_decay(1.0, steps=10, hold=8)(t) for t in (0, 8, 9, 10)]
    [1.0, 1.0, 0.5, 0.0]
    """
    _rate("lr", lr)
    _count("steps", steps)
    _check(whole, "hold", hold)
    if hold >= steps:
        raise ValueError(f"hold is {hold}; allowed are whole numbers below steps = {steps}")
    return _schedule(lambda t: lr * min(1.0, max(steps - t, 0.0) / (steps - hold)))


def chebyshev(lam_min, lam_max, steps, *, order="stable"):
    r"""The best rates for plain gradient descent without noise on a quadratic, for K steps.

    $$ \eta = \frac{2}{(\lambda_{\max}+\lambda_{\min}) -
       (\lambda_{\max}-\lambda_{\min})\cos\frac{(2k-1)\pi}{2K}}, \qquad k = \sigma(1), \ldots, \sigma(K) $$

    0 < `lam_min` <= `lam_max` bound the eigenvalues; `steps` = K; then it begins anew. `order`:
    "natural", k = 1, ..., K, in which errors grow beyond all bounds on the way and rounding spoils the
    end from some 32 steps on; "stable", each long step followed by the short one that mirrors it,
    $\sigma_{2n} = (\sigma_n(1),\,2n+1-\sigma_n(1),\,\ldots)$, in which they stay within about kappa times
    the start and the steps that are left enlarge none. Sources: Young (1953), Lebedev &
    Finogenov (1971) for powers of two.

    >>> [round(chebyshev(1.0, 9.0, 4)(t), 3) for t in range(5)]
    [0.767, 0.115, 0.288, 0.153, 0.767]
    """
    _check(positive, "lam_min", lam_min)
    _check(positive, "lam_max", lam_max)
    _count("steps", steps)
    if lam_min > lam_max:
        raise ValueError(f"lam_min is {lam_min}, lam_max is {lam_max}; allowed: lam_min <= lam_max")
    if order not in ("stable", "natural"):
        raise ValueError(f"order is {order!r}; allowed are 'stable' and 'natural'")
    ks = _mirrored(int(steps)) if order == "stable" else range(1, int(steps) + 1)
    cosines = [math.cos((2 * k - 1) * math.pi / (2 * steps)) for k in ks]
    rates = [2 / (lam_max + lam_min - (lam_max - lam_min) * c) for c in cosines]
    return _schedule(lambda t: rates[int(t % len(rates))])


def warmup(schedule, steps):
    r"""Rise in a straight line for `steps` steps, then do what `schedule` says from its beginning.

    $$ \eta_t = \frac{t+1}{W+1}\,\eta^{\text{schedule}}_0 \quad (t < W), \qquad
       \eta^{\text{schedule}}_{t-W} \quad (t \ge W) $$

    `steps` = W, a whole number >= 0. No step has rate zero and none of the schedule is left out, so
    T steps in all are `warmup(cosine(lr, T - W), W)`. PyTorch: `SequentialLR` of
    `LinearLR(start_factor=1/(W+1), total_iters=W)` and the schedule.

    >>> [round(warmup(inverse_time(1.0, 1.0), 3)(t), 3) for t in range(6)]
    [0.25, 0.5, 0.75, 1.0, 0.5, 0.333]
    """
    _callable(schedule)
    _check(whole, "steps", steps)
    return _schedule(lambda t: schedule(t - steps) if t >= steps else schedule(0) * (t + 1) / (steps + 1))


def per_epoch(schedule, steps_per_epoch):
    r"""Count epochs in place of steps: the rate of all steps of epoch e is `schedule(e)`.

    $$ \eta_t = \eta^{\text{schedule}}_{\lfloor t/K\rfloor} $$

    `steps_per_epoch` = K. The first epoch is epoch 0, so its rate is `schedule(0)`.

    >>> lr = per_epoch(exponential(1.0, math.log(2)), steps_per_epoch=3)
    >>> [lr(t) for t in range(7)]
    [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25]
    """
    _callable(schedule)
    _count("steps_per_epoch", steps_per_epoch)
    return _schedule(lambda t: schedule(t // steps_per_epoch))


def _schedule(formula):
    """The schedule of a formula: t is checked, the answer is a Python float."""

    def schedule(t):
        _check(non_negative, "t", t)
        return float(formula(t))

    return schedule


def _half_cosine(begin, end, share):
    """From `begin` at share 0 to `end` at share 1, and on at `end`."""
    return end + (begin - end) * (1 + math.cos(math.pi * min(share, 1.0))) / 2


def _mirrored(n):
    """The numbers 1 to n, each followed by its mirror n + 1 - k, in the order of half as many."""
    if n == 1:
        return [1]
    pairs = ((k, n + 1 - k) for k in _mirrored((n + 1) // 2))
    return [k for pair in pairs for k in dict.fromkeys(pair)]  # the middle one is its own mirror


# What may come in


def _check(allowed, name, value):
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is {value!r}; allowed are real numbers")
    allowed(name, value)


def _rate(name, value):
    _check(positive, name, value)


def _count(name, value):
    _check(finite, name, value)
    at_least_one(name, value)


def _factor(name, value):
    _check(positive, name, value)
    if value > 1:
        raise ValueError(f"{name} is {value}; allowed are numbers in (0, 1]")


def _share(name, value):
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value}; allowed are numbers in [0, 1]")


def _fall(lr, steps, end, name="steps"):
    _rate("lr", lr)
    _count(name, steps)
    _check(non_negative, "end", end)
    if end > lr:
        raise ValueError(f"end is {end}; allowed are numbers in [0, lr] = [0, {lr}]")


def _callable(schedule):
    if not callable(schedule):
        raise TypeError(
            f"schedule is {schedule!r}; allowed are functions of t, such as constant({schedule!r})"
        )
