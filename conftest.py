from pathlib import Path


def pytest_configure(config):
    # nbval looks for a relative path from where pytest was started; outputs must be cleaned anywhere
    if hasattr(config.option, "nbval_sanitize_with"):
        config.option.nbval_sanitize_with = str(Path(__file__).parent / "tests" / "sanitize.cfg")
