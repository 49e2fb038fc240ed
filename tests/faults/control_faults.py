"""Somebody cancels a job in the moment in which it completes."""

from contextlib import ExitStack
from random import Random

from app.models import JobStatus
from tests.faults.complaints import Complaints, against_completed, against_unwritten
from tests.faults.fault import Fault, Outcome, let_pass
from tests.faults.films import Film
from tests.faults.world import PATIENCE_S
from tests.servers.switched_engine import Conduct

_CONDUCT = Conduct(seconds=0.2)
_FIRST_GUESS_S = 0.8
_STEP = 1.15


class CancelAgainstComplete(Fault):
    """The moment is drawn around that in which jobs complete, which is felt for: later after each job that could be
    cancelled, earlier after each that was quicker."""

    name = "cancel-against-complete"
    title = "cancel against complete, at random moments"
    runs = 200
    bar = "exactly one wins; answer, state, rows and files agree"
    short_runs = (0, 1)

    def open(self, stack: ExitStack) -> None:
        self.world.start_workers(stack, 1)
        self.world.engine.behave(_CONDUCT)
        self._completes_after_s = _FIRST_GUESS_S

    def run(self, number: int, random: Random) -> Outcome:
        jobs = self.world.upload(1)
        (job_id,) = jobs
        let_pass(random, 0.5 * self._completes_after_s, 1.3 * self._completes_after_s)
        answer = self.world.coach.cancel(self.world.api.url, job_id)
        self.world.evidence.wait_for_the_end([job_id], patience_s=PATIENCE_S)
        return Outcome(
            violations=self._against(jobs, answer),
            counts={"cancelled": int(answer[0] == 200), "completed": int(answer[0] == 409)},
        )

    def _against(self, jobs: dict[str, Film], answer: tuple[int, str]) -> Complaints:
        evidence = self.world.evidence
        match answer:
            case 200, "CANCELLED":
                self._completes_after_s *= _STEP
                return against_unwritten(evidence, jobs, JobStatus.CANCELLED)
            case 409, "invalid_transition":
                self._completes_after_s /= _STEP
                return against_completed(evidence, self.world.expected(jobs))
        return (f"cancelling was answered by {answer}",)
