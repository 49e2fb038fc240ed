import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.models import Job, JobStatus
from app.models.job import Phase

_COMPLETED: dict[str, JsonValue] = {
    "job_id": "9e1d5a3c-2f84-4b67-a7c0-6d8e0b4f1293",
    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
    "status": "COMPLETED",
    "progress_percent": 100,
    "progress": 1.0,
    "phase": None,
    "message": "Analysis finished.",
    "frames_done": 250,
    "attempt": 1,
    "result": {
        "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
        "total_frames": 250,
        "players_tracked": 25,
        "report_id": "5b7f6c1e-3d0a-4c55-9c1b-8f2f5d0e7a10",
    },
    "error": None,
    "created_at": "2026-05-09T16:30:41.250000Z",
    "started_at": "2026-05-09T16:30:41.300000Z",
    "finished_at": "2026-05-09T16:31:12.400000Z",
}
_FAILED: dict[str, JsonValue] = {
    "job_id": "e46b0f72-8c3d-4a15-9d27-b5f1a08c6e39",
    "match_id": "38a7d1c5-94fe-4b02-8e6d-7c1f5a2b9043",
    "status": "FAILED",
    "progress_percent": 0,
    "progress": 0.0,
    "phase": None,
    "message": None,
    "frames_done": 0,
    "attempt": 1,
    "result": None,
    "error": {
        "code": "video_undecodable",
        "detail": "The analysis engine cannot decode this video.",
        "hint": "Try another recording, or tell the operator of the server.",
    },
    "created_at": "2026-05-09T17:02:10.100000Z",
    "started_at": "2026-05-09T17:02:10.150000Z",
    "finished_at": "2026-05-09T17:02:11.700000Z",
}


class AnalysisAccepted(BaseModel):
    """Answer to an upload."""

    job_id: uuid.UUID
    status: JobStatus
    match_id: uuid.UUID = Field(description="The match of the request, or the one that was made for this video.")
    estimated_duration_seconds: int = Field(ge=1, description="Seconds that the analysis should take, once it runs.")


class JobResult(BaseModel):
    """Where to find what a job found."""

    match_id: uuid.UUID
    total_frames: int = Field(description="Frames that were analysed.")
    players_tracked: int = Field(description="Tracks with figures; a person who was lost and found again has several.")
    report_id: uuid.UUID = Field(description="Names the analysis report.")


class JobError(BaseModel):
    """Why a job failed, or why its last attempt did. ``code`` is stable; the others are for people."""

    code: str
    detail: str
    hint: str | None = Field(description="What to do about it.")


class JobRead(BaseModel):
    """One analysis of one video, from the queue to its end."""

    model_config = ConfigDict(json_schema_extra={"examples": [_COMPLETED, _FAILED]})

    job_id: uuid.UUID
    match_id: uuid.UUID
    status: JobStatus = Field(description="COMPLETED, FAILED and CANCELLED are final.")
    progress_percent: int = Field(ge=0, le=100, description="`progress` in whole percent, rounded down.")
    progress: float = Field(ge=0, le=1, description="Share of the work that is done, over all phases.")
    phase: Phase | None = Field(description="null unless the job is PROCESSING.")
    message: str | None = Field(description="What is going on, in a sentence for people.")
    frames_done: int = Field(description="Frames analysed so far.")
    attempt: int = Field(description="Attempts so far: 0 in the queue, above 1 after failures that may heal.")
    result: JobResult | None = Field(description="null until the job is COMPLETED.")
    error: JobError | None = Field(description="Of the last attempt: a job may still wait for the next.")
    created_at: datetime
    started_at: datetime | None = Field(description="When the latest attempt began.")
    finished_at: datetime | None = Field(description="When the status became final.")

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
