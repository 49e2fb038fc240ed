"""Copies of videos that lie elsewhere, on this machine's disk, for engines, which open files."""

import fcntl
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from app.services.incoming_videos import IncomingVideo, IncomingVideos
from app.services.video_store import VideoDamaged

_FETCHED = ".fetched"


class FetchedVideos:
    """``.fetched/<id>`` in the directory of a store; several processes may share it.

    Who uses a copy holds a lock on it. Of the others, those that were used last stay, up to ``keep_bytes`` in all.
    """

    def __init__(self, root: Path, incoming: IncomingVideos, *, keep_bytes: int) -> None:
        self._directory = root / _FETCHED
        self._directory.mkdir(parents=True, exist_ok=True)
        self._incoming = incoming
        self._keep_bytes = keep_bytes

    @contextmanager
    def opened(
        self, video_id: uuid.UUID, fetch: Callable[[IncomingVideo], str | None], *, once: bool = False
    ) -> Iterator[Path]:
        """The copy of a video; nobody but a deletion of the video takes it away while the block runs.

        Args:
            fetch: writes the video where there is no copy yet, and returns the SHA-256 that it must have, if known.
            once: nobody is going to need the copy again, unless there is one already.

        Raises:
            VideoDamaged: what was fetched has another checksum.
        """
        path, fetched = self._path(video_id), False
        while (file := _lock_shared(path)) is None:
            self._fetch(path, fetch)
            fetched = True
        try:
            with file:
                os.utime(file.fileno())  # and not of the path: a deletion may have taken that
                yield path
        finally:
            if once and fetched:
                _delete_unused(path)
            else:
                self._make_room()

    def add(self, incoming: IncomingVideo, video_id: uuid.UUID) -> None:
        """Have a copy before anybody asks, of a file that has just come; not of one that could not stay."""
        if incoming.size_bytes > self._keep_bytes:
            return
        with suppress(FileExistsError):
            os.link(incoming.path, self._path(video_id))
        self._make_room()

    def forget(self, video_id: uuid.UUID) -> None:
        """Of a video that is deleted: whoever reads the copy reads on, and nobody finds it any more."""
        self._path(video_id).unlink(missing_ok=True)

    def drop(self, video_id: uuid.UUID) -> None:
        """Unless somebody uses the copy."""
        _delete_unused(self._path(video_id))

    def names(self) -> list[uuid.UUID]:
        found: list[uuid.UUID] = []
        for path in self._directory.iterdir():
            with suppress(ValueError):  # NFS renames what is deleted while it is open
                found.append(uuid.UUID(path.name))
        return found

    def _path(self, video_id: uuid.UUID) -> Path:
        return self._directory / str(video_id)

    def _fetch(self, path: Path, fetch: Callable[[IncomingVideo], str | None]) -> None:
        incoming = self._incoming.begin()
        try:
            expected = fetch(incoming)
            if expected is not None and incoming.sha256 != expected:
                raise VideoDamaged(f"video {path.name} is stored with another SHA-256 than it came with")
            incoming.finish()
            with suppress(FileExistsError):  # somebody else has fetched it meanwhile
                os.link(incoming.path, path)
        finally:
            incoming.discard()

    def _make_room(self) -> None:
        """Of the copies that nobody uses, delete those that were not used for longest, until the others fit."""
        copies = [(path, stat) for path in self._directory.iterdir() if (stat := _stat(path)) is not None]
        kept_bytes = 0
        for path, stat in sorted(copies, key=lambda copy: copy[1].st_mtime_ns, reverse=True):
            if kept_bytes + stat.st_size > self._keep_bytes:
                _delete_unused(path)
            elif _is_unused(path):
                kept_bytes += stat.st_size


def _lock_shared(path: Path) -> BinaryIO | None:
    """The file, locked against its deletion; None where there is none, or none any more."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    fcntl.flock(file, fcntl.LOCK_SH)
    if _is_at(path, file):
        return file
    file.close()
    return None


def _delete_unused(path: Path) -> None:
    with _locked_if_unused(path) as is_ours:
        if is_ours:
            path.unlink(missing_ok=True)  # a deletion asks for no lock


def _is_unused(path: Path) -> bool:
    with _locked_if_unused(path) as is_ours:
        return is_ours


@contextmanager
def _locked_if_unused(path: Path) -> Iterator[bool]:
    """Whether nobody uses a copy; then nobody begins to while the block runs."""
    try:
        file = path.open("r+b")  # NFS gives an exclusive lock to those only who may write
    except FileNotFoundError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield _is_at(path, file)


def _is_at(path: Path, file: BinaryIO) -> bool:
    """Whether the name is still that of the open file, and not of another one, fetched since."""
    found = _stat(path)
    return found is not None and os.path.samestat(found, os.fstat(file.fileno()))


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
