"""Frames per second of the latest seconds."""

import pytest

from app.services.pace import Pace


def paces(*samples: tuple[float, int]) -> list[float | None]:
    """What is said after each of (seconds, frames done)."""
    now = 0.0
    pace = Pace(clock=lambda: now)
    said = []
    for now, frames_done in samples:  # noqa: B007 - the clock reads it
        said.append(pace.after(frames_done))
    return said


def test_nothing_is_said_before_there_are_two_moments() -> None:
    assert paces((0, 0)) == [None]
    assert paces((5, 100), (5, 130)) == [None, None]


def test_a_steady_pace() -> None:
    assert paces((0, 0), (1, 25), (2, 50), (30, 750)) == [None, 25, 25, 25]


def test_a_slow_start_is_forgotten() -> None:
    samples = [(float(second), 0 if second < 60 else 10 * (second - 60)) for second in range(90)]
    assert paces(*samples)[-1] == pytest.approx(10)


def test_an_engine_that_counts_backwards_has_no_pace() -> None:
    assert paces((0, 100), (1, 50)) == [None, None]
