"""Delete the footage that clubs do not want to keep any longer, and the films that were drawn from it.

Rows and figures stay (docs/decisions/0036).
"""

import uuid
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from app.core.database import Database, database_now
from app.models import Club, Job, Video
from app.services.artifacts import kept_preview
from app.services.forget_videos import delete_all, unsettle
from app.services.job_manager import UNDER_WAY
from app.services.video_store import VideoStore

log = structlog.get_logger(__name__)


def sweep_footage(database: Database, videos: VideoStore, artifacts: Path) -> int:
    """Delete the files of videos that are older than their club wants, and their previews; how many videos.

    A video of which an analysis waits or runs keeps its file until that is over.
    """
    with database.reading() as session:
        due = _due(session, database_now(session))
    deleted = [video_id for video_id in due if _delete(database, videos, artifacts, video_id)]
    delete_all(videos, deleted)
    if deleted:
        log.info("footage deleted", videos=len(deleted))
    return len(deleted)


def _due(session: Session, now: datetime) -> list[uuid.UUID]:
    """Videos whose time is over. Clubs are few; what "days ago" is, databases say in words of their own."""
    limited = select(Club.id, Club.footage_retention_days).where(Club.footage_retention_days.is_not(None))
    due: list[uuid.UUID] = []
    for club_id, days in session.execute(limited).all():
        assert days is not None
        before = now - timedelta(days=days)
        old = (Video.club_id == club_id, Video.created_at < before, Video.footage_deleted_at.is_(None))
        due += session.scalars(select(Video.id).where(*old, ~_needed())).all()
    return due


def _delete(database: Database, videos: VideoStore, artifacts: Path, video_id: uuid.UUID) -> bool:
    """The row says so first: nobody else waits for a store. The file goes with all others, in the end or by a sweep."""
    with database.unit_of_work() as session:
        # Who wants an analysis tried again locks the row as well, so one of the two sees what the other did.
        here = (Video.id == video_id, Video.footage_deleted_at.is_(None))
        video = session.scalars(select(Video).where(*here).with_for_update()).one_or_none()
        if video is None or session.scalar(select(Video.id).where(Video.id == video_id, ~_needed())) is None:
            return False
        unsettle(session, [video_id], videos=videos)
        _delete_previews(session, artifacts, video_id)
        video.footage_deleted_at = database_now(session)
        return True


def _delete_previews(session: Session, artifacts: Path, video_id: uuid.UUID) -> None:
    for job in session.scalars(select(Job).where(Job.video_id == video_id, Job.preview_bytes.is_not(None))):
        kept_preview(artifacts, job.id, job.fence).unlink(missing_ok=True)
        job.preview_bytes = None


def _needed() -> ColumnElement[bool]:
    return exists().where(Job.video_id == Video.id, Job.status.in_(UNDER_WAY))
