"""An engine that is away, dies, falls silent or is busy: the job waits or is tried again, and is written once."""

import socket
import threading
from collections.abc import Callable

import grpc
import pytest

from app.models import AnalysisReport, PlayerMatchStatistics
from tests.integration.worker.conftest import Club, statistics_written
from tests.servers import scripted_engine as engines
from tests.servers.scripted_engine import TRACKS, EngineServer

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
StartEngine = Callable[..., EngineServer]
OpenClub = Callable[..., Club]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_job_waits_for_an_engine_that_is_down_and_completes_once_it_is_up(
    play: StartEngine, open_club: OpenClub, free_port: int
) -> None:
    club = open_club(free_port)
    health = club.client.get("/health")
    assert health.status_code == 200  # requests are answered, so no load balancer should take the server out
    assert (health.json()["status"], health.json()["engine"]) == ("degraded", "unreachable")

    job_id = club.upload()
    waiting = club.wait_for(job_id, lambda job: job["message"] is not None)
    assert (waiting["status"], waiting["attempt"]) == ("PENDING", 0)
    assert waiting["message"] == "Waiting for the analysis engine."
    assert waiting["error"] is None

    engine = play(engines.plays_well, port=free_port)
    job = club.finish(job_id)
    assert (job["status"], job["attempt"], len(engine.requests)) == ("COMPLETED", 1, 1)
    assert statistics_written(club) == (1, TRACKS)
    assert club.client.get("/health").json()["status"] == "healthy"


@ON_SQLITE
def test_a_job_does_not_wait_for_ever(open_club: OpenClub, free_port: int) -> None:
    club = open_club(free_port, engine_wait_limit_s=0.1)
    job = club.analyse()
    assert (job["status"], job["error"]["code"], job["attempt"]) == ("FAILED", "engine_unreachable", 1)
    assert "ANALYSIS_ENGINE_HOST" in job["error"]["hint"]


def test_an_engine_that_dies_once_costs_one_attempt(play: StartEngine, open_club: OpenClub) -> None:
    engine = play(engines.dies_and_comes_back, engines.plays_well)
    club = open_club(engine.port)
    job = club.analyse()
    assert (job["status"], job["attempt"], job["error"]) == ("COMPLETED", 2, None)
    assert statistics_written(club) == (1, TRACKS)
    # Two runs never share an identity, or a folder that an engine names after it.
    assert len({request.match_id for request in engine.requests}) == 2


@ON_SQLITE
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(engines.dies_and_comes_back, id="dies in the middle, always"),
        pytest.param(engines.stops_without_a_result, id="ends the stream in good order, without COMPLETED"),
        pytest.param(engines.aborts(grpc.StatusCode.UNKNOWN), id="its library cannot name the error"),
        pytest.param(engines.aborts(grpc.StatusCode.UNAVAILABLE), id="is told to stop"),
    ],
)
def test_an_engine_that_is_lost_every_time_fails_the_job_after_the_last_attempt(
    play: StartEngine, open_club: OpenClub, script: engines.Play
) -> None:
    engine = play(script)
    club = open_club(engine.port, job_max_attempts=3)
    job = club.analyse()
    assert (job["status"], job["attempt"], job["error"]["code"]) == ("FAILED", 3, "engine_lost")
    assert (club.count(AnalysisReport), club.count(PlayerMatchStatistics)) == (0, 0)
    assert club.artifacts() == []


@ON_SQLITE
def test_an_engine_that_never_comes_back_leaves_the_job_waiting(play: StartEngine, open_club: OpenClub) -> None:
    club = open_club(play(engines.dies_after_half).port)
    job_id = club.upload()
    waiting = club.wait_for(job_id, lambda job: job["message"] == "Waiting for the analysis engine.")
    assert (waiting["status"], waiting["attempt"]) == ("PENDING", 1)
    assert waiting["error"]["code"] == "engine_lost"


def test_a_silent_engine_is_given_up(play: StartEngine, open_club: OpenClub) -> None:
    engine = play(engines.falls_silent)
    club = open_club(engine.port, engine_idle_timeout_s=0.2, job_max_attempts=2)
    job = club.analyse()
    assert (job["status"], job["attempt"], job["error"]["code"]) == ("FAILED", 2, "engine_silent")
    assert statistics_written(club) == (0, 0)
    assert club.artifacts() == []


@ON_SQLITE
def test_a_busy_engine_is_waited_for_and_costs_no_attempt(play: StartEngine, open_club: OpenClub) -> None:
    busy = engines.refuses(grpc.StatusCode.RESOURCE_EXHAUSTED)
    engine = play(busy, busy, busy, engines.plays_well)
    club = open_club(engine.port, job_max_attempts=1)
    job = club.analyse()
    assert (job["status"], job["attempt"], len(engine.requests)) == ("COMPLETED", 1, 4)


def test_a_server_that_shuts_down_hands_its_job_to_the_next_one(play: StartEngine, open_club: OpenClub) -> None:
    released = threading.Event()
    engine = play(engines.waits_for(released))
    club = open_club(engine.port)
    job_id = club.upload()
    club.wait_for(job_id, lambda job: job["progress"] > 0)
    club.client.__exit__(None, None, None)

    next_server = open_club(engine.port, embedded_workers=0)
    job = next_server.job(job_id)
    assert (job["status"], job["attempt"], job["error"]) == ("PENDING", 0, None)

    released.set()
    last_server = open_club(engine.port)
    job = last_server.finish(job_id)
    assert (job["status"], job["attempt"]) == ("COMPLETED", 1)
    assert statistics_written(last_server) == (1, TRACKS)


@ON_SQLITE
def test_an_engine_without_a_health_service_is_reachable(play: StartEngine, open_club: OpenClub) -> None:
    """The C++ engine: that it says "unimplemented" proves that it lives."""
    club = open_club(play(engines.plays_well, has_health=False).port)
    assert club.client.get("/health").json()["engine"] == "reachable"


@ON_SQLITE
def test_a_port_that_only_accepts_connections_is_no_engine(open_club: OpenClub) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        club = open_club(mute.getsockname()[1])
        assert club.client.get("/health").json()["engine"] == "unreachable"
