"""Where videos lie. The seam is small, so that another store (S3, say) can take the place of the disk."""

import hashlib
import os
import time
import uuid
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

_INCOMING = ".incoming"
STALE_AFTER_S = 3600.0  # an upload that is alive writes more often than this


class IncomingVideo:
    """A file that is still arriving. It is hashed on the way and has no name that anybody looks for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = 0
        self._hash = hashlib.sha256()
        self._file = path.open("xb")

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._hash.update(chunk)
        self.size_bytes += len(chunk)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def finish(self) -> None:
        """Make the bytes durable: a client that was told "accepted" may throw its copy away."""
        if self._file.closed:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def discard(self) -> None:
        """Leave nothing behind; harmless when the file was kept or discarded before."""
        self._file.close()
        self.path.unlink(missing_ok=True)


class VideoStore(Protocol):
    """Obligations: ``keep`` is atomic and durable; ``path`` names a file that the engine can open."""

    def begin(self) -> IncomingVideo: ...

    def keep(self, incoming: IncomingVideo, video_id: uuid.UUID) -> None: ...

    def path(self, video_id: uuid.UUID) -> Path: ...

    def delete(self, video_id: uuid.UUID) -> None: ...

    def orphans(self, known: Collection[uuid.UUID]) -> list[uuid.UUID]: ...

    def sweep_incoming(self) -> int: ...


class LocalVideoStore:
    """A directory: ``<id>`` for each video, ``.incoming/`` for those that are still arriving."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._incoming = self._root / _INCOMING
        self._incoming.mkdir(parents=True, exist_ok=True)

    def begin(self) -> IncomingVideo:
        return IncomingVideo(self._incoming / uuid.uuid4().hex)

    def keep(self, incoming: IncomingVideo, video_id: uuid.UUID) -> None:
        incoming.finish()
        incoming.path.rename(self.path(video_id))
        _sync_directory(self._root)

    def path(self, video_id: uuid.UUID) -> Path:
        return self._root / str(video_id)

    def delete(self, video_id: uuid.UUID) -> None:
        self.path(video_id).unlink(missing_ok=True)

    def orphans(self, known: Collection[uuid.UUID]) -> list[uuid.UUID]:
        """Videos that no row knows and that are too old to be in the middle of an upload."""
        stored = (path for path in self._root.iterdir() if path.is_file() and _is_stale(path))
        ids = (_as_uuid(path.name) for path in stored)
        return [video_id for video_id in ids if video_id is not None and video_id not in known]

    def sweep_incoming(self) -> int:
        """Delete what uploads left behind whose server was killed; how many files."""
        stale = [path for path in self._incoming.iterdir() if _is_stale(path)]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)


def _is_stale(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > STALE_AFTER_S
    except FileNotFoundError:  # kept or discarded meanwhile
        return False


def _as_uuid(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name)
    except ValueError:
        return None


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
