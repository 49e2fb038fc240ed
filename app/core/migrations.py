"""Bring a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, inspect
from sqlalchemy.engine import URL

_ALEMBIC_INI = Path(__file__).resolve().parents[2] / "alembic.ini"


def upgrade_database(url: URL, revision: str = "head") -> None:
    """Run the migrations that ``url`` lacks; harmless when it lacks none."""
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    config = Config(str(_ALEMBIC_INI))
    config.attributes["url"] = url
    command.upgrade(config, revision)


def is_at_head(engine: Engine) -> bool:
    """Whether the database has the schema that this version was written for: no migration is missing, or unknown."""
    wanted = ScriptDirectory.from_config(Config(str(_ALEMBIC_INI))).get_heads()
    with engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == set(wanted)


def is_known_revision(revision: str) -> bool:
    """Whether a schema is one that this program can bring to the newest."""
    try:
        return ScriptDirectory.from_config(Config(str(_ALEMBIC_INI))).get_revision(revision) is not None
    except CommandError:
        return False


def require_schema(engine: Engine) -> None:
    """Refuse to serve a database without tables: every request would fail with a riddle.

    Raises:
        RuntimeError: the schema is missing; the message names the command that makes it.
    """
    if not inspect(engine).has_table("alembic_version"):
        raise RuntimeError("The database has no tables yet. Run `alembic upgrade head`, or start with `make run`.")
