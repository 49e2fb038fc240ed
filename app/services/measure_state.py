"""The state of the installation, looked up when Prometheus asks and at no other time: one cheap query per figure."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core.database import Database, database_now
from app.models import DeliveryState, Job, JobStatus, Phase, Video, WebhookDelivery
from app.services.engine import AnalysisEngine

log = structlog.get_logger(__name__)

# Phases only where there are some: PROCESSING jobs.
_STATES: tuple[tuple[JobStatus, Phase | None], ...] = (
    *((status, None) for status in JobStatus if status is not JobStatus.PROCESSING),
    *((JobStatus.PROCESSING, phase) for phase in Phase),
)


@dataclass(frozen=True, slots=True, eq=False)  # the registry wants a hash, and identity is enough
class StateCollector(Collector):
    """Gauges of everything that lies outside of this process. ``directories``: what their file systems are for."""

    database: Database
    engine: AnalysisEngine
    directories: dict[str, Path]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _gauge("coach_pro_engine_up", "1: at least one engine answers.", float(self.engine.is_reachable()))
        yield self._connections()
        yield self._space()
        try:
            gauges = list(self._of_database())
        except SQLAlchemyError as error:
            log.warning("no figures from the database", kind=type(error).__name__)
            gauges = []
        yield _gauge("coach_pro_database_up", "1: the database answers.", float(bool(gauges)))
        yield from gauges

    def _of_database(self) -> Iterator[GaugeMetricFamily]:
        with self.database.reading() as session:
            yield _jobs(session)
            yield _gauge(
                "coach_pro_oldest_pending_job_age_seconds", "Since its upload; 0: none waits.", _oldest_age_s(session)
            )
            waiting = select(func.count()).where(WebhookDelivery.state == DeliveryState.PENDING)
            yield _gauge(
                "coach_pro_webhook_outbox_messages", "Webhooks to be sent.", float(session.scalar(waiting) or 0)
            )
            stored = session.scalar(select(func.sum(Video.size_bytes)))
            yield _gauge("coach_pro_video_bytes", "Size of all stored videos.", float(stored or 0))

    def _connections(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "coach_pro_database_connections_in_use", "Of the process that answers.", labels=["pid"]
        )
        family.add_metric([str(os.getpid())], self.database.connections_in_use)
        return family

    def _space(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily("coach_pro_storage_bytes", "Of its file system.", labels=["directory", "state"])
        for name, directory in self.directories.items():
            if directory.exists():
                usage = shutil.disk_usage(directory)
                family.add_metric([name, "used"], usage.used)
                family.add_metric([name, "free"], usage.free)
        return family


def _jobs(session: Session) -> GaugeMetricFamily:
    rows = session.execute(select(Job.status, Job.phase, func.count()).group_by(Job.status, Job.phase))
    counts = {(status, phase if status is JobStatus.PROCESSING else None): count for status, phase, count in rows}
    family = GaugeMetricFamily("coach_pro_jobs", "Jobs by state.", labels=["status", "phase"])
    for status, phase in _STATES:
        family.add_metric([status.value, phase.value if phase else ""], counts.get((status, phase), 0))
    return family


def _oldest_age_s(session: Session) -> float:
    oldest = session.scalar(select(func.min(Job.created_at)).where(Job.status == JobStatus.PENDING))
    return 0.0 if oldest is None else max(0.0, (database_now(session) - oldest).total_seconds())


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)
