import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from football.kinematics import Motion, measure_motion

FloatArray = NDArray[np.float64]
RATE = 25


def _steady_run(seconds: float, velocity_mps: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
    times_s = np.arange(round(seconds * RATE) + 1) / RATE
    return times_s, np.array([20.0, 30.0]) + times_s[:, None] * np.array(velocity_mps)


def _jitter(count: int, sigma_m: float, *, neighbours: float = 0.0, seed: int = 0) -> FloatArray:
    """Autoregressive noise (count, 2) with standard deviation ``sigma_m``."""
    noise = np.random.default_rng(seed).normal(0.0, sigma_m, (count, 2))
    for k in range(1, count):
        noise[k] = neighbours * noise[k - 1] + math.sqrt(1.0 - neighbours**2) * noise[k]
    return noise


def _winding_run(seconds: float, seed: int) -> tuple[FloatArray, FloatArray]:
    times_s = np.arange(round(seconds * RATE)) / RATE
    angles = np.cumsum(np.random.default_rng(seed).normal(0.0, 0.1, len(times_s)))
    return times_s, np.cumsum(4.0 / RATE * np.column_stack([np.cos(angles), np.sin(angles)]), axis=0)


def _distance(motion: Motion) -> float:
    assert motion.distance_m is not None
    return motion.distance_m


def _top_speed(motion: Motion) -> float:
    assert motion.top_speed_mps is not None
    return motion.top_speed_mps


@given(
    speed=st.floats(0.5, 11.5), direction=st.floats(0.0, 2.0 * math.pi), seconds=st.floats(2.0, 20.0)
)  # fmt: skip
@settings(max_examples=50)
def test_a_straight_run_at_a_steady_speed_has_that_speed(speed: float, direction: float, seconds: float) -> None:
    times_s, points_m = _steady_run(seconds, (speed * math.cos(direction), speed * math.sin(direction)))

    motion = measure_motion(times_s, points_m)

    assert _top_speed(motion) == pytest.approx(speed, rel=1e-6)
    assert motion.mean_speed_mps == pytest.approx(speed, rel=1e-6)
    assert _distance(motion) == pytest.approx(speed * times_s[-1], rel=1e-6)
    assert motion.seconds_measured == pytest.approx(times_s[-1])
    assert motion.rejected_samples == 0


@given(
    seed=st.integers(0, 2**32 - 1),
    step_m=st.floats(0.0, 3.0),
    faults=st.integers(0, 20),
)
@settings(max_examples=60)
def test_nobody_runs_faster_than_12_metres_per_second(seed: int, step_m: float, faults: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 300))
    times_s = np.cumsum(rng.uniform(0.001, 0.2, count))
    points_m = np.cumsum(rng.normal(0.0, step_m, (count, 2)), axis=0)
    points_m[rng.integers(0, count, faults)] += 50.0

    motion = measure_motion(times_s, points_m)

    assert motion.top_speed_mps is None or 0.0 <= motion.top_speed_mps <= 12.0
    assert motion.mean_speed_mps is None or 0.0 <= motion.mean_speed_mps <= 12.0
    assert motion.rejected_samples >= 0


@given(
    seed=st.integers(0, 1000), angle=st.floats(0.0, 2.0 * math.pi), x=st.floats(-100.0, 100.0), y=st.floats(-50.0, 50.0)
)
@settings(max_examples=30)
def test_distance_does_not_depend_on_where_the_pitch_lies(seed: int, angle: float, x: float, y: float) -> None:
    times_s, points_m = _winding_run(10.0, seed)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])

    here, there = measure_motion(times_s, points_m), measure_motion(times_s, points_m @ turn.T + [x, y])

    # The size of the jitter is estimated from each axis, so a rotation changes it a little.
    assert _distance(there) == pytest.approx(_distance(here), rel=2e-3)


@given(seed=st.integers(0, 1000), x=st.floats(-100.0, 100.0))
@settings(max_examples=20)
def test_distance_does_not_depend_on_the_origin(seed: int, x: float) -> None:
    times_s, points_m = _winding_run(10.0, seed)

    here, there = measure_motion(times_s, points_m), measure_motion(times_s + 500.0, points_m + np.array([x, -x]))

    assert _distance(there) == pytest.approx(_distance(here), rel=1e-6)


# sigma of the jitter in metres, correlation of neighbours, most metres that a minute of standing may count.
# Raw steps add up to 260 m, 530 m, 800 m and 240 m.
STANDING = [
    (0.1, 0.0, 1.2),
    (0.2, 0.0, 2.5),
    (0.3, 0.0, 4.0),
    (0.2, 0.8, 10.0),  # a tracker that smooths: the jitter looks like slow steps
]


@pytest.mark.parametrize(("sigma_m", "neighbours", "most_m"), STANDING)
def test_a_standing_person_does_not_run(sigma_m: float, neighbours: float, most_m: float) -> None:
    times_s, points_m = _steady_run(60.0, (0.0, 0.0))

    for seed in range(5):
        motion = measure_motion(times_s, points_m + _jitter(len(times_s), sigma_m, neighbours=neighbours, seed=seed))

        assert _distance(motion) < most_m
        assert _top_speed(motion) < 2.0


# A walk of 84 m in a minute with jitter: the band holds the truth, and is worth having.
@pytest.mark.parametrize(("sigma_m", "neighbours"), [(0.1, 0.0), (0.2, 0.0), (0.3, 0.0), (0.1, 0.5), (0.1, 0.8)])
def test_the_error_band_of_a_jittery_walk_holds_the_truth(sigma_m: float, neighbours: float) -> None:
    times_s, points_m = _steady_run(60.0, (1.4, 0.0))
    motions = [
        measure_motion(times_s, points_m + _jitter(len(times_s), sigma_m, neighbours=neighbours, seed=seed))
        for seed in range(10)
    ]

    errors = [abs(_distance(motion) - 84.0) <= (motion.distance_error_m or 0.0) for motion in motions]
    assert sum(errors) >= 9
    assert all((motion.distance_error_m or math.inf) < 0.06 * 84.0 for motion in motions)


def test_no_band_is_zero_while_the_figure_is_not() -> None:
    times_s, points_m = _steady_run(10.0, (5.0, 0.0))

    motion = measure_motion(times_s, points_m)

    assert motion.distance_error_m == pytest.approx(0.5, rel=0.01)
    assert motion.top_speed_error_mps == pytest.approx(0.15, rel=0.01)


def test_a_gap_adds_neither_distance_nor_time() -> None:
    times_s, points_m = _steady_run(30.0, (5.0, 0.0))
    seen = (times_s <= 10.0) | (times_s >= 20.0)

    motion = measure_motion(times_s[seen], points_m[seen])

    assert _distance(motion) == pytest.approx(100.0, rel=1e-3)
    assert motion.seconds_measured == pytest.approx(20.0)


def test_another_person_under_the_same_track_is_no_run_between_them() -> None:
    times_s, points_m = _steady_run(20.0, (2.0, 0.0))
    points_m[250:] += [0.0, 25.0]

    motion = measure_motion(times_s, points_m)

    assert _distance(motion) == pytest.approx(40.0, rel=0.01)
    assert _top_speed(motion) == pytest.approx(2.0, rel=1e-3)


def test_a_mistaken_sample_is_counted_and_leaves_the_speed_alone() -> None:
    times_s, points_m = _steady_run(20.0, (6.0, 0.0))
    points_m[[100, 250, 251]] += [0.0, 18.0]

    motion = measure_motion(times_s, points_m)

    assert motion.rejected_samples == 3
    assert _top_speed(motion) == pytest.approx(6.0, rel=1e-3)
    assert _distance(motion) == pytest.approx(120.0, rel=1e-3)


def test_a_track_that_slides_to_another_person_is_no_sprint() -> None:
    # A walk; within 0.4 s the box moves to somebody 3.5 m away, which is 9 m/s.
    times_s, points_m = _steady_run(20.0, (1.5, 0.0))
    points_m[:, 1] += 3.5 * np.clip((times_s - 10.0) / 0.4, 0.0, 1.0)

    motion = measure_motion(times_s, points_m)

    assert motion.rejected_samples == 0
    assert _top_speed(motion) == pytest.approx(1.5, abs=0.01)
    assert _distance(motion) == pytest.approx(30.0 + 3.5, rel=0.03)


def test_a_silence_bridged_by_a_straight_line_is_no_sprint() -> None:
    # After 0.8 s without a sight the track goes on 8 m further, which a human could have run.
    times_s, points_m = _steady_run(20.0, (1.5, 0.0))
    points_m[times_s > 10.0] += [0.0, 8.0]
    seen = (times_s <= 10.0) | (times_s >= 10.8)

    motion = measure_motion(times_s[seen], points_m[seen])

    assert _top_speed(motion) == pytest.approx(1.5, abs=0.01)


def test_a_hard_start_is_a_sprint() -> None:
    # 0 to 7 m/s with 6 m/s2, as much as players show, and on at 7 m/s.
    times_s = np.arange(6 * RATE) / RATE
    x = np.where(times_s < 7.0 / 6.0, 3.0 * times_s**2, 7.0 * times_s - 49.0 / 12.0)

    motion = measure_motion(times_s, np.column_stack([x, np.zeros_like(x)]))

    assert _top_speed(motion) == pytest.approx(7.0, rel=0.02)


def test_a_vehicle_is_not_a_player() -> None:
    times_s, points_m = _steady_run(4.0, (12.5, 0.0))

    motion = measure_motion(times_s, points_m)

    assert motion.rejected_samples == len(times_s)
    assert motion.distance_m is None
    assert motion.top_speed_mps is None


def test_uneven_frame_intervals_do_not_change_the_speed() -> None:
    rng = np.random.default_rng(7)
    times_s = np.cumsum(rng.choice([1 / 60, 1 / 30, 1 / 15], 600))
    points_m = times_s[:, None] * [3.0, 4.0]

    motion = measure_motion(times_s, points_m)

    assert _top_speed(motion) == pytest.approx(5.0, rel=1e-6)
    assert motion.mean_speed_mps == pytest.approx(5.0, rel=1e-6)


def test_a_sprint_keeps_its_peak() -> None:
    # From rest to 8 m/s and back along a sine, 6 s: the device-like shape of a football sprint.
    times_s = np.arange(6 * RATE + 1) / RATE
    x = 4.0 * (times_s - 6.0 / (2.0 * math.pi) * np.sin(2.0 * math.pi * times_s / 6.0))

    motion = measure_motion(times_s, np.column_stack([x, np.zeros_like(x)]))

    assert _top_speed(motion) == pytest.approx(8.0, rel=0.01)
    # The first and last 0.75 s, in which the speed leaves zero, are extrapolated by a parabola.
    assert _distance(motion) == pytest.approx(24.0, rel=0.02)


SHORT = [
    ([], "no sample"),
    ([1.0], "one sample"),
    ([1.0, 1.04], "two samples"),
    (list(np.arange(8) / RATE), "under half a second"),
    ([0.0, 2.0, 4.0, 6.0], "only glimpses"),
]


@pytest.mark.parametrize(("times_s", "why"), SHORT)
def test_what_cannot_be_measured_is_none_and_not_zero(times_s: list[float], why: str) -> None:
    motion = measure_motion(np.array(times_s), np.full((len(times_s), 2), 30.0))

    assert motion == Motion(None, None, None, None, None, 0.0, 0), why


def test_a_track_shorter_than_the_filter_has_a_distance_but_no_top_speed() -> None:
    times_s, points_m = _steady_run(1.0, (5.0, 0.0))

    motion = measure_motion(times_s, points_m + _jitter(len(times_s), 0.1))

    assert _distance(motion) == pytest.approx(5.0, abs=0.3)
    assert motion.top_speed_mps is None
    assert motion.top_speed_error_mps is None
