"""Connections are asked and reset no more often than it is of use, and no less."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import URL

from app.core import pooling
from app.core.database import Database
from app.models import Club
from tests.servers.mariadb import PrivateMariaDB


@pytest.fixture
def database(mariadb_url: URL) -> Iterator[Database]:
    """A pool of one connection."""
    database = Database(mariadb_url, pool_size=1, max_overflow=0)
    yield database
    database.dispose()


@contextmanager
def counted_pings(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    pings: list[object] = []
    ping = database.engine.dialect.do_ping

    def count(connection: object) -> bool:
        pings.append(connection)
        return ping(connection)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(database.engine.dialect, "do_ping", count)
        yield pings


def connection_id(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("SELECT CONNECTION_ID()")).scalar_one())


def test_a_connection_that_is_in_use_is_not_asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    connection_id(database)
    monkeypatch.setattr(pooling, "_TRUSTED_S", 60.0)
    with counted_pings(database, monkeypatch) as pings:
        connection_id(database)
    assert pings == []


def test_a_dead_one_that_lay_idle_is_replaced(
    database: Database, mariadb: PrivateMariaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooling, "_TRUSTED_S", 0.0)
    first = connection_id(database)
    mariadb.execute(f"KILL {first}")
    time.sleep(0.05)  # a connection that was killed may still be there for a moment
    with counted_pings(database, monkeypatch) as pings:
        second = connection_id(database)
    assert len(pings) == 1
    assert second != first


def open_transactions(mariadb: PrivateMariaDB) -> int:
    with pymysql.connect(host="127.0.0.1", port=mariadb.port, user="root") as connection:
        cursor = connection.cursor()
        time.sleep(0.15)  # what the table tells is up to a tenth of a second old
        cursor.execute("SELECT COUNT(*) FROM information_schema.innodb_trx")
        [number] = cursor.fetchone() or (0,)
        return int(number)


def test_a_transaction_is_ended_once(
    database: Database, mariadb: PrivateMariaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection_id(database)  # SQLAlchemy's first questions to a server end with one, too
    rollbacks: list[object] = []
    roll_back = pymysql.connections.Connection.rollback

    def count(connection: Any) -> None:
        rollbacks.append(connection)
        roll_back(connection)

    monkeypatch.setattr(pymysql.connections.Connection, "rollback", count)
    with database.reading() as session:
        session.scalars(select(Club)).all()
        assert open_transactions(mariadb) == 1
    assert open_transactions(mariadb) == 0
    assert len(rollbacks) == 1


def test_one_that_nobody_ended_ends_with_its_connection(database: Database, mariadb: PrivateMariaDB) -> None:
    with database.unit_of_work() as session:
        session.add(Club(name="kept"))
    raw = database.engine.raw_connection()
    raw.cursor().execute("DELETE FROM clubs")
    assert open_transactions(mariadb) == 1
    raw.close()
    assert open_transactions(mariadb) == 0
    with database.reading() as session:
        assert session.scalars(select(Club.name)).all() == ["kept"]
