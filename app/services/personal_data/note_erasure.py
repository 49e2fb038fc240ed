"""Erasures are noted by id: a backup that is older than one is restored without those who were erased."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.database import database_now
from app.models import Erasure


def note_erasure(session: Session, resource: str, row_id: uuid.UUID, *, erased_at: datetime | None = None) -> datetime:
    """Note that a row is gone for good; when that was, which is now unless it is known."""
    moment = erased_at or database_now(session)
    session.merge(Erasure(resource=resource, resource_id=row_id, erased_at=moment))
    session.flush()
    return moment
