"""The progress bar: for somebody who is watching, and for nobody else."""

import sys

__all__ = ["bar", "watched"]


def watched():
    """Whether somebody is watching: stderr is a terminal, or a live notebook is running the cell.

    A notebook that is executed to be stored (nbclient, nbval, a book's build) is not live: whoever
    runs it says with each cell that nobody will answer a question, and that is what is asked here.

    >>> watched() in (True, False)
    True
    """
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython else None
    if kernel is not None:
        request = kernel.get_parent("shell") or {}
        return bool(request.get("content", {}).get("allow_stdin", False))
    return sys.stderr is not None and sys.stderr.isatty()


def bar(progress, total, done):
    """A tqdm bar of `total` steps, `done` of them taken, or None if none is to be shown.

    `progress`: True, False, or None for a bar if `watched()`; TypeError otherwise.

    >>> bar(False, 100, 0) is None
    True
    """
    if progress not in (None, True, False):
        raise TypeError(f"progress is {progress!r}; allowed are True, False and None")
    if not (watched() if progress is None else progress):
        return None
    from tqdm.auto import tqdm  # half a second that only a bar is worth

    return tqdm(total=total, initial=done, unit="step", dynamic_ncols=True)
