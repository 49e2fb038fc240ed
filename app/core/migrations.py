"""Bring a database to the newest schema.

Whoever needs Alembic imports it: a server that starts only looks whether there are tables, and Alembic brings SQL
dialects and templates along, which took a fifteenth of the start.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect
from sqlalchemy.engine import URL

from app.core.bundled import bundled

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory


def upgrade_database(url: URL, revision: str = "head") -> None:
    """Run the migrations that ``url`` lacks; harmless when it lacks none."""
    from alembic import command  # noqa: PLC0415

    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    config = _configuration()
    config.attributes["url"] = url
    command.upgrade(config, revision)


def is_at_head(engine: Engine) -> bool:
    """Whether the database has the schema that this version was written for: no migration is missing, or unknown."""
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    with engine.connect() as connection:
        return frozenset(MigrationContext.configure(connection).get_current_heads()) == _newest_revisions()


@cache
def _newest_revisions() -> frozenset[str]:
    """Read once: to find them, Alembic runs each file of `alembic/versions`, and `/readyz` is asked all the time."""
    return frozenset(_scripts().get_heads())


def is_known_revision(revision: str) -> bool:
    """Whether a schema is one that this program can bring to the newest."""
    from alembic.util import CommandError  # noqa: PLC0415

    try:
        return _scripts().get_revision(revision) is not None
    except CommandError:
        return False


def require_schema(engine: Engine) -> None:
    """Refuse to serve a database without tables: every request would fail with a riddle.

    Raises:
        RuntimeError: the schema is missing; the message names the command that makes it.
    """
    if not inspect(engine).has_table("alembic_version"):
        raise RuntimeError("The database has no tables yet. Run `coach-pro migrate`, or start with `coach-pro serve`.")


def _configuration() -> "Config":
    """What alembic.ini says, which only a checkout has."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(bundled("alembic")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory.from_config(_configuration())
