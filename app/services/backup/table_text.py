"""The rows of a database as text that either database takes back: a file for each table, a JSON array for each row.

The values are those that the columns hold, not those of our models: a dump can be loaded at the revision of its schema,
however old that is, and brought to the newest one afterwards.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import BinaryIO

from sqlalchemy import Connection, MetaData, Table, bindparam, select, text, type_coerce
from sqlalchemy.types import NullType

Value = str | int | float | None
_ROWS_AT_ONCE = 1000
_VERSION_TABLE = "alembic_version"


def reflect_tables(connection: Connection) -> list[Table]:
    """All tables with rows of ours."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [metadata.tables[name] for name in sorted(metadata.tables) if name != _VERSION_TABLE]


def revision_of(connection: Connection) -> str | None:
    """The revision of the schema; None where there are no tables."""
    if not connection.dialect.has_table(connection, _VERSION_TABLE):
        return None
    return str(connection.scalar(text(f"SELECT version_num FROM {_VERSION_TABLE}")))  # noqa: S608 - a constant


def write_rows(connection: Connection, table: Table, target: BinaryIO) -> int:
    """Write the names of the columns, and all rows in the order of the primary key; how many rows."""
    columns = sorted(column.name for column in table.columns)
    target.write(_line(columns))
    plain = [type_coerce(table.c[name], NullType()).label(name) for name in columns]
    query = select(*plain).order_by(*table.primary_key.columns)
    written = 0
    for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query):
        target.write(_line([_as_text(value) for value in row]))
        written += 1
    return written


def read_rows(connection: Connection, table: Table, source: Iterable[bytes]) -> int:
    """Insert the rows that :func:`write_rows` wrote; how many."""
    lines = iter(source)
    columns: list[str] = json.loads(next(lines))
    quoted = [connection.dialect.identifier_preparer.quote(name) for name in (table.name, *columns)]
    places = ", ".join(f":p{number}" for number in range(len(columns)))
    statement = text(f"INSERT INTO {quoted[0]} ({', '.join(quoted[1:])}) VALUES ({places})")  # noqa: S608 - quoted
    statement = statement.bindparams(*(bindparam(f"p{number}") for number in range(len(columns))))
    read = 0
    for batch in _batches(lines):
        connection.execute(statement, batch)
        read += len(batch)
    return read


def _batches(lines: Iterator[bytes]) -> Iterator[list[dict[str, Value]]]:
    while batch := list(islice(lines, _ROWS_AT_ONCE)):
        yield [{f"p{number}": value for number, value in enumerate(json.loads(line))} for line in batch]


def _line(values: list[Value] | list[str]) -> bytes:
    return json.dumps(values, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _as_text(value: object) -> Value:
    """What one driver gives as an object, and the other as text."""
    match value:
        case datetime():
            return value.isoformat(" ", "microseconds")
        case date():
            return value.isoformat()
        case None | str() | int() | float():
            return value
        case _:
            raise TypeError(f"a column holds a {type(value).__name__}, which a backup does not know")
