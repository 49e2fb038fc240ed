"""What a unit of work tells that it has changed, and when."""

import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.account import Role
from app.core.database import Database
from app.models import AccountSession, Base, Club, IdempotencyKey, Membership, Team, User
from app.models.base import ClubRow, utc_now
from app.services.changes import EVERYTHING, UNSEEN_TABLES, changing, note_changes, of_club, of_user, watch_changes

CLUB, USER = uuid.uuid4(), uuid.uuid4()
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Interrupted(Exception):
    """What the block of a test raises."""


@pytest.fixture
def told(database: Database) -> list[set[str]]:
    """What was told, commit after commit; the club and the user are there."""
    with database.unit_of_work() as session:
        session.add_all([Club(id=CLUB, name="Club"), User(id=USER, email="one@example.com", password_hash="-")])
    told: list[set[str]] = []
    watch_changes(database, lambda changes: told.append(set(changes)))
    return told


def a_log_in() -> AccountSession:
    return AccountSession(user_id=USER, last_used_at=utc_now(), expires_at=utc_now())


def rename_all(session: Session) -> None:
    session.execute(sa.update(Team).values(name="Other"))


def rename_of_club(session: Session) -> None:
    session.execute(sa.update(Team).values(name="Other"), execution_options=changing(of_club(CLUB)))


def rename_unseen(session: Session) -> None:
    session.execute(sa.update(Team).values(name="Other"), execution_options=changing())


def rename_without_models(session: Session) -> None:
    session.execute(sa.update(Team.__table__).values(name="Other"))


def forget_keys(session: Session) -> None:
    session.execute(sa.delete(IdempotencyKey))


def delete_club(session: Session) -> None:
    session.delete(session.get_one(Club, CLUB))


CASES: dict[str, tuple[Callable[[Session], object], set[str]]] = {
    "nothing": (lambda session: session.execute(sa.select(Team)), set()),
    "a row of a club": (lambda session: session.add(Team(club_id=CLUB, name="Team")), {of_club(CLUB)}),
    "a member": (
        lambda session: session.add(Membership(club_id=CLUB, user_id=USER, role=Role.COACH)),
        {of_club(CLUB), of_user(USER)},
    ),
    "a user": (lambda session: session.add(User(id=CLUB, email="@", password_hash="-")), {of_user(CLUB)}),
    "a log-in": (lambda session: session.add(a_log_in()), {of_user(USER)}),
    "a club's name": (lambda session: setattr(session.get_one(Club, CLUB), "name", "Other"), {of_club(CLUB)}),
    "a club that is deleted": (delete_club, {EVERYTHING}),
    "many rows, of anybody": (rename_all, {EVERYTHING}),
    "many rows, past the models": (rename_without_models, {EVERYTHING}),
    "many rows of one club": (rename_of_club, {of_club(CLUB)}),
    "many rows, unseen": (rename_unseen, set()),
    "rows that nothing shows": (forget_keys, set()),
}


@ON_SQLITE
@pytest.mark.parametrize("case", CASES)
def test_a_commit_tells_what_has_changed(database: Database, told: list[set[str]], case: str) -> None:
    change, expected = CASES[case]
    with database.unit_of_work() as session:
        change(session)
        assert told == []
    assert told == [expected]


@ON_SQLITE
def test_what_was_noted_is_told_with_the_next_statement(database: Database, told: list[set[str]]) -> None:
    with database.unit_of_work() as session:
        note_changes(session, "this")
        session.connection().execute(sa.text("UPDATE teams SET name = 'Other'"))
    assert told == [{"this"}]


@ON_SQLITE
def test_what_is_rolled_back_is_not_told(database: Database, told: list[set[str]]) -> None:
    def add_and_stumble() -> None:
        with database.unit_of_work() as session:
            session.add(Team(club_id=CLUB, name="Team"))
            session.flush()
            raise Interrupted

    with pytest.raises(Interrupted):
        add_and_stumble()
    assert told == []


@ON_SQLITE
def test_a_savepoint_tells_nothing_by_itself(database: Database, told: list[set[str]]) -> None:
    with database.unit_of_work() as session:
        with session.begin_nested():
            session.add(Team(club_id=CLUB, name="Team"))
        assert told == []
    assert told == [{of_club(CLUB)}]


def test_every_table_that_is_not_unseen_tells_whose_its_rows_are() -> None:
    """A model of a new kind needs a word in ``changes``, or each of its rows ends everything."""
    known = {Club, User, Membership, AccountSession}
    models = {mapper.class_ for mapper in Base.registry.mappers}
    unknown = {model for model in models - known if not issubclass(model, ClubRow)}
    assert {model.__tablename__ for model in unknown} <= UNSEEN_TABLES
    assert {model.__tablename__ for model in models} >= UNSEEN_TABLES
