import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.api.dependencies import CurrentAccount, PageDep, SessionDep
from app.api.documentation import LINK, TOTAL_COUNT, answer_headers
from app.api.pagination import describe_page
from app.api.problems import problem_responses
from app.models import PlayerMatchStatistics
from app.schemas.player_match_statistics import PlayerMatchStatisticsRead
from app.services.db_service import Repository

router = APIRouter(prefix="/api/player_match_statistics", tags=["statistics"])


@router.get(
    "",
    operation_id="listPlayerMatchStatistics",
    summary="List the figures of players and tracks",
    responses=answer_headers(TOTAL_COUNT, LINK) | problem_responses(401),
)
def list_player_match_statistics(
    request: Request,
    response: Response,
    account: CurrentAccount,
    session: SessionDep,
    page: PageDep,
    match_id: Annotated[uuid.UUID | None, Query(description="Only figures of this match.")] = None,
    player_id: Annotated[uuid.UUID | None, Query(description="Only figures of this player.")] = None,
) -> list[PlayerMatchStatisticsRead]:
    """Figures per player or track, of one match, of one player, or of all that you see."""
    statistics = PlayerMatchStatistics
    where = [
        column == wanted
        for column, wanted in ((statistics.match_id, match_id), (statistics.player_id, player_id))
        if wanted is not None
    ]
    order = [column.asc() for column in (statistics.match_id, statistics.report_id, statistics.track_number)]
    rows, total = Repository(session, account, statistics).find(*where, page=page, order_by=order)
    describe_page(request, response, page, total)
    return [PlayerMatchStatisticsRead.model_validate(row) for row in rows]
