"""Write data/full_insert.sql, a club to look around in, from data/seed and the models.

    python scripts/make_seed_sql.py            write the file
    python scripts/make_seed_sql.py --check    exit with 1 if the file is not what data/seed and the models say

The rows come from scripts/seed. They pass through an SQLite database in memory, so a file that breaks a foreign key or
a unique key is never written.
"""

import json
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Column, String, Table, literal, select, text
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.core.database import Database
from app.models import Base
from scripts.seed import add_seed

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "data" / "full_insert.sql"

_HEAD = """\
-- A club to look around in, for a database made by data/full_creation.sql.
--     mysql -u root -p < data/full_insert.sql
-- Log in as coach@example.com (owner), analyst@example.com or viewer@example.com with the password coach-pro-demo.
-- Everybody can read that password here, so do not load this file on a server that others can reach.
-- All people, teams and places are invented. The analysis is not: the engine measured it on the film in samples/.
-- Made by scripts/make_seed_sql.py from data/seed and samples/engine_csv; do not edit.

SET NAMES utf8mb4;
USE coach_pro_db;
START TRANSACTION;

"""
_TAIL = "COMMIT;\n"

# Without a driver's parameter style, so that a percent sign in a text stays single.
_DIALECT = mysql.dialect(paramstyle="named")


def seed_sql() -> str:
    """The statements that fill an empty schema."""
    database = Database(URL.create("sqlite+pysqlite", database=":memory:"))
    Base.metadata.create_all(database.engine)
    with database.unit_of_work() as session:
        add_seed(session)
    with database.reading() as session:
        inserts = [_insert(session, table) for table in Base.metadata.sorted_tables]
    database.dispose()
    return _HEAD + "".join(inserts) + _TAIL


def _insert(session: Session, table: Table) -> str:
    """One INSERT with a line per row, in the order in which the rows were added; nothing for an empty table."""
    rows = session.execute(select(table).order_by(text("rowid"))).all()
    if not rows:
        return ""
    used = [column for column in table.columns if any(row._mapping[column] is not None for row in rows)]
    names = ", ".join(_DIALECT.identifier_preparer.format_column(column) for column in used)
    values = ",\n".join(f"  ({', '.join(_literal(row._mapping[column], column) for column in used)})" for row in rows)
    return f"INSERT INTO {_DIALECT.identifier_preparer.format_table(table)} ({names}) VALUES\n{values};\n\n"


def _literal(value: Any, column: Column[Any]) -> str:
    """A value as MySQL reads it, rendered by the column's own type."""
    if isinstance(column.type, JSON) and value is not None:
        expression = literal(json.dumps(value, ensure_ascii=False), String())
    else:
        expression = literal(value, column.type)
    return str(expression.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))


def main(arguments: list[str]) -> None:
    if arguments not in ([], ["--check"]):
        raise SystemExit("usage: make_seed_sql.py [--check]")
    wanted = seed_sql()
    if not arguments:
        TARGET.write_text(wanted, encoding="utf-8")
    elif not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != wanted:
        raise SystemExit(f"{TARGET} is stale: run python scripts/make_seed_sql.py")


if __name__ == "__main__":
    main(sys.argv[1:])
