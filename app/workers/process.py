"""``coach-pro worker``: a process that runs jobs and serves nobody."""

import os
import signal
import time
from queue import Empty, SimpleQueue
from types import FrameType

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core.config import Settings
from app.core.migrations import require_schema
from app.core.version import installed_version
from app.services.analysis_service import make_engine
from app.services.sweep_storage import check_store
from app.workers.assembly import (
    make_database,
    make_housekeeping,
    make_redis,
    make_runner,
    make_threads,
    make_videos,
    share_changes,
)
from app.workers.job_worker import JobWorker
from app.workers.metrics_port import MetricsPort
from app.workers.webhook_sender import WebhookSender
from contract.tracing import start_tracing, stop_tracing

log = structlog.get_logger(__name__)

_STOP_PATIENCE_S = 20.0
_LOOK_EVERY_S = 1.0  # a signal that comes just before a wait does not wake it; it is seen at the next look
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class WorkerProcess:
    """``settings.worker_concurrency`` threads that sweep; with ``JOB_BACKEND=celery`` messages wake it as well.

    Threads and messages share the slots of one :class:`JobWorker`, so a broker that is away costs a sweep interval
    and nothing else.
    """

    def __init__(self, settings: Settings) -> None:
        self._signals: SimpleQueue[int] = SimpleQueue()  # whose `put` may interrupt its own `get`; an Event's may not
        start_tracing("coach-pro-worker", version=installed_version())
        self._database = make_database(settings)
        share_changes(self._database, make_redis(settings))
        self._engine = make_engine(settings)
        self._videos = make_videos(settings)
        runner = make_runner(settings, self._database, self._engine, self._videos)
        worker = JobWorker(self._database, runner, slots=settings.worker_concurrency)
        self._threads = make_threads(settings, runner, worker)
        self._housekeeping = make_housekeeping(self._database, self._videos)
        self._webhooks = WebhookSender(self._database, settings, threads=settings.webhook_senders)
        self._metrics = MetricsPort(settings) if settings.worker_metrics_port else None
        self._consumer = None
        if settings.job_backend == "celery":
            from app.workers.celery_consumer import CeleryConsumer  # noqa: PLC0415 - see `assembly`

            self._consumer = CeleryConsumer(settings, worker)

    def prepare(self) -> None:
        """A database that is away may come back; one without tables may not.

        Raises:
            CannotStart: there are no tables, or no bucket for the videos; the message says what to do.
        """
        check_store(self._videos)
        try:
            require_schema(self._database.engine)
        except SQLAlchemyError as error:
            log.warning("started while the database is away", error=str(error))

    def start(self) -> None:
        for number in _STOP_SIGNALS:
            signal.signal(number, self._note)
        self._threads.start()
        self._housekeeping.start()
        self._webhooks.start()
        if self._metrics is not None:
            self._metrics.start()
        if self._consumer is not None:
            self._consumer.start()

    def run(self) -> None:
        """Work until a signal asks to stop; then hand the running jobs back."""
        received = self._wait_for_signal()
        log.info("stopping", signal=signal.Signals(received).name)
        deadline = time.monotonic() + _STOP_PATIENCE_S
        self._threads.stop(patience_s=_STOP_PATIENCE_S)
        if self._consumer is not None:
            self._consumer.stop(patience_s=deadline - time.monotonic())
        self._webhooks.stop(patience_s=max(0.0, deadline - time.monotonic()))
        self._housekeeping.stop(patience_s=deadline - time.monotonic())
        if self._threads.is_busy or (self._consumer is not None and self._consumer.is_busy):
            log.warning("a job does not end; its lease will expire")
            os._exit(1)  # Python would wait for the threads of Celery's pool
        if self._metrics is not None:
            self._metrics.stop()
        self._engine.close()
        self._database.dispose()
        stop_tracing()

    def _wait_for_signal(self) -> int:
        while True:
            try:
                return self._signals.get(timeout=_LOOK_EVERY_S)
            except Empty:
                continue

    def _note(self, number: int, _frame: FrameType | None) -> None:
        """The first signal is what `run` waits for; further ones interrupt nothing."""
        self._signals.put(number)
