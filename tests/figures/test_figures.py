"""What the figures draw is what lib computes; each has its Python half; bundles are well-formed."""

import json
from importlib import import_module

import numpy as np
import pytest

from lib import figures, problems
from lib.figures import bundle

NAMES = bundle.figure_names()


def about(name):
    return import_module(f"lib.figures.{name}")


@pytest.mark.parametrize("name", NAMES)
def test_python_half(name):
    module = about(name)
    assert module.CLAIM.endswith(".")
    assert json.loads(json.dumps(module.DEFAULTS)) == module.DEFAULTS
    shown = figures.show(name)
    data, _ = shown._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert f'data-descent-figure="{name}"' in data["text/html"]
    assert "<svg" in data["text/html"] and "aria-label=" in data["text/html"]
    assert repr(shown) == repr(figures.show(name))
    assert "0x" not in repr(shown)


def test_unknown_names_are_refused():
    with pytest.raises(KeyError, match="did you mean 'valley'"):
        figures.show("vally")
    with pytest.raises(TypeError, match="has no control 'lrr'; it has beta, lr"):
        figures.show("valley", lrr=0.1)


@pytest.mark.parametrize("rule", ["sgd", "momentum", "nesterov", "rmsprop", "adam"])
def test_valley_path(js, rule):
    module = about("valley")
    rng = np.random.default_rng(1)
    for _ in range(10):
        start = rng.uniform([-7, -1.5], [7, 4]).tolist()
        lr, beta = float(rng.uniform(0.01, 0.3)), float(rng.uniform(0, 0.95))
        path = np.array(
            js('modules["valley.js"].run(rule, start, lr, beta)', rule=rule, start=start, lr=lr, beta=beta)
        )
        ours = module.run(rule, start, lr, beta)
        # the valley bends: rounding grows along a path, so the first steps are compared most sharply
        np.testing.assert_allclose(path[:20], ours[:20], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(path, ours, rtol=1e-5, atol=1e-7)


def test_line_search_path(js):
    for kappa, start in ((8.0, [8.0, 1.0]), (30.0, [3.0, 2.0]), (2.0, [-1.0, 0.5])):
        path = js('modules["line_search.js"].zigzag(start, kappa)', start=start, kappa=kappa)
        np.testing.assert_allclose(path, about("line_search").zigzag(start, kappa), rtol=1e-9, atol=1e-12)


def test_line_search_leaves_the_same_share_at_every_step(js):
    for kappa, start in ((8.0, [8.0, 1.0]), (30.0, [3.0, 2.0]), (2.0, [-1.0, 0.5])):
        path = js('modules["line_search.js"].zigzag(start, kappa)', start=start, kappa=kappa)
        loss = problems.Quadratic([1.0, kappa]).loss(np.array(path[:12]))
        np.testing.assert_allclose(loss[1:] / loss[:-1], loss[1] / loss[0], rtol=1e-6)


@pytest.mark.parametrize("method", ["heavy", "plain"])
def test_lessard_path(js, method):
    for start in (3.3, 0.5, -2.0, 1.5):
        path = js('modules["lessard.js"].run(start, method)', start=start, method=method)
        np.testing.assert_allclose(path[:15], about("lessard").run(start, method)[:15], rtol=1e-9, atol=1e-12)


def test_lessard_cycle_is_where_the_figure_says(js):
    last = np.sort(about("lessard").run(3.3, "heavy")[-3:])
    np.testing.assert_allclose(last, [-1.8024, 0.6465, 2.1159], atol=1e-3)


def test_hump(js):
    for beta in (0.5, 0.81, 0.95):
        sizes = js('modules["critical_hump.js"].stretch(1, beta, 0.01, 120)', beta=beta)
        np.testing.assert_allclose(sizes, about("critical_hump").stretch(beta), rtol=1e-9)


def test_conventions_are_inverse_and_reversed_means_reversed(js):
    for name in ("velocity", "averaged", "reversed"):
        call = f'modules["momentum_views.js"].conventions["{name}"]'
        lr, beta = 0.7, 0.6
        a, b = js(f"{call}.to(lr, beta)", lr=lr, beta=beta)
        np.testing.assert_allclose(js(f"{call}.from(a, b)", a=a, b=b), [lr, beta], rtol=1e-12)
    assert js('modules["momentum_views.js"].conventions.reversed.to(0.7, 0.6)[1]') == pytest.approx(0.4)


def test_bundles_parse(js):
    from py_mini_racer import MiniRacer

    for name in NAMES:
        racer = MiniRacer()
        racer.eval(
            "var window = globalThis; var document = { readyState: 'loading', addEventListener() {} };"
        )
        racer.eval(bundle.kit())
        racer.eval(bundle.classic(name))
        assert racer.eval(f"typeof window.Descent.figures.{name}.render") == "function"
        assert bundle.esm(name).count("export ") == 1


def test_unknown_module_syntax_is_refused(tmp_path, monkeypatch):
    (tmp_path / "odd.js").write_text('export * from "./other.js";\n')
    monkeypatch.setattr(bundle, "HERE", tmp_path)
    with pytest.raises(ValueError, match="of a form the bundle does not know"):
        bundle._wrap("odd.js")


def test_all_scripts_together_stay_small():
    written = sum(len((bundle.HERE / m).read_text("utf-8")) for m in bundle._ordered(bundle.KIT))
    assert len(bundle.kit()) < 0.7 * written  # minified
    size = len(bundle.kit()) + sum(len(bundle.classic(name)) for name in NAMES)
    data = sum(len(bundle._small(bundle._wrap(name))) for name in bundle.MADE)  # one page's own table
    assert data < 32_000 and size - data < 100_000


def test_sources_load_nothing_from_elsewhere():
    for path in bundle.HERE.rglob("*.[jc]s*"):
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text and "fetch(" not in text, path.name


def test_each_figure_is_its_own_idea():
    for name in NAMES:
        assert len((bundle.HERE / f"{name}.js").read_text("utf-8").splitlines()) < 200
