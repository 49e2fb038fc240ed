"""Delete the files of videos whose rows go, and what their analyses left."""

import uuid
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.core.database import after_commit
from app.core.errors import StoreUnavailable
from app.models import Job, Video
from app.services.artifacts import forget_artifacts
from app.services.video_store import VideoStore

log = structlog.get_logger(__name__)


def forget_videos(session: Session, which: ColumnElement[bool], *, videos: VideoStore, artifacts: Path) -> None:
    """Delete the files once the rows are gone for good: a transaction that is rolled back keeps both.

    The files are unsettled meanwhile: where we are killed between the commit and their deletion, a sweep goes on.

    Args:
        which: the condition on ``Video``; call this while the rows still satisfy it.
    """
    video_ids = session.scalars(select(Video.id).where(which)).all()
    for video_id in video_ids:
        videos.unsettle(video_id)
    after_commit(session, partial(_delete, videos, video_ids))
    of_videos = select(Job.id).join(Video, Video.id == Job.video_id).where(which)
    forget_artifacts(session, artifacts, session.scalars(of_videos))


def _delete(videos: VideoStore, video_ids: Sequence[uuid.UUID]) -> None:
    """What a store that is away still has goes with a sweep: nobody waits for it video by video."""
    try:
        for video_id in video_ids:
            videos.delete(video_id)
    except StoreUnavailable:
        log.warning("videos not deleted yet", video_ids=[str(video_id) for video_id in video_ids])
