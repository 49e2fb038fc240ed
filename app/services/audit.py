"""The audit log: who changed what, and when. It is written in the transaction of the change itself."""

import uuid
from collections.abc import Iterable
from typing import Any

import structlog
from pydantic_core import to_jsonable_python
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from app.core.account import Account
from app.models import AuditAction, AuditEntry
from app.models.base import ClubRow

_DULL = frozenset({"created_at", "updated_at"})


def record_creation(session: Session, account: Account, row: ClubRow) -> None:
    _record(session, account, row, AuditAction.CREATE, before=None, after=_values(row, _columns(row)))


def record_deletion(session: Session, account: Account, row: ClubRow) -> None:
    _record(session, account, row, AuditAction.DELETE, before=_values(row, _columns(row)), after=None)


def record_update(session: Session, account: Account, row: ClubRow) -> None:
    """Record the changes of ``row`` that are not flushed yet; none, nothing."""
    changed = [name for name in _columns(row) if inspect(row).attrs[name].history.has_changes()]
    if changed:
        before = {name: _first(inspect(row).attrs[name].history.deleted) for name in changed}
        _record(session, account, row, AuditAction.UPDATE, before=before, after=_values(row, changed))


def record_event(
    session: Session,
    account: Account,
    action: AuditAction,
    *,
    row_id: tuple[str, uuid.UUID, uuid.UUID],
    values: tuple[object, object],
) -> None:
    """Record a change of a row that is no ``ClubRow``.

    Args:
        row_id: table, id and club.
        values: before and after; ids, times and words become text.
    """
    resource, resource_id, club_id = row_id
    session.add(
        AuditEntry(
            club_id=club_id,
            user_id=account.user_id,
            action=action,
            resource=resource,
            resource_id=resource_id,
            before=to_jsonable_python(values[0]),
            after=to_jsonable_python(values[1]),
            request_id=structlog.contextvars.get_contextvars().get("request_id"),
        )
    )


def _record(
    session: Session, account: Account, row: ClubRow, action: AuditAction, *, before: object, after: object
) -> None:
    row_id = (row.__tablename__, row.id, row.club_id)
    record_event(session, account, action, row_id=row_id, values=(before, after))


def _columns(row: ClubRow) -> list[str]:
    return [column.key for column in inspect(type(row)).column_attrs if column.key not in _DULL | row.unaudited]


def _values(row: ClubRow, columns: Iterable[str]) -> dict[str, object]:
    return {name: getattr(row, name) for name in columns}


def _first(values: Any) -> object:
    return values[0] if values else None
