import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy import select

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.core.account import Role
from app.models import Club, Invitation, User
from app.schemas.club import ClubRead
from app.schemas.invitation import InvitationAcceptance, InvitationCreate, InvitationMade, InvitationRead
from app.services.db_service import Repository
from app.services.invitations import accept_invitation, invitation_to_withdraw, invite
from app.services.roles import require_role

router = APIRouter(prefix="/api", tags=["clubs"], route_class=RetryingRoute)

INVITATIONS = ListRules(
    by_column(Invitation.email, Invitation.role, Invitation.created_at, Invitation.expires_at, Invitation.accepted_at),
    sort=sortable(Invitation.email, Invitation.created_at, Invitation.expires_at),
    default_sort="-created_at",
)


@router.get(
    "/clubs/{club_id}/invitations",
    operation_id="listInvitations",
    summary="List the invitations of a club",
    responses=LIST_ANSWERS | problem_responses(403, 404),
)
def list_invitations(
    club_id: uuid.UUID, account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(INVITATIONS)]
) -> list[InvitationRead]:
    """The places that the club has offered, without their tokens. Only owners see them."""
    require_role(account, club_id, Role.OWNER)
    of_club = select(Invitation).where(Invitation.visible_to(account), Invitation.club_id == club_id)
    return [InvitationRead.model_validate(row) for (row,) in listing.page_of(session, of_club, key=Invitation.id)]


@router.post(
    "/clubs/{club_id}/invitations",
    status_code=201,
    operation_id="createInvitation",
    summary="Invite somebody to a club",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404, 409),
)
def create_invitation(
    club_id: uuid.UUID, body: InvitationCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> InvitationMade:
    """Offer a place in the club to an e-mail address. Only owners may.

    The server sends no e-mail: hand the `token` on yourself. No other answer shows it; it is good for seven days, once,
    and only for an account with this address.
    """
    offer = invite(session, account, club_id, email=body.email, role=body.role)
    response.headers["Location"] = f"/api/clubs/{club_id}/invitations/{offer.invitation.id}"
    response.headers["Cache-Control"] = "no-store"
    read = InvitationRead.model_validate(offer.invitation)
    return InvitationMade(**read.model_dump(), token=offer.token)


@router.get(
    "/clubs/{club_id}/invitations/{invitation_id}",
    operation_id="getInvitation",
    summary="Get an invitation of a club",
    responses=problem_responses(401, 403, 404),
)
def read_invitation(
    club_id: uuid.UUID, invitation_id: uuid.UUID, account: CurrentAccount, session: SessionDep
) -> InvitationRead:
    """One place that the club has offered, without its token. Only owners see it."""
    require_role(account, club_id, Role.OWNER)
    return InvitationRead.model_validate(Repository(session, account, Invitation).get(invitation_id, club_id=club_id))


@router.delete(
    "/clubs/{club_id}/invitations/{invitation_id}",
    status_code=204,
    operation_id="deleteInvitation",
    summary="Withdraw an invitation",
    responses=problem_responses(401, 403, 404, 412),
)
def delete_invitation(
    club_id: uuid.UUID,
    invitation_id: uuid.UUID,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> None:
    """Withdraw an invitation: its token stops working. Who has accepted it stays a member."""
    invitation = invitation_to_withdraw(session, account, club_id, invitation_id=invitation_id)
    precondition.check(InvitationRead.model_validate(invitation))
    Repository(session, account, Invitation).delete(invitation)


@router.post(
    "/invitations/accept",
    operation_id="acceptInvitation",
    summary="Accept an invitation",
    responses=problem_responses(401, 404, 409),
)
def join_club(body: InvitationAcceptance, account: CurrentAccount, session: SessionDep) -> ClubRead:
    """Join the club that has invited the address of your account. It becomes your active club."""
    membership = accept_invitation(session, session.get_one(User, account.user_id), body.token)
    club = session.get_one(Club, membership.club_id)
    return ClubRead.of(club, membership.role)
