"""An installation whose processes of each role can be numbered, for what one more of them brings."""

import http.client
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpx2
from sqlalchemy import Function, delete, func, make_url, select

from app.core.config import Settings
from app.core.database import Database
from app.core.migrations import upgrade_database
from app.models import Job, JobStatus
from tests.servers.coach_pro import ApiProcess, GunicornProcess, ServerProcess, WorkerProcess
from tests.servers.mariadb import PrivateMariaDB
from tests.waiting import wait_until

CONNECTIONS = 16
PATIENCE_S = 900.0
QUICKLY = {"JOBS_PER_ACCOUNT": "1000", "RATE_LIMITS": "False", "JOB_SWEEP_S": "0.2"}


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how much; the short one is for a look."""

    seconds: float
    pretended_jobs: int
    real_jobs: int


@dataclass(frozen=True, slots=True)
class Crew:
    """Worker processes, each with this many jobs at once."""

    processes: int
    slots: int

    @property
    def slots_of_all(self) -> int:
        return self.processes * self.slots


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    rate: float
    unit: str
    note: str = ""


@dataclass(frozen=True)
class Installation:
    settings: Settings
    database: Database
    folder: Path

    @contextmanager
    def api(self, processes: int) -> Iterator["Coach"]:
        """Without workers in it: with ``processes`` from gunicorn."""
        server = GunicornProcess(
            self.settings, self.folder, processes=processes, log=None, ANALYSIS_ENGINE_PORT="1",
            EMBEDDED_WORKERS="0", **QUICKLY,
        )  # fmt: skip
        try:
            yield Coach.at(server)
        finally:
            server.stop()

    @contextmanager
    def uploads(self, **changes: str) -> Iterator["Coach"]:
        changes = QUICKLY | changes
        server = ServerProcess(self.settings, self.folder, engine_port=1, log=None, EMBEDDED_WORKERS="0", **changes)
        try:
            yield Coach.at(server)
        finally:
            server.stop()

    def forget_jobs(self) -> None:
        with self.database.unit_of_work() as session:
            session.execute(delete(Job))

    def first_start(self) -> datetime:
        return self._moment(func.min(Job.started_at))

    def last_end(self) -> datetime:
        """Of all jobs, once they are over."""
        wait_until(self._are_finished, patience_s=PATIENCE_S)
        return self._moment(func.max(Job.finished_at))

    def _moment(self, column: Function[Any]) -> datetime:
        with self.database.reading() as session:
            moment: datetime | None = session.scalar(select(column))
        assert moment is not None
        return moment.replace(tzinfo=UTC)

    def _are_finished(self) -> bool:
        time.sleep(0.2)  # looking costs the database something, too
        with self.database.reading() as session:
            states = session.scalars(select(Job.status)).all()
        if JobStatus.FAILED in states:
            raise RuntimeError("a job failed")
        return all(state is JobStatus.COMPLETED for state in states)


@dataclass(frozen=True)
class Coach:
    """Somebody who is logged in."""

    url: str
    headers: dict[str, str]

    @classmethod
    def at(cls, server: ApiProcess) -> "Coach":
        wait_until(server.health, patience_s=PATIENCE_S)
        return cls(server.url, server.log_in(f"{uuid.uuid4()}@example.com"))

    def make_matches(self, number: int) -> None:
        with httpx2.Client(base_url=self.url, headers=self.headers, timeout=60) as client:
            for day in range(number):
                match = {"match_date": f"2026-10-{day + 1:02}T15:00:00Z", "venue": "Home ground"}
                client.post("/api/matches", json=match).raise_for_status()

    def upload(self, films: list[Path]) -> None:
        def send(film: Path) -> None:
            with film.open("rb") as file:
                answer = httpx2.post(
                    f"{self.url}/api/analyze_match", headers=self.headers, files={"file": file}, timeout=120
                )
            answer.raise_for_status()

        with ThreadPoolExecutor(4) as clients:
            list(clients.map(send, films))  # the list is what makes an error known

    def read(self, path: str, *, seconds: float) -> list[float]:
        """Ask again and again over ``CONNECTIONS`` connections; the seconds that each answer took."""
        ends = time.monotonic() + seconds

        def ask(_: int) -> list[float]:
            connection = http.client.HTTPConnection(str(urlsplit(self.url).netloc), timeout=60)
            took = []
            while (began := time.monotonic()) < ends:
                connection.request("GET", path, headers=self.headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{path}: {answer.status}")
                took.append(time.monotonic() - began)
            connection.close()
            return took

        with ThreadPoolExecutor(CONNECTIONS) as clients:
            return [second for took in clients.map(ask, range(CONNECTIONS)) for second in took]


@contextmanager
def work_off(
    installation: Installation,
    films: list[Path],
    crew: Crew,
    ports: list[int],
    *,
    api: Mapping[str, str] = MappingProxyType({}),
    worker: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Callable[[], datetime]]:
    """Jobs for all films, and workers that are on them; what it gives waits, and tells when the last one ended.

    Args:
        api: further settings of the server that takes the films.
        worker: further settings of the workers.
    """
    installation.forget_jobs()
    with installation.uploads(**api) as coach:
        coach.upload(films)
        changes = QUICKLY | {
            "ANALYSIS_ENGINE_HOST": ",".join(f"127.0.0.1:{port}" for port in ports),
            "WORKER_CONCURRENCY": str(crew.slots),
            **worker,
        }
        workers = [
            WorkerProcess(installation.settings, installation.folder, engine_port=ports[0], log=None, **changes)
            for _ in range(crew.processes)
        ]
        try:
            yield installation.last_end
        finally:
            for process in workers:
                process.stop()


def installation_in(folder: Path, mariadb: PrivateMariaDB) -> Installation:
    mariadb.execute("CREATE DATABASE coach_pro_scaling CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    url = mariadb.url("coach_pro_scaling")
    upgrade_database(make_url(url).update_query_dict({"charset": "utf8mb4"}))
    settings = Settings(
        _env_file=None,
        secret_key=uuid.uuid4().hex,
        database_url=url,
        data_dir=folder / "data",
        upload_dir=folder / "up",
    )
    return Installation(settings, Database(settings.sqlalchemy_url), folder)
