"""From positions to the figures of a match: what each track did, what the ball did, and how good the evidence is."""

from dataclasses import dataclass

from app.services.ingest.samples import Rejected
from football.heatmap import Heatmap
from football.kinematics import Motion

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
    mean_position_m: tuple[float, float] | None
    motion: Motion | None
    heatmap: Heatmap | None


@dataclass(frozen=True, slots=True)
class BallSummary:
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


@dataclass(frozen=True, slots=True)
class MatchSummary:
    tracks: tuple[TrackSummary, ...]  # ascending by track number
    frames_with_people: int
    ball: BallSummary
    quality: Quality
