"""What a search with a smaller budget would have found, from the trials of a larger one."""

from math import comb

import numpy as np

from lib.ranges import at_least_one

__all__ = ["chances", "expected", "spread", "wins"]


def chances(trials):
    r"""How likely the i-th best of N trials is the best of k of them, drawn without replacement.

    $$ P_{k,i} = \binom{N-i}{k-1}\Big/\binom Nk, \qquad i, k = 1, \ldots, N $$

    Returns (N, N): row k - 1 for the budget k. Averages with these weights are unbiased for the
    outcome of a search of k trials.

    >>> chances(3).round(3)
    array([[0.333, 0.333, 0.333],
           [0.667, 0.333, 0.   ],
           [1.   , 0.   , 0.   ]])
    """
    at_least_one("trials", trials)
    n = range(1, trials + 1)
    return np.array([[comb(trials - i, k - 1) / comb(trials, k) for i in n] for k in n])


def expected(result, look=-1):
    """Expected judged score of the trial that looked best, for budgets 1, ..., N: (N,).

    The seeds that choose pick by the last look; `look` says where the others judge.

    >>> from lib.race import Result
    >>> result = Result({}, np.array([[[1.0, 2.0]]]), np.array([[[5.0, 7.0]]]))
    >>> expected(result)
    array([6., 5.])
    """
    return chances(len(result.order)) @ result.judge[:, look, result.order].mean(axis=0)


def spread(result, quantiles=(0.1, 0.9)):
    """Quantiles of that score over the luck of the search and of the judging seed: (quantiles, N).

    >>> from lib.race import Result
    >>> result = Result({}, np.array([[[1.0, 2.0]]]), np.array([[[5.0, 7.0]]]))
    >>> spread(result)
    array([[5., 5.],
           [7., 5.]])
    """
    scores = result.judge[:, -1, result.order]  # (F, N)
    order = np.argsort(scores, axis=None, kind="stable")
    weights = np.tile(chances(scores.shape[1])[:, None] / len(scores), (1, len(scores), 1))  # (N, F, N)
    share = np.cumsum(weights.reshape(len(weights), -1)[:, order], axis=1)
    return np.array([[scores.ravel()[order][np.argmax(row >= q - 1e-9)] for row in share] for q in quantiles])


def wins(a, b):
    """How often contender `a` is judged better than `b` when both had k trials: (N,), ties count half.

    Each side draws k of its own N trials and takes the one that looked best; a judging seed decides.

    >>> from lib.race import Result
    >>> a = Result({}, np.array([[[1.0, 2.0]]]), np.array([[[5.0, 7.0]]]))
    >>> b = Result({}, np.array([[[1.0, 2.0]]]), np.array([[[6.0, 6.0]]]))
    >>> wins(a, b)
    array([0.5, 1. ])
    """
    x, y = a.judge[:, -1, a.order], b.judge[:, -1, b.order]
    better = ((x[:, :, None] < y[:, None]) + 0.5 * (x[:, :, None] == y[:, None])).mean(axis=0)
    p, q = chances(x.shape[1]), chances(y.shape[1])
    return np.einsum("ki,ij,kj->k", p[: len(q)], better, q[: len(p)])
