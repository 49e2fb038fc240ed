"""Delete the files of videos whose rows go, and what their analyses left."""

from functools import partial
from pathlib import Path

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.core.database import after_commit
from app.models import Job, Video
from app.services.artifacts import forget_artifacts
from app.services.video_store import VideoStore


def forget_videos(session: Session, which: ColumnElement[bool], *, videos: VideoStore, artifacts: Path) -> None:
    """Delete the files once the rows are gone for good: a transaction that is rolled back keeps both.

    Args:
        which: the condition on ``Video``; call this while the rows still satisfy it.
    """
    for video_id in session.scalars(select(Video.id).where(which)):
        after_commit(session, partial(videos.delete, video_id))
    of_videos = select(Job.id).join(Video, Video.id == Job.video_id).where(which)
    forget_artifacts(session, artifacts, session.scalars(of_videos))
