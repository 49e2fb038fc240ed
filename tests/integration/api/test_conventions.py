"""What every resource does alike: pages, formations' rules, errors, request ids, health, and commit before answer."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.core.database import Database
from app.factory import create_app
from app.models import Formation, User
from app.services.engine import ScriptedEngine
from app.services.standard_formations import STANDARD_FORMATIONS, formation_slots
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.servers.scripts import good_run

STANDARD = len(STANDARD_FORMATIONS)


def links(answer: Any) -> dict[str, str]:
    """The targets of a ``Link`` header by their relation."""
    parts = (part.strip().split("; ") for part in answer.headers["Link"].split(", "))
    return {relation.removeprefix('rel="').removesuffix('"'): target.strip("<>") for target, relation in parts}


def test_pages_lead_from_the_first_row_to_the_last_without_a_gap(api: Api) -> None:
    whole = [row["id"] for row in api.client.get("/api/formations", headers=api.headers).json()]
    assert len(whole) == STANDARD
    answer = api.client.get("/api/formations?limit=3", headers=api.headers)
    walked = [row["id"] for row in answer.json()]
    assert set(links(answer)) == {"first", "last", "next"}
    while "next" in links(answer):
        answer = api.client.get(links(answer)["next"], headers=api.headers)
        assert answer.headers["X-Total-Count"] == str(STANDARD)
        walked += [row["id"] for row in answer.json()]
    assert walked == whole
    assert set(links(answer)) == {"first", "last", "prev"}
    assert links(answer)["last"].endswith("limit=3&offset=15")
    first = api.client.get(links(answer)["first"], headers=api.headers)
    assert [row["id"] for row in first.json()] == whole[:3]


@pytest.mark.parametrize(
    ("query", "last"),
    [
        (f"limit=2&offset={STANDARD - 3}", STANDARD - 1),
        ("limit=5&offset=1", (STANDARD - 2) // 5 * 5 + 1),
        ("limit=1000", 0),
        ("limit=1000&offset=500", 0),
        (f"limit=4&offset={STANDARD}", STANDARD - 4),
    ],
)
def test_the_last_page_is_one_of_those_that_the_others_lead_to(shared_api: Api, query: str, last: int) -> None:
    answer = shared_api.client.get(f"/api/formations?{query}", headers=shared_api.headers)
    assert links(answer)["last"].endswith(f"&offset={last}")
    while "next" in links(answer):
        target = links(answer)["next"]
        answer = shared_api.client.get(target, headers=shared_api.headers)
        assert links(answer)["last"].endswith(f"&offset={last}")
        assert "next" in links(answer) or target == links(answer)["last"]


def test_a_page_behind_the_end_is_empty_and_leads_back(shared_api: Api) -> None:
    answer = shared_api.client.get("/api/formations?limit=5&offset=100", headers=shared_api.headers)
    assert (answer.status_code, answer.json()) == (200, [])
    assert "next" not in links(answer)


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=-1", "limit=ten", "offset=-1", f"offset={2**31}"])
def test_a_page_that_cannot_be_is_refused(shared_api: Api, query: str) -> None:
    answer = shared_api.client.get(f"/api/formations?{query}", headers=shared_api.headers)
    assert_problem(answer, 422, "validation_failed")
    assert answer.json()["errors"][0]["pointer"] == query.partition("=")[0]


BAD_FORMATIONS: dict[str, dict[str, Any]] = {
    "no name": {},
    "a blank name": {"name": "   "},
    "a name of 51 letters": {"name": "x" * 51},
    "twelve players": {"name": "x", "positions": [{"position": "MID", "x": 0.5, "y": 0.5}] * 12},
    "a player off the pitch": {"name": "x", "positions": [{"position": "GK", "x": 1.2, "y": 0.5}]},
    "a place that is infinite": {"name": "x", "positions": [{"position": "GK", "x": "inf", "y": 0.5}]},
    "a team that is no id": {"name": "x", "team_id": "reds"},
}


@pytest.mark.parametrize("case", BAD_FORMATIONS)
def test_a_formation_against_the_rules_is_refused(shared_api: Api, case: str) -> None:
    answer = shared_api.client.post("/api/formations", headers=shared_api.headers, json=BAD_FORMATIONS[case])
    assert_problem(answer, 422, "validation_failed")
    assert len(shared_api.client.get("/api/formations", headers=shared_api.headers).json()) == STANDARD


def test_a_formation_is_read_back_as_it_was_written(api: Api) -> None:
    positions = [slot.as_json() for slot in formation_slots([4, 3, 2, 1])]
    body = {"name": "  Fir tree ", "description": "Narrow ⚽", "positions": positions}
    written = api.client.post("/api/formations", headers=api.headers, json=body)
    assert written.status_code == 201
    assert (written.json()["name"], written.json()["team_id"]) == ("Fir tree", None)
    assert written.json()["positions"] == body["positions"]
    listed = api.client.get("/api/formations", headers=api.headers).json()
    assert written.json() in listed


ERRORS: dict[str, tuple[str, str, int, str]] = {
    "no such path": ("GET", "/api/nothing", 404, "not_found"),
    "no such method": ("DELETE", "/api/matches", 405, "method_not_allowed"),
    "an id that is none": ("GET", "/api/matches/17", 422, "validation_failed"),
    "no such row": ("GET", "/api/matches/00000000-0000-4000-8000-000000000000", 404, "not_found"),
    "a filter that is no id": ("GET", "/api/player_match_statistics?match_id=x", 422, "validation_failed"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_every_error_is_a_problem(shared_api: Api, case: str) -> None:
    method, path, status, code = ERRORS[case]
    assert_problem(shared_api.client.request(method, path, headers=shared_api.headers), status, code)


@pytest.mark.parametrize(
    ("given", "echoed"),
    [
        ("app-42.a_B", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("two words", False),
        ("line\tfeed", False),
        ("", False),
    ],
)
def test_a_sane_request_id_is_echoed_and_another_is_replaced(shared_api: Api, given: str, *, echoed: bool) -> None:
    answer = shared_api.client.get("/api/nothing", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is echoed
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert len(answer.headers["X-Request-ID"]) >= 10


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_fault_of_the_server_gives_nothing_away(make_settings: Callable[..., Settings]) -> None:
    app = create_app(make_settings(log_level="ERROR"), engine=ScriptedEngine(good_run))
    router = APIRouter()

    @router.get("/broken")
    def broken() -> None:
        raise RuntimeError("the password is 12345")

    app.include_router(router)
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/broken", headers={"X-Request-ID": "fault-1"})
    assert_problem(answer, 500, "internal_error")
    assert "12345" not in answer.text
    assert answer.json()["request_id"] == "fault-1"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_health_is_503_only_without_the_database(api: Api) -> None:
    healthy = api.client.get("/health")
    assert (healthy.status_code, healthy.json()["status"]) == (200, "healthy")
    api.engine.reachable = False
    degraded = api.client.get("/health")
    assert (degraded.status_code, degraded.json()["status"]) == (200, "degraded")
    database = api.client.app.state.parts.database
    database.dispose()
    url = URL.create("sqlite+pysqlite", database=str(api.settings.data_dir / "no" / "such" / "folder" / "x.db"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "engine", Database(url).engine)
        (api.settings.data_dir / "no" / "such" / "folder").rmdir()
        broken = api.client.get("/health")
    assert (broken.status_code, broken.json()["status"]) == (503, "unhealthy")
    assert broken.json()["database"] == "disconnected"


Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


def test_what_was_answered_is_committed(
    make_settings: Callable[..., Settings], database: Database, database_url: URL
) -> None:
    """FastAPI would commit after the answer, unless told otherwise: a client that reads at once would see nothing.

    The count is taken on another connection, at the moment when the status line of the answer leaves the application.
    """
    app = create_app(make_settings(embedded_workers=0), engine=ScriptedEngine(good_run))
    seen: list[tuple[int, int]] = []

    async def watched(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        async def count_first(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 201:
                with database.reading() as session:
                    users = session.scalar(select(func.count()).select_from(User)) or 0
                    formations = session.scalar(select(func.count()).select_from(Formation)) or 0
                seen.append((users, formations))
            await send(message)

        await app(scope, receive, count_first)

    with TestClient(watched) as client:
        account = {"email": "coach@example.com", "password": "correct horse"}
        token = client.post("/api/register", json=account).json()["access_token"]
        client.post("/api/formations", json={"name": "Diamond"}, headers={"Authorization": f"Bearer {token}"})
    assert seen == [(1, STANDARD), (1, STANDARD + 1)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_reading_waits_for_no_writer(api: Api) -> None:
    """A reader that asked for SQLite's write lock would wait here until it gives up."""
    with api.client.app.state.parts.database.unit_of_work():
        answer = api.client.get("/api/formations", headers=api.headers)
    assert (answer.status_code, len(answer.json())) == (200, STANDARD)
