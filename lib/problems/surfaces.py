"""Losses that are not quadratic: a winding valley, Rosenbrock's, a saddle, Lessard's cycle."""

import numpy as np

from lib.problems.base import Problem
from lib.ranges import finite, non_negative, positive

__all__ = ["LessardCycle", "Rosenbrock", "Saddle", "Valley"]


class Valley(Problem):
    r"""A winding valley whose floor slopes gently down to the minimum at the origin.

    $$ f(x, y) = \tfrac12\,\ell\,x^2 + \tfrac12\,s\,\bigl(y - h\,(1-\cos x)\bigr)^2 $$

    The floor is the curve y = h (1 - cos x). `flat` = l > 0: curvature along the floor; `steep` =
    s >= flat: across it; `bend` = h >= 0: half the height of the floor's waves. At the minimum the
    Hessian is diag(flat, steep); on the flanks, where the floor rises at the slope h sin x, the
    largest curvature is about s (1 + h^2 sin^2 x), so gradient descent may need an lr below
    2/(s (1 + h^2)) there. Not convex for h > 0. A picture worth drawing: from (-5.5, -1.5), 100
    steps of gradient descent at lr 0.9, and of momentum at lr 0.2, beta 0.9.

    >>> valley = Valley()
    >>> valley.argmin, valley.minimum, valley.eigenvalues
    (array([0., 0.]), 0.0, array([0.04, 1.  ]))
    """

    def __init__(self, flat=0.04, steep=1.0, bend=1.0):
        positive("flat", flat)
        positive("steep", steep)
        non_negative("bend", bend)
        if steep < flat:
            raise ValueError(f"steep is {steep}, flat is {flat}; allowed is steep >= flat")
        self.set(size=2, flat=float(flat), steep=float(steep), bend=float(bend))
        self.set(minimum=0.0, argmin=np.zeros(2), eigenvalues=np.array([self.flat, self.steep]))

    def floor(self, x):
        """Height y of the valley's floor at `x`, a number or array.

        >>> float(Valley(bend=2.0).floor(0.0))
        0.0
        """
        return self.bend * (1 - np.cos(x))

    def _loss(self, w):
        x, y = w[..., 0], w[..., 1]
        return 0.5 * self.flat * x**2 + 0.5 * self.steep * (y - self.floor(x)) ** 2

    def _grad(self, w):
        x, y = w[..., 0], w[..., 1]
        off = self.steep * (y - self.floor(x))
        return np.stack([self.flat * x - off * self.bend * np.sin(x), off], axis=-1)


class Rosenbrock(Problem):
    r"""Rosenbrock's valley: a parabola-shaped floor that is almost flat.

    $$ f(x, y) = (a-x)^2 + b\,(y-x^2)^2 $$

    `a` finite, `b` > 0. Minimum 0 at (a, a^2); `eigenvalues` of the Hessian there, about 0.4 and
    1002 at the default. Source: Rosenbrock (1960).

    >>> hill = Rosenbrock()
    >>> hill.argmin, [round(float(lam), 2) for lam in hill.eigenvalues]
    (array([1., 1.]), [0.4, 1001.6])
    """

    def __init__(self, a=1.0, b=100.0):
        finite("a", a)
        positive("b", b)
        hessian = np.array([[2 + 8 * b * a**2, -4 * b * a], [-4 * b * a, 2 * b]])
        self.set(size=2, a=float(a), b=float(b), minimum=0.0, argmin=np.array([a, a**2], float))
        self.set(eigenvalues=np.linalg.eigvalsh(hessian))

    def _loss(self, w):
        x, y = w[..., 0], w[..., 1]
        return (self.a - x) ** 2 + self.b * (y - x**2) ** 2

    def _grad(self, w):
        x, y = w[..., 0], w[..., 1]
        off = 2 * self.b * (y - x**2)
        return np.stack([-2 * (self.a - x) - 2 * x * off, off], axis=-1)


class Saddle(Problem):
    r"""A saddle at the origin between two minima, so that leaving it leads somewhere.

    $$ f(x, y) = \tfrac12 x^2 - \tfrac12 y^2 + \tfrac14 y^4 $$

    At the origin, `saddle`, the gradient is zero and the Hessian diag(1, -1). The minimum -1/4 is
    taken at `argmin` = (0, 1) and at (0, -1); `eigenvalues` are those at the minimum, 1 and 2.

    >>> saddle = Saddle()
    >>> float(saddle.loss(saddle.argmin)), saddle.grad(saddle.saddle)
    (-0.25, array([0., 0.]))
    """

    def __init__(self):
        self.set(size=2, minimum=-0.25, argmin=np.array([0.0, 1.0]), saddle=np.zeros(2))
        self.set(eigenvalues=np.array([1.0, 2.0]))

    def _loss(self, w):
        x, y = w[..., 0], w[..., 1]
        return 0.5 * x**2 - 0.5 * y**2 + 0.25 * y**4

    def _grad(self, w):
        x, y = w[..., 0], w[..., 1]
        return np.stack([x, y**3 - y], axis=-1)


class LessardCycle(Problem):
    r"""A strongly convex loss of one parameter on which momentum can run in circles for ever.

    $$ f'(x) = \begin{cases} 25x & x < 1 \\ x + 24 & 1 \le x < 2 \\
       25x - 24 & x \ge 2 \end{cases} $$

    Curvature between mu = 1 and L = 25, minimum 0 at 0. With the constants that are best for
    quadratics, lr = 1/9 and beta = 4/9, momentum from 3.3 ends in a cycle of three points; gradient
    descent converges. `w` has shape (..., 1). Source: Lessard, Recht & Packard (2016), section 4.6.

    >>> LessardCycle().grad(np.array([[0.5], [1.5], [3.0]])).ravel()
    array([12.5, 25.5, 51. ])
    """

    def __init__(self):
        self.set(size=1, mu=1.0, L=25.0, minimum=0.0, argmin=np.zeros(1))

    def _loss(self, w):
        x = w[..., 0]
        middle, right = 0.5 * x**2 + 24 * x - 12, 12.5 * x**2 - 24 * x + 36
        return np.where(x < 1, 12.5 * x**2, np.where(x < 2, middle, right))[()]

    def _grad(self, w):
        return np.where(w < 1, 25 * w, np.where(w < 2, w + 24, 25 * w - 24))
