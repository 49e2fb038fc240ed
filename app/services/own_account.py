"""What users see and change of their own account."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import NotFound
from app.models import Club, Membership, User
from app.schemas.account import MembershipOfUser, UserRead
from app.services.log_in import active_club


def own_account(session: Session, account: Account) -> UserRead:
    """The account with its clubs."""
    user = session.get_one(User, account.user_id)
    memberships = session.execute(
        select(Membership.club_id, Club.name.label("club_name"), Membership.role)
        .join(Club, Club.id == Membership.club_id)
        .where(Membership.user_id == user.id)
        .order_by(Membership.created_at, Membership.club_id)
    ).all()
    return UserRead(
        id=user.id,
        email=user.email,
        full_name=user.full_name,
        is_active=user.is_active,
        created_at=user.created_at,
        last_login_at=user.last_login_at,
        active_club_id=active_club({row.club_id: row.role for row in memberships}, user.active_club_id),
        memberships=[MembershipOfUser.model_validate(row) for row in memberships],
    )


def own_account_to_change(session: Session, account: Account) -> UserRead:
    """The account as it is, and stays until the end of the unit of work."""
    session.get_one(User, account.user_id, with_for_update=True)
    return own_account(session, account)


def change_own_account(session: Session, account: Account, values: Mapping[str, object]) -> UserRead:
    """Set ``values`` on the account of :func:`own_account_to_change`.

    Raises:
        NotFound: the club that is to become the active one is none of the account's.
    """
    club_id = values.get("active_club_id")
    if club_id is not None and club_id not in account.roles:
        raise NotFound("You are not a member of this club.", fields={"/active_club_id": "is none of your clubs"})
    user = session.get_one(User, account.user_id)
    for name, value in values.items():
        setattr(user, name, value)
    session.flush()
    return own_account(session, account)
