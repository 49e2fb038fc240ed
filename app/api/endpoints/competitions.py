import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Competition
from app.schemas.competition import CompetitionCreate, CompetitionPatch, CompetitionRead
from app.services.db_service import Repository

router = APIRouter(prefix="/api/competitions", tags=["competitions"], route_class=RetryingRoute)

COMPETITIONS = ListRules(
    by_column(
        Competition.club_id, Competition.name, Competition.season, Competition.created_at, Competition.updated_at
    ),
    search=[Competition.name],
    sort=sortable(Competition.name, Competition.season, Competition.created_at, Competition.updated_at),
    default_sort="name,season",
)


@router.get(
    "",
    operation_id="listCompetitions",
    summary="List competitions",
    responses=LIST_ANSWERS,
)
def list_competitions(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(COMPETITIONS)]
) -> list[CompetitionRead]:
    """The competitions of your clubs, by name and season."""
    return listing.shown_of(Repository(session, account, Competition), CompetitionRead)


@router.post(
    "",
    status_code=201,
    operation_id="createCompetition",
    summary="Add a competition",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404, 409),
)
def create_competition(
    body: CompetitionCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> CompetitionRead:
    """Add a league or a cup to your club; name and season together are its own there."""
    row = Competition(name=body.name, season=body.season or "", club_id=body.club_id)
    competition = Repository(session, account, Competition).add(row)
    response.headers["Location"] = f"/api/competitions/{competition.id}"
    return CompetitionRead.model_validate(competition)


@router.get(
    "/{competition_id}",
    operation_id="getCompetition",
    summary="Get a competition",
    responses=problem_responses(401, 404),
)
def read_competition(competition_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> CompetitionRead:
    """One competition."""
    return CompetitionRead.model_validate(Repository(session, account, Competition).get(competition_id))


@router.patch(
    "/{competition_id}",
    operation_id="updateCompetition",
    summary="Change a competition",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def update_competition(
    competition_id: uuid.UUID,
    body: CompetitionPatch,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> CompetitionRead:
    """Change the fields that the body names."""
    competitions = Repository(session, account, Competition)
    competition = competitions.get_to_change(competition_id)
    precondition.check(CompetitionRead.model_validate(competition))
    return CompetitionRead.model_validate(competitions.change(competition, body.changes()))


@router.delete(
    "/{competition_id}",
    status_code=204,
    operation_id="deleteCompetition",
    summary="Delete a competition",
    responses=problem_responses(401, 403, 404, 412),
)
def delete_competition(
    competition_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete a competition. Its matches stay, without one."""
    competitions = Repository(session, account, Competition)
    competition = competitions.get_to_change(competition_id)
    precondition.check(CompetitionRead.model_validate(competition))
    competitions.delete(competition)
