r"""The first hundred steps of Adam, of Adam without bias correction, and of Adam with "epsilon hat".

All three average alike and start at zero, with $\beta_1 = 0.9$, $\beta_2 = 0.999$. They differ in
the step over the learning rate:

$$ \frac{m_t/(1-\beta_1^t)}{\sqrt{v_t/(1-\beta_2^t)} + \varepsilon}, \qquad
   \frac{m_t}{\sqrt{v_t} + \varepsilon}, \qquad
   \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t}\,\frac{m_t}{\sqrt{v_t} + \hat\varepsilon} $$

The first is Algorithm 1 of Kingma & Ba (2015) and PyTorch's Adam; the second the notes' simplified
form; the third the variant at the end of the paper's section 2, TensorFlow's and Keras's. The third
is the first with $\varepsilon = \hat\varepsilon/\sqrt{1-\beta_2^t}$: up to 31.6 times as large.
"""

import numpy as np

from lib import plots
from lib.rules import START, adam

N, BETA2, EPS = 100, 0.999, 1e-8
FORMS = {
    "Adam": lambda t: {"eps": EPS},
    "without correction": lambda t: {"eps": EPS, "correct": False},
    "with ε̂": lambda t: {"eps": EPS / np.sqrt(1 - BETA2**t).item()},
}
CLAIM = "Whatever the gradients, leaving out the correction makes the twelfth step 6.57 times as large."
_T = np.arange(1, N + 1)
_WAVE = 0.75 * np.cos(_T / 9) * np.exp(-_T / 70) + 0.1
_WAVE = _WAVE + np.random.default_rng(4).normal(0, 0.12, N)
DEFAULTS = {"series": [round(float(v), 3) for v in _WAVE.clip(-1, 1)], "size": 1.0}


def hundred(gradients):
    """The steps over η, with their signs, of each form on the same gradients: shape (3, N)."""
    rows = []
    for options in FORMS.values():
        s, moves = START, []
        for t, g in enumerate(gradients, 1):
            w, s = adam(np.zeros(1), np.array([g], float), s, lr=1.0, beta2=BETA2, **options(t))
            moves.append(w[0])
        rows.append(moves)
    return np.array(rows)


def still(series, size):
    """The gradients, and the steps and positions of the three forms."""
    moves = hundred(np.array(series) * size)
    fig, axes = plots.figure(1, 3, height=3.0)
    axes[0].plot(_T, series, "o", color=plots.GREY, ms=2.5, ls="none")
    colors = plots.BLUE, plots.ORANGE, plots.GREEN
    for name, row, color in zip(FORMS, moves, colors, strict=True):
        style = {"color": color, "ls": ":" if color == plots.GREEN else "-"}
        axes[1].plot(_T, row, label=name, **style)
        axes[2].plot(_T, row.cumsum(), **style)
    for ax, title in zip(axes, ("shape of the gradients", "step over η", "position over η"), strict=True):
        ax.set(xlabel="step t", title=title)
    axes[1].set_ylim(-7, 13)
    axes[1].legend(loc="upper center", fontsize=8)
    ends = ", ".join(f"{row.sum():.1f}" for row in moves)
    return plots.show(
        fig,
        alt=f"After {N} steps on the same gradients Adam, Adam without correction and Adam with epsilon hat have "
        f"moved by {ends} learning rates; the largest steps are {', '.join(f'{v:.2f}' for v in abs(moves).max(axis=1))}.",
        caption=CLAIM,
    )
