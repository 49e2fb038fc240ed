import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Filter, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Competition, Match, MatchStatus, Team
from app.schemas.match import MatchCreate, MatchPatch, MatchRead
from app.services.db_service import Repository
from app.services.shown_matches import SHOWN_MATCHES
from app.services.write_match import add_match, change_match, delete_match

router = APIRouter(prefix="/api/matches", tags=["matches"], route_class=RetryingRoute)

_HOME, _AWAY = aliased(Team), aliased(Team)
MATCHES = ListRules(
    [
        *by_column(Match.club_id, Match.match_date, Match.status, Match.competition_id),
        Filter("event_id", (Match.competition_id,)),  # what the published client calls a competition
        Filter("team_id", (Match.home_team_id, Match.away_team_id)),
        *by_column(Match.home_team_id, Match.away_team_id, Match.venue, Match.created_at, Match.updated_at),
    ],
    search=[
        Match.venue,
        select(_HOME.name).where(_HOME.id == Match.home_team_id).correlate(Match).scalar_subquery(),
        select(_AWAY.name).where(_AWAY.id == Match.away_team_id).correlate(Match).scalar_subquery(),
    ],
    sort=sortable(Match.match_date, Match.status, Match.venue, Match.created_at, Match.updated_at),
    default_sort="-match_date",
)

_WITH_NAMES = (
    joinedload(Match.home_team).load_only(Team.name),
    joinedload(Match.away_team).load_only(Team.name),
    joinedload(Match.competition).load_only(Competition.name),
)


@router.get(
    "",
    operation_id="listMatches",
    summary="List matches",
    responses=LIST_ANSWERS,
)
def list_matches(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(MATCHES)]
) -> list[MatchRead]:
    """The matches of your clubs, latest first; ``q`` searches the venue and the names of both teams."""
    return listing.shown_page_of(session, account, SHOWN_MATCHES)


@router.post(
    "",
    status_code=201,
    operation_id="createMatch",
    summary="Add a match",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404),
)
def create_match(body: MatchCreate, account: CurrentAccount, session: SessionDep, response: Response) -> MatchRead:
    """Add a match to the club of its teams. A video can be uploaded to it, and a line-up written for it."""
    values = body.model_dump(exclude_none=True)
    match = add_match(session, account, Match(**{"status": MatchStatus.UPCOMING, **values}))
    response.headers["Location"] = f"/api/matches/{match.id}"
    return MatchRead.of(match)


@router.get("/{match_id}", operation_id="getMatch", summary="Get a match", responses=problem_responses(401, 404))
def read_match(match_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> MatchRead:
    """One match, with the names of its teams and its competition."""
    return MatchRead.of(Repository(session, account, Match).get(match_id, *_WITH_NAMES))


@router.patch(
    "/{match_id}",
    operation_id="updateMatch",
    summary="Change a match",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def update_match(
    match_id: uuid.UUID, body: MatchPatch, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> MatchRead:
    """Change the fields that the body names. Figures in metres stay as they were measured.

    They cannot be scaled to a pitch of another size: their reports say then that they do not fit (`report_data.pitch`),
    and the video has to be analysed again. An analysis that has not begun yet takes the new size.

    A team of which the match has line-up places, events or statistics cannot be replaced; home and away can be swapped.
    """
    match = Repository(session, account, Match).get_to_change(match_id, *_WITH_NAMES)
    precondition.check(MatchRead.of(match))
    return MatchRead.of(change_match(session, account, match, body.changes()))


@router.delete(
    "/{match_id}",
    status_code=204,
    operation_id="deleteMatch",
    summary="Delete a match",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def remove_match(
    match_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep, precondition: PreconditionDep
) -> None:
    """Delete a match with its videos, analyses, statistics, events and line-up. Not while an analysis of it runs."""
    match = Repository(session, account, Match).get_to_change(match_id, *_WITH_NAMES)
    precondition.check(MatchRead.of(match))
    delete_match(session, account, match, videos=parts.videos, artifacts=parts.artifacts)
