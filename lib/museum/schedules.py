"""Bugs in learning-rate schedules."""

from lib.museum.checker import Exhibit

__all__ = ["LATE", "SELF_SCALING", "USED_UP"]


def study(lr, milestones, factor, epochs):
    """The rates that a study plots, and those that its training uses, epoch by epoch."""

    def rate(epoch):
        return lr * factor ** sum(epoch >= milestone for milestone in milestones)

    return [rate(e) for e in range(epochs)], [rate(e) for e in range(epochs)]


def study_used_up(lr, milestones, factor, epochs):
    """The same, with one scheduler for both, which counts how often it was asked."""
    asked = 0

    def rate():
        nonlocal asked
        asked += 1
        return lr * factor ** sum(asked > milestone for milestone in milestones)

    return [rate() for _ in range(epochs)], [rate() for _ in range(epochs)]


def _study_listed(lr, milestones, factor, epochs):
    rates, now = [], lr
    for epoch in range(epochs):
        now *= factor ** milestones.count(epoch)
        rates.append(now)
    return rates, list(rates)


def _study_one_iterator(lr, milestones, factor, epochs):
    def rates():
        epoch, now = 0, lr
        while True:
            now *= factor ** milestones.count(epoch)
            epoch += 1
            yield now

    endless = rates()
    return [next(endless) for _ in range(epochs)], [next(endless) for _ in range(epochs)]


USED_UP = Exhibit(
    "a schedule used up by its own plot",
    "Dive into Deep Learning, chapter_optimization/lr-scheduler.md, lines 317 to 329 and 359 to 363",
    study,
    study_used_up,
    (_study_listed,),
    (_study_one_iterator,),
)


def rates_used(schedule, epochs, lr):
    """The rate each epoch is trained with; `lr` is what the optimiser was built with."""
    used = []
    for epoch in range(epochs):
        lr = schedule(epoch)
        used.append(lr)
    return used


def rates_late(schedule, epochs, lr):
    """The same, with the schedule asked after the epoch."""
    used = []
    for epoch in range(epochs):
        used.append(lr)
        lr = schedule(epoch)
    return used


LATE = Exhibit(
    "a schedule one epoch late",
    "Dive into Deep Learning, chapter_optimization/lr-scheduler.md, lines 124 to 131, PyTorch tab",
    rates_used,
    rates_late,
    (lambda schedule, epochs, lr: [schedule(epoch) for epoch in range(epochs)],),
    (lambda schedule, epochs, lr: [lr, *map(schedule, range(epochs - 1))],),
)


def factor_schedule(lr, factor, floor):
    """A schedule: `lr` times `factor` to the power t, never below `floor`."""
    return lambda t: max(floor, lr * factor**t)


def factor_schedule_stateful(lr, factor, floor):
    """A schedule that multiplies its own memory each time it is asked."""
    now = lr

    def schedule(t):
        nonlocal now
        now = max(floor, now * factor)
        return now

    return schedule


def _factor_loop(lr, factor, floor):
    def schedule(t):
        now = lr
        for _ in range(t):
            now = max(floor, now * factor)
        return now

    return schedule


def _factor_counting(lr, factor, floor):
    calls = []

    def schedule(t):
        calls.append(t)
        return max(floor, lr * factor ** len(calls))

    return schedule


SELF_SCALING = Exhibit(
    "a schedule that scales itself",
    "Dive into Deep Learning, chapter_optimization/lr-scheduler.md, lines 288 to 299 and 333 to 348",
    factor_schedule,
    factor_schedule_stateful,
    (_factor_loop,),
    (_factor_counting,),
)
