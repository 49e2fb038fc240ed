"""Guessing passwords: how far it comes, and whom it does not touch. The windows themselves are a unit test's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.api.password_queue import PasswordQueue
from app.services.limit_attempts import AttemptLimiter, AttemptLimits
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.waiting import PATIENCE_S, wait_until

RIGHT, WRONG = "correct horse", "wrong horse"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def guarded(make_api: Callable[..., Api]) -> Api:
    """An application that lets 3 attempts fail per account and address, 5 per account, and 8 per address."""
    api = make_api()
    few = AttemptLimits("3 per 15 minutes", "5 per hour", "8 per 15 minutes")
    app = api.client.app
    app.state.parts = replace(app.state.parts, attempts=AttemptLimiter(few))
    return api


def client_from(api: Api, address: str) -> TestClient:
    """The same application, seen from elsewhere."""
    return TestClient(api.client.app, client=(address, 50000))


def log_in(client: TestClient, email: str = "coach@example.com", password: str = WRONG) -> httpx2.Response:
    return client.post("/api/token", data={"username": email, "password": password})


def assert_limited(answer: httpx2.Response) -> None:
    assert_problem(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600


def test_ten_wrong_passwords_are_enough(make_api: Callable[..., Api]) -> None:
    api = make_api()
    assert [log_in(api.client).status_code for _ in range(11)] == [401] * 10 + [429]
    assert_limited(log_in(api.client, password=RIGHT))  # not even the right one is looked at
    assert api.client.get("/api/users/me", headers=api.headers).status_code == 200  # who is in stays in
    assert log_in(client_from(api, "192.0.2.7"), password=RIGHT).status_code == 200


def test_who_knows_the_password_is_never_limited(guarded: Api) -> None:
    assert {log_in(guarded.client, password=RIGHT).status_code for _ in range(12)} == {200}


def test_an_account_that_is_none_is_limited_like_one_that_is(guarded: Api) -> None:
    """Else the limit would tell who has an account."""
    known = [log_in(guarded.client) for _ in range(4)]
    unknown = [log_in(guarded.client, "nobody@example.com") for _ in range(4)]
    for one, other in zip(known, unknown, strict=True):
        assert one.status_code == other.status_code
        bodies = [{**answer.json(), "request_id": None} for answer in (one, other)]
        assert bodies[0] == bodies[1]
        assert set(one.headers) == set(other.headers)
    assert [answer.status_code for answer in known] == [401, 401, 401, 429]


def test_another_spelling_of_the_address_is_the_same_account(guarded: Api) -> None:
    for spelling in ("coach@example.com", "COACH@example.com", " Coach@Example.com  "):
        assert log_in(guarded.client, spelling).status_code == 401
    assert_limited(log_in(guarded.client, "coacH@example.com "))


def test_log_ins_that_wait_let_all_others_through(api: Api) -> None:
    """More of them than there are threads; and one more than may wait. They lack the password, so that it is quick."""
    app, client, waiting = api.client.app, api.client, 50
    queue = PasswordQueue(at_once=1, waiting=waiting)
    app.state.parts = replace(app.state.parts, passwords=queue)
    with ThreadPoolExecutor(waiting + 1) as threads:
        with client.portal.wrap_async_context_manager(queue.turn()):
            without = {"username": "coach@example.com"}
            answers = [threads.submit(client.post, "/api/token", data=without) for _ in range(waiting)]
            wait_until(lambda: queue.waiting == waiting)
            teams = threads.submit(client.get, "/api/teams", headers=api.headers)
            assert teams.result(PATIENCE_S).status_code == 200
            refused = log_in(client)
            assert_problem(refused, 503, "overloaded")
            assert int(refused.headers["Retry-After"]) >= 1
            body = {"current_password": WRONG, "new_password": "battery staple"}
            changed = client.post("/api/users/me/password", json=body, headers=api.headers)
            assert_problem(changed, 503, "overloaded")
        assert {answer.result().status_code for answer in answers} == {422}


def test_guessing_from_many_addresses_ends_too(guarded: Api) -> None:
    answers = [log_in(client_from(guarded, f"192.0.2.{number}")) for number in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert_limited(answers[-1])


def test_a_header_does_not_make_another_address(guarded: Api) -> None:
    def guess(number: int) -> int:
        headers = {"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"}
        login = {"username": "coach@example.com", "password": WRONG}
        return guarded.client.post("/api/token", data=login, headers=headers).status_code

    assert [guess(number) for number in range(4)] == [401, 401, 401, 429]


def test_trying_many_accounts_from_one_address_ends_too(guarded: Api) -> None:
    answers = [log_in(guarded.client, f"user{number}@example.com") for number in range(8)]
    assert {answer.status_code for answer in answers} == {401}
    assert_limited(log_in(guarded.client, "fresh@example.com"))
    assert_limited(guarded.client.post("/api/token/refresh", json={"refresh_token": "x"}))
    assert log_in(client_from(guarded, "192.0.2.7"), password=RIGHT).status_code == 200


def test_a_success_does_not_clear_what_the_address_has_tried(guarded: Api) -> None:
    for number in range(4):
        log_in(guarded.client, f"user{number}@example.com")
        assert log_in(guarded.client, password=RIGHT).status_code == 200
        log_in(guarded.client, f"friend{number}@example.com")
    assert_limited(log_in(guarded.client, password=RIGHT))


def test_guessing_refresh_tokens_ends(guarded: Api) -> None:
    guess = [guarded.client.post("/api/token/refresh", json={"refresh_token": f"{n}"}) for n in range(9)]
    assert [answer.status_code for answer in guess] == [401] * 8 + [429]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/users/me/password", {"current_password": WRONG, "new_password": "battery staple"}),
        ("DELETE", "/api/users/me", {"password": WRONG}),
    ],
)
def test_a_stolen_token_is_no_way_to_guess_the_password(guarded: Api, method: str, path: str, body: object) -> None:
    answers = [guarded.client.request(method, path, json=body, headers=guarded.headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
    assert_limited(answers[-1])
    assert log_in(guarded.client, password=RIGHT).status_code == 200


def test_what_is_not_valid_is_no_attempt(guarded: Api) -> None:
    for _ in range(5):
        assert guarded.client.post("/api/token", data={"username": "coach@example.com"}).status_code == 422
    assert log_in(guarded.client, password=RIGHT).status_code == 200
