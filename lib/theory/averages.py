"""What an exponentially weighted average does to noise."""

from lib.ranges import at_least_one, fraction

__all__ = ["ewa_variance"]


def ewa_variance(beta, t=None, correct=False):
    r"""Variance of the average of independent noise of variance 1.

    $$ \operatorname{Var} v_t = \frac{1-\beta}{1+\beta}\,(1-\beta^{2t}), \qquad
       \operatorname{Var}\frac{v_t}{1-\beta^t} =
       \frac{1-\beta}{1+\beta}\cdot\frac{1+\beta^t}{1-\beta^t} $$

    `beta` in [0, 1); `t` >= 1 steps from zero, or None for the long run, where both forms become
    (1 - beta)/(1 + beta); `correct=True` for the bias-corrected average. ValueError outside these
    ranges. The corrected average is the noisier of the two: it divides by a number below 1.

    >>> print(f"{ewa_variance(0.9):.6f}")
    0.052632
    >>> print(f"{ewa_variance(0.9, t=1, correct=True):.6f}")
    1.000000
    """
    fraction("beta", beta)
    long_run = (1 - beta) / (1 + beta)
    if t is None:
        return long_run
    at_least_one("t", t)
    decay = beta**t
    return long_run * ((1 + decay) / (1 - decay) if correct else 1 - decay**2)
