"""From positions to the figures of a match: what each track did, what the ball did, and how good the evidence is."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.services.ingest.samples import BallSamples, PlayerSamples, Rejected
from football.heatmap import Heatmap, make_heatmap
from football.kinematics import Motion, measure_motion
from football.pitch import Pitch
from football.sampling import sample_durations_s

FloatArray = NDArray[np.float64]

MIN_TRACK_S = 1.0
"""Tracks seen for less are noise: they are counted in the quality block and not summarised. Raising this hides people
whom the tracker keeps losing; lowering it fills the list with flickers."""


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """One track. ``seconds_seen`` leaves out gaps; metre figures are None without a calibration, never pixels."""

    track_number: int
    team: str | None  # what most of its rows with a team say
    first_seen_s: float
    last_seen_s: float
    seconds_seen: float
    frames_seen: int
    confidence: float | None  # 0 to 1, mean over the frames that have one
    mean_position_m: tuple[float, float] | None
    motion: Motion | None
    heatmap: Heatmap | None


@dataclass(frozen=True, slots=True)
class BallSummary:
    """``samples`` are all positions; time counts where the ball was seen itself, not where a gap was bridged."""

    samples: int
    samples_on_pitch: int  # samples with usable metres; 0 without a calibration
    seconds_seen: float
    coverage: float  # share of the match's duration, 0 to 1


@dataclass(frozen=True, slots=True)
class Quality:
    """How far the figures can be trusted."""

    calibrated: bool
    coverage: float  # share of the match's duration in which at least one person was seen, 0 to 1
    player_samples: int
    rejected_players: Rejected
    rejected_ball: Rejected
    rejected_movements: int  # samples that no human could have run to
    tracks_too_short: int  # tracks under MIN_TRACK_S, not summarised
    samples_of_short_tracks: int
    ball_interpolated_share: float | None  # of the ball's positions, 0 to 1; None: there are none


@dataclass(frozen=True, slots=True)
class MatchSummary:
    tracks: tuple[TrackSummary, ...]  # ascending by track number
    frames_with_people: int
    ball: BallSummary
    quality: Quality


def summarise(
    players: PlayerSamples, ball: BallSamples, *, pitch: Pitch, duration_s: float, min_track_s: float = MIN_TRACK_S
) -> MatchSummary:
    """Figures of all tracks that were seen for ``min_track_s`` or more; ``duration_s`` is the length of the video."""
    teams = _majority_teams(players.frame)
    tracks: list[TrackSummary] = []
    short: list[int] = []
    for samples in _by_track(players.frame):
        if samples.seconds_seen < min_track_s:
            short.append(len(samples.times_s))
            continue
        tracks.append(_summarise_track(samples, teams.get(samples.number), pitch, calibrated=players.calibrated))
    people = players.frame.select(pl.struct("frame", "time_s").unique().struct.unnest()).sort("frame")
    people_s = float(sample_durations_s(people["time_s"].to_numpy()).sum())
    quality = Quality(
        calibrated=players.calibrated,
        coverage=_share(people_s, duration_s),
        player_samples=len(players.frame),
        rejected_players=players.rejected,
        rejected_ball=ball.rejected,
        rejected_movements=sum(track.motion.rejected_samples for track in tracks if track.motion),
        tracks_too_short=len(short),
        samples_of_short_tracks=sum(short),
        ball_interpolated_share=_interpolated_share(ball.frame),
    )
    return MatchSummary(tuple(tracks), people["frame"].n_unique(), _summarise_ball(ball, duration_s), quality)


@dataclass(frozen=True, slots=True)
class _TrackSamples:
    """Samples of one track in the order of time; ``points_m`` (N, 2) is NaN where there is no usable position, and
    ``confidences`` (N,) where the engine does not say."""

    number: int
    times_s: FloatArray
    durations_s: FloatArray
    points_m: FloatArray
    confidences: FloatArray

    @property
    def seconds_seen(self) -> float:
        return float(self.durations_s.sum())


def _by_track(frame: pl.DataFrame) -> Iterator[_TrackSamples]:
    numbers, times_s = frame["track"].to_numpy(), frame["time_s"].to_numpy()
    points_m, confidences = frame.select("x_m", "y_m").to_numpy(), frame["confidence"].to_numpy()  # null becomes NaN
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    for part in np.split(np.arange(len(numbers)), starts[1:]):
        rows = slice(part[0], part[-1] + 1)
        times = times_s[rows]
        number, durations_s = int(numbers[part[0]]), sample_durations_s(times)
        yield _TrackSamples(number, times, durations_s, points_m[rows], confidences[rows])


def _summarise_track(samples: _TrackSamples, team: str | None, pitch: Pitch, *, calibrated: bool) -> TrackSummary:
    placed = calibrated and bool(np.isfinite(samples.points_m).any())
    return TrackSummary(
        track_number=samples.number,
        team=team,
        first_seen_s=float(samples.times_s[0]),
        last_seen_s=float(samples.times_s[-1]),
        seconds_seen=samples.seconds_seen,
        frames_seen=len(samples.times_s),
        confidence=_mean_confidence(samples.confidences),
        mean_position_m=_mean_position(samples) if placed else None,
        motion=measure_motion(samples.times_s, samples.points_m) if calibrated else None,
        heatmap=make_heatmap(samples.times_s, samples.points_m, pitch=pitch) if placed else None,
    )


def _mean_position(samples: _TrackSamples) -> tuple[float, float]:
    """Mean over time, not over samples: a camera that records unevenly does not move anybody."""
    seen = np.isfinite(samples.points_m).all(axis=1)
    durations_s = samples.durations_s[seen]
    weights = durations_s if durations_s.any() else np.ones(len(durations_s))
    x, y = np.average(samples.points_m[seen], axis=0, weights=weights)
    return float(x), float(y)


def _mean_confidence(confidences: FloatArray) -> float | None:
    """Of those from 0 to 1; an engine that has another scale does not say how sure it is."""
    sound = confidences[(confidences >= 0) & (confidences <= 1)]
    return float(sound.mean()) if len(sound) else None


def _majority_teams(frame: pl.DataFrame) -> dict[int, str]:
    """Most frequent team of each track; of equals the first in the alphabet. Undecided tracks are not in it."""
    counts = frame.filter(pl.col("team").is_not_null()).group_by("track", "team").len()
    winners = counts.sort(["track", "len", "team"], descending=[False, True, False]).unique("track", keep="first")
    return dict(zip(winners["track"].to_list(), winners["team"].to_list(), strict=True))


def _summarise_ball(ball: BallSamples, duration_s: float) -> BallSummary:
    seen = ball.frame.filter(~pl.col("interpolated"))
    seconds = float(sample_durations_s(seen["time_s"].to_numpy()).sum())
    on_pitch = ball.frame["x_m"].count()
    return BallSummary(len(ball.frame), on_pitch, seconds, _share(seconds, duration_s))


def _interpolated_share(ball: pl.DataFrame) -> float | None:
    return float(ball["interpolated"].sum()) / len(ball) if len(ball) else None


def _share(seconds: float, duration_s: float) -> float:
    """Containers lie about durations, so the share is kept within 0 to 1."""
    return min(1.0, seconds / duration_s) if duration_s > 0 else 0.0
