import uuid

from fastapi import APIRouter, Request

from app.api.cached_reads import passing
from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.schemas.match_details import MatchDetails
from app.services.job_manager import UNDER_WAY
from app.services.match_details import describe_match

router = APIRouter(prefix="/api/matches", tags=["matches"], route_class=RetryingRoute)


@router.get(
    "/{match_id}/details",
    operation_id="getMatchDetails",
    summary="Get all that a match screen shows",
    responses=problem_responses(401, 404),
)
def read_match_details(
    match_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep, request: Request
) -> MatchDetails:
    """The match with line-ups, events, figures of players and teams, videos, reports, segments and its latest job."""
    details = describe_match(session, account, match_id, parts.forecaster)
    if details.latest_job is not None and details.latest_job.status in UNDER_WAY:
        passing(request)  # its forecast changes by itself
    return details
