"""Every entry of the translator against the library itself, or against the paper written out here."""

import importlib.util
import itertools
import json
import re
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from lib import rules as book
from lib.conventions import NoEquivalent, Settings, convert, language, libraries, rules, tables, walk
from lib.conventions.data import checked, normal, simplified
from lib.conventions.walk import steps
from lib.figures import bundle

GOLDEN = Path(__file__).parent / "golden" / "conventions"


def load(name):
    """A script beside the golden files."""
    spec = importlib.util.spec_from_file_location(name, GOLDEN / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


at_work, make = load("at_work"), load("make")
FROZEN = tuple(at_work.INSTALLED)
TOLERANCE = 1e-9
PAIRS = [(name, library) for name, rule in rules().items() for library in rule.dialects]


def read(library):
    with np.load(GOLDEN / f"{library}.npz") as data:
        return json.loads(str(data["about"])), {key: data[key] for key in data.files if key != "about"}


FILES = {library: read(library) for library in FROZEN}
CASES = [(library, case) for library, (about, _) in FILES.items() for case in about["cases"]]


def off(path, right):
    """The largest relative deviation, each number against the largest of its coordinate.

    A weight may pass through zero, where its own size says nothing.
    """
    right = np.asarray(right)
    return np.max(np.abs(path - right) / np.maximum(np.abs(right).max(axis=0), 1e-300))


def own(library, name, settings, seed=0, drop=True):
    """The path by the data files, at the steps that are kept."""
    path = walk(library, name, at_work.stream(seed), at_work.start(), rate=at_work.rates(drop), **settings)
    return path[list(at_work.SHOWN)]


# ---- libraries ----


@pytest.mark.parametrize(("library", "case"), CASES)
def test_frozen_paths(library, case):
    about, paths = FILES[library]
    said, name = about["cases"][case], case.split("/")[0]
    path = own(library, name, said["settings"], said["seed"], drop=not case.endswith("/default"))
    assert off(path, paths[case]) < TOLERANCE


@pytest.mark.parametrize("library", FROZEN)
def test_frozen_files_are_complete(library):
    about, paths = FILES[library]
    assert set(about["cases"]) == set(paths)
    assert {case.split("/")[0] for case in paths} == {n for n, lib in PAIRS if lib == library}
    version = libraries()[library].get("version")
    assert version is None or about["version"].split("+")[0] == version


@pytest.mark.parametrize("library", FROZEN)
def test_defaults_are_the_librarys_own(library):
    for name, found in FILES[library][0]["defaults"].items():
        ours = {s.name: s.default for s in rules()[name].dialects[library].settings}
        for setting, default in found.items():
            assert ours[setting] == default, (name, setting)
        # what has no name in the library chooses between two of its functions, or has the name of another
        silent = {s.name for s in rules()[name].dialects[library].settings} - set(found)
        if library != "jax":
            assert not silent, (name, silent)


@pytest.mark.parametrize("library", FROZEN)
def test_live_paths(library):
    if library != "sklearn":  # scikit-learn is always there
        pytest.importorskip(at_work.INSTALLED[library])
    rng = np.random.default_rng(23)  # settings that are in no file
    for name, about in rules().items():
        if form := about.dialects.get(library):
            for settings in (make.first(form), make.drawn(form, rng)):
                seed = int(rng.integers(2**31))
                rate = at_work.rates()
                theirs = at_work.run(library, name, settings, at_work.stream(seed), at_work.start(), rate)
                error = off(own(library, name, settings, seed), theirs[list(at_work.SHOWN)])
                assert error < 1e-8, (name, settings, seed)
            found = at_work.defaults(library, name, [s.name for s in form.settings])
            assert found == {s.name: s.default for s in form.settings if s.name in found}


# ---- papers and courses, written out ----


def polyak(h, grads, w, rate):
    before = w
    for g, f in zip(grads, rate, strict=True):
        w, before = w - h["alpha"] * f * g + h["beta"] * (w - before), w
        yield w


def sutskever(h, grads, w, rate):
    """What is given back is the look-ahead point, at which the gradient is taken."""
    u, v, mu = w, 0 * w, h["mu"]
    for g, f in zip(grads, rate, strict=True):
        v = mu * v - h["epsilon"] * f * g
        u = u + v
        yield u + mu * v if h["nesterov"] else u


def eecs182(h, grads, w, rate):
    s, b = None, h["beta"]
    for g, f in zip(grads, rate, strict=True):
        s = g if s is None else (1 - b) * s + b * g
        w = w - h["lr"] * f * s
        yield w


def cs231n_momentum(h, grads, w, rate):
    v, mu = 0 * w, h["momentum"]
    for g, f in zip(grads, rate, strict=True):
        old, v = v, mu * v - h["learning_rate"] * f * g
        w = w - mu * old + (1 + mu) * v if h["nesterov"] else w + v
        yield w


def cs231n_adagrad(h, grads, w, rate):
    cache = 0 * w
    for g, f in zip(grads, rate, strict=True):
        cache = cache + g * g
        w = w - h["learning_rate"] * f * g / (np.sqrt(cache) + h["eps"])
        yield w


def cs231n_rmsprop(h, grads, w, rate):
    cache, decay = 0 * w, h["decay_rate"]
    for g, f in zip(grads, rate, strict=True):
        cache = decay * cache + (1 - decay) * g**2
        w = w - h["learning_rate"] * f * g / (np.sqrt(cache) + h["epsilon"])
        yield w


def adam_loop(lr, b1, b2, eps):
    def loop(h, grads, w, rate):
        m, v = 0 * w, 0 * w
        for t, (g, f) in enumerate(zip(grads, rate, strict=True), 1):
            m = h[b1] * m + (1 - h[b1]) * g
            v = h[b2] * v + (1 - h[b2]) * g**2
            c1, c2 = 1 - h[b1] ** t, 1 - h[b2] ** t
            if h.get("reordered"):
                step = h[lr] * np.sqrt(c2) / c1 * m / (np.sqrt(v) + h[eps])
            else:
                step = h[lr] * (m / c1) / (np.sqrt(v / c2) + h[eps])
            w = w - f * (step + h.get("decay", 0.0) * w)
            yield w

    return loop


def kingma_adamax(h, grads, w, rate):
    m, u = 0 * w, 0 * w
    for t, (g, f) in enumerate(zip(grads, rate, strict=True), 1):
        m = h["beta1"] * m + (1 - h["beta1"]) * g
        u = np.maximum(h["beta2"] * u, np.abs(g))
        step = np.where(u > 0, m / np.where(u > 0, u, 1), 0)
        w = w - f * h["alpha"] / (1 - h["beta1"] ** t) * step
        yield w


def book_rule(choose):
    """The book's own rule: `choose(h)` gives the rule, its settings and its first state."""

    def loop(h, grads, w, rate):
        h = dict(h)
        rule, s = choose(h)
        lr = h.pop("lr")
        for g, f in zip(grads, rate, strict=True):
            w, s = rule(w, g, s, lr=float(lr * f), **h)
            yield w

    return loop


def plain(name):
    return lambda h: (getattr(book, name), book.START)


def begun(name):
    """A rule whose second average may begin elsewhere than at zero."""

    def choose(h):
        v = h.pop("v")
        state = book.CenteredState if h.get("centered") else book.State
        return getattr(book, name), state(v=v)

    return choose


def ours_momentum(h):
    return (book.nesterov if h.pop("nesterov") else book.momentum), book.START


WRITTEN = {
    ("momentum", "polyak"): polyak,
    ("momentum", "sutskever"): sutskever,
    ("momentum", "eecs182"): eecs182,
    ("momentum", "cs231n"): cs231n_momentum,
    ("momentum", "averaged"): book_rule(plain("averaged_momentum")),
    ("adagrad", "cs231n"): cs231n_adagrad,
    ("rmsprop", "cs231n"): cs231n_rmsprop,
    ("adam", "cs231n"): adam_loop("learning_rate", "beta1", "beta2", "epsilon"),
    ("adam", "kingma"): adam_loop("alpha", "beta1", "beta2", "epsilon"),
    ("adamw", "loshchilov"): adam_loop("alpha", "beta1", "beta2", "epsilon"),
    ("adamax", "kingma"): kingma_adamax,
    ("momentum", "ours"): book_rule(ours_momentum),
    ("adagrad", "ours"): book_rule(begun("adagrad")),
    ("rmsprop", "ours"): book_rule(begun("rmsprop")),
}
WRITTEN |= {(name, "ours"): book_rule(plain(name)) for name, lib in PAIRS if (name, "ours") not in WRITTEN}


def test_every_dialect_has_an_oracle():
    assert {(n, lib) for n, lib in PAIRS if lib not in FROZEN} == set(WRITTEN)


@pytest.mark.parametrize(("name", "library"), list(WRITTEN))
def test_written_paths(name, library):
    form = rules()[name].dialects[library]
    rng = np.random.default_rng(5)
    for settings in (make.first(form), *(make.drawn(form, rng) for _ in range(4))):
        grads, w, rate = at_work.stream(3), at_work.start(), at_work.rates()
        right = np.array([w, *WRITTEN[name, library](settings, grads, w, rate)])
        assert off(own(library, name, settings, 3), right[list(at_work.SHOWN)]) < TOLERANCE, settings


# ---- converting ----


def triples():
    for name, about in rules().items():
        for one, other in itertools.permutations(about.dialects, 2):
            yield name, one, other


@pytest.mark.parametrize(("name", "one", "other"), list(triples()))
def test_equivalent_means_the_same_path(name, one, other):
    """Both ways: settings that are called equivalent walk one path, others do not."""
    form = rules()[name].dialects[one]
    rng = np.random.default_rng([11, *map(ord, name + one + other)])
    for schedule, settings in itertools.product(
        (False, True), (make.first(form), *(make.drawn(form, rng) for _ in range(3)))
    ):
        found = convert(one, other, name, schedule=schedule, **settings)
        target = found if found else found.nearest
        if target is None:
            assert found.reasons
            continue
        path = own(one, name, settings, drop=schedule)
        error = off(own(other, name, target, drop=schedule), path)
        if found:
            assert isinstance(found, Settings) and error < TOLERANCE, (settings, found)
            back = convert(other, one, name, schedule=schedule, **found)
            assert isinstance(back, Settings)
            assert off(own(one, name, back, drop=schedule), path) < TOLERANCE
        else:
            assert isinstance(found, NoEquivalent) and found.reasons
            # a difference that rounding hides at these gradients is one of tiny epsilons or decays
            assert error > 1e-13, (settings, found)


@pytest.mark.parametrize("name", list(rules()))
def test_default_paths_differ_where_the_table_says_so(name):
    """The frozen default paths at learning rate 0.01 agree if and only if the defaults do."""
    about = rules()[name]
    frozen = [lib for lib in about.dialects if lib in FROZEN]
    for one, other in itertools.combinations(frozen, 2):
        a, b = (FILES[lib][1][f"{name}/default drop"] for lib in (one, other))
        forms = [
            simplified(
                about.family, normal(about.family, about.dialects[lib], make.first(about.dialects[lib]))
            )
            for lib in (one, other)
        ]
        agree = all(abs(forms[0][key] - forms[1][key]) <= 1e-9 * abs(forms[0][key]) for key in forms[0])
        assert (off(a, b) < TOLERANCE) == agree, (one, other)


def test_words_for_what_has_no_equivalent():
    told = {
        ("sklearn", "pytorch", "lion"): "scikit-learn has no Lion",
        ("keras", "pytorch", "adam"): "beside the uncorrected root",
        ("jax", "pytorch", "adagrad"): "averaged with weight 0.9",
        ("pytorch", "keras", "rmsprop"): "outside the root in one of the two",
    }
    for (one, other, name), words in told.items():
        given = {} if one != "jax" else {"step_size": 0.1}
        found = convert(one, other, name, **given)
        assert not found and words in str(found)


def test_pytorch_takes_its_pair():
    pair = convert("pytorch", "optax", "adam", betas=(0.8, 0.95))
    assert pair == convert("pytorch", "optax", "adam", beta1=0.8, beta2=0.95) and pair["b2"] == 0.95
    with pytest.raises(TypeError, match="no setting 'betas'"):
        convert("optax", "pytorch", "adam", learning_rate=1, betas=(0.8, 0.95))


def test_the_schedule_decides_between_inside_and_outside():
    settings = {"lr": 0.1, "momentum": 0.9}
    still = convert("pytorch", "keras", "momentum", **settings)
    assert still["learning_rate"] == 0.1 and "η′/η" in still.notes[0]
    moving = convert("pytorch", "keras", "momentum", schedule=True, **settings)
    assert not moving and "Multiply the inside velocity by η′/η" in str(moving)
    assert convert("pytorch", "keras", "momentum", schedule=True, lr=0.1)  # no velocity, no difference


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ((("torch", "keras", "adam"), {}), ValueError, "no library 'torch'"),
        ((("pytorch", "kears", "adam"), {}), ValueError, "did you mean 'keras'"),
        ((("pytorch", "keras", "admm"), {}), ValueError, "no rule 'admm'"),
        (
            (("pytorch", "keras", "adam"), {"learning_rate": 1}),
            TypeError,
            "no setting 'learning_rate'; it has lr",
        ),
        ((("optax", "keras", "adam"), {}), TypeError, "no default for learning_rate"),
        (
            (("pytorch", "keras", "adam"), {"lr": -1}),
            ValueError,
            "lr is -1.0; allowed are finite numbers > 0",
        ),
        ((("pytorch", "keras", "adam"), {"beta1": 1}), ValueError, r"allowed are numbers in \[0, 1\)"),
        ((("pytorch", "keras", "adam"), {"amsgrad": 1}), TypeError, "allowed are True and False"),
        ((("pytorch", "keras", "adam"), {"lr": "x"}), TypeError, "allowed are numbers"),
        ((("pytorch", "keras", "momentum"), {"nesterov": True}), ValueError, "Nesterov needs momentum"),
        (
            (("eecs182", "keras", "momentum"), {"lr": 1, "beta": 0}),
            ValueError,
            r"allowed are numbers in \(0, 1\]",
        ),
    ],
)
def test_bad_input(call, error, words):
    (names, settings) = call
    with pytest.raises(error, match=words):
        convert(*names, **settings)


# ---- the data files ----


def test_what_the_data_files_ask_for_is_there():
    for name, about in rules().items():
        known = {p.name for p in about.family.parameters}
        lines = [text for _, text in about.family.step] + list(about.family.start.values())
        asked = {n for text in lines for n in language.names(text)}
        given = {key for key, _ in about.family.step} | set(about.family.start)
        assert asked <= known | given | {"w", "g", "t", "rate"}
        assert known - asked <= {"behind"}, name  # every parameter does something
        for form in about.dialects.values():
            settings = {s.name for s in form.settings}
            assert set(form.normal) <= known and set(form.back) == settings
            assert settings == {n for text in form.normal.values() for n in language.names(text)}
            assert {n for text in form.back.values() for n in language.names(text)} <= known


def test_a_wrong_entry_is_found():
    """The comparison sees each of these mistakes, planted in a copy of the data."""
    planted = [
        ("keras", "adam", {"hat": "False"}),
        ("keras", "rmsprop", {"rooted": "False"}),
        ("keras", "momentum", {"inside": "False"}),
        ("pytorch", "momentum", {"first": "1"}),
        ("optax", "rmsprop", {"inside": "False"}),
        ("keras", "adamw", {"shrink": "weight_decay"}),
        ("optax", "amsgrad", {"maximum": "1"}),
        ("keras", "adagrad", {"initial": "0"}),
        ("sklearn", "adam", {"hat": "False"}),
    ]
    for library, name, wrong in planted:
        about, paths = FILES[library]
        rule = rules()[name]
        form = rule.dialects[library]._replace(normal=rule.dialects[library].normal | wrong)
        errors = []
        for case, said in about["cases"].items():
            if case.startswith(f"{name}/"):
                parameters = normal(rule.family, form, checked(form, said["settings"]))
                rate = at_work.rates(not case.endswith("/default"))
                path = steps(rule.family, parameters, at_work.stream(said["seed"]), at_work.start(), rate)
                errors.append(off(path[list(at_work.SHOWN)], paths[case]))
        assert max(errors) > 100 * TOLERANCE, (library, name)


# ---- tables ----


def test_the_card_has_every_rule_with_what_its_docstring_says():
    lines = str(tables.card()).splitlines()[2:]
    names = [name for name in book.__all__ if name[0].islower()]
    assert sorted(re.match(r"\| `(\w+)`", line)[1] for line in lines) == sorted(names)
    for line in lines:
        name = re.match(r"\| `(\w+)`", line)[1]
        assert line.count("|") == 9  # eight cells: no formula broke one
        for formula in tables.formulas(name):
            assert f"${formula}$" in line
            plain = re.sub(r"\\[lr]vert ?|\||\s", "", formula)
            assert plain in re.sub(r"\||\s", "", getattr(book, name).__doc__)


def test_the_card_shows_each_default_that_is_not_zero():
    for line in str(tables.card()).splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        name = cells[0].strip("`")
        if name in rules():
            for cell, library in zip(cells[3:6], tables.FRAMEWORKS, strict=True):
                if form := rules()[name].dialects.get(library):
                    told = cell.replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")
                    found = dict(part.split(" ") for part in told.split(", "))
                    for setting in form.settings:
                        if setting.default is None:
                            assert found[setting.name] == "?"
                        elif setting.default:
                            shown = found[setting.name]
                            assert setting.default is True or float(shown) == setting.default


def test_the_table_has_every_dialect():
    text = str(tables.translator())
    assert text.count("\n| **") == len(PAIRS)
    for _, about in rules().items():
        for form in about.dialects.values():
            assert f"`{form.call}`" in text


# ---- the same in JavaScript ----


@pytest.fixture(scope="module")
def js():
    from py_mini_racer import MiniRacer

    racer = MiniRacer()
    wrapped = "\n".join(bundle._wrap(m) for m in bundle._ordered(["convert.js"]))
    racer.eval(f"const modules = {{}};\n{wrapped}")

    def run(expression, **values):
        given = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
        return json.loads(racer.eval(f"(() => {{ {given} return JSON.stringify({expression}); }})()"))

    yield run
    racer.close()


@pytest.mark.parametrize("name", list(rules()))
def test_javascript_converts_alike(js, name):
    call = 'modules["convert.js"].convert(one, other, name, values, schedule)'
    rng = np.random.default_rng(13)
    about = rules()[name]
    for one, other in itertools.permutations(libraries(), 2):
        if one not in about.dialects:
            continue
        form = about.dialects[one]
        for schedule in (False, True):
            for settings in (make.first(form), *(make.drawn(form, rng) for _ in range(2))):
                ours = convert(one, other, name, schedule=schedule, **settings)
                theirs = js(call, one=one, other=other, name=name, values=settings, schedule=schedule)
                nearest = ours if isinstance(ours, Settings) else ours.nearest
                assert theirs["reasons"] == ([] if isinstance(ours, Settings) else list(ours.reasons))
                assert (theirs["settings"] is None) == (nearest is None)
                if nearest is not None:
                    assert theirs["notes"] == list(nearest.notes)
                    assert list(theirs["settings"]) == list(nearest)
                    assert theirs["settings"] == pytest.approx(dict(nearest), rel=1e-12, abs=0)


@pytest.mark.parametrize(("name", "library"), PAIRS)
def test_javascript_walks_alike(js, name, library):
    call = 'grads[0].map((_, k) => modules["convert.js"].walk(library, name, values, (w, i) => grads[i][k], start[k], rates))'
    form = rules()[name].dialects[library]
    rng = np.random.default_rng(17)
    for settings in (make.first(form), make.drawn(form, rng)):
        grads, start, rates = at_work.stream(1), at_work.start(), at_work.rates()
        paths = js(
            call,
            library=library,
            name=name,
            values=settings,
            grads=grads.tolist(),
            start=start.tolist(),
            rates=rates.tolist(),
        )
        right = walk(library, name, grads, start, rate=rates, **settings)
        assert off(np.transpose(paths), right) < 1e-10, settings


def test_javascript_refuses_alike(js):
    call = 'modules["convert.js"].refused(modules["dialects.js"].rules[name].dialects[library], values) || ""'
    for name, library in PAIRS:
        form = rules()[name].dialects[library]
        for setting in form.settings:
            for value in (-0.5, 0.0, 1.0, 2.0):
                if setting.switch:
                    continue
                values = make.first(form) | {setting.name: value}
                try:
                    checked(form, values)
                    ours = ""
                except ValueError as error:
                    ours = str(error)
                theirs = js(call, name=name, library=library, values=values)
                assert bool(theirs) == bool(ours)
                assert theirs.split(";")[-1] == ours.split(";")[-1] or "Nesterov" in ours


def test_modules_exist():
    assert "dialects.js" in bundle.MADE and import_module("lib.conventions.script").module()
