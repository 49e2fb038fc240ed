"""Reads from the cache: still authenticated, never another club's, never older than a write, and never in the way."""

import asyncio
import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, event, select

from app.api.cached_reads import CachedReadsMiddleware
from app.core import cache
from app.core.account import Role
from app.factory import create_app
from app.models import Membership, User
from app.services import shared_answers
from app.services.engine import ScriptedEngine
from app.services.shared_answers import SharedAnswers
from app.workers.assembly import make_database, make_redis, make_runner, make_videos, share_changes
from app.workers.job_worker import JobWorker
from tests.integration.api.conftest import assert_problem
from tests.integration.api.gate import gate_of
from tests.integration.api.played_match import PlayedMatch, as_role, play_match
from tests.integration.conftest import Api
from tests.servers.redis import PrivateRedis
from tests.servers.scripts import good_run
from tests.waiting import PATIENCE_S, wait_until

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MATCHES = "/api/matches"
pytestmark = ON_SQLITE


@pytest.fixture
def redis(shared_redis: PrivateRedis) -> PrivateRedis:
    shared_redis.forget()
    return shared_redis


@pytest.fixture
def cached(make_api: Callable[..., Api], redis: PrivateRedis) -> Api:
    return make_api(redis_url=redis.url, embedded_workers=0)


@pytest.fixture
def played(cached: Api) -> PlayedMatch:
    return play_match(cached.client.app)  # type: ignore[arg-type]


@pytest.fixture
def twin(cached: Api) -> Iterator[Api]:
    """Another process, as far as the two can tell: it shares nothing but database and Redis."""
    app = create_app(cached.settings, engine=cached.engine)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Api(client, cached.settings, cached.engine, cached.headers)


@pytest.fixture
def asks_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_LEFT_ALONE_S", 0.0)


def read(api: Api, path: str = MATCHES, **headers: str) -> httpx2.Response:
    return api.client.get(path, headers=api.headers | headers)


def venues(api: Api) -> list[str | None]:
    answer = read(api)
    assert answer.status_code == 200, answer.text
    return [match["venue"] for match in answer.json()]


def move_match(api: Api, match_id: uuid.UUID, venue: str) -> None:
    assert api.client.patch(f"{MATCHES}/{match_id}", json={"venue": venue}, headers=api.headers).status_code == 200


def test_a_hit_asks_no_database(cached: Api, played: PlayedMatch) -> None:
    first = read(cached)
    database = cached.client.app.state.parts.database  # type: ignore[attr-defined]
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    second = read(cached)
    assert statements == []
    assert (second.content, second.headers["ETag"]) == (first.content, first.headers["ETag"])
    assert second.headers["X-Total-Count"] == "1"
    assert second.headers["Link"] == first.headers["Link"]
    assert second.headers["X-Request-ID"] != first.headers["X-Request-ID"]


def test_without_redis_nothing_is_kept(make_api: Callable[..., Api]) -> None:
    api = make_api(embedded_workers=0)
    with gate_of(api) as gate:
        assert [read(api).status_code for _ in range(2)] == [200, 200]
    assert gate.readings == 2
    assert not any(item.cls is CachedReadsMiddleware for item in api.client.app.user_middleware)  # type: ignore[attr-defined]


def test_a_life_of_nothing_turns_it_off(make_api: Callable[..., Api], redis: PrivateRedis) -> None:
    api = make_api(redis_url=redis.url, cache_life_s=0)
    assert read(api).status_code == 200
    assert redis.keys("coach_pro:cache:*") == []


def test_whoever_has_the_answer_is_told_so_from_the_cache(cached: Api, played: PlayedMatch) -> None:
    tag = read(cached).headers["ETag"]
    with gate_of(cached) as gate:
        known = read(cached, **{"If-None-Match": tag})
    assert (known.status_code, known.content, gate.readings) == (304, b"", 0)
    assert known.headers["ETag"] == tag
    assert "Content-Type" not in known.headers


def test_a_condition_that_is_asked_first_does_not_spoil_what_is_kept(cached: Api, played: PlayedMatch) -> None:
    tag = read(cached).headers["ETag"]
    move_match(cached, played.match_id, "Elsewhere")
    assert read(cached, **{"If-None-Match": tag}).status_code == 200
    move_match(cached, played.match_id, "Somewhere")
    again = read(cached, **{"If-None-Match": "*"})
    assert (again.status_code, again.content) == (304, b"")
    assert venues(cached) == ["Somewhere"]


def test_heads_are_those_of_the_kept_answer(cached: Api, played: PlayedMatch) -> None:
    kept = read(cached)
    head = cached.client.head(MATCHES, headers=cached.headers)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", kept.headers["ETag"])


def test_links_are_those_of_the_host_that_was_asked(cached: Api, played: PlayedMatch) -> None:
    assert "http://testserver/" in read(cached).headers["Link"]
    assert "http://club.example/" in read(cached, Host="club.example").headers["Link"]
    assert "http://testserver/" in read(cached).headers["Link"]


def test_the_published_client_gets_its_own_answer(cached: Api) -> None:
    play_match(cached.client.app, with_teams=False)  # type: ignore[arg-type]
    published = {"Content-Type": "application/json; charset=UTF-8"}
    assert [read(cached).json()[0]["home_team_id"] for _ in range(2)] == [None, None]
    assert [read(cached, **published).json()[0]["home_team_id"] for _ in range(2)] == ["", ""]


def test_a_refusal_is_not_kept(cached: Api, played: PlayedMatch) -> None:
    for _ in range(2):
        assert_problem(read(cached, f"{MATCHES}/{uuid.uuid4()}"), 404, "not_found")
        assert_problem(read(cached, f"{MATCHES}?limit=nonsense"), 422, "validation_failed")
    assert_problem(read(cached, f"{MATCHES}/{played.match_id}%3Flimit=1"), 422, "validation_failed")


def test_two_who_see_the_same_share_an_answer(cached: Api, played: PlayedMatch) -> None:
    one, two = (as_role(cached, Role.COACH, played.club_id) for _ in range(2))
    app = cached.client.app
    with app.state.parts.database.unit_of_work() as session:  # type: ignore[attr-defined]
        own = select(User.active_club_id).where(User.email.like("coach.%"))
        for club_id in session.scalars(own).all():
            session.execute(delete(Membership).where(Membership.club_id == club_id))
    first = cached.client.get(MATCHES, headers=one)
    with gate_of(cached) as gate:
        second = cached.client.get(MATCHES, headers=two)
    assert (first.json(), gate.readings) == (second.json(), 0)


def test_another_club_never_gets_it(cached: Api, played: PlayedMatch) -> None:
    rival = cached.register("rival@example.com")
    path = f"{MATCHES}/{played.match_id}/details"
    assert [read(cached, path).status_code for _ in range(2)] == [200, 200]
    for _ in range(2):
        assert_problem(cached.client.get(path, headers=rival), 404, "not_found")
        assert cached.client.get(MATCHES, headers=rival).json() == []
        assert_problem(cached.client.get(path), 401, "unauthenticated")


def test_who_joins_a_club_meanwhile_shares_nothing_of_it(
    cached: Api, played: PlayedMatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two members of one club; between a question of the one and its answer, that one joins a second club."""
    cached.register("other@example.com")
    app = cached.client.app
    secret = play_match(app, "other@example.com")  # type: ignore[arg-type]
    one, two = (as_role(cached, Role.VIEWER, played.club_id) for _ in range(2))
    make = CachedReadsMiddleware._make

    async def join_and_make(self: CachedReadsMiddleware, *arguments: object) -> object:
        with app.state.parts.database.unit_of_work() as session:  # type: ignore[attr-defined]
            user_id = arguments[1].user_id  # type: ignore[attr-defined]
            session.add(Membership(club_id=secret.club_id, user_id=user_id, role=Role.VIEWER))
        return await make(self, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(CachedReadsMiddleware, "_make", join_and_make)
        assert str(secret.match_id) not in cached.client.get(MATCHES, headers=one).text
    assert str(secret.match_id) not in cached.client.get(MATCHES, headers=two).text
    assert str(secret.match_id) in cached.client.get(MATCHES, headers=one).text


@pytest.mark.parametrize("writer", ["cached", "twin"])
def test_one_who_writes_reads_it_at_once_in_every_process(
    request: pytest.FixtureRequest, cached: Api, twin: Api, played: PlayedMatch, writer: str
) -> None:
    assert venues(cached) == venues(twin) == [None]
    move_match(request.getfixturevalue(writer), played.match_id, "Elsewhere")
    assert venues(cached) == venues(twin) == ["Elsewhere"]


def test_an_old_answer_that_is_kept_late_is_void(cached: Api, twin: Api, played: PlayedMatch) -> None:
    """The reader has read the old row when the writer commits, and keeps its answer afterwards."""
    assert venues(twin) == [None]
    with ThreadPoolExecutor(1) as reader, gate_of(cached, is_open=False) as gate:
        move_match(twin, played.match_id, "Before")
        late = reader.submit(venues, cached)
        assert gate.is_reached.wait(PATIENCE_S)
        move_match(twin, played.match_id, "After")
        gate.is_open.set()
        assert late.result(PATIENCE_S) == ["Before"]
    assert venues(cached) == venues(twin) == ["After"]


def test_a_log_in_that_ends_is_refused_at_once_in_every_process(cached: Api, twin: Api) -> None:
    assert [read(api).status_code for api in (cached, twin) for _ in range(2)] == [200] * 4
    assert cached.client.post("/api/logout", headers=cached.headers).status_code == 204
    for api in (twin, cached):
        assert_problem(read(api), 401, "token_invalid")


def test_a_member_who_is_removed_sees_nothing_any_more(cached: Api, twin: Api, played: PlayedMatch) -> None:
    viewer = as_role(cached, Role.VIEWER, played.club_id)
    path = f"{MATCHES}/{played.match_id}"
    assert [twin.client.get(path, headers=viewer).status_code for _ in range(2)] == [200, 200]
    user_id = cached.client.get("/api/users/me", headers=viewer).json()["id"]
    removed = cached.client.delete(f"/api/clubs/{played.club_id}/memberships/{user_id}", headers=cached.headers)
    assert removed.status_code == 204, removed.text
    assert_problem(twin.client.get(path, headers=viewer), 404, "not_found")


def test_a_club_that_is_deleted_is_gone_in_every_process(cached: Api, twin: Api, played: PlayedMatch) -> None:
    path = f"{MATCHES}/{played.match_id}/details"
    assert [read(api, path).status_code for api in (cached, twin) for _ in range(2)] == [200] * 4
    assert cached.client.delete(f"/api/clubs/{played.club_id}", headers=cached.headers).status_code == 204
    for api in (twin, cached):
        assert_problem(read(api, path), 404, "not_found")
        assert read(api).json() == []


def test_an_account_that_is_deleted_is_refused(cached: Api, twin: Api, played: PlayedMatch) -> None:
    viewer = as_role(cached, Role.VIEWER)
    own = cached.client.get("/api/clubs", headers=viewer).json()[0]["id"]
    assert cached.client.delete(f"/api/clubs/{own}", headers=viewer).status_code == 204
    assert [twin.client.get(MATCHES, headers=viewer).status_code for _ in range(2)] == [200, 200]
    gone = cached.client.request("DELETE", "/api/users/me", json={"password": "correct horse"}, headers=viewer)
    assert gone.status_code == 204, gone.text
    assert_problem(twin.client.get(MATCHES, headers=viewer), 401, "token_invalid")


def test_what_a_worker_writes_is_read_at_once(cached: Api, film: bytes) -> None:
    sent = cached.client.post("/api/analyze_match", headers=cached.headers, files={"file": film})
    assert sent.status_code == 202, sent.text
    match_id = read(cached).json()[0]["id"]
    paths = ("/api/analysis_reports", "/api/player_match_statistics", f"{MATCHES}/{match_id}/details")
    before = [read(cached, path).json() for path in paths]
    assert before[0] == before[1] == []
    assert before[2]["latest_job"]["status"] == "PENDING"
    _work_elsewhere(cached)
    reports, figures, details = (read(cached, path).json() for path in paths)
    assert len(reports) == 1
    assert figures != []
    assert (details["latest_job"]["status"], len(details["reports"])) == ("COMPLETED", 1)


def _work_elsewhere(api: Api) -> None:
    """Run what waits, as a worker of its own does: with its own database and its own Redis connection."""
    database = make_database(api.settings)
    share_changes(database, make_redis(api.settings))
    runner = make_runner(api.settings, database, ScriptedEngine(good_run), make_videos(api.settings))
    JobWorker(database, runner, slots=1).drain()
    database.dispose()


def test_a_forecast_is_not_kept(cached: Api, film: bytes, redis: PrivateRedis) -> None:
    """That of a job that waits changes by itself."""
    cached.client.post("/api/analyze_match", headers=cached.headers, files={"file": film})
    path = f"{MATCHES}/{read(cached).json()[0]['id']}/details"
    redis.forget()
    assert read(cached, path).json()["latest_job"]["status"] == "PENDING"
    assert redis.keys("coach_pro:cache:answer:*") == []


def test_of_twenty_who_ask_at_once_one_computes(cached: Api, played: PlayedMatch) -> None:
    read(cached, f"{MATCHES}?limit=1")  # the account is known
    with ThreadPoolExecutor(20) as clients, gate_of(cached, is_open=False) as gate:
        answers = [clients.submit(read, cached) for _ in range(20)]
        assert gate.is_reached.wait(PATIENCE_S)
        gate.is_open.set()
        said = {(answer.result(PATIENCE_S).status_code, answer.result().headers["ETag"]) for answer in answers}
    assert (len(said), gate.readings) == (1, 1)


def test_whoever_looked_before_it_was_kept_finds_it_at_his_turn(
    cached: Api, played: PlayedMatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(cached, f"{MATCHES}?limit=1")  # the account is known
    ask, has_looked, may_go_on = SharedAnswers.ask, threading.Event(), threading.Event()

    async def dawdle(answers: SharedAnswers, *asked: Any) -> Any:
        looked_up = await ask(answers, *asked)
        if not has_looked.is_set():
            has_looked.set()
            await asyncio.to_thread(may_go_on.wait, PATIENCE_S)
        return looked_up

    monkeypatch.setattr(SharedAnswers, "ask", dawdle)
    with ThreadPoolExecutor(1) as clients, gate_of(cached) as gate:
        late = clients.submit(read, cached)
        assert has_looked.wait(PATIENCE_S)
        quick = read(cached)
        may_go_on.set()
        assert late.result(PATIENCE_S).headers["ETag"] == quick.headers["ETag"]
    assert gate.readings == 1


def test_two_processes_that_are_asked_at_once_compute_once(
    cached: Api, twin: Api, played: PlayedMatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_answers, "_PAUSES_S", (0.01,) * 1000)
    with ThreadPoolExecutor(2) as clients, gate_of(cached, is_open=False) as first, gate_of(twin) as second:
        one = clients.submit(venues, cached)
        assert first.is_reached.wait(PATIENCE_S)
        two = clients.submit(venues, twin)
        wait_until(lambda: twin.client.app.state.parts.answers._turns)  # type: ignore[attr-defined]
        first.is_open.set()
        assert one.result(PATIENCE_S) == two.result(PATIENCE_S)
    assert (first.readings, second.readings) == (1, 0)


def test_nobody_waits_long_for_a_process_that_hangs(
    cached: Api, twin: Api, played: PlayedMatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_answers, "_PAUSES_S", (0.01, 0.01))
    with ThreadPoolExecutor(1) as clients, gate_of(cached, is_open=False) as gate:
        hanging = clients.submit(venues, cached)
        assert gate.is_reached.wait(PATIENCE_S)
        assert venues(twin) == [None]
        gate.is_open.set()
        assert hanging.result(PATIENCE_S) == [None]


@pytest.mark.usefixtures("asks_again_at_once")
def test_redis_that_goes_and_comes_back_costs_no_answer(cached: Api, played: PlayedMatch, redis: PrivateRedis) -> None:
    assert venues(cached) == [None]
    redis.stop()
    try:
        move_match(cached, played.match_id, "Elsewhere")
        assert [venues(cached) for _ in range(3)] == [["Elsewhere"]] * 3
    finally:
        redis.start()
    assert [venues(cached) for _ in range(2)] == [["Elsewhere"]] * 2
    assert redis.keys("coach_pro:cache:answer:*") != []


@pytest.mark.usefixtures("asks_again_at_once")
def test_a_change_that_redis_did_not_hear_of_is_made_up_for(
    cached: Api, twin: Api, played: PlayedMatch, redis: PrivateRedis
) -> None:
    """A frozen Redis still knows the old answers when it thaws."""
    assert venues(cached) == venues(twin) == [None]
    os.kill(redis.pid, signal.SIGSTOP)
    try:
        move_match(cached, played.match_id, "Elsewhere")
        assert not cached.client.app.state.parts.answers._generations.is_settled  # type: ignore[attr-defined]
        assert venues(cached) == ["Elsewhere"]
    finally:
        os.kill(redis.pid, signal.SIGCONT)
    assert venues(cached) == ["Elsewhere"]
    assert venues(twin) == ["Elsewhere"]
