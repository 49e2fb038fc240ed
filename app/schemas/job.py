import uuid
from datetime import datetime

from pydantic import BaseModel, Field

from app.models import Job, JobStatus
from app.models.job import Phase


class AnalysisAccepted(BaseModel):
    """Answer to an upload."""

    job_id: uuid.UUID
    status: JobStatus
    match_id: uuid.UUID
    estimated_duration_seconds: int = Field(ge=1)


class JobResult(BaseModel):
    match_id: uuid.UUID
    total_frames: int
    players_tracked: int
    report_id: uuid.UUID


class JobError(BaseModel):
    """Why a job failed, or why its last attempt did. ``code`` is stable; the others are for people."""

    code: str
    detail: str
    hint: str | None


class JobRead(BaseModel):
    job_id: uuid.UUID
    match_id: uuid.UUID
    status: JobStatus
    progress_percent: int = Field(ge=0, le=100)
    progress: float = Field(ge=0, le=1)
    phase: Phase | None
    message: str | None
    frames_done: int
    attempt: int
    result: JobResult | None
    error: JobError | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> "JobRead":
        """A job whose report is loaded."""
        return cls(
            job_id=job.id,
            match_id=job.match_id,
            status=job.status,
            progress_percent=int(job.progress * 100),
            progress=round(job.progress, 4),
            phase=job.phase,
            message=job.message,
            frames_done=job.frames_done,
            attempt=job.attempt,
            result=_result(job),
            error=_error(job),
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
        )


def _result(job: Job) -> JobResult | None:
    if job.report is None:
        return None
    return JobResult(
        match_id=job.match_id,
        total_frames=job.report.total_frames,
        players_tracked=job.report.players_tracked,
        report_id=job.report.id,
    )


def _error(job: Job) -> JobError | None:
    if job.error_code is None:
        return None
    return JobError(code=job.error_code, detail=job.error_detail or "", hint=job.error_hint)
