"""The golden file of the schedules, `schedules/schedules.npz`, from PyTorch's `torch.optim.lr_scheduler`.

python -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 numpy
/tmp/torch/bin/python tests/golden/make_schedules.py

Each array holds the rates that the optimiser's steps 0, 1, ... really used: the rate is read just
before `optimizer.step()`, and `scheduler.step()` follows it, as PyTorch's manual says.
"""

import warnings
from pathlib import Path

import numpy as np
import torch
from torch.optim import lr_scheduler as ls

GOLDEN = Path(__file__).parent / "schedules" / "schedules.npz"
LR = 0.3

CASES = {  # name: (number of steps, how PyTorch's scheduler is made)
    "constant": (20, lambda o: ls.LambdaLR(o, lambda epoch: 1.0)),
    "constant_lr": (20, lambda o: ls.ConstantLR(o)),
    "inverse_time": (60, lambda o: ls.LambdaLR(o, lambda epoch: 1 / (1 + 0.25 * epoch))),
    "exponential": (60, lambda o: ls.ExponentialLR(o, gamma=0.95)),
    "step": (40, lambda o: ls.StepLR(o, step_size=7, gamma=0.5)),
    "multistep": (40, lambda o: ls.MultiStepLR(o, milestones=[5, 6, 20], gamma=0.2)),
    "linear": (40, lambda o: ls.PolynomialLR(o, total_iters=30, power=1.0)),
    "polynomial": (40, lambda o: ls.PolynomialLR(o, total_iters=30, power=2.5)),
    "cosine": (31, lambda o: ls.CosineAnnealingLR(o, T_max=30, eta_min=0.02)),
    "cosine_rises": (60, lambda o: ls.CosineAnnealingLR(o, T_max=30, eta_min=0.02)),
    "restarts": (60, lambda o: ls.CosineAnnealingWarmRestarts(o, T_0=9, eta_min=0.02)),
    "restarts_longer": (100, lambda o: ls.CosineAnnealingWarmRestarts(o, T_0=5, T_mult=2)),
    "one_cycle": (50, lambda o: ls.OneCycleLR(o, max_lr=LR, total_steps=50, cycle_momentum=False)),
    "one_cycle_own": (
        41,
        lambda o: ls.OneCycleLR(
            o,
            max_lr=LR,
            total_steps=41,
            pct_start=0.45,
            div_factor=10.0,
            final_div_factor=100.0,
            cycle_momentum=False,
        ),
    ),
    "warmup_constant": (20, lambda o: ls.LinearLR(o, start_factor=1 / 8, total_iters=7)),
    "warmup_cosine": (
        40,
        lambda o: ls.SequentialLR(
            o,
            [
                ls.LinearLR(o, start_factor=1 / 8, total_iters=7),
                ls.CosineAnnealingLR(o, T_max=33),
            ],
            milestones=[7],
        ),
    ),
}


def rates(steps, make):
    """The rates used by the first steps of an optimiser under a scheduler."""
    w = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([w], lr=LR)
    scheduler, used = make(optimizer), []
    for t in range(steps):
        w.grad = torch.ones(1)
        used.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if t < steps - 1:  # OneCycleLR refuses one step more than it has
            scheduler.step()
    return np.array(used)


if __name__ == "__main__":
    warnings.simplefilter("ignore", UserWarning)  # SequentialLR calls an old form inside itself
    np.savez_compressed(GOLDEN, **{name: rates(*case) for name, case in CASES.items()})
    print(f"PyTorch {torch.__version__.split('+')[0]}, {len(CASES)} schedules, {GOLDEN.stat().st_size} bytes")
