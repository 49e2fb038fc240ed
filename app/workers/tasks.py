"""The one task that Celery carries."""

import structlog
from celery import Celery

from app.workers.job_worker import JobWorker

log = structlog.get_logger(__name__)

RUN_JOB = "coach_pro.run_job"


def register_tasks(celery: Celery, worker: JobWorker) -> None:
    """Let ``worker`` do what messages ask for."""

    def run_job(job_id: str) -> None:
        # Which job is run is decided by the rows, not by the message: another one may have waited longer.
        log.debug("woken by the broker", job_id=job_id)
        worker.drain()

    celery.task(run_job, name=RUN_JOB)
