import uuid

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import joinedload

from app.api.dependencies import CurrentAccount, PageDep, SessionDep
from app.api.documentation import LINK, TOTAL_COUNT, answer_headers
from app.api.pagination import describe_page
from app.api.problems import problem_responses
from app.models import Match
from app.schemas.match import MatchRead
from app.services.db_service import Repository

router = APIRouter(prefix="/api/matches", tags=["matches"])

_WITH_TEAMS = (joinedload(Match.home_team), joinedload(Match.away_team))


@router.get("", operation_id="listMatches", responses=answer_headers(TOTAL_COUNT, LINK) | problem_responses(401))
def list_matches(
    request: Request, response: Response, account: CurrentAccount, session: SessionDep, page: PageDep
) -> list[MatchRead]:
    """The matches of your clubs, latest first."""
    matches = Repository(session, account, Match)
    rows, total = matches.find(page=page, order_by=[Match.match_date.desc()], options=_WITH_TEAMS)
    describe_page(request, response, page, total)
    return [MatchRead.of(row) for row in rows]


@router.get("/{match_id}", operation_id="getMatch", summary="Get a match", responses=problem_responses(401, 404))
def read_match(match_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> MatchRead:
    """One match, with the names of its teams."""
    return MatchRead.of(Repository(session, account, Match).get(match_id, *_WITH_TEAMS))
