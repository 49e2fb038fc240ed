"""Who was invited and never came is forgotten after a while; who came, or still may, is not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.account import Role
from app.core.database import Database, database_now
from app.core.security import hash_secret
from app.models import Club, Invitation
from app.services.sweep_invitations import sweep_invitations
from tests.integration.conftest import Api
from tests.waiting import wait_until

KEEP = timedelta(days=30)


def invite(database: Database, club: Club, email: str, *, expired: timedelta, accepted: bool = False) -> None:
    with database.unit_of_work() as session:
        expires_at = database_now(session) - expired
        taken = expires_at if accepted else None
        of = {"club_id": club.id, "email": email, "role": Role.COACH, "token_hash": hash_secret(email)}
        session.add(Invitation(**of, expires_at=expires_at, accepted_at=taken))


@pytest.fixture
def invited(database: Database, club: Club) -> Database:
    invite(database, club, "long.over@example.com", expired=KEEP + timedelta(hours=1))
    invite(database, club, "just.over@example.com", expired=KEEP - timedelta(hours=1))
    invite(database, club, "open@example.com", expired=-timedelta(days=1))
    invite(database, club, "member@example.com", expired=2 * KEEP, accepted=True)
    return database


def addresses(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(Invitation.email)))


def test_only_an_invitation_that_expired_long_ago_and_was_not_accepted_goes(invited: Database) -> None:
    assert sweep_invitations(invited, KEEP) == 1
    assert addresses(invited) == {"just.over@example.com", "open@example.com", "member@example.com"}
    assert sweep_invitations(invited, KEEP) == 0


def test_a_server_sweeps_them_by_itself(invited: Database, make_api: Callable[..., Api]) -> None:
    make_api(invitation_keep_days=29)
    wait_until(lambda: addresses(invited) == {"open@example.com", "member@example.com"})
