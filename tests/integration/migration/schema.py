"""Look at a schema, and load the SQL files as an operator does."""

import re
import shutil
import subprocess
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL, make_url

from tests.conftest import ROOT
from tests.servers.mariadb import PrivateMariaDB

CREATION_SQL = ROOT / "data" / "full_creation.sql"
SEED_SQL = ROOT / "data" / "full_insert.sql"


def mariadb_url_of(server: PrivateMariaDB, database: str) -> URL:
    return make_url(server.url(database)).update_query_dict({"charset": "utf8mb4"})


def load(server: PrivateMariaDB, sql: Path) -> "subprocess.CompletedProcess[str]":
    """``mysql -u root < sql``, by a client whose own character set is not the one of the file."""
    client = shutil.which("mysql") or shutil.which("mariadb")
    assert client is not None, "the server is installed without its client"
    with sql.open("rb") as statements:
        return subprocess.run(
            [client, "--no-defaults", "--default-character-set=latin1", "--protocol=tcp", "--host=127.0.0.1",
             f"--port={server.port}", "--user=root"],
            stdin=statements, capture_output=True, text=True, check=False,
        )  # fmt: skip


def downgrade_database(url: URL, revision: str) -> None:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = url
    command.downgrade(config, revision)


def all_revisions() -> list[str]:
    """The oldest first. Each is a schema that somebody may have."""
    revisions = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini"))).walk_revisions()
    return [script.revision for script in revisions][::-1]


def newest_revision() -> str:
    revision = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini"))).get_current_head()
    assert revision is not None
    return revision


def describe_schema(url: URL) -> dict[str, str]:
    """The statement that makes each table or index, as the database itself tells it."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            made = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
            return {row.name: row.sql for row in made}
        tables = connection.execute(sa.text("SHOW TABLES")).scalars().all()
        made = {table: connection.execute(sa.text(f"SHOW CREATE TABLE `{table}`")).one()[1] for table in tables}
    # How far a table has counted is no part of what it is.
    return {table: re.sub(r" AUTO_INCREMENT=\d+", "", statement) for table, statement in made.items()}
