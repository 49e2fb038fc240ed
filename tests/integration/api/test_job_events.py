"""Server-sent events of a job: from another process's rows, in order, without a gap, to the end."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.core.config import Settings
from app.models import Job, Phase
from app.services import job_manager
from app.services.engine import ScriptedEngine
from app.services.job_events import record_job_event
from app.services.job_manager import Progress
from tests.integration.api.conftest import LiveServer, serving
from tests.integration.quick_app import quick_app
from tests.servers.coach_pro import ServerProcess
from tests.servers.scripts import good_run
from tests.waiting import free_port

LEASE = timedelta(seconds=30)
LIMITS = {"embedded_workers": 0}


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    id: int
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class Coach:
    server: LiveServer | ServerProcess
    headers: dict[str, str]

    def upload(self, film: bytes) -> str:
        answer = self.server.client.post("/api/analyze_match", headers=self.headers, files={"file": film})
        return str(answer.json()["job_id"])

    def post(self, path: str) -> int:
        return self.server.client.post(path, headers=self.headers).status_code

    @contextmanager
    def following(self, job_id: str, after: int | None = None) -> Iterator[Iterator[Event]]:
        headers = self.headers | ({} if after is None else {"Last-Event-ID": str(after)})
        with self.server.client.stream("GET", f"/api/jobs/{job_id}/events", headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            assert answer.headers["Cache-Control"] == "no-store"
            yield _events(answer.iter_lines())

    def status_of_following(self, job_id: str, **headers: str) -> int:
        url, headers = f"/api/jobs/{job_id}/events", self.headers | headers
        with self.server.client.stream("GET", url, headers=headers) as answer:
            return answer.status_code


def _events(lines: Iterator[str]) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif not line and "data" in fields:
            yield Event(fields["event"], int(fields["id"]), json.loads(fields["data"]))
            fields = {}


@pytest.fixture
def coach(make_settings: Callable[..., Settings]) -> Iterator[Coach]:
    with serving(quick_app(make_settings(**LIMITS), engine=ScriptedEngine(good_run))) as server:
        yield Coach(server, server.log_in())


class Worker:
    """What a worker in any other process does: it writes to the database, and knows nobody of the API."""

    def __init__(self, app: FastAPI) -> None:
        self._database = app.state.parts.database
        with self._database.unit_of_work() as session:
            claim = job_manager.claim_next(session, lease=LEASE, per_account=1)
        assert claim is not None
        self._claim = claim

    def tell(self, fraction: float) -> None:
        progress = Progress(Phase.ANALYSING, fraction, "Analysing.", fraction, frames_done=int(40 * fraction))
        with self._database.unit_of_work() as session:
            job_manager.renew(session, self._claim, lease=LEASE, progress=progress)
            record_job_event(session, self._claim.job_id)

    def complete(self) -> None:
        with self._database.unit_of_work() as session:
            job_manager.complete(session, self._claim, frames_done=40)


def test_a_job_is_followed_from_the_queue_to_its_end(coach: Coach, film: bytes) -> None:
    job_id = coach.upload(film)
    with coach.following(job_id) as events:
        first = next(events)
        assert (first.name, first.data["status"], first.data["progress_percent"]) == ("progress", "PENDING", 0)
        worker = Worker(coach.server.app)
        for fraction in (0.25, 0.5):
            worker.tell(fraction)
        worker.complete()
        rest = list(events)  # the stream ends by itself
    assert [(event.name, event.data["progress_percent"]) for event in rest] == [
        ("progress", 0), ("progress", 25), ("progress", 50), ("completed", 100),
    ]  # fmt: skip
    assert [event.data["phase"] for event in rest] == ["starting", "analysing", "analysing", None]
    ids = [first.id, *(event.id for event in rest)]
    assert ids == sorted(set(ids))


def test_whoever_was_cut_off_misses_nothing(coach: Coach, film: bytes) -> None:
    job_id = coach.upload(film)
    with coach.following(job_id) as events:
        seen = next(events)
    worker = Worker(coach.server.app)
    worker.tell(0.5)
    worker.complete()
    with coach.following(job_id, after=seen.id) as events:
        missed = list(events)
    assert [event.data["progress_percent"] for event in missed] == [0, 50, 100]
    assert coach.status_of_following(job_id, **{"Last-Event-ID": str(missed[-1].id)}) == 204  # do not come again


def test_whoever_comes_late_gets_the_end_only(coach: Coach, film: bytes) -> None:
    job_id = coach.upload(film)
    Worker(coach.server.app).complete()
    with coach.following(job_id) as events:
        assert [event.name for event in events] == ["completed"]


def test_cancelling_ends_the_stream_and_trying_again_begins_another(coach: Coach, film: bytes) -> None:
    job_id = coach.upload(film)
    with coach.following(job_id) as events:
        next(events)
        assert coach.post(f"/api/jobs/{job_id}/cancel") == 200
        [end] = events
    assert end.name == "cancelled"
    assert coach.post(f"/api/jobs/{job_id}/retry") == 202
    with coach.following(job_id, after=end.id) as events:
        assert next(events).data["status"] == "PENDING"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_job_of_another_club_cannot_be_followed(coach: Coach, film: bytes) -> None:
    job_id = coach.upload(film)
    rival = Coach(coach.server, coach.server.log_in("rival@example.com"))
    for headers in ({}, {"Last-Event-ID": "0"}, {"Last-Event-ID": "1"}):
        assert rival.status_of_following(job_id, **headers) == 404
        assert Coach(coach.server, {}).status_of_following(job_id, **headers) == 401


@pytest.mark.parametrize("last", ["x", "-1", "1.5", str(2**64)])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_event_id_that_is_none_is_refused(coach: Coach, film: bytes, last: str) -> None:
    assert coach.status_of_following(coach.upload(film), **{"Last-Event-ID": last}) == 422


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_old_stream_ends_so_that_the_client_connects_again(
    make_settings: Callable[..., Settings], film: bytes
) -> None:
    settings = make_settings(event_stream_limit_s=0.01, **LIMITS)
    with serving(quick_app(settings, engine=ScriptedEngine(good_run))) as server:
        coach = Coach(server, server.log_in())
        with coach.following(coach.upload(film)) as events:
            assert [event.name for event in events] == ["progress"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_stream_ends_whole_when_the_server_stops(
    make_settings: Callable[..., Settings], tmp_path: Path, film: bytes
) -> None:
    server = ServerProcess(make_settings(), tmp_path, engine_port=free_port(), EMBEDDED_WORKERS="0")
    try:
        coach = Coach(server, server.log_in())
        with coach.following(coach.upload(film)) as events:
            assert next(events).name == "progress"
            server.terminate()
            assert list(events) == []  # reading one that is torn off raises
        assert server.stop() == 0
    finally:
        server.kill()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_deleted_job_takes_its_events_along(coach: Coach, film: bytes) -> None:
    job_id = coach.upload(film)
    with coach.server.app.state.parts.database.unit_of_work() as session:
        session.delete(session.get_one(Job, uuid.UUID(job_id)))
    assert coach.status_of_following(job_id) == 404
