"""The workers' side of Celery: its worker as a thread of our process, under our signals and our deadline."""

import threading
from typing import Any

import structlog
from celery.worker import state

from app.core.config import Settings
from app.workers.celery_app import make_celery
from app.workers.job_worker import JobWorker
from app.workers.tasks import register_tasks

log = structlog.get_logger(__name__)

_RESTART_PAUSE_S = 5.0
_BROKER_PATIENCE_S = 3.0  # to say good-bye


class CeleryConsumer:
    """Drains the queue of jobs whenever a message says so.

    Not Celery's own program: that installs signal handlers of its own, of which the second one cuts running tasks off,
    and it would end with a broker that refuses it. Here a broker is a convenience, and the threads beside it go on.
    """

    def __init__(self, settings: Settings, worker: JobWorker) -> None:
        self._worker = worker
        self._concurrency = settings.worker_concurrency
        self._celery = make_celery(settings)
        self._celery.set_default()  # its threads look for the current application
        register_tasks(self._celery, worker)
        self._controller: Any = None
        self._thread = threading.Thread(target=self._consume, name="celery", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, patience_s: float) -> None:
        """End the running tasks, and the connection to the broker."""
        self._worker.shutdown.set()
        state.should_stop = 0  # the exit code; Celery looks at it in every turn of its loop
        hub = getattr(self._controller, "hub", None)
        if hub is not None:
            hub.call_soon(_nothing)  # makes the loop turn now
        self._thread.join(max(_BROKER_PATIENCE_S, patience_s))

    @property
    def is_busy(self) -> bool:
        return self._thread.is_alive()

    def _consume(self) -> None:
        while not self._worker.shutdown.is_set():
            self._controller = self._celery.WorkController(
                concurrency=self._concurrency, without_heartbeat=True, without_mingle=True, without_gossip=True
            )
            self._controller.start()  # returns when it is stopped, or when the broker refuses us for good
            self._worker.shutdown.wait(_RESTART_PAUSE_S)


def _nothing() -> None:
    pass
