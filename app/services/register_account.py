"""Accounts: registering makes a user, a personal club with its standard formations, and the ownership of it."""

import uuid

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.database import Database, database_now
from app.core.errors import Conflict, Unauthenticated
from app.core.security import hash_password, password_matches
from app.models import Club, Formation, Membership, Role, User
from app.services.standard_formations import STANDARD_FORMATIONS

_OWNER_IN_CLUB_NAME = 190  # characters of the owner's name that the name of the club has room for


def register_account(session: Session, *, email: str, password: str, full_name: str | None) -> User:
    """Make an account.

    Raises:
        Conflict: the address is taken.
    """
    user = User(email=email.lower(), password_hash=hash_password(password), full_name=full_name)
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("Email already registered", code="email_taken") from error
    club = Club(name=f"{(full_name or email.partition('@')[0])[:_OWNER_IN_CLUB_NAME]}'s club")
    session.add(club)
    session.flush()
    session.add(Membership(club_id=club.id, user_id=user.id, role=Role.OWNER))
    session.add_all(
        Formation(club_id=club.id, name=name, positions=[slot.as_json() for slot in slots])
        for name, slots in STANDARD_FORMATIONS.items()
    )
    return user


def log_in(database: Database, *, email: str, password: str) -> User:
    """The user with this address and password. No transaction is open while the password is verified: that is slow.

    Raises:
        Unauthenticated: no such pair; which of the two is wrong is not said.
    """
    with database.reading() as session:
        user = session.scalars(select(User).where(User.email == email.lower())).one_or_none()
    if not password_matches(password, user.password_hash if user else None) or user is None or not user.is_active:
        raise Unauthenticated("Incorrect email or password", code="wrong_credentials")
    with database.unit_of_work() as session:
        session.execute(update(User).where(User.id == user.id).values(last_login_at=database_now(session)))
    return user


def account_of(session: Session, user_id: uuid.UUID) -> Account:
    """Who a token speaks for.

    Raises:
        Unauthenticated: the account is gone or switched off.
    """
    memberships = (
        select(Membership.club_id, Membership.role)
        .join(User, User.id == Membership.user_id)
        .where(User.id == user_id, User.is_active)
        .order_by(Membership.club_id)
    )
    rows = session.execute(memberships).all()
    if not rows:
        raise Unauthenticated("The account of this access token does not exist any more.", code="token_invalid")
    own = next((club_id for club_id, role in rows if role is Role.OWNER), rows[0].club_id)
    return Account(user_id, club_id=own, club_ids=frozenset(club_id for club_id, _ in rows))
