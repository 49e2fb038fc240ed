"""Rows as a database itself tells them: without models, so for every revision of the schema."""

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

Row = Mapping[str, Any]
Rows = dict[str, list[Row]]

MOMENT = "2025-06-01 08:30:00.123456"
_MOMENTS = {"clubs": "2024-02-29 23:59:59.999999", "match_lineups": "2025-07-01 12:00:00.000001"}
_IDS = {"id", "resource_id"}
_ONCE = _IDS | {"email", "token_hash"}  # in a whole database
# What the type of a column does not tell.
_WORDS = {
    "action": "create",
    "dominant_foot": "both",
    "event_type": "goal",
    "phase": "ingesting",
    "position": "GK",
    "role": "owner",
    "state": "delivered",
    "status": "COMPLETED",
}
_VALUES: dict[tuple[str, str], Any] = {
    ("matches", "status"): "completed",
    ("staff", "role"): "physio",
    ("users", "email"): "josé@example.com",
    ("teams", "name"): "Ñandú ⚽ 100 % \\ 'quoted'",
    ("job_events", "id"): 7,
    ("webhooks", "events"): '["job.failed"]',
    ("webhook_deliveries", "event_type"): "job.failed",
    ("webhook_deliveries", "payload"): '{"type": "job.failed"}',
    ("audit_log", "before"): "null",
    ("audit_log", "after"): '{"name": "é"}',
    ("formations", "positions"): '[{"position": "GK", "x": 0.5, "y": 0.95}]',
    ("calibrations", "points"): "[]",
    ("analysis_reports", "report_data"): '{"duration_s": null, "notes": "😀"}',
    ("player_match_statistics", "heatmap"): '{"cell_m": 5.0}',
}


def reflected_tables(url: URL) -> list[sa.Table]:
    """The tables that are there, parents first."""
    metadata = sa.MetaData()
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    metadata.reflect(engine)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def read_rows(url: URL) -> Rows:
    """Every row of every table as it is stored, in the order of the keys, which are the first columns."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        tables = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
        return {table: _rows_of(connection, table) for table in tables}


def _rows_of(connection: sa.Connection, table: str) -> list[Row]:
    rows = connection.execute(sa.text(f"SELECT * FROM {table}")).mappings()
    return sorted((dict(row) for row in rows), key=lambda row: [str(value) for value in row.values()])


def insert_rows(url: URL, rows: Mapping[str, list[Row]]) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for table, values in rows.items():
            for row in values:
                names = ", ".join(f"`{name}`" for name in row)
                places = ", ".join(f":{name}" for name in row)
                connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), row)


def one_row_per_table(url: URL, *, generation: int = 0) -> Rows:
    """A row for each table, every column of it filled, every reference to the one row that there is.

    Rows of several generations have room beside each other.
    """
    made: dict[str, Row] = {}
    for table in reflected_tables(url):
        row = {column.name: _value(column, made) for column in table.columns}
        made[table.name] = row | {name: _distinct(table, name, row[name], generation) for name in row}
    return {name: [row] for name, row in made.items()}


def _distinct(table: sa.Table, name: str, value: Any, generation: int) -> Any:
    """``value`` as another generation has it, where two must not be alike."""
    if generation == 0 or table.columns[name].foreign_keys or name not in _ONCE:
        return value
    if isinstance(value, int):
        return value + generation
    return str(uuid.uuid5(uuid.UUID(value), str(generation))) if name in _IDS else f"{generation}{value}"[:64]


def _value(column: sa.Column[Any], parents: Mapping[str, Row]) -> Any:
    table = column.table.name
    for key in column.foreign_keys:
        return parents[key.column.table.name][key.column.name]
    if (table, column.name) in _VALUES:
        return _VALUES[table, column.name]
    if column.name in _WORDS:
        return _WORDS[column.name]
    if column.name in _IDS:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, table))
    return _of_type(column)


def _of_type(column: sa.Column[Any]) -> Any:
    match column.type:
        case sa.DateTime():
            return _MOMENTS.get(column.table.name, MOMENT)
        case sa.Date():
            return "1999-12-31"
        case sa.Float():
            return 0.1 + 0.2
        case sa.Integer() | sa.Boolean():
            return 1
    if column.name.endswith(("_data", "_patterns")):
        return '{"é": [1, 2.5, null]}'
    return f"{column.name} é 😀"[: getattr(column.type, "length", None)]
