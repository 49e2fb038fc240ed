"""Remove files that belong to no row: a server that was killed in the middle of an upload leaves them behind."""

import structlog
from sqlalchemy import select

from app.core.database import Database
from app.models import Video
from app.services.video_store import VideoStore

log = structlog.get_logger(__name__)


def sweep_storage(database: Database, videos: VideoStore) -> None:
    """Delete stale incoming files, and videos that no row knows."""
    incoming = videos.sweep_incoming()
    with database.reading() as session:
        known = set(session.scalars(select(Video.id)).all())
    orphans = videos.orphans(known)
    for video_id in orphans:
        videos.delete(video_id)
    if incoming or orphans:
        log.info("storage swept", incoming=incoming, orphans=len(orphans))
