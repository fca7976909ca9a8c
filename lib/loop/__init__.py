"""The loop that takes the steps: any loss, any rule, any schedule.

`descend` yields one `Step` after another without end; `trace` stacks the first of them in arrays.
`train` fits a network on `batches` of data for a number of epochs and returns a `History`; it stops
early, shows a progress bar, and resumes from a checkpoint bit for bit.
"""

from lib.loop.batching import Batches, batches
from lib.loop.checkpoint import CheckpointError
from lib.loop.history import History
from lib.loop.paths import Trace, descend, trace
from lib.loop.stepping import Diverged, Step
from lib.loop.training import train

__all__ = [
    "Batches",
    "CheckpointError",
    "Diverged",
    "History",
    "Step",
    "Trace",
    "batches",
    "descend",
    "trace",
    "train",
]
