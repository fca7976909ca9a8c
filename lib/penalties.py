r"""What keeps weights small or absent beside a penalty's gradient: proximal step, max-norm, DropConnect.

The gradients of the penalties themselves are part of the network, `FCN(..., l1=, l2=)`.
"""

import numpy as np

from lib.contract import START, State, rule
from lib.net import dropout_mask
from lib.ranges import non_negative, positive

__all__ = ["dropconnect", "ista", "max_norm", "soft_threshold"]


def soft_threshold(w, threshold):
    r"""The proximal step of the L1 penalty: all entries move to zero by `threshold` and stop there.

    $$ \operatorname{sign}(w)\max(|w|-\tau, 0) = \arg\min_z\; \tfrac12\lVert z-w\rVert^2 + \tau\lVert z\rVert_1 $$

    `w` any float array; `threshold` tau >= 0, a number or an array that broadcasts. ValueError
    otherwise. Entries within the threshold become exactly 0. Source: Tibshirani (1996), section 2.2;
    Donoho & Johnstone (1994).

    >>> soft_threshold(np.array([-3.0, 0.5, 2.0]), 1.0)
    array([-2.,  0.,  1.])
    """
    non_negative("threshold", threshold)
    return w - np.clip(w, -threshold, threshold)


@rule
def ista(w, g, s=START, *, lr, l1):
    r"""Gradient step on the loss, then proximal step on the penalty l1 * sum|w|: iterative soft thresholding.

    $$ w_t = S_{\eta\lambda_1}\bigl(w_{t-1} - \eta\,g_t\bigr) $$

    `g`: the gradient of the loss WITHOUT the penalty; `l1` >= 0. Source: Daubechies, Defrise & De Mol (2004).

    >>> ista(np.array([1.0, 0.05]), np.array([0.5, 0.0]), lr=0.5, l1=0.5)
    (array([0.5, 0. ]), State(t=1, m=0.0, v=0.0))
    """
    return soft_threshold(w - lr * g, lr * l1), State(s.t + 1)


def max_norm(W, c):
    r"""Project the incoming weights of every unit onto a ball: columns longer than c become of length c.

    $$ W_{:,j} \leftarrow W_{:,j}\,\min\Bigl(1, \frac{c}{\lVert W_{:,j}\rVert}\Bigr) $$

    `W` (..., I, O), `c` > 0; ValueError otherwise. Returns a new array; columns within the ball are
    kept bit for bit. Source: Srebro, Rennie & Jaakkola (2005); Srivastava et al. (2014).

    >>> max_norm(np.array([[3.0, 0.3], [4.0, 0.4]]), 1.0)
    array([[0.6, 0.3],
           [0.8, 0.4]])
    """
    positive("c", c)
    if np.ndim(W) < 2:
        raise ValueError(f"W has shape {np.shape(W)}; allowed is (..., I, O)")
    length = np.sqrt(np.sum(W * W, axis=-2, keepdims=True))
    return W * (c / np.maximum(length, c))


def dropconnect(h, W, b, p, rng):
    r"""A layer whose WEIGHTS are dropped, another mask for every example; dropout drops units instead.

    $$ z_n = h_n\,(W\odot M_n) + b, \qquad M_{nij} = 0 \text{ with probability } p,\ \text{else } \tfrac{1}{1-p} $$

    `h` (N, I), `W` (I, O), `b` (O,); `p` in [0, 1) the DROP probability; `rng` a `numpy.random.Generator`.
    Returns (N, O). ValueError or TypeError otherwise. Source: Wan et al. (2013).

    >>> dropconnect(np.ones((2, 3)), np.ones((3, 1)), np.zeros(1), 0.0, np.random.default_rng(0)).T
    array([[3., 3.]])
    """
    if np.ndim(h) != 2 or np.ndim(W) != 2 or h.shape[1] != W.shape[0]:
        raise ValueError(f"h has shape {np.shape(h)}, W {np.shape(W)}; allowed are (N, I) and (I, O)")
    masks = dropout_mask(rng, (len(h), *W.shape), p, W.dtype)
    return np.einsum("ni,nio->no", h, W * masks) + b
