"""Many runs: a grid of learning rates, seeds, rules, anything, in one call.

The same call runs one point after another, several at once on a leading axis of arrays, in other
processes through joblib, or on a Dask cluster, and gives the same `Table`.
"""

from lib.sweep.points import seed_of
from lib.sweep.sweeping import sweep
from lib.sweep.table import Failure, PointsFailed, Table

__all__ = ["Failure", "PointsFailed", "Table", "seed_of", "sweep"]
