"""Contenders timed side by side: each in a process of its own, in short turns, medians compared.

Processes keep thread pools and memory apart, and stand still while it is another's turn. Turns of some
milliseconds let a disturbance of the machine hit everybody alike.
"""

import multiprocessing
import os
import signal
import statistics
import sys
import time
from contextlib import contextmanager

__all__ = ["medians", "processes", "table"]

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Contender:
    """A process that makes functions and times them, in which libraries use so many threads."""

    def __init__(self, threads):
        context = multiprocessing.get_context("spawn")
        self.end, other = context.Pipe()
        os.environ.update(dict.fromkeys(THREADS, str(threads)))
        self.process = context.Process(target=_serve, args=(other,), daemon=True)
        self.process.start()
        other.close()

    def ask(self, *message):
        """Wake the process, hear its answer, put it to sleep: idle threads would go on spinning."""
        os.kill(self.process.pid, signal.SIGCONT)
        self.end.send(message)
        answer = self.end.recv()
        os.kill(self.process.pid, signal.SIGSTOP)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self):
        """End the process."""
        self.end.close()
        os.kill(self.process.pid, signal.SIGCONT)
        self.process.join(5)


@contextmanager
def processes(names, threads):
    """A `Contender` for each name."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of `finally`
    found = {name: Contender(threads) for name in names}
    try:
        yield found
    finally:
        for contender in found.values():
            contender.close()


def medians(contenders, jobs, seconds=0.02, repeats=15):
    """Median seconds of one call, for each job: label to (contender, maker, arguments).

    `maker(*arguments)`, called in its process, returns the function to time. Each turn calls it for
    about `seconds`, after a first part that is not counted; the jobs take turns `repeats` times.
    """
    for label, (name, maker, arguments) in jobs.items():
        contenders[name].ask("make", label, maker, arguments, seconds)
    times = {label: [] for label in jobs}
    for _ in range(repeats):
        for label, (name, *_) in jobs.items():
            times[label].append(contenders[name].ask("time", label))
    for label, (name, *_) in jobs.items():
        contenders[name].ask("drop", label)
    return {label: statistics.median(all_) for label, all_ in times.items()}


def _serve(end):
    """What a process does: make functions, time them, forget them."""
    made = {}
    while True:
        try:
            what, label, *more = end.recv()
        except EOFError:
            return
        try:
            answer = None
            if what == "make":
                maker, arguments, seconds = more
                function = maker(*arguments)
                function()
                once = _clock(function, 1)
                if once < seconds:
                    once = min(_clock(function, 1) for _ in range(3))
                made[label] = function, max(1, round(seconds / once))
            elif what == "time":
                function, calls = made[label]
                if calls > 3:
                    _clock(function, calls // 4)  # caches, thread pools and clocks wake up
                answer = _clock(function, calls)
            else:
                del made[label]
        except Exception as error:
            answer = error
        end.send(answer)


def _clock(function, calls):
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def table(*rows):
    """Print rows as a Markdown table, the first one as its head."""
    rows = [[str(cell) for cell in row] for row in rows]
    rows.insert(1, ["---"] + ["---:"] * (len(rows[0]) - 1))
    print(*(f"| {' | '.join(row)} |" for row in rows), "", sep="\n", flush=True)
