"""The file of a video, for an attempt that waits where it has to be fetched."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.models import Phase
from app.services.attempt_keeper import AttemptKeeper
from app.services.job_manager import Progress
from app.services.video_store import Fetch, VideoStore


@contextmanager
def opened_video(videos: VideoStore, video_id: uuid.UUID, keeper: AttemptKeeper) -> Iterator[Path]:
    """A file that stays as long as the block runs; ``keeper`` may end its fetch.

    Raises:
        StoreUnavailable, VideoMissing: as ``VideoStore.opened``.
        TransientFailure: the fetch was ended.
    """
    fetch = Fetch(tell=lambda fraction: keeper.tell(_fetching(fraction)))
    keeper.watch(fetch)
    with videos.opened(video_id, fetch) as path:
        keeper.watch(None)
        yield path


def _fetching(fraction: float) -> Progress:
    return Progress(phase=Phase.STARTING, fraction=0.0, message="Fetching the video.", phase_fraction=fraction)
