import uuid

from fastapi import APIRouter, Response
from sqlalchemy.orm import joinedload

from app.api.dependencies import CurrentAccount, SessionDep
from app.api.problems import problem_responses
from app.models import Job
from app.schemas.job import JobRead
from app.services.db_service import Repository
from app.services.job_manager import FINAL

router = APIRouter(prefix="/api/jobs", tags=["analysis"])


@router.get("/{job_id}", operation_id="getJob", responses=problem_responses(401, 404))
def read_job(job_id: uuid.UUID, account: CurrentAccount, session: SessionDep, response: Response) -> JobRead:
    """How far an analysis is, and what came of it."""
    job = Repository(session, account, Job).get(job_id, joinedload(Job.report))
    if job.status not in FINAL:
        response.headers["Retry-After"] = "1"
    return JobRead.of(job)
