"""Workers that are killed, frozen, or lose their lease while they work."""

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from random import Random
from typing import ClassVar

from sqlalchemy import update

from app.models import Job, JobStatus
from app.services import job_manager
from app.services.job_manager import RetryPolicy
from tests.faults.complaints import against_completed
from tests.faults.fault import Fault, Outcome, let_pass
from tests.faults.world import LEASE_S, PATIENCE_S, SHORT_LEASE
from tests.servers.coach_pro import WorkerProcess
from tests.servers.switched_engine import Conduct
from tests.waiting import wait_until

_CONDUCT = Conduct(seconds=0.8)
_ALLOWED_AFTER_LEASE_S = 10.0
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class KilledWorker(Fault):
    name = "killed-worker"
    title = "`kill -9` of a worker at random moments"
    runs = 100
    bar = "0 lost, 0 persisted twice, all finished within lease + 10 s"
    workers: list[WorkerProcess]

    def open(self, stack: ExitStack) -> None:
        self._stack = stack
        self.workers = self.world.start_workers(stack, 2, **SHORT_LEASE)
        self.world.engine.behave(_CONDUCT)

    def run(self, number: int, random: Random) -> Outcome:
        jobs = self.world.upload(3)
        let_pass(random, 0.0, 1.2)
        killed_at = datetime.now(UTC)
        self._replace(random.randrange(len(self.workers)))
        ended_at = self.world.evidence.wait_for_the_end(list(jobs), patience_s=PATIENCE_S)
        took_s = (ended_at - killed_at).total_seconds()
        late = (
            (f"the last job ended {took_s:.1f} s after the kill",) if took_s > LEASE_S + _ALLOWED_AFTER_LEASE_S else ()
        )
        return Outcome(
            violations=against_completed(self.world.evidence, self.world.expected(jobs)),
            late=late,
            counts={"jobs": len(jobs), "taken up by another worker": self._taken_up(list(jobs))},
            seconds={"from the kill to the end of the last job": took_s},
        )

    def _replace(self, index: int) -> None:
        """As a supervisor does, and without waiting until the new one is ready."""
        self.workers[index].kill()
        self.workers[index] = self.world.start_worker(self._stack, **SHORT_LEASE)

    def _taken_up(self, job_ids: list[str]) -> int:
        return sum(job.attempt > 1 for job in self.world.evidence.jobs(job_ids).values())


class ExpiredLease(Fault):
    """In even runs the rows say that the lease is over, while both workers go on. In odd ones a worker is frozen for
    longer than its lease, and goes on when the other one has its job."""

    name = "expired-lease"
    title = "two workers, forced lease expiry: set in the row, or by SIGSTOP and SIGCONT of a worker, in turn"
    runs = 100
    bar = "each result written once"
    short_runs: ClassVar[tuple[int, ...]] = (0, 1)

    def open(self, stack: ExitStack) -> None:
        self.workers = self.world.start_workers(stack, 2, WORKER_CONCURRENCY="1", **SHORT_LEASE)
        self.world.engine.behave(_CONDUCT)

    def run(self, number: int, random: Random) -> Outcome:
        jobs = self.world.upload(2)
        wait_until(lambda: self._fences(jobs) == [1, 1], patience_s=PATIENCE_S)
        let_pass(random, 0.0, 0.8)
        if number % 2 == 0:
            self._expire_in_the_rows()
        else:
            self._freeze_a_worker(list(jobs), random)
        self.world.evidence.wait_for_the_end(list(jobs), patience_s=PATIENCE_S)
        return Outcome(
            violations=against_completed(self.world.evidence, self.world.expected(jobs)),
            counts={"jobs": len(jobs), "taken from their worker": sum(fence > 1 for fence in self._fences(jobs))},
        )

    def _expire_in_the_rows(self) -> None:
        """In one transaction, or the worker would renew the lease before anybody saw that it was over."""
        with self.world.database.unit_of_work() as session:
            running = update(Job).where(Job.status == JobStatus.PROCESSING)
            session.execute(running.values(lease_expires_at=_LONG_AGO))
            job_manager.recover_expired(session, RetryPolicy(base_s=0.1, cap_s=0.5))

    def _freeze_a_worker(self, job_ids: list[str], random: Random) -> None:
        """One that froze in a transaction holds locks for which the other waits: then nothing is taken."""
        worker = random.choice(self.workers)
        worker.freeze()
        try:
            wait_until(lambda: self._nothing_is_left_to_it(job_ids), patience_s=LEASE_S + 4)
        except TimeoutError:
            pass
        finally:
            let_pass(random, 0.0, 0.6)
            worker.thaw()

    def _nothing_is_left_to_it(self, job_ids: list[str]) -> bool:
        """Whether each job is over, or somebody else's by now."""
        jobs = self.world.evidence.jobs(job_ids).values()
        return all(job.fence > 1 or job.status is JobStatus.COMPLETED for job in jobs)

    def _fences(self, jobs: Iterable[str]) -> list[int]:
        return [job.fence for job in self.world.evidence.jobs(jobs).values()]
