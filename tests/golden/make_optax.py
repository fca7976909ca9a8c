"""Golden files of the rules PyTorch lacks, from optax: Lion, and RMSProp with eps inside the root.

python -m venv /tmp/jax && /tmp/jax/bin/pip install optax==0.2.8 jax==0.10.2 numpy
PYTHONPATH=. JAX_ENABLE_X64=1 /tmp/jax/bin/python tests/golden/make_optax.py
"""

import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))
from goldens import VARIANTS, cases, write


def optimizer(case, lr):
    """The optax optimiser of a case at one learning rate."""
    h = case.hyper
    if case.rule == "lion":
        return optax.lion(
            lr, b1=h.get("beta1", 0.9), b2=h.get("beta2", 0.99), weight_decay=h.get("decay", 0.0)
        )
    return optax.rmsprop(
        lr,
        decay=h.get("beta", 0.99),
        eps=h.get("eps", 1e-8),
        centered=h.get("centered", False),
        eps_in_sqrt=True,
        initial_scale=0.0,
    )


def optax_walk(case):
    """Yield (t, w, {slot: array}): one run after another, their steps then laid side by side."""
    shape = (-1, case.shape[-1])
    starts = case.start().reshape(shape)
    gradients = case.gradients().reshape(case.steps, *shape)
    runs = [one_run(case, r, starts[r], gradients[:, r]) for r in range(len(starts))]
    for t, points in enumerate(zip(*runs, strict=True), start=1):
        w = np.array([w for w, _ in points]).reshape(case.shape)
        slots = {k: np.array([slots[k] for _, slots in points]).reshape(case.shape) for k in points[0][1]}
        yield t, w, slots


def one_run(case, r, w, gradients):
    """The walk of run r, one parameter vector."""
    w = jnp.asarray(w)
    state = optimizer(case, 1.0).init(w)
    for t, g in enumerate(gradients):
        if case.reset:
            w = jnp.zeros_like(w)
        rate = np.ravel(case.rate(t))
        lr = float(rate[r if rate.size > 1 else 0])
        updates, state = optimizer(case, lr).update(jnp.asarray(g), state, w)
        w = optax.apply_updates(w, updates)
        average = state[0]
        slots = {}
        if hasattr(average, "mu"):
            slots["m"] = np.asarray(average.mu)
        if hasattr(average, "nu"):
            slots["v"] = np.asarray(average.nu)
        yield np.asarray(w), slots


if __name__ == "__main__":
    assert jax.config.jax_enable_x64, "start with JAX_ENABLE_X64=1: doubles are compared"
    versions = f"optax {optax.__version__}, jax {jax.__version__}, NumPy {np.__version__}"
    for variant, (*_, library) in VARIANTS.items():
        if library == "optax":
            write(variant, optax_walk, versions)
            print(variant, len(cases(variant)), "cases")
