"""Invitations: an owner offers a place in the club to an e-mail address, and hands the token on.

There is no mail server: the answer to the owner is the only one that shows the token, and only its hash is stored.
"""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.account import Account, Role
from app.core.database import database_now
from app.core.errors import Conflict, NotFound
from app.core.security import hash_secret, make_secret
from app.models import Club, Invitation, Membership, User
from app.services.audit import record_update
from app.services.db_service import Repository
from app.services.log_in import canonical_email
from app.services.memberships import add_member, lock_club
from app.services.roles import require_role

LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation with the secret that opens it."""

    invitation: Invitation
    token: str = field(repr=False)


def invite(session: Session, account: Account, club_id: uuid.UUID, *, email: str, role: Role) -> Offer:
    """Offer a place in a club.

    Raises:
        NotFound: the club is none of the account's.
        Forbidden: the account does not own it.
        Conflict: who has this address is a member already.
    """
    require_role(account, club_id, Invitation.written_by)
    _require_still_owner(session, account, club_id)
    token, address = make_secret(), canonical_email(email)
    member = select(Membership.user_id).join(User, User.id == Membership.user_id)
    if session.scalar(member.where(Membership.club_id == club_id, User.email == address)):
        raise _already_member()
    invitation = Invitation(
        club_id=club_id,
        email=address,
        role=role,
        token_hash=hash_secret(token),
        invited_by=account.user_id,
        expires_at=database_now(session) + LIFE,
    )
    return Offer(Repository(session, account, Invitation).add(invitation), token)


def accept_invitation(session: Session, user: User, token: str) -> Membership:
    """Make ``user`` a member of the club that invited the user's address; the club becomes the user's active one.

    Raises:
        NotFound: no such token, or it is meant for another address; which of the two is not said.
        Conflict: the invitation was used or has expired, or the user is a member already.
    """
    invitation = _locked_invitation(session, user, token)
    now = database_now(session)
    if invitation.accepted_at is not None:
        raise Conflict("This invitation was used already.", code="invitation_used")
    if invitation.expires_at <= now:
        raise Conflict("This invitation has expired; ask for a new one.", code="invitation_expired")
    if session.get(Membership, (invitation.club_id, user.id)) is not None:
        raise _already_member()
    account = Account(user.id, club_id=invitation.club_id, roles={invitation.club_id: invitation.role})
    invitation.accepted_at = now
    record_update(session, account, invitation)
    user.active_club_id = invitation.club_id
    return add_member(session, account, club_id=invitation.club_id, role=invitation.role)


def invitation_to_withdraw(
    session: Session, account: Account, club_id: uuid.UUID, *, invitation_id: uuid.UUID
) -> Invitation:
    """The invitation, locked until the end of the unit of work.

    Raises:
        NotFound: the club is none of the account's, or it has no such invitation.
        Forbidden: the account does not own the club.
    """
    require_role(account, club_id, Invitation.written_by)
    invitation = Repository(session, account, Invitation).get_to_change(invitation_id)
    if invitation.club_id != club_id:
        raise NotFound(f"There is no invitation {invitation_id} in this club.")
    return invitation


def _require_still_owner(session: Session, account: Account, club_id: uuid.UUID) -> None:
    """Under the lock of the club: whoever removes the account at this moment finds the invitation, or this finds that.

    Raises:
        NotFound: the account has been removed from the club since the request began.
    """
    lock_club(session, club_id)
    membership = session.get(Membership, (club_id, account.user_id), populate_existing=True)
    roles = {club_id: membership.role} if membership else {}
    require_role(Account(account.user_id, club_id=club_id, roles=roles), club_id, Invitation.written_by)


def _locked_invitation(session: Session, user: User, token: str) -> Invitation:
    """The invitation, under the lock of its club: nobody revokes it, or uses another one of the club, meanwhile."""
    query = select(Invitation).where(Invitation.token_hash == hash_secret(token), Invitation.email == user.email)
    of_club = query.with_only_columns(Invitation.club_id).scalar_subquery()
    session.scalars(select(Club.id).where(Club.id == of_club).with_for_update()).one_or_none()
    invitation = session.scalars(query.with_for_update()).one_or_none()
    if invitation is None:
        raise NotFound("There is no such invitation for your e-mail address.")
    return invitation


def _already_member() -> Conflict:
    return Conflict("The account with this e-mail address is a member of this club already.", code="already_member")
