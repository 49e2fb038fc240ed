"""``kill -9`` while a job runs: the next server finds it, and its figures are written once."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core.config import Settings
from app.core.database import Database
from app.models import PlayerMatchStatistics
from tests.integration.worker.conftest import expire_leases
from tests.servers import scripted_engine as engines
from tests.servers.coach_pro import ServerProcess
from tests.servers.scripted_engine import TRACKS, EngineServer
from tests.waiting import wait_until


@pytest.fixture
def serve(make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[Callable[[int], ServerProcess]]:
    servers: list[ServerProcess] = []

    def start(engine_port: int) -> ServerProcess:
        servers.append(ServerProcess(make_settings(), tmp_path, engine_port=engine_port))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_job_survives_a_killed_server(
    serve: Callable[[int], ServerProcess], play: Callable[..., EngineServer], film: bytes, database: Database
) -> None:
    released = threading.Event()
    engine = play(engines.waits_for(released))
    first = serve(engine.port)
    headers = first.log_in()
    accepted = first.client.post("/api/analyze_match", headers=headers, files={"file": film})
    assert accepted.status_code == 202, accepted.text
    address = accepted.headers["Location"]
    wait_until(lambda: first.client.get(address, headers=headers).json()["progress"] > 0)
    first.kill()
    expire_leases(database)

    released.set()
    second = serve(engine.port)
    wait_until(second.health)
    job = second.client.get(address, headers=headers).json()
    assert job["status"] in {"PROCESSING", "PENDING", "COMPLETED"}
    job = wait_until(
        lambda: next((job for job in [second.client.get(address, headers=headers).json()] if job["finished_at"]), None)
    )
    assert job is not None
    assert (job["status"], job["attempt"], job["error"]) == ("COMPLETED", 2, None)
    with database.reading() as session:
        tracks = session.scalars(select(PlayerMatchStatistics.track_number)).all()
    assert sorted(track for track in tracks if track is not None) == list(range(1, TRACKS + 1))
    assert len({request.match_id for request in engine.requests}) == len(engine.requests) == 2
