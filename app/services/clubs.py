"""Found, change and delete clubs."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.account import Account, Role
from app.core.errors import NotFound
from app.models import AuditAction, Club, Formation, Membership, Video
from app.models.base import JsonValue
from app.services.audit import record_event
from app.services.forget_videos import forget_videos
from app.services.memberships import add_member, lock_club
from app.services.personal_data.note_erasure import note_erasure
from app.services.picture_store import PictureStore
from app.services.replace_picture import forget_pictures_of_club
from app.services.roles import require_role
from app.services.standard_formations import STANDARD_FORMATIONS
from app.services.video_store import VideoStore

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the files of a club lie."""

    videos: VideoStore
    pictures: PictureStore
    artifacts: Path


def found_club(session: Session, user_id: uuid.UUID, *, name: str) -> Membership:
    """Make a club with the standard formations; the user owns it."""
    club = Club(name=name)
    session.add(club)
    session.flush()
    account = Account(user_id, club_id=club.id, roles={club.id: Role.OWNER})
    _record(session, account, club.id, action=AuditAction.CREATE, values=(None, {"name": name}))
    membership = add_member(session, account, club_id=club.id, role=Role.OWNER)
    session.add_all(
        Formation(club_id=club.id, name=formation, positions=[slot.as_json() for slot in slots])
        for formation, slots in STANDARD_FORMATIONS.items()
    )
    return membership


def get_club(session: Session, account: Account, club_id: uuid.UUID) -> Club:
    """
    Raises:
        NotFound: the club is none of the account's.
    """
    club = session.scalars(select(Club).where(Club.id == club_id, Club.visible_to(account))).one_or_none()
    if club is None:
        raise NotFound("You are not a member of this club.")
    return club


def get_club_to_change(session: Session, account: Account, club_id: uuid.UUID) -> Club:
    """The club, locked until the end of the unit of work.

    Raises:
        NotFound: the club is none of the account's.
        Forbidden: the account does not own it.
    """
    require_role(account, club_id, Role.OWNER)
    return lock_club(session, club_id)


def change_club(session: Session, account: Account, club: Club, values: Mapping[str, Any]) -> None:
    """Set ``values`` on a club of :func:`get_club_to_change`."""
    after = {name: value for name, value in values.items() if value != getattr(club, name)}
    before = {name: getattr(club, name) for name in after}
    for name, value in after.items():
        setattr(club, name, value)
    session.flush()
    if after:
        _record(session, account, club.id, action=AuditAction.UPDATE, values=(before, after))


def delete_club(session: Session, account: Account, club: Club, *, stores: Stores) -> None:
    """Delete a club of :func:`get_club_to_change`, for good: no backup brings it back."""
    forget_club(session, club, stores=stores)
    note_erasure(session, Club.__tablename__, club.id)
    log.info("club deleted", club_id=str(club.id), user_id=str(account.user_id))


def forget_club(session: Session, club: Club, *, stores: Stores) -> None:
    """Delete a club with all its rows, the audit log too, and all its files."""
    forget_videos(session, Video.club_id == club.id, videos=stores.videos, artifacts=stores.artifacts)
    forget_pictures_of_club(session, stores.pictures, club.id)
    session.delete(club)
    session.flush()


def _record(
    session: Session,
    account: Account,
    club_id: uuid.UUID,
    *,
    action: AuditAction,
    values: tuple[JsonValue, JsonValue],
) -> None:
    record_event(session, account, action, row_id=(Club.__tablename__, club_id, club_id), values=values)
