"""How large one step of Adam can be: thirty gradients against the paper's bound and the true one."""

import numpy as np

from lib import plots
from lib.rules import State, adam

N, BETA1 = 30, 0.9
CLAIM = "A step of Adam can be 7.27 η, more than twice the bound its paper states."
DEFAULTS = {"bars": [float(i == 15) for i in range(1, N + 1)], "before": 10_000, "beta2": 0.999}


def paper_bound(beta1, beta2):
    """The bound of Kingma and Ba's section 2.1, over the learning rate."""
    return max(1.0, (1 - beta1) / np.sqrt(1 - beta2))


def most_of(beta1, beta2, n, t):
    """The largest last step of n gradients that end at step t, after zeros, over the learning rate."""
    r = beta1**2 / beta2
    total = (1 - r**n) / (1 - r)
    return (1 - beta1) * np.sqrt(total / (1 - beta2)) * np.sqrt(1 - beta2**t) / (1 - beta1**t)


def extremal(beta2):
    """The sequence that attains `most_of`: each gradient is β₂/β₁ times smaller than the next."""
    return (BETA1 / beta2) ** np.arange(N - 1, -1, -1.0)


def steps_of(bars, before, beta2):
    """|step| over the learning rate at each bar, after `before` zero gradients."""
    w, s, sizes = np.zeros(1), State(before), []
    for g in bars:
        new, s = adam(w, np.array([g], float), s, lr=1.0, beta1=BETA1, beta2=beta2, eps=1e-150)
        sizes.append(abs(new - w)[0])
    return np.array(sizes)


def still(bars, before, beta2):
    """The gradients, and the steps they cause between the bounds."""
    sizes = steps_of(bars, before, beta2)
    paper, true = paper_bound(BETA1, beta2), most_of(BETA1, beta2, np.inf, np.inf)
    fig, (top, low) = plots.figure(2, 1, height=4.0, sharex=True)
    x = np.arange(1, N + 1)
    top.bar(x, bars, color=plots.GREY)
    low.bar(x, sizes, color=plots.BLUE)
    low.axhline(paper, color=plots.ORANGE, ls="--")
    low.axhline(true, color=plots.RED, ls="-")
    top.set(ylabel="gradient", ylim=(-1, 1))
    low.set(xlabel="bar", ylabel="|step| over η", ylim=(0, 8))
    return plots.show(
        fig,
        alt=f"Thirty gradients after {before} zeros, with β₂ = {beta2:g}, make a largest step of {sizes.max():.2f} "
        f"learning rates; the paper's bound is {paper:.2f}, the true one {true:.2f}.",
        caption=CLAIM,
    )
