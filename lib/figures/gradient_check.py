"""The relative error of a gradient check against its step, for correct and wrong gradients."""

import numpy as np

from lib import net, plots

SCORES = [1.5, 1.1, 1.9]  # what goes into the ReLUs; a fourth lies delta below the kink
HS = 10.0 ** (np.arange(113) / 8 - 14)
CLAIM = "Against its step, a correct gradient makes a V and a wrong one a floor."
DEFAULTS = {"h": 1e-4, "bug": "one", "dtype": "float64", "delta": 1.0}


def gradient(bug):
    """The gradient by backpropagation, or what a slip makes of it: "one" or "forgot"."""
    a = np.array([*SCORES, -1.0])
    g = net.relu_backward(net.cross_entropy(net.relu(a)[None], np.array([0]))[1][0], a)
    if bug == "one":
        g[2] *= 1.01
    if bug == "forgot":
        g[0] += 1
    return g


def check(h, delta, dtype, bug):
    """Relative errors (forward, centred) of difference quotients against `gradient(bug)`."""
    w = np.array([*SCORES, -delta], dtype)
    h = np.dtype(dtype).type(h)
    f, up, down = (
        np.array([net.cross_entropy(net.relu(row)[None], np.array([0]))[0] for row in w + by])
        for by in (np.zeros((1, 4), dtype), h * np.eye(4, dtype=dtype), -h * np.eye(4, dtype=dtype))
    )
    g = gradient(bug)
    quotients = (up - f) / h, (up - down) / (2 * h)
    return [
        float(np.linalg.norm(q - g) / max(np.linalg.norm(q), np.linalg.norm(g)))
        for q in (quotient.astype(float) for quotient in quotients)
    ]


def still(h, bug, dtype, delta):
    """The V of both differences, and the floor of the wrong gradient."""
    right = np.array([check(v, delta, dtype, "none") for v in HS])
    fig, ax = plots.figure(height=3.4)
    ax.loglog(HS, right[:, 0], color=plots.ORANGE, ls="--", label="forward")
    ax.loglog(HS, right[:, 1], color=plots.BLUE, ls="-", label="centred")
    wrong = ""
    if bug != "none":
        ax.loglog(
            HS,
            [check(v, delta, dtype, bug)[1] for v in HS],
            color=plots.RED,
            ls=":",
            label="wrong gradient",
        )
        wrong = f", of the wrong one at {check(h, delta, dtype, bug)[1]:.2g}"
    ax.set(xlabel="step h of the difference", ylabel="relative error", ylim=(1e-12, 10))
    ax.legend(loc="lower left")
    forward, centred = check(h, delta, dtype, "none")
    return plots.show(
        fig,
        alt=f"At h = {h:g} the check of the correct gradient is off by {forward:.2g} with forward "
        f"differences and {centred:.0e} with centred ones{wrong}.",
        caption=CLAIM,
    )
