"""The files that belong to rows: which there are, where they lie, and how they come back."""

import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, select

from app.core.errors import BackupError
from app.services.artifacts import kept_positions, kept_preview
from app.services.backup.manifest import FileKind, FilePart
from app.services.backup.vault import copy_hashed, hash_file
from app.services.picture_store import PICTURES_URL, is_picture_name
from app.services.video_store import VideoStore

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

    def path(self, key: FileKey) -> Path:
        """
        Raises:
            BackupError: the name is none of ours, and would lead out of the directory.
        """
        kind, name = key
        try:
            match kind:
                case FileKind.VIDEO:
                    return self.videos.path(uuid.UUID(name))
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
        target = self.path(part.key)
        if target.is_file() and target.stat().st_size == part.size_bytes and hash_file(target) == part.sha256:
            return
        if part.kind is FileKind.VIDEO:
            self._put_video(uuid.UUID(part.name), source)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming = target.with_name(f".{target.name}.incoming")
        incoming.unlink(missing_ok=True)
        copy_hashed(source, incoming)
        incoming.replace(target)

    def _put_video(self, video_id: uuid.UUID, source: Path) -> None:
        incoming = self.videos.begin()
        try:
            with source.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    incoming.write(chunk)
            self.videos.keep(incoming, video_id)
        finally:
            incoming.discard()


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
