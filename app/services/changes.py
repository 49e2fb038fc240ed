"""Whose rows a unit of work changes: noted while it writes, and told after its commit.

What the ORM flushes is looked at here. A statement on many rows (``update``, ``delete``, ``insert``) does not say whose
they are; who writes one says it with :func:`changing`, or else counts as having changed everything.
"""

import uuid
from collections.abc import Callable, Collection
from itertools import chain
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from app.core.database import Database, after_commit
from app.models import AccountSession, Club, Membership, User
from app.models.base import Base, ClubRow

EVERYTHING = "everything"

# No answer that is kept shows them; most are written much more often than anything that one shows.
UNSEEN_TABLES = frozenset(
    {
        "audit_log",
        "ball_positions",
        "erasures",
        "idempotency_keys",
        "job_events",
        "refresh_tokens",
        "tracks",
        "webhook_deliveries",
        "webhooks",
    }
)

_CHANGES = "changes"
_OPTION = "changing"


def of_club(club_id: uuid.UUID) -> str:
    return f"club:{club_id}"


def of_user(user_id: uuid.UUID) -> str:
    """The user's log-ins and rights."""
    return f"user:{user_id}"


def changing(*what: str) -> dict[str, Any]:
    """The ``execution_options`` of a statement on many rows that changes this (``of_club``, ``of_user``), or nothing
    that a kept answer shows."""
    return {_OPTION: frozenset(what)}


def note_changes(session: Session, *what: str) -> None:
    """Say what the unit of work changes, where nobody would see it."""
    session.info.setdefault(_CHANGES, set()).update(what)


def watch_changes(database: Database, tell: Callable[[Collection[str]], None]) -> None:
    """Call ``tell`` after each commit, before whoever asked for it is answered, with what has changed, if anything."""

    def begin(session: Session, transaction: SessionTransaction, _connection: object) -> None:
        if not transaction.nested:
            after_commit(session, lambda: tell(session.info.get(_CHANGES, ())))

    event.listen(database.writing, "after_begin", begin)
    event.listen(database.writing, "after_flush", _note_flush)
    event.listen(database.writing, "do_orm_execute", _note_statement)


def _note_flush(session: Session, _context: object) -> None:
    for row in chain(session.new, session.dirty, session.deleted):
        note_changes(session, *_whose(row, is_gone=row in session.deleted))


def _note_statement(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    table = getattr(state.statement, "table", None)
    if table is None or table.name not in UNSEEN_TABLES:
        note_changes(state.session, *state.execution_options.get(_OPTION, {EVERYTHING}))


def _whose(row: Base, *, is_gone: bool) -> set[str]:
    match row:
        case _ if row.__tablename__ in UNSEEN_TABLES:
            whose = set()
        case Club() if not is_gone:  # the rights of all its members would go with it
            whose = {of_club(row.id)}
        case User():
            whose = {of_user(row.id)}
        case AccountSession():
            whose = {of_user(row.user_id)}
        case Membership():
            whose = {of_user(row.user_id), of_club(row.club_id)}
        case ClubRow():
            whose = {of_club(row.club_id)}
        case _:
            whose = {EVERYTHING}
    return whose
