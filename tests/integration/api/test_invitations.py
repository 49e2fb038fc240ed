"""Invitations: who may offer and who may accept, and that the token is shown once."""

import hashlib
import threading
import uuid
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from sqlalchemy import select, update

from app.core.account import Account, Role
from app.core.errors import NotFound
from app.models import AuditEntry, Invitation, Membership
from app.services.invitations import invite
from tests.integration.api.conftest import assert_problem, rows
from tests.integration.conftest import Api

Headers = dict[str, str]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def club_of(api: Api, headers: Headers) -> str:
    club_id: str = api.client.get("/api/clubs", headers=headers).json()[0]["id"]
    return club_id


def offer(api: Api, email: str = "grace@example.com", role: str = "analyst") -> httpx2.Response:
    path = f"/api/clubs/{club_of(api, api.headers)}/invitations"
    return api.client.post(path, headers=api.headers, json={"email": email, "role": role})


def accept(api: Api, headers: Headers, token: str) -> httpx2.Response:
    return api.client.post("/api/invitations/accept", headers=headers, json={"token": token})


def test_the_token_is_answered_once_and_only_its_hash_is_stored(api: Api) -> None:
    made = offer(api)
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    invitation = made.json()
    token = invitation.pop("token")
    life = datetime.fromisoformat(invitation["expires_at"]) - datetime.fromisoformat(invitation["created_at"])
    assert abs(life - timedelta(days=7)) < timedelta(minutes=1)
    assert api.client.get(made.headers["Location"], headers=api.headers).json() == invitation
    listed = api.client.get(f"/api/clubs/{invitation['club_id']}/invitations", headers=api.headers)
    assert listed.json() == [invitation]
    with api.client.app.state.parts.database.reading() as session:
        assert session.scalars(select(Invitation.token_hash)).all() == [hashlib.sha256(token.encode()).hexdigest()]
        entries = session.scalars(select(AuditEntry).where(AuditEntry.resource == "invitations")).all()
        assert [set(entry.after) for entry in entries] == [
            {"id", "club_id", "role", "invited_by", "expires_at", "accepted_at"}
        ]


def test_who_accepts_becomes_a_member_in_the_offered_role_and_works_there_from_then_on(api: Api) -> None:
    token, grace = offer(api, "Grace@Example.COM", "coach").json()["token"], api.register("gRACE@example.com")
    club_id = club_of(api, api.headers)
    joined = accept(api, grace, token)
    assert joined.status_code == 200
    assert joined.json() == api.client.get(f"/api/clubs/{club_id}", headers=grace).json()
    assert joined.json()["role"] == "coach"
    made = api.client.post("/api/teams", headers=grace, json={"name": "Reds"})
    assert (made.status_code, made.json()["club_id"]) == (201, club_id)
    (invitation,) = api.client.get(f"/api/clubs/{club_id}/invitations", headers=api.headers).json()
    assert invitation["accepted_at"] is not None


def test_a_token_is_worth_nothing_to_others(api: Api) -> None:
    token, rival = offer(api).json()["token"], api.register("rival@example.com")
    foreign, unknown = accept(api, rival, token), accept(api, rival, "no-such-token")
    assert_problem(foreign, 404, "not_found")
    assert_problem(unknown, 404, "not_found")
    assert foreign.json()["detail"] == unknown.json()["detail"]
    assert_problem(accept(api, {}, token), 401, "unauthenticated")
    assert rows(api.client.app, Membership) == 2


def test_an_invitation_is_good_once_and_for_seven_days(api: Api) -> None:
    token, grace = offer(api).json()["token"], api.register("grace@example.com")
    later = offer(api).json()
    with api.client.app.state.parts.database.unit_of_work() as session:
        now = datetime.now(UTC)
        session.execute(update(Invitation).where(Invitation.id == uuid.UUID(later["id"])).values(expires_at=now))
    assert_problem(accept(api, grace, later["token"]), 409, "invitation_expired")
    assert accept(api, grace, token).status_code == 200
    assert_problem(accept(api, grace, token), 409, "invitation_used")


def test_members_are_not_invited_again(api: Api) -> None:
    first, second, grace = offer(api).json(), offer(api, role="owner").json(), api.register("grace@example.com")
    assert accept(api, grace, first["token"]).status_code == 200
    assert_problem(accept(api, grace, second["token"]), 409, "already_member")
    assert_problem(offer(api), 409, "already_member")
    assert_problem(offer(api, "COACH@example.com"), 409, "already_member")
    members = api.client.get(f"/api/clubs/{first['club_id']}/memberships", headers=grace).json()
    assert [(row["email"], row["role"]) for row in members][1] == ("grace@example.com", "analyst")


@pytest.mark.parametrize("invitations", [1, 2])
def test_accepting_twice_at_once_makes_one_member(api: Api, invitations: int) -> None:
    """The same token twice, or two tokens of one club."""
    tokens = [offer(api).json()["token"] for _ in range(invitations)] * (2 // invitations)
    grace, start, statuses = api.register("grace@example.com"), threading.Barrier(2), []

    def go(token: str) -> None:
        start.wait()
        statuses.append(accept(api, grace, token).status_code)

    threads = [threading.Thread(target=go, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]
    assert rows(api.client.app, Membership) == 3


@on_sqlite
def test_a_withdrawn_invitation_does_not_exist_any_more(api: Api) -> None:
    made, grace = offer(api), api.register("grace@example.com")
    elsewhere = api.client.post("/api/clubs", headers=api.headers, json={"name": "Elsewhere"}).json()["id"]
    wrong = f"/api/clubs/{elsewhere}/invitations/{made.json()['id']}"
    assert_problem(api.client.delete(wrong, headers=api.headers), 404, "not_found")
    assert_problem(api.client.get(wrong, headers=api.headers), 404, "not_found")
    assert api.client.delete(made.headers["Location"], headers=api.headers).status_code == 204
    assert_problem(accept(api, grace, made.json()["token"]), 404, "not_found")


@on_sqlite
@pytest.mark.parametrize("role", ["coach", "analyst", "viewer"])
def test_only_owners_invite_and_see_who_was_invited(api: Api, role: str) -> None:
    grace = api.register("grace@example.com")
    accept(api, grace, offer(api, role=role).json()["token"])
    path = f"/api/clubs/{club_of(api, api.headers)}/invitations"
    for method, url, body in (
        ("GET", path, None),
        ("POST", path, {"email": "grace@example.com", "role": "viewer"}),
        ("DELETE", f"{path}/{uuid.uuid4()}", None),
    ):
        assert_problem(api.client.request(method, url, headers=grace, json=body), 403, "forbidden")


@on_sqlite
@pytest.mark.parametrize(
    "body",
    [
        {"email": "nobody", "role": "viewer"},
        {"email": f"{'a' * 250}@example.com", "role": "viewer"},
        {"email": "grace@example.com", "role": "god"},
        {"email": "grace@example.com"},
    ],
)
def test_an_offer_that_makes_no_sense_is_refused(api: Api, body: dict[str, str]) -> None:
    path = f"/api/clubs/{club_of(api, api.headers)}/invitations"
    assert_problem(api.client.post(path, headers=api.headers, json=body), 422, "validation_failed")


def member(api: Api, email: str, role: str) -> tuple[Headers, str]:
    """Somebody who has joined the club, and the path of the membership."""
    headers, club_id = api.register(email), club_of(api, api.headers)
    assert accept(api, headers, offer(api, email, role).json()["token"]).status_code == 200
    user_id = api.client.get("/api/users/me", headers=headers).json()["id"]
    return headers, f"/api/clubs/{club_id}/memberships/{user_id}"


@pytest.mark.parametrize("remover", ["another owner", "themselves"])
def test_who_is_gone_has_no_token_left_to_come_back(api: Api, remover: str) -> None:
    """Neither one for their own address, nor one that they made, for a friend or a second account of theirs."""
    for_them = offer(api, "grace@example.com", "owner").json()["token"]
    grace, path = member(api, "grace@example.com", "owner")
    second = api.register("second@example.com")
    club_id = club_of(api, api.headers)
    body = {"email": "second@example.com", "role": "owner"}
    by_them = api.client.post(f"/api/clubs/{club_id}/invitations", headers=grace, json=body).json()["token"]
    by_others = offer(api, "alan@example.com").json()

    headers = api.headers if remover == "another owner" else grace
    assert api.client.delete(path, headers=headers).status_code == 204

    assert_problem(accept(api, grace, for_them), 404, "not_found")
    assert_problem(accept(api, second, by_them), 404, "not_found")
    left = api.client.get(f"/api/clubs/{club_id}/invitations?accepted_at[null]=true", headers=api.headers).json()
    assert [row["id"] for row in left] == [by_others["id"]]
    log = api.client.get(f"/api/clubs/{club_id}/audit_log?resource=invitations&action=delete", headers=api.headers)
    assert len(log.json()) == 2


def test_an_owner_who_becomes_a_coach_has_offered_no_more_than_a_coach_is(api: Api) -> None:
    grace, path = member(api, "grace@example.com", "owner")
    invitations = f"{path.partition('/memberships')[0]}/invitations"
    for role in ("owner", "coach", "viewer"):
        api.client.post(invitations, headers=grace, json={"email": "alan@example.com", "role": role})
    offer(api, "alan@example.com", "owner")
    assert api.client.patch(path, headers=api.headers, json={"role": "coach"}).status_code == 200
    left = api.client.get(f"{invitations}?accepted_at[null]=true&sort=created_at", headers=api.headers).json()
    assert [row["role"] for row in left] == ["coach", "viewer", "owner"]


def test_who_is_removed_at_this_moment_invites_nobody(api: Api) -> None:
    """The account of a request is read before the request takes the lock of the club."""
    _, path = member(api, "grace@example.com", "owner")
    user_id, club_id = uuid.UUID(path.rpartition("/")[2]), uuid.UUID(club_of(api, api.headers))
    as_read_before = Account(user_id, club_id=club_id, roles={club_id: Role.OWNER})
    assert api.client.delete(path, headers=api.headers).status_code == 204
    database = api.client.app.state.parts.database
    with pytest.raises(NotFound), database.unit_of_work() as session:
        invite(session, as_read_before, club_id, email="second@example.com", role=Role.OWNER)
