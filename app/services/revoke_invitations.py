"""Invitations that lose their ground when somebody leaves a club, or counts for less there."""

import uuid

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.core.account import Account, Role
from app.models import Invitation, Membership, User
from app.services.audit import record_deletion


def revoke_invitations_around(session: Session, account: Account, membership: Membership) -> None:
    """Revoke the open ones that a member who leaves has made, and those that are meant for their address.

    Else they would come back with a token that they have kept. Within the lock of the club.
    """
    address = select(User.email).where(User.id == membership.user_id).scalar_subquery()
    for concerned in (Invitation.invited_by == membership.user_id, Invitation.email == address):
        _revoke(session, account, membership.club_id, concerned)


def revoke_invitations_above(session: Session, account: Account, membership: Membership) -> None:
    """Revoke the open ones by which a member offers a higher role than their own. Within the lock of the club."""
    higher = [role for role in Role if not membership.role.includes(role)]
    made = Invitation.invited_by == membership.user_id
    _revoke(session, account, membership.club_id, made & Invitation.role.in_(higher))


def _revoke(session: Session, account: Account, club_id: uuid.UUID, which: ColumnElement[bool]) -> None:
    still_open = (Invitation.club_id == club_id, Invitation.accepted_at.is_(None))
    for invitation in session.scalars(select(Invitation).where(*still_open, which).with_for_update()):
        record_deletion(session, account, invitation)
        session.delete(invitation)
    session.flush()
