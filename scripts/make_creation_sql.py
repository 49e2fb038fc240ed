"""Write data/full_creation.sql, the schema for MySQL and MariaDB, from the migrations.

    python scripts/make_creation_sql.py            write the file
    python scripts/make_creation_sql.py --check    exit with 1 if the file is not what the migrations say

The file notes the revision in ``alembic_version``, so ``alembic upgrade head`` has nothing to do after it is loaded.
"""

import io
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import URL

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "data" / "full_creation.sql"

_HEAD = """\
-- The schema of Coach Pro for MySQL 8 and MariaDB 10.6 or newer, with the database itself.
--     mysql -u root -p < data/full_creation.sql
-- Made by scripts/make_creation_sql.py from the migrations in alembic/versions; do not edit.

SET NAMES utf8mb4;
CREATE DATABASE IF NOT EXISTS coach_pro_db CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
USE coach_pro_db;

"""


def creation_sql() -> str:
    """The statements that make an empty server one with the newest schema."""
    statements = io.StringIO()
    config = Config(str(ROOT / "alembic.ini"), output_buffer=statements)
    config.attributes["url"] = URL.create("mysql+pymysql")  # names the dialect; nothing connects
    command.upgrade(config, "head", sql=True)
    lines = [line.rstrip() for line in statements.getvalue().strip().splitlines()]
    return _HEAD + "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    if arguments not in ([], ["--check"]):
        raise SystemExit("usage: make_creation_sql.py [--check]")
    wanted = creation_sql()
    if not arguments:
        TARGET.write_text(wanted, encoding="utf-8")
    elif not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != wanted:
        raise SystemExit(f"{TARGET} is stale: run python scripts/make_creation_sql.py")


if __name__ == "__main__":
    main(sys.argv[1:])
