"""Slots of a worker: never more jobs at once, and no call is lost while they are taken."""

import threading
from collections.abc import Callable

import pytest

from app.services.job_manager import Claim
from app.workers.assembly import make_runner
from app.workers.job_worker import JobWorker
from tests.integration.worker.conftest import Club
from tests.servers import scripted_engine as engines
from tests.servers.scripted_engine import EngineServer

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def worker_of(club: Club, kind: type[JobWorker] = JobWorker) -> JobWorker:
    parts = club.client.app.state.parts  # type: ignore[attr-defined]
    return kind(club.database, make_runner(parts.settings, parts.database, parts.engine, parts.videos), slots=1)


def test_a_call_that_finds_all_slots_taken_returns_at_once_and_is_not_lost(
    play: Callable[..., EngineServer], open_club: Callable[..., Club]
) -> None:
    released = threading.Event()
    club = open_club(play(engines.waits_for(released)).port, embedded_workers=0)
    worker = worker_of(club)
    first = club.upload()
    busy = threading.Thread(target=worker.drain)
    busy.start()
    club.wait_for(first, lambda job: job["progress"] > 0)
    second = club.upload()
    worker.drain()
    assert club.job(second)["status"] == "PENDING"
    released.set()
    busy.join()
    assert [club.job(job_id)["status"] for job_id in (first, second)] == ["COMPLETED", "COMPLETED"]


def test_a_call_that_comes_between_the_last_claim_and_the_end_is_not_lost(
    play: Callable[..., EngineServer], open_club: Callable[..., Club]
) -> None:
    club = open_club(play(engines.plays_well).port, embedded_workers=0)
    late: list[str] = []

    class Interrupted(JobWorker):
        def _claim(self) -> Claim | None:
            claim = super()._claim()
            if claim is None and not late:  # the queue is empty, the slot is still taken, and now somebody calls
                late.append(club.upload())
                self.drain()
            return claim

    worker_of(club, Interrupted).drain()
    assert [club.job(job_id)["status"] for job_id in late] == ["COMPLETED"]


def test_a_worker_that_stops_takes_no_job(play: Callable[..., EngineServer], open_club: Callable[..., Club]) -> None:
    club = open_club(play(engines.plays_well).port, embedded_workers=0)
    job_id = club.upload()
    worker = worker_of(club)
    worker.shutdown.set()
    worker.drain()
    assert club.job(job_id)["status"] == "PENDING"
    worker.shutdown.clear()
    worker.drain()
    assert club.job(job_id)["status"] == "COMPLETED"
