"""A small tanh network as a loss of one flat parameter vector, with its curvature."""

import numpy as np

from lib.problems.base import Problem
from lib.ranges import at_least_one, finite, positive

__all__ = ["TanhNet"]


def _total(a):
    """The sum over examples, as the row a bias is."""
    return a.sum(axis=-2, keepdims=True)


class TanhNet(Problem):
    r"""One hidden tanh layer, softmax, mean cross-entropy over a fixed set of examples.

    $$ H = \tanh(XW_1 + b_1), \qquad Z = HW_2 + b_2, \qquad
       f(w) = \frac1N\sum_{n=1}^N \Bigl(\ln\sum_c e^{Z_{nc}} - Z_{n,y_n}\Bigr) $$

    `squared=True` fits the one-hot labels Y instead: f(w) = sum (Z - Y)^2 / (2N), no softmax.
    `X` (N, D) finite; `y` (N,) whole numbers in [0, classes); `hidden`, `classes` >= 1. `w` holds
    W1 (D, hidden), b1, W2 (hidden, classes), b2, in this order, `size` numbers in all. Smooth, so
    its Hessian exists everywhere: `hessian_vector`, `sharpness`. No minimum is known.

    >>> net = TanhNet([[0.0], [1.0]], [0, 1], hidden=3, classes=2)
    >>> net.size, round(float(net.loss(np.zeros(net.size))), 6)
    (14, 0.693147)
    """

    def __init__(self, X, y, hidden, classes, *, squared=False):
        X, y = np.array(X, float), np.array(y)
        at_least_one("hidden", hidden)
        at_least_one("classes", classes)
        if X.ndim != 2 or 0 in X.shape:
            raise ValueError(f"X has shape {X.shape}; allowed are (N, D), N and D >= 1")
        if y.shape != X.shape[:1]:
            raise ValueError(f"y has shape {y.shape}; allowed is {X.shape[:1]}, the rows of X")
        finite("X", X)
        if not np.issubdtype(y.dtype, np.integer):
            raise TypeError(f"y has dtype {y.dtype}; allowed are whole numbers: y.astype(int)")
        if y.min() < 0 or y.max() >= classes:
            raise ValueError(f"y runs from {y.min()} to {y.max()}; allowed is [0, {classes})")
        D = X.shape[1]
        shapes = ((D, hidden), (1, hidden), (hidden, classes), (1, classes))
        size = sum(rows * columns for rows, columns in shapes)
        self.set(size=size, shapes=shapes, squared=bool(squared))
        self.set(X=X, y=y, onehot=np.eye(classes)[y])

    def init(self, seed, *runs):
        """Starting weights: Gaussian with variance 1/fan-in; biases zero. Shape (*runs, size).

        `seed` whole >= 0, `runs` the leading axes; float64.

        >>> TanhNet([[1.0]], [0], hidden=2, classes=2).init(0, 5).shape
        (5, 10)
        """
        rng = np.random.default_rng(seed)
        w = np.zeros((*runs, self.size))
        W1, _, W2, _ = self.unpack(w)
        W1[...] = rng.standard_normal(W1.shape) / np.sqrt(W1.shape[-2])
        W2[...] = rng.standard_normal(W2.shape) / np.sqrt(W2.shape[-2])
        return w

    def unpack(self, w):
        """Views W1, b1, W2, b2 into `w` (..., size), of shapes (..., rows, columns).

        >>> [a.shape for a in TanhNet([[1.0]], [0], hidden=2, classes=3).unpack(np.zeros(13))]
        [(1, 2), (1, 2), (2, 3), (1, 3)]
        """
        ends = np.cumsum([rows * columns for rows, columns in self.shapes])[:-1]
        parts = np.split(w, ends, axis=-1)
        lead = w.shape[:-1]
        return [p.reshape(*lead, *shape) for p, shape in zip(parts, self.shapes, strict=True)]

    def _layers(self, w):
        """X in the dtype of w, hidden activations H, scores Z."""
        W1, b1, W2, b2 = self.unpack(w)
        X = self.X.astype(w.dtype)
        H = np.tanh(X @ W1 + b1)
        return X, H, H @ W2 + b2

    def _loss(self, w):
        return self._mean_loss(self._layers(w)[2])

    def _mean_loss(self, Z):
        n = len(self.y)
        if self.squared:
            return np.sum((Z - self.onehot.astype(Z.dtype)) ** 2, axis=(-1, -2)) / (2 * n)
        top = Z.max(axis=-1, keepdims=True)  # shifting the scores keeps exp from overflowing
        log_sum = top[..., 0] + np.log(np.exp(Z - top).sum(axis=-1))
        return (log_sum - Z[..., np.arange(n), self.y]).mean(axis=-1)

    def _probabilities(self, Z):
        P = np.exp(Z - Z.max(axis=-1, keepdims=True))
        return P / P.sum(axis=-1, keepdims=True)

    def _score_slope(self, Z):
        """dZ, the gradient with respect to the scores."""
        P = Z if self.squared else self._probabilities(Z)
        return (P - self.onehot.astype(Z.dtype)) / len(self.y)

    def _grad(self, w):
        return self._backward(w, *self._layers(w))

    def _backward(self, w, X, H, Z):
        W2, dZ = self.unpack(w)[2], self._score_slope(Z)
        dA = dZ @ W2.mT * (1 - H**2)
        return self._pack(X.mT @ dA, _total(dA), H.mT @ dZ, _total(dZ))

    def _pack(self, *parts):
        return np.concatenate([p.reshape(*p.shape[:-2], -1) for p in parts], axis=-1)

    def loss_grad(self, w, t=0):
        """Loss and gradient at `w` (..., size) from one pass; `t` does not matter.

        >>> net = TanhNet([[1.0]], [0], hidden=1, classes=2)
        >>> net.loss_grad(np.zeros(6))[1]
        array([ 0. ,  0. ,  0. ,  0. , -0.5,  0.5])
        """
        w = self.check(w)
        X, H, Z = self._layers(w)
        return self._mean_loss(Z), self._backward(w, X, H, Z)

    def hessian_vector(self, w, v):
        r"""Hessian times a vector, exact, for the price of about two gradients.

        $$ \nabla^2 f(w)\,v = \frac{\partial}{\partial r}\nabla f(w + rv)\Big|_{r=0} $$

        `w`, `v` (..., size), of shapes that broadcast. Every line of the gradient is
        differentiated along v (the R-operator). Source: Pearlmutter (1994).

        >>> net = TanhNet([[1.0]], [0], hidden=1, classes=2)
        >>> net.hessian_vector(np.zeros(6), np.eye(6)[5])
        array([ 0.  ,  0.  ,  0.  ,  0.  , -0.25,  0.25])
        """
        w, v = np.broadcast_arrays(self.check(w), self.check(v))
        (_, _, W2, _), (V1, c1, V2, c2) = self.unpack(w), self.unpack(v)
        X, H, Z = self._layers(w)
        dZ, slope = self._score_slope(Z), 1 - H**2
        RH = slope * (X @ V1 + c1)
        RdZ = RZ = RH @ W2 + H @ V2 + c2
        if not self.squared:
            P = self._probabilities(Z)
            RdZ = P * (RZ - np.sum(P * RZ, axis=-1, keepdims=True))
        RdZ = RdZ / len(self.y)
        RdA = (RdZ @ W2.mT + dZ @ V2.mT) * slope - dZ @ W2.mT * 2 * H * RH
        return self._pack(X.mT @ RdA, _total(RdA), RH.mT @ dZ + H.mT @ RdZ, _total(RdZ))

    def sharpness(self, w, iterations=100, seed=0, tol=1e-6):
        r"""The largest eigenvalue of the Hessian at `w`.

        $$ \lambda_{\max}(\nabla^2 f(w)) $$

        `w` (size,), computed in float64. Lanczos iteration with full reorthogonalisation from a
        vector drawn with `seed`; stops when the residual is below `tol` times the value, after at
        most `iterations` products (ArithmeticError if that is not enough). Returns a float.
        Full-batch gradient descent drives it to about 2/lr and holds it there ("edge of
        stability"): Cohen et al. (2021), for the squared loss; cross-entropy lets it fall again.

        >>> net = TanhNet([[1.0]], [0], hidden=1, classes=2)
        >>> round(net.sharpness(np.zeros(6)), 6)
        1.0
        """
        w = self.check(w).astype(float)
        if w.ndim != 1:
            raise ValueError(f"w has shape {w.shape}; allowed is one run, ({self.size},)")
        finite("w", w)
        at_least_one("iterations", iterations)
        positive("tol", tol)
        q = np.random.default_rng(seed).standard_normal(self.size)
        basis, alpha, beta = [q / np.linalg.norm(q)], [], []
        for _ in range(min(iterations, self.size)):
            r = self.hessian_vector(w, basis[-1])
            alpha.append(basis[-1] @ r)
            Q = np.array(basis)
            for _ in range(2):  # twice, for rounding
                r = r - Q.T @ (Q @ r)
            beta.append(np.linalg.norm(r))
            lam, s = np.linalg.eigh(np.diag(alpha) + np.diag(beta[:-1], 1) + np.diag(beta[:-1], -1))
            if beta[-1] * abs(s[-1, -1]) <= tol * abs(lam[-1]):
                return float(lam[-1])
            basis.append(r / beta[-1])
        raise ArithmeticError(
            f"sharpness: residual {beta[-1] * abs(s[-1, -1]):.3g} after {len(alpha)} iterations; "
            f"allow more, or a larger tol than {tol}"
        )
