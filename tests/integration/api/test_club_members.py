"""Clubs and their members: what each role may do, what a deleted club takes along, and that an owner always remains."""

import io
import threading
import uuid

import httpx2
import pytest
from PIL import Image
from sqlalchemy import func, select

from app.models import Club, Formation, Membership, Role, User
from app.models.base import ClubRow
from app.services.standard_formations import STANDARD_FORMATIONS
from tests.integration.api.conftest import assert_problem, rows, stored_files
from tests.integration.conftest import Api
from tests.waiting import finished_job

Headers = dict[str, str]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def me(api: Api, headers: Headers) -> str:
    user_id: str = api.client.get("/api/users/me", headers=headers).json()["id"]
    return user_id


def club_of(api: Api, headers: Headers) -> str:
    """The oldest club of somebody."""
    club_id: str = api.client.get("/api/clubs", headers=headers).json()[0]["id"]
    return club_id


def join(api: Api, club_id: str, email: str, role: str) -> Headers:
    """Register an account and make it a member of a club of ``api.headers``."""
    headers = api.register(email)
    offer = {"email": email, "role": role}
    made = api.client.post(f"/api/clubs/{club_id}/invitations", headers=api.headers, json=offer)
    assert made.status_code == 201, made.text
    token = {"token": made.json()["token"]}
    joined = api.client.post("/api/invitations/accept", headers=headers, json=token)
    assert joined.status_code == 200, joined.text
    return headers


def set_role(api: Api, club_id: str, user_id: str, role: str, headers: Headers) -> httpx2.Response:
    return api.client.patch(f"/api/clubs/{club_id}/memberships/{user_id}", headers=headers, json={"role": role})


def test_a_new_club_is_owned_by_its_founder_and_knows_the_standard_formations(api: Api) -> None:
    made = api.client.post("/api/clubs", headers=api.headers, json={"name": " Harbour Town "})
    assert made.status_code == 201
    club = made.json()
    assert (club["name"], club["role"]) == ("Harbour Town", "owner")
    assert api.client.get(made.headers["Location"], headers=api.headers).json() == club
    assert rows_of_club(api, Formation, club["id"]) == len(STANDARD_FORMATIONS)


def test_the_list_of_clubs_tells_the_own_role_in_each(api: Api) -> None:
    rival = api.register("rival@example.com")
    club_id = club_of(api, api.headers)
    assert len(api.client.get("/api/clubs", headers=rival).json()) == 1
    joined = join(api, club_id, "grace@example.com", "analyst")
    answer = api.client.get("/api/clubs", headers=joined, params={"sort": "name"})
    assert [(club["name"], club["role"]) for club in answer.json()] == [
        ("coach's club", "analyst"),
        ("grace's club", "owner"),
    ]
    assert answer.headers["X-Total-Count"] == "2"


@on_sqlite
def test_the_list_of_clubs_has_pages_a_search_and_an_allow_list(api: Api) -> None:
    for name in ("Älpha", "Beta"):
        api.client.post("/api/clubs", headers=api.headers, json={"name": name})
    answer = api.client.get("/api/clubs", headers=api.headers, params={"limit": 1, "sort": "-name"})
    assert [club["name"] for club in answer.json()] == ["coach's club"]
    assert answer.headers["X-Total-Count"] == "3"
    assert 'rel="next"' in answer.headers["Link"]
    found = api.client.get("/api/clubs", headers=api.headers, params={"q": "alp"})
    assert [club["name"] for club in found.json()] == ["Älpha"]
    assert_problem(api.client.get("/api/clubs?colour=red", headers=api.headers), 422, "parameter_unknown")


@on_sqlite
def test_a_club_is_renamed_by_an_owner_who_has_read_its_latest_state(api: Api) -> None:
    path = f"/api/clubs/{club_of(api, api.headers)}"
    read = api.client.get(path, headers=api.headers)
    condition = {"If-Match": read.headers["ETag"]}
    first = api.client.patch(path, headers=api.headers | condition, json={"name": "Harbour Town"})
    assert first.json() == read.json() | {"name": "Harbour Town"}
    second = api.client.patch(path, headers=api.headers | condition, json={"name": "Somewhere Else"})
    assert_problem(second, 412, "precondition_failed")
    assert api.client.get(path, headers=api.headers).json()["name"] == "Harbour Town"


def test_a_deleted_club_takes_its_rows_and_its_files_along(api: Api, film: bytes) -> None:
    club_id = club_of(api, api.headers)
    accepted = api.client.post("/api/analyze_match", headers=api.headers, files={"file": film}).json()
    finished_job(api.client, api.headers, accepted["job_id"])
    team = api.client.post("/api/teams", headers=api.headers, json={"name": "Reds"}).headers["Location"]
    logo = api.client.post(f"{team}/upload_logo", headers=api.headers, files={"file": picture()}).json()["logo_url"]
    member = join(api, club_id, "grace@example.com", "viewer")
    (spared,) = (club["id"] for club in api.client.get("/api/clubs", headers=member).json() if club["id"] != club_id)
    before = {model: rows_of_club(api, model, spared) for model in club_models()}
    assert len(stored_files(api.settings)) == 1
    assert api.client.get(logo).status_code == 200

    assert api.client.delete(f"/api/clubs/{club_id}", headers=api.headers).status_code == 204

    assert {model.__name__: rows_of_club(api, model, club_id) for model in club_models()} == {
        model.__name__: 0 for model in club_models()
    }
    assert (rows(api.client.app, Club), rows(api.client.app, Membership), rows(api.client.app, User)) == (1, 1, 2)
    assert stored_files(api.settings) == []
    assert api.client.get(logo).status_code == 404
    assert {model: rows_of_club(api, model, spared) for model in club_models()} == before
    assert api.client.get("/api/clubs", headers=api.headers).json() == []
    assert_problem(api.client.post("/api/teams", headers=api.headers, json={"name": "Reds"}), 404, "not_found")


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


def club_models() -> list[type[ClubRow]]:
    return list(ClubRow.__subclasses__())


def rows_of_club(api: Api, model: type[ClubRow], club_id: str) -> int:
    with api.client.app.state.parts.database.reading() as session:
        query = select(func.count()).select_from(model).where(model.club_id == uuid.UUID(club_id))
        return session.scalar(query) or 0


@on_sqlite
def test_a_club_that_cannot_be_deleted_keeps_its_files(api: Api, film: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    club_id = club_of(api, api.headers)
    api.client.post("/api/analyze_match", headers=api.headers, files={"file": film})
    with monkeypatch.context() as broken:
        broken.setattr("app.services.clubs.log.info", lambda *_, **__: 1 / 0)
        assert_problem(api.client.delete(f"/api/clubs/{club_id}", headers=api.headers), 500, "internal_error")
    assert len(stored_files(api.settings)) == 1
    assert api.client.get(f"/api/clubs/{club_id}", headers=api.headers).status_code == 200


def test_members_see_each_other(api: Api) -> None:
    club_id = club_of(api, api.headers)
    viewer = join(api, club_id, "grace@example.com", "viewer")
    path = f"/api/clubs/{club_id}/memberships"
    answer = api.client.get(path, headers=viewer)
    assert [(row["email"], row["role"], row["full_name"]) for row in answer.json()] == [
        ("coach@example.com", "owner", None),
        ("grace@example.com", "viewer", None),
    ]
    assert answer.headers["X-Total-Count"] == "2"
    owners = api.client.get(path, headers=viewer, params={"role": "owner", "sort": "-email"})
    assert [row["email"] for row in owners.json()] == ["coach@example.com"]
    one = answer.json()[1]
    assert api.client.get(f"{path}/{one['user_id']}", headers=viewer).json() == one


def test_an_owner_changes_the_roles_of_others(api: Api) -> None:
    club_id = club_of(api, api.headers)
    grace = join(api, club_id, "grace@example.com", "viewer")
    team = {"name": "Reds", "club_id": club_id}
    assert_problem(api.client.post("/api/teams", headers=grace, json=team), 403, "forbidden")
    changed = set_role(api, club_id, me(api, grace), "coach", api.headers)
    assert (changed.status_code, changed.json()["role"]) == (200, "coach")
    assert api.client.post("/api/teams", headers=grace, json=team).status_code == 201
    assert_problem(set_role(api, club_id, me(api, grace), "king", api.headers), 422, "validation_failed")


@on_sqlite
@pytest.mark.parametrize("role", ["coach", "analyst", "viewer"])
def test_nobody_but_an_owner_changes_roles_or_removes_others(api: Api, role: str) -> None:
    club_id = club_of(api, api.headers)
    member = join(api, club_id, "grace@example.com", role)
    for user_id in (me(api, member), me(api, api.headers)):
        assert_problem(set_role(api, club_id, user_id, "owner", member), 403, "forbidden")
    owner = f"/api/clubs/{club_id}/memberships/{me(api, api.headers)}"
    assert_problem(api.client.delete(owner, headers=member), 403, "forbidden")


def test_everybody_may_leave_and_an_owner_may_remove_anybody(api: Api) -> None:
    club_id = club_of(api, api.headers)
    grace, alan = (join(api, club_id, f"{name}@example.com", "viewer") for name in ("grace", "alan"))
    for member, who in ((grace, grace), (alan, api.headers)):
        path = f"/api/clubs/{club_id}/memberships/{me(api, member)}"
        assert api.client.delete(path, headers=who).status_code == 204
        assert_problem(api.client.get(f"/api/clubs/{club_id}", headers=member), 404, "not_found")
        assert_problem(api.client.get(path, headers=api.headers), 404, "not_found")


def test_who_was_removed_creates_in_another_club_of_theirs(api: Api) -> None:
    club_id = club_of(api, api.headers)
    grace = join(api, club_id, "grace@example.com", "coach")
    path = f"/api/clubs/{club_id}/memberships/{me(api, grace)}"
    assert api.client.delete(path, headers=api.headers).status_code == 204
    made = api.client.post("/api/teams", headers=grace, json={"name": "Reds"})
    assert (made.status_code, made.json()["club_id"]) == (201, club_of(api, grace))


def test_a_club_keeps_its_last_owner(api: Api) -> None:
    club_id, user_id = club_of(api, api.headers), me(api, api.headers)
    join(api, club_id, "grace@example.com", "coach")
    path = f"/api/clubs/{club_id}/memberships/{user_id}"
    assert_problem(set_role(api, club_id, user_id, "coach", api.headers), 409, "last_owner")
    assert_problem(api.client.delete(path, headers=api.headers), 409, "last_owner")
    assert api.client.get(path, headers=api.headers).json()["role"] == "owner"
    assert set_role(api, club_id, user_id, "owner", api.headers).status_code == 200


def test_an_owner_steps_down_once_there_is_another(api: Api) -> None:
    club_id, user_id = club_of(api, api.headers), me(api, api.headers)
    grace = join(api, club_id, "grace@example.com", "owner")
    assert set_role(api, club_id, user_id, "viewer", api.headers).status_code == 200
    assert_problem(set_role(api, club_id, user_id, "owner", api.headers), 403, "forbidden")
    assert set_role(api, club_id, user_id, "owner", grace).status_code == 200


@pytest.mark.parametrize("verb", ["leave", "step down"])
def test_two_owners_who_go_at_the_same_time_leave_one_behind(api: Api, verb: str) -> None:
    """Both requests are under way before either is answered; the lock of the club lines them up."""
    club_id = club_of(api, api.headers)
    owners = [api.headers, *(join(api, club_id, f"{name}@example.com", "owner") for name in ("grace", "alan", "mary"))]
    paths = [f"/api/clubs/{club_id}/memberships/{me(api, headers)}" for headers in owners]
    start, statuses = threading.Barrier(len(owners)), []

    def go(path: str, headers: Headers) -> None:
        start.wait()
        if verb == "leave":
            answer = api.client.delete(path, headers=headers)
        else:
            answer = api.client.patch(path, headers=headers, json={"role": "viewer"})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=go, args=arguments) for arguments in zip(paths, owners, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [*[204 if verb == "leave" else 200] * (len(owners) - 1), 409]
    with api.client.app.state.parts.database.reading() as session:
        owned = select(func.count()).where(Membership.club_id == uuid.UUID(club_id), Membership.role == Role.OWNER)
        assert session.scalar(owned) == 1


@on_sqlite
def test_the_members_of_a_club_do_not_exist_for_strangers(api: Api) -> None:
    rival = api.register("rival@example.com")
    club_id, user_id = club_of(api, api.headers), me(api, api.headers)
    path = f"/api/clubs/{club_id}/memberships"
    for method, url in (("GET", path), ("GET", f"{path}/{user_id}"), ("DELETE", f"{path}/{user_id}")):
        assert_problem(api.client.request(method, url, headers=rival), 404, "not_found")
    assert_problem(set_role(api, club_id, user_id, "viewer", rival), 404, "not_found")
    own = f"/api/clubs/{club_of(api, rival)}/memberships/{user_id}"
    assert_problem(api.client.get(own, headers=rival), 404, "not_found")
