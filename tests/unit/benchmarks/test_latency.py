"""Quantiles by nearest rank: always an answer that there was, never better than it was."""

import pytest

from benchmarks.latency import in_ms, quantile

HUNDRED = [number / 100 for number in range(100, 0, -1)]


@pytest.mark.parametrize(
    ("seconds", "share", "expected"),
    [
        ([3.0], 0.5, 3.0),
        ([1.0, 2.0], 0.5, 1.0),
        ([1.0, 2.0, 3.0], 0.5, 2.0),
        (HUNDRED, 0.99, 0.99),
        (HUNDRED, 1, 1.0),
        ([*HUNDRED, 9.0], 0.99, 1.0),
    ],
)
def test_at_least_that_share_is_no_slower(seconds: list[float], share: float, expected: float) -> None:
    assert quantile(seconds, share) == expected


def test_short_times_are_told_to_a_tenth_of_a_millisecond() -> None:
    assert (in_ms(0.0034), in_ms(0.034)) == ("3.4 ms", "34 ms")
