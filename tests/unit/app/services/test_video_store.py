"""Files of videos: kept whole or not at all, and swept when nobody knows them."""

import hashlib
import threading
import uuid
from pathlib import Path

import pytest

from app.services import incoming_videos
from app.services.incoming_videos import IncomingVideo, IncomingVideos
from app.services.video_store import LocalVideoStore
from tests.waiting import wait_until


@pytest.fixture
def store(tmp_path: Path) -> LocalVideoStore:
    return LocalVideoStore(tmp_path / "uploads")


def files(store: LocalVideoStore) -> list[Path]:
    return [path for path in store.path(uuid.uuid4()).parent.rglob("*") if path.is_file()]


def test_what_is_kept_is_what_arrived(store: LocalVideoStore) -> None:
    video_id, incoming = uuid.uuid4(), store.begin()
    for chunk in (b"first ", b"", b"second"):
        incoming.write(chunk)
    assert (incoming.size_bytes, incoming.sha256) == (12, hashlib.sha256(b"first second").hexdigest())
    assert not store.path(video_id).exists()
    store.keep(incoming, video_id)
    store.settle(video_id)
    incoming.discard()
    assert store.path(video_id).read_bytes() == b"first second"
    assert files(store) == [store.path(video_id)]


def test_an_upload_that_is_discarded_leaves_nothing(store: LocalVideoStore) -> None:
    incoming = store.begin()
    incoming.write(b"half")
    assert len(files(store)) == 1
    incoming.discard()
    incoming.discard()
    assert files(store) == []


def test_discarding_what_was_kept_takes_nothing_away(store: LocalVideoStore) -> None:
    video_id, incoming = uuid.uuid4(), store.begin()
    incoming.write(b"film")
    incoming.finish()
    incoming.finish()
    store.keep(incoming, video_id)
    incoming.discard()
    assert store.path(video_id).read_bytes() == b"film"


def test_two_uploads_at_once_do_not_meet(store: LocalVideoStore) -> None:
    first, second = store.begin(), store.begin()
    first.write(b"first")
    second.write(b"second")
    ids = uuid.uuid4(), uuid.uuid4()
    store.keep(first, ids[0])
    store.keep(second, ids[1])
    first.discard()
    second.discard()
    assert [store.path(video_id).read_bytes() for video_id in ids] == [b"first", b"second"]


def test_deleting_a_video_that_is_not_there_is_no_error(store: LocalVideoStore) -> None:
    video_id = uuid.uuid4()
    store.path(video_id).write_bytes(b"film")
    store.delete(video_id)
    store.delete(video_id)
    assert files(store) == []


def kill(incoming: IncomingVideo) -> None:
    """What the kernel does to an upload whose server is killed: the file stays, its locks go."""
    incoming.close()


def test_the_sweep_takes_uploads_of_a_killed_server_and_leaves_those_that_are_alive(store: LocalVideoStore) -> None:
    dead, alive = store.begin(), store.begin()
    kill(dead)
    assert store.sweep_incoming() == 1
    assert files(store) == [alive.path]
    alive.discard()


def test_a_video_is_unsettled_from_its_keeping_to_its_settling(store: LocalVideoStore) -> None:
    video_id, incoming = uuid.uuid4(), store.begin()
    store.keep(incoming, video_id)
    assert store.unsettled() == []  # its upload is alive and will decide
    kill(incoming)
    assert store.unsettled() == [video_id]
    store.settle(video_id)
    assert store.unsettled() == []
    assert store.path(video_id).exists()


def test_a_sweep_beside_them_takes_nothing_from_uploads_that_begin(tmp_path: Path) -> None:
    """Between its creation and its lock a file looks as if nobody had it."""
    videos, over = IncomingVideos(tmp_path), threading.Event()

    def sweep() -> None:
        while not over.is_set():
            videos.sweep()

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        for _ in range(2000):
            incoming = videos.begin()
            assert incoming.path.exists()
            incoming.discard()
    finally:
        over.set()
        sweeper.join()


def test_a_video_is_not_unsettled_between_its_mark_and_its_file(tmp_path: Path) -> None:
    """A sweep beside an upload would delete what the upload is about to tell its client that it has."""
    videos, video_id = IncomingVideos(tmp_path), uuid.uuid4()
    incoming = videos.begin()
    videos.mark_for(incoming, video_id)
    assert videos.abandoned() == []
    kill(incoming)
    assert videos.abandoned() == [video_id]


def test_who_discards_an_upload_waits_for_the_thread_that_keeps_it(store: LocalVideoStore) -> None:
    incoming, began, video_id = store.begin(), threading.Event(), uuid.uuid4()
    discarding = threading.Thread(target=lambda: (began.set(), incoming.discard()))
    with incoming.in_use():
        discarding.start()
        began.wait()
        store.keep(incoming, video_id)
        assert store.unsettled() == []
        store.settle(video_id)
    discarding.join()
    assert files(store) == [store.path(video_id)]


def test_a_video_whose_commit_is_in_doubt_is_left_alone_for_a_while(
    store: LocalVideoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    incoming, video_id = store.begin(), uuid.uuid4()
    store.keep(incoming, video_id)
    incoming.leave_in_doubt()
    incoming.discard()
    assert store.unsettled() == []
    monkeypatch.setattr(incoming_videos, "_IN_DOUBT_S", 0.0)
    incoming, video_id = store.begin(), uuid.uuid4()
    store.keep(incoming, video_id)
    incoming.leave_in_doubt()
    incoming.discard()
    wait_until(lambda: store.unsettled() == [video_id])


def test_no_sweep_touches_what_was_settled_or_put_there_by_somebody_else(store: LocalVideoStore) -> None:
    video_id, incoming = uuid.uuid4(), store.begin()
    store.keep(incoming, video_id)
    store.settle(video_id)
    kill(incoming)
    store.path(uuid.uuid4()).with_name("README.txt").write_text("do not delete")
    before = sorted(files(store))
    assert (store.sweep_incoming(), store.unsettled()) == (0, [])
    assert sorted(files(store)) == before


def test_a_store_is_opened_again_with_its_videos(store: LocalVideoStore) -> None:
    video_id = uuid.uuid4()
    store.path(video_id).write_bytes(b"film")
    again = LocalVideoStore(store.path(video_id).parent)
    assert again.path(video_id).read_bytes() == b"film"
    assert again.path(video_id).is_absolute()
