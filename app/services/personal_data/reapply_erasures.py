"""Erase once more whom a restored backup has brought back."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import AuditEntry, Club, Player, StaffMember, User
from app.services.clubs import Stores, forget_club
from app.services.delete_account import forget_user
from app.services.personal_data.erase_person import Person, PersonRow, forget_person
from app.services.personal_data.note_erasure import note_erasure


@dataclass(frozen=True, slots=True, order=True)
class KnownErasure:
    """A row of :class:`~app.models.Erasure`, from wherever it is known."""

    erased_at: datetime
    resource: str
    row_id: uuid.UUID


def reapply_erasures(session: Session, erasures: Collection[KnownErasure], stores: Stores) -> None:
    """Erase everybody of ``erasures`` who is there, the earliest first, and note it; who is not there harms nothing."""
    for erasure in sorted(erasures):
        _erase(session, erasure, stores)
        note_erasure(session, erasure.resource, erasure.row_id, erased_at=erasure.erased_at)
        session.expunge_all()  # what went with somebody in the database would still be there in the session


def _erase(session: Session, erasure: KnownErasure, stores: Stores) -> None:
    match erasure.resource:
        case User.__tablename__:
            if (user := session.get(User, erasure.row_id)) is not None:
                forget_user(session, user)
        case Club.__tablename__:
            if (club := session.get(Club, erasure.row_id)) is not None:
                forget_club(session, club, stores=stores)
        case Player.__tablename__:
            _erase_person(session, Player, erasure.row_id, stores)
        case StaffMember.__tablename__:
            _erase_person(session, StaffMember, erasure.row_id, stores)


def _erase_person(session: Session, model: type[PersonRow], row_id: uuid.UUID, stores: Stores) -> None:
    row = session.get(model, row_id)
    told = select(AuditEntry.club_id).where(
        AuditEntry.resource == model.__tablename__, AuditEntry.resource_id == row_id
    )
    club_id = row.club_id if row is not None else session.scalars(told.limit(1)).one_or_none()
    if club_id is not None:
        forget_person(session, Person(model, row_id, club_id, row), pictures=stores.pictures)
