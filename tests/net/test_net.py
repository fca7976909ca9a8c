"""The network against PyTorch, finite differences, the complex step and closed forms."""

import itertools
import platform
import subprocess
import sys
from pathlib import Path

import cases
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lib.net.network
from lib.net import (
    FCN,
    accuracy,
    affine,
    affine_backward,
    cross_entropy,
    dropout_mask,
    relu,
    relu_backward,
    rounded_accuracy,
    softmax,
)

ROOT = Path(__file__).parents[2]
ACTIVATIONS = ("relu", "tanh", "sigmoid")
SIZES = ((4, 3), (4, 6, 3), (4, 6, 5, 3), (3, 5, 4, 4, 2))  # none, one, two and three hidden layers


def rng(seed=0):
    """A generator."""
    return np.random.default_rng(seed)


def example(sizes, n=7, seed=1, **settings):
    """A network with biases that are not zero, and data for it."""
    net, draw = FCN(sizes, **settings), rng(seed)
    w = net.init(draw)
    w += 0.3 * draw.standard_normal(w.shape).astype(w.dtype)
    return net, w, draw.standard_normal((n, sizes[0])), draw.integers(0, sizes[-1], n)


def relative(a, b):
    """Largest difference as a share of the largest entry."""
    return np.abs(a - b).max() / np.abs(b).max()


# ---- against PyTorch ----------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.name)
def test_scores_loss_and_gradient_are_pytorchs(case, monkeypatch):
    w, X, y, masks = cases.inputs(case)
    net = FCN(
        case.sizes,
        activation=case.activation,
        dropout=case.dropout or 0.0,
        l1=case.l1,
        l2=case.l2,
        dtype=case.dtype,
    )
    left = iter(masks)
    monkeypatch.setattr(lib.net.network, "dropout_mask", lambda *_: next(left))
    loss, grad = net.loss_grad(w, X, y, rng() if case.dropout else None)
    tolerance = 1e-13 if case.dtype == np.float64 else 2e-6
    with np.load(cases.GOLDEN) as golden:
        want = {name: golden[f"{case.name}/{name}"] for name in ("scores", "loss", "grad")}
    if not case.dropout:
        assert relative(net.scores(w, X), want["scores"]) < tolerance
    assert loss == pytest.approx(float(want["loss"]), rel=tolerance)
    assert relative(grad, want["grad"]) < tolerance
    assert grad.dtype == np.result_type(loss) == case.dtype


# ---- gradients ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_is_the_complex_step(activation, sizes, dropout):
    # f(w + ih) = f(w) + ih f'(w): no difference is taken, so no digit is lost
    net, w, X, y = example(sizes, activation=activation, dropout=dropout, l1=0.01, l2=0.1)
    grad = net.loss_grad(w, X, y, rng(5))[1]
    h = 1e-30
    step = [net.loss_grad(w + 1j * h * row, X, y, rng(5))[0].imag / h for row in np.eye(net.size)]
    assert relative(np.array(step), grad) < 1e-14


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_finite_differences_approach_the_gradient_as_fast_as_theory_says(activation, sizes):
    net, w, X, y = example(sizes, activation=activation, dropout=0.4, l1=0.01, l2=0.1)

    def error(h):
        slopes = [
            (net.loss_grad(w + h * row, X, y, rng(5))[0] - net.loss_grad(w - h * row, X, y, rng(5))[0])
            / (2 * h)
            for row in np.eye(net.size)
        ]
        return relative(np.array(slopes), net.loss_grad(w, X, y, rng(5))[1])

    # truncation falls as h^2 until rounding, about eps/h, takes over near h = eps^(1/3) = 6e-6
    assert 90 < error(1e-3) / error(1e-4) < 110
    assert error(1e-5) < 2e-9


def test_one_step_down_the_gradient_lowers_the_loss_by_its_squared_length():
    net, w, X, y = example((4, 6, 3), activation="tanh", l2=0.1)
    loss, grad = net.loss_grad(w, X, y)
    lower = net.loss_grad(w - 1e-6 * grad, X, y)[0]
    assert (loss - lower) / 1e-6 == pytest.approx(grad @ grad, rel=1e-5)


def test_pieces_make_the_network():
    net, w, X, y = example((4, 6, 3))
    W1, b1, W2, b2 = net.unpack(w)
    a = affine(X, W1, b1)
    loss, dz = cross_entropy(affine(relu(a), W2, b2), y)
    dh, dW2, db2 = affine_backward(dz, relu(a), W2)
    _, dW1, db1 = affine_backward(relu_backward(dh, a), X, W1)
    grad = np.concatenate([d.ravel() for d in (dW1, db1, dW2, db2)])
    assert loss == pytest.approx(float(net.loss(w, X, y)), rel=1e-15)
    assert relative(net.loss_grad(w, X, y)[1], grad) < 1e-15


def test_the_rectifier_has_slope_zero_at_zero():
    assert relu_backward(np.ones(3), np.array([-1.0, 0.0, 1.0])).tolist() == [0, 0, 1]
    net = FCN((1, 1, 2))
    _, grad = net.loss_grad(np.array([0.0, 0.0, 1.0, 2.0, 0.0, 0.0]), np.ones((1, 1)), np.array([0]))
    assert grad[:2].tolist() == [0, 0]


# ---- runs, dtypes, memory -----------------------------------------------------------------------


@pytest.mark.parametrize("own_data", [False, True])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_a_leading_axis_of_runs_equals_single_runs(sizes, own_data):
    net = FCN(sizes, dropout=0.3, l1=0.01, l2=0.1)
    w = net.init(rng(), 3)
    X = rng(1).standard_normal((3, 7, sizes[0]) if own_data else (7, sizes[0]))
    y = rng(2).integers(0, sizes[-1], X.shape[:-1])
    losses, grads = net.loss_grad(w, X, y, [rng(seed) for seed in range(3)])
    scores, penalties = net.scores(w, X), net.penalty(w)
    for run in range(3):
        X1, y1 = (X[run], y[run]) if own_data else (X, y)
        loss, grad = net.loss_grad(w[run], X1, y1, rng(run))
        assert losses[run] == pytest.approx(float(loss), rel=1e-12)
        assert relative(grads[run], grad) < 1e-12
        assert relative(scores[run], net.scores(w[run], X1)) < 1e-12
        assert penalties[run] == pytest.approx(float(net.penalty(w[run])), rel=1e-12)


def test_two_leading_axes():
    net, _, X, y = example((4, 6, 3))
    w = net.init(rng(), 2, 3)
    losses, grads = net.loss_grad(w, X, y)
    for i, j in itertools.product(range(2), range(3)):
        loss, grad = net.loss_grad(w[i, j], X, y)
        assert losses[i, j] == pytest.approx(float(loss), rel=1e-12)
        assert relative(grads[i, j], grad) < 1e-12


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_dtype_is_kept(activation, dtype):
    # NumPy numbers as settings must not promote; the data come in float64
    net, w, X, y = example(
        (4, 6, 3),
        activation=activation,
        dropout=np.float64(0.3),
        l1=np.float64(0.1),
        l2=np.float64(0.1),
        dtype=dtype,
    )
    loss, grad = net.loss_grad(w, X, y, rng())
    made = (w, loss, grad, net.scores(w, X), net.penalty(w), net.loss(w, X, y))
    assert {np.result_type(a) for a in made} == {np.dtype(dtype)}
    for a in (relu(w), softmax(w), dropout_mask(rng(), 3, 0.5, dtype), *cross_entropy(w[None], [0])):
        assert np.result_type(a) == dtype


@pytest.mark.parametrize("order", ["C", "F", "strided"])
def test_unpack_gives_views_of_every_entry_once(order):
    net = FCN((2, 3, 2))
    w = np.zeros((4, 2 * net.size))[:, ::2] if order == "strided" else np.zeros((4, net.size), order=order)
    for count, part in enumerate(net.unpack(w), start=1):
        assert np.shares_memory(part, w)
        part += count
    assert np.array_equal(np.unique(w[0], return_counts=True), [[1, 2, 3, 4], [6, 3, 6, 2]])


def test_nothing_is_written_to():
    net, w, X, y = example((4, 6, 3), dropout=0.3, l1=0.1, l2=0.1)
    for a in (w, X, y):
        a.flags.writeable = False
    first = net.loss_grad(w, X, y, rng())[1]
    kept = first.copy()
    net.loss_grad(w + 1, X, y, rng())
    np.testing.assert_array_equal(first, kept)  # no buffer is shared between calls


GRADIENTS = """
import resource
import numpy as np
from lib.net import FCN
net = FCN((64, 100, 100, 100, 100, 10))
w, X, y = np.zeros(net.size), np.ones((100, 64)), np.zeros(100, int)
faults = []
for _ in range(60):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    net.loss_grad(w, X, y)
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(sum(faults[20:]) / 40)
"""


def test_memory_is_used_again_and_not_fetched_anew():
    if platform.libc_ver()[0] != "glibc":
        return  # elsewhere memory is managed otherwise
    run = subprocess.run(
        [sys.executable, "-c", GRADIENTS], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert float(run.stdout) < 5  # pages a gradient; 120 without `keep_memory`


# ---- dropout ------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
def test_dropout_keeps_the_mean_and_has_the_variance_of_its_formula(p):
    n = 400_000
    mask = dropout_mask(rng(3), n, p)
    assert set(np.unique(mask)) <= {0.0, 1 / (1 - p)}
    spread = np.sqrt(p / (1 - p))
    assert abs(mask.mean() - 1) <= 4 * spread / np.sqrt(n)
    # standard error of the variance of a two-valued variable with kurtosis (1 - 3pq)/(pq)
    q = 1 - p
    kurtosis = (1 - 3 * p * q) / (p * q) if p else 0.0
    assert (
        abs(np.mean((mask - 1) ** 2) - p / q) <= 4 * p / q * np.sqrt((kurtosis - 1) / n if p else 0.0) + 1e-14
    )


def test_every_call_and_every_layer_draws_a_fresh_mask():
    net, w, X, y = example((4, 6, 6, 3), dropout=0.5)
    draw = rng()
    assert net.loss_grad(w, X, y, draw)[0] != net.loss_grad(w, X, y, draw)[0]
    seen = []

    def spy(*args):
        seen.append(dropout_mask(*args))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lib.net.network, "dropout_mask", spy)
        net.loss_grad(w, X, y, draw)
    assert len(seen) == 2 and seen[0].shape == seen[1].shape == (7, 6)
    assert not np.array_equal(*seen)


def test_dropout_takes_one_probability_for_each_layer():
    net, w, X, y = example((4, 50, 50, 3), dropout=(0.0, 0.9))
    seen = []

    def spy(draw, shape, p, dtype):
        seen.append(p)
        return dropout_mask(draw, shape, p, dtype)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lib.net.network, "dropout_mask", spy)
        net.loss_grad(w, X, y, rng())
    assert seen == [0.9]  # the first hidden layer drops nothing


def test_nothing_is_dropped_at_evaluation():
    net, w, X, y = example((4, 6, 3), dropout=0.5)
    plain = FCN((4, 6, 3))
    np.testing.assert_array_equal(net.scores(w, X), plain.scores(w, X))
    assert net.loss(w, X, y) == plain.loss(w, X, y)
    np.testing.assert_array_equal(net.loss_grad(w, X, y)[1], plain.loss_grad(w, X, y)[1])


def test_dropout_leaves_the_expected_scores_of_a_linear_layer():
    # one hidden layer of rectifiers that are all on: the scores are linear in the masks
    net, w, X, _ = example((2, 40, 2), dropout=0.5)
    net.unpack(w)[1][...] = 20.0
    z = net.scores(w, X)
    layers = net.unpack(w)
    drawn = np.array([net._forward(layers, X, rng(seed))[0] for seed in range(400)])
    assert np.all(np.abs(drawn.mean(axis=0) - z) < 4.5 * drawn.std(axis=0) / np.sqrt(400))


# ---- penalties ----------------------------------------------------------------------------------


def test_penalties_count_weights_and_not_biases():
    net, w, X, y = example((4, 6, 3), l1=0.2, l2=0.4)
    plain = FCN((4, 6, 3))
    W1, b1, W2, _ = net.unpack(w)
    l1, l2 = (sum(f(W).sum() for W in (W1, W2)) for f in (np.abs, np.square))
    assert net.penalty(w) == pytest.approx(0.2 * l1 + 0.5 * 0.4 * l2, rel=1e-14)
    loss, grad = net.loss_grad(w, X, y)
    assert loss == pytest.approx(float(plain.loss(w, X, y) + net.penalty(w)), rel=1e-14)
    extra = net.unpack(grad - plain.loss_grad(w, X, y)[1])
    for i, W in ((0, W1), (2, W2)):
        np.testing.assert_allclose(extra[i], 0.2 * np.sign(W) + 0.4 * W, rtol=1e-12)
        assert not extra[i + 1].any()
    b1 += 100.0
    assert net.penalty(w) == pytest.approx(0.2 * l1 + 0.5 * 0.4 * l2, rel=1e-14)
    assert net.loss(w, X, y) == plain.loss(w, X, y)  # reported apart


# ---- softmax, cross-entropy, accuracy -----------------------------------------------------------

scores = arrays(np.float64, (3, 4), elements=st.floats(-50, 50))


@settings(derandomize=True, max_examples=50, deadline=None)
@given(scores, st.floats(-1e3, 1e3))
def test_a_shift_of_the_scores_changes_nothing(z, shift):
    y = [0, 1, 3]
    (loss, dz), (shifted, dshifted) = cross_entropy(z, y), cross_entropy(z + shift, y)
    assert shifted == pytest.approx(float(loss), rel=1e-10, abs=1e-12)
    np.testing.assert_allclose(dshifted, dz, atol=1e-12)
    np.testing.assert_allclose(softmax(z + shift), softmax(z), rtol=1e-10)
    np.testing.assert_allclose(dz.sum(axis=-1), 0, atol=1e-15)  # so dz is tangent to the shift


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_scores_give_numbers_and_no_warning(dtype):
    for top in (89.0, 800.0, 1e4, 1e30, float(np.finfo(dtype).max)):
        z = np.array([[top, -top, 0.0], [top, top, top], [-top, -top, -top]], dtype)
        right, third = np.array([[1, 0, 0], [1 / 3] * 3, [1 / 3] * 3]), np.log(dtype(3)) / 3
        np.testing.assert_allclose(softmax(z), right, rtol=1e-6, atol=1e-30)  # exp(-89) is there
        loss, dz = cross_entropy(z, [0, 1, 2])
        assert loss == pytest.approx(float(2 * third), rel=1e-6)
        np.testing.assert_allclose(dz, (right - np.eye(3)) / 3, atol=1e-7)
        loss, dz = cross_entropy(z, [2, 1, 2])  # sure, and wrong: the loss is the gap, and linear
        assert loss == pytest.approx(float(2 * third) + top / 3, rel=1e-6)
        assert np.all(np.isfinite(dz))


def test_cross_entropy_keeps_small_losses_to_the_last_digit():
    # -log of a rounded probability would be 0 here
    for gap in (40.0, 300.0, 700.0):
        loss, dz = cross_entropy(np.array([[0.0, -gap]]), [1])
        assert loss == pytest.approx(gap, rel=1e-15)
        assert dz[0, 1] == -1
        assert cross_entropy(np.array([[0.0, -gap]]), [0])[1][0, 1] == pytest.approx(np.exp(-gap), rel=1e-12)


@pytest.mark.parametrize("own", [False, True], ids=["shared classes", "classes for each run"])
def test_cross_entropy_of_scores_in_any_order_of_memory(own):
    z = rng(3).standard_normal((2, 5, 4))
    y = rng(4).integers(0, 4, (2, 5) if own else 5)
    loss, dz = cross_entropy(z, y)
    right = np.eye(4)[np.broadcast_to(y, (2, 5))]
    np.testing.assert_allclose(dz, (softmax(z) - right) / 5, atol=1e-16)
    np.testing.assert_allclose(loss, -np.log((softmax(z) * right).sum(-1)).mean(-1), rtol=1e-14)
    for other in (np.asfortranarray(z), np.swapaxes(np.swapaxes(z, 0, 1).copy(), 0, 1), z[:, ::-1][:, ::-1]):
        for one, two in zip(cross_entropy(other, y), (loss, dz), strict=True):
            np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
def test_a_network_that_knows_nothing_has_loss_ln_c(classes):
    net = FCN((5, classes))
    X, y = rng().standard_normal((8, 5)), rng().integers(0, classes, 8)
    assert net.loss(np.zeros(net.size), X, y) == pytest.approx(np.log(classes), rel=1e-14)
    small = FCN((5, 20, classes)).init(rng(), scale=1e-3)
    assert FCN((5, 20, classes)).loss(small, X, y) == pytest.approx(np.log(classes), rel=1e-4)


@pytest.mark.parametrize("classes", [2, 4, 10])
@pytest.mark.parametrize("right", [0, 3, 17, 20])
def test_rounded_accuracy_of_a_sure_network(right, classes):
    y = rng(classes).integers(0, classes, 20)
    said = np.where(np.arange(20) < right, y, (y + 1) % classes)
    p = 0.2 / classes + 0.8 * np.eye(classes)[said]  # sure, not certain
    A = accuracy(p, y)
    assert A == right / 20
    assert rounded_accuracy(p, y) == pytest.approx(1 - 2 * (1 - A) / classes, rel=1e-14)


def test_rounded_accuracy_of_an_untrained_network_is_nine_tenths():
    y = rng().integers(0, 10, 200)
    z = FCN((3, 10)).scores(np.zeros(40), np.ones((200, 3)))
    assert rounded_accuracy(softmax(z), y) == pytest.approx(0.9, rel=1e-14)
    assert accuracy(z, y) == np.mean(y == 0)


# ---- initial weights ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scale", "variance"),
    [("he", lambda i, o: 2 / i), ("glorot", lambda i, o: 2 / (i + o)), (0.3, lambda i, o: 0.09)],
)
def test_initial_variances(scale, variance):
    net = FCN((200, 300, 100, 5))
    parts = net.unpack(net.init(rng(4), 8, scale=scale))
    for W, b in zip(parts[::2], parts[1::2], strict=True):
        i, o = W.shape[-2:]
        # a mean square of n Gaussians has the standard error sqrt(2/n) of itself
        assert np.mean(W**2) == pytest.approx(variance(i, o), rel=4 * np.sqrt(2 / W.size))
        assert abs(W.mean()) < 4 * W.std() / np.sqrt(W.size)
        assert not b.any()


def test_he_keeps_the_size_of_activations_through_relu_layers_and_glorot_does_not():
    sizes = (256,) * 9
    X = rng().standard_normal((64, 256))

    def growth(scale):
        return np.mean(FCN(sizes).scores(FCN(sizes).init(rng(1), scale=scale), X) ** 2) / np.mean(X**2)

    assert 1 < growth("he") < 4  # 2, from the last layer, which has no rectifier after it
    assert growth("glorot") < growth("he") / 50  # a factor of two a layer


def test_float32_starts_from_the_rounded_float64_weights():
    w = FCN((4, 3)).init(rng())
    np.testing.assert_array_equal(FCN((4, 3), dtype=np.float32).init(rng()), w.astype(np.float32))


# ---- what is refused ----------------------------------------------------------------------------

NET = FCN((2, 3, 2), dropout=0.5)
W, X, Y = np.zeros(17), np.zeros((4, 2)), np.zeros(4, int)
REFUSED = [
    (lambda: FCN((3,)), ValueError, r"sizes is \(3,\); allowed are \(inputs"),
    (lambda: FCN((3, 0, 2)), ValueError, r"sizes is \(3, 0, 2\)"),
    (lambda: FCN((3, 2.5)), ValueError, r"sizes is \(3, 2.5\)"),
    (lambda: FCN(3), TypeError, "sizes is 3"),
    (lambda: FCN(("a", 2)), TypeError, "sizes is"),
    (lambda: FCN((3, 2), activation="gelu"), ValueError, "'gelu'; allowed are relu, tanh, sigmoid"),
    (lambda: FCN((3, 2, 2), dropout=1.0), ValueError, r"dropout is 1.0; allowed are numbers in \[0, 1\)"),
    (
        lambda: FCN((3, 2, 2), dropout=(0.1, 0.2)),
        ValueError,
        "dropout has 2 values; allowed are one number, or 1",
    ),
    (lambda: FCN((3, 2), dropout=2.0), ValueError, "dropout is 2.0"),
    (lambda: FCN((3, 2), dropout=(0.5,)), ValueError, "dropout has 1 values; allowed are one number, or 0"),
    (lambda: FCN((3, 2, 2), dropout=None), TypeError, "dropout is None"),
    (lambda: FCN((3, 2), l1=-1.0), ValueError, "l1 is -1.0; allowed are finite numbers >= 0"),
    (lambda: FCN((3, 2), l2=np.nan), ValueError, "l2 is nan"),
    (lambda: FCN((3, 2), l2=np.ones(2)), TypeError, "l2 is array"),
    (lambda: FCN((3, 2), dtype=int), ValueError, "dtype is int64; allowed are float"),
    (lambda: NET.init(0), TypeError, "rng is 0; allowed is a generator"),
    (lambda: NET.init(rng(), scale="lecun"), ValueError, "'lecun'; allowed are 'he', 'glorot'"),
    (lambda: NET.init(rng(), scale=0.0), ValueError, "scale is 0.0; allowed are finite numbers > 0"),
    (lambda: NET.unpack(np.zeros(16)), ValueError, r"shape \(16,\); allowed is \(..., 17\)"),
    (lambda: NET.penalty([0.0] * 17), TypeError, "w is .*allowed are float arrays"),
    (lambda: NET.loss_grad([0.0] * 17, X, Y), TypeError, "w is .*allowed are float arrays"),
    (lambda: NET.loss_grad(np.zeros(17, int), X, Y), TypeError, "allowed are float arrays"),
    (lambda: NET.loss_grad(W, X[:, :1], Y), ValueError, r"X has shape \(4, 1\); allowed is .*N, 2\)"),
    (lambda: NET.loss_grad(W, X[0], Y), ValueError, r"X has shape \(2,\)"),
    (lambda: NET.loss_grad(W, np.zeros((3, 4, 2)), Y), ValueError, r"X has shape \(3, 4, 2\), w \(17,\)"),
    (lambda: NET.loss_grad(W, X[:0], Y[:0]), ValueError, "N >= 1"),
    (lambda: NET.loss_grad(W, X, Y[:3]), ValueError, r"y has shape \(3,\); allowed is \(4,\)"),
    (lambda: NET.loss_grad(W, X, Y[:1]), ValueError, r"y has shape \(1,\); allowed is \(4,\)"),
    (lambda: NET.loss_grad(W, X, Y[:, None]), ValueError, r"y has shape \(4, 1\)"),
    (lambda: NET.loss_grad(W, X, Y + 2), ValueError, r"y runs from 2 to 2; allowed is \[0, 2\)"),
    (lambda: NET.loss_grad(W, X, Y - 1), ValueError, "y runs from -1 to -1"),
    (lambda: NET.loss_grad(W, X, Y * 1.0), TypeError, "y has dtype float64; allowed are whole"),
    (lambda: NET.loss_grad(W, X, Y, 0), TypeError, "rng is 0; allowed are None, a generator"),
    (lambda: NET.loss_grad(W, X, Y, [rng()]), ValueError, "rng holds 1 generators"),
    (lambda: NET.loss_grad(W[None], X, Y, [0]), TypeError, "rng is 0; allowed is a generator"),
    (lambda: accuracy(np.zeros((4, 2)), Y[:, None]), ValueError, r"y has shape \(4, 1\)"),
    (lambda: rounded_accuracy(np.zeros((4, 2)), Y + 5), ValueError, "y runs from 5 to 5"),
    (lambda: cross_entropy(np.zeros(2), [0]), ValueError, r"the scores have shape \(2,\)"),
    (lambda: dropout_mask(rng(), 3, 1.0), ValueError, "p is 1.0"),
    (lambda: dropout_mask(None, 3, 0.5), TypeError, "rng is None"),
]


@pytest.mark.parametrize(("call", "kind", "said"), REFUSED, ids=range(len(REFUSED)))
def test_a_wrong_argument_is_named_with_what_is_allowed(call, kind, said):
    with pytest.raises(kind, match=said):
        call()
