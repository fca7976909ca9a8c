"""The normal forms at work: the path of a library's rule, computed from the data files."""

import numpy as np

from lib.conventions.data import checked, dialect, libraries, normal, rule
from lib.conventions.language import evaluate

__all__ = ["steps", "walk"]


def walk(library, name, gradients, w, *, rate=None, **settings):
    r"""The path of a library's rule on gradients given in advance, shape (T + 1, P).

    `gradients`: (T, P), or a function of w that returns a gradient, with `rate` to tell T;
    `w`: the start, (P,); `rate`: T factors by which the learning rate is multiplied, 1 if left out;
    `settings` as in `convert`. Raises ValueError for a library without the rule.

    >>> walk("keras", "momentum", [[1.0], [1.0]], [1.0], learning_rate=0.1, momentum=0.5)[:, 0]
    array([1.  , 0.9 , 0.75])
    """
    form = dialect(library, name)
    if form is None:
        raise ValueError(f"{libraries()[library]['name']} has no {rule(name).title}")
    family = rule(name).family
    return steps(family, normal(family, form, checked(form, settings)), gradients, w, rate)


def steps(family, parameters, gradients, w, rate=None):
    """The path of a normal form with these parameters; arguments and shape as in `walk`.

    >>> sign = {"lr": 0.5, "beta1": 0.9, "beta2": 0.99, "shrink": 0.0}
    >>> steps(rule("lion").family, sign, [[3.0], [-3.0]], [1.0])[:, 0]
    array([1. , 0.5, 1. ])
    """
    if rate is None:
        rate = np.ones(len(gradients))
    w = np.asarray(w, float)
    state = {key: evaluate(text, parameters) * np.ones_like(w) for key, text in family.start.items()}
    path = [w]
    for t, factor in enumerate(rate, start=1):
        g = gradients(w) if callable(gradients) else np.asarray(gradients[t - 1], float)
        values = {**parameters, **state, "w": w, "g": g, "t": t, "rate": float(factor)}
        for key, text in family.step:
            values[key] = evaluate(text, values)
        w, state = values["w"], {key: values[key] for key in state}
        path.append(w)
    return np.array(path)
