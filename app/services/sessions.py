"""Log-ins: a row for each, and the chain of refresh tokens that prolongs it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, UpdateBase, and_, delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.database import Database, database_now, utc_clock
from app.core.errors import NotFound, Unauthenticated
from app.core.security import hash_secret, make_secret
from app.models import AccountSession, RefreshToken, User
from app.services.changes import changing, of_user


@dataclass(frozen=True, slots=True)
class Device:
    """Where a log-in comes from, as far as the connection tells."""

    user_agent: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A log-in, and the secret that prolongs it once."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    refresh_token: str = field(repr=False)


def is_live() -> ColumnElement[bool]:
    """The condition under which a log-in counts."""
    return and_(AccountSession.revoked_at.is_(None), AccountSession.expires_at > utc_clock())


def open_session(session: Session, user_id: uuid.UUID, device: Device, *, life: timedelta) -> OpenSession:
    """Note a log-in. It ends when it is not refreshed for ``life``."""
    now = database_now(session)
    old = (AccountSession.user_id == user_id, AccountSession.expires_at <= now)
    _execute(session, delete(AccountSession).where(*old), changing(of_user(user_id)))
    row = AccountSession(
        user_id=user_id,
        user_agent=device.user_agent,
        address=device.address,
        last_used_at=now,
        expires_at=now + life,
    )
    session.add(row)
    session.flush()
    return OpenSession(user_id, row.id, _hand_out(session, row.id, now))


def refresh_session(database: Database, refresh_token: str, *, life: timedelta) -> OpenSession:
    """Trade a refresh token for the next one of its session.

    A token that comes a second time was copied: the thief and the owner cannot be told apart, so the session ends. That
    is committed, although the answer is a refusal.

    Raises:
        Unauthenticated: no such token, it was used before, or its session is over.
    """
    with database.unit_of_work() as session:
        refreshed = _refresh(session, hash_secret(refresh_token), life)
    if refreshed is None:
        raise Unauthenticated("This refresh token was used before; log in again.", code="token_reused")
    return refreshed


def own_sessions(account: Account) -> Select[uuid.UUID, str | None, str | None, datetime, datetime, datetime, bool]:
    """The log-ins of the account that still count; ``is_current`` is the one that asks."""
    return select(
        AccountSession.id,
        AccountSession.user_agent,
        AccountSession.address,
        AccountSession.created_at,
        AccountSession.last_used_at,
        AccountSession.expires_at,
        (AccountSession.id == account.session_id).label("is_current"),
    ).where(AccountSession.user_id == account.user_id, is_live())


def end_current_session(session: Session, account: Account) -> None:
    """End the log-in that asks; its access tokens are refused from now on."""
    _end(session, account.user_id, AccountSession.id == account.session_id)


def end_session(session: Session, account: Account, session_id: uuid.UUID) -> None:
    """End one log-in of the account.

    Raises:
        NotFound: it is somebody else's, or over already.
    """
    if not _end(session, account.user_id, AccountSession.id == session_id):
        raise NotFound(f"You have no session {session_id}.")


def end_other_sessions(session: Session, account: Account) -> None:
    """End all log-ins of the account but the one that asks."""
    _end(session, account.user_id, AccountSession.id != account.session_id)


def _refresh(session: Session, token_hash: str, life: timedelta) -> OpenSession | None:
    """The session with its next token; None: this one was used before, and the session has ended.

    Locks the token, then the session: of two that come at once, the second finds the token used.
    """
    token = session.get(RefreshToken, token_hash, with_for_update=True)
    if token is None:
        raise Unauthenticated("The refresh token is not valid; log in again.", code="token_invalid")
    if token.used_at is not None:
        stolen = session.get_one(AccountSession, token.session_id)
        _end(session, stolen.user_id, AccountSession.id == stolen.id)
        return None
    now = database_now(session)
    row = _live_session(session, token.session_id, now)
    token.used_at = row.last_used_at = now
    row.expires_at = now + life
    # A token that is older than a session lives is refused anyway: it need not be known any more.
    old = (RefreshToken.session_id == row.id, RefreshToken.created_at < now - life)
    _execute(session, delete(RefreshToken).where(*old), changing())
    return OpenSession(row.user_id, row.id, _hand_out(session, row.id, now))


def _live_session(session: Session, session_id: uuid.UUID, now: datetime) -> AccountSession:
    row = session.get_one(AccountSession, session_id, with_for_update=True)
    is_active = session.scalar(select(User.is_active).where(User.id == row.user_id))
    if row.revoked_at is not None or row.expires_at <= now or not is_active:
        raise Unauthenticated("The session of this refresh token is over; log in again.", code="token_expired")
    return row


def _hand_out(session: Session, session_id: uuid.UUID, now: datetime) -> str:
    token = make_secret()
    session.add(RefreshToken(token_hash=hash_secret(token), session_id=session_id, created_at=now))
    return token


def _end(session: Session, user_id: uuid.UUID, *conditions: ColumnElement[bool]) -> int:
    """How many live sessions the user had that satisfied ``conditions``."""
    live = (AccountSession.user_id == user_id, is_live(), *conditions)
    ended = update(AccountSession).where(*live).values(revoked_at=utc_clock())
    return _execute(session, ended, changing(of_user(user_id)))


def _execute(session: Session, statement: UpdateBase, options: dict[str, Any]) -> int:
    """How many rows an UPDATE or DELETE found."""
    result = session.execute(statement, execution_options=options | {"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return int(result.rowcount)
