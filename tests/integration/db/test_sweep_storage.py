"""The sweep at the start of a server: it clears up after a killed one, and never takes a match away."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import delete

from app.core.config import Settings
from app.core.database import Database
from app.models import Video
from app.models.base import utc_now
from app.services.forget_videos import forget_videos
from app.services.sweep_storage import sweep_storage
from app.services.video_store import LocalVideoStore
from tests.files import files_below
from tests.integration.video_rows import add_video_row


@pytest.fixture
def store(make_settings: Callable[..., Settings]) -> LocalVideoStore:
    return LocalVideoStore(make_settings().upload_dir)


def keep_without_settling(store: LocalVideoStore) -> uuid.UUID:
    """As a server does that is killed between storing the file and committing the row."""
    video_id, incoming = uuid.uuid4(), store.begin()
    incoming.write(b"film")
    store.keep(incoming, video_id)
    incoming.close()
    return video_id


def keep_with_row(store: LocalVideoStore, database: Database) -> uuid.UUID:
    """As an upload does that came to its end."""
    video_id = keep_without_settling(store)
    add_video_row(database, video_id)
    store.settle(video_id)
    return video_id


def test_an_unsettled_video_without_a_row_is_deleted(database: Database, store: LocalVideoStore) -> None:
    video_id = keep_without_settling(store)
    sweep_storage(database, store)
    assert not store.path(video_id).exists()
    assert store.unsettled() == []


def test_an_unsettled_video_whose_row_was_committed_stays(database: Database, store: LocalVideoStore) -> None:
    video_id = keep_without_settling(store)
    add_video_row(database, video_id)
    sweep_storage(database, store)
    assert store.path(video_id).read_bytes() == b"film"
    assert store.unsettled() == []


class KilledStore(LocalVideoStore):
    """Of a server that is killed between its commit and the deletion of files."""

    def delete(self, video_id: uuid.UUID) -> None:
        pass


def test_a_deletion_whose_server_was_killed_after_the_commit_is_finished(
    database: Database, store: LocalVideoStore, make_settings: Callable[..., Settings]
) -> None:
    video_id, settings = keep_with_row(store, database), make_settings()
    with database.unit_of_work() as session:
        killed = KilledStore(settings.upload_dir)
        forget_videos(session, Video.id == video_id, videos=killed, artifacts=settings.data_dir)
        session.execute(delete(Video).where(Video.id == video_id))
    assert store.path(video_id).exists()
    sweep_storage(database, store)
    assert files_below(settings.upload_dir) == []


def test_a_deletion_that_was_rolled_back_keeps_the_video(
    database: Database, store: LocalVideoStore, make_settings: Callable[..., Settings]
) -> None:
    video_id, settings = keep_with_row(store, database), make_settings()
    with suppress(ZeroDivisionError), database.unit_of_work() as session:
        forget_videos(session, Video.id == video_id, videos=store, artifacts=settings.data_dir)
        raise ZeroDivisionError
    sweep_storage(database, store)
    assert files_below(settings.upload_dir) == [store.path(video_id)]


def test_a_deletion_that_was_rolled_back_forgets_no_earlier_one(
    database: Database, store: LocalVideoStore, make_settings: Callable[..., Settings]
) -> None:
    """Of footage that a rule has deleted while its store was away: the mark is all that remembers."""
    video_id = keep_without_settling(store)
    add_video_row(database, video_id, footage_deleted_at=utc_now())
    with suppress(ZeroDivisionError), database.unit_of_work() as session:
        forget_videos(session, Video.id == video_id, videos=store, artifacts=make_settings().data_dir)
        raise ZeroDivisionError
    sweep_storage(database, store)
    assert files_below(make_settings().upload_dir) == []


def test_a_server_that_is_started_with_another_database_deletes_no_video(
    database: Database, store: LocalVideoStore, tmp_path: Path
) -> None:
    video_id = keep_without_settling(store)
    store.settle(video_id)  # its row stands in a database that this server does not know
    sweep_storage(database, store)
    assert store.path(video_id).exists()
