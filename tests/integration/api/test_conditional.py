"""Conditional requests (RFC 9110, section 13): 304 for what the client has, 412 for what somebody else has changed."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from app.models import Base
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.populated_club import TABLES, PopulatedClub, populate_club

Json = Any


@pytest.fixture(scope="module", autouse=True)
def club(shared_api: Api) -> PopulatedClub:
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        return populate_club(session, "coach@example.com", mark="One", count=3)


@pytest.fixture
def team(shared_api: Api) -> Iterator[str]:
    """The path of a team that one test may change."""
    answer = shared_api.client.post("/api/teams", json={"name": "Özil's ⚽"}, headers=shared_api.headers)
    yield answer.headers["Location"]
    shared_api.client.delete(answer.headers["Location"], headers=shared_api.headers)


def get(api: Api, path: str, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.client.get(path, headers=api.headers | named)


def patch(api: Api, path: str, body: Json, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.client.patch(path, json=body, headers=api.headers | named)


@pytest.mark.parametrize("path", ["/api/teams", "/api/users/me", "/health", "/openapi.json"])
def test_what_is_read_has_a_strong_tag_that_is_its_own(shared_api: Api, path: str) -> None:
    answer = get(shared_api, path)
    assert answer.headers["ETag"].strip('"').isalnum()
    assert answer.headers["ETag"][0] == answer.headers["ETag"][-1] == '"'
    assert answer.headers["Vary"] == "Authorization"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    if path != "/health":
        assert get(shared_api, path).headers["ETag"] == answer.headers["ETag"]


MATCHING = ["{tag}", "W/{tag}", "*", '"other", {tag}', '"other",{tag} , W/"third"', " {tag} ", '"with, comma", {tag}']
OTHERS = ['"other"', "{bare}", "", '""', "W/", '"*"', "{tag}{tag}", '"{upper}"']


def named(template: str, tag: str) -> str:
    return template.format(tag=tag, bare=tag.strip('"'), upper=tag.strip('"').upper())


@pytest.mark.parametrize("template", MATCHING)
def test_what_the_client_has_already_is_not_sent_again(shared_api: Api, team: str, template: str) -> None:
    first = get(shared_api, team)
    answer = get(shared_api, team, If_None_Match=named(template, first.headers["ETag"]))
    assert (answer.status_code, answer.content) == (304, b"")
    assert "Content-Type" not in answer.headers
    assert "Content-Length" not in answer.headers
    for name in ("ETag", "Cache-Control", "Vary"):
        assert answer.headers[name] == first.headers[name]
    assert answer.headers["X-Request-ID"]


@pytest.mark.parametrize("template", OTHERS)
def test_what_the_client_has_not_is_sent(shared_api: Api, team: str, template: str) -> None:
    tag = get(shared_api, team).headers["ETag"]
    answer = get(shared_api, team, If_None_Match=named(template, tag))
    assert (answer.status_code, answer.headers["ETag"]) == (200, tag)
    assert answer.json()["name"] == "Özil's ⚽"


def test_tags_may_come_in_several_lines(shared_api: Api, team: str) -> None:
    tag = get(shared_api, team).headers["ETag"]
    lines = [*shared_api.headers.items(), ("If-None-Match", '"other"'), ("If-None-Match", tag)]
    assert shared_api.client.get(team, headers=lines).status_code == 304
    lines = [*shared_api.headers.items(), ("If-Match", '"other"'), ("If-Match", tag)]
    assert shared_api.client.patch(team, json={}, headers=lines).status_code == 200


def test_a_list_has_a_tag_that_changes_with_its_rows_and_still_tells_the_total(shared_api: Api, team: str) -> None:
    first = get(shared_api, "/api/teams")
    again = get(shared_api, "/api/teams", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.headers["X-Total-Count"]) == (304, first.headers["X-Total-Count"])
    assert patch(shared_api, team, {"primary_color": "#123456"}).status_code == 200
    assert get(shared_api, "/api/teams", If_None_Match=first.headers["ETag"]).status_code == 200


def test_another_account_does_not_profit_from_a_tag(shared_api: Api, team: str, other_club: dict[str, str]) -> None:
    tag = get(shared_api, team).headers["ETag"]
    assert_problem(shared_api.client.get(team, headers=other_club | {"If-None-Match": tag}), 404, "not_found")
    assert_problem(shared_api.client.get(team, headers={"If-None-Match": "*"}), 401, "unauthenticated")


def test_problems_and_empty_answers_have_no_tag(shared_api: Api, team: str) -> None:
    for answer in (
        get(shared_api, "/api/teams/00000000-0000-4000-8000-000000000000", If_None_Match="*"),
        get(shared_api, "/api/teams?nme=x", If_None_Match="*"),
        get(shared_api, "/api/nothing", If_None_Match="*"),
        patch(shared_api, team, {"name": ""}),
        shared_api.client.post("/api/token", data={"username": "coach@example.com", "password": "correct horse"}),
        shared_api.client.post("/api/register", json={"email": "other@example.com", "password": "correct horse"}),
    ):
        assert answer.status_code in {200, 201, 404, 405, 422}
        assert "ETag" not in answer.headers


@pytest.mark.parametrize("template", [text for text in MATCHING if not text.startswith("W/")])
def test_a_change_is_made_if_the_row_is_as_it_was_read(shared_api: Api, team: str, template: str) -> None:
    tag = get(shared_api, team).headers["ETag"]
    answer = patch(shared_api, team, {"primary_color": "#abcdef"}, If_Match=named(template, tag))
    assert (answer.status_code, answer.json()["primary_color"]) == (200, "#abcdef")
    assert answer.headers["ETag"] == get(shared_api, team).headers["ETag"] != tag


@pytest.mark.parametrize("template", [*OTHERS, "W/{tag}"])
def test_a_change_is_refused_if_the_row_is_another_by_now(shared_api: Api, team: str, template: str) -> None:
    before = get(shared_api, team)
    answer = patch(shared_api, team, {"name": "Lost"}, If_Match=named(template, before.headers["ETag"]))
    assert_problem(answer, 412, "precondition_failed")
    assert get(shared_api, team).headers["ETag"] == before.headers["ETag"]


def test_of_two_who_read_the_same_the_second_one_must_read_again(shared_api: Api, team: str) -> None:
    tag = get(shared_api, team).headers["ETag"]
    first = patch(shared_api, team, {"name": "First"}, If_Match=tag)
    assert first.status_code == 200
    assert_problem(patch(shared_api, team, {"name": "Second"}, If_Match=tag), 412, "precondition_failed")
    assert patch(shared_api, team, {"name": "Second"}, If_Match=first.headers["ETag"]).status_code == 200
    assert patch(shared_api, team, {"name": "Third"}).status_code == 200  # who names no tag overwrites


def test_who_may_not_change_a_row_learns_nothing_from_its_tag(
    shared_api: Api, team: str, other_club: dict[str, str]
) -> None:
    tag = get(shared_api, team).headers["ETag"]
    for guess in (tag, '"other"'):
        answer = shared_api.client.patch(team, json={}, headers=other_club | {"If-Match": guess})
        assert_problem(answer, 404, "not_found")


def creatable(api: Api, club: PopulatedClub) -> Iterator[tuple[str, Json]]:
    """Each path that makes a row from the example of the document, with the ids of rows that are there."""
    document = api.client.get("/openapi.json").json()
    for path, item in document["paths"].items():
        headers = item.get("post", {}).get("responses", {}).get("201", {}).get("headers", {})
        if "ETag" in headers and path not in NOT_ANOTHER_ONE:
            [reference] = item["post"]["requestBody"]["content"]["application/json"]["schema"].values()
            example = document["components"]["schemas"][reference.rpartition("/")[2]]["examples"][0]
            ids = {key: str(club.parameter(path, key, 0)) for key in example if key.endswith("_id")}
            yield path, example | ids


# The rows of the club are all that there can be, one for each match and player, or team; its pitches have no size.
NOT_ANOTHER_ONE = {"/api/player_match_statistics", "/api/match_team_statistics", "/api/calibrations"}


def test_what_was_made_can_be_changed_with_the_tag_of_the_answer(shared_api: Api, club: PopulatedClub) -> None:
    tried = set()
    for path, body in creatable(shared_api, club):
        made = shared_api.client.post(path, json=body, headers=shared_api.headers)
        assert made.status_code == 201, (path, made.text)
        where = made.headers["Location"]
        assert (path, made.headers["ETag"]) == (path, get(shared_api, where).headers["ETag"])
        assert (path, patch(shared_api, where, {}, If_Match=made.headers["ETag"]).status_code) == (path, 200)
        tried.add(path)
    assert {"/api/teams", "/api/players", "/api/matches", "/api/formations", "/api/clubs"} <= tried


def change(api: Api, method: str, path: str, body: Json, tag: str) -> httpx2.Response:
    return api.client.request(method, path, json=body, headers=api.headers | {"If-Match": tag})


def changeable(api: Api, club: PopulatedClub) -> Iterator[tuple[str, str, str]]:
    """Each path of the document with GET and PATCH or PUT, by way of a row that is there."""
    paths = api.client.get("/openapi.json").json()["paths"]
    for path, item in paths.items():
        for method in {"patch", "put"} & set(item) if "get" in item else ():
            yield path, method, club.path(path)


# The rows of these lists break a rule that is looked at after the tag: a sheet of one player is not complete.
REFUSED_LATER = {"/api/match_lineups/{lineup_id}"}


def test_the_tag_of_every_row_that_can_be_changed_is_good_for_changing_it(shared_api: Api, club: PopulatedClub) -> None:
    """A change that computes the tag from other fields than the answer would refuse everybody."""
    tried = set()
    for path, method, where in changeable(shared_api, club):
        read = get(shared_api, where)
        body, tag = read.json() if method == "put" else {}, read.headers["ETag"]
        stale = change(shared_api, method, where, body, '"other"')
        good = change(shared_api, method, where, body, tag)
        assert (path, stale.status_code) == (path, 412), stale.text
        assert (path, good.status_code) == (path, 422 if path in REFUSED_LATER else 200), good.text
        if good.status_code == 200:
            assert (path, good.headers["ETag"]) == (path, get(shared_api, where).headers["ETag"])
        tried.add(path)
    assert {"/api/teams/{team_id}"} | REFUSED_LATER <= tried


def deletable(api: Api, club: PopulatedClub) -> list[tuple[str, str]]:
    """Each path of the document with GET and DELETE, by way of a row that is there; whoever refers to others first."""
    order = {table.name: number for number, table in enumerate(Base.metadata.sorted_tables)}
    tables = TABLES | {"club_id": "clubs", "statistics_id": "player_match_statistics", "me": "users"}
    paths = api.client.get("/openapi.json").json()["paths"]
    found = [(path, club.path(path)) for path, item in paths.items() if {"get", "delete"} <= set(item)]
    return sorted(found, key=lambda pair: -order[tables[pair[0].rpartition("/")[2].strip("{}")]])


def test_only_what_is_as_it_was_read_is_deleted(make_api: Callable[..., Api]) -> None:
    api = make_api(embedded_workers=0)
    with api.client.app.state.parts.database.unit_of_work() as session:
        club = populate_club(session, "coach@example.com", mark="One", count=3)
    body = {"password": "correct horse"}  # wanted where the account itself goes
    for path, where in (found := deletable(api, club)):
        tag = get(api, where).headers["ETag"]
        assert (path, change(api, "DELETE", where, body, '"other"').status_code) == (path, 412)
        assert (path, get(api, where).headers.get("ETag")) == (path, tag)
    for path, where in found:
        if path != "/api/users/me":  # who is the only owner of a club
            tag = get(api, where).headers["ETag"]
            answer = change(api, "DELETE", where, body, tag)
            assert (path, answer.status_code) == (path, REFUSED_DELETIONS.get(path, 204)), answer.text
    assert len(found) > 15


# Measured figures stay as long as their report. That is looked at after the tag.
REFUSED_DELETIONS = {"/api/player_match_statistics/{statistics_id}": 409}
