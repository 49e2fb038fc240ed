"""Readings of a running installation at several moments, and whether they grow."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import fmean, linear_regression

from benchmarks.processes import Usage, usage_of


@dataclass(frozen=True, slots=True)
class Reading:
    """``at_s``: seconds since the first one."""

    at_s: float
    usage: Usage


@contextmanager
def taking_readings(pids: Callable[[], Sequence[int]], *, every_s: float) -> Iterator[list[Reading]]:
    """Read again and again beside the block, and once more at its end."""
    readings: list[Reading] = []
    over, began = threading.Event(), time.monotonic()

    def read() -> None:
        while True:
            is_last = over.is_set()
            readings.append(Reading(time.monotonic() - began, usage_of(pids())))
            if is_last:
                return
            over.wait(every_s)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield readings
    finally:
        over.set()
        thread.join()


def growth_mb_per_minute(readings: Sequence[Reading]) -> float:
    """Slope of the straight line through the memory of the readings (least squares)."""
    slope, _ = linear_regression([reading.at_s for reading in readings], [r.usage.memory_mb for r in readings])
    return slope * 60


def mean_mb(readings: Sequence[Reading]) -> float:
    return fmean(reading.usage.memory_mb for reading in readings)
