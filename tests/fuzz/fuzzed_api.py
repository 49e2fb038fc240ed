"""The application under fuzzing: a club with rows in every table, an owner who is logged in, and a way back."""

import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url

from app.core.config import Settings
from app.core.migrations import upgrade_database
from app.factory import create_app
from app.models import Base
from app.services.engine import ScriptedEngine
from tests.populated_club import TABLES, PopulatedClub, populate_club
from tests.servers.mariadb import PrivateMariaDB
from tests.servers.scripts import good_run

OWNER = {"email": "owner@example.com", "password": "correct horse"}
OWNERS_TOKEN = "the-owners"
"""Stands for the owner's access token, which is not known yet when the cases are made."""

_SECRET_KEY = "a-secret-that-is-only-used-by-the-test-suite"
_ROWS = 5


@dataclass(frozen=True, slots=True)
class FreshRows:
    """The rows of all tables as they were at first, in a second database on the same server."""

    engine: Engine
    attach: tuple[str, ...] = ()
    detach: tuple[str, ...] = ()

    def keep(self) -> None:
        self._run(*(f"CREATE TABLE fresh.{table} AS SELECT * FROM {table}" for table in _tables()))

    def restore(self) -> None:
        empty = (f"DELETE FROM {table}" for table in reversed(_tables()))
        fill = (f"INSERT INTO {table} SELECT * FROM fresh.{table}" for table in _tables())
        self._run("BEGIN", *empty, *fill, "COMMIT")

    def _run(self, *statements: str) -> None:
        with closing(self.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
            for statement in (*self.attach, *statements, *self.detach):
                cursor.execute(statement)


def _tables() -> list[str]:
    return [table.name for table in Base.metadata.sorted_tables]


@dataclass
class FuzzedApi:
    """An ASGI application without a lifespan: it lives as long as the block of :func:`fuzzed_api`."""

    app: Any
    fresh: FreshRows
    club: PopulatedClub
    token: str

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        stands_for = (b"authorization", f"Bearer {OWNERS_TOKEN}".encode())
        real = (b"authorization", f"Bearer {self.token}".encode())
        headers = [real if header == stands_for else header for header in scope["headers"]]
        await self.app(scope | {"headers": headers}, receive, send)

    def with_existing_ids(self, path: str, value: Any, name: str = "") -> Any:
        """``value``, with two of three ids in it replaced by the id of a row that their name may mean."""
        if isinstance(value, dict):
            return {key: self.with_existing_ids(path, item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.with_existing_ids(path, item, name) for item in value]
        stem = name.removeprefix("home_").removeprefix("away_").partition("[")[0]
        if not _is_id(value) or not (stem in TABLES or stem in {"club_id", "statistics_id"}):
            return value
        draw = zlib.crc32(value.encode())
        return str(self.club.parameter(path, stem, draw % _ROWS)) if draw % 3 else value


@contextmanager
def database_on(kind: str, directory: Path) -> Iterator[tuple[URL, tuple[str, ...], tuple[str, ...]]]:
    """A new database, and the statements by which a connection to it gets and loses the second one."""
    if kind == "sqlite":
        attach = (f"ATTACH DATABASE '{directory / 'fresh.db'}' AS fresh",)
        yield (
            URL.create("sqlite+pysqlite", database=str(directory / "coach_pro.db")),
            attach,
            ("DETACH DATABASE fresh",),
        )
        return
    server = PrivateMariaDB(directory)
    server.start()
    try:
        for name in ("coach_pro", "fresh"):
            server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        yield make_url(server.url("coach_pro")).update_query_dict({"charset": "utf8mb4"}), (), ()
    finally:
        server.stop()


@contextmanager
def fuzzed_api(kind: str, directory: Path) -> Iterator[FuzzedApi]:
    with database_on(kind, directory) as (url, attach, detach):
        upgrade_database(url)
        settings = Settings(
            _env_file=None,
            secret_key=_SECRET_KEY,
            database_url=url.render_as_string(hide_password=False),
            data_dir=directory / "var",
            upload_dir=directory / "uploads",
            max_upload_size_mb=1,
            embedded_workers=0,
            rate_limits=False,  # hundreds of requests a second from one address
            log_level="ERROR",
        )
        app = create_app(settings, engine=ScriptedEngine(good_run))
        with TestClient(app) as client:
            token = client.post("/api/register", json=OWNER).json()["access_token"]
            database = app.state.parts.database
            with database.unit_of_work() as session:
                club = populate_club(session, OWNER["email"], mark="One", count=_ROWS)
            fresh = FreshRows(database.engine, attach, detach)
            fresh.keep()
            yield FuzzedApi(app, fresh, club, token)


def _is_id(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return isinstance(value, str)
