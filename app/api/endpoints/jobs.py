import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy.orm import joinedload

from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.documentation import LOCATION, RETRY_AFTER, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import AnalysisReport, Job
from app.schemas.job import JobRead
from app.services.control_job import cancel_job, try_job_again
from app.services.db_service import Repository
from app.services.job_manager import FINAL

router = APIRouter(prefix="/api/jobs", tags=["analysis"], route_class=RetryingRoute)

JOBS = ListRules(
    by_column(
        Job.club_id,
        Job.match_id,
        Job.video_id,
        Job.created_by,
        Job.status,
        Job.created_at,
        Job.started_at,
        Job.finished_at,
    ),
    sort=sortable(Job.status, Job.created_at, Job.started_at, Job.finished_at),
    default_sort="-created_at",
)

# Without its figures: an answer about a job only counts them.
_WITH_REPORT = joinedload(Job.report).load_only(
    AnalysisReport.id, AnalysisReport.total_frames, AnalysisReport.players_tracked, raiseload=True
)
_POLL_AFTER_S = "1"


@router.get("", operation_id="listJobs", summary="List analyses", responses=LIST_ANSWERS)
def list_jobs(
    account: CurrentAccount, session: SessionDep, parts: PartsDep, listing: Annotated[Listing, Depends(JOBS)]
) -> list[JobRead]:
    """The analyses of your clubs' videos, waiting, running or over, latest first."""
    rows = listing.rows_of(Repository(session, account, Job), _WITH_REPORT)
    forecast = parts.forecaster.of(session, rows)
    return [forecast.describe(row) for row in rows]


@router.get(
    "/{job_id}",
    operation_id="getJob",
    summary="Get the progress and the outcome of an analysis",
    responses=answer_headers(RETRY_AFTER) | problem_responses(401, 404),
)
def read_job(
    job_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep, response: Response
) -> JobRead:
    """How far an analysis is, and what came of it.

    Poll it at the pace of `Retry-After` until that is absent, with `If-None-Match`; or follow `/events`.
    """
    job = Repository(session, account, Job).get(job_id, _WITH_REPORT)
    if job.status not in FINAL:
        response.headers["Retry-After"] = _POLL_AFTER_S
    return parts.forecaster.describe(session, job)


@router.post(
    "/{job_id}/cancel",
    operation_id="cancelJob",
    summary="Cancel an analysis",
    responses=problem_responses(401, 403, 404, 409),
)
def cancel(job_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep) -> JobRead:
    """End an analysis that waits or runs. Nothing that it found is kept; the video stays.

    Cancelling it twice is no mistake; an analysis that is over is a 409.
    """
    jobs = Repository(session, account, Job)
    cancel_job(session, account, jobs.get_to_change(job_id))
    return parts.forecaster.describe(session, jobs.get(job_id, _WITH_REPORT))


@router.post(
    "/{job_id}/retry",
    status_code=202,
    operation_id="retryJob",
    summary="Have an analysis tried again",
    responses=answer_headers(LOCATION, RETRY_AFTER, status=202) | problem_responses(401, 403, 404, 409, 410),
)
def retry(
    job_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep, response: Response
) -> JobRead:
    """Queue an analysis again that failed or was cancelled, on the same video; 410 when its footage was deleted."""
    jobs = Repository(session, account, Job)
    try_job_again(session, account, jobs.get_to_change(job_id), wake=parts.workers.wake)
    response.headers["Location"] = f"/api/jobs/{job_id}"
    response.headers["Retry-After"] = _POLL_AFTER_S
    return parts.forecaster.describe(session, jobs.get(job_id, _WITH_REPORT))
