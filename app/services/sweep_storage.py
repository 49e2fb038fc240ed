"""What is done with the store of the videos at a start and each hour: remove what kills and deletions have left."""

import structlog
from sqlalchemy import select

from app.core.database import Database
from app.core.errors import StoreUnavailable
from app.models import ScanStatus, Video
from app.services.video_store import VideoStore

log = structlog.get_logger(__name__)

_HAS_FILE = (Video.footage_deleted_at.is_(None), Video.scan_status != ScanStatus.INFECTED)


def check_store(videos: VideoStore) -> None:
    """One that is away may come back.

    Raises:
        CannotStart: it can never be used as it is set.
    """
    try:
        videos.check()
    except StoreUnavailable:
        log.warning("started while the store of the videos is away")


def sweep_storage(database: Database, videos: VideoStore) -> None:
    """Delete abandoned incoming files and copies of deleted videos; settle those whose server died at its commit."""
    incoming, unsettled, copies = videos.sweep_incoming(), videos.unsettled(), videos.copies()
    with database.reading() as session:
        known = set(session.scalars(select(Video.id).where(Video.id.in_(unsettled))).all())
        needed = session.scalars(select(Video.id).where(Video.id.in_(copies), *_HAS_FILE)).all()
    for video_id in set(copies).difference(needed):
        videos.drop_copy(video_id)
    try:
        for video_id in unsettled:
            if video_id in known:
                videos.settle(video_id)
            else:
                videos.delete(video_id)
    except StoreUnavailable:
        log.warning("storage not swept; the store of the videos is away")
        return
    if incoming or unsettled:
        log.info("storage swept", incoming=incoming, without_row=len(unsettled) - len(known))
