"""A request whose transaction the database gave up is tried again, as if nothing had happened."""

import threading
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pymysql
import pytest
from fastapi import APIRouter, Form
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import factory
from app.api import transaction_retry
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.retrying_route import RetryingRoute
from app.core.database import Database, after_commit
from app.models import AuditEntry, Job, Match, Team
from tests.integration.api.conftest import assert_nothing_left, assert_problem, rows, stored_files
from tests.integration.conftest import Api
from tests.waiting import PATIENCE_S

GIVEN_UP = {1213: "Deadlock found", 1205: "Lock wait timeout exceeded", 1020: "Record has changed since last read"}


class Note(BaseModel):
    text: str


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction_retry, "_PAUSE_S", 0.0)


class Troubles:
    """Lets the next transactions of an application fail, with an error of MariaDB, at one point of their life."""

    def __init__(self, database: Database, point: str) -> None:
        self._errors: list[int] = []
        self.attempts = 0
        event.listen(database.writing, point, self._stumble)

    def come(self, *numbers: int) -> None:
        self._errors, self.attempts = list(numbers), 0

    def _stumble(self, *_: object) -> None:
        self.attempts += 1
        if self._errors:
            number = self._errors.pop(0)
            raise OperationalError("UPDATE", {}, pymysql.err.OperationalError(number, GIVEN_UP.get(number, "?")))


@pytest.fixture(params=["before_flush", "before_commit", "after_flush"])
def troubles(request: pytest.FixtureRequest, sqlite_api: Api) -> Troubles:
    return Troubles(sqlite_api.client.app.state.parts.database, request.param)


@pytest.fixture
def sqlite_api(request: pytest.FixtureRequest, make_api: Callable[..., Api]) -> Api:
    return make_api(embedded_workers=0)


def team_names(api: Api) -> list[str]:
    return [team["name"] for team in api.client.get("/api/teams", headers=api.headers).json()]


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_mariadb = pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)


@on_sqlite
@pytest.mark.parametrize("number", GIVEN_UP)
def test_a_write_succeeds_at_the_last_attempt_and_is_made_once(
    sqlite_api: Api, troubles: Troubles, number: int
) -> None:
    entries = rows(sqlite_api.client.app, AuditEntry)
    troubles.come(number, number, number)
    answer = sqlite_api.client.post("/api/teams", json={"name": "Özil XI"}, headers=sqlite_api.headers)
    assert (answer.status_code, answer.json()["name"]) == (201, "Özil XI")
    assert team_names(sqlite_api) == ["Özil XI"]
    assert answer.headers["Location"] == f"/api/teams/{answer.json()['id']}"
    assert rows(sqlite_api.client.app, AuditEntry) == entries + 1


@on_sqlite
def test_after_four_attempts_the_client_is_asked_to_come_again(sqlite_api: Api, troubles: Troubles) -> None:
    troubles.come(1213, 1205, 1020, 1213, 1213)
    answer = sqlite_api.client.post("/api/teams", json={"name": "Never"}, headers=sqlite_api.headers)
    assert_problem(answer, 503, "database_busy")
    assert answer.headers["Retry-After"].isdecimal()
    assert troubles.attempts == 4
    troubles.come()
    assert team_names(sqlite_api) == []


@on_sqlite
def test_an_upload_is_not_lost_to_a_deadlock(sqlite_api: Api, troubles: Troubles, film: bytes) -> None:
    troubles.come(1213, 1205, 1020)
    answer = sqlite_api.client.post("/api/analyze_match", headers=sqlite_api.headers, files={"file": film})
    assert answer.status_code == 202
    assert (rows(sqlite_api.client.app, Job), rows(sqlite_api.client.app, Match)) == (1, 1)
    assert len(stored_files(sqlite_api.settings)) == 1


@on_sqlite
def test_an_upload_that_is_given_up_leaves_nothing(sqlite_api: Api, troubles: Troubles, film: bytes) -> None:
    troubles.come(1213, 1213, 1213, 1213)
    answer = sqlite_api.client.post("/api/analyze_match", headers=sqlite_api.headers, files={"file": film})
    assert_problem(answer, 503, "database_busy")
    assert_nothing_left(sqlite_api.client.app)


@on_sqlite
@pytest.mark.parametrize("number", [2006, 1040, 1290])
def test_other_errors_are_not_tried_again(sqlite_api: Api, troubles: Troubles, number: int) -> None:
    troubles.come(number)
    answer = sqlite_api.client.post("/api/teams", json={"name": "Never"}, headers=sqlite_api.headers)
    assert_problem(answer, 503, "database_unavailable")
    assert troubles.attempts == 1
    assert team_names(sqlite_api) == []


@on_sqlite
def test_effects_run_once_and_only_after_the_attempt_that_was_committed(sqlite_api: Api, troubles: Troubles) -> None:
    router, attempts, effects = APIRouter(route_class=RetryingRoute), [], []

    @router.post("/notes")
    def note(body: Note, account: CurrentAccount, session: SessionDep) -> dict[str, int]:
        attempts.append(body.text)
        number = len(attempts)
        after_commit(session, lambda: effects.append(number))
        session.add(Team(name=body.text, club_id=account.club_id))
        session.flush()
        return {"attempt": number}

    sqlite_api.client.app.include_router(router)
    troubles.come(1213, 1205)
    answer = sqlite_api.client.post("/notes", json={"text": "⚽"}, headers=sqlite_api.headers)
    assert answer.json() == {"attempt": 3}
    assert (attempts, effects) == (["⚽"] * 3, [3])
    assert team_names(sqlite_api) == ["⚽"]


@on_sqlite
def test_a_form_is_read_again_too(sqlite_api: Api, troubles: Troubles) -> None:
    router = APIRouter(route_class=RetryingRoute)

    @router.post("/forms")
    def form(name: Annotated[str, Form()], account: CurrentAccount, session: SessionDep) -> str:
        session.add(Team(name=name, club_id=account.club_id))
        session.flush()
        return name

    sqlite_api.client.app.include_router(router)
    troubles.come(1213)
    answer = sqlite_api.client.post("/forms", data={"name": "Özil"}, headers=sqlite_api.headers)
    assert (answer.status_code, answer.json()) == (200, "Özil")
    assert team_names(sqlite_api) == ["Özil"]


@on_sqlite
def test_a_file_is_read_again_too(sqlite_api: Api, troubles: Troubles) -> None:
    team = sqlite_api.client.post("/api/teams", json={"name": "Özil XI"}, headers=sqlite_api.headers).headers[
        "Location"
    ]
    troubles.come(1213)
    file = ("squad.csv", "name,jersey_number\nBea Okafor,1\n")
    answer = sqlite_api.client.post(f"{team}/squad/import", files={"file": file}, headers=sqlite_api.headers)
    assert answer.status_code == 200, answer.text
    assert [player["name"] for player in sqlite_api.client.get("/api/players", headers=sqlite_api.headers).json()] == [
        "Bea Okafor"
    ]


def test_every_write_is_tried_again_but_those_that_stream() -> None:
    routes = [route for router in factory._ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    writes = [route for route in routes if route.methods - {"GET", "HEAD"}]
    assert {route.path for route in writes if not isinstance(route, RetryingRoute)} == {"/api/analyze_match"}
    # FastAPI closes its own files after the first attempt.
    assert [route.path for route in writes if "UploadFile" in str(route.body_field)] == []


class Opponent:
    """Another transaction, on a connection of its own, that wants two teams in the other order."""

    def __init__(self, database: Database, teams: dict[str, Any]) -> None:
        self._database = database
        self._teams = teams
        self._holds_b, self._may_go_on = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.committed = False

    def start(self) -> None:
        self._thread.start()
        assert self._holds_b.wait(PATIENCE_S)

    def want_a(self) -> None:
        self._may_go_on.set()

    def finish(self) -> None:
        self._may_go_on.set()
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        with self._database.unit_of_work() as session:
            # The database gives up whoever has written less.
            session.add_all(Team(name=f"Reserve {number}", club_id=self._teams["club"]) for number in range(50))
            session.flush()
            rename(session, self._teams["B"], "B of the other")
            self._holds_b.set()
            assert self._may_go_on.wait(PATIENCE_S)
            rename(session, self._teams["A"], "A of the other")
        self.committed = True


def rename(session: Session, team_id: object, name: str) -> None:
    session.execute(Team.__table__.update().where(Team.id == team_id).values(name=name))


@pytest.fixture
def mariadb_api(make_api: Callable[..., Api]) -> Api:
    return make_api(embedded_workers=0)


@pytest.fixture
def teams(mariadb_api: Api) -> dict[str, Any]:
    """The ids of two teams, and of their club."""
    made = {
        name: mariadb_api.client.post("/api/teams", json={"name": name}, headers=mariadb_api.headers).json()
        for name in ("A", "B")
    }
    return {"A": made["A"]["id"], "B": made["B"]["id"], "club": made["A"]["club_id"]}


@pytest.fixture
def opponent(mariadb_api: Api, teams: dict[str, Any]) -> Iterator[Opponent]:
    opponent = Opponent(mariadb_api.client.app.state.parts.database, teams)
    yield opponent
    opponent.finish()


def serve(api: Api, endpoint: Callable[..., Any]) -> None:
    router = APIRouter(route_class=RetryingRoute)
    router.post("/swap")(endpoint)
    api.client.app.include_router(router)


def number_of(error: OperationalError) -> int:
    return error.orig.args[0]


@on_mariadb
def test_who_loses_a_deadlock_tries_again_and_wins(mariadb_api: Api, teams: dict[str, Any], opponent: Opponent) -> None:
    errors: list[int] = []

    def swap(session: SessionDep, body: Note) -> str:
        if not errors:
            opponent.start()
        rename(session, teams["A"], body.text)
        opponent.want_a()
        try:
            rename(session, teams["B"], f"{body.text} too")
        except OperationalError as error:
            errors.append(number_of(error))
            raise
        return body.text

    serve(mariadb_api, swap)
    answer = mariadb_api.client.post("/swap", json={"text": "mine"})
    assert (answer.status_code, answer.json()) == (200, "mine")
    opponent.finish()
    assert (errors, opponent.committed) == ([1213], True)
    assert {"mine", "mine too"} <= set(team_names(mariadb_api))
    assert len(team_names(mariadb_api)) == 52


@on_mariadb
def test_who_waits_too_long_for_a_lock_tries_again(mariadb_api: Api, teams: dict[str, Any], opponent: Opponent) -> None:
    errors: list[int] = []

    def swap(session: SessionDep) -> None:
        if errors:
            opponent.finish()
        else:
            opponent.start()
            session.execute(text("SET SESSION innodb_lock_wait_timeout = 1"))
        rename(session, teams["A"], "mine")
        try:
            rename(session, teams["B"], "mine too")
        except OperationalError as error:
            errors.append(number_of(error))
            raise

    serve(mariadb_api, swap)
    assert mariadb_api.client.post("/swap").status_code == 200
    assert errors == [1205]
    assert {"mine", "mine too"} <= set(team_names(mariadb_api))


@on_mariadb
def test_who_has_read_an_old_snapshot_tries_again(mariadb_api: Api, teams: dict[str, Any]) -> None:
    """MariaDB can refuse to change what another has changed since one's first read; newer versions do by default."""
    database: Database = mariadb_api.client.app.state.parts.database
    with database.reading() as session:
        if not session.execute(text("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'")).all():
            pytest.skip("this server has no innodb_snapshot_isolation")
    errors: list[int] = []

    def swap(session: SessionDep) -> None:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        session.execute(text("SET SESSION innodb_snapshot_isolation = ON"))
        session.scalar(select(func.count()).select_from(Team))
        if not errors:
            with database.unit_of_work() as other:
                rename(other, teams["A"], "theirs")
        try:
            rename(session, teams["A"], "mine")
        except OperationalError as error:
            errors.append(number_of(error))
            raise

    serve(mariadb_api, swap)
    assert mariadb_api.client.post("/swap").status_code == 200
    assert errors == [1020]
    assert "mine" in team_names(mariadb_api)
