"""Videos that are still arriving, and marks on those whose row may be missing: what every store has on its own disk."""

import fcntl
import hashlib
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.services.durable_files import sync_directory

_INCOMING = ".incoming"
_UNSETTLED = ".unsettled"
_IN_DOUBT_S = 120.0  # the time-out of a database's answer is 60 s


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
        self._using = threading.Lock()

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

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Whoever discards it waits: a request that is cancelled does not end the thread that works for it."""
        with self._using:
            yield

    def discard(self) -> None:
        """The upload is over: leave nothing behind, unless the file was kept; harmless when done twice."""
        with self._using:
            self.path.unlink(missing_ok=True)
            self.close()

    def leave_in_doubt(self) -> None:
        """The commit of the row may still arrive: hold the mark for longer than a database may take for that."""
        if self._mark is not None:
            release = threading.Timer(_IN_DOUBT_S, self._mark.close)
            release.daemon = True
            release.start()
            self._mark = None

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

    def mark(self, *video_ids: uuid.UUID) -> list[uuid.UUID]:
        """Note, also for whoever starts after a power failure, that videos have no row, or may have none soon.

        Returns:
            Those that were not marked before.
        """
        marked = [video_id for video_id in video_ids if _create(self._marker(video_id))]
        sync_directory(self._directory)
        return marked

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


def _create(path: Path) -> bool:
    """An empty file; whether there was none."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


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
