"""Distance and top speed against what a wearable device measured by itself: ten players, 285 s at 20 Hz."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from football.kinematics import Motion, measure_motion

FloatArray = NDArray[np.float64]

STILL = {1, 3}  # sensors that lie beside the pitch
FLICK = 12  # its device peak goes from 1 to 8.4 m/s in 0.8 s and back to 2.5 in 0.55 s, which is no sprint


@pytest.fixture(scope="module")
def reference(shared_data: Path) -> pl.DataFrame:
    return pl.read_csv(shared_data / "tracking" / "tromso_zxy_part1_reference.csv")


@pytest.fixture(scope="module")
def tracks(shared_data: Path) -> dict[int, tuple[FloatArray, FloatArray]]:
    rows = pl.read_csv(shared_data / "tracking" / "tromso_zxy_part1.csv.gz").with_columns(
        pl.col("t").str.to_datetime("%Y-%m-%d %H:%M:%S%.f")
    )
    rows = rows.with_columns(time_s=(pl.col("t") - pl.col("t").min()).dt.total_microseconds() / 1e6).sort("time_s")
    return {
        int(group["id"][0]): (group["time_s"].to_numpy(), group.select("x", "y").to_numpy())
        for group in rows.partition_by("id")
    }


def _errors(motions: dict[int, Motion], reference: pl.DataFrame) -> tuple[dict[int, float], dict[int, float]]:
    """Relative errors of distance and of top speed, by player."""
    distances, speeds = {}, {}
    for row in reference.iter_rows(named=True):
        motion = motions.get(row["id"])
        if motion is None:
            continue
        assert motion.distance_m is not None
        assert motion.top_speed_mps is not None
        distances[row["id"]] = motion.distance_m / row["sensor_distance_m"] - 1.0
        speeds[row["id"]] = motion.top_speed_mps / row["sensor_max_speed_mps"] - 1.0
    return distances, speeds


# every n-th sample, added jitter in metres, allowed relative error of each distance and of each top speed
CONDITIONS = [
    (1, 0.0, 0.01, 0.05),
    (2, 0.0, 0.01, 0.05),  # 10 Hz
    (1, 0.15, 0.01, 0.08),  # a maximum picks the luckiest window, so jitter tells more here
    (2, 0.15, 0.02, 0.08),
]


@pytest.mark.parametrize(("every", "sigma_m", "distance", "speed"), CONDITIONS)
def test_moving_players_agree_with_the_device(
    tracks: dict[int, tuple[FloatArray, FloatArray]],
    reference: pl.DataFrame,
    every: int,
    sigma_m: float,
    distance: float,
    speed: float,
) -> None:
    rng = np.random.default_rng(2013)
    motions = {
        player: measure_motion(
            times_s[::every], points_m[::every] + rng.normal(0.0, 1.0, points_m[::every].shape) * sigma_m
        )
        for player, (times_s, points_m) in tracks.items()
        if player not in STILL
    }

    distances, speeds = _errors(motions, reference)

    assert len(distances) == 10
    assert max(map(abs, distances.values())) < distance, distances
    del speeds[FLICK]
    assert max(map(abs, speeds.values())) < speed, speeds
    assert np.median(np.abs(list(speeds.values()))) < 0.03, speeds


def test_a_flick_of_the_device_is_no_top_speed(tracks: dict[int, tuple[FloatArray, FloatArray]]) -> None:
    motion = measure_motion(*tracks[FLICK])

    assert motion.top_speed_mps == pytest.approx(7.0, abs=0.1)  # the device's best elsewhere is 7.01 m/s


def test_the_error_bands_hold_the_device_figures(
    tracks: dict[int, tuple[FloatArray, FloatArray]], reference: pl.DataFrame
) -> None:
    rng = np.random.default_rng(2014)
    held = []
    for row in reference.filter(~pl.col("id").is_in(STILL)).iter_rows(named=True):
        times_s, points_m = tracks[row["id"]]
        motion = measure_motion(times_s, points_m + rng.normal(0.0, 0.15, points_m.shape))
        assert motion.distance_m is not None
        assert motion.distance_error_m is not None
        assert motion.top_speed_mps is not None
        assert motion.top_speed_error_mps is not None
        held.append(abs(motion.distance_m - row["sensor_distance_m"]) <= motion.distance_error_m)
        held.append(abs(motion.top_speed_mps - row["sensor_max_speed_mps"]) <= motion.top_speed_error_mps)
        assert motion.distance_error_m < 0.03 * motion.distance_m

    assert sum(held) >= 19  # of 20


@pytest.mark.parametrize("player", sorted(STILL))
def test_a_sensor_that_lies_still_covers_no_distance(
    tracks: dict[int, tuple[FloatArray, FloatArray]], player: int
) -> None:
    motion = measure_motion(*tracks[player])

    assert motion.distance_m == pytest.approx(0.0, abs=0.01)
    assert motion.rejected_samples == 0


def test_gaps_are_not_measured(tracks: dict[int, tuple[FloatArray, FloatArray]]) -> None:
    times_s, points_m = tracks[1]  # 154 s with five gaps, one of them of a minute

    motion = measure_motion(times_s, points_m)

    assert motion.seconds_measured < 30.0
