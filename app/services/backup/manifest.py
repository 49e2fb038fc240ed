"""What a backup consists of: the list that is written last and read first."""

import uuid
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

FORMAT = 1


class FileKind(StrEnum):
    VIDEO = "video"
    PICTURE = "picture"
    POSITIONS = "positions"
    PREVIEW = "preview"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    size_bytes: int


class TablePart(_Part):
    """One table, in ``tables/<name>.jsonl`` of the backup."""

    name: str
    rows: int


class FilePart(_Part):
    """One stored file, among the objects under its hash.

    ``name``: a video's id, a picture's name, or the path of positions below the artifacts. ``modified_ns`` as the store
    had it: a file of the same size and time is not read again.
    """

    kind: FileKind
    name: str
    modified_ns: int

    @property
    def key(self) -> tuple[FileKind, str]:
        return self.kind, self.name


class Manifest(BaseModel):
    """``absent``: files that rows name, and that the store did not have; videos that a virus scanner refused, say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    backup_id: uuid.UUID
    made_at: datetime
    revision: str
    tables: tuple[TablePart, ...]
    files: tuple[FilePart, ...]
    absent: tuple[str, ...]
