"""What killed workers left on disk goes; what a report rests on stays."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app.core.database import Database, database_now
from app.models import Job, JobStatus
from app.services.sweep_artifacts import sweep_artifacts
from tests.integration.worker.test_turns import queue

LONG_AGO = timedelta(hours=1)
A_MOMENT_AGO = timedelta(seconds=1)

MakeJob = Callable[..., uuid.UUID]


@pytest.fixture
def make_job(database: Database, tmp_path: Path) -> MakeJob:
    """A job in this state, two attempts of which have left a file each."""

    def make(status: JobStatus, over: timedelta | None) -> uuid.UUID:
        (job_id,) = queue(database, **{f"a{uuid.uuid4().hex}": 1})
        with database.unit_of_work() as session:
            finished_at = None if over is None else database_now(session) - over
            session.execute(update(Job).where(Job.id == job_id).values(status=status, fence=2, finished_at=finished_at))
        for fence in ("1", "2"):
            directory = tmp_path / str(job_id) / fence
            directory.mkdir(parents=True)
            (directory / "positions.parquet").write_bytes(b"rows")
        return job_id

    return make


@pytest.mark.parametrize(
    ("status", "over", "kept"),
    [
        (JobStatus.COMPLETED, LONG_AGO, ["2"]),  # the attempt that completed it
        (JobStatus.FAILED, LONG_AGO, None),  # its worker was killed in the last attempt
        (JobStatus.CANCELLED, LONG_AGO, None),  # its worker was killed before it noticed
        (JobStatus.CANCELLED, A_MOMENT_AGO, ["1", "2"]),  # its worker is still busy with clearing up
        (JobStatus.PROCESSING, None, ["1", "2"]),
        (JobStatus.PENDING, None, ["1", "2"]),
    ],
)
def test_of_a_job_that_is_over_only_what_it_rests_on_stays(
    database: Database, tmp_path: Path, make_job: MakeJob, status: JobStatus, over: timedelta | None, kept: object
) -> None:
    directory = tmp_path / str(make_job(status, over))
    sweep_artifacts(database, tmp_path)
    assert (sorted(path.name for path in directory.iterdir()) if directory.exists() else None) == kept


def test_what_belongs_to_no_job_of_this_database_is_not_touched(database: Database, tmp_path: Path) -> None:
    strangers = [tmp_path / str(uuid.uuid4()) / "1", tmp_path / "notes"]
    for stranger in strangers:
        stranger.mkdir(parents=True)
    sweep_artifacts(database, tmp_path)
    assert all(stranger.is_dir() for stranger in strangers)


def test_an_installation_without_analyses_has_nothing_to_sweep(database: Database, tmp_path: Path) -> None:
    sweep_artifacts(database, tmp_path / "artifacts")
    assert not (tmp_path / "artifacts").exists()
