import uuid

from pydantic import BaseModel, Field

from app.models import Job, JobStatus


class AnalysisStatus(BaseModel):
    """How far an analysis is, in the words of the published client."""

    status: JobStatus
    progress: float = Field(ge=0, le=1, description="Share of the work that is done.")
    progress_percent: int = Field(ge=0, le=100, description="`progress` in whole percent, rounded down.")
    message: str | None = Field(description="What is going on, or why it failed, in a sentence for people.")
    error: str | None = Field(description="Why it failed; null unless the status is FAILED.")
    analysis_id: uuid.UUID = Field(description="The same as `job_id`.")
    job_id: uuid.UUID
    match_id: uuid.UUID
    live_stats: None = Field(
        default=None, description="Always null: no figure of a player is known before an analysis is over."
    )

    @classmethod
    def of(cls, job: Job) -> "AnalysisStatus":
        error = _failure(job) if job.status is JobStatus.FAILED else None
        return cls(
            status=job.status,
            progress=round(job.progress, 4),
            progress_percent=int(job.progress * 100),
            message=error or job.message,
            error=error,
            analysis_id=job.id,
            job_id=job.id,
            match_id=job.match_id,
        )


def _failure(job: Job) -> str:
    sentences = [sentence for sentence in (job.error_detail, job.error_hint) if sentence]
    return " ".join(sentences) or "The analysis failed."
