"""What every problem has in common: checked parameters, kept dtypes, no changes once made."""

import numpy as np

__all__ = ["Problem"]


class Problem:
    """A loss of parameters `w` (..., size), as `descend` wants it.

    A problem of your own sets `size` through `self.set(...)` and writes two formulas,
    `_loss(w)` -> (...) and `_grad(w)` -> (..., size); both get `w` checked. TypeError for
    parameters that are not floats, ValueError for a last axis of another size.

    >>> class Bowl(Problem):
    ...     def __init__(self):
    ...         self.set(size=2, minimum=0.0, argmin=np.zeros(2))
    ...     def _loss(self, w):
    ...         return np.sum(w**2, axis=-1)
    ...     def _grad(self, w):
    ...         return 2 * w
    >>> Bowl().grad(np.array([1.0, 2.0]))
    array([2., 4.])
    >>> Bowl().loss(np.zeros(3))
    Traceback (most recent call last):
    ValueError: Bowl: w has shape (3,), its last axis 3 entries; allowed are 2
    """

    size = 0
    minimum = None
    argmin = None
    eigenvalues = None

    def set(self, **values):
        """Fix the problem's numbers and arrays, once: arrays are copied and made read-only.

        >>> problem = Problem()
        >>> problem.set(size=1)
        >>> problem.size = 2
        Traceback (most recent call last):
        AttributeError: a Problem does not change: make a new one with another size
        """
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                value = value.copy()
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    def __setattr__(self, name, value):
        kind = type(self).__name__
        raise AttributeError(f"a {kind} does not change: make a new one with another {name}")

    def check(self, w):
        """Return `w` as an array of floats of shape (..., size), or raise.

        >>> problem = Problem()
        >>> problem.set(size=1)
        >>> problem.check(np.array([1, 2]))
        Traceback (most recent call last):
        TypeError: Problem: w has dtype int64; allowed are float dtypes: w.astype(float)
        """
        kind, w = type(self).__name__, np.asarray(w)
        if not np.issubdtype(w.dtype, np.floating):
            raise TypeError(f"{kind}: w has dtype {w.dtype}; allowed are float dtypes: w.astype(float)")
        if w.ndim == 0 or w.shape[-1] != self.size:
            last = f", its last axis {w.shape[-1]} entries" if w.ndim else ", no axis"
            raise ValueError(f"{kind}: w has shape {w.shape}{last}; allowed are {self.size}")
        return w

    def loss(self, w):
        """The loss at `w` (..., size): shape (...), dtype of `w`. Errors as in `check`.

        >>> from lib.problems import Saddle
        >>> Saddle().loss(np.array([[2.0, 0.0], [0.0, 1.0]]))
        array([ 2.  , -0.25])
        """
        return self._loss(self.check(w))

    def grad(self, w):
        """The gradient at `w` (..., size): shape and dtype of `w`. Errors as in `check`.

        >>> from lib.problems import Saddle
        >>> Saddle().grad(np.array([2.0, 2.0], np.float32))
        array([2., 6.], dtype=float32)
        """
        return self._grad(self.check(w))

    def loss_grad(self, w, t=0):
        """Loss and gradient at `w`; `t`, the steps taken so far, matters only to losses that vary.

        >>> from lib.problems import Saddle
        >>> Saddle().loss_grad(np.array([2.0, 0.0]))
        (np.float64(2.0), array([2., 0.]))
        """
        w = self.check(w)
        return self._loss(w), self._grad(w)
