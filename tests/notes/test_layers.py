"""The notes' layers against differences and plain loops; the differences against known derivatives."""

import numpy as np
import pytest

from lib.notes import (
    affine_backward,
    affine_forward,
    dropout_backward,
    dropout_forward,
    eval_numerical_gradient,
    eval_numerical_gradient_array,
    rel_error,
    relu_backward,
    relu_forward,
    softmax_loss,
)


def draw(*shape, seed=0):
    """Gaussian numbers."""
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("shape", [(3, 4), (2, 4, 5, 6)])
def test_affine_takes_examples_of_any_shape(shape):
    x, w, b, dout = draw(*shape), draw(int(np.prod(shape[1:])), 3), draw(3), draw(shape[0], 3)
    out, cache = affine_forward(x, w, b)
    for n in range(shape[0]):
        for m in range(3):
            assert out[n, m] == pytest.approx(sum(x[n].ravel() * w[:, m]) + b[m], rel=1e-12)
    made = affine_backward(dout, cache)
    forms = (
        lambda x: affine_forward(x, w, b),
        lambda w: affine_forward(x, w, b),
        lambda b: affine_forward(x, w, b),
    )
    for value, form, got in zip((x, w, b), forms, made, strict=True):
        assert got.shape == value.shape
        want = eval_numerical_gradient_array(lambda a, form=form: form(a)[0], value, dout)
        np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-8)


def test_cs231ns_number_for_affine():
    # FullyConnectedNets.ipynb, assignment 1, eight digits
    x = np.linspace(-0.1, 0.5, 240).reshape(2, 4, 5, 6)
    w, b = np.linspace(-0.2, 0.3, 360).reshape(120, 3), np.linspace(-0.3, 0.1, 3)
    want = [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]]
    np.testing.assert_allclose(affine_forward(x, w, b)[0], want, atol=5.1e-9, rtol=0)


def test_relu():
    x, dout = draw(5, 4), draw(5, 4, seed=1)
    out, cache = relu_forward(x)
    assert out.tolist() == [[max(a, 0.0) for a in row] for row in x]
    want = eval_numerical_gradient_array(lambda x: relu_forward(x)[0], x, dout)
    np.testing.assert_allclose(relu_backward(dout, cache), want, rtol=1e-8)


def test_softmax_loss():
    x, y = draw(6, 5), np.array([0, 4, 2, 2, 1, 3])
    loss, dx = softmax_loss(x, y)
    each = [np.log(sum(np.exp(row))) - row[label] for row, label in zip(x, y, strict=True)]
    assert loss == pytest.approx(sum(each) / 6, rel=1e-13)
    want = eval_numerical_gradient(lambda x: softmax_loss(x, y)[0], x, verbose=False)
    np.testing.assert_allclose(dx, want, atol=1e-10)
    assert softmax_loss(np.array([[1e4, 0.0]]), [1])[0] == 1e4


# ---- dropout: p is the probability to KEEP ------------------------------------------------------


@pytest.mark.parametrize("keep", [0.25, 0.6, 1])
def test_dropout_keeps_the_share_p_and_the_mean(keep):
    x, n = np.full((500, 500), 10.0), 250_000
    np.random.seed(0)
    out, cache = dropout_forward(x, {"mode": "train", "p": keep})
    spread = np.sqrt((1 - keep) / keep)
    assert abs(np.mean(out != 0) - keep) <= 4 * np.sqrt(keep * (1 - keep) / n)
    assert abs(out.mean() - 10) <= 40 * spread / np.sqrt(n)
    np.testing.assert_array_equal(dropout_backward(x, cache), out)  # the gradient meets the same mask
    out, cache = dropout_forward(x, {"mode": "test", "p": keep})
    np.testing.assert_array_equal(out, x)
    np.testing.assert_array_equal(dropout_backward(x, cache), x)


def test_dropout_by_seed_and_by_numpys_state():
    x, param = np.ones((20, 30)), {"mode": "train", "p": 0.5}
    np.random.seed(3)
    before = np.random.get_state()[2]
    seeded = [dropout_forward(x, {**param, "seed": 1})[0] for _ in range(2)]
    np.testing.assert_array_equal(*seeded)
    assert np.random.get_state()[2] == before  # a seeded mask leaves NumPy's state alone
    first, second = (dropout_forward(x, param)[0] for _ in range(2))
    assert not np.array_equal(first, second)
    np.random.seed(3)
    np.testing.assert_array_equal(dropout_forward(x, param)[0], first)


def test_layers_keep_float32():
    x = draw(3, 4).astype(np.float32)
    made = (
        affine_forward(x, x.T, x[:, 0])[0],
        relu_forward(x)[0],
        *softmax_loss(x, [0, 1, 2]),
        dropout_forward(x, {"mode": "train", "p": 0.5})[0],
    )
    assert {np.result_type(a) for a in made} == {np.dtype(np.float32)}


REFUSED = [
    (lambda: affine_forward(np.ones((2, 3)), np.ones((4, 5)), np.ones(5)), "x has 3 numbers an example"),
    (lambda: affine_forward(np.ones((2, 3)), np.ones((3, 5)), np.ones(3)), r"b \(3,\)"),
    (lambda: affine_forward(np.ones(3), np.ones((3, 5)), np.ones(5)), r"x has shape \(3,\)"),
    (
        lambda: dropout_forward(np.ones(3), {"mode": "train", "p": 0}),
        r"p is 0; allowed are numbers in \(0, 1\]",
    ),
    (
        lambda: dropout_forward(np.ones(3), {"mode": "eval", "p": 0.5}),
        "'eval'; allowed are 'train' and 'test'",
    ),
    (lambda: softmax_loss(np.ones((2, 3)), [0, 3]), r"y runs from 0 to 3; allowed is \[0, 3\)"),
    (lambda: eval_numerical_gradient(np.sum, np.ones(2), h=0.0), "h is 0.0"),
]


@pytest.mark.parametrize(("call", "said"), REFUSED, ids=range(len(REFUSED)))
def test_a_wrong_argument_is_named_with_what_is_allowed(call, said):
    with pytest.raises(ValueError, match=said):
        call()


# ---- differences --------------------------------------------------------------------------------


def test_differences_of_a_known_function(capsys):
    x = draw(3, 2)
    kept = x.copy()
    grad = eval_numerical_gradient(lambda x: np.sum(np.sin(x)), x)
    np.testing.assert_allclose(grad, np.cos(x), atol=1e-9)
    np.testing.assert_array_equal(x, kept)
    assert capsys.readouterr().out.splitlines()[0].startswith("(0, 0) ")
    eval_numerical_gradient(np.sum, x, verbose=False)
    assert capsys.readouterr().out == ""


def test_differences_move_the_array_itself_and_put_it_back():
    x = np.array([2.0])
    # f looks at x behind its argument's back, as a model's loss does
    assert eval_numerical_gradient(lambda _: x[0] ** 2, x, verbose=False)[0] == pytest.approx(4, rel=1e-9)
    # and may return x itself
    np.testing.assert_allclose(eval_numerical_gradient_array(lambda x: x, x, np.array([3.0])), [3], rtol=1e-9)
    with pytest.raises(ZeroDivisionError):
        eval_numerical_gradient(lambda _: 1 / 0, x)
    assert x[0] == 2.0


def test_differences_refuse_whole_numbers():
    with pytest.raises(TypeError, match="allowed are float arrays"):
        eval_numerical_gradient(np.sum, np.array([1, 2]))


def test_rel_error():
    assert rel_error(1.0, 3.0) == 0.5
    assert rel_error(np.array([1.0, -1.0]), np.array([1.0, 1.0])) == 1
    assert rel_error(0.0, 0.0) == 0
    assert rel_error(1e-10, 0.0) == pytest.approx(1e-2)
