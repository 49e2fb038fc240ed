"""What is done with the store of the videos at a start and each hour: remove what kills and deletions have left."""

import structlog
from sqlalchemy import select

from app.core.database import Database
from app.core.errors import StoreUnavailable
from app.models import ScanStatus, Video
from app.services.forget_videos import delete_all
from app.services.video_store import VideoStore

log = structlog.get_logger(__name__)

_HAS_FILE = (Video.footage_deleted_at.is_(None), Video.scan_status != ScanStatus.INFECTED)
"""Of rows whose video is there."""


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
    """Delete abandoned incoming files and copies of deleted videos; settle those whose server died at its commit.

    Raises:
        StoreUnavailable: it was not all done.
    """
    incoming, unsettled, copies = videos.sweep_incoming(), videos.unsettled(), videos.copies()
    with database.reading() as session:
        wanted = set(session.scalars(select(Video.id).where(Video.id.in_({*unsettled, *copies}), *_HAS_FILE)).all())
    # Settled first, and at once: a store takes its time, and what was read may not be true for long.
    for video_id in wanted.intersection(unsettled):
        videos.settle(video_id)
    for video_id in set(copies) - wanted:
        videos.drop_copy(video_id)
    unwanted = [video_id for video_id in unsettled if video_id not in wanted]
    if not delete_all(videos, unwanted):
        raise StoreUnavailable("The store of the videos does not delete what nobody wants any more.")
    if incoming or unsettled:
        log.info("storage swept", incoming=incoming, deleted=len(unwanted))
