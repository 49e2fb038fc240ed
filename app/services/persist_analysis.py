"""Write what an analysis found, in the caller's transaction: statistics, tracks, the ball and one report."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.models import AnalysisReport, BallPosition, Calibration, Match, PlayerMatchStatistics, Track, TrackLink, Video
from app.models.base import Base, JsonValue, utc_now
from app.services import engine
from app.services.changes import changing, of_club
from app.services.ingest.match_statistics import MatchSummary, TrackSummary
from app.services.ingest.samples import BallSamples
from app.services.measured_pitch import describe_pitch
from football.heatmap import Heatmap
from football.pitch import STANDARD_PITCH, Pitch

REPORT_TYPE = "match_analysis"
NO_CALIBRATION = "The video has no calibration, so distances and speeds in metres cannot be measured."
_BATCH_ROWS = 2000

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where figures come from."""

    job_id: uuid.UUID | None
    attempt: int
    engine_name: str | None
    engine_version: str | None


@dataclass(frozen=True, slots=True)
class Findings:
    """What one analysis of one video found. Of the ``total_frames`` of the video, so many were analysed and so many
    damaged; None where the engine does not say."""

    summary: MatchSummary
    ball: BallSamples
    total_frames: int
    team_kits: tuple[engine.TeamKit, ...]
    provenance: Provenance
    frames_analysed: int | None = None
    frames_damaged: int | None = None
    links: tuple[engine.TrackLink, ...] = ()  # sound ones, which ``summary`` knows of
    pitch: Pitch = STANDARD_PITCH  # that ``summary`` and ``ball`` are measured on


def persist_analysis(
    session: Session,
    match: Match,
    findings: Findings,
    *,
    video: Video | None = None,
    calibration: Calibration | None = None,
) -> AnalysisReport:
    """Insert one report and the rows below it. They replace those of an earlier analysis of the same video."""
    # One writer per match: two analyses of one video that end together would not see, and not replace, each other.
    size = select(Match.pitch_length_m, Match.pitch_width_m).where(Match.id == match.id).with_for_update()
    pitch_now = Pitch(*session.execute(size).one())
    provenance = findings.provenance
    report = AnalysisReport(
        club_id=match.club_id,
        match_id=match.id,
        video_id=video.id if video else None,
        job_id=provenance.job_id,
        report_type=REPORT_TYPE,
        engine_name=provenance.engine_name,
        engine_version=provenance.engine_version,
        total_frames=findings.total_frames,
        players_tracked=len(findings.summary.tracks),
        report_data=_report_data(findings, video, calibration, pitch_now),
    )
    session.add(report)
    session.flush()
    if video is not None:
        _supersede(session, report, video)
    _insert(session, report, Track, (track_row(report, track) for track in findings.summary.tracks))
    figures = (statistics_row(report, track) for track in findings.summary.tracks)
    _insert(session, report, PlayerMatchStatistics, figures)
    ball = ({"report_id": report.id, **row} for row in findings.ball.frame.iter_rows(named=True))
    _insert(session, report, BallPosition, ball)
    _insert(session, report, TrackLink, (_link_row(report, link) for link in findings.links))
    return report


def _supersede(session: Session, report: AnalysisReport, video: Video) -> None:
    """A match shows each video once: drop the rows of older reports on the same bytes, and keep those reports."""
    older = (
        select(AnalysisReport.id)
        .join(Video, Video.id == AnalysisReport.video_id)
        .where(AnalysisReport.match_id == report.match_id, Video.sha256 == video.sha256, AnalysisReport.id != report.id)
    )
    report_ids = session.scalars(older).all()
    for model in (PlayerMatchStatistics, Track, TrackLink, BallPosition):
        session.execute(delete(model).where(model.report_id.in_(report_ids)), execution_options=_changing(report))


def _insert(session: Session, report: AnalysisReport, model: type[Base], rows: Iterable[dict[str, object]]) -> None:
    for batch in _batches(rows, _BATCH_ROWS):
        session.execute(insert(model), batch, execution_options=_changing(report))


def _changing(report: AnalysisReport) -> dict[str, Any]:
    return changing(of_club(report.club_id))


def _batches(items: Iterable[Item], size: int) -> Iterable[Sequence[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def track_row(report: AnalysisReport, track: TrackSummary) -> dict[str, object]:
    return {
        "report_id": report.id,
        "track_number": track.track_number,
        "team": track.team,
        "first_seen_s": _rounded(track.first_seen_s),
        "last_seen_s": _rounded(track.last_seen_s),
        "frames_seen": track.frames_seen,
        "confidence": _rounded(track.confidence),
    }


def statistics_row(report: AnalysisReport, track: TrackSummary) -> dict[str, object]:
    return {
        "club_id": report.club_id,
        "match_id": report.match_id,
        "report_id": report.id,
        "track_number": track.track_number,
        "created_at": utc_now(),
        **figures_of(track),
    }


def figures_of(track: TrackSummary) -> dict[str, object]:
    """What a row of figures says of a track."""
    return {"team": track.team, **_measured(track), "heatmap": _heatmap_json(track.heatmap)}


def _link_row(report: AnalysisReport, link: engine.TrackLink) -> dict[str, object]:
    return {"club_id": report.club_id, "match_id": report.match_id, "report_id": report.id, **asdict(link)}


def _measured(track: TrackSummary) -> dict[str, float | None]:
    motion, position = track.motion, track.mean_position_m
    return {
        "seconds_seen": _rounded(track.seconds_seen),
        "confidence": _rounded(track.confidence),
        "distance_m": _rounded(motion.distance_m if motion else None),
        "distance_error_m": _rounded(motion.distance_error_m if motion else None),
        "top_speed_mps": _rounded(motion.top_speed_mps if motion else None),
        "top_speed_error_mps": _rounded(motion.top_speed_error_mps if motion else None),
        "mean_speed_mps": _rounded(motion.mean_speed_mps if motion else None),
        "mean_x_m": _rounded(position[0] if position else None),
        "mean_y_m": _rounded(position[1] if position else None),
    }


def _heatmap_json(heatmap: Heatmap | None) -> JsonValue:
    if heatmap is None:
        return None
    seconds: JsonValue = [[round(float(cell), 2) for cell in row] for row in heatmap.seconds]
    return {"cell_m": heatmap.cell_m, "columns": heatmap.columns, "rows": heatmap.rows, "seconds": seconds}


def _report_data(
    findings: Findings, video: Video | None, calibration: Calibration | None, pitch_now: Pitch
) -> JsonValue:
    summary, provenance = findings.summary, findings.provenance
    return {
        "duration_s": _rounded(video.duration_s) if video else None,
        "teams": [_team_json(kit, summary.tracks) for kit in findings.team_kits],
        "tracks": [track_json(track) for track in summary.tracks],
        "ball": _rounded_values(asdict(summary.ball)),
        "quality": {
            **_rounded_values(asdict(summary.quality)),
            "frames_analysed": findings.frames_analysed,
            "frames_damaged": findings.frames_damaged,
        },
        "metres_missing_because": None if summary.quality.calibrated else NO_CALIBRATION,
        "pitch": describe_pitch(findings.pitch, pitch_now) if summary.quality.calibrated else None,
        "calibration": {
            "points": len(calibration.points) if isinstance(calibration.points, list) else 0,
            "median_error_m": calibration.median_error_m,
            "max_error_m": calibration.max_error_m,
        }
        if calibration
        else None,
        "provenance": {
            "job_id": str(provenance.job_id) if provenance.job_id else None,
            "attempt": provenance.attempt,
            "engine": provenance.engine_name,
            "engine_version": provenance.engine_version,
            "video_sha256": video.sha256 if video else None,
        },
    }


def _team_json(kit: engine.TeamKit, tracks: Sequence[TrackSummary]) -> JsonValue:
    members = sum(track.team == kit.team for track in tracks)
    return {"team": kit.team, "colour_hex": kit.colour_hex, "colour_name": kit.colour_name, "tracks": members}


def track_json(track: TrackSummary) -> JsonValue:
    return {
        "track_number": track.track_number,
        "team": track.team,
        "first_seen_s": _rounded(track.first_seen_s),
        "last_seen_s": _rounded(track.last_seen_s),
        "frames_seen": track.frames_seen,
        **_measured(track),
    }


def _rounded_values(values: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {
        name: _rounded_values(value)
        if isinstance(value, dict)
        else _rounded(value)
        if isinstance(value, float)
        else value
        for name, value in values.items()
    }


def _rounded(value: float | None) -> float | None:
    """To the millimetre and the millisecond: finer digits are noise, and would differ between databases."""
    return None if value is None else round(float(value), 3)
