import uuid
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.core.account import Role
from app.models import Membership, User
from app.schemas.membership import MembershipPatch, MembershipRead
from app.services.memberships import change_role, get_membership, get_membership_to_change, remove_member
from app.services.roles import require_role

router = APIRouter(prefix="/api/clubs/{club_id}/memberships", tags=["clubs"], route_class=RetryingRoute)

MEMBERSHIPS = ListRules(
    by_column(Membership.role, Membership.user_id, Membership.created_at),
    search=[User.full_name, User.email],
    sort=sortable(Membership.created_at, User.email, User.full_name),
    default_sort="created_at",
)


@router.get(
    "",
    operation_id="listMemberships",
    summary="List the members of a club",
    responses=LIST_ANSWERS | problem_responses(404),
)
def list_memberships(
    club_id: uuid.UUID, account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(MEMBERSHIPS)]
) -> list[MembershipRead]:
    """Who belongs to one of your clubs, and in which role."""
    require_role(account, club_id, Role.VIEWER)
    query = select(Membership, User).join(User, User.id == Membership.user_id)
    of_club = query.where(Membership.visible_to(account), Membership.club_id == club_id)
    return [_answer(membership, user) for membership, user in listing.page_of(session, of_club, key=Membership.user_id)]


@router.get(
    "/{user_id}", operation_id="getMembership", summary="Get a member of a club", responses=problem_responses(401, 404)
)
def read_membership(
    club_id: uuid.UUID, user_id: uuid.UUID, account: CurrentAccount, session: SessionDep
) -> MembershipRead:
    """One member of one of your clubs."""
    membership = get_membership(session, account, club_id, user_id=user_id)
    return _answer(membership, session.get_one(User, user_id))


@router.patch(
    "/{user_id}",
    operation_id="updateMembership",
    summary="Change the role of a member",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def update_membership(
    club_id: uuid.UUID,
    user_id: uuid.UUID,
    body: MembershipPatch,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> MembershipRead:
    """Give a member another role. Only owners may; a club keeps at least one of them."""
    require_role(account, club_id, Role.OWNER)
    membership = get_membership_to_change(session, account, club_id, user_id=user_id)
    user = session.get_one(User, user_id)
    precondition.check(_answer(membership, user))
    change_role(session, account, membership, role=body.changes().get("role", membership.role))
    return _answer(membership, user)


@router.delete(
    "/{user_id}",
    status_code=204,
    operation_id="deleteMembership",
    summary="Remove a member from a club",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def delete_membership(
    club_id: uuid.UUID, user_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Remove a member, or leave the club yourself. Owners may remove anybody; a club keeps at least one owner."""
    membership = get_membership_to_change(session, account, club_id, user_id=user_id)
    precondition.check(_answer(membership, session.get_one(User, user_id)))
    remove_member(session, account, membership)


def _answer(membership: Membership, user: User) -> MembershipRead:
    return MembershipRead(
        club_id=membership.club_id,
        user_id=user.id,
        email=user.email,
        full_name=user.full_name,
        role=membership.role,
        created_at=membership.created_at,
    )
