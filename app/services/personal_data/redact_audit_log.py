"""The audit log without what it says about a person: that something happened stays, and who did it."""

import uuid
from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import AuditEntry
from app.models.base import JsonValue
from app.services.personal_data.mentions import REDACTED


def entries_about(session: Session, resource: str, row_ids: Collection[uuid.UUID]) -> list[AuditEntry]:
    """The entries about rows of one table, which may be gone, the oldest first."""
    about = (AuditEntry.resource == resource, AuditEntry.resource_id.in_(row_ids))
    return list(session.scalars(select(AuditEntry).where(*about).order_by(AuditEntry.created_at, AuditEntry.id)))


def values_told(entries: Collection[AuditEntry], column: str) -> Iterator[str]:
    """What a column has ever been, as far as the log tells."""
    for entry in entries:
        for values in (entry.before, entry.after):
            if isinstance(values, dict) and isinstance(told := values.get(column), str):
                yield told


def redact_entries(entries: Collection[AuditEntry], columns: Collection[str] | None = None) -> int:
    """Redact what entries say of some columns, or of all but ids; how many entries said something.

    Which columns were changed can still be read.
    """
    redacted = 0
    for entry in entries:
        before, after = _redacted(entry.before, columns), _redacted(entry.after, columns)
        if (before, after) != (entry.before, entry.after):
            entry.before, entry.after = before, after
            redacted += 1
    return redacted


def _redacted(values: JsonValue, columns: Collection[str] | None) -> JsonValue:
    if not isinstance(values, dict):
        return values
    return {name: REDACTED if _tells(name, value, columns) else value for name, value in values.items()}


def _tells(name: str, value: JsonValue, columns: Collection[str] | None) -> bool:
    chosen = not name.endswith("id") if columns is None else name in columns
    return chosen and value is not None
