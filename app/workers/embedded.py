"""Worker threads inside the API process: the default, which needs no broker."""

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core.database import Database
from app.core.errors import TransientFailure
from app.services import job_manager
from app.services.job_manager import Claim
from app.services.run_analysis import AnalysisRunner

log = structlog.get_logger(__name__)

_STOP_PATIENCE_S = 20.0


class EmbeddedWorkers:
    """A few threads that claim jobs and run them.

    ``sweep_s`` is how often an idle thread looks for forgotten jobs; a wake-up only makes it look sooner.
    """

    def __init__(self, database: Database, runner: AnalysisRunner, *, threads: int, sweep_s: float) -> None:
        self._database = database
        self._runner = runner
        self._sweep_s = sweep_s
        self._shutdown = threading.Event()
        self._wake = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"worker-{number}", daemon=True) for number in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Hand running jobs back and wait for the threads."""
        self._shutdown.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(_STOP_PATIENCE_S)

    def _work(self) -> None:
        while not self._shutdown.is_set():
            self._wake.clear()
            claim = self._claim()
            if claim is None:
                self._wake.wait(self._sweep_s)
            else:
                self._run(claim)

    def _claim(self) -> Claim | None:
        try:
            with self._database.unit_of_work() as session:
                job_manager.recover_expired(session, self._runner.policy)
                return job_manager.claim_next(session, lease=self._runner.limits.lease)
        except SQLAlchemyError as error:
            log.warning("no job claimed; the database refused", kind=type(error).__name__, error=str(error))
            return None

    def _run(self, claim: Claim) -> None:
        try:
            self._runner.run(claim, self._shutdown)
        except Exception as error:  # the outermost loop: one broken job must not end the worker
            log.error("attempt died of an unforeseen error", job_id=str(claim.job_id), exc_info=error)
            self._settle_unforeseen(claim)

    def _settle_unforeseen(self, claim: Claim) -> None:
        error = TransientFailure("Something went wrong on the server during the analysis.", code="internal_error")
        try:
            self._runner.settle(claim, error)
        except SQLAlchemyError:
            log.warning("job not settled; its lease will expire", job_id=str(claim.job_id))
