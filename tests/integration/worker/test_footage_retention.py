"""Footage goes when a club keeps it no longer; rows and figures stay, and say so."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app.core.database import database_now
from app.models import JobStatus, Video
from app.services.sweep_footage import sweep_footage
from app.services.video_store import LocalVideoStore
from app.workers.assembly import artifacts_directory
from tests.integration.worker.conftest import Club, statistics_written
from tests.servers import scripted_engine as engines
from tests.servers.scripted_engine import TRACKS, EngineServer
from tests.waiting import wait_until

OpenClub = Callable[..., Club]


@pytest.fixture
def engine() -> Iterator[EngineServer]:
    server = EngineServer(engines.plays_well).start()
    yield server
    server.stop()


def keep_footage(club: Club, days: int | None) -> None:
    (row,) = club.client.get("/api/clubs", headers=club.headers).json()
    path, body = f"/api/clubs/{row['id']}", {"footage_retention_days": days}
    answer = club.client.patch(path, headers=club.headers, json=body)
    assert (answer.status_code, answer.json()["footage_retention_days"]) == (200, days)
    assert club.client.get(path, headers=club.headers).json()["name"] == row["name"]


def age(club: Club, days: float) -> None:
    """As if all videos had been uploaded so long ago."""
    with club.database.unit_of_work() as session:
        uploaded = database_now(session) - timedelta(days=days)
        session.execute(update(Video).values(created_at=uploaded))


def stored(club: Club) -> list[Path]:
    return [path for path in club.settings.upload_dir.iterdir() if path.is_file()]


def sweep(club: Club) -> int:
    return sweep_footage(club.database, LocalVideoStore(club.settings.upload_dir), artifacts_directory(club.settings))


def test_old_footage_goes_and_its_figures_stay(open_club: OpenClub, engine: EngineServer) -> None:
    club = open_club(engine.port)
    assert club.analyse()["status"] == "COMPLETED"
    keep_footage(club, 30)
    age(club, 29.9)
    assert (sweep(club), len(stored(club))) == (0, 1)
    age(club, 30.1)
    assert (sweep(club), stored(club)) == (1, [])
    (video,) = club.client.get("/api/videos", headers=club.headers).json()
    assert video["footage_deleted_at"] is not None
    assert statistics_written(club) == (1, TRACKS)
    assert len(club.artifacts()) == 1
    assert sweep(club) == 0


def test_films_drawn_from_old_footage_go_with_it(open_club: OpenClub) -> None:
    server = EngineServer(engines.draws(b"film")).start()
    club = open_club(server.port)
    job = club.analyse(preview="true")
    server.stop()
    assert club.client.get(job["preview_url"], headers=club.headers).content == b"film"
    keep_footage(club, 1)
    age(club, 2)
    assert sweep(club) == 1
    (kept,) = club.artifacts()
    assert kept.suffix == ".parquet"
    assert club.job(job["job_id"])["preview_url"] is None
    answer = club.client.get(job["preview_url"], headers=club.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_preview")


def test_without_a_limit_footage_is_kept_for_ever(open_club: OpenClub, engine: EngineServer) -> None:
    club = open_club(engine.port)
    club.analyse()
    age(club, 10_000)
    assert (sweep(club), len(stored(club))) == (0, 1)
    keep_footage(club, 1)
    keep_footage(club, None)
    assert (sweep(club), len(stored(club))) == (0, 1)


def test_an_analysis_that_waits_keeps_its_footage_and_one_without_footage_is_not_tried_again(
    open_club: OpenClub, engine: EngineServer
) -> None:
    club = open_club(engine.port, embedded_workers=0)
    job_id = club.upload()
    keep_footage(club, 1)
    age(club, 2)
    assert (sweep(club), len(stored(club))) == (0, 1)
    club.client.post(f"/api/jobs/{job_id}/cancel", headers=club.headers)
    assert (sweep(club), stored(club)) == (1, [])
    answer = club.client.post(f"/api/jobs/{job_id}/retry", headers=club.headers)
    assert (answer.status_code, answer.json()["code"]) == (410, "footage_deleted")
    assert "only figures are left" in answer.json()["detail"]
    assert club.job(job_id)["status"] == JobStatus.CANCELLED


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_workers_sweep_by_themselves(open_club: OpenClub, engine: EngineServer) -> None:
    club = open_club(engine.port, embedded_workers=0)
    job_id = club.upload()
    club.client.post(f"/api/jobs/{job_id}/cancel", headers=club.headers)
    keep_footage(club, 7)
    age(club, 8)
    open_club(engine.port)  # with a worker, which begins with a sweep
    wait_until(lambda: stored(club) == [])


@pytest.mark.parametrize("days", [0, -1, 1.5, "7", True, 36501])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_limit_is_a_number_of_days(open_club: OpenClub, engine: EngineServer, days: object) -> None:
    club = open_club(engine.port)
    (row,) = club.client.get("/api/clubs", headers=club.headers).json()
    body = {"footage_retention_days": days}
    answer = club.client.patch(f"/api/clubs/{row['id']}", headers=club.headers, json=body)
    assert answer.status_code == 422, answer.text
