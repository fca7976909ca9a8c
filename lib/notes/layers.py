r"""The notes' layers over `lib.net`: `forward` returns (result, cache), `backward` takes the cache back.

`x` (N, d1, ...) holds N examples of any shape, `dout` is the gradient of a loss by a layer's result;
float dtypes are kept and nothing is written to.
"""

import numpy as np

from lib import net

__all__ = [
    "affine_backward",
    "affine_forward",
    "dropout_backward",
    "dropout_forward",
    "relu_backward",
    "relu_forward",
    "softmax_loss",
]


def affine_forward(x, w, b):
    r"""Scores of a layer, every example flattened to a row.

    $$ \text{out} = XW + b $$

    `x` (N, d1, ...), `w` (D, M) with D = d1 d2 ..., `b` (M,); ValueError for shapes that do not
    fit. Returns (out (N, M), cache).

    >>> affine_forward(np.ones((1, 2, 2)), np.ones((4, 1)), np.array([0.5]))[0]
    array([[4.5]])
    """
    rows = _rows(x)
    if rows.shape[-1] != np.shape(w)[0] or np.shape(b) != np.shape(w)[1:]:
        raise ValueError(
            f"x has {rows.shape[-1]} numbers an example, w shape {np.shape(w)}, b {np.shape(b)}; "
            "allowed are w (D, M) and b (M,) for D numbers an example"
        )
    return net.affine(rows, w, b), (x, w, b)


def affine_backward(dout, cache):
    r"""Gradients (dx, dw, db) through `affine_forward`, in the shapes of x, w and b.

    $$ dX = \text{dout}\,W^\top, \qquad dW = X^\top\text{dout}, \qquad db = \textstyle\sum_n \text{dout}_n $$

    >>> _, cache = affine_forward(np.ones((1, 2, 2)), np.ones((4, 1)), np.zeros(1))
    >>> affine_backward(np.array([[3.0]]), cache)[0].shape
    (1, 2, 2)
    """
    x, w, _ = cache
    dx, dw, db = net.affine_backward(dout, _rows(x), w)
    return dx.reshape(np.shape(x)), dw, db


def relu_forward(x):
    r"""The rectifier; the cache is `x`.

    $$ \text{out} = \max(x, 0) $$

    >>> relu_forward(np.array([-1.0, 2.0]))[0]
    array([0., 2.])
    """
    return net.relu(x), x


def relu_backward(dout, cache):
    r"""Gradient through `relu_forward`; the slope at zero counts as zero.

    $$ dx = \text{dout} \cdot 1[x > 0] $$

    >>> relu_backward(np.array([5.0, 5.0]), np.array([-1.0, 2.0]))
    array([0., 5.])
    """
    return net.relu_backward(dout, cache)


def softmax_loss(x, y):
    r"""Mean cross-entropy of scores and its gradient by the scores.

    $$ f = \frac1N\sum_n \Bigl(\ln\sum_c e^{x_{nc}} - x_{n,y_n}\Bigr) $$

    `x` (N, C) scores, `y` (N,) whole numbers in [0, C); TypeError or ValueError otherwise. Returns
    (loss, dx), as `lib.net.cross_entropy` does: stable for scores of any size.

    >>> loss, dx = softmax_loss(np.zeros((1, 2)), np.array([1]))
    >>> round(float(loss), 6), dx
    (0.693147, array([[ 0.5, -0.5]]))
    """
    return net.cross_entropy(np.asarray(x), y)


def dropout_forward(x, dropout_param):
    r"""Inverted dropout, `p` being the probability to KEEP a unit.

    $$ \text{out} = x \odot M, \qquad M = \tfrac1p \text{ with probability } p, \text{ else } 0 $$

    `dropout_param`: `mode` "train" or "test" (which changes nothing), `p` in (0, 1], and optionally
    `seed`: with it every call draws the same mask, for gradient checks; without, the mask follows
    `np.random.seed`. CS231n obeys `seed` by seeding NumPy's global state, which then also decides
    the batches; here that state is left alone. ValueError for another mode or p. Returns (out,
    cache). Mind that `lib.net` takes the DROP probability, 1 - p.

    >>> out, _ = dropout_forward(np.ones(50), {"mode": "train", "p": 0.25, "seed": 0})
    >>> sorted(set(out.tolist()))
    [0.0, 4.0]
    """
    x = np.asarray(x)
    keep, mode = dropout_param["p"], dropout_param["mode"]
    if mode not in ("train", "test"):
        raise ValueError(f"mode is {mode!r}; allowed are 'train' and 'test'")
    check_keep("p", keep)
    if mode == "test":
        return x, (dropout_param, None)
    mask = net.dropout_mask(
        generator(dropout_param.get("seed")), x.shape, 1 - keep, np.result_type(x, np.float16)
    )
    return x * mask, (dropout_param, mask)


def dropout_backward(dout, cache):
    r"""Gradient through `dropout_forward`, by the same mask.

    $$ dx = \text{dout} \odot M $$

    >>> dropout_backward(np.array([3.0, 3.0]), ({"mode": "train", "p": 0.5}, np.array([0.0, 2.0])))
    array([0., 6.])
    """
    _, mask = cache
    return dout if mask is None else dout * mask


def check_keep(name, keep):
    """Refuse what is no probability to keep a unit.

    >>> check_keep("dropout", 0)
    Traceback (most recent call last):
    ValueError: dropout is 0; allowed are numbers in (0, 1], the probability to KEEP a unit
    """
    if not 0 < keep <= 1:
        raise ValueError(f"{name} is {keep}; allowed are numbers in (0, 1], the probability to KEEP a unit")


def generator(seed=None):
    """A generator from a seed; without one, a generator over the state that `np.random.seed` sets.

    >>> generator(0).random() == generator(0).random()
    True
    """
    return np.random.Generator(np.random.get_bit_generator()) if seed is None else np.random.default_rng(seed)


def _rows(x):
    x = np.asarray(x)
    if x.ndim < 2 or len(x) == 0:
        raise ValueError(f"x has shape {x.shape}; allowed is (N, d1, ...) with N >= 1")
    return x.reshape(len(x), -1)
