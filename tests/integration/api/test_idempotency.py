"""A request that comes twice with one key is carried out once, whatever happens in between."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx2
import pymysql
import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import event, update
from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import transaction_retry
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.retrying_route import RetryingRoute
from app.core.database import after_commit, database_now
from app.models import IdempotencyKey, Invitation, Player, Team
from tests.integration.api.conftest import assert_problem, rows
from tests.integration.conftest import Api
from tests.integration.quick_app import quick_app
from tests.waiting import PATIENCE_S, wait_until

PLAYER = {"name": "Bea Okafor"}  # two of one name may play for a club
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Note(BaseModel):
    text: str


@pytest.fixture
def api(make_api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setattr(transaction_retry, "_PAUSE_S", 0.0)
    return make_api(embedded_workers=0)


def post(api: Api, path: str = "/api/players", body: Any = PLAYER, **headers: str) -> httpx2.Response:
    return api.client.post(path, json=body, headers=api.headers | KEY | headers)


def assert_replayed(answer: httpx2.Response, first: httpx2.Response) -> None:
    """The same answer, but for what tells one exchange from another."""

    def told(of: httpx2.Response) -> dict[str, str]:
        return {name: value for name, value in of.headers.items() if name != "x-request-id"}

    assert (answer.status_code, answer.content) == (first.status_code, first.content)
    assert told(answer) == told(first) | {"idempotency-replayed": "true"}


def serve(api: Api, write: Callable[..., dict[str, Any]]) -> None:
    """Let ``write`` answer ``POST /notes``."""
    router = APIRouter(route_class=RetryingRoute)
    router.post("/notes", status_code=201)(write)
    api.client.app.include_router(router)  # type: ignore[attr-defined]


def let_leases_expire(api: Api) -> None:
    with api.client.app.state.parts.database.unit_of_work() as session:  # type: ignore[attr-defined]
        expired = database_now(session) - timedelta(seconds=1)
        session.execute(update(IdempotencyKey).values(lease_expires_at=expired))


def test_a_repeated_request_gets_the_first_answer(api: Api) -> None:
    first = post(api)
    assert first.status_code == 201, first.text
    assert "Idempotency-Replayed" not in first.headers
    for repeated in (post(api), post(api, **{"Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'})):
        assert_replayed(repeated, first)
        assert repeated.headers["X-Request-ID"] != first.headers["X-Request-ID"]
    assert rows(api.client.app, Player) == 1


def test_without_a_key_or_with_another_one_it_is_another_request(api: Api) -> None:
    answers = [post(api), post(api, **{"Idempotency-Key": "another"})]
    answers += [api.client.post("/api/players", json=PLAYER, headers=api.headers) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.headers["Location"] for answer in answers}) == rows(api.client.app, Player) == 4


def test_a_key_is_not_for_another_request(api: Api) -> None:
    first = post(api)
    others = [("/api/players", {"name": "Ada Marinho"}), ("/api/players?team=none", PLAYER), ("/api/teams", PLAYER)]
    for path, body in others:
        assert_problem(post(api, path, body), 422, "idempotency_key_reused")
    assert_replayed(post(api), first)
    assert (rows(api.client.app, Player), rows(api.client.app, Team)) == (1, 0)


def test_each_account_has_keys_of_its_own(api: Api) -> None:
    other = api.register("rival@example.com")
    first, theirs = post(api), post(api, **other)
    assert (first.status_code, theirs.status_code) == (201, 201)
    assert first.headers["Location"] != theirs.headers["Location"]
    assert "Idempotency-Replayed" not in theirs.headers


def test_a_request_that_failed_gives_its_key_back(api: Api) -> None:
    assert post(api, body={"name": ""}).status_code == 422
    unknown_team = {"name": "Bea Okafor", "team_id": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    assert_problem(post(api, body=unknown_team), 404, "not_found")
    first = post(api)
    assert first.status_code == 201
    assert_replayed(post(api), first)


@ON_SQLITE
def test_what_is_no_key_is_refused_before_anything_is_done(api: Api) -> None:
    assert_problem(post(api, **{"Idempotency-Key": "two words"}), 422, "idempotency_key_invalid")
    answer = api.client.post("/api/players", json=PLAYER, headers={"Idempotency-Key": "two words"})
    assert_problem(answer, 401, "unauthenticated")
    assert rows(api.client.app, Player) == 0


@ON_SQLITE
def test_operations_that_have_no_use_for_a_key_do_not_mind_it(api: Api) -> None:
    account = {"email": "new@example.com", "password": "correct horse"}
    for key in ("fine", "not a key"):
        form = {"username": "coach@example.com", "password": "correct horse"}
        assert api.client.post("/api/token", data=form, headers={"Idempotency-Key": key}).status_code == 200
    assert api.client.post("/api/register", json=account, headers=KEY).status_code == 201
    assert api.client.post("/api/register", json=account, headers=KEY).json()["code"] == "email_taken"


@ON_SQLITE
def test_a_secret_is_shown_again_to_who_has_the_key_only(api: Api) -> None:
    club = api.client.get("/api/clubs", headers=api.headers).json()[0]["id"]
    offer = {"email": "new@example.com", "role": "coach"}
    first = post(api, f"/api/clubs/{club}/invitations", offer)
    assert first.json()["token"]
    repeated = post(api, f"/api/clubs/{club}/invitations", offer)
    assert_replayed(repeated, first)
    assert repeated.headers["Cache-Control"] == "no-store"
    assert rows(api.client.app, Invitation) == 1


@ON_SQLITE
def test_a_file_is_the_same_behind_another_boundary(api: Api) -> None:
    team = api.client.post("/api/teams", json={"name": "Özil XI"}, headers=api.headers).headers["Location"]

    def send(table: str) -> httpx2.Response:
        """The boundary is made up anew for each request."""
        file = {"file": ("squad.csv", table)}
        return api.client.post(f"{team}/squad/import", files=file, headers=api.headers | KEY)

    first, repeated = send("name\nBea Okafor\n"), send("name\nBea Okafor\n")
    assert first.status_code == 200, first.text
    assert first.request.headers["Content-Type"] != repeated.request.headers["Content-Type"]
    assert_replayed(repeated, first)
    assert_problem(send("name\nAda Marinho\n"), 422, "idempotency_key_reused")
    assert rows(api.client.app, Player) == 1


def test_many_at_once_create_one_row(api: Api) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(api), range(8)))
    made = [answer for answer in answers if answer.status_code == 201]
    for refused in (answer for answer in answers if answer not in made):
        assert_problem(refused, 409, "idempotency_key_in_use")
        assert refused.headers["Retry-After"].isdecimal()
    assert len([answer for answer in made if "Idempotency-Replayed" not in answer.headers]) == 1
    assert len({answer.headers["Location"] for answer in made}) == rows(api.client.app, Player) == 1
    assert_replayed(post(api), next(answer for answer in made if "Idempotency-Replayed" not in answer.headers))


class Gate:
    """Holds the first request up, until it is opened."""

    def __init__(self, api: Api) -> None:
        self.arrived, self.opened = threading.Event(), threading.Event()
        serve(api, self.note)

    def note(self, body: Note, account: CurrentAccount, session: SessionDep) -> dict[str, Any]:
        if not self.arrived.is_set():
            self.arrived.set()
            assert self.opened.wait(PATIENCE_S)
        team = Team(name=body.text, club_id=account.club_id)
        session.add(team)
        session.flush()
        return {"id": str(team.id)}


def test_a_request_that_is_still_running_keeps_its_key(api: Api) -> None:
    gate = Gate(api)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(post, api, "/notes", {"text": "Rovers"})
        assert gate.arrived.wait(PATIENCE_S)
        refused = post(api, "/notes", {"text": "Rovers"})
        other = post(api, "/notes", {"text": "Wanderers"})
        gate.opened.set()
        first = running.result(PATIENCE_S)
    assert_problem(refused, 409, "idempotency_key_in_use")
    assert refused.headers["Retry-After"].isdecimal()
    assert_problem(other, 422, "idempotency_key_reused")
    assert first.status_code == 201
    assert_replayed(post(api, "/notes", {"text": "Rovers"}), first)


def test_who_wakes_up_after_another_attempt_took_over_commits_nothing(api: Api) -> None:
    gate = Gate(api)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(post, api, "/notes", {"text": "Rovers"})
        assert gate.arrived.wait(PATIENCE_S)
        let_leases_expire(api)
        second = post(api, "/notes", {"text": "Rovers"})
        # The name is taken now, which would stop the late one, too.
        api.client.delete(f"/api/teams/{second.json()['id']}", headers=api.headers)
        gate.opened.set()
        refused = late.result(PATIENCE_S)
    assert second.status_code == 201
    assert_problem(refused, 409, "idempotency_key_in_use")
    assert rows(api.client.app, Team) == 0
    assert_replayed(post(api, "/notes", {"text": "Rovers"}), second)


class LosesAnswers:
    """The application, behind a line that breaks when the answer begins."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def break_off(message: Message) -> None:
            raise ConnectionResetError

        await self._app(scope, receive, send if scope["type"] == "lifespan" else break_off)


def test_an_answer_that_got_lost_comes_again(api: Api) -> None:
    lossy = TestClient(LosesAnswers(api.client.app))
    with pytest.raises(ConnectionResetError):
        lossy.post("/api/players", json=PLAYER, headers=api.headers | KEY)
    (player,) = api.client.get("/api/players", headers=api.headers).json()
    repeated = post(api)
    assert (repeated.status_code, repeated.json()) == (201, player)
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert rows(api.client.app, Player) == 1


def test_a_server_that_fails_after_the_commit_has_answered_all_the_same(api: Api) -> None:
    def note(body: Note, account: CurrentAccount, session: SessionDep) -> dict[str, Any]:
        def stumble() -> None:
            raise OSError("killed")

        after_commit(session, stumble)
        session.add(Team(name=body.text, club_id=account.club_id))
        return {"text": body.text}

    serve(api, note)
    assert_problem(post(api, "/notes", {"text": "Rovers"}), 500, "internal_error")
    repeated = post(api, "/notes", {"text": "Rovers"})
    assert (repeated.status_code, repeated.json()) == (201, {"text": "Rovers"})
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert rows(api.client.app, Team) == 1


def test_a_server_that_was_killed_before_the_commit_locks_the_key_for_its_lease_only(api: Api) -> None:
    """Whatever kills a request without a trace: its key is not given back."""

    def note(body: Note, account: CurrentAccount, session: SessionDep) -> dict[str, Any]:
        session.add(Team(name=body.text, club_id=account.club_id))
        return {"text": body.text}

    serve(api, note)
    first = post(api, "/notes", {"text": "Rovers"})
    with api.client.app.state.parts.database.unit_of_work() as session:  # type: ignore[attr-defined]
        session.execute(update(IdempotencyKey).values(answer=None))
        session.delete(session.query(Team).one())
    assert_problem(post(api, "/notes", {"text": "Rovers"}), 409, "idempotency_key_in_use")
    let_leases_expire(api)
    second = post(api, "/notes", {"text": "Rovers"})
    assert (second.status_code, second.json()) == (201, first.json())
    assert "Idempotency-Replayed" not in second.headers


@pytest.mark.parametrize("point", ["before_commit", "after_flush", "in the endpoint"])
def test_a_transaction_that_is_tried_again_does_not_trip_over_its_own_key(api: Api, point: str) -> None:
    attempts: list[int] = []
    troubles: list[int] = []

    def stumble(*_: object) -> None:
        if troubles:
            troubles.clear()
            raise OperationalError("UPDATE", {}, pymysql.err.OperationalError(1213, "Deadlock found"))

    def note(body: Note, account: CurrentAccount, session: SessionDep) -> dict[str, Any]:
        attempts.append(len(attempts) + 1)
        if len(attempts) < 3:
            troubles.append(1213)
        session.add(Team(name=body.text, club_id=account.club_id))
        session.flush()
        if point == "in the endpoint":
            stumble()
        return {"attempt": attempts[-1]}

    serve(api, note)
    if point != "in the endpoint":
        event.listen(api.client.app.state.parts.database.writing, point, stumble)  # type: ignore[attr-defined]
    first = post(api, "/notes", {"text": "Rovers"})
    assert (first.status_code, first.json()) == (201, {"attempt": 3})
    assert_replayed(post(api, "/notes", {"text": "Rovers"}), first)
    assert (attempts, rows(api.client.app, Team)) == ([1, 2, 3], 1)


@ON_SQLITE
def test_the_claim_itself_is_tried_again(api: Api) -> None:
    troubles = [1213, 1205]

    def stumble(*_: object) -> None:
        if troubles:
            raise OperationalError("INSERT", {}, pymysql.err.OperationalError(troubles.pop(), "Deadlock found"))

    event.listen(api.client.app.state.parts.database.writing, "before_commit", stumble)  # type: ignore[attr-defined]
    first = post(api)
    assert (first.status_code, troubles) == (201, [])
    assert_replayed(post(api), first)


@ON_SQLITE
def test_a_browser_may_read_whether_an_answer_was_replayed(make_api: Callable[..., Api]) -> None:
    api = make_api(embedded_workers=0, cors_origins=("https://app.example",))
    answers = [post(api, Origin="https://app.example") for _ in range(2)]
    assert "Idempotency-Replayed" in answers[1].headers["Access-Control-Expose-Headers"]
    assert [answer.headers["Access-Control-Allow-Origin"] for answer in answers] == ["https://app.example"] * 2


@ON_SQLITE
def test_a_server_sweeps_old_keys_when_it_starts(make_api: Callable[..., Api]) -> None:
    api = make_api(embedded_workers=0, idempotency_keep_hours=2)
    assert post(api).status_code == 201
    with api.client.app.state.parts.database.unit_of_work() as session:  # type: ignore[attr-defined]
        session.execute(update(IdempotencyKey).values(created_at=database_now(session) - timedelta(hours=2)))
    with TestClient(quick_app(api.settings)):
        wait_until(lambda: rows(api.client.app, IdempotencyKey) == 0)
