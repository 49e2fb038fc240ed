import numpy as np
import polars as pl
import pytest

from app.services.ingest.match_statistics import MatchSummary, TrackSummary, summarise
from app.services.ingest.samples import BALL_SCHEMA, PLAYER_SCHEMA, BallSamples, PlayerSamples, Rejected
from football.pitch import STANDARD_PITCH

RATE = 25


def _track(
    number: int,
    seconds: float,
    *,
    start_s: float = 0.0,
    start_m: tuple[float, float] = (20.0, 30.0),
    velocity_mps: tuple[float, float] = (0.0, 0.0),
    teams: tuple[str | None, ...] = (None,),
) -> pl.DataFrame:
    count = round(seconds * RATE)
    times_s = start_s + np.arange(count) / RATE
    points_m = np.array(start_m) + (times_s - start_s)[:, None] * np.array(velocity_mps)
    return pl.DataFrame(
        {
            "frame": np.arange(count) + round(start_s * RATE) + 1,
            "time_s": times_s,
            "track": np.full(count, number),
            "team": [teams[k % len(teams)] for k in range(count)],
            "x_px": points_m[:, 0] * 10.0,
            "y_px": points_m[:, 1] * 10.0,
            "x_m": points_m[:, 0],
            "y_m": points_m[:, 1],
            "confidence": np.full(count, 0.9),
            **dict.fromkeys(("speed_mps", "class", "registration_error_px"), [None] * count),
        },
        schema=PLAYER_SCHEMA,
    )


def _players(*tracks: pl.DataFrame, rejected: Rejected | None = None) -> PlayerSamples:
    return PlayerSamples(pl.concat(tracks).sort("track", "frame"), True, rejected or Rejected())


NO_BALL = BallSamples(pl.DataFrame(schema=BALL_SCHEMA), True, Rejected())


def _summarise(*tracks: pl.DataFrame, duration_s: float = 20.0) -> MatchSummary:
    return summarise(_players(*tracks), NO_BALL, pitch=STANDARD_PITCH, duration_s=duration_s)


def _only(summary: MatchSummary) -> TrackSummary:
    (track,) = summary.tracks
    return track


def test_a_track_is_summed_up_with_its_time_place_and_motion() -> None:
    track = _only(_summarise(_track(4, 10.0, start_s=2.0, velocity_mps=(3.0, 0.0))))

    assert (track.track_number, track.team, track.frames_seen) == (4, None, 250)
    assert (track.first_seen_s, track.last_seen_s) == (2.0, pytest.approx(11.96))
    assert track.seconds_seen == pytest.approx(10.0)
    assert track.mean_position_m == pytest.approx((20.0 + 3.0 * 9.96 / 2.0, 30.0))
    assert track.motion is not None
    assert track.motion.distance_m == pytest.approx(3.0 * 9.96, rel=1e-3)
    assert track.motion.top_speed_mps == pytest.approx(3.0, rel=1e-3)
    assert track.heatmap is not None
    assert track.heatmap.seconds.sum() == pytest.approx(10.0)


TEAMS = [
    ((None,), None),
    (("A",), "A"),
    ((None, None, None, "B"), "B"),  # undecided rows have no vote
    (("A", "B", "B"), "B"),
    (("B", "A"), "A"),  # a draw is decided the same way every time
    (("other", "other", "A"), "other"),
]


@pytest.mark.parametrize(("teams", "expected"), TEAMS)
def test_the_team_of_a_track_is_what_most_of_its_decided_rows_say(
    teams: tuple[str | None, ...], expected: str | None
) -> None:
    assert _only(_summarise(_track(0, 4.8, teams=teams))).team == expected


def test_tracks_seen_for_under_a_second_are_counted_and_not_summarised() -> None:
    summary = _summarise(_track(1, 5.0), _track(2, 0.96), _track(3, 0.04), _track(9, 1.0))

    assert [track.track_number for track in summary.tracks] == [1, 9]
    assert summary.quality.tracks_too_short == 2
    assert summary.quality.samples_of_short_tracks == 25
    assert summary.quality.player_samples == 125 + 24 + 1 + 25


def test_a_gap_in_a_track_is_time_not_seen() -> None:
    track = _only(_summarise(_track(1, 5.0), _track(1, 5.0, start_s=15.0)))

    assert track.seconds_seen == pytest.approx(10.0)
    assert track.last_seen_s - track.first_seen_s == pytest.approx(19.96)


def test_coverage_is_the_share_of_time_with_anybody_in_view() -> None:
    # Seconds 0-5 by two people, 5-7 by one, nothing from 7 to 20.
    summary = _summarise(_track(1, 5.0), _track(2, 7.0))

    assert summary.quality.coverage == pytest.approx(7.0 / 20.0)
    assert summary.frames_with_people == 175


@pytest.mark.parametrize(("duration_s", "coverage"), [(2.0, 1.0), (0.0, 0.0)])
def test_coverage_is_a_share_whatever_the_container_claims(duration_s: float, coverage: float) -> None:
    assert _summarise(_track(1, 5.0), duration_s=duration_s).quality.coverage == coverage


def test_without_a_calibration_no_figure_is_in_metres() -> None:
    metres = [pl.lit(None, dtype=pl.Float64).alias(name) for name in ("x_m", "y_m")]
    players = PlayerSamples(_track(1, 5.0).with_columns(metres), False, Rejected())

    summary = summarise(players, NO_BALL, pitch=STANDARD_PITCH, duration_s=5.0)

    track = _only(summary)
    assert (track.motion, track.mean_position_m, track.heatmap) == (None, None, None)
    assert track.seconds_seen == pytest.approx(5.0)
    assert summary.quality.calibrated is False


def test_a_track_that_was_never_on_the_pitch_has_no_place() -> None:
    metres = [pl.lit(None, dtype=pl.Float64).alias(name) for name in ("x_m", "y_m")]

    track = _only(_summarise(_track(1, 5.0).with_columns(metres)))

    assert (track.mean_position_m, track.heatmap) == (None, None)
    assert track.motion is not None
    assert track.motion.distance_m is None


def test_rejected_samples_are_reported_by_reason() -> None:
    jump = pl.when(pl.col("frame").is_in([50, 51])).then(pl.col("x_m") + 40.0).otherwise(pl.col("x_m")).alias("x_m")
    players = _players(_track(1, 5.0).with_columns(jump), _track(2, 5.0), rejected=Rejected(3, 4))

    quality = summarise(players, NO_BALL, pitch=STANDARD_PITCH, duration_s=5.0).quality

    assert quality.rejected_players == Rejected(not_finite=3, off_pitch=4)
    assert quality.rejected_movements == 2


def test_the_ball_counts_its_samples_and_its_time_without_the_gaps() -> None:
    seen = _ball(_track(0, 2.0), _track(0, 1.0, start_s=10.0))
    off_pitch = pl.when(pl.col("frame") > 1).then(pl.col("x_m", "y_m"))
    ball = BallSamples(seen.with_columns(off_pitch), True, Rejected(off_pitch=1))

    summary = summarise(_players(_track(1, 5.0)), ball, pitch=STANDARD_PITCH, duration_s=30.0)

    assert (summary.ball.samples, summary.ball.samples_on_pitch) == (75, 74)
    assert summary.ball.seconds_seen == pytest.approx(3.0)
    assert summary.ball.coverage == pytest.approx(0.1)
    assert summary.quality.rejected_ball == Rejected(off_pitch=1)


def _ball(*stretches: pl.DataFrame, interpolated: bool = False) -> pl.DataFrame:
    return pl.concat(stretches).with_columns(interpolated=pl.lit(value=interpolated)).select(list(BALL_SCHEMA))


def test_bridged_places_of_the_ball_have_a_share_and_are_no_time_in_which_it_was_seen() -> None:
    seen, bridged = _ball(_track(0, 3.0)), _ball(_track(0, 1.0, start_s=10.0), interpolated=True)
    ball = BallSamples(pl.concat([seen, bridged]), True, Rejected())

    summary = summarise(_players(_track(1, 5.0)), ball, pitch=STANDARD_PITCH, duration_s=30.0)

    assert summary.quality.ball_interpolated_share == 0.25
    assert (summary.ball.samples, summary.ball.samples_on_pitch) == (100, 100)
    assert summary.ball.seconds_seen == pytest.approx(3.0)
    assert summary.ball.coverage == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("confidences", "expected"),
    [
        ([0.9, 0.5], 0.7),
        ([0.9, None], 0.9),  # frames of which the engine does not say it do not count
        ([None, None], None),
        ([87.0, 95.0], None),  # percent, or whatever it is
    ],
)
def test_the_confidence_of_a_track_is_the_mean_of_what_the_engine_says(
    confidences: list[float | None], expected: float | None
) -> None:
    cells = pl.Series("confidence", confidences * 25, dtype=pl.Float64)

    track = _only(_summarise(_track(1, 2.0).with_columns(cells)))

    assert track.confidence == (None if expected is None else pytest.approx(expected))


def test_no_ball_is_no_seconds() -> None:
    summary = _summarise(_track(1, 5.0))
    ball = summary.ball

    assert (ball.samples, ball.samples_on_pitch, ball.seconds_seen, ball.coverage) == (0, 0, 0.0, 0.0)
    assert summary.quality.ball_interpolated_share is None
