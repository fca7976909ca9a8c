"""Small data and small nets: three clouds of points in four dimensions, 83 to train on, 31 to validate."""

import numpy as np
import pytest

from lib.data import Data


@pytest.fixture(scope="session")
def data():
    rng = np.random.default_rng(5)
    centres = np.array([[2.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, 2.0, 1]])
    y = rng.integers(0, 3, 114)
    X = centres[y] + rng.standard_normal((114, 4))
    return Data(X[:83], y[:83], X[83:], y[83:])


@pytest.fixture
def same():
    """Compare two histories bit for bit, their states included."""

    def compare(a, b):
        for name, one, two in zip(a._fields, a, b, strict=True):
            parts = (one, two) if name != "state" else (tuple(one), tuple(two))
            if name == "state":
                assert type(one) is type(two)
                assert [type(x) for x in one] == [type(x) for x in two]
                for slot, x, z in zip(one._fields, *parts, strict=True):
                    np.testing.assert_array_equal(x, z, err_msg=f"state.{slot}", strict=True)
            else:
                np.testing.assert_array_equal(one, two, err_msg=name, strict=True)

    return compare
