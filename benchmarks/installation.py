"""An installation of real processes, on free ports of 127.0.0.1 and in a temporary folder."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pymysql

from app.core.config import Settings
from app.core.migrations import upgrade_database
from tests.servers.coach_pro import ApiProcess, CoachProProcess, GunicornProcess, ServerProcess, WorkerProcess
from tests.servers.mariadb import PrivateMariaDB
from tests.servers.redis import PrivateRedis
from tests.servers.switched_engine import SwitchedEngine
from tests.waiting import free_port, wait_until

DATABASE = "coach_pro_bench"
_PATIENCE_S = 120.0
_SECRET_KEY = "a-secret-that-is-only-used-by-the-benchmarks"
_AS_OPERATED = {
    "JOB_SWEEP_S": "5",
    "JOB_RETRY_BASE_S": "2",
    "LOG_LEVEL": "INFO",
    "LOG_FORMAT": "json",
    # Counted as for anybody, but all clients of a benchmark come from one address.
    "RATE_LIMITS": "True",
    **dict.fromkeys(
        (
            "RATE_LIMIT_PER_ADDRESS",
            "RATE_LIMIT_PER_ACCOUNT",
            "RATE_LIMIT_LOG_INS",
            "RATE_LIMIT_REGISTRATIONS",
        ),
        "1000000 per minute",
    ),
}
"""The defaults of an operator, where our test processes have others."""

Process = TypeVar("Process", bound=CoachProProcess)


class Installation:
    """MariaDB that flushes each commit to the disk, Redis, and a scripted engine; the schema is there."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.directory = directory
        self._stack = stack
        self.mariadb = PrivateMariaDB(self._folder("mariadb"), durability=())
        stack.callback(self.mariadb.stop)
        self.mariadb.start()
        self.mariadb.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        self.redis = PrivateRedis(self._folder("redis"))
        stack.callback(self.redis.stop)
        self.redis.start()
        self.engine = SwitchedEngine(self._folder("engine"))
        stack.callback(self.engine.kill)
        self.engine.start()
        upgrade_database(self.settings.sqlalchemy_url)

    @cached_property
    def settings(self) -> Settings:
        return Settings(
            _env_file=None,
            secret_key=_SECRET_KEY,
            database_url=f"{self.mariadb.url(DATABASE)}?charset=utf8mb4",
            analysis_engine_port=self.engine.port,
            data_dir=self.directory / "var",
            upload_dir=self.directory / "uploads",
        )

    def start_server(self, **changes: str) -> ServerProcess:
        """``coach-pro serve``, with the scripted engine."""
        environment = self._environment(changes)
        return self._stopped_at_last(
            ServerProcess(
                self.settings, self.directory, engine_port=self.engine.port, log=self.log("api"), **environment
            )
        )

    def start_gunicorn(self, processes: int, options: str = "", **changes: str) -> GunicornProcess:
        """``gunicorn main:app``, once all processes serve. ``options``: further ones of the command line."""
        environment = self._environment(changes | {"GUNICORN_CMD_ARGS": options})
        ready = self.ready_processes() + processes
        server = self._stopped_at_last(
            GunicornProcess(self.settings, self.directory, processes=processes, log=self.log("gunicorn"), **environment)
        )
        wait_until(lambda: self.ready_processes() >= ready, patience_s=_PATIENCE_S)
        return server

    def start_socket_activated(self, processes: int, options: str = "", **changes: str) -> ApiProcess:
        """As :meth:`start_gunicorn`, on a socket that another process holds."""
        environment = self._environment(changes | {"GUNICORN_CMD_ARGS": options})
        command = ["benchmarks.socket_activation", str(port := free_port()), "gunicorn", "main:app"]
        command += ["--workers", str(processes), "--worker-class", "uvicorn_worker.UvicornWorker"]
        ready = self.ready_processes() + processes
        server = ApiProcess(
            [*command, "--no-control-socket"], self.settings, self.directory, log=self.log("gunicorn"), **environment
        )
        self._stack.callback(server.stop)
        server.url = f"http://127.0.0.1:{port}"
        wait_until(lambda: self.ready_processes() >= ready, patience_s=_PATIENCE_S)
        return server

    def ready_processes(self) -> int:
        """How many of gunicorn's processes have said that they serve, ever."""
        log = self.log("gunicorn")
        return log.read_text().count("Application startup complete") if log.exists() else 0

    def start_worker(self, **changes: str) -> WorkerProcess:
        """``coach-pro worker``, ready."""
        environment = self._environment(changes)
        worker = self._stopped_at_last(
            WorkerProcess(
                self.settings, self.directory, engine_port=self.engine.port, log=self.log("worker"), **environment
            )
        )
        worker.wait_until_ready()
        return worker

    def database_connections(self) -> int:
        """How many the server has, but for the one that asks."""
        return self.query("SELECT COUNT(*) - 1 FROM information_schema.processlist WHERE user = 'root'")

    def most_database_connections(self) -> int:
        """How many there ever were at once."""
        statement = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = "
        return self.query(statement + "'MAX_USED_CONNECTIONS'")

    def query(self, statement: str) -> int:
        """The one number that a statement gives."""
        with (
            pymysql.connect(host="127.0.0.1", port=self.mariadb.port, user="root", database=DATABASE) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
            row = cursor.fetchone()
        assert row is not None
        return int(row[0])

    def log(self, name: str) -> Path:
        """What processes of ours said, all of one kind in one file."""
        return self.directory / f"{name}.log"

    def _environment(self, changes: dict[str, str]) -> dict[str, str]:
        return _AS_OPERATED | {"REDIS_URL": self.redis.url} | changes

    def _stopped_at_last(self, process: Process) -> Process:
        self._stack.callback(process.kill)
        return process

    def _folder(self, name: str) -> Path:
        path = self.directory / name
        path.mkdir()
        return path


@contextmanager
def installed() -> Iterator[Installation]:
    """An installation that is stopped and removed after the block."""
    with tempfile.TemporaryDirectory(prefix="coach-pro-bench-") as name, ExitStack() as stack:
        yield Installation(Path(name), stack)
