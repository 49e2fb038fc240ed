"""All rows of a database in a directory of text files, one for each table, and back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from app.core.errors import BackupError
from app.services.backup.manifest import TablePart
from app.services.backup.table_text import read_rows, reflect_tables, write_rows
from app.services.backup.vault import hash_file


@dataclass(frozen=True, slots=True)
class Dump:
    """The tables of one moment, each in ``<name>.jsonl`` of a directory, with the revision of their schema."""

    directory: Path
    revision: str
    tables: Sequence[TablePart]

    def path(self, table: str) -> Path:
        return _path(self.directory, table)


def dump_tables(connection: Connection, directory: Path) -> tuple[TablePart, ...]:
    """Write each table into a new file of the directory."""
    parts = []
    for table in reflect_tables(connection):
        path = _path(directory, table.name)
        with path.open("xb") as file:
            rows = write_rows(connection, table, file)
        parts.append(TablePart(name=table.name, rows=rows, sha256=hash_file(path), size_bytes=path.stat().st_size))
    return tuple(parts)


def load_tables(connection: Connection, dump: Dump) -> None:
    """Replace all rows, in the transaction of the caller.

    Raises:
        BackupError: the rows are of another schema, or not as many as they should be.
    """
    tables = {table.name: table for table in reflect_tables(connection)}
    with _in_any_order(connection):
        for table in tables.values():
            connection.execute(table.delete())
        for part in dump.tables:
            if part.name not in tables:
                raise BackupError(f"The backup has a table {part.name}, and the schema {dump.revision} has not.")
            with dump.path(part.name).open("rb") as lines:
                if read_rows(connection, tables[part.name], lines) != part.rows:
                    raise BackupError(f"The backup is damaged: table {part.name} does not have {part.rows} rows.")


def _path(directory: Path, table: str) -> Path:
    return directory / f"{table}.jsonl"


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
