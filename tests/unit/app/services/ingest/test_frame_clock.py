import numpy as np
import pytest

from app.services.ingest.frame_clock import ConstantRate, PresentationTimes


def test_the_first_frame_is_shown_at_zero() -> None:
    np.testing.assert_allclose(ConstantRate(25.0).times_s(np.array([1, 2, 26])), [0.0, 0.04, 1.0])


def test_presentation_times_follow_the_video_and_not_an_average_rate() -> None:
    clock = PresentationTimes(np.array([0.0, 0.1, 0.15, 0.25]))

    np.testing.assert_allclose(clock.times_s(np.array([3, 1, 4])), [0.15, 0.0, 0.25])


def test_frames_that_the_probe_did_not_see_follow_at_the_median_interval() -> None:
    clock = PresentationTimes(np.array([0.0, 0.1, 0.2, 0.5]))

    np.testing.assert_allclose(clock.times_s(np.array([4, 5, 7])), [0.5, 0.6, 0.8])


def test_a_time_that_was_written_twice_is_taken_as_it_is() -> None:
    clock = PresentationTimes(np.array([0.0, 0.1, 0.1, 0.1, 0.2]))

    np.testing.assert_allclose(clock.times_s(np.array([2, 3, 6])), [0.1, 0.1, 0.3])


@pytest.mark.parametrize("fps", [0.0, -25.0, float("nan"), float("inf")])
def test_a_rate_that_is_no_rate_is_refused(fps: float) -> None:
    with pytest.raises(ValueError, match="positive number"):
        ConstantRate(fps)


@pytest.mark.parametrize("stamps_s", [[], [0.0], [0.1, 0.1], [0.0, 0.2, 0.1]])
def test_times_that_go_back_or_stand_still_are_refused(stamps_s: list[float]) -> None:
    with pytest.raises(ValueError, match="do not decrease"):
        PresentationTimes(np.array(stamps_s))
