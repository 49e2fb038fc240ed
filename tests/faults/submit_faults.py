"""API processes that are killed while clients upload."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from random import Random

import httpx2

from app.models import JobStatus
from app.services import job_manager
from tests.faults.complaints import against_stored
from tests.faults.fault import Fault, Outcome, let_pass
from tests.faults.world import PATIENCE_S
from tests.servers.coach_pro import ServerProcess
from tests.waiting import wait_until

_CLIENTS = 4


class KilledApi(Fault):
    name = "killed-api"
    title = "`kill -9` of the API process while four clients upload"
    runs = 100
    bar = (
        "every 202 that a client saw is a job; after the next start, no file without a row and no row without its file"
    )
    api: ServerProcess

    def open(self, stack: ExitStack) -> None:
        self._stack = stack
        self.api = self.world.start_api(stack)

    def run(self, number: int, random: Random) -> Outcome:
        accepted, cut_off = self._kill_under_load(random)
        self.api = self.world.start_api(self._stack)  # its start sweeps
        jobs = self.world.evidence.jobs(accepted)
        lost = [f"job {job_id} was promised, and is lost" for job_id in accepted if job_id not in jobs]
        unlike = [f"job {name} is {job.status}" for name, job in jobs.items() if job.status is not JobStatus.PENDING]
        stored = against_stored(self.world.evidence)
        self._cancel_all()
        return Outcome(
            violations=(*lost, *unlike, *stored), counts={"accepted": len(accepted), "uploads cut off": cut_off}
        )

    def _kill_under_load(self, random: Random) -> tuple[list[str], int]:
        """Ids of the jobs of which a client knows, and how many uploads failed."""
        accepted: list[str] = []
        killed = threading.Event()
        with ThreadPoolExecutor(_CLIENTS) as clients:
            uploads = [clients.submit(self._upload_all, accepted, killed) for _ in range(_CLIENTS)]
            wanted = random.randrange(2 * _CLIENTS)
            wait_until(lambda: len(accepted) >= wanted, patience_s=PATIENCE_S)
            let_pass(random, 0.0, 0.2)
            killed.set()
            self.api.kill()
        return accepted, sum(upload.result() for upload in uploads)

    def _upload_all(self, accepted: list[str], killed: threading.Event) -> int:
        """Upload until nobody answers; how many uploads were cut off."""
        (film,) = self.world.next_films(1)
        try:
            while True:
                accepted.append(self.world.coach.upload(self.api.url, film))
        except httpx2.TransportError:
            if not killed.is_set():
                raise
        return 1

    def _cancel_all(self) -> None:
        """They have shown that they are there; nobody needs to run them."""
        with self.world.database.unit_of_work() as session:
            for job in self.world.evidence.waiting():
                job_manager.cancel(session, job)
