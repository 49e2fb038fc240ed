"""Copies of videos that lie elsewhere: fetched once, whole or not at all, and kept as long as there is room or use."""

import hashlib
import os
import threading
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.core.errors import TransientFailure
from app.services.fetched_videos import FetchedVideos
from app.services.incoming_videos import IncomingVideo, IncomingVideos
from app.services.video_store import Fetch, VideoDamaged
from tests.files import files_below

FILM = b"film" * 250  # 1000 bytes
CHECKSUM = hashlib.sha256(FILM).hexdigest()


class Elsewhere:
    """Where the videos are."""

    def __init__(self, content: bytes = FILM) -> None:
        self.fetches = 0
        self._content = content

    def fetch(self, incoming: IncomingVideo) -> str:
        self.fetches += 1
        incoming.write(self._content)
        return CHECKSUM


MakeCopies = Callable[[int], FetchedVideos]


@pytest.fixture
def copies_up_to(tmp_path: Path) -> MakeCopies:
    return lambda keep_bytes: FetchedVideos(tmp_path, IncomingVideos(tmp_path), keep_bytes=keep_bytes)


def names(root: Path) -> set[str]:
    return {path.name for path in files_below(root)}


def use(copies: FetchedVideos, *video_ids: uuid.UUID, at_s: int = 0) -> None:
    """One after the other, at a time that does not depend on the clock's step."""
    for second, video_id in enumerate(video_ids):
        with copies.opened(video_id, Elsewhere().fetch) as path:
            os.utime(path, (at_s + second, at_s + second))


def test_what_is_there_is_not_fetched_again(copies_up_to: MakeCopies) -> None:
    copies, video_id, elsewhere = copies_up_to(10_000), uuid.uuid4(), Elsewhere()
    for _ in range(2):
        with copies.opened(video_id, elsewhere.fetch) as path:
            assert path.read_bytes() == FILM
    assert elsewhere.fetches == 1


def test_a_video_with_another_checksum_is_damaged_and_leaves_nothing(copies_up_to: MakeCopies, tmp_path: Path) -> None:
    with pytest.raises(VideoDamaged), copies_up_to(10_000).opened(uuid.uuid4(), Elsewhere(FILM[:-1]).fetch):
        pytest.fail("it must not be analysed")
    assert names(tmp_path) == set()


def test_a_cancelled_fetch_leaves_nothing(copies_up_to: MakeCopies, tmp_path: Path) -> None:
    fetch = Fetch()

    def cancelled_half_way(incoming: IncomingVideo) -> str:
        incoming.write(FILM[:500])
        fetch.advance(0.5)
        fetch.cancel()
        incoming.write(FILM[500:])
        fetch.advance(1.0)
        pytest.fail("it goes on")

    with pytest.raises(TransientFailure), copies_up_to(10_000).opened(uuid.uuid4(), cancelled_half_way):
        pytest.fail("it is not whole")
    assert names(tmp_path) == set()


def test_copies_that_were_not_used_for_longest_make_room(copies_up_to: MakeCopies, tmp_path: Path) -> None:
    copies, (first, second, third) = copies_up_to(2500), (uuid.uuid4() for _ in range(3))
    use(copies, first, second, first)  # so the second is the one that nobody has asked for since
    use(copies, third, at_s=10)
    assert names(tmp_path) == {str(first), str(third)}


def test_a_copy_stays_as_long_as_anybody_uses_it(copies_up_to: MakeCopies, tmp_path: Path) -> None:
    ours, theirs, used = copies_up_to(0), copies_up_to(0), uuid.uuid4()  # two processes on one directory
    with ExitStack() as late:
        path = late.enter_context(theirs.opened(used, Elsewhere().fetch))
        use(ours, used, uuid.uuid4())
        assert path.read_bytes() == FILM
        assert names(tmp_path) == {str(used)}
    assert names(tmp_path) == set()


def test_what_is_in_use_or_was_deleted_takes_no_room_of_the_others(copies_up_to: MakeCopies, tmp_path: Path) -> None:
    copies, small, used = copies_up_to(1000), uuid.uuid4(), uuid.uuid4()
    use(copies, small)
    with copies.opened(used, Elsewhere().fetch):
        use(copies, small)
        assert names(tmp_path) == {str(small), str(used)}
    large = Elsewhere(FILM * 2)
    with pytest.raises(VideoDamaged), copies.opened(uuid.uuid4(), large.fetch):
        pytest.fail("its checksum is another one")
    assert len(names(tmp_path)) == 1


def test_a_copy_that_is_needed_once_pushes_nothing_out(copies_up_to: MakeCopies, tmp_path: Path) -> None:
    copies, kept, once = copies_up_to(1000), uuid.uuid4(), uuid.uuid4()
    use(copies, kept)
    for video_id in (once, kept):
        with copies.opened(video_id, Elsewhere().fetch, once=True) as path:
            assert path.read_bytes() == FILM
    assert names(tmp_path) == {str(kept)}


def test_a_sweep_takes_no_copy_that_is_in_use(copies_up_to: MakeCopies, tmp_path: Path) -> None:
    ours, theirs, video_id = copies_up_to(10_000), copies_up_to(10_000), uuid.uuid4()
    with theirs.opened(video_id, Elsewhere().fetch) as path:
        ours.drop(video_id)
        assert path.read_bytes() == FILM
    ours.drop(video_id)
    assert names(tmp_path) == set()


def test_two_who_need_a_video_at_once_both_get_it(copies_up_to: MakeCopies, tmp_path: Path) -> None:
    copies, video_id, both = copies_up_to(10_000), uuid.uuid4(), threading.Barrier(2, timeout=30)
    read: list[bytes] = []

    def fetch(incoming: IncomingVideo) -> str:
        incoming.write(FILM)
        both.wait()  # neither finds the copy of the other
        return CHECKSUM

    def work() -> None:
        with copies.opened(video_id, fetch) as path:
            read.append(path.read_bytes())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert read == [FILM, FILM]
    assert names(tmp_path) == {str(video_id)}


def test_a_deletion_beside_its_use_is_no_error(copies_up_to: MakeCopies, tmp_path: Path) -> None:
    copies, video_id = copies_up_to(10_000), uuid.uuid4()
    with copies.opened(video_id, Elsewhere().fetch) as path, path.open("rb") as file:
        copies.forget(video_id)
        assert file.read() == FILM
    assert names(tmp_path) == set()


@pytest.mark.parametrize(("keep_bytes", "kept"), [(1000, 1), (999, 0)])
def test_a_file_that_has_just_come_is_its_own_copy_where_there_is_room(
    copies_up_to: MakeCopies, tmp_path: Path, keep_bytes: int, kept: int
) -> None:
    copies, video_id, incoming = copies_up_to(keep_bytes), uuid.uuid4(), IncomingVideos(tmp_path).begin()
    incoming.write(FILM)
    incoming.finish()
    copies.add(incoming, video_id)
    incoming.discard()
    assert names(tmp_path) == ({str(video_id)} if kept else set())
    elsewhere = Elsewhere()
    with copies.opened(video_id, elsewhere.fetch):
        assert elsewhere.fetches == 1 - kept
