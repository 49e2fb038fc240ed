"""Three engines, one of them killed and one frozen in the middle of their runs: every job finishes, and once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.worker.conftest import Club, statistics_written
from tests.servers.played_engine import PlayedEngine
from tests.servers.scripted_engine import TRACKS
from tests.waiting import wait_until


@pytest.fixture
def released(tmp_path: Path) -> Path:
    return tmp_path / "released"


@pytest.fixture
def three_engines(released: Path) -> Iterator[list[PlayedEngine]]:
    started = [PlayedEngine(released) for _ in range(3)]
    yield started
    for engine in started:
        engine.kill()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_all_jobs_finish_although_one_engine_is_killed_and_one_frozen(
    three_engines: list[PlayedEngine], open_club: Callable[..., Club], released: Path
) -> None:
    hosts = ",".join(f"127.0.0.1:{engine.port}" for engine in three_engines)
    club = open_club(
        three_engines[0].port,
        analysis_engine_host=hosts,
        embedded_workers=3,
        engine_idle_timeout_s=6,  # longer than a busy machine keeps one waiting that is well
        job_retry_base_s=0.5,
        job_retry_cap_s=5,
    )
    jobs = [club.upload() for _ in range(5)]
    wait_until(lambda: sum(club.job(job)["progress"] > 0 for job in jobs) == 3)  # one on each engine
    killed, frozen, _ = three_engines
    killed.kill()
    frozen.freeze()
    released.touch()
    finished = [club.finish(job) for job in jobs]
    assert [job["status"] for job in finished] == ["COMPLETED"] * 5
    assert sorted(job["attempt"] for job in finished) == [1, 1, 1, 2, 2]
    assert club.client.get("/health").json()["engine"] == "reachable"
    frozen.thaw()  # whatever it says now comes too late
    assert statistics_written(club) == (5, 5 * TRACKS)
