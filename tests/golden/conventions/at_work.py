"""The libraries themselves: `run(library, rule, settings, gradients, w, rate)` returns a path.

Double precision everywhere. A runner imports its library only when called; nothing here knows the
normal forms of `lib.conventions`.
"""

import inspect
import os

import numpy as np

os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

INSTALLED = {"pytorch": "torch", "keras": "keras", "optax": "optax", "jax": "jax", "sklearn": "sklearn"}
STEPS, DROP = 60, 30  # the learning rate falls to a tenth after DROP steps
SHOWN = (1, 2, 3, 7, 20, 30, 31, 32, 40, 60)
DECADES = np.array([float(f"1e-{k}") for k in range(12)])


def stream(seed):
    """Gradients over eleven decades, (STEPS, 12): zeros, bursts, and one coordinate that starts late."""
    rng = np.random.default_rng(seed)
    g = rng.uniform(-1, 1, (STEPS, 12)) * DECADES
    g[rng.random(g.shape) < 0.1] = 0
    g[18::19] *= 50
    g[:10, 3] = 0
    return g


def start():
    """The first weights: of the size of their gradients."""
    return 0.6 * DECADES


def rates(drop=True):
    """Factors of the learning rate, step by step."""
    return np.where(np.arange(STEPS) < DROP, 1.0, 0.1 if drop else 1.0)


def run(library, rule, settings, gradients, w, rate):
    """The path of a library, (T + 1, P)."""
    return np.array([w, *RUNNERS[library](rule, dict(settings), gradients, np.array(w), rate)])


def betas(h):
    """PyTorch takes its two averages' weights as a pair."""
    return {"betas": (h.pop("beta1"), h.pop("beta2"))} if "beta1" in h else {}


def torch_class(rule):
    """Class and fixed settings of a rule."""
    import torch

    o = torch.optim
    return {
        "momentum": (o.SGD, {}),
        "adagrad": (o.Adagrad, {}),
        "rmsprop": (o.RMSprop, {}),
        "adadelta": (o.Adadelta, {}),
        "adam": (o.Adam, {}),
        "adamw": (o.AdamW, {}),
        "amsgrad": (o.Adam, {"amsgrad": True}),
        "adamax": (o.Adamax, {}),
        "nadam": (o.NAdam, {}),
    }[rule]


def pytorch(rule, h, gradients, w, rate):
    """PyTorch."""
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # NAdam keeps its product in the default dtype
    made, fixed = torch_class(rule)
    parameter = torch.nn.Parameter(torch.tensor(w))
    lr = h.pop("lr")
    optimizer = made([parameter], lr=lr, **betas(h), **h, **fixed)
    for g, factor in zip(gradients, rate, strict=True):
        optimizer.param_groups[0]["lr"] = lr * factor
        parameter.grad = torch.tensor(g)
        optimizer.step()
        yield parameter.detach().numpy().copy()
    torch.set_default_dtype(before)


def keras_class(rule):
    """Class and fixed settings of a rule."""
    from keras import optimizers as o

    return {
        "momentum": (o.SGD, {}),
        "adagrad": (o.Adagrad, {}),
        "rmsprop": (o.RMSprop, {}),
        "adadelta": (o.Adadelta, {}),
        "adam": (o.Adam, {}),
        "adamw": (o.AdamW, {}),
        "amsgrad": (o.Adam, {"amsgrad": True}),
        "adamax": (o.Adamax, {}),
        "nadam": (o.Nadam, {}),
        "lion": (o.Lion, {}),
    }[rule]


def keras(rule, h, gradients, w, rate):
    """Keras."""
    import keras

    keras.config.set_floatx("float64")
    made, fixed = keras_class(rule)
    lr = h["learning_rate"]
    optimizer = made(**h, **fixed)
    variable = keras.Variable(w, dtype="float64")
    for g, factor in zip(gradients, rate, strict=True):
        optimizer.learning_rate = lr * factor
        optimizer.apply([keras.ops.convert_to_tensor(g, "float64")], [variable])
        yield np.array(variable)


def optax_made(rule):
    """The function that makes an optimiser."""
    import optax

    return {"momentum": optax.sgd}.get(rule) or getattr(optax, rule)


def optax(rule, h, gradients, w, rate):
    """Optax, with the schedule as its own schedule."""
    import jax.numpy as jnp
    import optax

    factors = jnp.asarray(rate)
    lr = h.pop("learning_rate")
    optimizer = optax_made(rule)(learning_rate=lambda count: lr * factors[count], **h)
    w = jnp.asarray(w)
    state = optimizer.init(w)
    for g in gradients:
        updates, state = optimizer.update(jnp.asarray(g), state, w)
        w = optax.apply_updates(w, updates)
        yield np.array(w)


def jax_made(rule, h):
    """The function that makes an optimiser; a switch in `h` chooses between two."""
    from jax.example_libraries import optimizers as o

    if rule == "momentum":
        return o.nesterov if h.pop("nesterov") else o.momentum
    if rule == "rmsprop":
        return o.rmsprop_momentum if h["momentum"] else h.pop("momentum") or o.rmsprop
    return getattr(o, rule)


def jax(rule, h, gradients, w, rate):
    """JAX's example optimisers."""
    import jax.numpy as jnp

    factors = jnp.asarray(rate)
    lr = h.pop("step_size")
    init, update, read = jax_made(rule, h)(step_size=lambda i: lr * factors[i], **h)
    state = init(jnp.asarray(w))
    for t, g in enumerate(gradients):
        state = update(t, jnp.asarray(g), state)
        yield np.array(read(state))


def sklearn(rule, h, gradients, w, rate):
    """The optimisers inside scikit-learn's networks."""
    from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

    lr = h["learning_rate_init"]
    if rule == "momentum":
        h["nesterov"] = h.pop("nesterovs_momentum")
    optimizer = {"momentum": SGDOptimizer, "adam": AdamOptimizer}[rule]([w], **h)
    for g, factor in zip(gradients, rate, strict=True):
        optimizer.learning_rate = optimizer.learning_rate_init = lr * factor
        optimizer.update_params([w], [g])
        yield w.copy()


RUNNERS = {"pytorch": pytorch, "keras": keras, "optax": optax, "jax": jax, "sklearn": sklearn}


def defaults(library, rule, names):
    """The defaults of settings, read from the library's own signatures; None where it has none.

    A default of None counts as 0, which is what it means for momentum and weight decay.
    """
    if library == "sklearn":
        from sklearn.neural_network import MLPClassifier as made
    elif library == "jax":
        h = {"nesterov": False, "momentum": 0}
        made = jax_made(rule, h)
    else:
        find = {
            "pytorch": lambda r: torch_class(r)[0],
            "keras": lambda r: keras_class(r)[0],
            "optax": optax_made,
        }
        made = find[library](rule)
    signature = inspect.signature(made).parameters
    pair = signature["betas"].default if "betas" in signature else ()
    found = {}
    for name in names:
        if name in ("beta1", "beta2") and pair:
            found[name] = pair[int(name[-1]) - 1]
        elif name in signature:
            value = signature[name].default
            required = value is inspect.Parameter.empty
            absent = 0.0 if name != "learning_rate" else None  # optax.adadelta's None is no default
            found[name] = None if required else (absent if value is None else value)
    return found
