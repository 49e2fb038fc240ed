"""Alembic's entry point. The database is the one of ``Settings``, unless the caller put a URL into ``attributes``."""

from contextlib import nullcontext
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import create_engine
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.core.explanation import explained
from app.core.migration_lock import migrating_alone
from app.models import Base
from app.models.base import UtcDateTime, UuidText


def database_url() -> URL:
    url: URL | None = context.config.attributes.get("url")
    return url or Settings().sqlalchemy_url


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write our column types as plain ones, so that a migration does not depend on today's code."""
    if kind == "type" and isinstance(item, UuidText):
        return "sa.CHAR(36)"
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen_context.imports.add("from sqlalchemy.dialects import mysql")
        return 'sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")'
    return False


def run_offline() -> None:
    context.configure(url=database_url(), target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    url = database_url()
    engine = create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection, migrating_alone(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            render_as_batch=url.get_backend_name() == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run = run_offline if context.is_offline_mode() else run_online
with nullcontext() if "url" in context.config.attributes else explained():
    run()
