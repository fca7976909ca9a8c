"""Minibatches: every example once an epoch, a function of the step alone."""

import numpy as np
import pytest

from lib.loop import batches


@pytest.mark.parametrize(("n", "size"), [(10, 3), (12, 4), (7, 7), (5, 1), (1, 1), (100, 64)])
def test_every_example_exactly_once_an_epoch(n, size):
    batch = batches(n, size, seed=4)
    assert batch.steps_per_epoch == -(-n // size)
    for epoch in range(3):
        steps = range(epoch * batch.steps_per_epoch, (epoch + 1) * batch.steps_per_epoch)
        parts = [batch(t) for t in steps]
        assert sorted(np.concatenate(parts).tolist()) == list(range(n))
        assert all(len(part) == size for part in parts[:-1])
        assert len(parts[-1]) == n - size * (batch.steps_per_epoch - 1)


def test_a_batch_depends_on_the_step_alone():
    forwards = batches(50, 8, seed=1)
    ahead = {t: forwards(t).tolist() for t in range(30)}
    backwards = batches(50, 8, seed=1)
    for t in reversed(range(30)):
        assert backwards(t).tolist() == ahead[t]
        assert batches(50, 8, seed=1)(t).tolist() == ahead[t]


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = {tuple(batches(40, 40, seed)(epoch).tolist()) for seed in range(5) for epoch in range(5)}
    assert len(orders) == 25
    assert tuple(range(40)) not in orders


def test_the_order_is_uniform():
    # how often example i comes first in 4000 epochs: 1000 expected, standard deviation sqrt(4000 * 3/16)
    batch = batches(4, 4, seed=0)
    first = np.bincount([batch(epoch)[0] for epoch in range(4000)], minlength=4)
    assert np.abs(first - 1000).max() < 4 * np.sqrt(4000 * 3 / 16)


def test_global_random_numbers_play_no_part():
    np.random.seed(0)
    state = np.random.get_state()[1].copy()
    one = batches(20, 5, seed=0)(3)
    np.testing.assert_array_equal(state, np.random.get_state()[1])
    np.random.seed(99)
    np.testing.assert_array_equal(one, batches(20, 5, seed=0)(3))


def test_a_batch_cannot_be_spoilt():
    batch = batches(6, 2, seed=0)
    with pytest.raises(ValueError, match="read-only"):
        batch(0)[0] = 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n": 0}, "n is 0; allowed are whole numbers >= 1"),
        ({"size": 0}, r"size is 0; allowed are whole numbers in \[1, 10\]"),
        ({"size": 11}, r"size is 11; allowed are whole numbers in \[1, 10\]"),
        ({"size": 2.5}, r"size is 2.5; allowed are whole numbers in \[1, 10\]"),
        ({"size": float("nan")}, r"size is nan; allowed are whole numbers in \[1, 10\]"),
        ({"seed": -1}, "seed is -1; allowed are whole numbers >= 0"),
        ({"seed": 0.5}, "seed is 0.5; allowed are whole numbers >= 0"),
    ],
)
def test_what_it_refuses(change, said):
    with pytest.raises(ValueError, match=said):
        batches(**({"n": 10, "size": 3, "seed": 0} | change))


def test_steps_are_whole():
    with pytest.raises(ValueError, match="t is -1; allowed are whole numbers >= 0"):
        batches(10, 3, 0)(-1)
