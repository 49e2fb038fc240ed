"""Registering and logging in."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api

GOOD = {"email": "new@example.com", "password": "correct horse", "full_name": "Nia New"}


def test_a_new_coach_is_logged_in_and_has_formations(api: Api) -> None:
    answer = api.client.post("/api/register", json=GOOD)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["token_type"] == "bearer"
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    me = api.client.get("/api/users/me", headers=headers).json()
    assert (me["email"], me["full_name"], me["last_login_at"]) == ("new@example.com", "Nia New", None)
    formations = api.client.get("/api/formations", headers=headers).json()
    assert "4-4-2" in [formation["name"] for formation in formations]


# Each of these once fitted one database and not the other, or could have.
EXTREME: dict[str, dict[str, Any]] = {
    "the longest name": {"full_name": "Ŵ" * 200},
    "emoji": {"full_name": "Ada ⚽ Coach"},
    "no name": {"full_name": None},
    "a name of blanks": {"full_name": "   "},
    "a zero byte": {"full_name": "Ada\x00Coach"},
    "the shortest password": {"password": "sixsix"},
    "a password that is not ASCII": {"password": "pässwört ⚽"},
    "the longest password": {"password": "x" * 128},
    "the longest local part": {"email": f"{'x' * 64}@example.com"},
}


def test_extremes_that_are_allowed_work_on_both_databases(api: Api) -> None:
    for number, (case, changes) in enumerate(EXTREME.items()):
        account = GOOD | {"email": f"coach{number}@example.com"} | changes
        answer = api.client.post("/api/register", json=account)
        assert answer.status_code == 201, (case, answer.text)
        login = {"username": account["email"], "password": account["password"]}
        assert api.client.post("/api/token", data=login).status_code == 200, case


REFUSED: dict[str, dict[str, Any]] = {
    "no address": {"email": "nobody"},
    "an address of 300 letters": {"email": f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'z' * 60}.{'z' * 60}.com"},
    "no password": {"password": None},
    "a password of five letters": {"password": "fives"},
    "a password of 129 letters": {"password": "x" * 129},
    "a name of 201 letters": {"full_name": "x" * 201},
    "a name that is a list": {"full_name": ["Ada"]},
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_account_that_is_not_valid_is_refused_by_name(shared_api: Api, case: str) -> None:
    answer = shared_api.client.post("/api/register", json=GOOD | REFUSED[case])
    assert_problem(answer, 422, "validation_failed")
    (name,) = REFUSED[case]
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{name}"]
    assert answer.json()["errors"][0]["message"]


BROKEN_BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "not JSON": (b"{'email': 1}", 422),
    "cut": (b'{"email": "a@example.com"', 422),
    "a list": (b"[]", 422),
    "half a surrogate pair": (b'{"email": "a@example.com", "password": "correct horse", "full_name": "\\ud800"}', 422),
    "not UTF-8": (b'{"email": "\xff"}', 400),
}


@pytest.mark.parametrize("case", BROKEN_BODIES)
def test_a_broken_body_is_a_problem_and_no_fault(shared_api: Api, case: str) -> None:
    body, status = BROKEN_BODIES[case]
    headers = {"Content-Type": "application/json"}
    answer = shared_api.client.post("/api/register", content=body, headers=headers)
    assert_problem(answer, status, "validation_failed" if status == 422 else "bad_request")
    if case in {"not JSON", "cut"}:
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/"]


def test_an_address_is_taken_whatever_its_case(api: Api) -> None:
    assert api.client.post("/api/register", json=GOOD).status_code == 201
    answer = api.client.post("/api/register", json=GOOD | {"email": "NEW@Example.com"})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    login = {"username": "New@EXAMPLE.com", "password": GOOD["password"]}
    assert api.client.post("/api/token", data=login).status_code == 200


@pytest.mark.parametrize(
    "login",
    [
        pytest.param({"username": "coach@example.com", "password": "wrong horse"}, id="wrong password"),
        pytest.param({"username": "nobody@example.com", "password": "correct horse"}, id="no such account"),
        pytest.param({"username": "coach@example.com' --", "password": "x"}, id="SQL"),
    ],
)
def test_a_wrong_login_does_not_say_what_was_wrong(shared_api: Api, login: dict[str, str]) -> None:
    answer = shared_api.client.post("/api/token", data=login)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert answer.json()["detail"] == "Incorrect email or password"


def test_a_login_is_noted(make_api: Callable[..., Api]) -> None:
    api = make_api()
    api.client.post("/api/token", data={"username": "coach@example.com", "password": "correct horse"})
    assert api.client.get("/api/users/me", headers=api.headers).json()["last_login_at"].endswith("Z")
