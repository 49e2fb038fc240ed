"""Log-ins: refresh tokens that work once, sessions that can be seen and ended, and what a change of password ends."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import event, func, select

from app.core.security import check_password, hash_secret
from app.models import AccountSession, RefreshToken, User
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api

PASSWORD = "correct horse"
Json = dict[str, Any]


def log_in(api: Api, password: str = PASSWORD, user_agent: bytes = b"test") -> Json:
    login = {"username": "coach@example.com", "password": password}
    answer = api.client.post("/api/token", data=login, headers={"User-Agent": user_agent})
    assert answer.status_code == 200, answer.text
    token: Json = answer.json()
    return token


def refresh(api: Api, token: Json) -> httpx2.Response:
    return api.client.post("/api/token/refresh", json={"refresh_token": token["refresh_token"]})


def headers_of(token: Json) -> dict[str, str]:
    return {"Authorization": f"Bearer {token['access_token']}"}


def status_of(api: Api, token: Json) -> int:
    return api.client.get("/api/users/me", headers=headers_of(token)).status_code


def sessions_of(api: Api, token: Json, query: str = "") -> list[Json]:
    answer = api.client.get(f"/api/sessions{query}", headers=headers_of(token))
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()
    return found


def age_session(api: Api, session_id: str, by: timedelta) -> None:
    """As if the session and its tokens were that much older."""
    with api.client.app.state.parts.database.unit_of_work() as session:
        row = session.get_one(AccountSession, uuid.UUID(session_id))
        row.last_used_at, row.expires_at = row.last_used_at - by, row.expires_at - by
        for token in session.scalars(select(RefreshToken).where(RefreshToken.session_id == row.id)):
            token.created_at -= by


def count_rows(api: Api, model: type[Any]) -> int:
    with api.client.app.state.parts.database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_every_door_in_gives_both_tokens_and_no_cache_keeps_them(api: Api) -> None:
    account = {"email": "second@example.com", "password": PASSWORD}
    registered = api.client.post("/api/register", json=account)
    logged_in = api.client.post("/api/token", data={"username": account["email"], "password": PASSWORD})
    refreshed = refresh(api, logged_in.json())
    for answer in (registered, logged_in, refreshed):
        token = answer.json()
        assert answer.headers["Cache-Control"] == "no-store"
        assert (token["token_type"], token["expires_in"]) == ("bearer", 24 * 60 * 60)
        assert status_of(api, token) == 200
    assert len({answer.json()["refresh_token"] for answer in (registered, logged_in, refreshed)}) == 3


def test_a_refresh_token_works_once_and_its_successor_too(api: Api) -> None:
    token = log_in(api)
    session_ids = {row["id"] for row in sessions_of(api, token)}
    for _ in range(3):
        token = refresh(api, token).json()
        assert status_of(api, token) == 200
    assert {row["id"] for row in sessions_of(api, token)} == session_ids  # the same session all the time


def test_a_refresh_token_that_comes_twice_ends_the_session_for_thief_and_owner(api: Api) -> None:
    stolen, elsewhere = log_in(api), log_in(api)
    owners = refresh(api, stolen).json()
    assert_problem(refresh(api, stolen), 401, "token_reused")
    # The revocation is committed, although the answer was a refusal.
    assert [status_of(api, token) for token in (stolen, owners, elsewhere)] == [401, 401, 200]
    assert_problem(refresh(api, owners), 401, "token_expired")
    assert_problem(refresh(api, stolen), 401, "token_reused")
    assert refresh(api, elsewhere).status_code == 200


def test_of_two_that_refresh_at_once_one_succeeds_and_the_session_ends(api: Api) -> None:
    for _ in range(5):
        token, gate = log_in(api), threading.Barrier(2)

        def refresh_now(_: int, token: Json = token, gate: threading.Barrier = gate) -> httpx2.Response:
            gate.wait()
            return refresh(api, token)

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(refresh_now, range(2)), key=lambda answer: answer.status_code)
        assert [answer.status_code for answer in answers] == [200, 401]
        assert answers[1].json()["code"] == "token_reused"
        assert status_of(api, answers[0].json()) == 401


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"refresh_token": None}, id="null"),
        pytest.param({"refresh_token": ""}, id="empty"),
        pytest.param({"refresh_token": 7}, id="a number"),
        pytest.param({"refresh_token": "x" * 201}, id="too long"),
    ],
)
def test_a_body_without_a_refresh_token_is_not_valid(shared_api: Api, body: Json) -> None:
    answer = shared_api.client.post("/api/token/refresh", json=body)
    assert_problem(answer, 422, "validation_failed")
    assert answer.json()["errors"][0]["pointer"] == "/refresh_token"


def test_other_secrets_refresh_nothing(shared_api: Api) -> None:
    token = log_in(shared_api)
    for wrong in (
        "x",
        token["access_token"][:200],
        token["refresh_token"] + "x",
        token["refresh_token"].swapcase(),
        hash_secret(token["refresh_token"]),  # what a thief of the database has
        "pässwört",
        "' OR '1'='1",
    ):
        assert_problem(refresh(shared_api, {"refresh_token": wrong}), 401, "token_invalid")
    assert refresh(shared_api, token).status_code == 200


def test_the_database_knows_only_hashes_of_refresh_tokens(api: Api) -> None:
    token = log_in(api)
    with api.client.app.state.parts.database.reading() as session:
        stored = session.scalars(select(RefreshToken.token_hash)).all()
    assert hash_secret(token["refresh_token"]) in stored
    assert token["refresh_token"] not in stored


def test_a_session_ends_when_it_is_not_used_and_lives_on_when_it_is(make_api: Callable[..., Api]) -> None:
    api = make_api(refresh_token_days=10)
    token = log_in(api)
    (session_id,) = (row["id"] for row in sessions_of(api, token) if row["is_current"])
    for _ in range(3):
        age_session(api, session_id, timedelta(days=9))
        token = refresh(api, token).json()
        assert status_of(api, token) == 200
    age_session(api, session_id, timedelta(days=10))
    assert status_of(api, token) == 401
    assert_problem(refresh(api, token), 401, "token_expired")


def test_what_is_over_for_long_is_forgotten(make_api: Callable[..., Api]) -> None:
    api = make_api(refresh_token_days=10)
    token = log_in(api)
    (session_id,) = (row["id"] for row in sessions_of(api, token) if row["is_current"])
    for _ in range(5):
        age_session(api, session_id, timedelta(days=6))
        token = refresh(api, token).json()
    # Of this session: the one that was used, and the one that is next; and that of the registration.
    assert count_rows(api, RefreshToken) == 3
    age_session(api, session_id, timedelta(days=11))
    log_in(api)
    assert (count_rows(api, AccountSession), count_rows(api, RefreshToken)) == (2, 2)


def test_logging_out_ends_the_session_at_once_and_no_other(api: Api) -> None:
    here, there = log_in(api), log_in(api)
    answer = api.client.post("/api/logout", headers=headers_of(here), json=None)
    assert (answer.status_code, answer.content) == (204, b"")
    assert_problem(api.client.get("/api/users/me", headers=headers_of(here)), 401, "token_invalid")
    assert_problem(refresh(api, here), 401, "token_expired")
    assert_problem(api.client.post("/api/logout", headers=headers_of(here)), 401, "token_invalid")
    assert status_of(api, there) == 200


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"not JSON"])
def test_a_log_out_needs_no_body_and_takes_any(shared_api: Api, body: bytes) -> None:
    headers = headers_of(log_in(shared_api)) | {"Content-Type": "application/json"}
    assert shared_api.client.post("/api/logout", headers=headers, content=body).status_code == 204
    assert shared_api.client.get("/api/users/me", headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["/api/matches?colour=red", "/api/matches/none", "/api/matches/none/details"])
def test_who_has_logged_out_is_told_nothing_about_parameters(api: Api, path: str) -> None:
    token = log_in(api)
    assert api.client.get(path, headers=headers_of(token)).status_code == 422
    assert api.client.post("/api/logout", headers=headers_of(token)).status_code == 204
    assert_problem(api.client.get(path, headers=headers_of(token)), 401, "token_invalid")


def test_sessions_tell_where_one_is_logged_in(api: Api) -> None:
    phone = log_in(api, user_agent="Coach Pro for Android ⚽ 1.0".encode())
    long = log_in(api, user_agent=b"x" * 400)
    rows = sessions_of(api, phone)
    assert len(rows) == 3  # and that of the registration
    (current,) = (row for row in rows if row["is_current"])
    assert current["user_agent"].startswith("Coach Pro for Android")
    assert current["address"] == "testclient"
    assert set(current) == {
        "id", "user_agent", "address", "created_at", "last_used_at", "expires_at", "is_current"
    }  # fmt: skip
    assert sorted(len(row["user_agent"]) for row in rows)[-1] == 300
    moments = {name: datetime.fromisoformat(current[name]) for name in ("created_at", "last_used_at", "expires_at")}
    assert moments["expires_at"] - moments["last_used_at"] == timedelta(days=30)
    assert abs(datetime.now(UTC) - moments["last_used_at"]) < timedelta(minutes=5)
    assert [row["last_used_at"] for row in rows] == sorted((row["last_used_at"] for row in rows), reverse=True)
    refresh(api, long)
    assert sessions_of(api, phone)[0]["last_used_at"] > rows[0]["last_used_at"]


def test_sessions_come_in_pages_and_refuse_what_they_do_not_know(api: Api) -> None:
    token = log_in(api)
    log_in(api)
    whole = [row["id"] for row in sessions_of(api, token)]
    answer = api.client.get("/api/sessions?limit=2&offset=1", headers=headers_of(token))
    assert [row["id"] for row in answer.json()] == whole[1:]
    assert answer.headers["X-Total-Count"] == "3"
    assert [row["id"] for row in sessions_of(api, token, "?sort=last_used_at")] == whole[::-1]
    for query in ("user_id=1", "is_current=true", "q=x", "sort=address", "limit=0", "limit=1&limit=2"):
        answer = api.client.get(f"/api/sessions?{query}", headers=headers_of(token))
        assert answer.status_code == 422, query


def test_a_session_is_ended_from_another_one(api: Api) -> None:
    here, lost = log_in(api), log_in(api)
    (lost_id,) = (row["id"] for row in sessions_of(api, lost) if row["is_current"])
    assert api.client.delete(f"/api/sessions/{lost_id}", headers=headers_of(here)).status_code == 204
    assert [status_of(api, token) for token in (here, lost)] == [200, 401]
    assert_problem(refresh(api, lost), 401, "token_expired")
    assert lost_id not in [row["id"] for row in sessions_of(api, here)]
    assert_problem(api.client.delete(f"/api/sessions/{lost_id}", headers=headers_of(here)), 404, "not_found")


def test_sessions_of_others_do_not_exist(api: Api) -> None:
    ours, rival = log_in(api), api.register("rival@example.com")
    ids = {row["id"] for row in sessions_of(api, ours)}
    theirs = api.client.get("/api/sessions", headers=rival).json()
    assert len(theirs) == 1
    assert not ids & {row["id"] for row in theirs}
    for session_id in (*ids, uuid.uuid4()):
        assert_problem(api.client.delete(f"/api/sessions/{session_id}", headers=rival), 404, "not_found")
    assert status_of(api, ours) == 200


def change_password(api: Api, token: Json, current: str, new: str) -> httpx2.Response:
    body = {"current_password": current, "new_password": new}
    return api.client.post("/api/users/me/password", headers=headers_of(token), json=body)


def test_another_password_logs_out_everywhere_but_here(api: Api) -> None:
    here, there = log_in(api), log_in(api)
    assert change_password(api, here, PASSWORD, "battery staple").status_code == 204
    assert [status_of(api, token) for token in (here, there)] == [200, 401]
    assert_problem(refresh(api, there), 401, "token_expired")
    assert refresh(api, here).status_code == 200
    answer = api.client.post("/api/token", data={"username": "coach@example.com", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert status_of(api, log_in(api, "battery staple")) == 200


def test_without_the_current_password_there_is_no_other(api: Api) -> None:
    here, there = log_in(api), log_in(api)
    answer = change_password(api, here, "wrong horse", "battery staple")
    assert_problem(answer, 403, "wrong_password")
    assert answer.json()["errors"] == [{"pointer": "/current_password", "message": "is not your password"}]
    assert [status_of(api, token) for token in (here, there)] == [200, 200]
    log_in(api)


@pytest.mark.parametrize("new", ["fives", "x" * 129, None, 123456])
def test_a_new_password_keeps_the_rules_of_registering(shared_api: Api, new: Any) -> None:
    answer = change_password(shared_api, log_in(shared_api), PASSWORD, new)
    assert_problem(answer, 422, "validation_failed")
    assert answer.json()["errors"][0]["pointer"] == "/new_password"


def test_who_logs_in_with_the_old_password_while_it_is_changed_does_not_slip_in(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password is verified outside of any transaction: here it is changed right after that."""
    here = log_in(api)
    checks: list[bool] = []

    def check_then_change(password: str, password_hash: str | None) -> Any:
        checked = check_password(password, password_hash)
        checks.append(checked.matches)
        if len(checks) == 1:
            assert change_password(api, here, PASSWORD, "battery staple").status_code == 204
        return checked

    monkeypatch.setattr("app.services.log_in.check_password", check_then_change)
    answer = api.client.post("/api/token", data={"username": "coach@example.com", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert checks == [True, False]
    assert len(sessions_of(api, here)) == 1


def test_a_hash_of_an_older_cost_is_renewed_by_a_log_in(api: Api) -> None:
    database = api.client.app.state.parts.database
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1),)).hash(PASSWORD)
    with database.unit_of_work() as session:
        session.scalars(select(User)).one().password_hash = cheap
    log_in(api)
    with database.reading() as session:
        renewed = session.scalars(select(User.password_hash)).one()
    assert "m=1024" not in renewed
    log_in(api)
    with database.reading() as session:
        assert session.scalars(select(User.password_hash)).one() == renewed


def test_a_request_costs_one_statement_for_its_account(make_api: Callable[..., Api]) -> None:
    api, statements = make_api(embedded_workers=0), []
    engine = api.client.app.state.parts.database.engine
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    api.client.get("/api/sessions", headers=api.headers)
    account, sessions = (text for text in statements if text.startswith("SELECT"))
    assert "memberships" in account
    assert "memberships" not in sessions
