"""What the C++ engine really wrote for a drawn match: 8 people, 150 frames at 25 per second, two collisions."""

from pathlib import Path

import polars as pl
import pytest

from app.services.ingest.engine_csv import read_ball, read_players
from app.services.ingest.frame_clock import ConstantRate
from app.services.ingest.match_statistics import MatchSummary, summarise
from app.services.ingest.samples import PlayerSamples, Rejected
from football.pitch import STANDARD_PITCH

CLOCK = ConstantRate(25.0)


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "engine_csv" / "cpp_engine_150_frames"


@pytest.fixture
def players(folder: Path) -> PlayerSamples:
    return read_players(folder / "player_metrics.csv", clock=CLOCK, calibrated=True, expected_rows=1181)


@pytest.fixture
def summary(folder: Path, players: PlayerSamples) -> MatchSummary:
    ball = read_ball(folder / "ball_metrics.csv", clock=CLOCK, calibrated=True)
    return summarise(players, ball, pitch=STANDARD_PITCH, duration_s=6.0)


def test_eight_people_are_ten_tracks_in_150_frames(players: PlayerSamples) -> None:
    assert players.frame["track"].unique().sort().to_list() == list(range(10))
    assert players.frame["frame"].n_unique() == 150
    assert players.frame["time_s"].max() == pytest.approx(149 / 25)
    assert players.frame["team"].null_count() == 1181
    assert players.rejected == Rejected(0, 0)


def test_positions_are_metres(players: PlayerSamples) -> None:
    first = players.frame.row(0, named=True)

    assert (first["frame"], first["track"], first["x_m"], first["y_m"]) == (1, 0, 85.476562, 49.866665)
    assert (first["x_px"], first["confidence"]) == (None, None)


def test_the_two_tracks_that_live_for_under_a_second_are_noise(summary: MatchSummary) -> None:
    assert [track.track_number for track in summary.tracks] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert summary.quality.tracks_too_short == 2
    assert summary.quality.samples_of_short_tracks == 46
    assert summary.quality.coverage == pytest.approx(1.0)
    assert summary.frames_with_people == 150


def test_raw_steps_of_over_12_metres_per_second_do_not_reach_the_figures(
    players: PlayerSamples, summary: MatchSummary
) -> None:
    step = (pl.col("x_m").diff().over("track") ** 2 + pl.col("y_m").diff().over("track") ** 2).sqrt()
    assert players.frame.select((step * 25.0).max()).item() > 100.0

    speeds = [track.motion.top_speed_mps for track in summary.tracks if track.motion]
    # The people of the drawing walk and run at 2 to 7 m/s.
    assert [round(speed or 0.0, 1) for speed in speeds] == pytest.approx(
        [5.8, 3.5, 6.7, 6.2, 6.2, 2.3, 4.5, 4.3], abs=0.2
    )


def test_distances_are_shorter_than_the_engine_s_own_sums_of_jitter(folder: Path, summary: MatchSummary) -> None:
    theirs = pl.read_csv(folder / "player_metrics.csv").group_by("player_id").agg(pl.col("total_distance_meters").max())
    by_track = dict(theirs.rows())

    for track in summary.tracks[:4]:
        assert track.motion is not None
        assert track.motion.distance_m is not None
        assert 0.75 * by_track[track.track_number] < track.motion.distance_m < by_track[track.track_number]


def test_the_ball_was_seen_all_the_time(summary: MatchSummary) -> None:
    assert (summary.ball.samples, summary.ball.samples_on_pitch) == (150, 150)
    assert summary.ball.seconds_seen == pytest.approx(6.0)
    assert summary.ball.coverage == pytest.approx(1.0)
