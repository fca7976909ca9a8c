r"""`FCN`, the fully connected network: scores, loss, and the gradient by backpropagation."""

import numpy as np

from lib.memory import keep_memory
from lib.net.layers import as_classes, cross_entropy, cross_entropy_formula, dropout_mask, generator
from lib.ranges import fraction, non_negative, positive

__all__ = ["FCN"]

# name: (h from a, which it may write over; the slope dh/da, from h)
_ACTIVATIONS = {
    # against an array NumPy compares many numbers at a time, against the number 0 one by one
    "relu": (lambda a: np.maximum(a, np.zeros(a.shape, a.dtype), out=a), lambda h: h > 0),
    "tanh": (lambda a: np.tanh(a, out=a), lambda h: 1 - h * h),
    "sigmoid": (lambda a: 0.5 + 0.5 * np.tanh(0.5 * a), lambda h: h * (1 - h)),
}


class FCN:
    r"""A fully connected network with softmax and mean cross-entropy.

    $$ h_0 = X, \qquad h_l = \phi(h_{l-1}W_l + b_l) \odot M_l, \qquad z = h_{L-1}W_L + b_L $$

    `sizes` = (D, hidden ..., C), at least inputs and classes: (D, C) is softmax regression;
    `activation` phi: "relu", "tanh" or "sigmoid"; `dropout` in [0, 1): the DROP probability of every
    hidden layer, or one for each, M_l being its mask; `l1`, `l2` >= 0: penalties l1 * sum|W| +
    l2/2 * sum W^2 on the weights, not the biases; `dtype` of the parameters that `init` makes.
    ValueError or TypeError for any other value.

    >>> net = FCN((2, 3, 2))
    >>> net.size, [a.shape for a in net.unpack(np.zeros(net.size))]
    (17, [(2, 3), (3,), (3, 2), (2,)])
    """

    def __init__(self, sizes, *, activation="relu", dropout=0.0, l1=0.0, l2=0.0, dtype=np.float64):
        self.sizes = _sizes(sizes)
        if activation not in _ACTIVATIONS:
            raise ValueError(f"activation is {activation!r}; allowed are {', '.join(_ACTIVATIONS)}")
        self.activation = activation
        hidden = len(self.sizes) - 2
        # Python floats: a NumPy number would turn a float32 loss into float64
        if np.ndim(dropout) == 0:
            self.dropout = (_number("dropout", dropout, fraction),) * hidden
        else:
            self.dropout = tuple(_number("dropout", p, fraction) for p in dropout)
        if len(self.dropout) != hidden:
            raise ValueError(
                f"dropout has {len(dropout)} values; allowed are one number, or {hidden}: one a hidden layer"
            )
        self.l1, self.l2 = _number("l1", l1, non_negative), _number("l2", l2, non_negative)
        self.dtype = np.dtype(dtype)
        if not np.issubdtype(self.dtype, np.floating):
            raise ValueError(f"dtype is {self.dtype}; allowed are float dtypes")
        self._places, end = [], 0
        for rows, columns in zip(self.sizes, self.sizes[1:], strict=False):
            for shape in ((rows, columns), (columns,)):
                start, end = end, end + int(np.prod(shape))
                self._places.append(((..., slice(start, end)), shape))
        self.size = end
        keep_memory()

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
        if not isinstance(w, np.ndarray) or w.dtype.kind not in "fc":
            raise TypeError(f"w is {w!r:.60}; allowed are float arrays: np.asarray(w, float)")
        if w.shape[-1:] != (self.size,):
            raise ValueError(f"w has shape {w.shape}; allowed is (..., {self.size}), what {self!r} holds")
        runs = w.shape[:-1]
        return [w[place].reshape(runs + shape) for place, shape in self._places]

    def init(self, rng, *runs, scale="he"):
        r"""Random weights of shape (*runs, size): Gaussian, with biases zero.

        Variance of W (I, O): "he" 2/I (for relu), "glorot" 2/(I + O), or the square of a number,
        `scale`. `rng`: a `numpy.random.Generator`; it draws in float64, so a float32 network
        starts from the rounded numbers. Sources: He et al. (2015), Glorot & Bengio (2010).

        >>> FCN((4, 3, 2)).init(np.random.default_rng(0), 5).shape
        (5, 23)
        """
        generator("rng", rng)
        w = np.zeros((*runs, self.size), self.dtype)
        for W in self.unpack(w)[::2]:
            W[...] = _spread(scale, *W.shape[-2:]) * rng.standard_normal(W.shape)
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
        layers, total = self.unpack(w), np.zeros(w.shape[:-1], w.dtype)
        if self.l1 or self.l2:
            for W in layers[::2]:
                # W sign(W), not abs: for a complex step abs would lose the imaginary part
                total = total + self.l1 * (W * np.sign(W.real)).sum((-1, -2))
                total = total + 0.5 * self.l2 * (W * W).sum((-1, -2))
        return total

    def loss_grad(self, w, X, y, rng=None):
        """Loss with penalties (...) and its gradient (..., size), of the dtype of `w`.

        `w` (..., size); `X` (N, D) or, one set for each run, (..., N, D); `y` (N,) or (..., N) whole
        numbers in [0, C). With a generator `rng` every call draws fresh dropout masks; a list of
        generators gives each run of `w` (R, size) its own. Without `rng` nothing is dropped. The
        data's loss alone is `loss`, the rest `penalty`. TypeError or ValueError for anything else.

        >>> loss, grad = FCN((1, 2)).loss_grad(np.zeros(4), np.ones((1, 1)), np.array([0]))
        >>> grad
        array([-0.5,  0.5, -0.5,  0.5])
        """
        layers, X = self.unpack(w), self._inputs(X, w)
        runs = w.shape[:-1]
        if X.shape[:-2] not in ((), runs):
            raise ValueError(
                f"X has shape {X.shape}, w {w.shape}; allowed leading axes of X: none, or those of w"
            )
        y = as_classes(y, (*runs, X.shape[-2], self.sizes[-1]))
        z, inputs, hidden, masks = self._forward(layers, X, _generators(rng, runs))
        loss, d = cross_entropy_formula(z, y)
        grad = np.empty_like(w)
        slots = self.unpack(grad)
        slope = _ACTIVATIONS[self.activation][1]
        ones = np.ones(X.shape[-2], d.dtype)  # the sum over the batch as a product is the fastest
        for i in range(len(layers) - 2, -1, -2):
            np.matmul(inputs[i // 2].mT, d, out=slots[i])
            np.matmul(ones, d, out=slots[i + 1])
            if i:
                mask = masks[i // 2 - 1]
                d = d @ layers[i].mT
                if mask is not None:
                    d *= mask
                d *= slope(hidden[i // 2 - 1])
        if self.l1 or self.l2:
            for W, dW in zip(layers[::2], slots[::2], strict=True):
                dW += self.l1 * np.sign(W.real) + self.l2 * W
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


def _generators(rng, runs):
    """`rng` as `_masks` takes it: None, a generator, or a list with one for each of R runs."""
    if rng is None or isinstance(rng, np.random.Generator):
        return rng
    if not isinstance(rng, (list, tuple)):
        raise TypeError(f"rng is {rng!r}; allowed are None, a generator, and a list of one for each run")
    if (len(rng),) != runs:
        raise ValueError(
            f"rng holds {len(rng)} generators, w runs of shape {runs}; allowed is one for each run"
        )
    for one in rng:
        generator("rng", one)
    return rng


def _masks(rng, shape, p, dtype):
    if isinstance(rng, np.random.Generator):
        return dropout_mask(rng, shape, p, dtype)
    return np.stack([dropout_mask(one, shape[1:], p, dtype) for one in rng])


def _sizes(sizes):
    said = "allowed are (inputs, hidden ..., classes), whole numbers >= 1"
    try:
        sizes = tuple(sizes)
        good = len(sizes) >= 2 and all(size >= 1 and size % 1 == 0 for size in sizes)
    except TypeError:
        raise TypeError(f"sizes is {sizes!r}; {said}") from None
    if not good:
        raise ValueError(f"sizes is {sizes}; {said}")
    return tuple(map(int, sizes))


def _number(name, value, check):
    """A Python float, once `check` of `lib.ranges` has passed it."""
    if isinstance(value, (bool, str)) or np.ndim(value) != 0 or value is None:
        raise TypeError(f"{name} is {value!r}; allowed is one number")
    check(name, value)
    return float(value)


def _spread(scale, rows, columns):
    """Standard deviation of the weights of one layer."""
    if isinstance(scale, str):
        if scale not in ("he", "glorot"):
            raise ValueError(f"scale is {scale!r}; allowed are 'he', 'glorot' and numbers > 0")
        return np.sqrt(2 / (rows if scale == "he" else rows + columns))
    return _number("scale", scale, positive)
