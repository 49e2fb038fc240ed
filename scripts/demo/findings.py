"""What the API answers, as far as the demonstration reads it. Fields that are not named here are ignored."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from pydantic import BaseModel, ConfigDict

OTHER = "other"
UNDECIDED = "undecided"


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Token(Answer):
    access_token: str


class Accepted(Answer):
    job_id: uuid.UUID
    estimated_duration_seconds: int


class JobResult(Answer):
    match_id: uuid.UUID
    report_id: uuid.UUID


class JobError(Answer):
    code: str
    detail: str
    hint: str | None = None


class Job(Answer):
    job_id: uuid.UUID
    status: str
    progress: float
    phase: str | None = None
    message: str | None = None
    result: JobResult | None = None
    error: JobError | None = None

    @property
    def is_over(self) -> bool:
        return self.status in {"COMPLETED", "FAILED", "CANCELLED"}


class Match(Answer):
    id: uuid.UUID
    pitch_length_m: float
    pitch_width_m: float


class CellTimes(Answer):
    """A heatmap: ``seconds`` by row and column; row 0, column 0 lies at the origin of ``football.pitch``."""

    cell_m: float
    seconds: list[list[float]]


class TrackFigures(Answer):
    """Figures of one track; None where nothing was measured."""

    report_id: uuid.UUID | None
    track_number: int
    team: str | None
    seconds_seen: float
    distance_m: float | None
    distance_error_m: float | None
    top_speed_mps: float | None
    top_speed_error_mps: float | None
    mean_x_m: float | None
    mean_y_m: float | None
    heatmap: CellTimes | None

    @property
    def mean_position_m(self) -> tuple[float, float] | None:
        if self.mean_x_m is None or self.mean_y_m is None:
            return None
        return self.mean_x_m, self.mean_y_m


class Kit(Answer):
    team: str
    colour_hex: str
    colour_name: str


class Ball(Answer):
    seconds_seen: float
    coverage: float


class RejectedSamples(Answer):
    not_finite: int
    off_pitch: int


class Quality(Answer):
    calibrated: bool
    coverage: float
    player_samples: int
    rejected_players: RejectedSamples
    rejected_movements: int
    tracks_too_short: int


class CalibrationQuality(Answer):
    points: int
    median_error_m: float
    max_error_m: float


class Provenance(Answer):
    job_id: uuid.UUID | None
    attempt: int
    engine: str | None
    engine_version: str | None
    video_sha256: str | None


class ReportData(Answer):
    duration_s: float | None
    teams: tuple[Kit, ...]
    ball: Ball
    quality: Quality
    metres_missing_because: str | None
    calibration: CalibrationQuality | None
    provenance: Provenance


class Report(Answer):
    id: uuid.UUID
    total_frames: int
    report_data: ReportData
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Side:
    """Those who wear one team's shirt, or the rest; tracks by distance, longest first."""

    team: str
    kits: tuple[Kit, ...]
    tracks: tuple[TrackFigures, ...]

    @property
    def is_team(self) -> bool:
        return self.team not in {OTHER, UNDECIDED}

    @property
    def title(self) -> str:
        name = f"Team {self.team}" if self.is_team else self.team
        colours = ", ".join(dict.fromkeys(kit.colour_name for kit in self.kits))
        return f"{name} ({colours})" if colours else name


@dataclass(frozen=True, slots=True)
class Findings:
    """All that one analysis found: the report and the figures of its tracks."""

    match: Match
    report: Report
    tracks: tuple[TrackFigures, ...]

    @property
    def sides(self) -> tuple[Side, ...]:
        """The teams, then the others, then those about whom the engine could not decide."""
        kits = self.report.report_data.teams
        by_team = groupby(sorted(self.tracks, key=_place), key=_team)
        return tuple(
            Side(team, tuple(kit for kit in kits if kit.team == team), tuple(members)) for team, members in by_team
        )

    @property
    def seconds_filmed(self) -> float:
        """Length of the video, or what comes nearest to it where the container does not say."""
        return self.report.report_data.duration_s or max((track.seconds_seen for track in self.tracks), default=0.0)


def split_in_words(sides: Iterable[Side]) -> str:
    """For example ``Team A (white): 9, Team B (blue): 8, other (yellow, black): 2``."""
    return ", ".join(f"{side.title}: {len(side.tracks)}" for side in sides)


def _team(track: TrackFigures) -> str:
    return track.team or UNDECIDED


def _place(track: TrackFigures) -> tuple[bool, str, float, int]:
    team = _team(track)
    # "other" sorts before "undecided", and both after the letters of the teams.
    return team in {OTHER, UNDECIDED}, team, -(track.distance_m or 0.0), track.track_number
