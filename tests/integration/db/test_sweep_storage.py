"""The sweep at the start of a server: it clears up after a killed one, and never takes a match away."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.config import Settings
from app.core.database import Database
from app.models import Club, Match, MatchStatus, Video
from app.models.base import utc_now
from app.services.sweep_storage import sweep_storage
from app.services.video_store import LocalVideoStore


@pytest.fixture
def store(make_settings: Callable[..., Settings]) -> LocalVideoStore:
    return LocalVideoStore(make_settings().upload_dir)


def keep_without_settling(store: LocalVideoStore) -> uuid.UUID:
    """As a server does that is killed between storing the file and committing the row."""
    video_id, incoming = uuid.uuid4(), store.begin()
    incoming.write(b"film")
    store.keep(incoming, video_id)
    incoming._file.close()
    return video_id


def add_row(database: Database, video_id: uuid.UUID) -> None:
    facts = {"container": "mov", "codec": "h264", "width": 2, "height": 2, "frame_count": 2, "frame_rate": 25.0}
    with database.unit_of_work() as session:
        club = Club(name="Club")
        session.add(club)
        session.flush()
        match = Match(club_id=club.id, match_date=utc_now(), status=MatchStatus.COMPLETED)
        session.add(match)
        session.flush()
        of = {"id": video_id, "club_id": club.id, "match_id": match.id}
        session.add(Video(**of, **facts, filename="f", size_bytes=4, sha256="0" * 64, duration_s=0.1))


def test_an_unsettled_video_without_a_row_is_deleted(database: Database, store: LocalVideoStore) -> None:
    video_id = keep_without_settling(store)
    sweep_storage(database, store)
    assert not store.path(video_id).exists()
    assert store.unsettled() == []


def test_an_unsettled_video_whose_row_was_committed_stays(database: Database, store: LocalVideoStore) -> None:
    video_id = keep_without_settling(store)
    add_row(database, video_id)
    sweep_storage(database, store)
    assert store.path(video_id).read_bytes() == b"film"
    assert store.unsettled() == []


def test_a_server_that_is_started_with_another_database_deletes_no_video(
    database: Database, store: LocalVideoStore, tmp_path: Path
) -> None:
    video_id = keep_without_settling(store)
    store.settle(video_id)  # its row stands in a database that this server does not know
    sweep_storage(database, store)
    assert store.path(video_id).exists()
