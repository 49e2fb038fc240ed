"""Remove what attempts left on disk that ended without being able to: killed, frozen, or cut off from the database."""

import shutil
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import structlog
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.core.database import Database, database_now
from app.models import Job, JobStatus
from app.services.job_manager import FINAL

log = structlog.get_logger(__name__)

_SETTLED_AFTER = timedelta(minutes=5)
"""An attempt whose job was cancelled, or taken from it, may need a moment to notice, and then clears up by itself."""
_JOBS_AT_ONCE = 500


def sweep_artifacts(database: Database, root: Path) -> None:
    """Of jobs that are over, keep what the attempt left that completed them. What belongs to no job is not touched."""
    removed = 0
    found = iter(_job_ids_in(root))
    while job_ids := list(islice(found, _JOBS_AT_ONCE)):
        with database.reading() as session:
            over = _long_over(session, job_ids)
        for job_id, status, fence in over:
            keep = str(fence) if status is JobStatus.COMPLETED else None
            removed += _remove_but(root / str(job_id), keep)
    if removed:
        log.info("artifacts swept", attempts=removed)


def _job_ids_in(root: Path) -> Iterator[uuid.UUID]:
    for path in root.iterdir() if root.is_dir() else ():
        try:
            yield uuid.UUID(path.name)
        except ValueError:
            continue  # not ours


def _long_over(session: Session, job_ids: list[uuid.UUID]) -> list[Row[uuid.UUID, JobStatus, int]]:
    before = database_now(session) - _SETTLED_AFTER
    over = (Job.id.in_(job_ids), Job.status.in_(FINAL), Job.finished_at < before)
    return list(session.execute(select(Job.id, Job.status, Job.fence).where(*over)).all())


def _remove_but(of_job: Path, keep: str | None) -> int:
    """Remove the directories of all attempts but one; how many."""
    attempts = [path for path in of_job.iterdir() if path.name != keep]
    for attempt in attempts:
        shutil.rmtree(attempt, ignore_errors=True)
    if keep is None:
        shutil.rmtree(of_job, ignore_errors=True)
    return len(attempts)
