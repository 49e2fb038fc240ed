"""An installation of real processes, on free ports of 127.0.0.1 and in a temporary folder, and those who use it."""

import itertools
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from app.core.config import Settings
from app.core.database import Database
from app.core.migrations import upgrade_database
from tests.faults.coach import Coach
from tests.faults.evidence import Evidence, Findings
from tests.faults.films import Film, make_films
from tests.servers.coach_pro import CoachProProcess, GunicornProcess, ServerProcess, WorkerProcess
from tests.servers.mariadb import SURVIVES_A_KILL, PrivateMariaDB
from tests.servers.rabbitmq import PrivateRabbitMQ
from tests.servers.redis import PrivateRedis
from tests.servers.switched_engine import SwitchedEngine
from tests.waiting import wait_until

LEASE_S = 2.0
SHORT_LEASE = {"JOB_LEASE_S": str(LEASE_S)}
"""For faults that are about leases. On a busy machine one may expire by itself, so the others keep the default."""
IDLE_TIMEOUT_S = 1.5
PATIENCE_S = 120.0
"""How long to wait for what takes a second or two on a quiet machine."""

DATABASE = "coach_pro_faults"
_SECRET_KEY = "a-secret-that-is-only-used-by-the-fault-tests"
_CHANGES = {"JOB_SWEEP_S": "0.2", "JOB_RETRY_CAP_S": "0.5"}

Process = TypeVar("Process", bound=CoachProProcess)


class World:
    """Use as a context manager: it starts MariaDB, an engine and an API process without workers, and stops everything.

    Programs of ours that a fault starts end when the fault is over, at the latest.
    """

    evidence: Evidence
    api: ServerProcess
    coach: Coach
    other_coach: Coach  # of another club

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.mariadb = PrivateMariaDB(self._folder("mariadb"), durability=SURVIVES_A_KILL)
        self.engine = SwitchedEngine(self._folder("engine"))
        self.films, self.poison = make_films(directory)
        self._stack = ExitStack()
        self._turn = itertools.cycle(self.films)
        self._undisturbed: dict[str, Findings] = {}

    def __enter__(self) -> "World":
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @cached_property
    def settings(self) -> Settings:
        url = f"{self.mariadb.url(DATABASE)}?charset=utf8mb4"
        return Settings(
            _env_file=None,
            secret_key=_SECRET_KEY,
            database_url=url,
            analysis_engine_port=self.engine.port,
            data_dir=self.directory / "var",
            upload_dir=self.directory / "uploads",
        )

    @cached_property
    def database(self) -> Database:
        """Our own connections, past the API."""
        database = Database(self.settings.sqlalchemy_url)
        self._stack.callback(database.dispose)
        return database

    @cached_property
    def rabbitmq(self) -> PrivateRabbitMQ:
        broker = PrivateRabbitMQ(self._folder("rabbitmq"))
        self._stack.callback(broker.stop)
        broker.start()
        return broker

    @cached_property
    def redis(self) -> PrivateRedis:
        broker = PrivateRedis(self._folder("redis"))
        self._stack.callback(broker.stop)
        broker.start()
        return broker

    def start_api(self, stack: ExitStack, **changes: str) -> ServerProcess:
        """``coach-pro serve``, without workers unless ``changes`` say so. It answers, so it has swept its storage."""
        changes = _CHANGES | {"EMBEDDED_WORKERS": "0"} | changes
        api = _killed_by(
            stack,
            ServerProcess(self.settings, self.directory, engine_port=self.engine.port, log=self.log("api"), **changes),
        )
        wait_until(api.health, patience_s=PATIENCE_S)
        return api

    def start_gunicorn(self, stack: ExitStack, *, processes: int, **changes: str) -> GunicornProcess:
        return _killed_by(
            stack,
            GunicornProcess(
                self.settings, self.directory, processes=processes, log=self.log("gunicorn"), **_CHANGES | changes
            ),
        )

    def start_worker(self, stack: ExitStack, **changes: str) -> WorkerProcess:
        """``coach-pro worker``; it may still be starting."""
        return _killed_by(
            stack,
            WorkerProcess(
                self.settings,
                self.directory,
                engine_port=self.engine.port,
                log=self.log("worker"),
                **_CHANGES | changes,
            ),
        )

    def start_workers(self, stack: ExitStack, count: int, **changes: str) -> list[WorkerProcess]:
        """All of them ready."""
        workers = [self.start_worker(stack, **changes) for _ in range(count)]
        for worker in workers:
            worker.wait_until_ready()
        return workers

    def next_films(self, count: int) -> list[Film]:
        return list(itertools.islice(self._turn, count))

    def upload(self, count: int, *, coach: Coach | None = None) -> dict[str, Film]:
        """Have so many films analysed; the jobs and their films."""
        coach = coach or self.coach
        return {coach.upload(self.api.url, film): film for film in self.next_films(count)}

    def expected(self, jobs: Mapping[str, Film]) -> dict[str, Findings]:
        """What undisturbed runs found in the same films."""
        return {job_id: self._undisturbed[film.title] for job_id, film in jobs.items()}

    def _start(self) -> None:
        self._stack.callback(self.mariadb.stop)
        self.mariadb.start()
        self.mariadb.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        upgrade_database(self.settings.sqlalchemy_url)
        self._stack.callback(self.engine.kill)
        self.engine.start()
        self.api = self.start_api(self._stack)
        self.coach = Coach(self.api.log_in("coach@example.com"))
        self.other_coach = Coach(self.api.log_in("other@example.com"))
        self.evidence = Evidence(self.database, self.settings)
        self._learn()

    def _learn(self) -> None:
        """Let each film be analysed while nobody disturbs. How long a run takes has no part in what it finds."""
        with ExitStack() as stack:
            self.start_worker(stack)
            jobs = {self.coach.upload(self.api.url, film): film for film in self.films}
            self.evidence.wait_for_the_end(list(jobs), patience_s=PATIENCE_S)
        for job_id, film in jobs.items():
            findings = self.evidence.findings(job_id)
            if findings is None or self.evidence.jobs([job_id])[job_id].attempt != 1:
                raise RuntimeError(f"the undisturbed analysis of {film.title} went wrong; see {self.directory}")
            self._undisturbed[film.title] = findings

    def _folder(self, name: str) -> Path:
        path = self.directory / name
        path.mkdir()
        return path

    def log(self, name: str) -> Path:
        """What processes of ours said, all of one kind in one file."""
        return self.directory / f"{name}.log"


def _killed_by(stack: ExitStack, process: Process) -> Process:
    """A frozen one does not hear when it is told to stop, and what was killed already does not mind."""
    stack.callback(process.kill)
    return process
