"""Findings as the API would answer them, for tests of what the demonstration makes of them."""

import uuid
from datetime import UTC, datetime

from scripts.demo.findings import (
    Ball,
    CellTimes,
    Findings,
    Kit,
    Match,
    Provenance,
    Quality,
    RejectedSamples,
    Report,
    ReportData,
    TrackFigures,
)

KITS = (
    Kit(team="A", colour_hex="#9191cd", colour_name="white"),
    Kit(team="B", colour_hex="#4955ac", colour_name="blue"),
    Kit(team="other", colour_hex="#2c274f", colour_name="black"),
)


def track(number: int, team: str | None, **changes: object) -> TrackFigures:
    """A track that was seen for the whole time, with all figures."""
    figures = {
        "report_id": None,
        "track_number": number,
        "team": team,
        "seconds_seen": 10.0,
        "distance_m": 30.0,
        "distance_error_m": 0.5,
        "top_speed_mps": 5.0,
        "top_speed_error_mps": 0.25,
        "mean_x_m": 40.0,
        "mean_y_m": 30.0,
        "heatmap": CellTimes(cell_m=5.0, seconds=[[1.0] * 21] * 14),
    }
    return TrackFigures.model_validate(figures | changes)


def findings(*tracks: TrackFigures, kits: tuple[Kit, ...] = KITS, calibrated: bool = True) -> Findings:
    quality = Quality(
        calibrated=calibrated,
        coverage=1.0,
        player_samples=1000,
        rejected_players=RejectedSamples(not_finite=0, off_pitch=0),
        rejected_movements=0,
        tracks_too_short=1,
    )
    data = ReportData(
        duration_s=10.0,
        teams=kits,
        ball=Ball(seconds_seen=0.4, coverage=0.04),
        quality=quality,
        metres_missing_because=None if calibrated else "The video has no calibration.",
        calibration=None,
        provenance=Provenance(job_id=None, attempt=1, engine="scripted", engine_version="1", video_sha256=None),
    )
    report = Report(
        id=uuid.UUID(int=1), total_frames=250, report_data=data, created_at=datetime(2026, 11, 1, tzinfo=UTC)
    )
    return Findings(Match(id=uuid.UUID(int=2), pitch_length_m=105.0, pitch_width_m=68.0), report, tracks)
