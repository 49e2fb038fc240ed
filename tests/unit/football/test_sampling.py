import numpy as np
import pytest

from football.sampling import sample_durations_s

DURATIONS = [
    ([], []),
    ([3.0], [0.0]),  # one sample has no interval
    ([0.0, 0.5, 1.0], [0.5, 0.5, 0.5]),  # N samples are N intervals
    ([0.0, 0.5, 1.0, 9.0, 9.5], [0.5, 0.5, 0.5, 0.5, 0.5]),  # the sample before a gap lasts as long as others
    ([0.0, 0.2, 1.1, 1.3, 1.5], [0.2, 0.9, 0.2, 0.2, 0.2]),  # a short silence is bridged
    ([0.0, 5.0, 10.0], [0.0, 0.0, 0.0]),  # glimpses are not presence
]


@pytest.mark.parametrize(("times_s", "expected"), DURATIONS)
def test_a_sample_lasts_until_the_next_one_but_not_over_a_gap(times_s: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(sample_durations_s(np.array(times_s)), expected)
