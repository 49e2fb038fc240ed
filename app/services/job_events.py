"""What a job was at each moment: written with every change, read by whoever follows the job."""

import uuid
from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.core.database import utc_clock
from app.models import Job, JobEvent

_OF_THE_JOB = (
    "status",
    "phase",
    "progress",
    "phase_progress",
    "frames_done",
    "attempt",
    "message",
    "error_code",
)


def record_job_event(session: Session, job_id: uuid.UUID) -> None:
    """Write down what the job is now, in the transaction that made it so."""
    now = select(Job.id, utc_clock(), *(getattr(Job, name) for name in _OF_THE_JOB)).where(Job.id == job_id)
    session.execute(insert(JobEvent).from_select(["job_id", "happened_at", *_OF_THE_JOB], now))


def events_after(session: Session, job_id: uuid.UUID, event_id: int) -> Sequence[JobEvent]:
    """The events of a job that came after one of them, oldest first; 0 stands for the beginning."""
    later = select(JobEvent).where(JobEvent.job_id == job_id, JobEvent.id > event_id)
    return session.scalars(later.order_by(JobEvent.id)).all()


def latest_event(session: Session, job_id: uuid.UUID) -> JobEvent | None:
    """The present state as an event."""
    events = select(JobEvent).where(JobEvent.job_id == job_id)
    return session.scalars(events.order_by(JobEvent.id.desc()).limit(1)).one_or_none()
