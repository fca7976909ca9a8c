r"""The fully connected network: scores, softmax with cross-entropy, and the gradient by backpropagation.

All weights live in one vector `w` of shape (..., P); leading axes are runs, so that a grid of
networks trains at once. `net.unpack(w)` gives views `[W1, b1, W2, b2, ...]`, never copies. A network
computes losses and gradients; it never changes `w`.

Notation: `X` (N, D) inputs, `y` (N,) classes 0, 1, ..., C-1, `z` scores before the softmax, `h` the
activations of a hidden layer, `d...` the gradient of the loss by `...`.
"""

import numpy as np

from lib.ranges import fraction, non_negative, positive, whole

__all__ = [
    "FCN",
    "accuracy",
    "affine",
    "affine_backward",
    "cross_entropy",
    "dropout_mask",
    "relu",
    "relu_backward",
    "rounded_accuracy",
    "softmax",
]


# The pieces, one by one ---------------------------------------------------------------------------


def affine(h, W, b):
    r"""Scores of a layer.

    $$ Z = HW + b $$

    `h` (..., N, I), `W` (..., I, O), `b` (..., O); returns (..., N, O) in their common dtype.

    >>> affine(np.array([[1.0, 2.0]]), np.array([[1.0], [10.0]]), np.array([0.5]))
    array([[21.5]])
    """
    return h @ W + b[..., None, :]


def affine_backward(dz, h, W):
    r"""Gradients of a loss by the three arguments of `affine`, given its gradient `dz` by the scores.

    $$ dH = dZ\,W^\top, \qquad dW = H^\top dZ, \qquad db = \textstyle\sum_n dZ_n $$

    Shapes as in `affine`; returns (dh, dW, db).

    >>> dh, dW, db = affine_backward(np.array([[2.0]]), np.array([[1.0, 3.0]]), np.array([[5.0], [7.0]]))
    >>> dh, dW.T, db
    (array([[10., 14.]]), array([[2., 6.]]), array([2.]))
    """
    return dz @ W.mT, h.mT @ dz, dz.sum(axis=-2)


def relu(a):
    r"""The rectifier, elementwise.

    $$ h = \max(a, 0) $$

    Any shape and float dtype, kept. Its slope at zero counts as zero.

    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return np.maximum(a, 0)


def relu_backward(dh, a):
    r"""Gradient by the argument of `relu`, given the gradient `dh` by its result.

    $$ da = dh \cdot 1[a > 0] $$

    >>> relu_backward(np.array([5.0, 5.0]), np.array([-1.0, 2.0]))
    array([0., 5.])
    """
    return dh * (a > 0)


def softmax(z):
    r"""Probabilities from scores, over the last axis.

    $$ p_c = \frac{e^{z_c - \max z}}{\sum_j e^{z_j - \max z}} $$

    The shift changes nothing but keeps `exp` from overflowing, which in float32 it does from 88.73
    on. Shape and dtype of `z` kept.

    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def cross_entropy(z, y):
    r"""Mean cross-entropy of scores against classes, and its gradient by the scores.

    $$ f = \frac1N\sum_n \Bigl(\ln\sum_c e^{z_{nc}} - z_{n,y_n}\Bigr), \qquad
       \frac{\partial f}{\partial z} = \frac{p - \text{onehot}(y)}{N} $$

    `z` (..., N, C) scores, not probabilities: no logarithm of a rounded probability is taken, so
    nothing is clipped and nothing is NaN. `y` (..., N) whole numbers in [0, C), ValueError
    otherwise. Returns the loss (...) and the gradient (..., N, C).

    >>> loss, dz = cross_entropy(np.zeros((1, 2)), np.array([1]))
    >>> round(float(loss), 6), dz
    (0.693147, array([[ 0.5, -0.5]]))
    """
    y = _classes(y, z.shape[-1])
    return _cross_entropy(z, y)


def _cross_entropy(z, y):
    n = z.shape[-2]
    shifted = z - z.max(axis=-1, keepdims=True)
    p = np.exp(shifted)
    total = p.sum(axis=-1, keepdims=True)
    at = np.broadcast_to(y, z.shape[:-1])[..., None]
    loss = (np.log(total) - np.take_along_axis(shifted, at, axis=-1)).sum(axis=(-1, -2)) / n
    p /= total
    np.put_along_axis(p, at, np.take_along_axis(p, at, axis=-1) - 1, axis=-1)
    p /= n
    return loss, p


def dropout_mask(rng, shape, p, dtype=np.float64):
    r"""A fresh mask of inverted dropout: 0 with probability `p`, else 1/(1 - p).

    $$ \mathbb E[M] = 1, \qquad \operatorname{Var}[M] = \frac{p}{1-p} $$

    `p` is the DROP probability, in [0, 1); the notes and CS231n give the probability to KEEP.
    `rng`: a `numpy.random.Generator`. Source: Srivastava et al. (2014).

    >>> sorted(set(dropout_mask(np.random.default_rng(0), 50, 0.75).tolist()))
    [0.0, 4.0]
    """
    fraction("p", p)
    keep = rng.random(shape, dtype=np.float32) >= p
    return keep * np.asarray(1 / (1 - p), dtype)


def accuracy(z, y):
    r"""Share of examples whose largest score (or probability) is that of their class.

    $$ \frac1N\sum_n 1[\arg\max_c z_{nc} = y_n] $$

    `z` (..., N, C), `y` (..., N); returns (...), in [0, 1].

    >>> float(accuracy(np.array([[0.2, 0.1], [0.3, 0.9]]), np.array([0, 0])))
    0.5
    """
    return np.mean(np.argmax(z, axis=-1) == y, axis=-1)


def rounded_accuracy(p, y):
    r"""NOT an accuracy: the share of equal ENTRIES after rounding, the trap in the notes.

    $$ \frac1{NC}\sum_{n,c} 1[\operatorname{round}(p_{nc}) = \text{onehot}(y_n)_c] $$

    `p` (..., N, C) probabilities, `y` (..., N). With ten classes an untrained net scores 0.9,
    because nine of ten entries are zero anyway. Kept to be shown; use `accuracy`.

    >>> float(rounded_accuracy(np.full((1, 10), 0.1), np.array([3])))
    0.9
    """
    onehot = np.arange(p.shape[-1]) == np.asarray(y)[..., None]
    return np.mean(np.round(p) == onehot, axis=(-1, -2))


def _classes(y, count):
    y = np.asarray(y)
    if not np.issubdtype(y.dtype, np.integer):
        raise TypeError(f"y has dtype {y.dtype}; allowed are whole numbers: y.astype(int)")
    if y.size and not (y.min() >= 0 and y.max() < count):
        raise ValueError(f"y runs from {y.min()} to {y.max()}; allowed is [0, {count})")
    return y


# The network --------------------------------------------------------------------------------------

# name: (h from a, written over a; what turns dh into da, from h)
_ACTIVATIONS = {
    "relu": (lambda a: np.maximum(a, 0, out=a), lambda h: h > 0),
    "tanh": (lambda a: np.tanh(a, out=a), lambda h: 1 - h * h),
    "sigmoid": (lambda a: 0.5 + 0.5 * np.tanh(0.5 * a), lambda h: h * (1 - h)),
}


class FCN:
    r"""A fully connected network with softmax and mean cross-entropy.

    $$ h_0 = X, \qquad h_l = \phi(h_{l-1}W_l + b_l) \odot M_l, \qquad z = h_{L-1}W_L + b_L $$

    `sizes` = (D, hidden ..., C), at least inputs and classes; `activation` phi: "relu", "tanh" or
    "sigmoid"; `dropout`: the DROP probability of every hidden layer, or one for each; `l1`, `l2`
    >= 0: penalties l1 * sum|W| + l2/2 * sum W^2 on the weights, not the biases; `dtype` of the
    parameters that `init` makes. ValueError for any other value.

    >>> net = FCN((2, 3, 2))
    >>> net.size, [a.shape for a in net.unpack(np.zeros(net.size))]
    (17, [(2, 3), (3,), (3, 2), (2,)])
    """

    def __init__(self, sizes, *, activation="relu", dropout=0.0, l1=0.0, l2=0.0, dtype=np.float64):
        sizes = tuple(sizes)
        if len(sizes) < 2:
            raise ValueError(f"sizes is {sizes}; allowed are (inputs, hidden ..., classes)")
        for size in sizes:
            if size < 1 or int(size) != size:
                raise ValueError(f"sizes is {sizes}; allowed are whole numbers >= 1")
        if activation not in _ACTIVATIONS:
            raise ValueError(f"activation is {activation!r}; allowed are {', '.join(_ACTIVATIONS)}")
        hidden = len(sizes) - 2
        dropout = (dropout,) * hidden if np.ndim(dropout) == 0 else tuple(dropout)
        if len(dropout) != hidden:
            raise ValueError(f"dropout has {len(dropout)} values; allowed are 1 and {hidden}, one a hidden layer")
        for p in dropout:
            fraction("dropout", p)
        non_negative("l1", l1)
        non_negative("l2", l2)
        self.sizes, self.activation, self.dropout = tuple(map(int, sizes)), activation, dropout
        self.l1, self.l2, self.dtype = l1, l2, np.dtype(dtype)
        if not np.issubdtype(self.dtype, np.floating):
            raise ValueError(f"dtype is {self.dtype}; allowed are float dtypes")
        self._places, end = [], 0
        for rows, columns in zip(self.sizes, self.sizes[1:], strict=False):
            for shape in ((rows, columns), (columns,)):
                start, end = end, end + int(np.prod(shape))
                self._places.append((slice(start, end), shape))
        self.size = end

    def __repr__(self):
        return (
            f"FCN({self.sizes}, activation={self.activation!r}, dropout={self.dropout}, "
            f"l1={self.l1}, l2={self.l2}, dtype={self.dtype.name!r})"
        )

    def unpack(self, w):
        """Views [W1, b1, W2, b2, ...] into `w` (..., size): writing to one writes to `w`.

        >>> net = FCN((1, 1))
        >>> w = np.zeros(2)
        >>> net.unpack(w)[0][...] = 5
        >>> w
        array([5., 0.])
        """
        if w.shape[-1:] != (self.size,):
            raise ValueError(f"w has shape {w.shape}; allowed is (..., {self.size}), what {self!r} holds")
        return [w[..., place].reshape(*w.shape[:-1], *shape) for place, shape in self._places]

    def init(self, rng, *runs, scale="he"):
        r"""Random weights of shape (*runs, size): Gaussian, with biases zero.

        Variance of W (I, O): "he" 2/I (for relu), "glorot" 2/(I + O), or the square of a number.
        `rng`: a `numpy.random.Generator`. Sources: He et al. (2015), Glorot & Bengio (2010).

        >>> FCN((4, 3, 2)).init(np.random.default_rng(0), 5).shape
        (5, 23)
        """
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"rng is {rng!r}; allowed is a generator: np.random.default_rng(seed)")
        if isinstance(scale, str) and scale not in ("he", "glorot"):
            raise ValueError(f"scale is {scale!r}; allowed are 'he', 'glorot' and numbers > 0")
        if not isinstance(scale, str):
            positive("scale", scale)
        w = np.zeros((*runs, self.size), self.dtype)
        for W in self.unpack(w)[::2]:
            rows, columns = W.shape[-2:]
            spread = {"he": np.sqrt(2 / rows), "glorot": np.sqrt(2 / (rows + columns))}.get(scale, scale)
            W[...] = spread * rng.standard_normal(W.shape)
        return w

    def scores(self, w, X):
        """Scores (..., N, C) of inputs `X` (..., N, D), without dropout.

        >>> FCN((1, 2)).scores(np.array([1.0, 2.0, 0.0, 0.5]), np.array([[3.0]]))
        array([[3. , 6.5]])
        """
        return self._forward(self.unpack(w), self._inputs(X, w), None)[0]

    def loss(self, w, X, y):
        """Mean cross-entropy (...) without dropout and without penalties.

        >>> round(float(FCN((1, 2)).loss(np.zeros(4), np.ones((1, 1)), np.array([0]))), 6)
        0.693147
        """
        return cross_entropy(self.scores(w, X), y)[0]

    def penalty(self, w):
        r"""What the penalties add to the loss.

        $$ \lambda_1 \sum |W| + \tfrac12 \lambda_2 \sum W^2 $$

        >>> float(FCN((1, 2), l1=0.1, l2=1.0).penalty(np.array([1.0, -2.0, 9.0, 9.0])))
        2.8
        """
        total = np.zeros(w.shape[:-1], w.dtype)
        if self.l1 or self.l2:
            for W in self.unpack(w)[::2]:
                total = total + self.l1 * np.abs(W).sum((-1, -2)) + 0.5 * self.l2 * (W * W).sum((-1, -2))
        return total

    def loss_grad(self, w, X, y, rng=None):
        """Loss with penalties (...) and its gradient (..., size), of the dtype of `w`.

        `w` (..., size); `X` (..., N, D); `y` (..., N) whole numbers in [0, C). With a generator
        `rng` every call draws fresh dropout masks; one generator for each run may be given as a
        list. Without `rng` nothing is dropped. The data's loss alone is `loss`, the rest `penalty`.

        >>> loss, grad = FCN((1, 2)).loss_grad(np.zeros(4), np.ones((1, 1)), np.array([0]))
        >>> grad
        array([-0.5,  0.5, -0.5,  0.5])
        """
        X, y = self._inputs(X, w), _classes(y, self.sizes[-1])
        if y.shape[-1:] != X.shape[-2:-1]:
            raise ValueError(f"y has shape {y.shape}, X {X.shape}: as many classes as inputs, please")
        return self._loss_grad(w, X, y, rng)

    def _loss_grad(self, w, X, y, rng):
        layers = self.unpack(w)
        z, inputs, hidden, masks = self._forward(layers, X, rng)
        loss, d = _cross_entropy(z, y)
        grad = np.empty_like(w)
        slots = self.unpack(grad)
        slope = _ACTIVATIONS[self.activation][1]
        for i in range(len(layers) - 2, -1, -2):
            np.matmul(inputs[i // 2].mT, d, out=slots[i])
            np.sum(d, axis=-2, out=slots[i + 1])
            if i:
                mask = masks[i // 2 - 1]
                d = d @ layers[i].mT
                if mask is not None:
                    d *= mask
                d *= slope(hidden[i // 2 - 1])
        if self.l1 or self.l2:
            for W, dW in zip(layers[::2], slots[::2], strict=True):
                dW += self.l1 * np.sign(W) + self.l2 * W
            loss = loss + self.penalty(w)
        return loss, grad

    def _forward(self, layers, X, rng):
        """Scores; the input of every layer; hidden activations; masks, None where nothing drops."""
        phi = _ACTIVATIONS[self.activation][0]
        h, inputs, hidden, masks = X, [], [], []
        for i in range(0, len(layers), 2):
            inputs.append(h)
            z = h @ layers[i]
            z += layers[i + 1][..., None, :]
            if i < len(layers) - 2:
                h, p = phi(z), self.dropout[i // 2]
                mask = None if rng is None or p == 0 else _masks(rng, h.shape, p, h.dtype)
                hidden.append(h)
                masks.append(mask)
                h = h if mask is None else h * mask
        return z, inputs, hidden, masks

    def _inputs(self, X, w):
        X = np.asarray(X)
        if X.ndim < 2 or X.shape[-1] != self.sizes[0]:
            raise ValueError(f"X has shape {X.shape}; allowed is (N, {self.sizes[0]})")
        return X.astype(w.dtype, copy=False)


def _masks(rng, shape, p, dtype):
    if isinstance(rng, np.random.Generator):
        return dropout_mask(rng, shape, p, dtype)
    return np.stack([dropout_mask(one, shape[1:], p, dtype) for one in rng])
