"""Thousands of jobs, one after the other, on one installation that is never restarted: does anything grow?"""

import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Literal

import httpx2

from benchmarks.installation import Installation, installed
from benchmarks.latency import in_ms
from benchmarks.processes import Usage, usage_of
from benchmarks.report import Section, met
from benchmarks.users import log_in_many
from tests.faults.films import CALIBRATION, Film, make_films
from tests.files import files_below
from tests.servers.coach_pro import ServerProcess, WorkerProcess
from tests.servers.switched_engine import Conduct
from tests.waiting import wait_until

_JOBS, _JOBS_QUICK = 10_000, 300
_READINGS = 10
_UPLOADERS = 4
_SLOTS = 4
_ACCOUNTS = 4
_MOST_WAITING = 40
_PATIENCE_S = 600.0
_ALLOWED_MB, _ALLOWED_SHARE = 10, 0.05
_FILES_PER_JOB = 2  # the positions and the calibration


@dataclass(frozen=True, slots=True)
class Moment:
    """``jobs``: how many were completed by then, in so many seconds from the start."""

    jobs: int
    seconds: float
    api: Usage
    worker: Usage
    connections: int


def measure(*, quick: bool) -> Sequence[Section]:
    with installed() as installation:
        moments = _Soak(installation, _JOBS_QUICK if quick else _JOBS).run()
        left = _left_over(installation, moments[-1].jobs)
    return [_section(moments, left)]


class _Soak:
    """Uploads as fast as the worker works, so that a few jobs wait at any time."""

    def __init__(self, installation: Installation, jobs: int) -> None:
        self._installation = installation
        self._jobs = jobs
        installation.engine.behave(Conduct(seconds=0))
        self._api: ServerProcess = installation.start_server(EMBEDDED_WORKERS="0")
        self._worker: WorkerProcess = installation.start_worker(WORKER_CONCURRENCY=str(_SLOTS))
        self._films, _ = make_films(installation.directory)
        self._accounts = log_in_many(self._api.url, _ACCOUNTS)
        self._uploads: list[Future[None]] = []
        self._numbers = count()
        self._began_s = 0.0
        self._waits = threading.Condition()
        self._completed = 0

    def run(self) -> Sequence[Moment]:
        """The first moment is after a tenth of the jobs: before, pools and caches fill."""
        self._began_s = time.monotonic()
        with ThreadPoolExecutor(_UPLOADERS) as pool:
            self._uploads = [pool.submit(self._upload_some) for _ in range(_UPLOADERS)]
            try:
                return [self._after(self._jobs * share // _READINGS) for share in range(1, _READINGS + 1)]
            finally:
                self._jobs = 0  # after a failure, nobody uploads more, or waits for a job that will not come
                self._let_through(sys.maxsize)

    def _upload_some(self) -> None:
        """Until all have been uploaded, each with a connection of its own."""
        with httpx2.Client(base_url=self._api.url, timeout=60) as client:
            while (number := next(self._numbers)) < self._jobs:
                with self._waits:
                    while number >= self._completed + _MOST_WAITING:
                        self._waits.wait()
                self._upload(client, number)

    def _upload(self, client: httpx2.Client, number: int) -> None:
        film: Film = self._films[number % len(self._films)]
        client.post(
            "/api/analyze_match",
            headers=self._accounts[number % _ACCOUNTS],
            files={"file": film.content},
            data={"calibration": CALIBRATION},
        ).raise_for_status()

    def _after(self, jobs: int) -> Moment:
        wait_until(lambda: self._look() >= jobs, patience_s=_PATIENCE_S)
        installation = self._installation
        return Moment(
            self._completed,
            time.monotonic() - self._began_s,
            usage_of([self._api.pid]),
            usage_of([self._worker.pid]),
            installation.database_connections(),
        )

    def _look(self) -> int:
        """How many jobs are completed; twice a second, so that looking is no part of the work."""
        time.sleep(0.5)
        for upload in self._uploads:
            if upload.done():
                upload.result()  # raises what went wrong
        completed = self._installation.query("SELECT COUNT(*) FROM jobs WHERE status = 'COMPLETED'")
        self._let_through(completed)
        return completed

    def _let_through(self, completed: int) -> None:
        with self._waits:
            self._completed = completed
            self._waits.notify_all()


def _artifacts(installation: Installation) -> int:
    return sum(1 for _ in files_below(installation.settings.data_dir / "artifacts"))


def _left_over(installation: Installation, jobs: int) -> Sequence[str]:
    """What should not be there after so many jobs, in sentences."""
    incoming = len(list((installation.settings.upload_dir / ".incoming").iterdir()))
    counts = {
        "jobs that are not completed": installation.query("SELECT COUNT(*) FROM jobs WHERE status <> 'COMPLETED'"),
        "attempts more than jobs": installation.query("SELECT SUM(attempt) FROM jobs") - jobs,
        "reports more than jobs": installation.query("SELECT COUNT(*) FROM analysis_reports") - jobs,
        "files of attempts too many": _artifacts(installation) - _FILES_PER_JOB * jobs,
        "files of uploads": incoming,
    }
    return [f"{number} {what}" for what, number in counts.items() if number]


def _section(moments: Sequence[Moment], left: Sequence[str]) -> Section:
    first, last = moments[0], moments[-1]
    text = f"""
{last.jobs} jobs on the scripted engine, which takes no time itself: `coach-pro serve` takes the uploads, `coach-pro
worker` with {_SLOTS} slots does the jobs, both on MariaDB and Redis; at most {_MOST_WAITING} jobs wait. Films are tiny,
so this is what a job costs beside its analysis: {in_ms(_processor_s(moments, "api"))} of the API's processor time, and
{in_ms(_processor_s(moments, "worker"))} of the worker's. Left over in the end: {", ".join(left) or "nothing"}. The bar:
from the first row to the last, memory grows by at most {_ALLOWED_MB} MB or {_ALLOWED_SHARE:.0%} in each process; open
files, threads and connections do not grow but for those of requests under way, and nothing is left over.
"""
    columns = (
        "jobs done", "jobs a second", "API: memory", "open files", "threads", "worker: memory", "open files", "threads",
        "database connections", "bar",
    )  # fmt: skip
    rows = [_row(before, one) for before, one in zip((None, *moments[:-1]), moments, strict=True)]
    rows[-1] = (*rows[-1][:-1], met(not left and _is_flat(first, last)))
    return Section("Soak", text, columns, rows)


def _processor_s(moments: Sequence[Moment], process: Literal["api", "worker"]) -> float:
    """Per job, after the first moment."""
    first, last = (getattr(moment, process).processor_s for moment in (moments[0], moments[-1]))
    return float(last - first) / (moments[-1].jobs - moments[0].jobs)


def _row(before: Moment | None, one: Moment) -> Sequence[str]:
    jobs, seconds = (one.jobs - before.jobs, one.seconds - before.seconds) if before else (one.jobs, one.seconds)
    return (
        str(one.jobs), f"{jobs / seconds:.1f}", *_cells(one.api), *_cells(one.worker), str(one.connections), "",
    )  # fmt: skip


def _cells(usage: Usage) -> Sequence[str]:
    return f"{usage.memory_mb:.0f} MB", str(usage.open_files), str(usage.threads)


def _is_flat(first: Moment, last: Moment) -> bool:
    return all(
        later.memory_mb - sooner.memory_mb <= max(_ALLOWED_MB, _ALLOWED_SHARE * sooner.memory_mb)
        and later.open_files <= sooner.open_files + _UPLOADERS
        and later.threads <= sooner.threads + _UPLOADERS
        for sooner, later in ((first.api, last.api), (first.worker, last.worker))
    ) and (last.connections <= first.connections + _UPLOADERS)
