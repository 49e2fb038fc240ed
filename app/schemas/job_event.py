import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.models import JobEvent, JobStatus, Phase


class JobEventRead(BaseModel):
    """What an analysis was at a moment; the ``data`` of one server-sent event."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "job_id": "4c7b9e10-5d2f-4a83-b6e1-0f9a8d7c6b52",
                    "happened_at": "2026-05-09T16:30:52.300000Z",
                    "status": "PROCESSING",
                    "phase": "analysing",
                    "progress_percent": 38,
                    "progress": 0.3816,
                    "phase_percent": 42,
                    "frames_done": 106,
                    "attempt": 1,
                    "message": "Analysed 106 of 250 frames.",
                    "error_code": None,
                }
            ]
        }
    )

    job_id: uuid.UUID
    happened_at: datetime
    status: JobStatus
    phase: Phase | None
    progress_percent: int = Field(ge=0, le=100)
    progress: float = Field(ge=0, le=1)
    phase_percent: int = Field(ge=0, le=100)
    frames_done: int
    attempt: int
    message: str | None
    error_code: str | None

    @classmethod
    def of(cls, event: JobEvent) -> "JobEventRead":
        return cls(
            job_id=event.job_id,
            happened_at=event.happened_at,
            status=event.status,
            phase=event.phase,
            progress_percent=int(event.progress * 100),
            progress=round(event.progress, 4),
            phase_percent=int(event.phase_progress * 100),
            frames_done=event.frames_done,
            attempt=event.attempt,
            message=event.message,
            error_code=event.error_code,
        )
