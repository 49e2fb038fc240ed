"""Where videos lie: the seam, and the store on a disk. The one in a bucket is ``s3_video_store``."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.core.errors import TransientFailure
from app.services.durable_files import sync_directory
from app.services.incoming_videos import IncomingVideo, IncomingVideos


class VideoMissing(FileNotFoundError):
    """A store does not have a video."""


class VideoDamaged(VideoMissing):
    """A store has something else in place of a video."""


@dataclass(frozen=True, slots=True)
class FileStat:
    """What tells a file from another one, without a look into it."""

    size_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> "FileStat":
        """
        Raises:
            FileNotFoundError: there is no such file.
        """
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns)


class Fetch:
    """One fetch of a video from a store that is no disk, for whoever waits for it: watch it, and cancel it.

    Args:
        sha256: what the video must have; None: what the store says that it came with.
        once: nobody is going to open the video again soon.
        tell: hears the fraction that is here, 0 to 1.
    """

    seconds_silent = 0.0  # what a store may take is the store's to say

    def __init__(
        self, *, sha256: str | None = None, once: bool = False, tell: Callable[[float], None] | None = None
    ) -> None:
        self.sha256 = sha256
        self.once = once
        self._tell = tell
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """From another thread; the fetch ends with its next piece."""
        self._cancelled.set()

    def advance(self, fraction: float) -> None:
        """
        Raises:
            TransientFailure: it was cancelled.
        """
        if self._cancelled.is_set():
            raise TransientFailure("The video was not fetched to its end.", code="fetch_interrupted")
        if self._tell is not None:
            self._tell(fraction)


class VideoStore(Protocol):
    """Obligations: ``keep`` is atomic and durable; ``opened`` names a file that the engine can open.

    A kept video is *unsettled* until ``settle``, as its row is not committed yet, and once more from ``unsettle`` to
    ``delete``, as its row is about to go. Only unsettled videos are ever swept; what was settled belongs to the
    operator, whichever database the server happens to be started with.

    A store that is not this machine's may be away: then ``check``, ``keep``, ``opened``, ``stat`` and ``delete``
    raise :class:`~app.core.errors.StoreUnavailable`. A deletion that failed so leaves the video unsettled.
    """

    def check(self) -> None:
        """
        Raises:
            CannotStart: it can never be used as it is set.
        """

    def begin(self) -> IncomingVideo: ...

    def keep(self, incoming: IncomingVideo, video_id: uuid.UUID) -> None: ...

    def settle(self, video_id: uuid.UUID) -> None: ...

    def unsettle(self, *video_ids: uuid.UUID) -> list[uuid.UUID]:
        """
        Returns:
            Those that were settled.
        """

    def opened(self, video_id: uuid.UUID, fetch: Fetch | None = None) -> AbstractContextManager[Path]:
        """A file with the video, which stays as long as the block runs. A disk does not look whether it is there.

        Raises:
            VideoMissing: there is none.
            VideoDamaged: there is something else.
        """

    def stat(self, video_id: uuid.UUID) -> FileStat:
        """
        Raises:
            FileNotFoundError: there is no such video.
        """

    def delete(self, video_id: uuid.UUID) -> None: ...

    def unsettled(self) -> list[uuid.UUID]:
        """Videos that may have no row: whoever kept or deleted them was killed around its commit."""

    def sweep_incoming(self) -> int:
        """Delete what uploads left behind whose server was killed; how many files."""

    def copies(self) -> list[uuid.UUID]:
        """Videos of which this machine has a copy, maybe longer than the store has the video."""

    def drop_copy(self, video_id: uuid.UUID) -> None:
        """Unless somebody uses it just now."""


class StoreWithUploads:
    """What stores have in common: uploads and marks, which lie on their own disk."""

    def __init__(self, root: Path) -> None:
        self._incoming = IncomingVideos(root)

    def begin(self) -> IncomingVideo:
        return self._incoming.begin()

    def settle(self, video_id: uuid.UUID) -> None:
        self._incoming.unmark(video_id)

    def unsettle(self, *video_ids: uuid.UUID) -> list[uuid.UUID]:
        return self._incoming.mark(*video_ids)

    def unsettled(self) -> list[uuid.UUID]:
        return self._incoming.abandoned()

    def sweep_incoming(self) -> int:
        return self._incoming.sweep()


class LocalVideoStore(StoreWithUploads):
    """A directory: ``<id>`` for each video, ``.incoming/`` for those that are still arriving."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        super().__init__(self._root)

    def check(self) -> None:
        """Whoever may not write there did not get a store."""

    def keep(self, incoming: IncomingVideo, video_id: uuid.UUID) -> None:
        incoming.finish()
        self._incoming.mark_for(incoming, video_id)
        incoming.path.rename(self.path(video_id))
        sync_directory(self._root)

    @contextmanager
    def opened(self, video_id: uuid.UUID, fetch: Fetch | None = None) -> Iterator[Path]:
        yield self.path(video_id)

    def stat(self, video_id: uuid.UUID) -> FileStat:
        return FileStat.of(self.path(video_id))

    def path(self, video_id: uuid.UUID) -> Path:
        return self._root / str(video_id)

    def delete(self, video_id: uuid.UUID) -> None:
        self.path(video_id).unlink(missing_ok=True)
        self.settle(video_id)

    def copies(self) -> list[uuid.UUID]:
        return []

    def drop_copy(self, video_id: uuid.UUID) -> None:
        """There is none: what is opened is the video itself."""
