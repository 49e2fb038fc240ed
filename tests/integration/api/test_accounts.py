"""Registering and logging in."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete

from app.models import Membership
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
    "letters with a joiner": {"full_name": "می\u200cخواهم"},
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


SENTENCES: dict[str, tuple[bytes, str]] = {
    "a comma": (b'{\n  "email": "a@example.com",\n  "password" "x"\n}', "expecting ':' delimiter at line 3, column 14"),
    "the end": (b'{"email": "a@example.com"', "expecting ',' delimiter at line 1, column 26"),
    "a quotation mark": (b'{"email": "a}', "unterminated string starting at line 1, column 11"),
    "a letter that is two bytes": ("{'é".encode(), "expecting property name enclosed in double quotes at line 1"),
    "a byte": (b'{"email": "\xff"}', "not valid UTF-8: byte 12 does not belong there"),
    "no end of brackets": (b"[" * 100_000, "nested too deeply"),
    "no end of digits": (b"9" * 5000, "a number of too many digits"),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_it_is_said_where_a_body_is_broken(shared_api: Api, case: str) -> None:
    body, words = SENTENCES[case]
    answer = shared_api.client.post("/api/register", content=body, headers={"Content-Type": "application/json"})
    broken = words.startswith(("expecting", "unterminated"))
    assert_problem(answer, 422 if broken else 400, "validation_failed" if broken else "bad_request")
    assert words in answer.json()["detail"]


OTHER_TYPES = {
    "text/plain": "text/plain",
    "text/plain; charset=utf-8": "text/plain",
    "application/x-www-form-urlencoded": "application/x-www-form-urlencoded",
    "application/json\x85/x": "another type",
}


@pytest.mark.parametrize("kind", OTHER_TYPES)
def test_a_body_that_says_to_be_something_else_than_json_is_415(shared_api: Api, kind: str) -> None:
    for path, headers in (("/api/register", {}), ("/api/teams", shared_api.headers)):
        content_type = {"Content-Type": kind.encode("latin-1")}
        answer = shared_api.client.post(path, content=b'{"name": "Reds"}', headers=headers | content_type)
        assert_problem(answer, 415, "not_json")
        assert answer.json()["detail"] == f"Send the body as application/json, not as {OTHER_TYPES[kind]}."


@pytest.mark.parametrize("kind", [None, "application/json", "Application/JSON; charset=UTF-8", "application/x+json"])
def test_a_body_that_says_nothing_else_is_json(shared_api: Api, kind: str | None) -> None:
    headers = shared_api.headers | ({} if kind is None else {"Content-Type": kind})
    answer = shared_api.client.post("/api/competitions", content=b'{"name": "%a"}' % kind, headers=headers)
    assert answer.status_code == 201, answer.text


def test_an_address_is_taken_whatever_its_case(api: Api) -> None:
    assert api.client.post("/api/register", json=GOOD).status_code == 201
    answer = api.client.post("/api/register", json=GOOD | {"email": "NEW@Example.com"})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    login = {"username": "New@EXAMPLE.com", "password": GOOD["password"]}
    assert api.client.post("/api/token", data=login).status_code == 200


SPELLINGS: dict[str, tuple[str, str]] = {
    "Punycode": ("u@xn--bcher-kva.example", "u@bücher.example"),
    "accents apart": ("Jose\N{COMBINING ACUTE ACCENT}@example.com", "josé@example.com"),
    "full-width letters and dot": ("u3@ｅxample。com", "u3@example.com"),
    "capitals and blanks": (" U4@BÜCHER.example ", "u4@bücher.example"),
    "a name before it": ("Ada Coach <ada@example.com>", "ada@example.com"),
    "a capital that is two letters in small": ("İda@example.com", "i\N{COMBINING DOT ABOVE}da@example.com"),
}


def test_who_registers_logs_in_with_the_same_text_and_with_every_other_spelling(api: Api) -> None:
    for case, (written, canonical) in SPELLINGS.items():
        answer = api.client.post("/api/register", json=GOOD | {"email": written})
        assert (case, answer.status_code, answer.json().get("email")) == (case, 201, canonical)
        for spelling in (written, canonical.upper()):
            login = {"username": spelling, "password": GOOD["password"]}
            assert (case, spelling, api.client.post("/api/token", data=login).status_code) == (case, spelling, 200)


def test_an_invitation_is_for_an_address_however_it_is_written(api: Api) -> None:
    club_id, token = invite(api, "u@xn--bcher-kva.example")
    body = GOOD | {"email": "U@BÜCHER.example", "invitation_token": token}
    headers = headers_of(api.client.post("/api/register", json=body))
    assert [club["id"] for club in api.client.get("/api/clubs", headers=headers).json()] == [club_id]


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


def test_the_answer_to_registering_is_what_clients_read(api: Api) -> None:
    answer = api.client.post("/api/register", json=GOOD | {"email": "New@Example.com"}).json()
    assert set(answer) == {"access_token", "token_type", "expires_in", "refresh_token", "email", "detail"}
    assert answer["email"] == "new@example.com"
    assert answer["detail"].endswith(".")


def invite(api: Api, email: str, role: str = "analyst") -> tuple[str, str]:
    """The club that invites, and the token."""
    me = api.client.get("/api/users/me", headers=api.headers).json()
    club_id: str = me["active_club_id"]
    answer = api.client.post(
        f"/api/clubs/{club_id}/invitations", headers=api.headers, json={"email": email, "role": role}
    )
    assert answer.status_code == 201, answer.text
    return club_id, answer.json()["token"]


def headers_of(answer: Any) -> dict[str, str]:
    assert answer.status_code in {200, 201}, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_who_was_invited_joins_that_club_and_gets_none_of_their_own(api: Api) -> None:
    club_id, token = invite(api, "new@example.com")
    headers = headers_of(api.client.post("/api/register", json=GOOD | {"invitation_token": token}))
    me = api.client.get("/api/users/me", headers=headers).json()
    assert me["memberships"] == [{"club_id": club_id, "club_name": "coach's club", "role": "analyst"}]
    assert me["active_club_id"] == club_id
    again = api.client.post("/api/register", json=GOOD | {"email": "b@example.com", "invitation_token": token})
    assert_problem(again, 404, "not_found")  # it is meant for another address


def test_an_invitation_that_is_not_good_makes_no_account(api: Api) -> None:
    _, token = invite(api, "somebody@example.com")
    for wrong in (token, "no such token"):
        answer = api.client.post("/api/register", json=GOOD | {"invitation_token": wrong})
        assert_problem(answer, 404, "not_found")
    assert api.client.post("/api/register", json=GOOD).status_code == 201


def test_one_sees_ones_clubs_and_chooses_the_active_one(api: Api) -> None:
    club_id, token = invite(api, "new@example.com", "coach")
    headers = headers_of(api.client.post("/api/register", json=GOOD))
    accepted = api.client.post("/api/invitations/accept", headers=headers, json={"token": token})
    assert accepted.status_code in {200, 201}, accepted.text
    me = api.client.get("/api/users/me", headers=headers).json()
    own = next(item["club_id"] for item in me["memberships"] if item["club_name"] == "Nia New's club")
    assert {item["club_id"]: item["role"] for item in me["memberships"]} == {own: "owner", club_id: "coach"}
    for chosen in (club_id, own):
        changed = api.client.patch("/api/users/me", headers=headers, json={"active_club_id": chosen})
        assert changed.json()["active_club_id"] == chosen
        team = api.client.post("/api/teams", headers=headers, json={"name": "Reds"})
        assert team.json()["club_id"] == chosen
    cleared = api.client.patch("/api/users/me", headers=headers, json={"active_club_id": None})
    assert cleared.json()["active_club_id"] == own  # the first that one owns


def test_a_club_of_others_cannot_be_the_active_one(api: Api) -> None:
    club_id, _ = invite(api, "somebody@example.com")
    rival = api.register("rival@example.com")
    before = api.client.get("/api/users/me", headers=rival).json()
    for wrong in (club_id, str(uuid.uuid4())):
        answer = api.client.patch("/api/users/me", headers=rival, json={"active_club_id": wrong, "full_name": "R"})
        assert_problem(answer, 404, "not_found")
        assert answer.json()["errors"][0]["pointer"] == "/active_club_id"
    assert api.client.get("/api/users/me", headers=rival).json() == before


def test_a_name_is_changed_emptied_and_left_alone(api: Api) -> None:
    headers = headers_of(api.client.post("/api/register", json=GOOD))
    for body, name in (({"full_name": "  Nia Newer "}, "Nia Newer"), ({}, "Nia Newer"), ({"full_name": None}, None)):
        answer = api.client.patch("/api/users/me", headers=headers, json=body)
        assert (answer.status_code, answer.json()["full_name"]) == (200, name)
    # What is no business of this route stays as it is.
    api.client.patch("/api/users/me", headers=headers, json={"email": "x@example.com", "is_active": False, "id": "x"})
    me = api.client.get("/api/users/me", headers=headers).json()
    assert (me["email"], me["is_active"]) == ("new@example.com", True)


def test_an_account_changes_only_as_it_was_read(api: Api) -> None:
    tag = api.client.get("/api/users/me", headers=api.headers).headers["ETag"]
    first, second = (
        api.client.patch("/api/users/me", headers=api.headers | {"If-Match": tag}, json={"full_name": name})
        for name in ("Ada", "Eve")
    )
    assert first.status_code == 200
    assert_problem(second, 412, "precondition_failed")
    assert api.client.get("/api/users/me", headers=api.headers).json()["full_name"] == "Ada"


def test_who_belongs_to_no_club_is_an_account_all_the_same(api: Api) -> None:
    headers = headers_of(api.client.post("/api/register", json=GOOD))
    me = api.client.get("/api/users/me", headers=headers).json()
    with api.client.app.state.parts.database.unit_of_work() as session:
        session.execute(delete(Membership).where(Membership.user_id == uuid.UUID(me["id"])))
    alone = api.client.get("/api/users/me", headers=headers)
    assert (alone.status_code, alone.json()["memberships"], alone.json()["active_club_id"]) == (200, [], None)
    assert api.client.get("/api/teams", headers=headers).json() == []
    assert_problem(api.client.post("/api/teams", headers=headers, json={"name": "Reds"}), 404, "not_found")
    deleted = api.client.request("DELETE", "/api/users/me", headers=headers, json={"password": GOOD["password"]})
    assert deleted.status_code == 204


def test_an_account_is_deleted_with_its_password_and_its_sessions(api: Api) -> None:
    _, token = invite(api, "new@example.com", "owner")
    headers = headers_of(api.client.post("/api/register", json=GOOD | {"invitation_token": token}))
    wrong = api.client.request("DELETE", "/api/users/me", headers=headers, json={"password": "wrong horse"})
    assert_problem(wrong, 403, "wrong_password")
    assert api.client.get("/api/users/me", headers=headers).status_code == 200
    gone = api.client.request("DELETE", "/api/users/me", headers=headers, json={"password": GOOD["password"]})
    assert gone.status_code == 204
    assert_problem(api.client.get("/api/users/me", headers=headers), 401, "token_invalid")
    login = {"username": GOOD["email"], "password": GOOD["password"]}
    assert api.client.post("/api/token", data=login).status_code == 401
    assert api.client.post("/api/register", json=GOOD).status_code == 201  # the address is free again
    assert api.client.get("/api/users/me", headers=api.headers).status_code == 200


def test_the_only_owner_of_a_club_cannot_be_deleted(api: Api) -> None:
    answer = api.client.request("DELETE", "/api/users/me", headers=api.headers, json={"password": "correct horse"})
    assert_problem(answer, 409, "last_owner")
    assert len(api.client.get("/api/users/me", headers=api.headers).json()["memberships"]) == 1
