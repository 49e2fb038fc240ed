"""Staff: who works for a team or for the whole club, without an account of their own."""

import uuid
from typing import Any

import pytest

from app.core.account import Role
from app.models import StaffRole
from tests.integration.api.conftest import assert_problem
from tests.integration.api.played_match import as_role
from tests.integration.conftest import Api

WHOLE = {
    "name": "Béa Okafor",
    "role": "assistant_coach",
    "email": "bea@example.com",
    "phone": "+49 30 1234",
    "notes": "Set pieces.\nNo Mondays.",
}


def add(api: Api, kind: str, **values: object) -> dict[str, Any]:
    answer = api.client.post(f"/api/{kind}", headers=api.headers, json=values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_member_lives_from_the_creation_to_the_deletion(api: Api) -> None:
    team = add(api, "teams", name="Reds")
    answer = api.client.post("/api/staff", headers=api.headers, json=WHOLE | {"team_id": team["id"]})
    assert answer.status_code == 201
    path, member = answer.headers["Location"], answer.json()
    assert {key: member[key] for key in WHOLE} == WHOLE
    assert (member["team_id"], member["club_id"]) == (team["id"], team["club_id"])
    assert api.client.get(path, headers=api.headers).json() == member
    assert api.client.get("/api/staff?role=assistant_coach&q=bea", headers=api.headers).json() == [member]
    assert api.client.get("/api/staff?role=physio", headers=api.headers).json() == []

    change = {"role": "head_coach", "email": "", "phone": " ", "notes": None}
    changed = api.client.patch(path, headers=api.headers, json=change).json()
    empty = {"email": None, "phone": None, "notes": None}
    assert changed == member | {"role": "head_coach", "updated_at": changed["updated_at"]} | empty

    assert api.client.delete(f"/api/teams/{team['id']}", headers=api.headers).status_code == 204
    assert api.client.get(path, headers=api.headers).json()["team_id"] is None
    assert api.client.delete(path, headers=api.headers).status_code == 204
    assert_problem(api.client.get(path, headers=api.headers), 404, "not_found")


@pytest.mark.parametrize("role", StaffRole)
def test_every_role_can_be_had(shared_api: Api, role: StaffRole) -> None:
    assert add(shared_api, "staff", name="Bea", role=role)["role"] == role


# What is changed about somebody who could be, the field that is to blame.
REFUSED = [
    ({"name": ""}, "/name"),
    ({"role": None}, "/role"),
    ({"role": "boss"}, "/role"),
    ({"email": "bea"}, "/email"),
    ({"email": "bea okafor@example.com"}, "/email"),
    ({"email": "b@" + "e" * 253}, "/email"),
    ({"phone": "1" * 51}, "/phone"),
    ({"notes": "x" * 5001}, "/notes"),
]


@pytest.mark.parametrize(("change", "field"), REFUSED)
def test_somebody_who_cannot_be_is_refused_with_the_field(
    shared_api: Api, change: dict[str, object], field: str
) -> None:
    member = add(shared_api, "staff", **WHOLE)
    path = f"/api/staff/{member['id']}"
    for answer in (
        shared_api.client.post("/api/staff", headers=shared_api.headers, json=WHOLE | change),
        shared_api.client.patch(path, headers=shared_api.headers, json=change),
    ):
        assert_problem(answer, 422, "validation_failed")
        assert [error["pointer"] for error in answer.json()["errors"]] == [field]
    assert shared_api.client.get(path, headers=shared_api.headers).json() == member


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_staff_is_seen_by_the_club_and_changed_by_its_coaches(api: Api) -> None:
    rival = api.register("rival@example.com")
    foreign = api.client.post("/api/teams", headers=rival, json={"name": "Blues"}).json()
    member = add(api, "staff", **WHOLE)
    path = f"/api/staff/{member['id']}"
    analyst = as_role(api, Role.ANALYST, uuid.UUID(member["club_id"]))
    assert api.client.get(path, headers=analyst).json() == member
    assert_problem(api.client.patch(path, headers=analyst, json={"name": "Me"}), 403, "forbidden")
    assert_problem(api.client.delete(path, headers=analyst), 403, "forbidden")
    assert_problem(api.client.get(path, headers=rival), 404, "not_found")
    moved = {"team_id": foreign["id"]}
    assert_problem(api.client.patch(path, headers=api.headers, json=moved), 404, "not_found")
    assert_problem(api.client.post("/api/staff", headers=api.headers, json=WHOLE | moved), 404, "not_found")
    assert api.client.get("/api/staff", headers=rival).json() == []
