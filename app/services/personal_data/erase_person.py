"""Somebody who plays or works for a club is forgotten; what they did on the pitch stays, and is nobody's."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.core.account import Account, Role
from app.core.errors import NotFound
from app.models import AuditAction, AuditEntry, MatchEvent, Player, PlayerMatchStatistics, StaffMember
from app.services.audit import record_event
from app.services.personal_data.mentions import Words, redact_mentions
from app.services.personal_data.note_erasure import note_erasure
from app.services.personal_data.redact_audit_log import entries_about, redact_entries, values_told
from app.services.picture_store import PictureStore
from app.services.replace_picture import forget_picture
from app.services.roles import require_role

ERASED_PLAYER = "Erased player"

PersonRow = TypeVar("PersonRow", Player, StaffMember)
_Noted = TypeVar("_Noted", PlayerMatchStatistics, MatchEvent)

_TELLING = ("name", "email", "phone")
_KEPT = frozenset({"id", "club_id", "created_at", "updated_at"})


@dataclass(frozen=True, slots=True)
class Person:
    """``row`` is None where it was deleted before: then only the audit log, and texts, know of somebody."""

    model: type[Player | StaffMember]
    row_id: uuid.UUID
    club_id: uuid.UUID
    row: Player | StaffMember | None

    @property
    def resource(self) -> str:
        return self.model.__tablename__

    def words(self, session: Session) -> Words | None:
        """The names and addresses that somebody has, and has had."""
        entries = entries_about(session, self.resource, [self.row_id])
        told = {value for column in _TELLING for value in values_told(entries, column)}
        return Words.of(told | {getattr(self.row, column, None) for column in _TELLING} - {ERASED_PLAYER})


def find_person(session: Session, account: Account, model: type[PersonRow], row_id: uuid.UUID) -> Person:
    """Somebody of a club that the account owns, also if their row was deleted. The row is locked.

    Raises:
        NotFound: no club of the account knows the id.
        Forbidden: the account does not own the club.
    """
    row = session.scalars(
        select(model).where(model.id == row_id, model.visible_to(account)).with_for_update()
    ).one_or_none()
    told = select(AuditEntry.club_id).where(
        AuditEntry.resource == model.__tablename__, AuditEntry.resource_id == row_id, AuditEntry.visible_to(account)
    )
    club_id = row.club_id if row is not None else session.scalars(told.limit(1)).one_or_none()
    if club_id is None:
        raise NotFound(f"There is no entry {row_id} in {model.__tablename__} that you can see.")
    require_role(account, club_id, Role.OWNER)
    return Person(model, row_id, club_id, row)


def erase_person(session: Session, account: Account, person: Person, *, pictures: PictureStore) -> tuple[datetime, int]:
    """Erase somebody of :func:`find_person`: when, and how many rows named them.

    The audit log keeps that it was done, and by whom.
    """
    redacted = forget_person(session, person, pictures=pictures)
    row_id = (person.resource, person.row_id, person.club_id)
    record_event(session, account, AuditAction.ERASE, row_id=row_id, values=(None, None))
    return note_erasure(session, person.resource, person.row_id), redacted


def forget_person(session: Session, person: Person, *, pictures: PictureStore) -> int:
    """Take somebody out of rows, texts, the audit log and the store of pictures; how many rows named them."""
    words = person.words(session)
    redacted = redact_entries(entries_about(session, person.resource, [person.row_id]))
    if isinstance(person.row, Player):
        redacted += _forget_player(session, person.row, pictures)
    elif person.row is not None:
        session.delete(person.row)
    session.flush()
    return redacted + redact_mentions(session, person.club_id, words)


def _forget_player(session: Session, player: Player, pictures: PictureStore) -> int:
    """The row stays for the sheets, events and figures that refer to it; how many notes were about the player."""
    forget_picture(session, pictures, player.image_url)
    for name in {attribute.key for attribute in inspect(Player).column_attrs} - _KEPT:
        setattr(player, name, None)
    player.name = ERASED_PLAYER
    of_figures = _forget_notes(session, PlayerMatchStatistics, player.id)
    return of_figures + _forget_notes(session, MatchEvent, player.id)


def _forget_notes(session: Session, model: type[_Noted], player_id: uuid.UUID) -> int:
    rows = session.scalars(select(model).where(model.player_id == player_id)).all()
    noted = [row for row in rows if row.notes is not None]
    for row in noted:
        row.notes = None
    redact_entries(entries_about(session, model.__tablename__, [row.id for row in rows]), columns={"notes"})
    return len(noted)
