"""What the published client wants of every answer: no null where it has none, no redirects, no secrets."""

import uuid

import pytest
from sqlalchemy import select

from app.models import User
from tests.integration.api.conftest import assert_problem
from tests.integration.api.played_match import play_match
from tests.integration.api.published_client.phone import JSON_CONTENT, PHONE, Phone
from tests.integration.conftest import Api


@pytest.fixture
def match_without_teams(shared_api: Api) -> str:
    return str(play_match(shared_api.client.app, with_teams=False).match_id)


NULLS: dict[str, str] = {
    "/matches": "home_team_id",
    "/matches/{}": "away_team_id",
    "/player_match_statistics?match_id={}": "player_id",
}
HEADERS: dict[str, tuple[dict[str, str], bool]] = {
    "the client": (JSON_CONTENT, True),
    "the client on a phone": (JSON_CONTENT | PHONE, True),
    "the client in other letters": ({"Content-Type": "Application/JSON;charset=utf-8"}, True),
    "a browser": ({}, False),
    "another app in the same language": (PHONE, False),
    "a program that says JSON": ({"Content-Type": "application/json"}, False),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, False),
}


@pytest.mark.parametrize("path", NULLS)
@pytest.mark.parametrize("case", HEADERS)
def test_only_the_client_reads_an_empty_text_for_null(
    shared_api: Api, match_without_teams: str, case: str, path: str
) -> None:
    headers, is_client = HEADERS[case]
    answer = shared_api.client.get(f"/api{path.format(match_without_teams)}", headers=shared_api.headers | headers)
    rows = answer.json() if isinstance(answer.json(), list) else [answer.json()]
    nulls = [row for row in rows if row[NULLS[path]] is None]
    assert bool(nulls) is not is_client
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert "Content-Type" in answer.headers["Vary"]


def test_nothing_but_the_nulls_is_another_answer(shared_api: Api, match_without_teams: str) -> None:
    plain = shared_api.client.get(f"/api/matches/{match_without_teams}", headers=shared_api.headers).json()
    read = Phone(shared_api.client, shared_api.headers).get(f"/matches/{match_without_teams}", "Match")
    assert read == plain | {"home_team_id": "", "away_team_id": ""}


def test_the_tag_of_an_answer_is_that_of_what_was_sent(shared_api: Api, match_without_teams: str) -> None:
    path, own = f"/api/matches/{match_without_teams}", shared_api.headers
    plain, translated = (shared_api.client.get(path, headers=own | more) for more in ({}, JSON_CONTENT))
    assert plain.headers["ETag"] != translated.headers["ETag"]
    for answer, more, status in (
        (plain, {}, 304),
        (translated, JSON_CONTENT, 304),
        (plain, JSON_CONTENT, 200),
        (translated, {}, 200),
    ):
        again = shared_api.client.get(path, headers=own | more | {"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == status
        assert {"Authorization", "Content-Type"} <= {name.strip() for name in again.headers["Vary"].split(",")}


def test_an_error_is_not_translated(phone: Phone) -> None:
    assert_problem(phone.ask("GET", f"/matches/{uuid.uuid4()}"), 404, "not_found")
    assert_problem(phone.ask("GET", "/matches?colour=red"), 422, "parameter_unknown")


def test_the_hash_of_the_password_never_leaves_the_server(shared_api: Api, phone: Phone) -> None:
    assert phone.get("/users/me", "User")["password_hash"] == ""
    with shared_api.client.app.state.parts.database.reading() as session:
        secrets = set(session.scalars(select(User.password_hash)))
    text = phone.ask("GET", "/users/me").text
    assert secrets
    assert not any(secret in text for secret in secrets)


SLASHES = [("POST", "/api/teams/"), ("GET", "/api/teams/"), ("POST", "/api/analyze_match/"), ("GET", "/health/")]


@pytest.mark.parametrize(("method", "path"), SLASHES)
def test_a_slash_too_many_leads_nowhere(shared_api: Api, method: str, path: str) -> None:
    """A redirect would make a GET out of a POST."""
    answer = shared_api.client.request(method, path, headers=shared_api.headers, follow_redirects=False)
    assert_problem(answer, 404, "not_found")


def test_null_is_as_good_as_no_body_where_none_is_needed(shared_api: Api) -> None:
    phone = Phone(shared_api.client, shared_api.register("leaving@example.com"))
    assert phone.ask("POST", "/logout").status_code == 204
    assert phone.failure("GET", "/users/me")[0] == 401


def test_null_where_a_body_is_needed_is_refused_with_a_sentence(phone: Phone) -> None:
    status, detail = phone.failure("POST", "/teams")
    assert (status, detail.endswith(".")) == (422, True)


def test_the_state_of_the_server_is_told_below_api_too(shared_api: Api) -> None:
    below, above = (shared_api.client.get(path) for path in ("/api/health", "/health"))
    assert below.status_code == above.status_code == 200
    assert below.json()["status"] == above.json()["status"] == "healthy"
