import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import selectinload

from app.api.dependencies import CurrentAccount, PageDep, SessionDep
from app.api.documentation import LINK, LOCATION, TOTAL_COUNT, answer_headers
from app.api.pagination import describe_page
from app.api.problems import problem_responses
from app.models import MatchLineup
from app.schemas.match_lineup import MatchLineupCreate, MatchLineupRead
from app.services.db_service import Repository
from app.services.write_lineup import LineupPlace, write_lineup

router = APIRouter(prefix="/api/match_lineups", tags=["line-ups"])


@router.get(
    "",
    operation_id="listMatchLineups",
    summary="List line-up sheets",
    responses=answer_headers(TOTAL_COUNT, LINK) | problem_responses(401),
)
def list_match_lineups(
    request: Request,
    response: Response,
    account: CurrentAccount,
    session: SessionDep,
    page: PageDep,
    match_id: Annotated[uuid.UUID | None, Query(description="Only the sheet of this match.")] = None,
) -> list[MatchLineupRead]:
    """The sheets of your clubs' matches, latest first; with ``match_id``, the one of that match."""
    where = [] if match_id is None else [MatchLineup.match_id == match_id]
    lineups, order = Repository(session, account, MatchLineup), [MatchLineup.created_at.desc()]
    rows, total = lineups.find(*where, page=page, order_by=order, options=[selectinload(MatchLineup.entries)])
    describe_page(request, response, page, total)
    return [MatchLineupRead.model_validate(row) for row in rows]


@router.get(
    "/{lineup_id}",
    operation_id="getMatchLineup",
    summary="Get a line-up sheet",
    responses=problem_responses(401, 404),
)
def read_match_lineup(lineup_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> MatchLineupRead:
    """One sheet: who starts and who sits on the bench, for both teams."""
    lineup = Repository(session, account, MatchLineup).get(lineup_id, selectinload(MatchLineup.entries))
    return MatchLineupRead.model_validate(lineup)


@router.post(
    "",
    status_code=201,
    operation_id="createMatchLineup",
    summary="Write the line-up sheet of a match",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 404, 409),
)
def create_match_lineup(
    body: MatchLineupCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> MatchLineupRead:
    """Write the sheet of a match, which has one for both teams."""
    places = [LineupPlace(**entry.model_dump()) for entry in body.entries]
    lineup = write_lineup(session, account, body.match_id, places)
    response.headers["Location"] = f"/api/match_lineups/{lineup.id}"
    return MatchLineupRead.model_validate(lineup)
