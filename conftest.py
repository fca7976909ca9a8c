import os
from pathlib import Path

# The matrices here are small: threads would only wait for each other, most of all beside xdist.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_configure(config):
    # nbval looks for a relative path from where pytest was started; outputs must be cleaned anywhere
    if hasattr(config.option, "nbval_sanitize_with"):
        config.option.nbval_sanitize_with = str(Path(__file__).parent / "tests" / "sanitize.cfg")
