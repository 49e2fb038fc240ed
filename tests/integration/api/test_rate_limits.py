"""How often somebody may ask, whom it is counted for, and what happens to the counts when Redis comes and goes.

Limits are per day: when a window ends while a test asks, more is left than it has counted, and minutes end too often.
"""

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.factory import create_app
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.servers.redis import PrivateRedis

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[PrivateRedis]:
    server = PrivateRedis(tmp_path)
    server.start()
    yield server
    server.stop()


def client_from(api: Api, address: str) -> TestClient:
    return TestClient(api.client.app, client=(address, 50000), raise_server_exceptions=False)


def twin_of(api: Api) -> TestClient:
    """Another application with the same settings."""
    return TestClient(create_app(api.settings, engine=api.engine), raise_server_exceptions=False)


def statuses(api: Api, times: int, path: str = "/api/teams", **request: object) -> list[int]:
    return [api.client.get(path, **request).status_code for _ in range(times)]  # type: ignore[arg-type]


def left(answer: httpx2.Response) -> dict[str, int]:
    """Requests that are left, by policy."""
    return {name: int(rest) for name, rest in re.findall(r'"([a-z-]+)";r=(\d+);t=\d+', answer.headers["RateLimit"])}


def test_an_address_that_asks_too_often_is_told_when_to_come_back(make_api: Callable[..., Api]) -> None:
    api = make_api(rate_limit_per_address="5 per day")  # one of them made the account
    assert statuses(api, 5, headers=api.headers) == [200] * 4 + [429]
    refused = api.client.get("/api/teams", headers=api.headers)
    assert_problem(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 86400
    assert refused.headers["RateLimit-Policy"] == '"address";q=5;w=86400'
    assert refused.headers["RateLimit"] == f'"address";r=0;t={refused.headers["Retry-After"]}'
    assert client_from(api, "192.0.2.7").get("/api/teams", headers=api.headers).status_code == 200


def test_every_answer_tells_what_is_left(make_api: Callable[..., Api]) -> None:
    api = make_api(rate_limit_per_address="9 per day", rate_limit_per_account="7 per day")
    answer = api.client.get("/api/teams", headers=api.headers)
    assert answer.headers["RateLimit-Policy"] == '"address";q=9;w=86400, "account";q=7;w=86400'
    assert left(answer) == {"address": 7, "account": 6}
    assert left(api.client.get("/api/nothing")) == {"address": 6}


def test_an_account_that_asks_too_often_from_everywhere_is_limited_and_nobody_else(
    make_api: Callable[..., Api],
) -> None:
    api = make_api(rate_limit_per_account="4 per day")
    other = api.register("other@example.com")
    clients = [client_from(api, f"192.0.2.{number}") for number in range(6)]
    answers = [client.get("/api/teams", headers=api.headers) for client in clients]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert_problem(answers[-1], 429, "rate_limited")
    assert clients[0].get("/api/teams", headers=other).status_code == 200


def test_a_forged_token_counts_for_nobodys_account(make_api: Callable[..., Api]) -> None:
    api = make_api(rate_limit_per_account="2 per day")
    forged = api.headers["Authorization"][:-3] + "xyz"
    assert statuses(api, 4, headers={"Authorization": forged}) == [401] * 4
    assert statuses(api, 1, headers=api.headers) == [200]


def test_what_watches_the_server_is_never_limited(make_api: Callable[..., Api]) -> None:
    api = make_api(rate_limit_per_address="1 per day")
    assert statuses(api, 1) == [429]
    for path in ("/health", "/api/health"):
        assert statuses(api, 3, path) == [200] * 3
    assert "RateLimit" not in api.client.get("/health").headers


def test_accounts_are_not_made_by_the_dozen(make_api: Callable[..., Api]) -> None:
    api = make_api(rate_limit_registrations="3 per hour")
    body = {"password": "correct horse"}
    answers = [api.client.post("/api/register", json=body | {"email": f"u{n}@example.com"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].headers["RateLimit-Policy"] == '"address";q=3000;w=60, "registrations";q=3;w=3600'
    assert statuses(api, 1, headers=api.headers) == [200]


def test_log_ins_are_limited_even_if_they_succeed(make_api: Callable[..., Api]) -> None:
    """Each costs a tenth of a second of a core."""
    api = make_api(rate_limit_log_ins="2 per day")
    form = {"username": "coach@example.com", "password": "correct horse"}
    assert [api.client.post("/api/token", data=form).status_code for _ in range(3)] == [200, 200, 429]


def test_a_switch_turns_it_off(make_api: Callable[..., Api]) -> None:
    api = make_api(rate_limits=False, rate_limit_per_address="1 per day")
    assert statuses(api, 3, headers=api.headers) == [200] * 3
    assert "RateLimit-Policy" not in api.client.get("/api/teams").headers


def test_a_page_of_another_origin_can_read_the_refusal(make_api: Callable[..., Api]) -> None:
    api = make_api(rate_limit_per_address="1 per day", cors_origins=("https://app.example.com",))
    answer = api.client.get("/api/teams", headers={"Origin": "https://app.example.com"})
    assert answer.status_code == 429
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert "RateLimit" in answer.headers["Access-Control-Expose-Headers"]
    assert answer.headers["X-Request-ID"]


def test_processes_count_together_in_redis(make_api: Callable[..., Api], redis: PrivateRedis) -> None:
    """Two applications share nothing but Redis (and the database)."""
    api = make_api(redis_url=redis.url, rate_limit_per_account="6 per day")
    with twin_of(api) as other:
        answers = [
            client.get("/api/teams", headers=api.headers).status_code
            for _ in range(4)
            for client in (api.client, other)
        ]
    assert answers == [200] * 6 + [429] * 2


def test_wrong_passwords_are_counted_together_in_redis(make_api: Callable[..., Api], redis: PrivateRedis) -> None:
    api = make_api(redis_url=redis.url)
    form = {"username": "coach@example.com", "password": "wrong horse"}
    with twin_of(api) as other:
        answers = [client.post("/api/token", data=form) for _ in range(6) for client in (api.client, other)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2


@pytest.mark.parametrize("fate", ["never there", "stopped", "frozen"])
def test_without_redis_the_service_goes_on_and_counts_in_memory(
    make_api: Callable[..., Api], redis: PrivateRedis, fate: str
) -> None:
    if fate == "never there":
        redis.stop()
    api = make_api(redis_url=redis.url, rate_limit_per_account="4 per day")
    if fate == "stopped":
        assert statuses(api, 2, headers=api.headers) == [200] * 2
        redis.stop()
    if fate == "frozen":
        os.kill(redis.pid, signal.SIGSTOP)
    try:
        assert statuses(api, 5, headers=api.headers) == [200] * 4 + [429]
        form = {"username": "coach@example.com", "password": "wrong horse"}
        assert api.client.post("/api/token", data=form).status_code == 401
    finally:
        if fate == "frozen":
            os.kill(redis.pid, signal.SIGCONT)


def test_a_restarted_redis_is_used_again_at_once(make_api: Callable[..., Api], redis: PrivateRedis) -> None:
    api = make_api(redis_url=redis.url, rate_limit_per_account="5 per day")
    assert statuses(api, 3, headers=api.headers) == [200] * 3
    redis.restart()  # forgets everything
    assert left(api.client.get("/api/teams", headers=api.headers))["account"] == 4
    assert redis.keys("coach_pro:limits:*")
