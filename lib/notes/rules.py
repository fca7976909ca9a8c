r"""The notes' four update rules, `(w, dw, config=None) -> (next_w, config)`, over `lib.rules`.

`config` holds hyper-parameters and state in one dict. What is missing gets its default, and the dict
given is itself updated and returned. `w` and `dw` share a shape; `next_w` is a new array in the dtype of
`w`. Refused, with the value and what is allowed: a key that no rule of the notes knows (theirs take a
misspelt `learning_rat` in silence and step with the default), a number out of range, a state of another
shape.
"""

import difflib

import numpy as np

from lib import rules
from lib.contract import State
from lib.ranges import fraction, non_negative, positive, whole

__all__ = ["adam", "rmsprop", "sgd", "sgd_momentum"]

_NUMBERS = {
    "learning_rate": positive,
    "momentum": fraction,
    "decay_rate": fraction,
    "beta1": fraction,
    "beta2": fraction,
    "epsilon": non_negative,
    "t": whole,
}
_KEYS = (*_NUMBERS, "velocity", "cache", "m", "v")


def sgd(w, dw, config=None):
    r"""Gradient descent.

    $$ w \leftarrow w - \eta\,dw $$

    Keys: `learning_rate` (0.01). Ranges and errors: see the head of this module. The notes' version
    writes into `w`, so that a list of its results is one array many times over, and fails for whole
    numbers; this one returns a new array. `lib.rules.sgd` in another dress.

    >>> sgd(np.array([1.0, 2.0]), np.array([0.5, -1.0]), {"learning_rate": 0.1})
    (array([0.95, 2.1 ]), {'learning_rate': 0.1})
    """
    config = _filled(config, learning_rate=1e-2)
    next_w, _ = rules.sgd(w, _like(w, "dw", dw), lr=_number(config, "learning_rate"))
    return next_w, config


def sgd_momentum(w, dw, config=None):
    r"""Gradient descent with momentum, velocity form.

    $$ v \leftarrow \mu v + dw, \qquad w \leftarrow w - \eta v $$

    Keys: `learning_rate` (0.01), `momentum` mu (0.9), `velocity` (zeros). The notes call the velocity
    a moving average; it is a sum, whose weights add up to 1/(1 - mu), so the effective learning rate is
    ten times `learning_rate` at 0.9. CS231n's own version keeps the rate inside, v = mu v - eta dw: the
    same path while the rate is constant. `lib.rules.momentum` in another dress.

    >>> w, config = sgd_momentum(np.array([1.0]), np.array([2.0]), {"velocity": np.array([10.0])})
    >>> w, config["velocity"]
    (array([0.89]), array([11.]))
    """
    config = _filled(config, learning_rate=1e-2, momentum=0.9)
    s = State(m=_slot(config, "velocity", w))
    lr, beta = _number(config, "learning_rate"), _number(config, "momentum")
    next_w, s = rules.momentum(w, _like(w, "dw", dw), s, lr=lr, beta=beta)
    config["velocity"] = s.m
    return next_w, config


def rmsprop(w, dw, config=None):
    r"""RMSProp with epsilon INSIDE the root, as the notes print it.

    $$ S \leftarrow \rho S + (1-\rho)\,dw^2, \qquad w \leftarrow w - \eta\,\frac{dw}{\sqrt{S + \varepsilon}} $$

    Keys: `learning_rate` (0.01), `decay_rate` rho (0.99), `epsilon` (1e-8), `cache` S (zeros). Inside
    the root an epsilon of 1e-8 keeps the denominator above 1e-4; in the notes' Adam it stands outside,
    where the floor is 1e-8. Gradients below 1e-4 feel the difference. CS231n and PyTorch have it
    outside. `lib.rules.rmsprop` with `eps_inside=True`.

    >>> rmsprop(np.array([1.0]), np.array([1e-4]), {"decay_rate": 0.0})[0].round(6)
    array([0.992929])
    """
    config = _filled(config, learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8)
    s = State(v=_slot(config, "cache", w))
    lr, beta, eps = (_number(config, key) for key in ("learning_rate", "decay_rate", "epsilon"))
    next_w, s = rules.rmsprop(w, _like(w, "dw", dw), s, lr=lr, beta=beta, eps=eps, eps_inside=True)
    config["cache"] = s.v
    return next_w, config


def adam(w, dw, config=None):
    r"""Adam, with both averages corrected for their start at zero.

    $$ t \leftarrow t + 1, \quad m \leftarrow \beta_1 m + (1-\beta_1)\,dw, \quad
       v \leftarrow \beta_2 v + (1-\beta_2)\,dw^2, \quad
       w \leftarrow w - \eta\,\frac{m/(1-\beta_1^t)}{\sqrt{v/(1-\beta_2^t)} + \varepsilon} $$

    Keys: `learning_rate` (0.001), `beta1` (0.9), `beta2` (0.999), `epsilon` (1e-8), `m` and `v` (zeros),
    `t` steps taken (0), raised before use as it must be. The notes' code is right; their text beside it
    swaps the names of the two averages. `lib.rules.adam` in another dress.

    >>> w, config = adam(np.array([1.0, 1.0]), np.array([100.0, 0.01]), {"learning_rate": 0.25})
    >>> w.round(6), config["t"]
    (array([0.75, 0.75]), 1)
    """
    config = _filled(config, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, t=0)
    m, v = _slot(config, "m", w), _slot(config, "v", w)
    lr, beta1, beta2, eps = (_number(config, key) for key in ("learning_rate", "beta1", "beta2", "epsilon"))
    s = State(int(_number(config, "t")), m, v)
    next_w, s = rules.adam(w, _like(w, "dw", dw), s, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    config.update(t=s.t, m=s.m, v=s.v)
    return next_w, config


def _filled(config, **defaults):
    """The dict of the caller, or a new one, with what is missing."""
    config = {} if config is None else config
    if not isinstance(config, dict):
        raise TypeError(f"config is {config!r}; allowed are None and a dict")
    for key in config:
        if key not in _KEYS:
            close = difflib.get_close_matches(str(key), _KEYS, n=1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise ValueError(f"config has a key {key!r}{hint}; allowed are {', '.join(_KEYS)}")
    for key, value in defaults.items():
        config.setdefault(key, value)
    return config


def _number(config, key):
    """A Python float: a NumPy number would turn float32 parameters into float64."""
    value = config[key]
    if isinstance(value, (bool, str)) or value is None or np.ndim(value) != 0:
        raise TypeError(f"config[{key!r}] is {value!r}; allowed is one number")
    _NUMBERS[key](key, value)
    return float(value)


def _slot(config, key, w):
    """A state of the shape and dtype of `w`; zeros at the start."""
    if config.get(key) is None:
        config[key] = np.zeros_like(w)
    return _like(w, f"config[{key!r}]", config[key])


def _like(w, name, a):
    """`a` in the dtype of `w`, if it has its shape."""
    if np.shape(a) != np.shape(w):
        raise ValueError(f"{name} has shape {np.shape(a)}; allowed is that of w, {np.shape(w)}")
    return np.asarray(a, np.result_type(w))
