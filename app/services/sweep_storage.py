"""Remove what a server that was killed in the middle of an upload left behind."""

import structlog
from sqlalchemy import select

from app.core.database import Database
from app.models import Video
from app.services.video_store import VideoStore

log = structlog.get_logger(__name__)


def sweep_storage(database: Database, videos: VideoStore) -> None:
    """Delete abandoned incoming files, and settle videos whose server was killed around its commit."""
    incoming, unsettled = videos.sweep_incoming(), videos.unsettled()
    with database.reading() as session:
        known = set(session.scalars(select(Video.id).where(Video.id.in_(unsettled))).all())
    for video_id in unsettled:
        if video_id in known:
            videos.settle(video_id)
        else:
            videos.delete(video_id)
    if incoming or unsettled:
        log.info("storage swept", incoming=incoming, without_row=len(unsettled) - len(known))
