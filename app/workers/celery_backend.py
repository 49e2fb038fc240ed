"""The API's side of Celery: tells the workers, through the broker, that a job waits."""

import contextlib
import queue
import threading
import uuid

import structlog
from celery import Celery

from app.workers.tasks import RUN_JOB

log = structlog.get_logger(__name__)

_WAITING_AT_MOST = 1000
_STOP_PATIENCE_S = 5.0


class CeleryBackend:
    """Publishes from a thread of its own, so that no request waits for the broker, however it is away."""

    def __init__(self, celery: Celery) -> None:
        self._celery = celery
        self._waiting: queue.Queue[uuid.UUID] = queue.Queue(_WAITING_AT_MOST)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._publish_all, name="wake-ups", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self, job_id: uuid.UUID) -> None:
        with contextlib.suppress(queue.Full):  # a thousand wake-ups are under way already
            self._waiting.put_nowait(job_id)

    def stop(self) -> None:
        """Send what still waits, if that is quick."""
        self._stopping.set()
        self.wake(_NOBODY)
        self._thread.join(_STOP_PATIENCE_S)

    def _publish_all(self) -> None:
        while not (self._stopping.is_set() and self._waiting.empty()):
            job_id = self._waiting.get()
            if job_id != _NOBODY:
                self._publish(job_id)

    def _publish(self, job_id: uuid.UUID) -> None:
        try:
            self._celery.send_task(RUN_JOB, args=[str(job_id)], retry=False)
        except Exception as error:  # the outermost loop: what a broker may raise depends on its library
            log.warning("the broker is away; the sweep will find the job", job_id=str(job_id), error=str(error))
            self._forget_waiting()

    def _forget_waiting(self) -> None:
        """They would run into the same time-out, one after the other."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._waiting.get_nowait()


_NOBODY = uuid.UUID(int=0)
