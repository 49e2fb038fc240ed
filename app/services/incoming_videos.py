"""Videos that are still arriving, and marks on those whose row may be missing: what every store has on its own disk."""

import fcntl
import hashlib
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from app.services.durable_files import sync_directory

_INCOMING = ".incoming"
_UNSETTLED = ".unsettled"


class IncomingVideo:
    """A file that is still arriving. It is hashed on the way and has no name that anybody looks for.

    It stays open and locked until ``discard``, also when it was kept, and so does its mark: the locks tell a sweep that
    the upload is alive, and the kernel releases them when the server is killed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = 0
        self._hash = hashlib.sha256()
        self._file = _create_locked(path)
        self._mark: BinaryIO | None = None

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._hash.update(chunk)
        self.size_bytes += len(chunk)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def finish(self) -> None:
        """Make the bytes durable: a client that was told "accepted" may throw its copy away."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def hold(self, mark: BinaryIO) -> None:
        """Keep a locked mark open as long as the upload is alive."""
        self._mark = mark

    def discard(self) -> None:
        """The upload is over: leave nothing behind, unless the file was kept; harmless when done twice."""
        self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Release the locks."""
        self._file.close()
        if self._mark is not None:
            self._mark.close()


class IncomingVideos:
    """``.incoming/`` in the directory of a store.

    ``.incoming/<id>.unsettled`` marks a video whose row may be missing.
    """

    def __init__(self, root: Path) -> None:
        self._directory = root / _INCOMING
        self._directory.mkdir(parents=True, exist_ok=True)

    def begin(self) -> IncomingVideo:
        return IncomingVideo(self._directory / uuid.uuid4().hex)

    def mark(self, *video_ids: uuid.UUID) -> None:
        """Note, also for whoever starts after a power failure, that videos have no row, or may have none soon."""
        for video_id in video_ids:
            self._marker(video_id).touch()
        sync_directory(self._directory)

    def mark_for(self, upload: IncomingVideo, video_id: uuid.UUID) -> None:
        """The same, of a video about which its upload decides, as long as that is alive."""
        unnamed = self._directory / uuid.uuid4().hex
        upload.hold(_create_locked(unnamed))
        unnamed.rename(self._marker(video_id))  # only now: nobody sees it without its lock
        sync_directory(self._directory)

    def unmark(self, video_id: uuid.UUID) -> None:
        self._marker(video_id).unlink(missing_ok=True)

    def abandoned(self) -> list[uuid.UUID]:
        """The marked videos about which nobody decides any more."""
        return [uuid.UUID(path.stem) for path in self._directory.glob(f"*{_UNSETTLED}") if _of_nobody(path, _leave)]

    def sweep(self) -> int:
        """Delete what uploads left behind whose server was killed; how many files."""
        uploads = [path for path in self._directory.iterdir() if path.suffix != _UNSETTLED]
        return sum(_of_nobody(path, Path.unlink) for path in uploads)

    def _marker(self, video_id: uuid.UUID) -> Path:
        return self._directory / f"{video_id}{_UNSETTLED}"


def _of_nobody(path: Path, act: Callable[[Path], None]) -> bool:
    """Whether nobody holds the lock of a file; ``act`` runs under it, before anybody else gets it."""
    try:
        with path.open("r+b") as file:  # NFS gives an exclusive lock to those only who may write
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            act(path)
    except (FileNotFoundError, BlockingIOError):
        return False
    return True


def _leave(_: Path) -> None:
    """Only look."""


def _create_locked(path: Path) -> BinaryIO:
    """A new file under an exclusive lock; made again if a sweep took it away between the two steps."""
    while True:
        file = path.open("xb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():
            return file
        file.close()
