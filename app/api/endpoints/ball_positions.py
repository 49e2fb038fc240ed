import uuid
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import load_only

from app.api.cursor import CURSOR_ANSWERS, CursorListing, CursorRules
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.listing import by_column
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import AnalysisReport, BallPosition
from app.schemas.ball_position import BallPositionRead
from app.services.db_service import Repository

router = APIRouter(prefix="/api/analysis_reports", tags=["analysis"], route_class=RetryingRoute)

BALL_POSITIONS = CursorRules(
    by_column(BallPosition.frame, BallPosition.time_s, BallPosition.interpolated), key=BallPosition.frame
)


@router.get(
    "/{report_id}/ball_positions",
    operation_id="listBallPositions",
    summary="List where the ball was",
    responses=CURSOR_ANSWERS | problem_responses(404),
)
def list_ball_positions(
    report_id: uuid.UUID,
    account: CurrentAccount,
    session: SessionDep,
    listing: Annotated[CursorListing, Depends(BALL_POSITIONS)],
) -> list[BallPositionRead]:
    """Where the ball was in each frame that shows it, by frame. Follow the link ``next`` to the end.

    ``interpolated=false`` leaves out frames that do not show it, and lie between two that do.
    """
    report = Repository(session, account, AnalysisReport).get(report_id, load_only(AnalysisReport.id))
    rows = listing.rows_of(session, select(BallPosition).where(BallPosition.report_id == report.id))
    return [BallPositionRead.model_validate(row) for row in rows]
