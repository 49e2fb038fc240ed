"""Processes that are stopped in the ordinary way, in the middle of everything."""

import os
import signal
from contextlib import ExitStack
from pathlib import Path
from random import Random

from app.models import JobStatus
from tests.faults.complaints import against_completed
from tests.faults.fault import Fault, Outcome, let_pass
from tests.faults.load import Load
from tests.faults.world import PATIENCE_S
from tests.servers.coach_pro import GunicornProcess
from tests.servers.switched_engine import Conduct
from tests.waiting import wait_until

_CONDUCT = Conduct(seconds=2.5)  # a worker tells of its progress once a second
_FILMS = 8
_PROCESSES = 2


class StoppedUnderLoad(Fault):
    """Two processes of gunicorn share one listening socket, and each runs jobs; gunicorn starts a new one for the one
    that ends. What a stopped process has accepted it answers; new connections go to the other one."""

    name = "stopped-under-load"
    title = "SIGTERM to one of two gunicorn processes under load; readers keep their connections, uploads use new ones"
    runs = 20
    bar = "0 failed requests; jobs handed back: none lost, and no attempt used up"
    server: GunicornProcess

    def open(self, stack: ExitStack) -> None:
        self.world.engine.behave(_CONDUCT)
        self._starts = self._ready() + _PROCESSES
        self.server = self.world.start_gunicorn(
            stack, processes=_PROCESSES, ANALYSIS_ENGINE_PORT=str(self.world.engine.port)
        )
        self._wait_until_all_serve()

    def run(self, number: int, random: Random) -> Outcome:
        with Load(self.world, self.server.url, self.world.next_films(_FILMS)) as load:
            wait_until(lambda: self._runs_jobs(list(load.promised)), patience_s=PATIENCE_S)
            let_pass(random, 0.0, 1.0)
            self._stop(random.choice(self.server.children()))
        self.world.evidence.wait_for_the_end(list(load.promised), patience_s=PATIENCE_S)
        self._wait_until_all_serve()
        jobs = self.world.evidence.jobs(load.promised).values()
        used_up = [f"job {job.id} needed {job.attempt} attempts" for job in jobs if job.attempt != 1]
        books = against_completed(self.world.evidence, self.world.expected(load.promised))
        return Outcome(
            violations=(*load.failures, *used_up, *books),
            counts={
                "requests": load.answered,
                "asked again on a new connection": load.asked_again,
                "jobs": len(load.promised),
                "handed back": sum(job.fence > 1 for job in jobs),
            },
        )

    def _runs_jobs(self, job_ids: list[str]) -> bool:
        """Whether every process has one."""
        jobs = self.world.evidence.jobs(job_ids).values()
        return sum(job.status is JobStatus.PROCESSING and job.progress > 0 for job in jobs) >= _PROCESSES

    def _stop(self, pid: int) -> None:
        os.kill(pid, signal.SIGTERM)
        self._starts += 1
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), patience_s=PATIENCE_S)

    def _wait_until_all_serve(self) -> None:
        wait_until(lambda: self._ready() >= self._starts, patience_s=PATIENCE_S)

    def _ready(self) -> int:
        """How many processes have said so, ever."""
        log = self.world.log("gunicorn")
        return log.read_text().count("Application startup complete") if log.exists() else 0
