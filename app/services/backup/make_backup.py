"""The use case behind ``coach-pro backup``: rows of one moment and the files that they name, while the service runs."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from app.core.database import Database
from app.core.errors import BackupError
from app.services.backup.manifest import FORMAT, FilePart, Manifest, TablePart
from app.services.backup.stored_files import FileKey, StoredFiles, wanted_files
from app.services.backup.table_text import reflect_tables, revision_of
from app.services.backup.tables import dump_tables
from app.services.backup.vault import Vault, read_manifest
from app.services.video_store import FileStat

_TRIES = 5


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """``files_copied``: the others had not changed since the latest sound backup. ``damaged``: what ails newer ones."""

    place: Path
    manifest: Manifest
    files_copied: int
    damaged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    revision: str
    tables: tuple[TablePart, ...]
    wanted: set[FileKey]


@dataclass(frozen=True, slots=True)
class _Base:
    """The files of the latest sound backup, as far as their objects are still there, and what ails the newer ones."""

    files: dict[FileKey, FilePart]
    damaged: tuple[str, ...]


def make_backup(database: Database, store: StoredFiles, vault: Vault) -> MadeBackup:
    """Add a backup to the vault; a later one copies only the files that are new.

    The rows come from one read transaction. The files are copied after it: they never change, and a row that names one
    is only committed when it is there. One that was deleted meanwhile, with its row, makes the rows be read again.

    Raises:
        BackupError: the database has no tables, or another backup is being made.
    """
    with vault.locked():
        base = _latest_sound(vault)
        for _ in range(_TRIES):
            directory = vault.begin()
            rows = _dump(database, directory / "tables")
            copy = _FileCopy(store, vault, base.files)
            for key in sorted(rows.wanted):
                copy.take(key)
            if copy.absent <= _wanted_now(database):
                manifest = _manifest(rows, copy)
                return MadeBackup(vault.finish(directory, manifest), manifest, copy.copied, base.damaged)
            shutil.rmtree(directory)
    raise BackupError("Videos were deleted again and again while the backup was made; try it once more.")


def _manifest(rows: _Rows, copy: "_FileCopy") -> Manifest:
    return Manifest(
        format=FORMAT,
        backup_id=uuid.uuid4(),
        made_at=datetime.now(UTC),
        revision=rows.revision,
        tables=rows.tables,
        files=tuple(copy.files),
        absent=tuple(sorted(f"{kind}/{name}" for kind, name in copy.absent)),
    )


class _FileCopy:
    """Copies what the latest sound backup does not have; ``absent`` is what the store does not have."""

    def __init__(self, store: StoredFiles, vault: Vault, latest: dict[FileKey, FilePart]) -> None:
        self.files: list[FilePart] = []
        self.absent: set[FileKey] = set()
        self.copied = 0
        self._store = store
        self._vault = vault
        self._latest = latest

    def take(self, key: FileKey) -> None:
        try:
            found = self._store.stat(key)
            known = self._latest.get(key)
            if known is not None and FileStat(known.size_bytes, known.modified_ns) == found:
                self.files.append(known)
                return
            with self._store.opened(key) as path:
                sha256, size = self._vault.add(path)
        except FileNotFoundError:
            self.absent.add(key)
            return
        self.copied += 1
        part = FilePart(kind=key[0], name=key[1], modified_ns=found.modified_ns, sha256=sha256, size_bytes=size)
        self.files.append(part)


def _latest_sound(vault: Vault) -> _Base:
    """A damaged backup must not stop the next one, which is needed all the more."""
    damaged: list[str] = []
    for place in reversed(vault.places()):
        try:
            files = read_manifest(place).files
        except BackupError as error:
            damaged.append(error.detail)
            continue
        return _Base({part.key: part for part in files if vault.has(part.sha256, part.size_bytes)}, tuple(damaged))
    return _Base({}, tuple(damaged))


def _dump(database: Database, directory: Path) -> _Rows:
    with _one_moment(database) as connection:
        revision = revision_of(connection)
        if revision is None:
            raise BackupError("The database has no tables, so there is nothing to back up.")
        parts = dump_tables(connection, directory)
        return _Rows(revision, parts, wanted_files(connection, reflect_tables(connection)))


def _wanted_now(database: Database) -> set[FileKey]:
    with _one_moment(database) as connection:
        return wanted_files(connection, reflect_tables(connection))


@contextmanager
def _one_moment(database: Database) -> Iterator[Connection]:
    """A transaction in which every statement sees the rows as the first one did. SQLite's do so by themselves."""
    engine = database.engine
    if engine.dialect.name != "sqlite":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection
