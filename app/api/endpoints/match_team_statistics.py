import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import MatchTeamStatistics
from app.schemas.match_team_statistics import (
    MatchTeamStatisticsCreate,
    MatchTeamStatisticsPatch,
    MatchTeamStatisticsRead,
)
from app.services.db_service import Repository
from app.services.enter_team_statistics import change_team_statistics, enter_team_statistics

router = APIRouter(prefix="/api/match_team_statistics", tags=["statistics"], route_class=RetryingRoute)

_OF = MatchTeamStatistics
TEAM_STATISTICS = ListRules(
    by_column(
        _OF.club_id,
        _OF.match_id,
        _OF.team_id,
        _OF.possession_percentage,
        _OF.expected_goals,
        _OF.total_shots,
        _OF.created_at,
        _OF.updated_at,
    ),
    sort=sortable(
        _OF.match_id, _OF.possession_percentage, _OF.expected_goals, _OF.total_shots, _OF.created_at, _OF.updated_at
    ),
    default_sort="match_id,created_at",
)


@router.get(
    "",
    operation_id="listMatchTeamStatistics",
    summary="List the figures of teams",
    responses=LIST_ANSWERS,
)
def list_match_team_statistics(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(TEAM_STATISTICS)]
) -> list[MatchTeamStatisticsRead]:
    """Figures per team and match, of one match, of one team, or of all that you see."""
    return listing.shown_of(Repository(session, account, MatchTeamStatistics), MatchTeamStatisticsRead)


@router.post(
    "",
    status_code=201,
    operation_id="createMatchTeamStatistics",
    summary="Enter the figures of a team",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404, 409),
)
def create_match_team_statistics(
    body: MatchTeamStatisticsCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> MatchTeamStatisticsRead:
    """Enter the figures of a team that plays in a match. There is one row for both."""
    figures = body.model_dump(exclude={"match_id", "team_id"})
    row = enter_team_statistics(session, account, body.match_id, body.team_id, figures=figures)
    response.headers["Location"] = f"/api/match_team_statistics/{row.id}"
    return MatchTeamStatisticsRead.model_validate(row)


@router.get(
    "/{statistics_id}",
    operation_id="getMatchTeamStatistics",
    summary="Get the figures of a team",
    responses=problem_responses(401, 404),
)
def read_match_team_statistics(
    statistics_id: uuid.UUID, account: CurrentAccount, session: SessionDep
) -> MatchTeamStatisticsRead:
    """The figures of one team in one match."""
    return MatchTeamStatisticsRead.model_validate(Repository(session, account, MatchTeamStatistics).get(statistics_id))


@router.patch(
    "/{statistics_id}",
    operation_id="updateMatchTeamStatistics",
    summary="Change the figures of a team",
    responses=problem_responses(401, 403, 404, 412),
)
def update_match_team_statistics(
    statistics_id: uuid.UUID,
    body: MatchTeamStatisticsPatch,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> MatchTeamStatisticsRead:
    """Change the figures that the body names; null takes a figure away."""
    row = Repository(session, account, MatchTeamStatistics).get_to_change(statistics_id)
    precondition.check(MatchTeamStatisticsRead.model_validate(row))
    return MatchTeamStatisticsRead.model_validate(change_team_statistics(session, account, row, body.changes()))


@router.delete(
    "/{statistics_id}",
    status_code=204,
    operation_id="deleteMatchTeamStatistics",
    summary="Delete the figures of a team",
    responses=problem_responses(401, 403, 404, 412),
)
def delete_match_team_statistics(
    statistics_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete the figures of one team in one match."""
    rows = Repository(session, account, MatchTeamStatistics)
    row = rows.get_to_change(statistics_id)
    precondition.check(MatchTeamStatisticsRead.model_validate(row))
    rows.delete(row)
