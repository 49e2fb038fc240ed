"""The use case behind ``coach-pro restore``: everything is verified before anything is touched."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.engine import URL

from app.core.database import Database
from app.core.errors import BackupError, StoreUnavailable
from app.core.migrations import is_known_revision, is_newest_revision, upgrade_database
from app.services.backup.known_erasures import erasures_of_database, erasures_of_vault
from app.services.backup.manifest import Manifest
from app.services.backup.stored_files import StoredFiles
from app.services.backup.table_text import reflect_tables, revision_of
from app.services.backup.tables import Dump, dump_tables, load_tables
from app.services.backup.vault import Vault, hash_file, read_manifest
from app.services.changes import EVERYTHING, note_changes
from app.services.clubs import Stores
from app.services.personal_data.reapply_erasures import reapply_erasures
from app.services.picture_store import PictureStore
from app.services.sweep_storage import sweep_storage


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

    def dump(self, manifest: Manifest) -> Dump:
        return Dump(self.place / "tables", manifest.revision, manifest.tables)


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
    dump = source.dump(manifest)
    _verify(source.vault, manifest, dump, store)
    erasures = erasures_of_database(database) | erasures_of_vault(source.vault)
    _prepare_schema(database, replace=replace)
    for part in manifest.files:
        store.put(part, source.vault.object(part.sha256))
    stores = Stores(videos=store.videos, pictures=PictureStore(store.pictures), artifacts=store.artifacts)
    # One transaction: whoever is killed in it brings nobody back, and loses nothing of what the database knew.
    with _of_newest_schema(dump, store.scratch) as rows, database.unit_of_work() as session:
        load_tables(session.connection(), rows)
        reapply_erasures(session, erasures, stores)
        note_changes(session, EVERYTHING)
    with suppress(StoreUnavailable):  # every server sweeps, too
        sweep_storage(database, store.videos)  # only now: videos without a row are deleted, those with one are settled
    return manifest


@contextmanager
def _of_newest_schema(dump: Dump, scratch: Path) -> Iterator[Dump]:
    """The rows as the newest schema has them: older ones are migrated in a database of their own.

    Where the rows are going, a migration would commit them before anybody is erased.
    """
    if is_newest_revision(dump.revision):
        yield dump
        return
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed restore left
    try:
        yield _migrated(dump, scratch)
    finally:
        shutil.rmtree(scratch)


def _migrated(dump: Dump, scratch: Path) -> Dump:
    tables = scratch / "tables"
    scratch.mkdir(mode=0o700, parents=True)
    tables.mkdir()
    url = URL.create("sqlite+pysqlite", database=str(scratch / "rows.db"))
    upgrade_database(url, dump.revision)
    database = Database(url)
    try:
        with database.unit_of_work() as session:
            load_tables(session.connection(), dump)
        upgrade_database(url)
        with database.engine.connect() as connection:
            return Dump(tables, str(revision_of(connection)), dump_tables(connection, tables))
    finally:
        database.dispose()


def _verify(vault: Vault, manifest: Manifest, dump: Dump, store: StoredFiles) -> None:
    if not is_known_revision(manifest.revision):
        raise BackupError(
            f"The backup has the schema {manifest.revision}, which this version of Coach Pro does not know; "
            "restore it with the version that made it, or a newer one."
        )
    for table in dump.tables:
        _verify_file(dump.path(table.name), table.sha256, f"table {table.name}")
    for part in manifest.files:
        store.place(part.key)
        _verify_file(vault.object(part.sha256), part.sha256, f"{part.kind} {part.name}")


def _verify_file(path: Path, sha256: str, what: str) -> None:
    try:
        is_sound = hash_file(path) == sha256
    except FileNotFoundError:
        raise BackupError(f"The backup is not complete: its copy of {what} is missing.") from None
    except OSError as error:
        raise BackupError(f"The backup is damaged: its copy of {what} cannot be read ({error.strerror}).") from error
    if not is_sound:
        raise BackupError(f"The backup is damaged: its copy of {what} has another checksum.")


def _prepare_schema(database: Database, *, replace: bool) -> None:
    """Bring the database to the newest schema, and see that it is empty, or may be emptied."""
    with database.engine.connect() as connection:
        present = revision_of(connection)
        if present is not None and not replace and (filled := _first_filled(connection)):
            raise BackupError(
                f"The database is not empty: there are rows in {filled}. Restore into an empty one, or with --replace."
            )
    if present is not None and not is_known_revision(present):
        raise BackupError(
            f"The database has the schema {present}, which this version of Coach Pro does not know; "
            "restore into one without tables."
        )
    upgrade_database(database.engine.url)


def _first_filled(connection: Connection) -> str | None:
    for table in reflect_tables(connection):
        if connection.execute(select(table).limit(1)).first() is not None:
            return table.name
    return None
