"""Leaving for good: nothing of the account stays but what was done with it, which is nobody's then."""

import uuid
from collections.abc import Collection

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.models import AuditEntry, Club, Invitation, Membership, User
from app.services.audit import record_deletion
from app.services.changes import changing, of_user
from app.services.memberships import get_membership_to_change, remove_member
from app.services.personal_data.mentions import REDACTED, Words, redact_mentions
from app.services.personal_data.note_erasure import note_erasure
from app.services.personal_data.redact_audit_log import (
    entries_about,
    redact_entries,
    values_told,
)
from app.services.register_account import name_of_first_club


def delete_account(session: Session, account: Account) -> None:
    """Leave all clubs, then go. What the user wrote stays with the clubs, without the user's address.

    Raises:
        Conflict: a club would be left without an owner.
    """
    for club_id in sorted(account.roles):
        membership = get_membership_to_change(session, account, club_id, user_id=account.user_id)
        remove_member(session, account, membership)
    user = session.get_one(User, account.user_id)
    for invitation in session.scalars(select(Invitation).where(Invitation.email == user.email)):
        record_deletion(session, account, invitation)
    forget_user(session, user, clubs=account.club_ids)
    note_erasure(session, User.__tablename__, account.user_id)


def forget_user(session: Session, user: User, *, clubs: Collection[uuid.UUID] = ()) -> None:
    """Delete an account with its log-ins, and the invitations of its address, which goes from texts of clubs, too.

    Args:
        clubs: those it has left just now; those that it left before are told by their audit logs.
    """
    user_id, address = user.id, user.email
    for club_id in sorted({*clubs, *_clubs_that_knew(session, user_id)}):
        # Not the name: people give it to themselves, and could blot out any words of the club by leaving it.
        redact_mentions(session, club_id, Words.of([address]))
        _forget_in_name_of_club(session, club_id, name_of_first_club(user))
    session.execute(delete(Invitation).where(Invitation.email == address))
    session.flush()
    options = changing(of_user(user_id)) | {"synchronize_session": False}
    session.execute(delete(User).where(User.id == user_id), execution_options=options)


def _clubs_that_knew(session: Session, user_id: uuid.UUID) -> Collection[uuid.UUID]:
    was_member = (AuditEntry.resource == Membership.__tablename__) & (AuditEntry.resource_id == user_id)
    query = select(AuditEntry.club_id).where(or_(AuditEntry.user_id == user_id, was_member))
    return session.scalars(query.distinct()).all()


def _forget_in_name_of_club(session: Session, club_id: uuid.UUID, name: str) -> None:
    """Who registers gets a club that is called after them, and may have handed it on."""
    club = session.get(Club, club_id, with_for_update=True)
    if club is not None and club.name == name:
        club.name = f"{REDACTED}'s club"
    entries = entries_about(session, Club.__tablename__, [club_id])
    redact_entries([entry for entry in entries if name in values_told([entry], "name")], columns={"name"})
