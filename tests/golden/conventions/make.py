"""Golden files of the conventions: paths of PyTorch, Keras, optax, JAX's examples, scikit-learn.

python -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 numpy
PYTHONPATH=. /tmp/torch/bin/python tests/golden/conventions/make.py pytorch
python -m venv /tmp/jax && /tmp/jax/bin/pip install keras==3.15.1 optax==0.2.8 jax==0.10.2 \
    scikit-learn==1.9.1 numpy
PYTHONPATH=. /tmp/jax/bin/python tests/golden/conventions/make.py keras optax jax sklearn

Each rule walks with its library's defaults (and learning rate 0.01), with them under a learning
rate that drops, and with three draws of settings. `about` holds settings, versions and defaults.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import at_work

from lib.conventions.data import checked, rules

DRAWS = 3


def draw(setting, rng):
    """A value of a setting, away from its default."""
    if setting.switch:
        return bool(rng.integers(2))
    if setting.kind == "rate":
        return float(10 ** rng.uniform(-3, -0.3))
    if setting.kind == "fraction":
        return float(1 - 10 ** rng.uniform(-2, -0.1))
    if setting.kind == "share":
        return float(rng.uniform(0.05, 1))
    if "eps" not in setting.name and rng.random() < 0.3:
        return 0.0
    return float(10 ** rng.uniform(-9, -0.5))


def drawn(form, rng):
    """Settings of a dialect that the library accepts."""
    while True:
        settings = {s.name: draw(s, rng) for s in form.settings}
        try:
            return checked(form, settings)
        except ValueError:
            continue


def first(form):
    """The defaults, with the learning rate 0.01 and 0.9 where there is none."""
    blank = {s.name: 0.9 for s in form.settings if s.default is None}
    rate = next(s.name for s in form.settings if s.kind == "rate")
    return checked(form, blank | {rate: 0.01})


def write(library):
    """Write one library's file."""
    arrays, about = (
        {},
        {"version": import_module(at_work.INSTALLED[library]).__version__, "cases": {}, "defaults": {}},
    )
    for number, (name, rule) in enumerate(rules().items()):
        form = rule.dialects.get(library)
        if form is None:
            continue
        rng = np.random.default_rng([7, number])
        cases = {"default": first(form), "default drop": first(form)}
        cases |= {f"draw {i}": drawn(form, rng) for i in range(DRAWS)}
        for i, (case, settings) in enumerate(cases.items()):
            seed = 100 * number + max(i - 1, 0)
            rate = at_work.rates(drop=case != "default")
            path = at_work.run(library, name, settings, at_work.stream(seed), at_work.start(), rate)
            arrays[f"{name}/{case}"] = path[list(at_work.SHOWN)]
            about["cases"][f"{name}/{case}"] = {"seed": seed, "settings": settings}
        about["defaults"][name] = at_work.defaults(library, name, [s.name for s in form.settings])
        print(library, name, len(cases), "paths")
    arrays["about"] = np.array(json.dumps(about, indent=1))
    np.savez_compressed(Path(__file__).parent / f"{library}.npz", **arrays)


if __name__ == "__main__":
    for library in sys.argv[1:]:
        write(library)
