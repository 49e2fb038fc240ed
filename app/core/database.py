"""The database: engine, units of work, and what runs after a commit.

One unit of work is one transaction. Nobody commits but :class:`Database`; a side effect that must not happen before the
commit (waking a worker, for example) is registered with :func:`after_commit`.
"""

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    DateTime,
    Engine,
    SQLColumnExpression,
    String,
    create_engine,
    event,
    literal,
    select,
    text,
)
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.core.collation import collated, searchable
from app.core.pooling import spare_round_trips
from app.core.text import MARKS, SPELLED_OUT
from app.core.traced_statements import trace_statements
from app.core.violations import translated_violations

_AFTER_COMMIT, _AFTER_ROLLBACK = "after_commit", "after_rollback"
_SQLITE_BEGIN = "sqlite_begin"
_LIKE_ESCAPE = "/"


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


class search_fold(FunctionElement[str]):  # noqa: N801 - reads as an SQL function
    """A text without case and accents, to search in and to sort by. What it looks like is the database's business."""

    type = String()
    inherit_cache = True


@compiles(search_fold, "mysql")
@compiles(search_fold, "mariadb")
def _search_fold_mysql(element: search_fold, compiler: SQLCompiler, **options: Any) -> str:
    return _folded_mysql(compiler.process(element.clauses, **options))


def _folded_mysql(sql: str) -> str:
    sql = f"REGEXP_REPLACE({sql}, '[{MARKS}]', '')"  # LIKE would want a letter in their place
    for letter, spelled in SPELLED_OUT.items():
        sql = f"REPLACE({sql}, '{letter}', '{spelled}')"
    return f"({sql} COLLATE utf8mb4_unicode_520_ci)"


@compiles(search_fold, "sqlite")
def _search_fold_sqlite(element: search_fold, compiler: SQLCompiler, **options: Any) -> str:
    return f"search_fold({compiler.process(element.clauses, **options)})"


class search_contains(FunctionElement[bool]):  # noqa: N801 - reads as an SQL function
    """Whether a text contains another one, whatever the case and the accents: ``search_contains(column, wanted)``."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: SQLColumnExpression[Any], wanted: str) -> None:
        pattern = _escape_like(unicodedata.normalize("NFC", wanted))  # LIKE compares letter by letter
        super().__init__(column, literal(wanted, String()), literal(pattern, String()))


@compiles(search_contains, "mysql")
@compiles(search_contains, "mariadb")
def _search_contains_mysql(element: search_contains, compiler: SQLCompiler, **options: Any) -> str:
    column, _, pattern = (_folded_mysql(compiler.process(part, **options)) for part in element.clauses)
    return f"{column} LIKE {pattern} ESCAPE '{_LIKE_ESCAPE}'"


@compiles(search_contains, "sqlite")
def _search_contains_sqlite(element: search_contains, compiler: SQLCompiler, **options: Any) -> str:
    column, wanted, _ = (f"searchable({compiler.process(part, **options)})" for part in element.clauses)
    return f"instr({column}, {wanted}) > 0"  # not LIKE: it ends at the first NUL


def _escape_like(text: str) -> str:
    for letter in (_LIKE_ESCAPE, "%", "_"):
        text = text.replace(letter, _LIKE_ESCAPE + letter)
    return f"%{text}%"


def database_now(session: Session) -> datetime:
    """The database's time: leases of several processes are compared with one clock only."""
    return session.execute(select(utc_clock())).scalar_one().replace(tzinfo=UTC)


def _run_all(session: Session, when: str) -> None:
    effects: list[Callable[[], object]] = session.info.pop(when, [])
    with ExitStack() as stack:
        for effect in reversed(effects):  # in their order, and each of them even if one before it raises
            stack.callback(effect)


def after_commit(session: Session, effect: Callable[[], object]) -> None:
    """Run ``effect`` once the unit of work of ``session`` is committed; never if it is rolled back.

    SQLAlchemy's own ``after_commit`` event will not do: it also fires when a savepoint is released.
    """
    session.info.setdefault(_AFTER_COMMIT, []).append(effect)


def after_rollback(session: Session, effect: Callable[[], object]) -> None:
    """Run ``effect`` if the block of the unit of work raises; not if its commit does: that may have arrived."""
    session.info.setdefault(_AFTER_ROLLBACK, []).append(effect)


class Database:
    """An engine and the two kinds of transaction that run on it."""

    def __init__(self, url: URL, *, pool_size: int = 20, max_overflow: int = 40) -> None:
        self.engine = _make_engine(url, pool_size, max_overflow)
        trace_statements(self.engine)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        # SQLite: take the write lock with the first statement. A transaction that reads first and writes later fails
        # when somebody else wrote in between, and waiting does not help it.
        self.writing = sessionmaker(  # to listen to its events; sessions are opened by `unit_of_work`
            self.engine.execution_options(**{_SQLITE_BEGIN: "BEGIN IMMEDIATE"}), expire_on_commit=False
        )

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """A transaction that commits at the end of the block, or rolls back when the block raises.

        It begins, and takes a connection, with its first statement.

        Raises:
            Conflict: a unique or foreign key of the database forbids what was written.
        """
        with self.writing() as session, translated_violations():
            try:
                yield session
            except BaseException:
                _run_all(session, _AFTER_ROLLBACK)
                raise
            session.commit()
        _run_all(session, _AFTER_COMMIT)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads; it is rolled back at the end."""
        with self._reading() as session:
            yield session

    def is_connected(self) -> bool:
        with self.engine.connect() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one() == 1)

    def try_write(self) -> None:
        """Write something, and take it back.

        Raises:
            SQLAlchemyError: the database is away, full, or only to be read.
        """
        with self.writing() as session:
            session.execute(text("UPDATE alembic_version SET version_num = version_num"))
            session.rollback()

    @property
    def connections_in_use(self) -> int:
        """Of this process, at this moment."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    def dispose(self) -> None:
        self.engine.dispose()


def _make_engine(url: URL, pool_size: int, max_overflow: int) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_reset_on_return=None,
            pool_recycle=3600,  # below MariaDB's wait_timeout of 8 h
            connect_args={"connect_timeout": 10, "read_timeout": 60, "write_timeout": 60},
            isolation_level="READ COMMITTED",  # a claim must see what another worker committed a moment ago
        )
        spare_round_trips(engine)
        return engine
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
    connection.create_function("search_fold", 1, collated, deterministic=True)
    connection.create_function("searchable", 1, searchable, deterministic=True)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_SQLITE_BEGIN, "BEGIN"))
