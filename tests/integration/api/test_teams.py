"""Teams: made, listed, changed and deleted, as the published mobile client sends them, too."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from app.core.account import Role
from app.models import AuditEntry
from tests.integration.api.conftest import assert_problem, rows
from tests.integration.api.played_match import as_role
from tests.integration.conftest import Api

CREATED = {"name": "Port Aurelia FC", "primary_color": "#0b6e4f", "secondary_color": "#FFFFFF"}
# The mobile client sends all that its model has.
OF_A_PHONE = {"name": "Rivals", "user_id": None, "primary_color": "", "secondary_color": None, "logo_url": ""}


def add_team(api: Api, **values: object) -> dict[str, Any]:
    answer = api.client.post("/api/teams", headers=api.headers, json=CREATED | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_team_lives_from_its_creation_to_its_deletion(api: Api) -> None:
    answer = api.client.post("/api/teams", headers=api.headers, json=CREATED)
    assert answer.status_code == 201
    path, team = answer.headers["Location"], answer.json()
    assert {key: team[key] for key in CREATED} == CREATED
    assert team["logo_url"] is None
    assert api.client.get(path, headers=api.headers).json() == team
    assert api.client.get("/api/teams", headers=api.headers).json() == [team]

    changed = api.client.patch(path, headers=api.headers, json={"name": "Aurelia", "secondary_color": None})
    assert changed.json() == team | {
        "name": "Aurelia",
        "secondary_color": None,
        "updated_at": changed.json()["updated_at"],
    }
    assert api.client.delete(path, headers=api.headers).status_code == 204
    assert_problem(api.client.get(path, headers=api.headers), 404, "not_found")
    assert rows(api.client.app, AuditEntry) >= 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_team_is_taken_as_the_mobile_client_sends_it(api: Api) -> None:
    answer = api.client.post("/api/teams", headers=api.headers, json=OF_A_PHONE)
    assert answer.status_code == 201
    team = answer.json()
    assert (team["primary_color"], team["secondary_color"], team["logo_url"]) == (None, None, None)


def test_a_name_is_taken_once_in_a_club(api: Api) -> None:
    add_team(api)
    other = add_team(api, name="Other")
    for answer in (
        api.client.post("/api/teams", headers=api.headers, json=CREATED),
        api.client.patch(f"/api/teams/{other['id']}", headers=api.headers, json={"name": CREATED["name"]}),
    ):
        assert_problem(answer, 409, "already_exists")
        assert answer.json()["errors"] == [{"pointer": "/name", "message": "is taken already"}]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_own_team_comes_first_and_lists_find_by_name(api: Api) -> None:
    names = [add_team(api, name=name)["name"] for name in ("Żółci", "Aurelia", "Beta")]

    def found(query: str) -> list[str]:
        return [row["name"] for row in api.client.get(f"/api/teams?{query}", headers=api.headers).json()]

    assert found("") == names
    assert found("sort=name") == ["Aurelia", "Beta", "Żółci"]
    assert found("q=zolci") == ["Żółci"]
    assert found("name=Beta") == ["Beta"]


# Body, the field that is to blame.
REFUSED = [
    ({"name": "  "}, "/name"),
    ({"name": None}, "/name"),
    ({"name": "x" * 201}, "/name"),
    ({"primary_color": "green"}, "/primary_color"),
    ({"primary_color": "#0b6e4"}, "/primary_color"),
    ({"secondary_color": 7}, "/secondary_color"),
]


@pytest.mark.parametrize(("change", "field"), REFUSED)
def test_a_team_that_cannot_be_is_refused_with_its_field(
    shared_api: Api, change: dict[str, object], field: str
) -> None:
    answer = shared_api.client.post("/api/teams", headers=shared_api.headers, json=CREATED | change)
    assert_problem(answer, 422, "validation_failed")
    assert [error["pointer"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_viewer_reads_teams_and_strangers_do_not_see_them(make_api: Callable[..., Api]) -> None:
    api = make_api()
    team = add_team(api)
    path = f"/api/teams/{team['id']}"
    viewer, stranger = as_role(api, Role.VIEWER, uuid.UUID(team["club_id"])), api.register("rival@example.com")
    assert api.client.get(path, headers=viewer).status_code == 200
    assert_problem(api.client.get(path, headers=stranger), 404, "not_found")
    for method in ("patch", "delete"):
        body = {"json": {"name": "Mine"}} if method == "patch" else {}
        assert_problem(getattr(api.client, method)(path, headers=viewer, **body), 403, "forbidden")
        assert_problem(getattr(api.client, method)(path, headers=stranger, **body), 404, "not_found")
    assert api.client.get(path, headers=api.headers).json() == team
