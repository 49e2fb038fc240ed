"""One process at a time migrates a database, however many start at the same moment."""

import fcntl
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

log = logging.getLogger(__name__)

_SAY_AGAIN_S = 30
_WAITING = "another process migrates the database; this one waits for it"


@contextmanager
def migrating_alone(connection: Connection) -> Iterator[None]:
    """Wait until nobody else migrates the database of ``connection``, and keep others waiting.

    On SQLite for the block; on a server until ``connection`` is closed, so it must come from no pool. The lock is the
    process' own and no row: one that dies lets it go. Who waits says so in the log.
    """
    if connection.dialect.name == "sqlite":
        with _file_lock(connection.engine.url.database):
            yield
    else:
        _take_server_lock(connection)
        yield


@contextmanager
def _file_lock(database: str | None) -> Iterator[None]:
    """On a file beside the database, which stays: a lock on one that was removed keeps nobody out."""
    if not database or database == ":memory:":  # which no other process sees
        yield
        return
    with Path(f"{database}.migrating").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.warning(_WAITING)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _take_server_lock(connection: Connection) -> None:
    """MariaDB's and MySQL's named lock, which ends with the session; and a session ends with its process."""
    arguments = {"name": _lock_name(str(connection.engine.url.database)), "patience_s": 0}
    while not connection.scalar(text("SELECT GET_LOCK(:name, :patience_s)"), arguments):
        log.warning(_WAITING)
        arguments["patience_s"] = _SAY_AGAIN_S
    connection.rollback()  # Alembic commits only a transaction that it has begun itself


def _lock_name(database: str) -> str:
    """Locks are the whole server's, which may have several of our databases; MySQL allows 64 characters."""
    return f"coach_pro.migrate.{hashlib.sha256(database.encode()).hexdigest()[:32]}"
