"""What one more process of each role brings, measured here, into the table of docs/scaling.md.

    python -m benchmarks.scaling           about ten minutes on two idle cores
    python -m benchmarks.scaling --short   a tenth of it, for a look

Real processes and a private MariaDB. Rows of one block come from one run, one after the other: compare those.
"""

import http.client
import os
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx2
import typer
from sqlalchemy import Function, delete, func, make_url, select

from app.core.config import Settings
from app.core.database import Database
from app.core.migrations import upgrade_database
from app.models import Job, JobStatus
from tests.conftest import ROOT, SAMPLE_VIDEO
from tests.integration.grpc.engine_process import run_engine
from tests.servers import scripted_engine as engines
from tests.servers.coach_pro import ApiProcess, GunicornProcess, ServerProcess, WorkerProcess
from tests.servers.mariadb import PrivateMariaDB
from tests.servers.media import Film, write_film
from tests.servers.scripted_engine import Answers, EngineServer, Stage
from tests.waiting import wait_until

PAGE = ROOT / "docs" / "scaling.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
CONNECTIONS = 16
ANALYSIS_S = 1.0  # of the engine that only pretends
PATIENCE_S = 900.0
QUICKLY = {"JOBS_PER_ACCOUNT": "1000", "RATE_LIMITS": "False", "JOB_SWEEP_S": "0.2"}


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how much; the short one is for a look."""

    seconds: float
    pretended_jobs: int
    real_jobs: int


WHOLE, SHORT = Effort(20.0, 48, 6), Effort(3.0, 16, 2)


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
    def uploads(self) -> Iterator["Coach"]:
        server = ServerProcess(self.settings, self.folder, engine_port=1, log=None, EMBEDDED_WORKERS="0", **QUICKLY)
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


def measure_api(installation: Installation, effort: Effort) -> Iterator[Row]:
    for processes in (1, 2, 4):
        with installation.api(processes) as coach:
            coach.make_matches(20)
            coach.read("/api/matches?limit=20", seconds=effort.seconds / 4)  # connections and caches are warm
            took = coach.read("/api/matches?limit=20", seconds=effort.seconds)
        p99_ms = statistics.quantiles(took, n=100)[98] * 1000
        name = f"{processes} API process{'es' if processes > 1 else ''}"
        yield Row(name, len(took) / effort.seconds, "answers/s", f"p99 {p99_ms:.0f} ms")


def measure_workers(installation: Installation, effort: Effort) -> Iterator[Row]:
    """Workers in front of engines on other machines, as it were: they take their time and no core of ours.

    The clock starts when every slot has its first job, so that no worker is still starting.
    """
    film = write_film(installation.folder / "film.mp4", Film())
    for crew in (Crew(1, 1), Crew(1, 4), Crew(2, 4)):
        with engines_behind_a_gate() as (started, gate):
            waiting = work_off(installation, [film] * effort.pretended_jobs, crew, [engine.port for engine in started])
            with waiting as finished:
                wait_until(partial(is_busy, started, crew.slots_of_all), patience_s=PATIENCE_S)
                began = datetime.now(UTC)
                gate.set()
                rate = effort.pretended_jobs / (finished() - began).total_seconds()
        note = f"{rate * ANALYSIS_S / crew.slots_of_all:.0%} of what the engines allow"
        yield Row(f"{crew.processes} × `coach-pro worker --concurrency {crew.slots}`", rate, "jobs/s", note)


def is_busy(started: list[EngineServer], runs: int) -> bool:
    return sum(len(engine.requests) for engine in started) >= runs


def measure_engines(installation: Installation, effort: Effort) -> Iterator[Row]:
    for number, analyses in ((1, 1), (1, 2), (2, 1)):
        with ExitStack() as stack:
            started = [stack.enter_context(run_engine("--workers", str(analyses))) for _ in range(number)]
            ports = [int(engine.address.rpartition(":")[2]) for engine in started]
            films = [SAMPLE_VIDEO] * effort.real_jobs
            finished = stack.enter_context(work_off(installation, films, Crew(1, 2), ports))
            ended, began = finished(), installation.first_start()
        rate = effort.real_jobs / (ended - began).total_seconds()
        yield Row(f"{number} × `python -m engine --workers {analyses}`", rate * 60, "sample videos/min")


@contextmanager
def engines_behind_a_gate() -> Iterator[tuple[list[EngineServer], threading.Event]]:
    """Two, as each has eight threads; no analysis goes on before the gate is open."""
    gate = threading.Event()

    def pretends(stage: Stage) -> Answers:
        gate.wait(PATIENCE_S)
        stage.pause(ANALYSIS_S)
        yield from engines.plays_well(stage)

    started = [EngineServer(pretends).start() for _ in range(2)]
    try:
        yield started, gate
    finally:
        gate.set()
        for engine in started:
            engine.stop()


@contextmanager
def work_off(
    installation: Installation, films: list[Path], crew: Crew, ports: list[int]
) -> Iterator[Callable[[], datetime]]:
    """Jobs for all films, and workers that are on them; what it gives waits, and tells when the last one ended."""
    installation.forget_jobs()
    with installation.uploads() as coach:
        coach.upload(films)
        changes = QUICKLY | {
            "ANALYSIS_ENGINE_HOST": ",".join(f"127.0.0.1:{port}" for port in ports),
            "WORKER_CONCURRENCY": str(crew.slots),
        }
        workers = [
            WorkerProcess(installation.settings, installation.folder, engine_port=ports[0], log=None, **changes)
            for _ in range(crew.processes)
        ]
        try:
            yield installation.last_end
        finally:
            for worker in workers:
                worker.stop()


BLOCKS = {
    "A list of 20 matches, authenticated, MariaDB, 16 connections": measure_api,
    f"Jobs whose engines take {ANALYSIS_S:g} s elsewhere": measure_workers,
    "Jobs with the bundled engine on this machine, 2 at once": measure_engines,
}


def table(installation: Installation, effort: Effort) -> Iterator[str]:
    yield "| what | rate | against the first | |"
    yield "|---|---|---|---|"
    for title, measure in BLOCKS.items():
        yield f"| **{title}** | | | |"
        first: Row | None = None
        for row in measure(installation, effort):
            first = first or row
            typer.echo(row, err=True)
            yield f"| {row.what} | {row.rate:.3g} {row.unit} | × {row.rate / first.rate:.2f} | {row.note} |"


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


def main(short: Annotated[bool, typer.Option("--short", help="Rough figures within minutes.")] = False) -> None:
    """Measure what each further process brings, and write the table of docs/scaling.md."""
    effort = SHORT if short else WHOLE
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mariadb = PrivateMariaDB(folder)
        mariadb.start()
        load = os.getloadavg()[0]
        try:
            lines = list(table(installation_in(folder, mariadb), effort))
        finally:
            mariadb.stop()
    kind = "short form" if effort is SHORT else "whole form"
    about = f"On {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {kind}; load when it began {load:.1f}."
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    measured = "\n".join([BEGIN, about, "", *lines, END])
    PAGE.write_text(before + measured + rest.partition(END)[2], encoding="utf-8")
    typer.echo(measured)


if __name__ == "__main__":
    typer.run(main)
