"""Delete the files of videos whose rows go, and what their analyses left."""

import uuid
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.core.database import after_commit, after_rollback
from app.core.errors import StoreRefuses, StoreUnavailable
from app.models import Job, Video
from app.services.artifacts import forget_artifacts
from app.services.video_store import VideoStore

log = structlog.get_logger(__name__)


def forget_videos(session: Session, which: ColumnElement[bool], *, videos: VideoStore, artifacts: Path) -> None:
    """Delete the files once the rows are gone for good: a transaction that is rolled back keeps both.

    Args:
        which: the condition on ``Video``; call this while the rows still satisfy it.
    """
    video_ids = session.scalars(select(Video.id).where(which)).all()
    unsettle(session, video_ids, videos=videos)
    after_commit(session, partial(delete_all, videos, video_ids))
    of_videos = select(Job.id).join(Video, Video.id == Job.video_id).where(which)
    forget_artifacts(session, artifacts, session.scalars(of_videos))


def unsettle(session: Session, video_ids: Sequence[uuid.UUID], *, videos: VideoStore) -> None:
    """Their rows are about to go, or to say that there is no footage, unless the transaction is rolled back.

    Where we are killed between the commit and ``delete_all``, or the store is away, a sweep goes on.
    """
    after_rollback(session, partial(_settle_all, videos, videos.unsettle(*video_ids)))


def delete_all(videos: VideoStore, video_ids: Sequence[uuid.UUID]) -> bool:
    """Whether that is done. Nobody waits for a store that is away video by video."""
    refused = 0
    try:
        for video_id in video_ids:
            refused += not _delete(videos, video_id)
    except StoreUnavailable:
        videos.unsettle(*video_ids)  # a sweep may have seen their rows just before the commit
        log.warning("videos not deleted yet; the store is away", videos=len(video_ids))
        return False
    return refused == 0


def _delete(videos: VideoStore, video_id: uuid.UUID) -> bool:
    """Whether the store did it: one that does not let this video go may let others."""
    try:
        videos.delete(video_id)
    except StoreRefuses:
        log.error("the store does not delete a video", video_id=str(video_id))
        return False
    return True


def _settle_all(videos: VideoStore, video_ids: Sequence[uuid.UUID]) -> None:
    for video_id in video_ids:
        videos.settle(video_id)
