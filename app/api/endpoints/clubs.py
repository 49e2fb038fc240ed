import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy import select

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.core.account import Role
from app.models import Club
from app.schemas.club import ClubCreate, ClubPatch, ClubRead
from app.services.clubs import Stores, change_club, delete_club, found_club, get_club, get_club_to_change

router = APIRouter(prefix="/api/clubs", tags=["clubs"], route_class=RetryingRoute)

CLUBS = ListRules(
    by_column(Club.name, Club.created_at),
    search=[Club.name],
    sort=sortable(Club.name, Club.created_at),
    default_sort="created_at",
)


@router.get("", operation_id="listClubs", summary="List your clubs", responses=LIST_ANSWERS)
def list_clubs(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(CLUBS)]
) -> list[ClubRead]:
    """The clubs that you are a member of, with your role in each."""
    rows = listing.page_of(session, select(Club).where(Club.visible_to(account)), key=Club.id)
    return [_answer(club, account.roles[club.id]) for (club,) in rows]


@router.post(
    "",
    status_code=201,
    operation_id="createClub",
    summary="Found a club",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401),
)
def create_club(body: ClubCreate, account: CurrentAccount, session: SessionDep, response: Response) -> ClubRead:
    """Found a club. You own it, and it comes with the standard formations."""
    membership = found_club(session, account.user_id, name=body.name)
    response.headers["Location"] = f"/api/clubs/{membership.club_id}"
    return _answer(session.get_one(Club, membership.club_id), membership.role)


@router.get("/{club_id}", operation_id="getClub", summary="Get a club", responses=problem_responses(401, 404))
def read_club(club_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> ClubRead:
    """One of your clubs, with your role in it."""
    return _answer(get_club(session, account, club_id), account.roles[club_id])


@router.patch(
    "/{club_id}",
    operation_id="updateClub",
    summary="Change a club",
    responses=problem_responses(401, 403, 404, 412),
)
def update_club(
    club_id: uuid.UUID, body: ClubPatch, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> ClubRead:
    """Rename a club, or decide how long it keeps footage. Only owners may."""
    club = get_club_to_change(session, account, club_id)
    precondition.check(_answer(club, account.roles[club_id]))
    change_club(session, account, club, body.changes())
    return _answer(club, account.roles[club_id])


@router.delete(
    "/{club_id}",
    status_code=204,
    operation_id="deleteClub",
    summary="Delete a club",
    responses=problem_responses(401, 403, 404, 412),
)
def remove_club(
    club_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep, precondition: PreconditionDep
) -> None:
    """Delete a club with everything in it: teams, players, matches, videos, reports, its audit log. Only owners may."""
    club = get_club_to_change(session, account, club_id)
    precondition.check(_answer(club, account.roles[club_id]))
    delete_club(session, account, club, stores=Stores(parts.videos, parts.pictures, parts.artifacts))


def _answer(club: Club, role: Role) -> ClubRead:
    return ClubRead.of(club, role)
