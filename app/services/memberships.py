"""Who belongs to a club, and in which role. A club always keeps at least one owner."""

import uuid

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.account import Account, Role
from app.core.errors import Conflict, NotFound
from app.models import AuditAction, Club, Membership, User
from app.models.base import JsonValue
from app.services.audit import record_event
from app.services.changes import changing, of_user
from app.services.revoke_invitations import revoke_invitations_above, revoke_invitations_around
from app.services.roles import require_role


def add_member(session: Session, account: Account, *, club_id: uuid.UUID, role: Role) -> Membership:
    """Make the account a member of a club."""
    membership = Membership(club_id=club_id, user_id=account.user_id, role=role)
    session.add(membership)
    session.flush()
    _record(session, account, membership, action=AuditAction.CREATE, values=(None, {"role": role.value}))
    return membership


def get_membership(session: Session, account: Account, club_id: uuid.UUID, *, user_id: uuid.UUID) -> Membership:
    """
    Raises:
        NotFound: the club is none of the account's, or the user is no member of it.
    """
    require_role(account, club_id, Role.VIEWER)
    membership = session.get(Membership, (club_id, user_id))
    if membership is None:
        raise NotFound(f"There is no member {user_id} in this club.")
    return membership


def get_membership_to_change(
    session: Session, account: Account, club_id: uuid.UUID, *, user_id: uuid.UUID
) -> Membership:
    """The membership, while the club is locked: nobody else adds, changes or removes a member until the commit.

    Raises:
        NotFound: the club is none of the account's, or the user is no member of it.
        Forbidden: the account neither owns the club nor is this member.
    """
    require_role(account, club_id, Role.VIEWER if user_id == account.user_id else Role.OWNER)
    lock_club(session, club_id)
    return get_membership(session, account, club_id, user_id=user_id)


def lock_club(session: Session, club_id: uuid.UUID) -> Club:
    """
    Raises:
        NotFound: the club was deleted in the meantime.
    """
    club = session.scalars(select(Club).where(Club.id == club_id).with_for_update()).one_or_none()
    if club is None:
        raise NotFound("You are not a member of this club.")
    return club


def change_role(session: Session, account: Account, membership: Membership, *, role: Role) -> None:
    """Give a member of :func:`get_membership_to_change` another role. Their offers of a higher one are void.

    Raises:
        Forbidden: the account does not own the club: nobody promotes oneself.
        Conflict: the club would be left without an owner.
    """
    require_role(account, membership.club_id, Role.OWNER)
    before, membership.role = membership.role, role
    session.flush()
    _require_an_owner(session, membership.club_id)
    if before is not role:
        changed: tuple[JsonValue, JsonValue] = ({"role": before.value}, {"role": role.value})
        _record(session, account, membership, action=AuditAction.UPDATE, values=changed)
        revoke_invitations_above(session, account, membership)


def remove_member(session: Session, account: Account, membership: Membership) -> None:
    """Remove a member of :func:`get_membership_to_change` from the club, with every way back that they may have kept.

    Raises:
        Conflict: the club would be left without an owner.
    """
    session.delete(membership)
    session.flush()
    _require_an_owner(session, membership.club_id)
    _record(session, account, membership, action=AuditAction.DELETE, values=({"role": membership.role.value}, None))
    revoke_invitations_around(session, account, membership)
    was_active = (User.id == membership.user_id, User.active_club_id == membership.club_id)
    options = changing(of_user(membership.user_id))
    session.execute(update(User).where(*was_active).values(active_club_id=None), execution_options=options)


def _require_an_owner(session: Session, club_id: uuid.UUID) -> None:
    """Within the lock of the club."""
    owners = select(func.count()).select_from(Membership)
    if not session.scalar(owners.where(Membership.club_id == club_id, Membership.role == Role.OWNER)):
        raise Conflict(
            "A club needs an owner: make somebody else an owner first, or delete the club.", code="last_owner"
        )


def _record(
    session: Session,
    account: Account,
    membership: Membership,
    *,
    action: AuditAction,
    values: tuple[JsonValue, JsonValue],
) -> None:
    row_id = (Membership.__tablename__, membership.user_id, membership.club_id)
    record_event(session, account, action, row_id=row_id, values=values)
