"""The notes' networks: published numbers, gradients by differences, what may be changed, what is refused."""

import numpy as np
import pytest

from lib.notes import FullyConnectedNet, TwoLayerNet, eval_numerical_gradient, rel_error


def small(start=0, n=4, **settings):
    """A three-layer network in float64, and data for it."""
    np.random.seed(start)
    X, y = np.random.randn(n, 15), np.random.randint(10, size=n)
    return FullyConnectedNet([20, 30], 15, 10, **{"weight_scale": 0.3, "dtype": np.float64, **settings}), X, y


@pytest.mark.parametrize(("reg", "published"), [(0, 2.3004790897684924), (3.14, 7.052114776533016)])
def test_cs231ns_initial_losses(reg, published):
    # FullyConnectedNets.ipynb, assignment 2: seed 231, data first, then the weights layer by layer
    np.random.seed(231)
    X, y = np.random.randn(2, 15), np.random.randint(10, size=(2,))
    for _ in range(1 if reg == 0 else 2):  # the notebook builds the network once for each reg
        model = FullyConnectedNet([20, 30], 15, 10, reg=reg, weight_scale=5e-2, dtype=np.float64)
    assert model.loss(X, y)[0] == pytest.approx(published, rel=1e-14)


def test_cs231ns_two_layer_network():
    # FullyConnectedNets.ipynb, assignment 1: scores to eight digits, losses to ten
    model = TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7, weight_scale=1e-3)
    assert model.params["W1"].std() == pytest.approx(1e-3, rel=0.1)
    model.params["W1"] = np.linspace(-0.7, 0.3, 250).reshape(5, 50)
    model.params["b1"] = np.linspace(-0.1, 0.9, 50)
    model.params["W2"] = np.linspace(-0.3, 0.4, 350).reshape(50, 7)
    model.params["b2"] = np.linspace(-0.9, 0.1, 7)
    X, y = np.linspace(-5.5, 4.5, 15).reshape(5, 3).T, np.array([0, 5, 1])
    scores = model.loss(X)
    np.testing.assert_allclose(scores[0, :3], [11.53165108, 12.2917344, 13.05181771], atol=5.1e-9, rtol=0)
    np.testing.assert_allclose(scores[2, 4:], [15.05099822, 15.66781506, 16.2846319], atol=5.1e-9, rtol=0)
    assert model.loss(X, y)[0] == pytest.approx(3.4702243556, abs=5.1e-11)
    model.reg = 1.0
    assert model.loss(X, y)[0] == pytest.approx(26.5948426952, abs=5.1e-11)


@pytest.mark.parametrize("settings", [{}, {"reg": 0.7}, {"dropout": 0.6, "seed": 5}], ids=str)
def test_gradients_by_differences_through_params(settings):
    model, X, y = small(**settings)
    loss, grads = model.loss(X, y)
    assert grads.keys() == model.params.keys()
    for name, w in model.params.items():
        kept = w.copy()
        want = eval_numerical_gradient(lambda _: model.loss(X, y)[0], w, verbose=False)
        np.testing.assert_allclose(grads[name], want, atol=2e-9)
        np.testing.assert_array_equal(w, kept)
    assert model.loss(X, y)[0] == loss


def test_reg_has_the_factor_one_half_and_spares_biases():
    model, X, y = small()
    plain, _ = model.loss(X, y)
    for name in ("b1", "b2", "b3"):
        model.params[name] += 1.0
    moved, _ = model.loss(X, y)
    model.reg = 0.8
    squares = sum(np.sum(model.params[name] ** 2) for name in ("W1", "W2", "W3"))
    assert model.loss(X, y)[0] == pytest.approx(moved + 0.4 * squares, rel=1e-13)
    assert plain != moved


def test_names_shapes_dtypes_and_first_weights():
    np.random.seed(0)
    model = FullyConnectedNet([100, 50])  # the notes' sizes: 3072 inputs, ten classes, float32
    assert [(name, a.shape) for name, a in model.params.items()] == [
        ("W1", (3072, 100)),
        ("b1", (100,)),
        ("W2", (100, 50)),
        ("b2", (50,)),
        ("W3", (50, 10)),
        ("b3", (10,)),
    ]
    assert model.num_layers == 3
    loss, grads = model.loss(np.random.randn(4, 3, 32, 32), np.arange(4))
    made = (*model.params.values(), *grads.values(), loss, model.loss(np.random.randn(4, 3072)))
    assert {np.result_type(a) for a in made} == {np.dtype(np.float32)}
    assert loss == pytest.approx(np.log(10), rel=1e-2)
    for name, a in model.params.items():
        assert a.std() == (pytest.approx(1e-2, rel=4 / np.sqrt(2 * a.size)) if name[0] == "W" else 0)
    two = TwoLayerNet()
    assert [a.shape for a in two.params.values()] == [(3072, 100), (100,), (100, 10), (10,)]
    assert two.params["W1"].std() == pytest.approx(1e-3, rel=0.01)
    assert two.params["W1"].dtype == np.float64


def test_first_weights_follow_numpys_seed():
    a, b, c = (small(seed)[0].params["W2"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert rel_error(a, c) > 0.5


def test_dropout_is_the_share_kept_and_off_without_labels():
    model, X, y = small(dropout=0.9999)
    plain, _, _ = small(dropout=1)
    np.testing.assert_array_equal(model.loss(X), plain.loss(X))
    # hardly a unit is lost where nearly all are kept; as a DROP probability it would leave next to none
    assert model.loss(X, y)[0] == pytest.approx(float(plain.loss(X, y)[0]), rel=1e-2)
    model, _, _ = small(dropout=0.5)
    assert model.loss(X, y)[0] != model.loss(X, y)[0]  # fresh masks
    np.testing.assert_array_equal(model.loss(X), plain.loss(X))
    model, _, _ = small(dropout=0.5, seed=1)
    assert model.loss(X, y)[0] == model.loss(X, y)[0]  # the same ones


def test_replaced_parameters_count():
    model, X, y = small()
    model.params["W3"] = np.zeros((30, 10))
    assert model.loss(X, y)[0] == pytest.approx(np.log(10), rel=1e-14)
    model.params["W3"] = np.zeros((10, 30))
    with pytest.raises(ValueError, match=r"params\['W3'\] has shape \(10, 30\); allowed is \(30, 10\)"):
        model.loss(X)


REFUSED = [
    ({"normalization": "batchnorm"}, NotImplementedError, "'batchnorm'.* allowed is None"),
    ({"dropout": 0}, ValueError, r"dropout is 0; allowed are numbers in \(0, 1\], the probability to KEEP"),
    ({"dropout": 1.5}, ValueError, "dropout is 1.5"),
    ({"reg": -1.0}, ValueError, "reg is -1.0"),
    ({"weight_scale": -1.0}, ValueError, "weight_scale is -1.0"),
    ({"hidden_dims": 100}, TypeError, "hidden_dims is 100; allowed is a list"),
    ({"hidden_dims": [0]}, ValueError, "whole numbers >= 1"),
    ({"dtype": int}, ValueError, "allowed are float dtypes"),
]


@pytest.mark.parametrize(("settings", "kind", "said"), REFUSED, ids=range(len(REFUSED)))
def test_a_wrong_setting_is_named_with_what_is_allowed(settings, kind, said):
    with pytest.raises(kind, match=said):
        FullyConnectedNet(**{"hidden_dims": [3], "input_dim": 4, **settings})


def test_wrong_data_are_named():
    model, X, y = small()
    with pytest.raises(ValueError, match=r"X has shape \(4, 14\); allowed is .*15"):
        model.loss(X[:, 1:])
    with pytest.raises(ValueError, match=r"y has shape \(3,\); allowed is \(4,\)"):
        model.loss(X, y[1:])
    with pytest.raises(ValueError, match="N >= 1"):
        model.loss(X[:0], y[:0])
    assert model.loss(X[:0]).shape == (0, 10)
