"""What every worker does, whoever woke it: take a slot, and run jobs until none waits."""

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core.database import Database
from app.core.errors import TransientFailure
from app.services import job_manager
from app.services.durable_files import is_disk_full
from app.services.job_manager import Claim
from app.services.run_analysis import AnalysisRunner
from app.services.sweep_artifacts import sweep_artifacts
from contract import tracing
from contract.tracing import Attributes, Kind

log = structlog.get_logger(__name__)


class JobWorker:
    """At most ``slots`` jobs at once in this process. Setting ``shutdown`` hands the running ones back."""

    def __init__(self, database: Database, runner: AnalysisRunner, *, slots: int) -> None:
        self.slots = slots
        self.shutdown = threading.Event()
        self._database = database
        self._runner = runner
        self._free = threading.Semaphore(slots)
        self._called = threading.Event()

    def drain(self) -> None:
        """Run jobs, one after the other, until none can be claimed; return at once if all slots are busy."""
        self._called.set()
        while self._called.is_set() and self._free.acquire(blocking=False):
            try:
                self._run_waiting()
            finally:
                self._free.release()
            # A call that came after the last claim, and found all slots busy, left its mark: look once more for it.

    def recover_expired(self) -> None:
        """Put jobs whose worker vanished back into the queue."""
        with self._database.unit_of_work() as session:
            job_manager.recover_expired(session, self._runner.policy)

    def sweep_artifacts(self) -> None:
        """Remove what lost attempts left on disk."""
        sweep_artifacts(self._database, self._runner.artifacts)

    def _run_waiting(self) -> None:
        while not self.shutdown.is_set():
            self._called.clear()  # before the claim, which sees every job that was committed before the call
            claim = self._claim()
            if claim is None:
                return
            self._run(claim)
        self._called.clear()

    def _claim(self) -> Claim | None:
        try:
            with self._database.unit_of_work() as session:
                return job_manager.claim_next(
                    session,
                    lease=self._runner.limits.lease,
                    per_account=self._runner.jobs_per_account,
                    max_attempts=self._runner.policy.max_attempts,
                )
        except SQLAlchemyError as error:
            log.warning("no job claimed; the database refused", kind=type(error).__name__, error=str(error))
            return None

    def _run(self, claim: Claim) -> None:
        described: Attributes = {"coach_pro.job.id": str(claim.job_id), "coach_pro.job.attempt": claim.attempt}
        with (
            structlog.contextvars.bound_contextvars(job_id=str(claim.job_id), attempt=claim.attempt),
            tracing.span("job attempt", kind=Kind.CONSUMER, parent=claim.traceparent, attributes=described),
        ):
            try:
                self._runner.run(claim, self.shutdown)
            except Exception as error:  # the outermost loop: one broken job must not end the worker
                log.error("attempt died of an unforeseen error", exc_info=error)
                self._settle_unforeseen(claim, error)

    def _settle_unforeseen(self, claim: Claim, error: Exception) -> None:
        try:
            self._runner.settle(claim, _as_failure(error))
        except SQLAlchemyError:
            log.warning("job not settled; its lease will expire", job_id=str(claim.job_id))


def _as_failure(error: Exception) -> TransientFailure:
    """What the coach is told of it; the log has the rest."""
    if is_disk_full(error):
        return TransientFailure(
            "The server has no space left for the results of this analysis.",
            code="storage_full",
            hint="Tell the operator of the server; the analysis can be tried again when there is room.",
        )
    return TransientFailure("Something went wrong on the server during the analysis.", code="internal_error")
