"""What the rows and the files say, read past the API."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.core.config import Settings
from app.core.database import Database
from app.models import AnalysisReport, BallPosition, Job, JobEvent, JobStatus, PlayerMatchStatistics, Track, Video
from app.models.base import Base
from app.services.job_manager import FINAL
from tests.files import files_below
from tests.waiting import wait_until

_IDENTITY = frozenset({"id", "club_id", "match_id", "report_id", "video_id", "job_id", "created_at", "updated_at"})


@dataclass(frozen=True, slots=True)
class Findings:
    """All that an analysis wrote, but for what names it: equal for two analyses that found the same."""

    report: str
    rows: tuple[str, ...]
    ball: str


class Evidence:
    """Of one installation."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._artifacts = settings.data_dir / "artifacts"
        self._uploads = settings.upload_dir

    def jobs(self, job_ids: Iterable[str]) -> dict[str, Job]:
        with self._database.reading() as session:
            found = session.scalars(select(Job).where(Job.id.in_([uuid.UUID(job_id) for job_id in job_ids])))
            return {str(job.id): job for job in found}

    def waiting(self) -> Sequence[Job]:
        """All jobs that are PENDING."""
        with self._database.reading() as session:
            return session.scalars(select(Job).where(Job.status == JobStatus.PENDING)).all()

    def events(self, job_id: str) -> Sequence[JobEvent]:
        """Oldest first."""
        with self._database.reading() as session:
            events = select(JobEvent).where(JobEvent.job_id == uuid.UUID(job_id)).order_by(JobEvent.id)
            return session.scalars(events).all()

    def wait_for_the_end(self, job_ids: Sequence[str], *, patience_s: float) -> datetime:
        """When the last of them was over.

        Raises:
            TimeoutError: one is not; the message says what they are.
        """
        try:
            jobs = wait_until(lambda: self._all_over(job_ids), patience_s=patience_s)
        except TimeoutError:
            states = {name: (job.status, job.attempt, job.message) for name, job in self.jobs(job_ids).items()}
            raise TimeoutError(f"not over within {patience_s:g} s: {states}") from None
        assert jobs is not None
        return max(job.finished_at for job in jobs.values() if job.finished_at is not None)

    def findings(self, job_id: str) -> Findings | None:
        """None: there is not exactly one report."""
        with self._database.reading() as session:
            reports = session.scalars(select(AnalysisReport).where(AnalysisReport.job_id == uuid.UUID(job_id))).all()
            if len(reports) != 1:
                return None
            report_id = reports[0].id
            figures, tracks, ball = (
                _rows_of(session, model, report_id) for model in (PlayerMatchStatistics, Track, BallPosition)
            )
        digest = hashlib.sha256("\n".join(ball).encode()).hexdigest()
        return Findings(_what_is_reported(reports[0]), figures + tracks, f"{len(ball)} {digest}")

    def attempt_of_report(self, job_id: str) -> object:
        """Which attempt the report names as its origin."""
        query = select(AnalysisReport.report_data).where(AnalysisReport.job_id == uuid.UUID(job_id))
        with self._database.reading() as session:
            data: Any = session.scalars(query).first()
        return data["provenance"]["attempt"] if data else None

    def completions(self, job_id: str) -> int:
        """How often the job became COMPLETED."""
        return sum(event.status is JobStatus.COMPLETED for event in self.events(job_id))

    def figures_of_match(self, match_id: uuid.UUID) -> int:
        """Reports and rows of statistics."""
        with self._database.reading() as session:
            return sum(_count(session, model.match_id == match_id) for model in (AnalysisReport, PlayerMatchStatistics))

    def half_written(self) -> int:
        """Reports of jobs that are not completed."""
        query = select(func.count()).select_from(AnalysisReport).join(Job).where(Job.status != JobStatus.COMPLETED)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def artifacts(self, job_id: str) -> list[str]:
        """Files of the job's attempts, as ``<fence>/<name>``."""
        root = self._artifacts / job_id
        return sorted(str(path.relative_to(root)) for path in files_below(root))

    def videos(self) -> set[str]:
        """Ids of the rows."""
        with self._database.reading() as session:
            return {str(video_id) for video_id in session.scalars(select(Video.id))}

    def stored(self) -> set[str]:
        """Names of the video files."""
        return {path.name for path in self._uploads.iterdir() if path.is_file()}

    def incoming(self) -> set[str]:
        """What uploads that are under way, or were cut off, have on disk."""
        return {path.name for path in (self._uploads / ".incoming").iterdir()}

    def _all_over(self, job_ids: Sequence[str]) -> Mapping[str, Job] | None:
        jobs = self.jobs(job_ids)
        return jobs if all(job.status in FINAL for job in jobs.values()) else None


def _rows_of(session: Session, model: type[Base], report_id: uuid.UUID) -> tuple[str, ...]:
    table = model.__table__
    rows = session.execute(select(table).where(table.c.report_id == report_id)).mappings()
    return tuple(sorted(_json({name: row[name] for name in row if name not in _IDENTITY}) for row in rows))


def _what_is_reported(report: AnalysisReport) -> str:
    data: Any = report.report_data
    provenance = {name: value for name, value in data["provenance"].items() if name not in {"job_id", "attempt"}}
    columns = (report.engine_name, report.engine_version, report.total_frames, report.players_tracked)
    return _json([*columns, data | {"provenance": provenance}])


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(condition)) or 0
