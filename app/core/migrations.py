"""Bring a database to the newest schema.

Whoever needs Alembic imports it: a server that starts only looks which schema is there, and Alembic brings SQL dialects
and templates along, and runs each migration's file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, NullPool, create_engine, inspect, text
from sqlalchemy.engine import URL

from app.core.bundled import bundled
from app.core.errors import CannotStart

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

_TABLE = "alembic_version"  # Alembic's own

NEWEST_REVISION = "0014"
"""The last migration of `alembic/versions`: the schema that this version of the program was written for."""


def upgrade_database(url: URL, revision: str = NEWEST_REVISION) -> None:
    """Run the migrations that ``url`` lacks; harmless when it lacks none."""
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    if _has_schema(url, revision):
        return
    from alembic import command  # noqa: PLC0415

    config = _configuration()
    config.attributes["url"] = url
    command.upgrade(config, revision)


def is_at_head(engine: Engine) -> bool:
    """Whether the database has the schema that this version was written for: no migration is missing, or unknown."""
    return _revisions_of(engine) == [NEWEST_REVISION]


def is_newest_revision(revision: str) -> bool:
    return revision == NEWEST_REVISION


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
        CannotStart: the schema is missing; the message names the command that makes it.
    """
    if not inspect(engine).has_table(_TABLE):
        raise CannotStart("The database has no tables yet. Run `coach-pro migrate`, or start with `coach-pro serve`.")


def _has_schema(url: URL, revision: str) -> bool:
    engine = create_engine(url, poolclass=NullPool)
    try:
        return _revisions_of(engine) == [revision]
    finally:
        engine.dispose()


def _revisions_of(engine: Engine) -> Sequence[str]:
    """One; none where there are no tables yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(_TABLE):
            return []
        return connection.scalars(text(f"SELECT version_num FROM {_TABLE}")).all()  # noqa: S608 - ours


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
