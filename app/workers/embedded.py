"""Worker threads of our own: inside the API process by default, and beneath Celery in ``coach-pro worker``."""

import threading
import time
import uuid
from collections.abc import Sequence

from app.workers.chores import Chore, ChoreThread
from app.workers.job_worker import JobWorker


class EmbeddedWorkers:
    """As many threads as ``worker`` has slots, which drain the queue when they are woken, and every ``sweep_s`` anyhow.

    One more thread does the chores.
    """

    def __init__(self, worker: JobWorker, *, sweep_s: float, chores: Sequence[Chore]) -> None:
        self._worker = worker
        self._sweep_s = sweep_s
        self._wake = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"worker-{number}", daemon=True) for number in range(worker.slots)
        ]
        self._chores = ChoreThread(chores, look_s=sweep_s) if worker.slots else None

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        if self._chores is not None:
            self._chores.start()

    def wake(self, _job_id: uuid.UUID) -> None:
        self._wake.set()

    def stop(self, *, patience_s: float = 20.0) -> None:
        """Hand running jobs back and wait for the threads."""
        self._worker.shutdown.set()
        self._wake.set()
        deadline = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._chores is not None:
            self._chores.stop(patience_s=deadline - time.monotonic())

    @property
    def is_busy(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while not self._worker.shutdown.is_set():
            self._wake.clear()
            self._worker.drain()
            self._wake.wait(self._sweep_s)
