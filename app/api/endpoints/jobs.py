import uuid

from fastapi import APIRouter, Response
from sqlalchemy.orm import joinedload

from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import RETRY_AFTER, answer_headers
from app.api.problems import problem_responses
from app.models import Job
from app.schemas.job import JobRead
from app.services.db_service import Repository
from app.services.job_manager import FINAL

router = APIRouter(prefix="/api/jobs", tags=["analysis"])


@router.get(
    "/{job_id}",
    operation_id="getJob",
    summary="Get the progress and the outcome of an analysis",
    responses=answer_headers(RETRY_AFTER) | problem_responses(401, 404),
)
def read_job(job_id: uuid.UUID, account: CurrentAccount, session: SessionDep, response: Response) -> JobRead:
    """How far an analysis is, and what came of it. Poll it at the pace of ``Retry-After`` until that is absent."""
    job = Repository(session, account, Job).get(job_id, joinedload(Job.report))
    if job.status not in FINAL:
        response.headers["Retry-After"] = "1"
    return JobRead.of(job)
