r"""The notes' networks over `lib.net.FCN`: a dict of parameters, and `loss(X, y)`."""

import math

import numpy as np

from lib.net import FCN
from lib.notes.layers import check_keep, generator
from lib.ranges import non_negative

__all__ = ["FullyConnectedNet", "TwoLayerNet"]


class FullyConnectedNet:
    r"""ReLU layers, softmax and mean cross-entropy, with a penalty on the weights.

    $$ f + \tfrac12\,\text{reg}\sum_l \lVert W_l \rVert^2 $$

    `hidden_dims` widths of the hidden layers; `input_dim`, `num_classes` >= 1; `dropout` in (0, 1] the
    probability to KEEP a hidden unit, 1 for no dropout (`lib.net.FCN` takes the DROP probability);
    `reg` >= 0; `weight_scale` >= 0 the standard deviation of the first weights; `dtype` of parameters
    and arithmetic. ValueError or TypeError otherwise; NotImplementedError for a `normalization`.

    `params`: 'W1' (input_dim, width), 'b1', 'W2', ...; arrays and `reg` may be changed or replaced at
    any time. The first weights follow `np.random.seed`: they are CS231n's, number for number. So do
    the dropout masks, unless there is a `seed`: then every `loss` draws the same masks, which a
    gradient check needs and a training must not have. CS231n's `seed` gives layers of one width one
    mask and reseeds NumPy's global state; this one does neither.

    >>> model = FullyConnectedNet([4, 3], input_dim=5, num_classes=2)
    >>> [(name, a.shape) for name, a in model.params.items() if name[0] == "W"]
    [('W1', (5, 4)), ('W2', (4, 3)), ('W3', (3, 2))]
    """

    def __init__(
        self,
        hidden_dims,
        input_dim=3072,
        num_classes=10,
        dropout=1,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
    ):
        if normalization is not None:
            raise NotImplementedError(
                f"normalization is {normalization!r}; there is none here, allowed is None"
            )
        if np.ndim(hidden_dims) != 1:
            raise TypeError(
                f"hidden_dims is {hidden_dims!r}; allowed is a list of widths, such as [100, 100]"
            )
        check_keep("dropout", dropout)
        non_negative("weight_scale", weight_scale)
        non_negative("reg", reg)
        net = FCN((input_dim, *hidden_dims, num_classes), dtype=dtype)
        self.sizes, self.dtype, self.num_layers = net.sizes, net.dtype, len(net.sizes) - 1
        self.dropout, self.normalization, self.reg, self.seed = dropout, None, reg, seed
        self.params = {}
        for l, (rows, columns) in enumerate(zip(self.sizes, self.sizes[1:], strict=False), start=1):
            self.params[f"W{l}"] = (weight_scale * np.random.randn(rows, columns)).astype(self.dtype)
            self.params[f"b{l}"] = np.zeros(columns, self.dtype)
        self._shapes = {name: a.shape for name, a in self.params.items()}

    def loss(self, X, y=None):
        """Scores (N, C) without dropout if `y` is None, else (loss, gradients).

        `X` (N, d1, ...) with input_dim numbers an example; `y` (N,) whole numbers in [0, C). The loss
        includes the penalty; the gradients are a dict with the keys and shapes of `params`.
        ValueError or TypeError for anything else.

        >>> model = FullyConnectedNet([3], input_dim=4, num_classes=2, weight_scale=0)
        >>> loss, grads = model.loss(np.ones((1, 2, 2)), [0])
        >>> print(f"{loss:.6f}", grads["b2"])
        0.693147 [-0.5  0.5]
        """
        net = FCN(self.sizes, dropout=1 - self.dropout, l2=self.reg, dtype=self.dtype)
        X = np.asarray(X, self.dtype)
        X, w = X.reshape(len(X), math.prod(X.shape[1:])), self._vector()
        if y is None:
            return net.scores(w, X)
        loss, grad = net.loss_grad(w, X, y, generator(self.seed))
        return loss, dict(zip(self._shapes, net.unpack(grad), strict=True))

    def _vector(self):
        for name, shape in self._shapes.items():
            if np.shape(self.params.get(name)) != shape:
                raise ValueError(
                    f"params[{name!r}] has shape {np.shape(self.params.get(name))}; allowed is {shape}"
                )
        return np.concatenate([np.ravel(self.params[name]) for name in self._shapes], dtype=self.dtype)


class TwoLayerNet(FullyConnectedNet):
    r"""One hidden ReLU layer, softmax and mean cross-entropy, in float64.

    $$ f + \tfrac12\,\text{reg}\,(\lVert W_1 \rVert^2 + \lVert W_2 \rVert^2) $$

    Arguments, `params`, `loss` and errors as in `FullyConnectedNet`.

    >>> TwoLayerNet(input_dim=4, hidden_dim=3, num_classes=2).loss(np.zeros((5, 4))).shape
    (5, 2)
    """

    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        super().__init__([hidden_dim], input_dim, num_classes, 1, None, reg, weight_scale, np.float64)
