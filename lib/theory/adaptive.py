r"""AdaGrad and RMSProp in closed form: what they divide by, and what comes of it.

One coordinate unless the docstring says otherwise. `beta` weighs the old average, averages start
at zero, and a step length is a multiple of the learning rate where it says so. All arguments
broadcast; everything is computed in float64.
"""

import numpy as np

from lib.ranges import at_least_one, condition_number, finite, fraction, non_negative, positive

__all__ = [
    "adagrad_regret",
    "cycle_rate",
    "diagonal_kappa",
    "epsilon_gain",
    "noisy_sign",
    "rmsprop_cycle",
    "rmsprop_step",
    "sparse_gain",
]


def adagrad_regret(lr, radius, v):
    r"""Bound on AdaGrad's regret: the losses paid, minus those of the best fixed point.

    $$ \sum_{t=1}^T f_t(w_{t-1}) - f_t(w^\star) \;\le\;
       \Bigl(\frac{D^2}{2\eta}+\eta\Bigr)\sum_i\sqrt{v_{T,i}} $$

    For convex f_t and eps = 0. `radius` = D >= |w_{t,i} - w*_i| for all t < T and i; `v` (..., P)
    >= 0, each coordinate's sum of squared gradients; `lr` > 0. Smallest at lr = D/sqrt(2).
    Source: Duchi, Hazan & Singer (2011).

    >>> print(adagrad_regret(0.5, 1.0, np.array([9.0, 16.0])))
    10.5
    """
    lr, radius, v = (np.asarray(a, float) for a in (lr, radius, v))
    positive("lr", lr)
    non_negative("radius", radius)
    non_negative("v", v)
    return (radius**2 / (2 * lr) + lr) * np.sum(np.sqrt(v), axis=-1)


def sparse_gain(p):
    r"""How much a rate for every coordinate improves the bound, if coordinate i appears with frequency p_i.

    $$ \frac{\sum_i\sqrt{p_i}}{\sqrt{P\,\sum_ip_i}} \;\le\; 1 $$

    `p` (..., P): frequencies in [0, 1], not all zero. 1 if all are equal, near 0 if few are frequent.

    >>> print(sparse_gain(np.array([1.0, 1.0])), f"{sparse_gain(np.array([1.0, 0.0, 0.0, 0.0])):.2f}")
    1.0 0.50
    """
    p = np.asarray(p, float)
    non_negative("p", p)
    if np.any(p > 1):
        raise ValueError(f"p is {p}; allowed are frequencies in [0, 1]")
    total = p.sum(axis=-1)
    positive("sum of p", total)
    return np.sqrt(p).sum(axis=-1) / np.sqrt(p.shape[-1] * total)


def diagonal_kappa(kappa, degrees):
    r"""The condition number that the best diagonal scaling leaves of a turned two-dimensional valley.

    $$ \sqrt{\kappa'} = q + \sqrt{1+q^2}, \qquad q = \frac{\kappa-1}{2\sqrt\kappa}\,\lvert\sin2\varphi\rvert $$

    `kappa` >= 1 of the valley `problems.rotated([1, kappa], degrees)`; the smallest condition number
    of D^(1/2) A D^(1/2) over all positive diagonal D. 1 along the axes, kappa at 45 degrees.

    >>> print(f"{diagonal_kappa(100.0, 0):.1f} {diagonal_kappa(100.0, 10):.1f} {diagonal_kappa(100.0, 45):.1f}")
    1.0 13.4 100.0
    """
    condition_number("kappa", kappa)
    finite("degrees", degrees)
    kappa = np.asarray(kappa, float)
    q = (kappa - 1) / (2 * np.sqrt(kappa)) * np.abs(np.sin(2 * np.deg2rad(degrees)))
    return (q + np.sqrt(1 + q**2)) ** 2


def noisy_sign(mean, noise):
    r"""Mean step of RMSProp over the learning rate under steady noise, for beta near one.

    $$ \frac{\mu}{\sqrt{\mu^2+s^2}} = \frac{\operatorname{sign}\mu}{\sqrt{1+s^2/\mu^2}} $$

    Gradients of mean `mean` = mu, finite, and standard deviation `noise` = s >= 0, not both zero.
    Source of the reading: Balles & Hennig (2018).

    >>> print(noisy_sign(3.0, 4.0), noisy_sign(-5.0, 0.0))
    0.6 -1.0
    """
    finite("mean", mean)
    non_negative("noise", noise)
    size = np.hypot(mean, noise)
    positive("mean^2 + noise^2", size)
    return mean / size


def rmsprop_step(beta, t, *, centered=False):
    r"""Length of step t of RMSProp over the learning rate, while the gradient is constant.

    $$ \frac1{\sqrt{1-\beta^t}} \quad\text{(RMSProp)}, \qquad
       \frac1{\sqrt{\beta^t(1-\beta^t)}} \quad\text{(centred)} $$

    eps = 0, averages from zero and not corrected, as `rules.rmsprop`; `beta` in [0, 1), for the
    centred form in (0, 1); `t` >= 1 whole. The first falls to 1, the second grows for ever.

    >>> print(f"{rmsprop_step(0.99, 1):.1f} {rmsprop_step(0.99, 500):.3f} {rmsprop_step(0.99, 500, centered=True):.1f}")
    10.0 1.003 12.4
    """
    fraction("beta", beta)
    at_least_one("t", t)
    if centered:
        positive("beta", beta)
    power = np.asarray(beta, float) ** t
    return 1 / np.sqrt((1 - power) * (power if centered else 1.0))


def epsilon_gain(g, eps, *, inside):
    r"""Length of a step over the learning rate in the long run, for a constant gradient.

    $$ \frac{|g|}{|g|+\varepsilon} \quad\text{(outside the root)}, \qquad
       \frac{|g|}{\sqrt{g^2+\varepsilon}} \quad\text{(inside)} $$

    For `g` far below eps, or below sqrt(eps), this is |g|/eps or |g|/sqrt(eps). `g` finite,
    `eps` > 0, `inside` True or False.

    >>> print(f"{epsilon_gain(1e-6, 1e-8, inside=False):.4f} {epsilon_gain(1e-6, 1e-8, inside=True):.4f}")
    0.9901 0.0100
    """
    finite("g", g)
    positive("eps", eps)
    g = np.abs(np.asarray(g, float))
    return g / (np.hypot(g, np.sqrt(eps)) if inside else g + eps)


def rmsprop_cycle(lr, lam, eps, *, inside=False):
    r"""The |x| between whose signs RMSProp jumps for ever on the quadratic lam x^2/2.

    $$ |x| = \frac\eta2 - \frac\varepsilon\lambda \quad\text{(outside)}, \qquad
       |x| = \sqrt{\frac{\eta^2}4-\frac\varepsilon{\lambda^2}} \quad\text{(inside)} $$

    Zero where these are not positive: then there is no cycle. For every beta; `lr`, `lam` > 0,
    `eps` >= 0.

    >>> print(rmsprop_cycle(0.5, 1.0, 0.0), rmsprop_cycle(0.5, 1.0, 0.125), rmsprop_cycle(0.5, 1.0, 0.25))
    0.25 0.125 0.0
    """
    positive("lr", lr)
    positive("lam", lam)
    non_negative("eps", eps)
    lr, lam, eps = (np.asarray(a, float) for a in (lr, lam, eps))
    if inside:
        return np.sqrt(np.maximum(lr**2 / 4 - eps / lam**2, 0.0))
    return np.maximum(lr / 2 - eps / lam, 0.0)


def cycle_rate(beta):
    r"""The factor per step by which RMSProp settles into its cycle, for eps = 0.

    $$ \max|\sigma|, \qquad \sigma^2-(3\beta-1)\,\sigma+\beta = 0 $$

    `beta` in [0, 1). It is sqrt(beta) for beta >= 1/9; at beta = 0 it is 1: sign descent keeps
    whatever distance it falls into.

    >>> print(f"{cycle_rate(0.81):.6f} {cycle_rate(0.0):.1f}")
    0.900000 1.0
    """
    fraction("beta", beta)
    beta = np.asarray(beta, float)
    half = (3 * beta - 1) / 2
    root = np.sqrt((half**2 - beta).astype(complex))
    return np.maximum(np.abs(half + root), np.abs(half - root))
