"""The database: engine, units of work, and what runs after a commit.

One unit of work is one transaction. Nobody commits but :class:`Database`; a side effect that must not happen before the
commit (waking a worker, for example) is registered with :func:`after_commit`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Engine, create_engine, event, select, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_AFTER_COMMIT = "after_commit"
_SQLITE_BEGIN = "sqlite_begin"


class utc_clock(FunctionElement[datetime]):  # noqa: N801 - reads as an SQL function
    """The database's clock in UTC, to the microsecond (SQLite: millisecond)."""

    type = DateTime()
    inherit_cache = True


@compiles(utc_clock, "mysql")
@compiles(utc_clock, "mariadb")
def _utc_clock_mysql(element: utc_clock, compiler: SQLCompiler, **_: Any) -> str:
    return "UTC_TIMESTAMP(6)"


@compiles(utc_clock, "sqlite")
def _utc_clock_sqlite(element: utc_clock, compiler: SQLCompiler, **_: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


def database_now(session: Session) -> datetime:
    """The database's time: leases of several processes are compared with one clock only."""
    return session.execute(select(utc_clock())).scalar_one().replace(tzinfo=UTC)


def after_commit(session: Session, effect: Callable[[], None]) -> None:
    """Run ``effect`` once the unit of work of ``session`` is committed; never if it is rolled back.

    SQLAlchemy's own ``after_commit`` event will not do: it also fires when a savepoint is released.
    """
    session.info.setdefault(_AFTER_COMMIT, []).append(effect)


class Database:
    """An engine and the two kinds of transaction that run on it."""

    def __init__(self, url: URL, *, pool_size: int = 20, max_overflow: int = 40) -> None:
        self.engine = _make_engine(url, pool_size, max_overflow)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        # SQLite: take the write lock with the first statement. A transaction that reads first and writes later fails
        # when somebody else wrote in between, and waiting does not help it.
        self._writing = sessionmaker(
            self.engine.execution_options(**{_SQLITE_BEGIN: "BEGIN IMMEDIATE"}), expire_on_commit=False
        )

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """A transaction that commits at the end of the block, or rolls back when the block raises.

        It begins, and takes a connection, with its first statement.
        """
        with self._writing() as session:
            yield session
            session.commit()
            effects: list[Callable[[], None]] = session.info.pop(_AFTER_COMMIT, [])
        for effect in effects:
            effect()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads; it is rolled back at the end."""
        with self._reading() as session:
            yield session

    def is_connected(self) -> bool:
        with self.engine.connect() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one() == 1)

    def dispose(self) -> None:
        self.engine.dispose()


def _make_engine(url: URL, pool_size: int, max_overflow: int) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_pre_ping=True,
            pool_recycle=3600,  # below MariaDB's wait_timeout of 8 h
            connect_args={"connect_timeout": 10, "read_timeout": 60, "write_timeout": 60},
            isolation_level="READ COMMITTED",  # a claim must see what another worker committed a moment ago
        )
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=pool_size, max_overflow=max_overflow, connect_args={"timeout": 30}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are ours: see _begin_sqlite
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_SQLITE_BEGIN, "BEGIN"))
