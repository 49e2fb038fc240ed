import uuid
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.models import Job, JobStatus, Phase
from app.schemas.published_client import NamesAnalysis

_COMPLETED: dict[str, JsonValue] = {
    "job_id": "9e1d5a3c-2f84-4b67-a7c0-6d8e0b4f1293",
    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
    "status": "COMPLETED",
    "progress_percent": 100,
    "progress": 1.0,
    "phase": None,
    "message": "Analysis finished.",
    "phase_percent": 100,
    "frames_done": 250,
    "frames_total": 250,
    "frames_per_second": 11.4,
    "queue_position": None,
    "eta_seconds": None,
    "attempt": 1,
    "preview": True,
    "preview_url": "/api/jobs/9e1d5a3c-2f84-4b67-a7c0-6d8e0b4f1293/preview",
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
_RUNNING: dict[str, JsonValue] = {
    "job_id": "4c7b9e10-5d2f-4a83-b6e1-0f9a8d7c6b52",
    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
    "status": "PROCESSING",
    "progress_percent": 38,
    "progress": 0.3816,
    "phase": "analysing",
    "phase_percent": 42,
    "message": "Analysed 106 of 250 frames.",
    "frames_done": 106,
    "frames_total": 250,
    "frames_per_second": 11.2,
    "queue_position": None,
    "eta_seconds": {"low": 12.0, "high": 19.0},
    "attempt": 1,
    "preview": False,
    "preview_url": None,
    "result": None,
    "error": None,
    "created_at": "2026-05-09T16:30:41.250000Z",
    "started_at": "2026-05-09T16:30:41.300000Z",
    "finished_at": None,
}
_FAILED: dict[str, JsonValue] = {
    "job_id": "e46b0f72-8c3d-4a15-9d27-b5f1a08c6e39",
    "match_id": "38a7d1c5-94fe-4b02-8e6d-7c1f5a2b9043",
    "status": "FAILED",
    "progress_percent": 0,
    "progress": 0.0,
    "phase": None,
    "message": "Analysis failed.",
    "phase_percent": 0,
    "frames_done": 0,
    "frames_total": None,
    "frames_per_second": None,
    "queue_position": None,
    "eta_seconds": None,
    "attempt": 1,
    "preview": False,
    "preview_url": None,
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


class AnalysisAccepted(NamesAnalysis):
    """Answer to an upload."""

    job_id: uuid.UUID
    status: JobStatus
    match_id: uuid.UUID = Field(description="The match of the request, or the one that was made for this video.")
    estimated_duration_seconds: int = Field(ge=1, description="Seconds that the analysis should take, once it runs.")


class JobResult(BaseModel):
    """Where to find what a job found."""

    match_id: uuid.UUID
    total_frames: int = Field(description="Frames of the video.")
    players_tracked: int = Field(description="People with figures; tracks that links join count as one.")
    report_id: uuid.UUID = Field(description="Names the analysis report.")


class JobError(BaseModel):
    """Why a job failed, or why its last attempt did. ``code`` is stable; the others are for people."""

    code: str
    detail: str
    hint: str | None = Field(description="What to do about it.")


class EtaSeconds(BaseModel):
    """How long it will still take, queue included: probably not less than ``low``, probably not more than ``high``."""

    low: float = Field(ge=0)
    high: float = Field(ge=0)


class ReportCounts(NamedTuple):
    """What a job tells of its report."""

    id: uuid.UUID
    total_frames: int | None
    players_tracked: int | None


class JobRow(BaseModel):
    """What a :class:`JobRead` is made of, as columns: like a job whose report is loaded."""

    id: uuid.UUID
    match_id: uuid.UUID
    status: JobStatus
    progress: float
    phase: Phase | None
    phase_progress: float
    message: str | None
    frames_done: int
    frames_total: int | None
    frames_per_second: float | None
    attempt: int
    preview: bool
    preview_bytes: int | None
    error_code: str | None
    error_detail: str | None
    error_hint: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    report_id: uuid.UUID | None
    total_frames: int | None
    players_tracked: int | None

    @property
    def report(self) -> ReportCounts | None:
        return ReportCounts(self.report_id, self.total_frames, self.players_tracked) if self.report_id else None


class JobRead(BaseModel):
    """One analysis of one video, from the queue to its end."""

    model_config = ConfigDict(json_schema_extra={"examples": [_COMPLETED, _RUNNING, _FAILED]})

    job_id: uuid.UUID
    match_id: uuid.UUID
    status: JobStatus = Field(
        description="COMPLETED is final; FAILED and CANCELLED are, unless somebody has the job tried again."
    )
    progress_percent: int = Field(ge=0, le=100, description="`progress` in whole percent, rounded down.")
    progress: float = Field(ge=0, le=1, description="Share of the work that is done, over all phases.")
    phase: Phase | None = Field(description="null unless the job is PROCESSING.")
    phase_percent: int = Field(ge=0, le=100, description="Share of the phase that is done, in whole percent.")
    message: str | None = Field(description="What is going on, in a sentence for people.")
    frames_done: int = Field(description="Frames of the video that are done, those skipped by a frame stride too.")
    frames_total: int | None = Field(description="Frames of the video, as far as anybody knows.")
    frames_per_second: float | None = Field(description="Pace of the latest seconds.")
    queue_position: int | None = Field(ge=1, description="1 is next; accounts take turns. null unless PENDING.")
    eta_seconds: EtaSeconds | None = Field(
        description="Learned from what this installation did before, and from the pace of this analysis. null when "
        "the job is over."
    )
    attempt: int = Field(description="Attempts so far: 0 in the queue, above 1 after failures that may heal.")
    preview: bool = Field(description="Whether a preview was asked for: the video with what was found drawn into it.")
    preview_url: str | None = Field(
        description="Where the preview is. null until the job is COMPLETED; afterwards, none was asked for, or the "
        "engine draws none."
    )
    result: JobResult | None = Field(description="null until the job is COMPLETED, and when its report is deleted.")
    error: JobError | None = Field(description="Of the last attempt: a job may still wait for the next.")
    created_at: datetime
    started_at: datetime | None = Field(description="When the latest attempt began.")
    finished_at: datetime | None = Field(description="When the status became final.")

    @classmethod
    def of(cls, job: Job | JobRow, *, queue_position: int | None, eta_seconds: EtaSeconds | None) -> "JobRead":
        """A job whose report is loaded, and what can be said of its future."""
        return cls(
            job_id=job.id,
            match_id=job.match_id,
            status=job.status,
            progress_percent=int(job.progress * 100),
            progress=round(job.progress, 4),
            phase=job.phase,
            phase_percent=int(job.phase_progress * 100),
            message=job.message,
            frames_done=job.frames_done,
            frames_total=job.frames_total,
            frames_per_second=None if job.frames_per_second is None else round(job.frames_per_second, 1),
            queue_position=queue_position,
            eta_seconds=eta_seconds,
            attempt=job.attempt,
            preview=job.preview,
            preview_url=None if job.preview_bytes is None else f"/api/jobs/{job.id}/preview",
            result=_result(job),
            error=_error(job),
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
        )


def _result(job: Job | JobRow) -> JobResult | None:
    if job.report is None:
        return None
    assert job.report.total_frames is not None  # only reports that people write have none
    assert job.report.players_tracked is not None
    return JobResult(
        match_id=job.match_id,
        total_frames=job.report.total_frames,
        players_tracked=job.report.players_tracked,
        report_id=job.report.id,
    )


def _error(job: Job | JobRow) -> JobError | None:
    if job.error_code is None:
        return None
    return JobError(code=job.error_code, detail=job.error_detail or "", hint=job.error_hint)
