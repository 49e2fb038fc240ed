"""The file of a video, for an attempt: fetched once where that is needed, and only if somebody asks."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from app.models import Phase, Video
from app.services.attempt_keeper import AttemptKeeper
from app.services.job_manager import Progress
from app.services.video_store import Fetch, VideoStore


class OpenedVideo:
    """Use as a context manager around the attempt; ``keeper`` may end the fetch."""

    def __init__(self, videos: VideoStore, video: Video, keeper: AttemptKeeper) -> None:
        self._videos = videos
        self._video = video
        self._keeper = keeper
        self._stack = ExitStack()
        self._path: Path | None = None

    def __enter__(self) -> "OpenedVideo":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def path(self) -> Path:
        """
        Raises:
            StoreUnavailable, VideoMissing: as ``VideoStore.opened``.
            TransientFailure: the fetch was ended.
        """
        if self._path is None:
            fetch = Fetch(sha256=self._video.sha256, tell=lambda fraction: self._keeper.tell(_fetching(fraction)))
            self._keeper.watch(fetch)
            self._path = self._stack.enter_context(self._videos.opened(self._video.id, fetch))
            self._keeper.watch(None)
        return self._path


def _fetching(fraction: float) -> Progress:
    return Progress(phase=Phase.STARTING, fraction=0.0, message="Fetching the video.", phase_fraction=fraction)
