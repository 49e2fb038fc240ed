"""The audit log of a club: complete, readable by its owners only, and cheap to read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.waiting import finished_job

Headers = dict[str, str]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def club_of(api: Api, headers: Headers) -> str:
    club_id: str = api.client.get("/api/clubs", headers=headers).json()[0]["id"]
    return club_id


def log_of(api: Api, club_id: str, **parameters: object) -> list[dict[str, object]]:
    answer = api.client.get(f"/api/clubs/{club_id}/audit_log", headers=api.headers, params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Total-Count"] == str(len(answer.json()))
    entries: list[dict[str, object]] = answer.json()
    return entries


def add_member(api: Api, club_id: str, role: str) -> Headers:
    headers = api.register("grace@example.com")
    offer = {"email": "grace@example.com", "role": role}
    token = api.client.post(f"/api/clubs/{club_id}/invitations", headers=api.headers, json=offer).json()["token"]
    api.client.post("/api/invitations/accept", headers=headers, json={"token": token})
    return headers


@contextmanager
def statements(api: Api) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []
    engine = api.client.app.state.parts.database.engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def test_the_log_tells_who_submitted_an_analysis(api: Api, film: bytes) -> None:
    accepted = api.client.post("/api/analyze_match", headers=api.headers, files={"file": film}).json()
    job = finished_job(api.client, api.headers, accepted["job_id"])
    (entry,) = log_of(api, club_of(api, api.headers), resource="jobs")
    me = api.client.get("/api/users/me", headers=api.headers).json()
    assert (entry["action"], entry["resource_id"], entry["user_id"]) == ("create", job["job_id"], me["id"])
    assert entry["after"]["match_id"] == job["match_id"]
    assert not {"status", "progress", "fence"} & set(entry["after"])  # which workers write


def test_the_log_tells_who_changed_what_in_which_request(api: Api) -> None:
    club_id = club_of(api, api.headers)
    made = api.client.post("/api/teams", headers=api.headers, json={"name": "Reds"})
    path = made.headers["Location"]
    changed = api.client.patch(path, headers=api.headers, json={"name": "Blues"})
    deleted = api.client.delete(path, headers=api.headers)
    me = api.client.get("/api/users/me", headers=api.headers).json()
    entries = log_of(api, club_id, resource="teams", sort="created_at")
    assert [(entry["action"], entry["request_id"]) for entry in entries] == [
        (action, answer.headers["X-Request-ID"])
        for action, answer in (("create", made), ("update", changed), ("delete", deleted))
    ]
    for entry in entries:
        assert (entry["resource_id"], entry["user_id"], entry["user_email"]) == (
            made.json()["id"],
            me["id"],
            me["email"],
        )
    assert (entries[1]["before"], entries[1]["after"]) == ({"name": "Reds"}, {"name": "Blues"})
    assert (entries[0]["before"], entries[2]["after"]) == (None, None)
    assert entries[0]["after"]["name"] == "Reds"
    assert entries[2]["before"]["name"] == "Blues"


def test_clubs_members_and_invitations_are_logged_too(api: Api) -> None:
    club_id = api.client.post("/api/clubs", headers=api.headers, json={"name": "Harbour"}).json()["id"]
    api.client.patch(f"/api/clubs/{club_id}", headers=api.headers, json={"name": "Harbour Town"})
    grace = add_member(api, club_id, "viewer")
    user_id = api.client.get("/api/users/me", headers=grace).json()["id"]
    member = f"/api/clubs/{club_id}/memberships/{user_id}"
    api.client.patch(member, headers=api.headers, json={"role": "coach"})
    api.client.delete(member, headers=api.headers)
    entries = log_of(api, club_id, sort="created_at")
    assert [(entry["resource"], entry["action"], entry["user_email"].partition("@")[0]) for entry in entries] == [
        ("clubs", "create", "coach"),
        ("memberships", "create", "coach"),
        ("clubs", "update", "coach"),
        ("invitations", "create", "coach"),
        ("invitations", "update", "grace"),
        ("memberships", "create", "grace"),
        ("memberships", "update", "coach"),
        ("memberships", "delete", "coach"),
    ]
    assert (entries[2]["before"], entries[2]["after"]) == ({"name": "Harbour"}, {"name": "Harbour Town"})
    assert [(entry["resource_id"], entry["before"], entry["after"]) for entry in entries[-2:]] == [
        (user_id, {"role": "viewer"}, {"role": "coach"}),
        (user_id, {"role": "coach"}, None),
    ]


def test_what_changes_nothing_is_not_logged(api: Api) -> None:
    club_id = club_of(api, api.headers)
    before = log_of(api, club_id)
    name = api.client.get(f"/api/clubs/{club_id}", headers=api.headers).json()["name"]
    user_id = api.client.get("/api/users/me", headers=api.headers).json()["id"]
    for path, body in ((f"/api/clubs/{club_id}", {"name": name}), (f"/api/clubs/{club_id}", {})):
        assert api.client.patch(path, headers=api.headers, json=body).status_code == 200
    path = f"/api/clubs/{club_id}/memberships/{user_id}"
    assert api.client.patch(path, headers=api.headers, json={"role": "owner"}).status_code == 200
    assert log_of(api, club_id) == before


def test_entries_are_found_by_what_was_changed_by_whom_and_when(api: Api) -> None:
    club_id = club_of(api, api.headers)
    reds, blues = (api.client.post("/api/teams", headers=api.headers, json={"name": name}).json() for name in "RB")
    grace = add_member(api, club_id, "coach")
    api.client.post("/api/teams", headers=grace, json={"name": "G", "club_id": club_id})
    api.client.delete(f"/api/teams/{reds['id']}", headers=api.headers)
    user_id = api.client.get("/api/users/me", headers=grace).json()["id"]
    everything = log_of(api, club_id)
    assert [entry["created_at"] for entry in everything] == sorted(
        (entry["created_at"] for entry in everything), reverse=True
    )
    table: list[tuple[dict[str, object], int]] = [
        ({"resource": "teams"}, 4),
        ({"resource": "teams", "action": "create"}, 3),
        ({"resource[in]": "teams,invitations", "action": "update"}, 1),
        ({"resource_id": blues["id"]}, 1),
        ({"resource": "teams", "user_id": user_id}, 1),
        ({"created_at[gte]": everything[0]["created_at"]}, 1),
        ({"created_at[lt]": everything[0]["created_at"]}, len(everything) - 1),
        ({"request_id": everything[0]["request_id"]}, 1),
        ({"request_id": "another"}, 0),
    ]
    for parameters, count in table:
        assert len(log_of(api, club_id, **parameters)) == count, parameters
    page = api.client.get(f"/api/clubs/{club_id}/audit_log?limit=2&offset=1", headers=api.headers)
    assert page.json() == everything[1:3]
    assert page.headers["X-Total-Count"] == str(len(everything))


@on_sqlite
@pytest.mark.parametrize("role", ["coach", "analyst", "viewer"])
def test_only_owners_read_the_log(api: Api, role: str) -> None:
    club_id = club_of(api, api.headers)
    member, path = add_member(api, club_id, role), f"/api/clubs/{club_id}/audit_log"
    assert_problem(api.client.get(path, headers=member), 403, "forbidden")
    assert_problem(api.client.get(path, headers=api.register("rival@example.com")), 404, "not_found")
    assert_problem(api.client.get(f"{path}?password=x", headers=api.headers), 422, "parameter_unknown")


@on_sqlite
def test_an_owner_of_two_clubs_reads_each_log_by_itself(api: Api) -> None:
    first = club_of(api, api.headers)
    second = api.client.post("/api/clubs", headers=api.headers, json={"name": "Second"}).json()["id"]
    api.client.post("/api/teams", headers=api.headers, json={"name": "Reds", "club_id": second})
    assert {entry["club_id"] for entry in log_of(api, second)} == {second}
    assert "teams" not in {entry["resource"] for entry in log_of(api, first)}


@on_sqlite
def test_a_long_log_costs_no_more_statements_than_a_short_one(make_api: Callable[..., Api]) -> None:
    api = make_api(embedded_workers=0)  # they ask the database, too
    club_id = club_of(api, api.headers)
    for number in range(12):
        api.client.post("/api/teams", headers=api.headers, json={"name": f"Team {number}"})
    asked: dict[int, int] = {}
    for limit in (2, 12):
        with statements(api) as seen:
            log = api.client.get(f"/api/clubs/{club_id}/audit_log?limit={limit}", headers=api.headers)
        assert len(log.json()) == limit
        asked[limit] = len(seen)
    assert asked[12] == asked[2] <= 4  # who asks, the page and the count
