"""Minibatches as a pure function of the step, so that nothing random has to be remembered."""

import numpy as np

from lib.ranges import at_least_one, whole

__all__ = ["Batches", "batches", "generator"]

SHUFFLE, DROP = 0, 1  # what the random numbers drawn from one seed are for


def generator(seed, purpose, step):
    """The random generator of one step: a pure function of the seed, the purpose and the step.

    Streams of different purposes or steps are independent, also of `default_rng(seed)`.

    >>> draws = [generator(7, DROP, t).random() for t in (0, 1, 0)]
    >>> draws[0] == draws[2] != draws[1]
    True
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose, step)))


def batches(n, size, seed):
    r"""The minibatches of `n` examples: batch `t` of a random order that is new in every epoch.

    $$ B_t = \{\pi_e(i) : kS \le i < \min((k+1)S,\,n)\}, \qquad e = \lfloor t/K \rfloor,
       \quad k = t \bmod K, \quad K = \lceil n/S \rceil $$

    $\pi_e$ is a permutation drawn from (`seed`, e), S the batch `size`. Every example comes exactly
    once an epoch; where S does not divide n, the last batch of an epoch is smaller and is kept
    (PyTorch's default; `drop_last` there leaves it out). Returns `Batches`, a function of
    t = 0, 1, ... ValueError for n < 1, a size outside [1, n], a seed that is not 0, 1, 2, ...

    >>> batch = batches(5, 2, seed=0)
    >>> batch.steps_per_epoch, sorted(i for t in range(3) for i in batch(t).tolist())
    (3, [0, 1, 2, 3, 4])
    >>> (batch(7) == batches(5, 2, seed=0)(7)).all()
    np.True_
    """
    return Batches(n, size, seed)


class Batches:
    """What `batches` returns: `batch(t)` are the indices of batch t, read-only, of dtype int64.

    >>> batch = Batches(10, 4, seed=3)
    >>> batch, [len(batch(t)) for t in range(4)]
    (batches(10, 4, seed=3), [4, 4, 2, 4])
    >>> batch.steps_per_epoch
    3
    """

    def __init__(self, n, size, seed):
        at_least_one("n", n)
        if not (1 <= size <= n and size % 1 == 0):
            raise ValueError(f"size is {size}; allowed are whole numbers in [1, {n}], the examples there are")
        whole("seed", seed)
        self.n, self.size, self.seed = int(n), int(size), int(seed)
        self._epoch, self._order = None, None  # the order drawn last, kept because epochs are long

    def __repr__(self):
        return f"batches({self.n}, {self.size}, seed={self.seed})"

    @property
    def steps_per_epoch(self):
        """How many batches an epoch has."""
        return -(-self.n // self.size)

    def __call__(self, t):
        """The indices of batch t = 0, 1, ..."""
        whole("t", t)
        epoch, k = divmod(int(t), self.steps_per_epoch)
        order = self._order
        if epoch != self._epoch:
            order = generator(self.seed, SHUFFLE, epoch).permutation(self.n).astype(np.int64, copy=False)
            order.flags.writeable = False
            self._epoch, self._order = epoch, order
        return order[k * self.size : (k + 1) * self.size]
