"""Leaving for good."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.core.account import Account
from app.models import User
from app.services.changes import changing, of_user
from app.services.memberships import get_membership_to_change, remove_member


def delete_account(session: Session, account: Account) -> None:
    """Leave all clubs, then go. What the user wrote stays with the clubs.

    Raises:
        Conflict: a club would be left without an owner.
    """
    for club_id in sorted(account.roles):
        membership = get_membership_to_change(session, account, club_id, user_id=account.user_id)
        remove_member(session, account, membership)
    options = changing(of_user(account.user_id)) | {"synchronize_session": False}
    session.execute(delete(User).where(User.id == account.user_id), execution_options=options)
