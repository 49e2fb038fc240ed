"""Proving with a password who one is, and with a token which account that is."""

import unicodedata
import uuid
from collections.abc import Mapping
from datetime import timedelta

from pydantic import validate_email
from pydantic_core import PydanticCustomError
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.core.account import Account, Role
from app.core.database import Database, database_now
from app.core.errors import Unauthenticated
from app.core.security import Bearer, check_password
from app.models import AccountSession, Membership, User
from app.services.sessions import Device, OpenSession, is_live, open_session

# Of the user of a live session. Made once: it is asked before everything else.
_ROLES = (
    select(User.active_club_id, Membership.club_id, Membership.role)
    .select_from(AccountSession)
    .join(User, User.id == AccountSession.user_id)
    .outerjoin(Membership, Membership.user_id == User.id)
    .where(AccountSession.id == bindparam("session_id"), User.id == bindparam("user_id"), User.is_active, is_live())
    .order_by(Membership.created_at, Membership.club_id)
)


def canonical_email(text: str) -> str:
    """An address as accounts are found by it, whichever way of writing it was chosen: registering and logging in agree.

    Domains are in letters, not in Punycode; case and Unicode's several ways to compose a letter do not count. What is
    no address is only trimmed: MariaDB does not see blanks at the end, so nobody may count on them.
    """
    try:
        _, address = validate_email(text)
    except PydanticCustomError:
        address = text.strip()
    return unicodedata.normalize("NFC", address.lower())


def log_in(database: Database, device: Device, *, email: str, password: str, life: timedelta) -> OpenSession:
    """Open a session for the user with this address and password.

    No transaction is open while the password is verified: that is slow.

    Raises:
        Unauthenticated: no such pair; which of the two is wrong is not said.
    """
    with database.reading() as session:
        user = session.scalars(select(User).where(User.email == canonical_email(email))).one_or_none()
    check = check_password(password, user.password_hash if user else None)
    if user is None or not user.is_active or not check.matches:
        raise Unauthenticated("Incorrect email or password", code="wrong_credentials")
    with database.unit_of_work() as session:
        row = session.get(User, user.id, with_for_update=True)
        # Else the password was changed while the old one was verified, and all sessions were ended but this one.
        if row is not None and row.is_active and row.password_hash == user.password_hash:
            row.password_hash = check.new_hash or row.password_hash
            row.last_login_at = database_now(session)
            return open_session(session, row.id, device, life=life)
    return log_in(database, device, email=email, password=password, life=life)


def account_of(session: Session, bearer: Bearer) -> Account:
    """Who a token speaks for, in one statement. Whoever belongs to no club is an account, too.

    Raises:
        Unauthenticated: the session is over, or the account is gone or switched off.
    """
    rows = session.connection().execute(_ROLES, {"session_id": bearer.session_id, "user_id": bearer.user_id}).all()
    if not rows:
        raise Unauthenticated("This session is over; log in again.", code="token_invalid")
    roles = {row.club_id: row.role for row in rows if row.club_id is not None}
    club_id = active_club(roles, rows[0].active_club_id)
    return Account(bearer.user_id, club_id=club_id, roles=roles, session_id=bearer.session_id)


def active_club(roles: Mapping[uuid.UUID, Role], chosen: uuid.UUID | None) -> uuid.UUID | None:
    """The club that owns what the user creates: the chosen one; else the first that the user owns; else the first.

    Args:
        roles: of the user, the oldest membership first.
    """
    if chosen in roles:
        return chosen
    owned = (club_id for club_id, role in roles.items() if role is Role.OWNER)
    return next(owned, next(iter(roles), None))
