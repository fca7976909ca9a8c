"""Reddi, Kale and Kumar's sequence, on which Adam moves to the worst point."""

import numpy as np

from lib import plots, problems
from lib.rules import START, adam, amsgrad, sgd

CLAIM = "On this sequence Adam forgets the one large gradient too soon and moves to the worst point."
DEFAULTS = {"C": 3.0, "steps": 3000, "long": False}
RULES = {"Adam": (adam, {"correct": False}), "AMSGrad": (amsgrad, {}), "SGD": (sgd, {})}


def play(name, C, steps, beta2):
    """Positions (steps + 1,) and the average regret after each step, with η = 0.5/√t and β₁ = 0."""
    problem, (rule, hyper) = problems.ReddiSequence(C=C), RULES[name]
    hyper = hyper if name == "SGD" else {"beta1": 0.0, "beta2": beta2, **hyper}
    w, s, at, regret = np.zeros(1), START, [0.0], []
    for t in range(steps):
        loss, grad = problem.loss_grad(w, t)
        regret.append(loss - problem.loss_grad(problem.argmin, t)[0])
        w, s = rule(w, grad, s, lr=0.5 / float(np.sqrt(t + 1)), **hyper)
        w = problem.project(w)
        at.append(w[0])
    return np.array(at), np.cumsum(regret) / np.arange(1, steps + 1)


def still(C, steps, long):
    """Positions and average regrets of the three rules."""
    fig, (left, right) = plots.figure(1, 2, height=3.0)
    t = np.arange(1, steps + 1)
    t = t[t // 3 % np.ceil(t / 60) == 0]  # whole periods of three, more widely spaced later
    ends = []
    for name, color in zip(RULES, (plots.ORANGE, plots.BLUE, plots.GREEN), strict=True):
        at, regret = play(name, C, steps, 0.999 if long else 1 / (1 + C**2))
        left.semilogx(t, at[t], label=name, lw=1, color=color)
        right.semilogx(t, regret[t - 1], color=color)
        ends.append(f"{name} is at {at[-1]:.2f} with an average regret of {regret[-1]:.3f}")
    left.set(xlabel="step t", ylabel="position")
    right.set(xlabel="step t", ylabel="average regret", ylim=(0, 1.7 * 2 * (C - 2) / 3))
    left.legend()
    return plots.show(
        fig, alt=f"With C = {C:g}, after {steps} steps, {', '.join(ends)}; the best is −1.", caption=CLAIM
    )
