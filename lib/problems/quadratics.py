"""Quadratic losses, of which everything is known."""

import numpy as np

from lib.problems.base import Problem
from lib.ranges import condition_number, finite, positive, whole

__all__ = ["LeastSquares", "Quadratic", "WorstQuadratic", "gaussian_points", "rotated"]


def eigen(hessian, name):
    """Eigenvalues, ascending, and eigenvectors, as columns, of a positive semidefinite matrix.

    Rounding noise around zero becomes zero; each eigenvector's largest entry is positive.
    """
    lam, q = np.linalg.eigh(hessian)
    noise = len(lam) * np.finfo(float).eps * max(abs(lam[0]), abs(lam[-1]))
    if lam[0] < -noise:
        raise ValueError(f"{name} has the eigenvalue {lam[0]:.6g}; allowed are eigenvalues >= 0")
    q = q * np.sign(q[np.abs(q).argmax(axis=0), np.arange(len(lam))])
    return np.where(lam <= noise, 0.0, lam), q


class _Spectral(Problem):
    """A problem with a constant Hessian, known through `eigenvalues` and `eigenvectors`."""

    @property
    def kappa(self):
        """Condition number: largest eigenvalue over smallest, infinite for a flat direction.

        >>> float(Quadratic([2.0, 6.0]).kappa)
        3.0
        """
        low, high = self.eigenvalues[[0, -1]]
        return high / low if low > 0 else np.inf

    def modes(self, w):
        r"""Error coordinates in the eigenbasis, $x = Q^\top (w - w^\star)$, shaped as `w`.

        >>> Quadratic([6.0, 2.0], b=[6.0, 2.0]).modes(np.array([1.0, 4.0]))
        array([3., 0.])
        """
        w = self.check(w)
        return (w - self.argmin.astype(w.dtype)) @ self.eigenvectors.astype(w.dtype)

    def gap(self, w):
        r"""The loss above its minimum, $\tfrac12\sum_i \lambda_i x_i^2$: `w` (..., P) to (...).

        From the modes, so accurate far below the rounding error of the loss.

        >>> float(Quadratic([6.0, 2.0], b=[6.0, 2.0]).gap(np.array([1.0, 4.0])))
        9.0
        """
        x = self.modes(w)
        return 0.5 * np.sum(self.eigenvalues.astype(x.dtype) * x**2, axis=-1)


class Quadratic(_Spectral):
    r"""A quadratic bowl.

    $$ f(w) = \tfrac12 w^\top A w - b^\top w, \qquad \nabla f(w) = Aw - b, \qquad Aw^\star = b $$

    `A`: (P, P) symmetric positive semidefinite, or its P eigenvalues >= 0 for a diagonal one;
    `b`: (P,), zeros if None. With flat directions (eigenvalues 0), `b` must have no part in them,
    or the loss has no minimum; `argmin` is then the solution of least norm. ValueError otherwise.
    Has `.A .b .eigenvalues .eigenvectors` (columns) `.kappa .modes(w) .gap(w) .minimum .argmin`.

    >>> bowl = Quadratic([1.0, 4.0], b=[1.0, 4.0])
    >>> bowl.argmin, float(bowl.minimum), float(bowl.kappa)
    (array([1., 1.]), -2.5, 4.0)
    >>> bowl.grad(np.array([2.0, 2.0]))
    array([1., 4.])
    """

    def __init__(self, A, b=None):
        A = np.array(A, float)
        A = np.diag(A) if A.ndim == 1 else A
        if A.ndim != 2 or A.shape[0] != A.shape[1] or len(A) == 0:
            raise ValueError(f"A has shape {A.shape}; allowed are (P, P) and (P,), P >= 1")
        finite("A", A)
        if np.abs(A - A.T).max() > 1e-12 * np.abs(A).max():
            raise ValueError("A is not symmetric; allowed are symmetric matrices, (A + A.T)/2")
        A = (A + A.T) / 2
        b = np.zeros(len(A)) if b is None else np.array(b, float)
        if b.shape != (len(A),):
            raise ValueError(f"b has shape {b.shape}; allowed is {(len(A),)}, a row of A")
        finite("b", b)
        lam, q = eigen(A, "A")
        c = q.T @ b
        flat = lam == 0
        if np.any(np.abs(c[flat]) > 1e-10 * np.abs(c).max()):
            raise ValueError("b has a part along a flat direction of A: the loss has no minimum")
        argmin = q @ np.divide(c, lam, out=np.zeros_like(c), where=~flat)
        self.set(size=len(A), A=A, b=b, eigenvalues=lam, eigenvectors=q)
        self.set(argmin=argmin, minimum=-0.5 * (b @ argmin))

    def _loss(self, w):
        return np.sum(w * (0.5 * (w @ self.A.astype(w.dtype)) - self.b.astype(w.dtype)), axis=-1)

    def _grad(self, w):
        return w @ self.A.astype(w.dtype) - self.b.astype(w.dtype)


def rotated(eigenvalues, degrees, argmin=None):
    r"""A two-dimensional quadratic turned by an angle.

    $$ A = Q\,\operatorname{diag}(\lambda_1,\lambda_2)\,Q^\top, \qquad
       Q = \begin{bmatrix} \cos\varphi & -\sin\varphi \\ \sin\varphi & \cos\varphi \end{bmatrix} $$

    `eigenvalues`: two numbers >= 0, the first along the first axis before the turn; `degrees`:
    phi, anticlockwise; `argmin`: (2,), the origin if None. Returns a `Quadratic`.

    >>> rotated([1.0, 3.0], 45).A.round(6)
    array([[ 2., -1.],
           [-1.,  2.]])
    """
    lam = np.asarray(eigenvalues, float)
    if lam.shape != (2,):
        raise ValueError(f"eigenvalues has shape {lam.shape}; allowed is (2,)")
    finite("degrees", degrees)
    phi = np.deg2rad(degrees)
    q = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    A = q * lam @ q.T
    return Quadratic(A, None if argmin is None else A @ np.asarray(argmin, float))


class LeastSquares(_Spectral):
    r"""Least squares: the sum, not the mean, of squared residuals, without the factor one half.

    $$ f(w) = \lVert y - Xw\rVert^2, \qquad \nabla f(w) = 2X^\top(Xw-y), \qquad
       \nabla^2 f = 2X^\top X $$

    `X` (N, P), `y` (N,), finite. `argmin` is the solution of least norm, X^+ y; eigenvalues are
    those of 2 X^T X. Has `.X .y .eigenvalues .eigenvectors .kappa .modes(w) .gap(w)`.

    >>> line = LeastSquares([[1.0], [1.0]], [1.0, 3.0])
    >>> line.argmin.round(6), round(float(line.minimum), 6), line.eigenvalues.round(6)
    (array([2.]), 2.0, array([4.]))
    """

    def __init__(self, X, y):
        X, y = np.array(X, float), np.array(y, float)
        if X.ndim != 2 or 0 in X.shape:
            raise ValueError(f"X has shape {X.shape}; allowed are (N, P), N and P >= 1")
        if y.shape != X.shape[:1]:
            raise ValueError(f"y has shape {y.shape}; allowed is {X.shape[:1]}, the rows of X")
        finite("X", X)
        finite("y", y)
        lam, q = eigen(2 * X.T @ X, "2 X^T X")
        self.set(size=X.shape[1], X=X, y=y, eigenvalues=lam, eigenvectors=q)
        argmin = np.linalg.lstsq(X, y, rcond=None)[0]
        self.set(argmin=argmin, minimum=np.sum((y - X @ argmin) ** 2))

    def _residual(self, w):
        return w @ self.X.T.astype(w.dtype) - self.y.astype(w.dtype)

    def _loss(self, w):
        return np.sum(self._residual(w) ** 2, axis=-1)

    def _grad(self, w):
        return 2 * self._residual(w) @ self.X.astype(w.dtype)


def gaussian_points(n=500, seed=0):
    """The notes' data: points of a Gaussian cloud, labelled by the sign of their height.

    `n` >= 1 points, drawn with standard deviations 3 and 1 around (-3, 0) by NumPy's legacy
    generator, which never changes its stream. Returns X (n, 2) and y (n,), 1.0 where X[:, 1] > 0,
    else 0.0. Source: an exercise of EECS 182, Berkeley.

    >>> X, y = gaussian_points()
    >>> LeastSquares(X, y).eigenvalues.round(1)
    array([ 1000.4, 18745.3])
    """
    whole("n", n)
    positive("n", n)
    X = np.random.RandomState(seed).normal([-3, 0], [3, 1], [n, 2])
    return X, (X[:, 1] > 0).astype(float)


class WorstQuadratic(Quadratic):
    r"""Nesterov's chain: the quadratic on which every first-order method is slow.

    $$ A = I + \frac{\kappa-1}{4}\begin{bmatrix} 2 & -1 & & \\ -1 & 2 & \ddots & \\
       & \ddots & \ddots & -1 \\ & & -1 & 2-\rho \end{bmatrix}, \qquad
       b = \frac{\kappa-1}{4}\,e_1, \qquad \rho = \frac{\sqrt\kappa-1}{\sqrt\kappa+1} $$

    `n` >= 2 coordinates, `kappa` > 1: all eigenvalues lie strictly between 1 and kappa, and fill
    that interval as n grows. The last entry 2 - rho makes w*_i = rho^i the exact solution for
    finite n too (with 2 it would hold for the infinite chain only). From w_0 = 0 a method that
    moves along gradients reaches one new coordinate per step; see `theory.worst_case_bound`.
    Source: Nesterov (2004), section 2.1.4.

    >>> WorstQuadratic(3, 9.0).argmin.round(6)
    array([0.5  , 0.25 , 0.125])
    """

    def __init__(self, n, kappa):
        whole("n", n)
        condition_number("kappa", kappa)
        if n < 2 or kappa == 1:
            raise ValueError(f"n is {n}, kappa is {kappa}; allowed are n >= 2 and kappa > 1")
        rho = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
        chain = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
        chain[-1, -1] = 2 - rho
        scale = (kappa - 1) / 4
        super().__init__(np.eye(n) + scale * chain, scale * np.eye(n)[0])
        argmin = rho ** np.arange(1, n + 1)
        self.set(argmin=argmin, minimum=-0.5 * scale * argmin[0])
