"""What the database refuses becomes a conflict that names the field, the same on both databases."""

import uuid

import pytest
from sqlalchemy import Executable, Table, UniqueConstraint, insert

from app.core.database import Database
from app.core.errors import Conflict
from app.models import Base, Club, Membership, Role, User
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.populated_club import PopulatedClub, populate_club

# Every table with a unique key: the field that the client gave, and how it is called in the sentence.
FIELDS: dict[str, tuple[str, str]] = {
    "analysis_reports": ("/job_id", "job"),
    "competitions": ("/name", "name and season"),
    "invitations": ("/token_hash", "token hash"),
    "match_lineup_entries": ("/player_id", "player"),
    "match_lineups": ("/match_id", "match"),
    "match_team_statistics": ("/team_id", "team"),
    "player_match_statistics": ("/track_number", "track number"),
    "players": ("/jersey_number", "jersey number"),
    "teams": ("/name", "name"),
    "track_links": ("/to_track", "to track"),
    "users": ("/email", "email"),
}


def tables_with_unique_keys() -> dict[str, Table]:
    return {
        table.name: table
        for table in Base.metadata.sorted_tables
        if any(isinstance(constraint, UniqueConstraint) for constraint in table.constraints)
    }


@pytest.fixture
def club(database: Database) -> PopulatedClub:
    with database.unit_of_work() as session:
        owner, club = User(email="coach@example.com", password_hash="x"), Club(name="One")
        session.add_all([owner, club])
        session.flush()
        session.add(Membership(club_id=club.id, user_id=owner.id, role=Role.OWNER))
        session.flush()
        return populate_club(session, "coach@example.com", mark="One", count=1)


def conflict(database: Database, statement: Executable) -> Conflict:
    with pytest.raises(Conflict) as refused, database.unit_of_work() as session:
        session.execute(statement)
    return refused.value


def test_a_second_row_with_the_same_key_is_a_conflict_about_that_field(database: Database, club: PopulatedClub) -> None:
    found = {}
    for name, table in tables_with_unique_keys().items():
        [row] = club.rows[name]
        refused = conflict(database, insert(table).values(row | {"id": uuid.uuid4()}))
        assert (refused.status, refused.code) == (409, "already_exists")
        [(pointer, why)] = refused.fields.items()
        assert why == "is taken already"
        found[name] = (pointer, refused.detail.removeprefix("There is one with this ").removesuffix(" already."))
    assert found == FIELDS


def test_a_reference_to_nothing_is_a_conflict(database: Database, club: PopulatedClub) -> None:
    [player] = club.rows["players"]
    orphan = player | {"id": uuid.uuid4(), "jersey_number": 99, "team_id": uuid.uuid4()}
    refused = conflict(database, insert(Base.metadata.tables["players"]).values(orphan))
    assert (refused.status, refused.code, refused.fields) == (409, "reference_conflict", {})


def test_a_row_that_others_need_cannot_vanish_from_under_them(database: Database, club: PopulatedClub) -> None:
    """The same from the other side: a key that rows refer to is given another value."""
    refused = conflict(database, Base.metadata.tables["teams"].update().values(id=uuid.uuid4()))
    assert (refused.code, refused.fields) == ("reference_conflict", {})
    assert "still in use" in refused.detail


def test_the_keys_value_cannot_pretend_to_be_another_key(database: Database, club: PopulatedClub) -> None:
    table = Base.metadata.tables["teams"]
    [team] = club.rows["teams"]
    row = team | {"id": uuid.uuid4(), "name": "x' for key 'uq_users_email'"}
    with database.unit_of_work() as session:
        session.execute(insert(table).values(row))
    assert list(conflict(database, insert(table).values(row | {"id": uuid.uuid4()})).fields) == ["/name"]


def test_a_name_that_is_taken_is_a_problem_of_the_body(api: Api) -> None:
    first = api.client.post("/api/teams", json={"name": "Port Aurelia FC"}, headers=api.headers)
    assert first.status_code == 201
    answer = api.client.post("/api/teams", json={"name": "Port Aurelia FC"}, headers=api.headers)
    assert_problem(answer, 409, "already_exists")
    assert answer.json()["errors"] == [{"pointer": "/name", "message": "is taken already"}]
    assert answer.json()["detail"] == "There is one with this name already."
    other = api.client.post("/api/teams", json={"name": "Brindmoor"}, headers=api.headers)
    answer = api.client.patch(other.headers["Location"], json={"name": "Port Aurelia FC"}, headers=api.headers)
    assert_problem(answer, 409, "already_exists")
    listed = api.client.get("/api/teams", headers=api.headers).json()
    assert [team["name"] for team in listed] == ["Port Aurelia FC", "Brindmoor"]
    rival = api.register("rival@example.com")
    assert api.client.post("/api/teams", json={"name": "Port Aurelia FC"}, headers=rival).status_code == 201
