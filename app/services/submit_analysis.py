"""The use case behind an upload: one video, one job, and a match for both."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.core.account import Account
from app.models import Calibration, Job, Match, MatchStatus, Video
from app.schemas.calibration import CalibrationPoints
from app.services import job_manager
from app.services.audit import record_creation
from app.services.db_service import Repository
from app.services.job_manager import Wake
from probe.findings import VideoFacts

if TYPE_CHECKING:  # loaded by whoever has a calibration
    from football.camera import CameraFit


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A file that lies in the video store under ``video_id`` and was judged."""

    video_id: uuid.UUID
    filename: str
    size_bytes: int
    sha256: str
    facts: VideoFacts
    fit: "CameraFit | None" = None  # of the calibration that came with it


@dataclass(frozen=True, slots=True)
class AnalysisOrder:
    """What a client asks for beside the video. No ``match_id``: a match is made."""

    match_id: uuid.UUID | None = None
    calibration: CalibrationPoints | None = None
    confidence_threshold: float | None = None
    frame_stride: int | None = None
    preview: bool = False


def submit_analysis(
    session: Session,
    account: Account,
    order: AnalysisOrder,
    *,
    video: StoredVideo,
    wake: Wake,
) -> Job:
    """Write video, match, calibration and the PENDING job, all in the caller's unit of work.

    Raises:
        NotFound: the match does not exist for this account.
    """
    match = _match_for(session, account, order.match_id)
    row = _add_video(session, account, match, video)
    calibration = _add_calibration(session, account, row, points=order.calibration, fit=video.fit)
    job = Job(
        club_id=match.club_id,
        created_by=account.user_id,
        match_id=match.id,
        video_id=row.id,
        calibration_id=calibration.id if calibration else None,
        confidence_threshold=order.confidence_threshold,
        frame_stride=order.frame_stride,
        preview=order.preview,
        frames_total=row.frame_count,
    )
    job_manager.submit(session, job, wake=wake)
    record_creation(session, account, job)
    return job


def _match_for(session: Session, account: Account, match_id: uuid.UUID | None) -> Match:
    matches = Repository(session, account, Match)
    if match_id is not None:
        return matches.get(match_id)
    # Nobody films a match before it is played.
    return matches.add(Match(match_date=datetime.now(UTC), status=MatchStatus.COMPLETED))


def _add_video(session: Session, account: Account, match: Match, video: StoredVideo) -> Video:
    return Repository(session, account, Video).add(
        Video(
            id=video.video_id,
            club_id=match.club_id,
            match_id=match.id,
            filename=video.filename,
            size_bytes=video.size_bytes,
            sha256=video.sha256,
            container=video.facts.container,
            codec=video.facts.codec,
            width=video.facts.width,
            height=video.facts.height,
            frame_count=video.facts.frame_count,
            frame_rate=video.facts.frame_rate,
            duration_s=video.facts.duration_s,
        )
    )


def _add_calibration(
    session: Session, account: Account, video: Video, *, points: CalibrationPoints | None, fit: "CameraFit | None"
) -> Calibration | None:
    if points is None or fit is None:
        return None
    return Repository(session, account, Calibration).add(
        Calibration(
            video_id=video.id,
            club_id=video.club_id,
            points=points.model_dump(mode="json")["points"],
            median_error_m=round(fit.median_error_m, 3),
            max_error_m=round(fit.max_error_m, 3),
        )
    )
