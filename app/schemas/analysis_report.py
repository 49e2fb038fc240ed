import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.models.analysis_report import WrittenReportType
from app.schemas.fields import Body, Notes, Patch
from app.schemas.measures import (
    Confidence,
    DecidedTeam,
    Distance,
    DistanceError,
    MeanSpeed,
    MeanX,
    MeanY,
    TeamLabel,
    TopSpeed,
    TopSpeedError,
    TrackNumber,
)
from app.schemas.published_client import NamesReport

Share = Annotated[float, Field(ge=0, le=1)]

_EXAMPLE: dict[str, JsonValue] = {
    "id": "5b7f6c1e-3d0a-4c55-9c1b-8f2f5d0e7a10",
    "club_id": "6f0b6a52-4d9b-4d0e-9a3f-1c8b2f7e5d40",
    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
    "video_id": "c2a4e8d6-7b19-4e3f-b0d5-91a6f3c7e852",
    "job_id": "9e1d5a3c-2f84-4b67-a7c0-6d8e0b4f1293",
    "report_type": "match_analysis",
    "engine_name": "coach-pro-classical",
    "engine_version": "0.1.0",
    "total_frames": 250,
    "players_tracked": 2,
    "report_data": {
        "duration_s": 10.0,
        "teams": [
            {"team": "A", "colour_hex": "#f2f2ee", "colour_name": "white", "tracks": 1},
            {"team": "B", "colour_hex": "#2f4d9e", "colour_name": "blue", "tracks": 1},
        ],
        "tracks": [
            {
                "track_number": 1,
                "team": "A",
                "first_seen_s": 0.0,
                "last_seen_s": 9.96,
                "frames_seen": 250,
                "seconds_seen": 10.0,
                "confidence": 0.83,
                "distance_m": 31.312,
                "distance_error_m": 0.613,
                "top_speed_mps": 4.48,
                "top_speed_error_mps": 0.317,
                "mean_speed_mps": 3.131,
                "mean_x_m": 41.207,
                "mean_y_m": 22.95,
            },
            {
                "track_number": 6,
                "team": "B",
                "first_seen_s": 1.2,
                "last_seen_s": 2.56,
                "frames_seen": 35,
                "seconds_seen": 1.4,
                "confidence": 0.47,
                "distance_m": 3.544,
                "distance_error_m": 0.281,
                "top_speed_mps": None,
                "top_speed_error_mps": None,
                "mean_speed_mps": 2.531,
                "mean_x_m": 12.618,
                "mean_y_m": 50.02,
            },
        ],
        "ball": {"samples": 11, "samples_on_pitch": 9, "seconds_seen": 0.44, "coverage": 0.044},
        "quality": {
            "calibrated": True,
            "coverage": 1.0,
            "player_samples": 297,
            "rejected_players": {"not_finite": 0, "off_pitch": 0},
            "rejected_ball": {"not_finite": 0, "off_pitch": 2},
            "rejected_movements": 0,
            "tracks_too_short": 1,
            "samples_of_short_tracks": 12,
            "ball_interpolated_share": 0.182,
            "frames_analysed": 250,
            "frames_damaged": 0,
        },
        "metres_missing_because": None,
        "pitch": {"length_m": 105.0, "width_m": 68.0, "mismatch": None},
        "calibration": {"points": 38, "median_error_m": 0.26, "max_error_m": 0.83},
        "provenance": {
            "job_id": "9e1d5a3c-2f84-4b67-a7c0-6d8e0b4f1293",
            "attempt": 1,
            "engine": "coach-pro-classical",
            "engine_version": "0.1.0",
            "video_sha256": "8d831f07159b5f397aa09a5ab8f1c267eb2344f404d78ebf9bd68b2c158d64a6",
        },
    },
    "notes": None,
    "created_at": "2026-05-09T16:31:12.400000Z",
    "updated_at": "2026-05-09T16:31:12.400000Z",
    "matchId": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
    "reportType": "match_analysis",
    "generatedAt": "2026-05-09T16:31:12.400000Z",
}


_WRITTEN: dict[str, JsonValue] = {
    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
    "report_type": "coach_report",
    "notes": "We won the ball high, and lost it as soon as their left back had time to look up.",
}
_WRITTEN_EXAMPLE: dict[str, JsonValue] = {
    **_EXAMPLE,
    **dict.fromkeys(
        ("video_id", "job_id", "engine_name", "engine_version", "total_frames", "players_tracked", "report_data")
    ),
    **_WRITTEN,
    "reportType": "coach_report",
}


class Block(BaseModel):
    """A part of a stored report. What a later version wrote beside the named fields is answered as it stands."""

    model_config = ConfigDict(extra="allow")


class TeamColours(Block):
    """The shirts that the engine saw; a team has several entries where it wears several colours."""

    team: TeamLabel
    colour_hex: str = Field(description="sRGB as `#rrggbb`.")
    colour_name: str = Field(description="The colour in an English word.")
    tracks: int = Field(description="Tracks of the whole team, whichever of its colours they wear.")


class TrackFigures(Block):
    """What one track did. Tracks of less than a second are only counted, in `quality`."""

    track_number: TrackNumber
    team: DecidedTeam
    first_seen_s: float = Field(description="Seconds from the start of the video.")
    last_seen_s: float = Field(description="Seconds from the start of the video.")
    frames_seen: int = Field(description="Frames in which the person was found.")
    seconds_seen: float = Field(description="Seconds in view; gaps of over a second are left out.")
    confidence: Confidence = None
    distance_m: Distance
    distance_error_m: DistanceError
    top_speed_mps: TopSpeed
    top_speed_error_mps: TopSpeedError
    mean_speed_mps: MeanSpeed
    mean_x_m: MeanX
    mean_y_m: MeanY


class BallFigures(Block):
    """How much of the ball was seen."""

    samples: int = Field(description="Frames for which there is a place of the ball, seen or interpolated.")
    samples_on_pitch: int = Field(description="Those whose position in metres is usable; 0 without a calibration.")
    seconds_seen: float = Field(
        description="Seconds in which the ball was seen itself; gaps of over a second are left out."
    )
    coverage: Share = Field(description="Share of the video's duration in which the ball was seen.")


class RejectedSamples(Block):
    """Positions that were left out, by reason; that somebody was seen there still counts."""

    not_finite: int = Field(description="Not a number, infinite, or one coordinate without the other.")
    off_pitch: int = Field(description="Farther outside the pitch than anybody stands.")


class EvidenceQuality(Block):
    """How far the figures can be trusted."""

    calibrated: bool = Field(description="Whether pixels could be turned into metres.")
    coverage: Share = Field(description="Share of the video's duration in which at least one person was seen.")
    player_samples: int = Field(description="Positions of people, one per person and frame.")
    rejected_players: RejectedSamples
    rejected_ball: RejectedSamples
    rejected_movements: int = Field(
        description="Positions that no human could have run to; left out of distance and speed."
    )
    tracks_too_short: int = Field(description="Tracks of less than a second, which have no figures.")
    samples_of_short_tracks: int = Field(description="Positions of those tracks.")
    ball_interpolated_share: Share | None = Field(
        default=None,
        description="Share of the ball's positions that were not seen, but told from the frames before and after. "
        "null: there are none, or the report is older than this figure.",
    )
    frames_analysed: int | None = Field(
        default=None, description="Fewer than `total_frames` with a frame stride; null: the engine does not say."
    )
    frames_damaged: int | None = Field(
        default=None,
        description="Frames that could not be decoded, or only in part. null: the engine does not say.",
    )


class MeasuredPitch(Block):
    """Which size of pitch the figures in metres are measured on. They stay so when the match gets another one."""

    length_m: float = Field(description="Length of the touchline, metres.")
    width_m: float = Field(description="Length of the goal line, metres.")
    mismatch: str | None = Field(
        description="That the match is on a pitch of another size, in a sentence that says what to do; null: it is not."
    )


class CalibrationQuality(Block):
    """How well the camera fits the point pairs that came with the video."""

    points: int = Field(description="Point pairs, pixel to metre.")
    median_error_m: float = Field(description="Metres by which the fit misses a point, in the median.")
    max_error_m: float = Field(description="Metres by which it misses the worst one.")


class FigureProvenance(Block):
    """Where the figures come from."""

    job_id: uuid.UUID | None = Field(description="null: the metrics were read without a job.")
    attempt: int = Field(description="Which attempt of the job succeeded, from 1.")
    engine: str | None = Field(description="What the engine calls itself; null: it does not say.")
    engine_version: str | None
    video_sha256: str | None = Field(description="SHA-256 of the video file, hexadecimal.")


class MatchFindings(Block):
    """The figures of one video, how good the evidence is, and where they come from."""

    duration_s: float | None = Field(description="Length of the video in seconds.")
    teams: list[TeamColours] = Field(description="Empty where the engine names no colours.")
    tracks: list[TrackFigures] = Field(description="By track number.")
    ball: BallFigures
    quality: EvidenceQuality
    metres_missing_because: str | None = Field(
        description="Why no figure is in metres, in a sentence; null: metres could be measured."
    )
    pitch: MeasuredPitch | None = Field(
        default=None, description="null: no figure is in metres, or the report is older than this block."
    )
    calibration: CalibrationQuality | None = Field(description="null: the video has none.")
    provenance: FigureProvenance


class AnalysisReportRead(NamesReport):
    """What one analysis found: figures, how good the evidence is, and where it comes from. Or what a person wrote."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_EXAMPLE, _WRITTEN_EXAMPLE]})

    id: uuid.UUID
    club_id: uuid.UUID
    match_id: uuid.UUID
    video_id: uuid.UUID | None = Field(description="null: the video is gone, or the metrics came without one.")
    job_id: uuid.UUID | None = Field(description="null: the job is gone, or the metrics were read without one.")
    report_type: str = Field(description="`match_analysis`, or what a person wrote: `coach_report`, `scouting_report`.")
    engine_name: str | None = Field(description="What the engine calls itself; null: it does not say.")
    engine_version: str | None
    total_frames: int | None = Field(description="Frames of the video; null: a person wrote the report.")
    players_tracked: int | None = Field(
        description="People with figures; tracks that links join count as one. null: as above."
    )
    report_data: MatchFindings | None = Field(description="null: a person wrote the report, in `notes`.")
    notes: str | None = Field(description="What a person has to say about it.")
    created_at: datetime
    updated_at: datetime


class AnalysisReportCreate(Body):
    """A report that a person writes about a match. Figures are for analyses to measure, and for people to enter."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WRITTEN]})

    match_id: uuid.UUID
    report_type: WrittenReportType | None = Field(default=None, description="null: `coach_report`.")
    notes: Annotated[Notes, Field(min_length=1)]


class AnalysisReportPatch(Patch):
    """What a person has to say about an analysis, or about the match."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"notes": "The camera was moved after the break."}]})

    notes: Notes | None = None
