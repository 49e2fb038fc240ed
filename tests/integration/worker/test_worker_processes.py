"""``coach-pro worker`` beside the API: over RabbitMQ, over Redis, and without a broker. Every job runs once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from app.core.config import Settings
from app.core.database import Database
from app.models import Job, JobStatus
from tests.integration.worker.conftest import Broker, Club, StartWorker, expire_leases, statistics_written
from tests.servers import scripted_engine as engines
from tests.servers.coach_pro import ApiProcess, GunicornProcess, ServerProcess, WorkerProcess
from tests.servers.scripted_engine import TRACKS, EngineServer
from tests.waiting import wait_until

ON_MARIADB = pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_REDIS = pytest.mark.parametrize("broker", ["redis"], indirect=True)
JOBS = 20
PATIENCE_S = 120.0
NO_SWEEP = {"JOB_SWEEP_S": "3600"}  # but the first one: what is done afterwards was asked for by a message
OpenClub = Callable[..., Club]
StartEngine = Callable[..., EngineServer]


def send_films(client: httpx2.Client, headers: dict[str, str], film: bytes) -> list[str]:
    """Upload ``JOBS`` films, four at a time; the ids of the jobs."""

    def send(_: int) -> str:
        answer = client.post("/api/analyze_match", headers=headers, files={"file": film})
        assert answer.status_code == 202, answer.text
        job_id: str = answer.json()["job_id"]
        return job_id

    with ThreadPoolExecutor(4) as clients:
        return list(clients.map(send, range(JOBS)))


def every_job_ran_once(database: Database, engine: EngineServer, job_ids: list[str]) -> bool:
    """Whether all are done; what ran twice, or was tried twice, fails the test."""
    with database.reading() as session:
        jobs = session.scalars(select(Job)).all()
    assert sorted(str(job.id) for job in jobs) == sorted(job_ids)
    assert {job.status for job in jobs} <= {JobStatus.PENDING, JobStatus.PROCESSING, JobStatus.COMPLETED}
    if any(job.status is not JobStatus.COMPLETED for job in jobs):
        return False
    assert {(job.attempt, job.fence) for job in jobs} == {(1, 1)}
    assert sorted(request.match_id for request in engine.requests) == sorted(f"{job_id}-1" for job_id in job_ids)
    return True


def run_once_each(
    server: ApiProcess, workers: list[WorkerProcess], database: Database, engine: EngineServer, film: bytes
) -> None:
    """Send the films, see each run once, and stop everything as an operator does."""
    try:
        for worker in workers:
            worker.wait_until_ready()
        job_ids = send_films(server.client, server.log_in(), film)
        wait_until(lambda: every_job_ran_once(database, engine, job_ids), patience_s=PATIENCE_S)
    finally:
        assert server.stop() == 0
    assert [worker.stop() for worker in workers] == [0] * len(workers)


@ON_MARIADB
def test_many_jobs_over_a_broker_run_once_each(
    broker: Broker,
    play: StartEngine,
    start_worker: StartWorker,
    make_settings: Callable[..., Settings],
    database: Database,
    film: bytes,
    tmp_path: Path,
) -> None:
    engine = play(engines.plays_well)
    workers = [start_worker(engine.port, **broker.changes, **NO_SWEEP) for _ in range(2)]
    server = ServerProcess(make_settings(), tmp_path, engine_port=engine.port, **broker.changes)
    run_once_each(server, workers, database, engine, film)


@ON_MARIADB
def test_many_jobs_of_four_api_processes_with_embedded_workers_run_once_each(
    play: StartEngine, make_settings: Callable[..., Settings], database: Database, film: bytes, tmp_path: Path
) -> None:
    engine = play(engines.plays_well)
    server = GunicornProcess(make_settings(), tmp_path, processes=4, ANALYSIS_ENGINE_PORT=str(engine.port))
    run_once_each(server, [], database, engine, film)


@ON_MARIADB
def test_many_jobs_of_four_api_processes_over_a_broker_run_once_each(
    rabbitmq: Broker,
    play: StartEngine,
    start_worker: StartWorker,
    make_settings: Callable[..., Settings],
    database: Database,
    film: bytes,
    tmp_path: Path,
) -> None:
    engine = play(engines.plays_well)
    workers = [start_worker(engine.port, **rabbitmq.changes, **NO_SWEEP) for _ in range(2)]
    server = GunicornProcess(make_settings(), tmp_path, processes=4, **rabbitmq.changes)
    run_once_each(server, workers, database, engine, film)


@ON_MARIADB
def test_a_purged_queue_loses_no_job(
    rabbitmq: Broker, play: StartEngine, open_club: OpenClub, start_worker: StartWorker
) -> None:
    engine = play(engines.plays_well)
    club = open_club(engine.port, job_backend="celery", celery_broker_url=rabbitmq.server.url)
    job_id = club.upload()
    wait_until(rabbitmq.purge)
    assert club.job(job_id)["status"] == "PENDING"
    start_worker(engine.port, **rabbitmq.changes)
    assert club.finish(job_id)["status"] == "COMPLETED"
    assert rabbitmq.purge() == 0


@ON_SQLITE
@ON_REDIS
def test_jobs_are_done_while_the_broker_is_away(
    broker: Broker, play: StartEngine, open_club: OpenClub, start_worker: StartWorker
) -> None:
    released = threading.Event()
    engine = play(engines.waits_for(released))
    club = open_club(engine.port, job_backend="celery", celery_broker_url=broker.server.url)
    broker.server.stop()
    try:
        job_ids = [club.upload() for _ in range(2)]
        worker = start_worker(engine.port, **broker.changes)
        for job_id in job_ids:  # both at once, as with a broker
            club.wait_for(job_id, lambda job: job["progress"] > 0)
        released.set()
        assert [club.finish(job_id)["status"] for job_id in job_ids] == ["COMPLETED", "COMPLETED"]
        assert worker.stop() == 0
    finally:
        broker.server.start()
    club.upload()
    wait_until(broker.purge)  # the API tells the broker again


@ON_MARIADB
@ON_REDIS
def test_the_job_of_a_killed_worker_is_finished_by_another(
    broker: Broker, play: StartEngine, open_club: OpenClub, start_worker: StartWorker
) -> None:
    released = threading.Event()
    engine = play(engines.waits_for(released))
    club = open_club(engine.port, job_backend="celery", celery_broker_url=broker.server.url)
    first = start_worker(engine.port, **broker.changes)
    job_id = club.upload()
    club.wait_for(job_id, lambda job: job["progress"] > 0)
    start_worker(engine.port, **broker.changes).wait_until_ready()
    first.kill()
    expire_leases(club.database)
    released.set()
    job = club.finish(job_id)
    assert (job["status"], job["attempt"], job["error"]) == ("COMPLETED", 2, None)
    assert statistics_written(club) == (1, TRACKS)


@ON_MARIADB
def test_a_worker_that_is_told_to_stop_hands_its_job_back(
    rabbitmq: Broker, play: StartEngine, open_club: OpenClub, start_worker: StartWorker
) -> None:
    released = threading.Event()
    engine = play(engines.waits_for(released))
    club = open_club(engine.port, job_backend="celery", celery_broker_url=rabbitmq.server.url)
    worker = start_worker(engine.port, **rabbitmq.changes, **NO_SWEEP)
    worker.wait_until_ready()
    job_id = club.upload()
    club.wait_for(job_id, lambda job: job["progress"] > 0)
    worker.terminate()
    assert worker.stop() == 0  # asked twice, as by an impatient operator
    job = club.job(job_id)
    assert (job["status"], job["attempt"], job["error"]) == ("PENDING", 0, None)


@ON_SQLITE
def test_a_worker_needs_no_broker(play: StartEngine, open_club: OpenClub, start_worker: StartWorker) -> None:
    engine = play(engines.plays_well)
    club = open_club(engine.port, embedded_workers=0)
    start_worker(engine.port)
    job = club.analyse()
    assert (job["status"], job["attempt"]) == ("COMPLETED", 1)
