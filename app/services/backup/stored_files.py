"""The files that belong to rows: which there are, where they lie, and how they come back."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, select

from app.core.errors import BackupError
from app.services.artifacts import kept_positions, kept_preview
from app.services.backup.manifest import FileKind, FilePart
from app.services.backup.vault import copy_hashed, hash_file
from app.services.picture_store import PICTURES_URL, is_picture_name
from app.services.video_store import Fetch, FileStat, VideoStore

_CHUNK_BYTES = 1024 * 1024
_PICTURE_COLUMNS = (("teams", "logo_url"), ("players", "image_url"))

FileKey = tuple[FileKind, str]


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """Where an installation keeps its files; the directories are those that the server uses."""

    videos: VideoStore
    pictures: Path
    artifacts: Path

    @property
    def scratch(self) -> Path:
        """A directory for a restore and nobody else; it is there only meanwhile."""
        return self.artifacts / "restoring"

    @contextmanager
    def opened(self, key: FileKey) -> Iterator[Path]:
        """The file, which stays as long as the block runs; or a path where there is none.

        Raises:
            BackupError: the name is none of ours.
            VideoMissing: a store that is no disk has no such video.
        """
        match self.place(key):
            case uuid.UUID() as video_id:
                with self.videos.opened(video_id, Fetch(once=True)) as path:
                    yield path
            case path:
                yield path

    def stat(self, key: FileKey) -> FileStat:
        """
        Raises:
            BackupError: the name is none of ours.
            FileNotFoundError: there is no such file.
        """
        match self.place(key):
            case uuid.UUID() as video_id:
                return self.videos.stat(video_id)
            case path:
                return FileStat.of(path)

    def place(self, key: FileKey) -> uuid.UUID | Path:
        """What the store calls a video, or where a file of another kind lies.

        Raises:
            BackupError: the name is none of ours, and would lead out of the directory.
        """
        kind, name = key
        try:
            match kind:
                case FileKind.VIDEO:
                    return uuid.UUID(name)
                case FileKind.POSITIONS | FileKind.PREVIEW:
                    job_id, _, fence = name.partition("/")
                    kept = kept_positions if kind is FileKind.POSITIONS else kept_preview
                    return kept(self.artifacts, uuid.UUID(job_id), int(fence))
                case FileKind.PICTURE:
                    if is_picture_name(name):
                        return self.pictures / name
        except ValueError:
            pass
        raise BackupError(f"The backup names a {kind} that cannot be one of ours: {name!r}.")

    def put(self, part: FilePart, source: Path) -> None:
        """Bring a file back. A video stays unsettled until its row is committed."""
        if self._has(part):
            return
        match self.place(part.key):
            case uuid.UUID() as video_id:
                self._put_video(video_id, source)
            case path:
                _put_file(path, source)

    def _has(self, part: FilePart) -> bool:
        try:
            if self.stat(part.key).size_bytes != part.size_bytes:
                return False
            with self.opened(part.key) as path:
                return hash_file(path) == part.sha256
        except FileNotFoundError:
            return False

    def _put_video(self, video_id: uuid.UUID, source: Path) -> None:
        incoming = self.videos.begin()
        try:
            with source.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    incoming.write(chunk)
            self.videos.keep(incoming, video_id)
        finally:
            incoming.discard()


def _put_file(target: Path, source: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming = target.with_name(f".{target.name}.incoming")
    incoming.unlink(missing_ok=True)
    copy_hashed(source, incoming)
    incoming.replace(target)


def wanted_files(connection: Connection, tables: list[Table]) -> set[FileKey]:
    """The files that the rows name. Of jobs that are not completed, there is nothing worth keeping."""
    by_name = {table.name: table for table in tables}
    videos, jobs = by_name["videos"], by_name["jobs"]
    with_footage = select(videos.c.id)
    if "footage_deleted_at" in videos.c:  # younger than some schemas
        with_footage = with_footage.where(videos.c.footage_deleted_at.is_(None))
    wanted = {(FileKind.VIDEO, str(video_id)) for video_id in connection.scalars(with_footage)}
    completed = select(jobs.c.id, jobs.c.fence).where(jobs.c.status == "COMPLETED")
    wanted |= {(FileKind.POSITIONS, f"{job_id}/{fence}") for job_id, fence in connection.execute(completed)}
    if "preview_bytes" in jobs.c:  # younger than some schemas
        with_preview = completed.where(jobs.c.preview_bytes.is_not(None))
        wanted |= {(FileKind.PREVIEW, f"{job_id}/{fence}") for job_id, fence in connection.execute(with_preview)}
    for table, column in _PICTURE_COLUMNS:
        for url in connection.scalars(select(by_name[table].c[column])):
            prefix, _, name = (url or "").rpartition("/")
            if prefix == PICTURES_URL and is_picture_name(name):
                wanted.add((FileKind.PICTURE, name))
    return wanted
