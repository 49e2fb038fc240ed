"""Engines that are killed, frozen, or poisoned by a video."""

from contextlib import ExitStack
from datetime import UTC, datetime
from random import Random

from app.models import JobEvent, JobStatus
from tests.faults.complaints import against_completed, against_unwritten
from tests.faults.fault import Fault, Outcome, let_pass
from tests.faults.world import IDLE_TIMEOUT_S, PATIENCE_S
from tests.servers.switched_engine import Conduct
from tests.waiting import wait_until

_CONDUCT = Conduct(seconds=2.5)  # a worker tells of its progress once a second
_MAX_ATTEMPTS = 3
_TICK_S = 1.0
"""How often a worker looks at its engine's silence."""
_TO_WRITE_S = 0.5
_CHANGES = {
    "WORKER_CONCURRENCY": "3",
    "JOB_MAX_ATTEMPTS": str(_MAX_ATTEMPTS),
    "ENGINE_IDLE_TIMEOUT_S": str(IDLE_TIMEOUT_S),
}


class _EngineFault(Fault):
    def open(self, stack: ExitStack) -> None:
        self.world.start_workers(stack, 1, **_CHANGES)
        self.world.engine.behave(_CONDUCT)

    def _are_streaming(self, job_ids: list[str]) -> bool:
        """Whether the engine has said something about each."""
        return all(job.progress > 0 for job in self.world.evidence.jobs(job_ids).values())

    def _tried_again(self, job_ids: list[str]) -> int:
        return sum(job.attempt > 1 for job in self.world.evidence.jobs(job_ids).values())


class KilledEngine(_EngineFault):
    name = "killed-engine"
    title = "engine killed mid-stream"
    runs = 50
    bar = "retried; every row and figure equal to those of an undisturbed run"

    def run(self, number: int, random: Random) -> Outcome:
        jobs = self.world.upload(2)
        wait_until(lambda: self._are_streaming(list(jobs)), patience_s=PATIENCE_S)
        let_pass(random, 0.0, 1.2)
        self.world.engine.kill()
        killed_at = datetime.now(UTC)
        self.world.engine.start()
        ended_at = self.world.evidence.wait_for_the_end(list(jobs), patience_s=PATIENCE_S)
        return Outcome(
            violations=against_completed(self.world.evidence, self.world.expected(jobs)),
            counts={"jobs": len(jobs), "tried again": self._tried_again(list(jobs))},
            seconds={"from the kill to the end of the last job": (ended_at - killed_at).total_seconds()},
        )


class FrozenEngine(_EngineFault):
    """When it goes on, it says the rest of what it had to say about the old attempts."""

    name = "frozen-engine"
    title = "engine frozen (SIGSTOP), later continued (SIGCONT)"
    runs = 10
    bar = (
        f"detected within the idle time-out ({IDLE_TIMEOUT_S:g} s), {_TICK_S:g} s between two looks, and "
        f"{_TO_WRITE_S:g} s to write it down; late answers change nothing"
    )

    def run(self, number: int, random: Random) -> Outcome:
        jobs = self.world.upload(2)
        wait_until(lambda: self._are_streaming(list(jobs)), patience_s=PATIENCE_S)
        let_pass(random, 0.0, 0.8)
        frozen_at = datetime.now(UTC)
        self.world.engine.freeze()
        try:
            wait_until(lambda: self._nobody_waits(list(jobs)), patience_s=PATIENCE_S)
            let_pass(random, 0.0, 1.0)
        finally:
            self.world.engine.thaw()
        self.world.evidence.wait_for_the_end(list(jobs), patience_s=PATIENCE_S)
        noticed = [event.happened_at for job_id in jobs for event in self._given_up(job_id)]
        detected_s = max(((moment - frozen_at).total_seconds() for moment in noticed), default=0.0)
        is_late = detected_s > IDLE_TIMEOUT_S + _TICK_S + _TO_WRITE_S
        return Outcome(
            violations=against_completed(self.world.evidence, self.world.expected(jobs)),
            late=(f"the silence was noticed after {detected_s:.2f} s",) if is_late else (),
            counts={"jobs": len(jobs), "tried again": self._tried_again(list(jobs))},
            seconds={"from SIGSTOP until it was noticed": detected_s},
        )

    def _nobody_waits(self, job_ids: list[str]) -> bool:
        """Whether each job was given up, or had all that it needed before the engine froze."""
        jobs = self.world.evidence.jobs(job_ids)
        return all(job.status is JobStatus.COMPLETED or self._given_up(job_id) for job_id, job in jobs.items())

    def _given_up(self, job_id: str) -> list[JobEvent]:
        """The first event that tells of the silence, if there is one."""
        events = self.world.evidence.events(job_id)
        return [event for event in events if event.error_code == "engine_silent"][:1]


class PoisonVideo(_EngineFault):
    """Somebody starts the engine again whenever it dies. The other jobs run on it at the same time, and are cut off
    as well."""

    name = "poison-video"
    title = "a video that kills the engine each time, among those of another account; the engine is started again"
    runs = 5
    bar = f"FAILED after {_MAX_ATTEMPTS} attempts; the other jobs complete, with the results of an undisturbed run"

    def run(self, number: int, random: Random) -> Outcome:
        evidence = self.world.evidence
        with self.world.engine.supervised():
            others = self.world.upload(1, coach=self.world.other_coach)
            poisonous = self.world.coach.upload(self.world.api.url, self.world.poison)
            others |= self.world.upload(1, coach=self.world.other_coach)
            job_ids = [poisonous, *others]
            evidence.wait_for_the_end(job_ids, patience_s=PATIENCE_S)
        job = evidence.jobs([poisonous])[poisonous]
        end = (job.status, job.error_code, job.attempt)
        wrong = (
            () if end == (JobStatus.FAILED, "engine_lost", _MAX_ATTEMPTS) else (f"the poisonous job ended as {end}",)
        )
        return Outcome(
            violations=(
                *wrong,
                *against_unwritten(evidence, [poisonous], JobStatus.FAILED),
                *against_completed(evidence, self.world.expected(others)),
            ),
            counts={"other jobs": len(others), "of them cut off and tried again": self._tried_again(list(others))},
        )
