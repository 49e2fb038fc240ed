"""Counts in memory."""

import asyncio
import threading
import time

import pytest
from limits import parse

from app.services.limit_windows import SlidingWindows, Window

LONG_ENOUGH_S = 0.1  # for the library to forget ten times, if it is let


def test_a_thread_that_forgets_is_not_started_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[threading.Timer] = []
    start = threading.Timer.start

    def noted(timer: threading.Timer) -> None:
        started.append(timer)
        start(timer)

    monkeypatch.setattr(threading.Timer, "start", noted)
    windows, end = SlidingWindows(), time.monotonic() + LONG_ENOUGH_S
    while time.monotonic() < end:
        asyncio.run(windows.hit([Window(parse("1000000 per minute"), ("address", "192.0.2.1"))]))
    assert len(started) == 1
    assert started[0].daemon, "a process would wait for it"
    started[0].cancel()
