"""Whether this server can do what it is asked: what a load balancer wants to know before it sends somebody."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.core.config import Settings
from app.core.database import Database
from app.core.errors import Unavailable
from app.core.migrations import is_at_head


def require_readiness(database: Database, settings: Settings) -> None:
    """
    Raises:
        Unavailable: with what is missing, by check: ``database``, ``migrations``, ``data_dir``, ``upload_dir``.
    """
    missing = dict(_missing(database, settings))
    if missing:
        sentence = f"The server is not ready; what is missing: {', '.join(missing)}."
        raise Unavailable(sentence, code="not_ready", fields=missing)


def _missing(database: Database, settings: Settings) -> Iterator[tuple[str, str]]:
    try:
        if not is_at_head(database.engine):
            yield "migrations", "the database has another schema than this version needs; run `coach-pro migrate`"
        else:
            database.try_write()
    except SQLAlchemyError as error:
        yield "database", f"it cannot be written to ({type(error).__name__})"
    for name, directory in (("data_dir", settings.data_dir), ("upload_dir", settings.upload_dir)):
        free_mb = _free_mb(directory)
        if free_mb < settings.ready_free_mb:
            yield name, f"{free_mb} MB are left, and READY_FREE_MB wants {settings.ready_free_mb}"


def _free_mb(directory: Path) -> int:
    """Of a directory that may not have been made yet."""
    existing = next(path for path in (directory.resolve(), *directory.resolve().parents) if path.exists())
    return shutil.disk_usage(existing).free // 2**20
