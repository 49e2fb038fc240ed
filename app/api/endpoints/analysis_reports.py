import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import AnalysisReport, Match
from app.models.analysis_report import WrittenReportType
from app.schemas.analysis_report import AnalysisReportCreate, AnalysisReportPatch, AnalysisReportRead
from app.services.db_service import Repository

router = APIRouter(prefix="/api/analysis_reports", tags=["analysis"], route_class=RetryingRoute)

_OF = AnalysisReport
REPORTS = ListRules(
    by_column(
        _OF.club_id,
        _OF.match_id,
        _OF.video_id,
        _OF.job_id,
        _OF.report_type,
        _OF.engine_name,
        _OF.engine_version,
        _OF.created_at,
        _OF.updated_at,
    ),
    sort=sortable(_OF.report_type, _OF.engine_name, _OF.players_tracked, _OF.created_at, _OF.updated_at),
    default_sort="-created_at",
)


@router.get(
    "",
    operation_id="listAnalysisReports",
    summary="List reports",
    responses=LIST_ANSWERS,
)
def list_analysis_reports(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(REPORTS)]
) -> list[AnalysisReportRead]:
    """The reports of your clubs' matches, latest first, each with all of its figures."""
    return listing.shown_of(Repository(session, account, AnalysisReport), AnalysisReportRead)


@router.post(
    "",
    status_code=201,
    operation_id="createAnalysisReport",
    summary="Write a report about a match",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404),
)
def create_analysis_report(
    body: AnalysisReportCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> AnalysisReportRead:
    """Write what a coach or a scout has to say about a match. Reports with figures come from analyses only."""
    match = Repository(session, account, Match).get(body.match_id)
    written = AnalysisReport(
        club_id=match.club_id,
        match_id=match.id,
        report_type=body.report_type or WrittenReportType.COACH,
        notes=body.notes,
    )
    report = Repository(session, account, AnalysisReport).add(written)
    response.headers["Location"] = f"/api/analysis_reports/{report.id}"
    return AnalysisReportRead.model_validate(report)


@router.get(
    "/{report_id}",
    operation_id="getAnalysisReport",
    summary="Get a report",
    responses=problem_responses(401, 404),
)
def read_analysis_report(report_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> AnalysisReportRead:
    """What one analysis found in sum, how good the evidence is, and where it comes from; or what a person wrote."""
    return AnalysisReportRead.model_validate(Repository(session, account, AnalysisReport).get(report_id))


@router.patch(
    "/{report_id}",
    operation_id="updateAnalysisReport",
    summary="Change the notes of a report",
    responses=problem_responses(401, 403, 404, 412),
)
def update_analysis_report(
    report_id: uuid.UUID,
    body: AnalysisReportPatch,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> AnalysisReportRead:
    """Write what a person has to say. What an analysis found cannot be changed."""
    reports = Repository(session, account, AnalysisReport)
    report = reports.get_to_change(report_id)
    precondition.check(AnalysisReportRead.model_validate(report))
    return AnalysisReportRead.model_validate(reports.change(report, body.changes()))


@router.delete(
    "/{report_id}",
    status_code=204,
    operation_id="deleteAnalysisReport",
    summary="Delete a report",
    responses=problem_responses(401, 403, 404, 412),
)
def delete_analysis_report(
    report_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete a report with the figures, tracks and ball positions that an analysis measured. Entered figures stay."""
    reports = Repository(session, account, AnalysisReport)
    report = reports.get_to_change(report_id)
    precondition.check(AnalysisReportRead.model_validate(report))
    reports.delete(report)
