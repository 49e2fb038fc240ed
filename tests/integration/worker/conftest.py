"""The whole application with the real gRPC client, in front of an engine that is played."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from app.core.config import Settings
from app.core.database import Database
from app.models import AnalysisReport, Base, Job
from tests.files import files_below
from tests.integration.quick_app import quick_app
from tests.servers.coach_pro import WorkerProcess
from tests.servers.media import Film, write_film
from tests.servers.rabbitmq import PrivateRabbitMQ, find_rabbitmq
from tests.servers.redis import PrivateRedis
from tests.servers.scripted_engine import EngineServer, Play
from tests.waiting import finished_job, wait_until


@dataclass
class Club:
    """A running application, and a coach who is logged in to it."""

    client: TestClient
    settings: Settings
    film: bytes
    headers: dict[str, str]

    @property
    def database(self) -> Database:
        database: Database = self.client.app.state.parts.database  # type: ignore[attr-defined]
        return database

    def upload(self, **fields: str) -> str:
        files = {"file": self.film}
        answer = self.client.post("/api/analyze_match", headers=self.headers, files=files, data=fields)
        assert answer.status_code == 202, answer.text
        job_id: str = answer.json()["job_id"]
        return job_id

    def job(self, job_id: str) -> dict[str, Any]:
        job: dict[str, Any] = self.client.get(f"/api/jobs/{job_id}", headers=self.headers).json()
        return job

    def wait_for(self, job_id: str, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The job as soon as ``condition`` holds for it."""

        def read() -> dict[str, Any] | None:
            job = self.job(job_id)
            return job if condition(job) else None

        job = wait_until(read)
        assert job is not None
        return job

    def finish(self, job_id: str) -> dict[str, Any]:
        return finished_job(self.client, self.headers, job_id)

    def analyse(self, **fields: str) -> dict[str, Any]:
        return self.finish(self.upload(**fields))

    def count(self, model: type[Base]) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def artifacts(self) -> list[Path]:
        return files_below(self.settings.data_dir / "artifacts")


def statistics_written(club: Club) -> tuple[int, int]:
    """How many reports and rows of statistics there are."""
    listed = club.client.get("/api/player_match_statistics", headers=club.headers).json()
    return club.count(AnalysisReport), len(listed)


def expire_leases(database: Database) -> None:
    """As if those who hold them had been gone for long: nobody waits for it, and nobody alive loses a short one."""
    with database.unit_of_work() as session:
        held = Job.lease_expires_at.is_not(None)
        session.execute(update(Job).where(held).values(lease_expires_at=datetime(2020, 1, 1, tzinfo=UTC)))


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """40 frames, 25 per second."""
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", Film()).read_bytes()


@pytest.fixture
def play() -> Iterator[Callable[..., EngineServer]]:
    """Start engines that play; they are stopped after the test."""
    servers: list[EngineServer] = []

    def start(*plays: Play, **options: Any) -> EngineServer:
        servers.append(EngineServer(*plays, **options).start())
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@dataclass(frozen=True)
class Broker:
    """A running broker and the settings that name it."""

    server: PrivateRabbitMQ | PrivateRedis

    @property
    def changes(self) -> dict[str, str]:
        return {"JOB_BACKEND": "celery", "CELERY_BROKER_URL": self.server.url}

    def purge(self) -> int:
        return self.server.purge(str(Settings.model_fields["celery_queue"].default))


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    if find_rabbitmq() is None:
        pytest.skip("RabbitMQ is not installed (apt-get install rabbitmq-server)")
    server = PrivateRabbitMQ(tmp_path_factory.mktemp("rabbitmq"))
    server.start()
    yield Broker(server)
    server.stop()


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    if shutil.which("redis-server") is None:
        pytest.skip("Redis is not installed (apt-get install redis-server)")
    server = PrivateRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield Broker(server)
    server.stop()


@pytest.fixture(params=["rabbitmq", "redis"])
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Each test that asks for it runs on both brokers. Its queue is empty again afterwards."""
    broker: Broker = request.getfixturevalue(request.param)
    yield broker
    broker.purge()


StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def start_worker(make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[StartWorker]:
    """Start worker processes for the engine at a port; they are stopped after the test."""
    workers: list[WorkerProcess] = []

    def start(engine_port: int, **changes: str) -> WorkerProcess:
        workers.append(WorkerProcess(make_settings(), tmp_path, engine_port=engine_port, **changes))
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()


@pytest.fixture
def open_club(make_settings: Callable[..., Settings], film: bytes) -> Iterator[Callable[..., Club]]:
    """Start applications whose engine is expected at ``port``; they are shut down after the test."""
    running: list[TestClient] = []

    def start(port: int, *, email: str = "coach@example.com", **changes: object) -> Club:
        at_engine = {"analysis_engine_host": "127.0.0.1", "analysis_engine_port": port}
        settings = make_settings(**(at_engine | changes))
        client = TestClient(quick_app(settings), raise_server_exceptions=False)
        client.__enter__()
        running.append(client)
        return Club(client, settings, film, _log_in(client, email))

    yield start
    for client in running:
        client.__exit__(None, None, None)


def _log_in(client: TestClient, email: str) -> dict[str, str]:
    """Register, or log in where another application on the same database has the account already."""
    answer = client.post("/api/register", json={"email": email, "password": "correct horse"})
    if answer.status_code == 409:
        answer = client.post("/api/token", data={"username": email, "password": "correct horse"})
    assert answer.is_success, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
