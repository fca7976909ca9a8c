"""Memory that stays with the process, because fetching it anew costs more than the arithmetic."""

import numpy as np

__all__ = ["keep_memory"]


def keep_memory():
    """Have the C library keep the memory of long arrays that are given back.

    On Linux it hands every array above a limit back to the system at once, and the next one comes in
    fresh pages, each of which has to be cleared: a gradient of 40 000 numbers then takes twice its time.
    The limit rises, for good, to the size of the largest array seen freed, 32 MB at most. The one made
    here is never touched, so it costs nothing; where memory is managed otherwise, nothing happens.

    >>> keep_memory()
    """
    np.empty(2**25 - 2**16, np.uint8)
