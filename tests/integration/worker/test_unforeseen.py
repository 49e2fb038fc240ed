"""Faults of our own and of the database in the middle of an attempt: tried again, and never half-written."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.core.database import Database
from app.models import AnalysisReport, BallPosition, Job, JobStatus, PlayerMatchStatistics, Track
from app.models.base import Base
from app.services import attempt
from app.services.engine import EngineEvent, EngineRequest, ScriptedEngine
from tests.integration.conftest import Api
from tests.servers.scripts import good_run
from tests.waiting import finished_job

RESULTS: tuple[type[Base], ...] = (AnalysisReport, PlayerMatchStatistics, Track, BallPosition)


def analyse(api: Api, film: bytes) -> dict[str, object]:
    answer = api.client.post("/api/analyze_match", headers=api.headers, files={"file": film})
    return finished_job(api.client, api.headers, answer.json()["job_id"])


def count_results(api: Api) -> list[int]:
    with api.client.app.state.parts.database.reading() as session:
        return [session.scalar(select(func.count()).select_from(model)) or 0 for model in RESULTS]


class Faulty:
    """Writes all results, and then the database goes away before the commit: the first ``times`` times."""

    def __init__(self, times: int) -> None:
        self._left = times
        self._persist = attempt.persist_analysis

    def __call__(self, session: Session, *arguments: object, **named: object) -> object:
        report = self._persist(session, *arguments, **named)  # type: ignore[arg-type]
        if self._left > 0:
            self._left -= 1
            raise OperationalError("INSERT", {}, Exception("Lost connection to MySQL server during query"))
        return report


def test_a_database_that_fails_in_the_last_step_leaves_nothing_and_is_tried_again(
    make_api: Callable[..., Api], film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "persist_analysis", Faulty(times=1))
    api = make_api()
    job = analyse(api, film)
    assert (job["status"], job["attempt"], job["error"]) == ("COMPLETED", 2, None)
    assert count_results(api) == [1, 4, 4, 250]


def test_a_database_that_fails_every_time_fails_the_job_and_leaves_nothing(
    make_api: Callable[..., Api], film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "persist_analysis", Faulty(times=99))
    api = make_api(job_max_attempts=2)
    job = analyse(api, film)
    assert (job["status"], job["attempt"], job["error"]["code"]) == ("FAILED", 2, "database_unavailable")  # type: ignore[index]
    assert count_results(api) == [0, 0, 0, 0]


@dataclass
class AnswerLost:
    """The first transaction that completes a job is committed, and then the connection breaks."""

    database: Database
    _broke: bool = False

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        with self.database.unit_of_work() as session:
            yield session
            completes = session.scalar(select(func.count()).where(Job.status == JobStatus.COMPLETED)) == 1
        if completes and not self._broke:
            self._broke = True
            raise OperationalError("COMMIT", {}, Exception("Lost connection to MySQL server during query"))

    def reading(self) -> AbstractContextManager[Session]:
        return self.database.reading()


def test_a_job_that_was_completed_without_our_hearing_of_it_keeps_its_files(api: Api, film: bytes) -> None:
    worker = api.client.app.state.parts.workers._worker  # type: ignore[attr-defined]
    worker._runner = replace(worker._runner, database=AnswerLost(worker._database))
    job = analyse(api, film)
    again = analyse(api, film)  # the worker is done with the first one
    assert [(job["status"], job["attempt"]) for job in (job, again)] == [("COMPLETED", 1)] * 2
    kept = (api.settings.data_dir / "artifacts").glob("*/1/positions.parquet")
    assert {path.parts[-3] for path in kept} == {job["job_id"], again["job_id"]}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_fault_of_our_own_does_not_end_the_worker(make_api: Callable[..., Api], film: bytes) -> None:
    def stumbles(request: EngineRequest) -> Iterator[EngineEvent]:
        if len(engine.requests) <= 2:
            raise ZeroDivisionError("a secret of the server")
        yield from good_run(request)

    engine = ScriptedEngine(stumbles)
    api = make_api(engine, job_max_attempts=2, log_level="ERROR")
    first = analyse(api, film)
    assert (first["status"], first["attempt"], first["error"]["code"]) == ("FAILED", 2, "internal_error")  # type: ignore[index]
    assert "secret" not in str(first)
    assert count_results(api) == [0, 0, 0, 0]
    assert analyse(api, film)["status"] == "COMPLETED"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_disk_without_room_for_results_is_told(make_api: Callable[..., Api], film: bytes) -> None:
    def fills_the_disk(_request: EngineRequest) -> Iterator[EngineEvent]:
        with Path("/dev/full").open("wb") as file:  # the kernel has no room for what is written there
            file.write(b"rows")
        yield from ()

    job = analyse(make_api(ScriptedEngine(fills_the_disk), job_max_attempts=2, log_level="ERROR"), film)
    assert (job["status"], job["attempt"], job["error"]["code"]) == ("FAILED", 2, "storage_full")  # type: ignore[index]
