"""The use case behind ``coach-pro restore``: everything is verified before anything is touched."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, select, text

from app.core.database import Database
from app.core.errors import BackupError
from app.core.migrations import is_known_revision, upgrade_database
from app.services.backup.known_erasures import erasures_of_database, erasures_of_vault
from app.services.backup.manifest import FileKind, Manifest
from app.services.backup.stored_files import StoredFiles
from app.services.backup.table_text import read_rows, reflect_tables, revision_of
from app.services.backup.vault import Vault, hash_file, read_manifest
from app.services.changes import EVERYTHING, note_changes
from app.services.clubs import Stores
from app.services.personal_data.reapply_erasures import reapply_erasures
from app.services.picture_store import PictureStore


@dataclass(frozen=True, slots=True)
class Source:
    """One backup, and the vault that has its files."""

    vault: Vault
    place: Path

    @classmethod
    def at(cls, path: Path) -> "Source":
        """A vault, of which the latest backup is meant, or one backup in a vault.

        Raises:
            BackupError: there is no backup.
        """
        if path.parent.name == "backups":
            return cls(Vault(path.parent.parent), path)
        vault = Vault(path)
        latest = vault.latest()
        if latest is None:
            raise BackupError(f"{path} holds no complete backup.")
        return cls(vault, latest)

    def table(self, name: str) -> Path:
        return self.place / "tables" / f"{name}.jsonl"


def restore_backup(database: Database, store: StoredFiles, source: Source, *, replace: bool) -> Manifest:
    """Make an installation what it was when the backup was made. No server may run meanwhile.

    But for those who were erased since, as far as the database or any backup beside this one tells.

    Args:
        replace: delete the rows that are there.

    Raises:
        BackupError: the backup is damaged, or of a newer schema; or the installation is not empty.
    """
    with source.vault.in_use():
        return _restore(database, store, source, replace=replace)


def _restore(database: Database, store: StoredFiles, source: Source, *, replace: bool) -> Manifest:
    manifest = read_manifest(source.place)
    _verify(source, manifest, store)
    erasures = erasures_of_database(database) | erasures_of_vault(source.vault)
    _prepare_schema(database, manifest.revision, replace=replace)
    for part in manifest.files:
        store.put(part, source.vault.object(part.sha256))
    with database.unit_of_work() as session:
        _load(session.connection(), source, manifest)
        note_changes(session, EVERYTHING)
    # Only now: videos without a row are swept at the next start.
    for part in manifest.files:
        if part.kind is FileKind.VIDEO:
            store.videos.settle(UUID(part.name))
    upgrade_database(database.engine.url)
    stores = Stores(videos=store.videos, pictures=PictureStore(store.pictures), artifacts=store.artifacts)
    reapply_erasures(database, erasures, stores)
    return manifest


def _verify(source: Source, manifest: Manifest, store: StoredFiles) -> None:
    if not is_known_revision(manifest.revision):
        raise BackupError(
            f"The backup has the schema {manifest.revision}, which this version of Coach Pro does not know; "
            "restore it with the version that made it, or a newer one."
        )
    for table in manifest.tables:
        _verify_file(source.table(table.name), table.sha256, f"table {table.name}")
    for part in manifest.files:
        store.path(part.key)
        _verify_file(source.vault.object(part.sha256), part.sha256, f"{part.kind} {part.name}")


def _verify_file(path: Path, sha256: str, what: str) -> None:
    try:
        is_sound = hash_file(path) == sha256
    except FileNotFoundError:
        raise BackupError(f"The backup is not complete: its copy of {what} is missing.") from None
    except OSError as error:
        raise BackupError(f"The backup is damaged: its copy of {what} cannot be read ({error.strerror}).") from error
    if not is_sound:
        raise BackupError(f"The backup is damaged: its copy of {what} has another checksum.")


def _prepare_schema(database: Database, revision: str, *, replace: bool) -> None:
    """Make the tables that the backup had, or see that they are there, and empty."""
    with database.engine.connect() as connection:
        present = revision_of(connection)
        if present is not None and not replace and (filled := _first_filled(connection)):
            raise BackupError(
                f"The database is not empty: there are rows in {filled}. Restore into an empty one, or with --replace."
            )
    if present is None:
        upgrade_database(database.engine.url, revision)
    elif present != revision:
        raise BackupError(
            f"The database has the schema {present} and the backup {revision}; restore it into one without tables."
        )


def _first_filled(connection: Connection) -> str | None:
    for table in reflect_tables(connection):
        if connection.execute(select(table).limit(1)).first() is not None:
            return table.name
    return None


def _load(connection: Connection, source: Source, manifest: Manifest) -> None:
    """Replace all rows, in the transaction of the caller."""
    tables = {table.name: table for table in reflect_tables(connection)}
    with _in_any_order(connection):
        for table in tables.values():
            connection.execute(table.delete())
        for part in manifest.tables:
            if part.name not in tables:
                raise BackupError(f"The backup has a table {part.name}, and the schema {manifest.revision} has not.")
            with source.table(part.name).open("rb") as lines:
                if read_rows(connection, tables[part.name], lines) != part.rows:
                    raise BackupError(f"The backup is damaged: table {part.name} does not have {part.rows} rows.")


@contextmanager
def _in_any_order(connection: Connection) -> Iterator[None]:
    """Rows refer to each other in circles: SQLite looks at the end, the others not at all; they were sound before."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        yield
        return
    connection.execute(text("SET FOREIGN_KEY_CHECKS = 0"))
    try:
        yield
    finally:
        connection.execute(text("SET FOREIGN_KEY_CHECKS = 1"))
