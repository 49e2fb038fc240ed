"""What stands in the way of deleting a video or a calibration: an analysis that needs it."""

from pathlib import Path

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import Conflict
from app.models import Calibration, Job, Video
from app.services.db_service import Repository
from app.services.forget_videos import forget_videos
from app.services.job_manager import FINAL
from app.services.video_store import VideoStore


def delete_video(session: Session, account: Account, video: Video, *, videos: VideoStore, artifacts: Path) -> None:
    """Delete a video, and its files after the commit. Its reports stay, without a video.

    Args:
        video: locked, of ``Repository.get_to_change``.

    Raises:
        Conflict: an analysis of it waits or runs.
    """
    _check_idle(session, Job.video_id == video.id)
    forget_videos(session, Video.id == video.id, videos=videos, artifacts=artifacts)
    Repository(session, account, Video).delete(video)


def delete_calibration(session: Session, account: Account, calibration: Calibration) -> None:
    """Delete a calibration. Figures that came of it stay.

    Args:
        calibration: locked, of ``Repository.get_to_change``.

    Raises:
        Conflict: an analysis with it waits or runs; without it, nothing could be measured in metres.
    """
    _check_idle(session, Job.calibration_id == calibration.id)
    Repository(session, account, Calibration).delete(calibration)


def _check_idle(session: Session, needs_it: ColumnElement[bool]) -> None:
    if session.scalars(select(Job.id).where(needs_it, Job.status.not_in(FINAL)).limit(1)).first() is not None:
        raise Conflict("An analysis of this video waits or runs; let it end first.", code="analysis_running")
