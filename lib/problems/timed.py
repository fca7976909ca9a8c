"""Losses that change from step to step: noise, and a sequence made to mislead Adam."""

import numpy as np

from lib.problems.base import Problem
from lib.ranges import non_negative, positive, whole

__all__ = ["NoisyQuadratic", "ReddiSequence"]


class NoisyQuadratic(Problem):
    r"""A diagonal quadratic whose gradient comes with Gaussian noise, as from minibatches.

    $$ f(w) = \tfrac12\sum_i \lambda_i w_i^2, \qquad
       g_{t+1} = \nabla f(w_t) + s\,\xi_{t+1}, \qquad \xi \sim \mathcal N(0, I) $$

    `eigenvalues` (P,) > 0, kept in the order given; `noise` = s >= 0, the standard deviation, a
    number or (P,); `seed` whole >= 0. `loss` and `grad` are exact; `loss_grad(w, t)` gives the
    exact loss and the NOISY gradient after `t` steps: the same (seed, t, w) always gives the same
    numbers, each run of a leading axis has noise of its own, and the first R runs stay the same
    when more are added.

    >>> noisy = NoisyQuadratic([1.0, 2.0], noise=0.5, seed=1)
    >>> w = np.ones(2)
    >>> noisy.grad(w)
    array([1., 2.])
    >>> bool(np.all(noisy.loss_grad(w, t=3)[1] == noisy.loss_grad(w, t=3)[1]))
    True
    """

    def __init__(self, eigenvalues, noise, seed=0):
        lam, noise = np.array(eigenvalues, float), np.asarray(noise, float)
        if lam.ndim != 1 or len(lam) == 0:
            raise ValueError(f"eigenvalues has shape {lam.shape}; allowed are (P,), P >= 1")
        positive("eigenvalues", lam)
        non_negative("noise", noise)
        whole("seed", seed)
        if noise.shape not in ((), lam.shape):
            raise ValueError(f"noise has shape {noise.shape}; allowed are () and {lam.shape}")
        self.set(size=len(lam), eigenvalues=lam, noise=noise, seed=int(seed))
        self.set(minimum=0.0, argmin=np.zeros(len(lam)))

    def _loss(self, w):
        return 0.5 * np.sum(self.eigenvalues.astype(w.dtype) * w**2, axis=-1)

    def _grad(self, w):
        return self.eigenvalues.astype(w.dtype) * w

    def loss_grad(self, w, t=0):
        """Exact loss and noisy gradient at `w` (..., P) after `t` = 0, 1, ... steps.

        >>> NoisyQuadratic([2.0], noise=0.0).loss_grad(np.array([3.0]), t=7)
        (np.float64(9.0), array([6.]))
        """
        whole("t", t)
        w = self.check(w)
        xi = np.random.default_rng([self.seed, int(t)]).standard_normal(w.shape)
        return self._loss(w), self._grad(w) + (self.noise * xi).astype(w.dtype)


class ReddiSequence(Problem):
    r"""Linear losses on [-1, 1] on which Adam moves to the worst point.

    $$ f_t(w) = \begin{cases} C\,w & t \bmod 3 = 1 \\ -w & \text{otherwise} \end{cases},
       \qquad t = 1, 2, \ldots $$

    `C` > 2. Steps count from 1 in the formula; `loss_grad(w, t)` gets the steps taken so far, so
    that step t + 1 uses f_{t+1}: the large slope comes at `t` = 0, 3, 6, ... `loss` and `grad` are
    the average over a period, (C - 2) w/3, least at -1. Keep to the interval with `project`
    after every step. `w` has shape (..., 1). Adam with beta1 = 0, beta2 = 1/(1 + C^2) ends at +1.
    Source: Reddi, Kale & Kumar (2018), theorem 1.

    >>> sequence = ReddiSequence(C=3)
    >>> [float(sequence.loss_grad(np.zeros(1), t)[1][0]) for t in range(4)]
    [3.0, -1.0, -1.0, 3.0]
    """

    def __init__(self, C=3.0):
        positive("C", C)
        if C <= 2:
            raise ValueError(f"C is {C}; allowed are numbers > 2, for which -1 is the best point")
        self.set(size=1, C=float(C), minimum=-(C - 2) / 3, argmin=np.array([-1.0]))

    def _loss(self, w):
        return (self.C - 2) / 3 * w[..., 0]

    def _grad(self, w):
        return np.full_like(w, (self.C - 2) / 3)

    def loss_grad(self, w, t=0):
        """f_{t+1} and its slope at `w` (..., 1), `t` = 0, 1, ... the steps taken so far.

        >>> ReddiSequence().loss_grad(np.array([0.5]), t=1)
        (np.float64(-0.5), array([-1.]))
        """
        whole("t", t)
        w = self.check(w)
        slope = self.C if (t + 1) % 3 == 1 else -1.0
        return slope * w[..., 0], np.full_like(w, slope)

    def project(self, w):
        """The point of [-1, 1] nearest to each entry of `w`.

        >>> ReddiSequence().project(np.array([1.5]))
        array([1.])
        """
        return np.clip(w, -1, 1)
