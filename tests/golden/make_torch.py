"""Golden files of the rules PyTorch has, from PyTorch.

    python -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 numpy
    PYTHONPATH=. /tmp/torch/bin/python tests/golden/make_torch.py

Two variants PyTorch has only in disguise:
- averaged momentum is SGD(momentum=beta, dampening=beta) after one step with gradient zero: its
  velocity begins as a copy of the first gradient, undamped, and so begins at zero;
- Adam without bias correction is Adam whose step counter begins at a million: beta**1000000 is
  zero in double precision, and both corrections are exactly one.
"""

import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))
from goldens import VARIANTS, cases, write

LONG_AGO = 1_000_000.0


def optimizer(case, params):
    """The PyTorch optimiser of a case, and the names of its state by our slots."""
    h = dict(case.hyper)
    betas = {"betas": (h.pop("beta1", 0.9), h.pop("beta2", 0.999))}
    adam_slots = {"m": "exp_avg", "v": "exp_avg_sq"}
    o = torch.optim
    match case.rule:
        case "sgd":
            return o.SGD(params, lr=1.0), {}
        case "momentum" | "nesterov" | "averaged_momentum":
            beta = h.get("beta", 0.9)
            damp = beta if case.rule == "averaged_momentum" else 0.0
            look = case.rule == "nesterov"
            made = o.SGD(params, lr=1.0, momentum=beta, dampening=damp, nesterov=look)
            return made, {"m": "momentum_buffer"}
        case "adagrad":
            return o.Adagrad(params, lr=1.0, **h), {"v": "sum"}
        case "adadelta":
            return o.Adadelta(params, lr=1.0, **renamed(h, "rho")), {
                "m": "acc_delta",
                "v": "square_avg",
            }
        case "rmsprop":
            slots = {"v": "square_avg"} | ({"m": "grad_avg"} if h.get("centered") else {})
            return o.RMSprop(params, lr=1.0, **renamed(h, "alpha")), slots
        case "adam":
            return o.Adam(params, lr=1.0, **betas, eps=h.get("eps", 1e-8)), adam_slots
        case "amsgrad":
            made = o.Adam(params, lr=1.0, **betas, **h, amsgrad=True)
            return made, adam_slots | {"v_max": "max_exp_avg_sq"}
        case "adamw":
            decay = {"weight_decay": h.pop("decay", 0.01)}
            return o.AdamW(params, lr=1.0, **betas, **decay, **h), adam_slots
        case "adamax":
            return o.Adamax(params, lr=1.0, **betas, **h), {"m": "exp_avg", "v": "exp_inf"}
        case "nadam":
            psi = {"momentum_decay": h.pop("psi", 0.004)}
            slots = adam_slots | {"product": "mu_product"}
            return o.NAdam(params, lr=1.0, **betas, **psi, **h), slots
    raise ValueError(f"{case.rule} is no rule of PyTorch's")


def renamed(h, name):
    """PyTorch calls a decay factor rho or alpha where we call it beta."""
    return {name if key == "beta" else key: value for key, value in h.items()}


def torch_walk(case):
    """Yield (t, w, {slot: array}) of PyTorch on a case, one parameter group per run."""
    # scalars such as NAdam's product of momentum factors are kept in the default dtype
    torch.set_default_dtype(torch.float64 if case.dtype == np.float64 else torch.float32)
    shape = (-1, case.shape[-1])
    rows = [torch.nn.Parameter(torch.tensor(row)) for row in case.start().reshape(shape)]
    made, slots = optimizer(case, [{"params": [row]} for row in rows])
    warm_start(case, rows, made)
    for t, g in enumerate(case.gradients(), start=1):
        rates = np.broadcast_to(np.ravel(case.rate(t - 1)), len(rows))
        for row, grad, rate, group in zip(rows, g.reshape(shape), rates, made.param_groups, strict=True):
            if case.reset:
                row.data.zero_()
            row.grad = torch.tensor(grad)
            group["lr"] = float(rate)
        made.step()
        w = np.array([row.detach().numpy() for row in rows]).reshape(case.shape)
        state = {k: [made.state[row][name].numpy() for row in rows] for k, name in slots.items()}
        # one number for all weights (NAdam's product) stays one number
        yield (
            t,
            w,
            {k: np.array(v).reshape(case.shape) if v[0].ndim else float(v[0]) for k, v in state.items()},
        )


def warm_start(case, rows, made):
    """Bring the two disguised variants into their state (see the head of this file)."""
    uncorrected = case.hyper.get("correct") is False
    if not (uncorrected or case.rule == "averaged_momentum"):
        return
    kept = [row.detach().clone() for row in rows]
    for row in rows:
        row.grad = torch.zeros_like(row)
    made.step()
    for row, w in zip(rows, kept, strict=True):
        row.data.copy_(w)
        if uncorrected:
            made.state[row]["step"].fill_(LONG_AGO)


if __name__ == "__main__":
    versions = f"PyTorch {torch.__version__.split('+')[0]}, NumPy {np.__version__}"
    for variant, (*_, library) in VARIANTS.items():
        if library == "torch":
            write(variant, torch_walk, versions)
            print(variant, len(cases(variant)), "cases")
