"""The estimate for a new analysis, from those that this installation has done."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from app.core.database import Database
from app.models import Base, Club, Job, JobStatus, Match, MatchStatus, Video
from app.services.estimate_duration import estimate_duration_s

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MEGAPIXEL = (1000, 1000)


@pytest.fixture
def session() -> Iterator[Session]:
    database = Database(URL.create("sqlite+pysqlite", database=":memory:"))
    Base.metadata.create_all(database.engine)
    with database.unit_of_work() as session:
        yield session
    database.dispose()


def add_analysis(
    session: Session, *, seconds: float, frames: int = 100, status: JobStatus = JobStatus.COMPLETED
) -> None:
    """One that took ``seconds`` for ``frames`` of one megapixel."""
    club = Club(name="Reds")
    session.add(club)
    session.flush()
    match = Match(club_id=club.id, match_date=NOON, status=MatchStatus.COMPLETED)
    session.add(match)
    session.flush()
    width, height = MEGAPIXEL
    video = Video(
        club_id=club.id, match_id=match.id, filename="a.mp4", size_bytes=1, sha256=uuid.uuid4().hex, container="mp4",
        codec="h264", width=width, height=height, frame_count=frames, frame_rate=25.0, duration_s=4.0,
    )  # fmt: skip
    session.add(video)
    session.flush()
    job = Job(
        club_id=club.id, match_id=match.id, video_id=video.id, status=status, available_at=NOON, started_at=NOON,
        finished_at=NOON + timedelta(seconds=seconds),
    )  # fmt: skip
    session.add(job)
    session.flush()


def estimate(session: Session, frames: int, size: tuple[int, int] = MEGAPIXEL) -> int:
    return estimate_duration_s(session, frames=frames, width=size[0], height=size[1])


def test_a_fresh_installation_has_an_estimate_that_grows_with_the_film(session: Session) -> None:
    assert estimate(session, 1000) < estimate(session, 10_000) < estimate(session, 10_000, (4000, 1000))


def test_no_film_takes_less_than_a_second(session: Session) -> None:
    assert estimate(session, 2, (32, 32)) == 1


def test_the_estimate_follows_what_was_done_here(session: Session) -> None:
    add_analysis(session, seconds=50, frames=100)  # half a second per megapixel
    assert estimate(session, 100) == 50
    assert estimate(session, 400) == 200
    assert estimate(session, 100, (2000, 1000)) == 100


def test_one_slow_analysis_does_not_spoil_the_estimate(session: Session) -> None:
    for seconds in (10, 10, 10, 10, 3600):
        add_analysis(session, seconds=seconds)
    assert estimate(session, 100) == 10


def test_failed_analyses_teach_nothing(session: Session) -> None:
    add_analysis(session, seconds=1, status=JobStatus.FAILED)
    fresh = estimate(session, 100_000)
    add_analysis(session, seconds=50)
    assert estimate(session, 100_000) == 50_000 != fresh
