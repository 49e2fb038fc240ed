"""The progress of an analysis, under the three names that the client's versions ask for."""

import uuid
from datetime import date

from fastapi import APIRouter
from sqlalchemy import or_

from app.api.dependencies import CurrentAccount, SessionDep
from app.api.deprecation import Deprecation, deprecated
from app.api.problems import problem_responses
from app.core.errors import NotFound
from app.models import Job
from app.schemas.analysis_status import AnalysisStatus
from app.services.db_service import Page, Repository, Selection

router = APIRouter(prefix="/api", tags=["published client"])

_NEWEST = Page(limit=1, offset=0)
_SUMMARY = "Get the progress of an analysis, by job or by match"
_ANSWERS = problem_responses(401, 404)


@router.get("/analyze_status/{analysis_id}", operation_id="getAnalyzeStatus", summary=_SUMMARY, responses=_ANSWERS)
@router.get("/analysis_status/{analysis_id}", operation_id="getAnalysisStatus", summary=_SUMMARY, responses=_ANSWERS)
@router.get("/analysis/{analysis_id}/status", operation_id="getStatusOfAnalysis", summary=_SUMMARY, responses=_ANSWERS)
@deprecated(Deprecation(since=date(2026, 11, 28), successor="/api/jobs/{job_id}"))
def read_analysis_status(analysis_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> AnalysisStatus:
    """How far an analysis is; `GET /api/jobs/{job_id}` tells more. The id of a match stands for its newest analysis."""
    named = or_(Job.id == analysis_id, Job.match_id == analysis_id)
    jobs, _ = Repository(session, account, Job).find(Selection(_NEWEST, (named,), (Job.created_at.desc(),)))
    if not jobs:
        raise NotFound("There is no such analysis, and no match with one, that you can see.")
    return AnalysisStatus.of(jobs[0])
