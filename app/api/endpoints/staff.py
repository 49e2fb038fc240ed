import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import StaffMember
from app.schemas.staff import StaffCreate, StaffPatch, StaffRead
from app.services.club_of_member import club_of_member
from app.services.db_service import Repository

router = APIRouter(prefix="/api/staff", tags=["staff"], route_class=RetryingRoute)

STAFF = ListRules(
    by_column(
        StaffMember.club_id,
        StaffMember.team_id,
        StaffMember.name,
        StaffMember.role,
        StaffMember.email,
        StaffMember.created_at,
        StaffMember.updated_at,
    ),
    search=[StaffMember.name],
    sort=sortable(StaffMember.name, StaffMember.role, StaffMember.created_at, StaffMember.updated_at),
    default_sort="created_at",
)


@router.get("", operation_id="listStaff", summary="List the staff", responses=LIST_ANSWERS)
def list_staff(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(STAFF)]
) -> list[StaffRead]:
    """Who works for the teams of your clubs, the oldest entry first."""
    return listing.shown_of(Repository(session, account, StaffMember), StaffRead)


@router.post(
    "",
    status_code=201,
    operation_id="createStaffMember",
    summary="Add somebody to the staff",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404, 409),
)
def create_staff_member(
    body: StaffCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> StaffRead:
    """Add somebody to the staff of a team, or of the whole club. Who shall log in needs an invitation, too."""
    club_id = club_of_member(session, account, body.team_id, club_id=body.club_id)
    member = StaffMember(**body.model_dump(exclude={"club_id"}), club_id=club_id)
    Repository(session, account, StaffMember).add(member)
    response.headers["Location"] = f"/api/staff/{member.id}"
    return StaffRead.model_validate(member)


@router.get(
    "/{staff_id}",
    operation_id="getStaffMember",
    summary="Get somebody of the staff",
    responses=problem_responses(401, 404),
)
def read_staff_member(staff_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> StaffRead:
    """One member of the staff."""
    return StaffRead.model_validate(Repository(session, account, StaffMember).get(staff_id))


@router.patch(
    "/{staff_id}",
    operation_id="updateStaffMember",
    summary="Change somebody of the staff",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def update_staff_member(
    staff_id: uuid.UUID, body: StaffPatch, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> StaffRead:
    """Change the fields that the body names. Who works for a team may go to another one of the same club only."""
    staff = Repository(session, account, StaffMember)
    member = staff.get_to_change(staff_id)
    precondition.check(StaffRead.model_validate(member))
    club_of_member(session, account, body.team_id, club_id=member.club_id)
    return StaffRead.model_validate(staff.change(member, body.changes()))


@router.delete(
    "/{staff_id}",
    status_code=204,
    operation_id="deleteStaffMember",
    summary="Delete somebody from the staff",
    responses=problem_responses(401, 403, 404, 412),
)
def delete_staff_member(
    staff_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete somebody from the staff. Accounts are memberships, and stay."""
    staff = Repository(session, account, StaffMember)
    member = staff.get_to_change(staff_id)
    precondition.check(StaffRead.model_validate(member))
    staff.delete(member)
