import uuid

from fastapi import APIRouter

from app.api.dependencies import CurrentAccount, SessionDep
from app.api.problems import problem_responses
from app.models import AnalysisReport
from app.schemas.analysis_report import AnalysisReportRead
from app.services.db_service import Repository

router = APIRouter(prefix="/api/analysis_reports", tags=["analysis"])


@router.get(
    "/{report_id}",
    operation_id="getAnalysisReport",
    summary="Get what one analysis found",
    responses=problem_responses(401, 404),
)
def read_analysis_report(report_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> AnalysisReportRead:
    """What one analysis found in sum, how good the evidence is, and where it comes from."""
    return AnalysisReportRead.model_validate(Repository(session, account, AnalysisReport).get(report_id))
