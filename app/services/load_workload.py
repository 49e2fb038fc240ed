"""What the forecast needs to know: the jobs that wait or run, and what the latest analyses cost."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, literal, select, union_all
from sqlalchemy.orm import Session

from app.models import Job, JobStatus, Video

_RECENT = 20


@dataclass(frozen=True, slots=True)
class ActiveJob:
    """A job that waits or runs, and how large its video is. ``account``: None once it is deleted."""

    id: uuid.UUID
    account: uuid.UUID | None
    status: JobStatus
    queued: tuple[datetime, datetime, uuid.UUID]  # orders the jobs of an account
    progress: float  # 0 to 1
    elapsed_s: float  # of the running attempt, when it last said something
    megapixels: float  # of all frames together


@dataclass(frozen=True, slots=True)
class Workload:
    active: tuple[ActiveJob, ...]
    costs: tuple[float, ...]  # seconds per megapixel of the latest completed analyses


def load_workload(session: Session) -> Workload:
    """In one statement: whoever polls a job pays for it."""
    megapixels = Video.frame_count * Video.width * Video.height / literal(1e6)
    columns: tuple[Any, ...] = (
        *(Job.id, Job.created_by, Job.status, Job.available_at, Job.created_at, Job.updated_at),
        *(Job.progress, Job.started_at, Job.finished_at, megapixels.label("megapixels")),
    )
    jobs = select(*columns).join(Video, Video.id == Job.video_id)
    active = jobs.where(Job.status.in_([JobStatus.PENDING, JobStatus.PROCESSING]))
    recent = jobs.where(Job.status == JobStatus.COMPLETED).order_by(Job.finished_at.desc()).limit(_RECENT).subquery()
    rows: Sequence[Row[Any]] = session.execute(union_all(active, select(recent))).all()
    return Workload(tuple(_active(rows)), tuple(_costs(rows)))


def _active(rows: Sequence[Row[Any]]) -> Iterator[ActiveJob]:
    for row in rows:
        if row.status is not JobStatus.COMPLETED:
            yield ActiveJob(
                id=row.id,
                account=row.created_by,
                status=row.status,
                queued=(row.available_at, row.created_at, row.id),
                progress=row.progress,
                elapsed_s=(row.updated_at - row.started_at).total_seconds() if row.started_at else 0.0,
                megapixels=float(row.megapixels),
            )


def _costs(rows: Sequence[Row[Any]]) -> Iterator[float]:
    for row in rows:
        if row.status is JobStatus.COMPLETED and row.started_at and row.finished_at and row.megapixels:
            yield (row.finished_at - row.started_at).total_seconds() / float(row.megapixels)
