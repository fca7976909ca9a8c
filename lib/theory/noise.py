r"""Gradient noise on a quadratic: exact mean and variance of the error, and what averaging does to it.

One eigenmode: $g_t = \lambda x_{t-1} + \xi_t$ with independent noise of mean zero and variance
$s^2$; of a minibatch, $s^2$ is `batch_variance` times the variance of one example's gradient.
`noise` is the standard deviation s. All arguments broadcast; everything is computed in float64.
"""

import numpy as np

from lib.ranges import at_least_one, finite, fraction, non_negative, positive

__all__ = [
    "averaged_variance",
    "batch_variance",
    "momentum_variance",
    "noise_batch",
    "noisy_moments",
    "reshuffled_variance",
    "sgd_variance",
]


def batch_variance(n, size, *, replace):
    r"""Variance of the mean of a random minibatch, where that of one random example is 1.

    $$ \frac1B \quad\text{(with replacement)}, \qquad
       \frac1B\cdot\frac{N-B}{N-1} \quad\text{(without)} $$

    `n` = N >= 1 examples, `size` = B >= 1, without replacement at most N. The variance of one
    example is that over all N, with N in the denominator. ValueError outside these ranges.

    >>> print(batch_variance(11, 5, replace=True), batch_variance(11, 5, replace=False))
    0.2 0.12
    """
    at_least_one("n", n)
    at_least_one("size", size)
    if replace:
        return 1 / size
    if np.any(np.asarray(size) > n):
        raise ValueError(f"size is {size}; allowed without replacement are whole numbers in [1, {n}]")
    return (n - size) / np.maximum(n - 1, 1) / size


def sgd_variance(lr, lam, noise):
    r"""Variance of the error in the long run under a constant learning rate.

    $$ \operatorname{Var} x = \frac{\eta s^2}{\lambda\,(2-\eta\lambda)} $$

    `lr`, `lam` > 0 with lr lam < 2, `noise` = s >= 0. ValueError where the variance grows for ever.

    >>> print(f"{sgd_variance(0.1, 1.0, 1.0):.4f}")
    0.0526
    """
    return momentum_variance(lr, 0.0, lam, noise)


def momentum_variance(lr, beta, lam, noise):
    r"""Variance of the error in the long run under the heavy ball, velocity form.

    $$ \operatorname{Var} x = \frac{\eta s^2}{\lambda}\cdot
       \frac{1+\beta}{(1-\beta)\,\bigl(2(1+\beta)-\eta\lambda\bigr)} $$

    `lr`, `lam` > 0 and `beta` in [0, 1) with lr lam < 2 (1 + beta), `noise` = s >= 0. ValueError
    where the variance grows for ever. For the averaged form put (1 - beta) lr in the place of lr.

    >>> print(f"{momentum_variance(0.01, 0.9, 1.0, 1.0):.4f}")
    0.0501
    """
    lr, beta, lam, noise = (np.asarray(a, float) for a in (lr, beta, lam, noise))
    positive("lr", lr)
    fraction("beta", beta)
    positive("lam", lam)
    non_negative("noise", noise)
    if np.any(lr * lam >= 2 * (1 + beta)):
        raise ValueError(f"lr lam is {lr * lam}; allowed are numbers below 2 (1 + beta) = {2 * (1 + beta)}")
    return lr * noise**2 * (1 + beta) / (lam * (1 - beta) * (2 * (1 + beta) - lr * lam))


def noisy_moments(lrs, lam, noise, x0, *, beta=0.0):
    r"""Mean and variance of the error at every step, for any schedule, from rest.

    $$ \begin{aligned} \mathbb E\,z_t &= R_t\,\mathbb E\,z_{t-1}, \\
       \operatorname{Cov} z_t &= R_t \operatorname{Cov} z_{t-1}\,R_t^\top
       + s^2 \begin{bmatrix} 1 & -\eta_t \\ -\eta_t & \eta_t^2 \end{bmatrix}, \end{aligned}
       \qquad z_t = \begin{bmatrix} m_t \\ x_t \end{bmatrix} $$

    `lrs`: the T learning rates along the first axis, >= 0; `lam` finite, `noise` = s >= 0, `x0`
    finite, `beta` in [0, 1) (0: SGD), all broadcasting with lrs[0] to a shape (...). Returns
    (mean, variance) of x, each of shape (T + 1, ...), entry 0 being the start.

    >>> mean, variance = noisy_moments([0.5, 0.5], lam=1.0, noise=1.0, x0=8.0)
    >>> print(mean, variance)
    [8. 4. 2.] [0.     0.25   0.3125]
    """
    lrs, noise = np.asarray(lrs, float), np.asarray(noise, float)
    if lrs.ndim == 0 or len(lrs) == 0:
        raise ValueError(f"lrs has shape {lrs.shape}; allowed are (T, ...) with T >= 1")
    non_negative("lrs", lrs)
    finite("lam", lam)
    non_negative("noise", noise)
    finite("x0", x0)
    fraction("beta", beta)
    shape = np.broadcast_shapes(lrs.shape[1:], *map(np.shape, (lam, noise, x0, beta)))
    mean, variance = np.zeros((2, len(lrs) + 1, *shape))
    mean[0] = x0
    m = mm = mx = np.zeros(shape)  # mean of m, its variance, its covariance with x
    for t, lr in enumerate(lrs, 1):
        x, xx, keep = mean[t - 1], variance[t - 1], 1 - lr * lam
        m = beta * m + lam * x
        mean[t] = x - lr * m
        new = beta**2 * mm + 2 * beta * lam * mx + lam**2 * xx + noise**2
        # x_t = keep x - lr (beta m + xi)
        xm = keep * (beta * mx + lam * xx) - lr * (beta**2 * mm + beta * lam * mx + noise**2)
        variance[t] = keep**2 * xx - 2 * keep * lr * beta * mx + lr**2 * (beta**2 * mm + noise**2)
        mm, mx = new, xm
    return mean, variance


def averaged_variance(lr, lam, noise, t):
    r"""Variance of the average of the first t iterates of SGD with a constant learning rate.

    $$ \operatorname{Var}\frac1t\sum_{j=1}^t x_j = \frac{s^2}{\lambda^2 t^2} \sum_{j=1}^t
       (1-\rho^j)^2, \qquad \rho = 1-\eta\lambda $$

    `lr`, `lam` > 0 with lr lam < 2, `noise` = s >= 0, `t` >= 1 whole. It tends to s^2/(lam^2 t),
    whatever lr. Source of the method: Ruppert (1988), Polyak & Juditsky (1992).

    >>> print(f"{averaged_variance(0.5, 1.0, 1.0, 2):.6f}")
    0.203125
    """
    at_least_one("t", t)
    sgd_variance(lr, lam, noise)  # checks the ranges
    a = np.asarray(lr * lam, float)
    rho = 1 - a
    total = t - 2 * rho * (1 - rho**t) / a + rho**2 * (1 - rho ** (2 * t)) / (a * (2 - a))
    return noise**2 * total / (lam * t) ** 2


def reshuffled_variance(lr, lam, noise, n):
    r"""Variance of the error at the ends of epochs, in the long run, with random reshuffling.

    $$ \operatorname{Var} x = \eta^2 s^2\,\frac{n}{n-1}\cdot\frac{S_2 - S_1^2/n}{1-\rho^{2n}},
       \qquad S_k = \sum_{j=0}^{n-1}\rho^{kj}, \quad \rho = 1-\eta\lambda $$

    Each epoch uses each of `n` >= 2 batches once, in a new random order; their gradients are
    lam x + c_i with sum c_i = 0, and s^2 = `noise`^2 is the mean of the c_i^2. `lr`, `lam` > 0
    with lr lam < 2. For small lr n lam it is about lr^3 lam s^2 n^2/24, where drawing with
    replacement leaves lr s^2/(2 lam).

    >>> print(f"{reshuffled_variance(0.5, 1.0, 1.0, 2):.6f}")
    0.066667
    """
    at_least_one("n", n)
    if np.any(np.asarray(n) < 2):
        raise ValueError(f"n is {n}; allowed are whole numbers >= 2")
    sgd_variance(lr, lam, noise)  # checks the ranges
    lr, lam = np.asarray(lr, float), np.asarray(lam, float)
    rho = 1 - lr * lam
    j = np.arange(np.max(n)).reshape(-1, *(1,) * np.ndim(rho + n))
    weights = np.where(j < n, rho**j, 0.0)
    spread = np.sum(np.where(j < n, (weights - weights.sum(0) / n) ** 2, 0), 0)  # S_2 - S_1^2/n, uncancelled
    return (lr * noise) ** 2 * n / (n - 1) * spread / (1 - rho ** (2 * n))


def noise_batch(hessian, grad, cov):
    r"""The noise scale: the batch size at which noise and curvature limit a step equally.

    $$ B_{\text{noise}} = \frac{\operatorname{tr}(H\Sigma)}{g^\top H g} $$

    `hessian` H (P, P), `grad` g (P,), `cov` Sigma (P, P) the covariance of one example's gradient;
    H positive along g, else ValueError. The step that lowers the expected loss most is
    1/(1 + B_noise/B) of the one without noise. Source: McCandlish et al. (2018).

    >>> print(noise_batch(np.eye(2), np.array([1.0, 0.0]), 8 * np.eye(2)))
    16.0
    """
    hessian, grad, cov = (np.asarray(a, float) for a in (hessian, grad, cov))
    for name, a in (("hessian", hessian), ("grad", grad), ("cov", cov)):
        finite(name, a)
        if a.shape != (grad.size,) * (1 if name == "grad" else 2):
            raise ValueError(
                f"{name} has shape {a.shape}; allowed are (P,) for grad and (P, P) for the others"
            )
    curvature = grad @ hessian @ grad
    positive("grad' hessian grad", curvature)
    return np.sum(hessian * cov.T) / curvature
