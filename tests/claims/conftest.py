"""`pytest tests/claims --write-claims` writes chapters/claims.json from what the claims measured."""

import sys
from pathlib import Path

import pytest

# `claims` and `lib`, however pytest was started.
HERE = Path(__file__).resolve().parent
sys.path[:0] = [path for path in (str(HERE), str(HERE.parents[1])) if path not in sys.path]

import claims

run = {}  # test file -> label -> entry, gathered from the reports: with xdist these cross processes


def pytest_addoption(parser):
    parser.addoption(
        "--write-claims",
        action="store_true",
        help="write chapters/claims.json, then stop comparing",
    )


def pytest_configure(config):
    claims.writing = config.getoption("--write-claims", default=False)
    part = config.option.keyword or config.option.markexpr or any("::" in a for a in config.args)
    if claims.writing and part:
        raise pytest.UsageError("--write-claims takes whole files: no -k, -m or ::")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    finally:
        label = getattr(getattr(item, "function", None), "claim", None)
        if label in claims.measured:
            item.user_properties.append(("claim", [label, claims.measured[label]]))


def pytest_runtest_logreport(report):
    if report.when == "call":
        entries = run.setdefault(f"tests/claims/{Path(report.location[0]).name}", {})
        entries.update(value for key, value in report.user_properties if key == "claim")


def pytest_sessionfinish(session):
    worker = hasattr(session.config, "workerinput")
    if claims.writing and run and not worker:
        claims.write({k: v for entries in run.values() for k, v in entries.items()}, set(run))
