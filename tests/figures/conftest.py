"""The figures' modules in an embedded JavaScript engine: no browser and no Node needed."""

import json

import pytest
from py_mini_racer import MiniRacer

from lib.figures import bundle


class Engine:
    """Evaluates expressions over the modules, as `modules["rules.js"]`; values cross as JSON."""

    def __init__(self):
        self._racer = MiniRacer()
        names = [f"{name}.js" for name in bundle.figure_names()]
        wrapped = "\n".join(bundle._wrap(m) for m in bundle._ordered((*bundle.KIT, *names)))
        self._racer.eval(f"const modules = {{}};\n{wrapped}")

    def __call__(self, expression, **values):
        given = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
        return json.loads(self._racer.eval(f"(() => {{ {given} return JSON.stringify({expression}); }})()"))


@pytest.fixture(scope="session")
def js():
    return Engine()
