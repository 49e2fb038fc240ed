"""Where videos lie. The seam is small, so that another store (S3, say) can take the place of the disk."""

import fcntl
import hashlib
import os
import uuid
from pathlib import Path
from typing import BinaryIO, Protocol

from app.services.durable_files import sync_directory

_INCOMING = ".incoming"
_UNSETTLED = ".unsettled"


class IncomingVideo:
    """A file that is still arriving. It is hashed on the way and has no name that anybody looks for.

    It stays open and locked until ``discard``, also when it was kept: the lock tells a sweep that its upload is alive,
    and the kernel releases it when the server is killed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = 0
        self._hash = hashlib.sha256()
        self._file = _create_locked(path)

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

    def discard(self) -> None:
        """The upload is over: leave nothing behind, unless the file was kept; harmless when done twice."""
        self.path.unlink(missing_ok=True)
        self._file.close()


class VideoStore(Protocol):
    """Obligations: ``keep`` is atomic and durable; ``path`` names a file that the engine can open.

    A kept video is *unsettled* until ``settle``: its row is not committed yet. Only unsettled videos are ever swept;
    what was settled belongs to the operator, whichever database the server happens to be started with.
    """

    def begin(self) -> IncomingVideo: ...

    def keep(self, incoming: IncomingVideo, video_id: uuid.UUID) -> None: ...

    def settle(self, video_id: uuid.UUID) -> None: ...

    def path(self, video_id: uuid.UUID) -> Path: ...

    def delete(self, video_id: uuid.UUID) -> None: ...

    def unsettled(self) -> list[uuid.UUID]: ...

    def sweep_incoming(self) -> int: ...


class LocalVideoStore:
    """A directory: ``<id>`` for each video, ``.incoming/`` for those that are still arriving.

    ``.incoming/<id>.unsettled`` marks a video whose row may be missing.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._incoming = self._root / _INCOMING
        self._incoming.mkdir(parents=True, exist_ok=True)

    def begin(self) -> IncomingVideo:
        return IncomingVideo(self._incoming / uuid.uuid4().hex)

    def keep(self, incoming: IncomingVideo, video_id: uuid.UUID) -> None:
        incoming.finish()
        self._marker(video_id).touch()
        sync_directory(self._incoming)
        incoming.path.rename(self.path(video_id))
        sync_directory(self._root)

    def settle(self, video_id: uuid.UUID) -> None:
        self._marker(video_id).unlink(missing_ok=True)

    def path(self, video_id: uuid.UUID) -> Path:
        return self._root / str(video_id)

    def delete(self, video_id: uuid.UUID) -> None:
        self.path(video_id).unlink(missing_ok=True)
        self.settle(video_id)

    def unsettled(self) -> list[uuid.UUID]:
        """Videos that were kept by a server that may have been killed before its commit."""
        marked = [uuid.UUID(path.stem) for path in self._incoming.glob(f"*{_UNSETTLED}")]
        return [video_id for video_id in marked if _is_abandoned(self.path(video_id))]

    def sweep_incoming(self) -> int:
        """Delete what uploads left behind whose server was killed; how many files."""
        dead = [path for path in self._incoming.iterdir() if path.suffix != _UNSETTLED and _is_abandoned(path)]
        for path in dead:
            path.unlink(missing_ok=True)
        return len(dead)

    def _marker(self, video_id: uuid.UUID) -> Path:
        return self._incoming / f"{video_id}{_UNSETTLED}"


def _create_locked(path: Path) -> BinaryIO:
    """A new file under an exclusive lock; made again if a sweep took it away between the two steps."""
    while True:
        file = path.open("xb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():
            return file
        file.close()


def _is_abandoned(path: Path) -> bool:
    """Whether nobody holds the lock of a file; a file that is gone is held by nobody."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True
