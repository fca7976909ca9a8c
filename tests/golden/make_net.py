"""The golden file of the network, `net/net.npz`, from PyTorch: scores, loss, gradient by autograd.

python -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 numpy
PYTHONPATH=. /tmp/torch/bin/python tests/golden/make_net.py
"""

import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "net"))
from cases import CASES, GOLDEN, inputs

PHI = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}


def run(case):
    """Scores, penalised loss and the gradient as one vector W1, b1, W2, ... of a case."""
    w, X, y, masks = inputs(case)
    X, y = torch.tensor(X), torch.tensor(y)
    parts, start = [], 0
    for rows, columns in zip(case.sizes, case.sizes[1:], strict=False):
        for shape in ((rows, columns), (columns,)):
            end = start + int(np.prod(shape))
            parts.append(torch.tensor(w[start:end].reshape(shape), requires_grad=True))
            start = end
    h = X
    for i in range(0, len(parts), 2):
        z = torch.nn.functional.linear(h, parts[i].T, parts[i + 1])
        if i < len(parts) - 2:
            h = PHI[case.activation](z) * torch.tensor(masks[i // 2])
    loss = torch.nn.functional.cross_entropy(z, y)
    for W in parts[::2]:
        loss = loss + case.l1 * W.abs().sum() + case.l2 / 2 * (W**2).sum()
    loss.backward()
    grad = np.concatenate([part.grad.numpy().ravel() for part in parts])
    return {"scores": z.detach().numpy(), "loss": loss.detach().numpy(), "grad": grad}


if __name__ == "__main__":
    arrays = {f"{case.name}/{k}": v for case in CASES for k, v in run(case).items()}
    arrays["about"] = np.array(f"PyTorch {torch.__version__.split('+')[0]}, NumPy {np.__version__}")
    np.savez_compressed(GOLDEN, **arrays)
    print(len(CASES), "cases")
