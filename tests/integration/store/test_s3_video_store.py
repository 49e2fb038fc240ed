"""The store of videos in a bucket, at a real server that speaks S3: kept whole or not at all, swept, and away."""

import hashlib
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.core.database import Database
from app.core.errors import CannotStart, StoreUnavailable, TransientFailure
from app.models import ScanStatus
from app.models.base import utc_now
from app.services.forget_videos import delete_all
from app.services.s3_video_store import S3VideoStore
from app.services.sweep_storage import sweep_storage
from app.services.video_store import Fetch, VideoDamaged, VideoMissing
from tests.files import files_below
from tests.integration.video_rows import add_video_row
from tests.servers.private_swift import PrivateSwift

PIECE_BYTES = 8 * 1024 * 1024  # larger videos go in several
SMALL, LARGE = b"film" * 1000, os.urandom(PIECE_BYTES * 2 + 1)
MakeStore = Callable[[str], S3VideoStore]


@pytest.fixture
def machine(swift: PrivateSwift, bucket: str, tmp_path: Path) -> MakeStore:
    """The store as a machine of this name has it, with its own disk."""
    return lambda name: S3VideoStore(swift.address(bucket), tmp_path / name, keep_bytes=10**9)


@pytest.fixture
def away(swift: PrivateSwift) -> Iterator[Callable[[], None]]:
    """Take the server away; it is back after the test."""
    yield swift.stop
    swift.restart()


def keep(store: S3VideoStore, content: bytes = SMALL) -> uuid.UUID:
    video_id, incoming = uuid.uuid4(), store.begin()
    incoming.write(content)
    store.keep(incoming, video_id)
    store.settle(video_id)
    incoming.discard()
    return video_id


def read(store: S3VideoStore, video_id: uuid.UUID, fetch: Fetch | None = None) -> bytes:
    with store.opened(video_id, fetch) as path:
        return path.read_bytes()


def names(directory: Path) -> set[str]:
    return {path.name for path in files_below(directory)}


@pytest.mark.parametrize("content", [SMALL, LARGE, b""], ids=["one piece", "three pieces", "empty"])
def test_what_one_machine_keeps_another_opens(
    machine: MakeStore, swift: PrivateSwift, bucket: str, content: bytes
) -> None:
    video_id = keep(machine("api"), content)
    assert swift.objects(bucket) == {str(video_id): len(content)}
    told: list[float] = []
    assert read(machine("worker"), video_id, Fetch(tell=told.append)) == content
    assert told == sorted(told)
    assert told[-1:] == ([1.0] if content else [])
    assert machine("worker").stat(video_id) == machine("api").stat(video_id)
    assert machine("worker").stat(video_id).size_bytes == len(content)


def test_the_prefix_is_that_of_the_names(swift: PrivateSwift, bucket: str, tmp_path: Path) -> None:
    store = S3VideoStore(swift.address(bucket, prefix="club/videos/"), tmp_path, keep_bytes=0)
    video_id = keep(store)
    assert set(swift.objects(bucket)) == {f"club/videos/{video_id}"}
    assert read(store, video_id) == SMALL
    store.delete(video_id)
    assert swift.objects(bucket) == {}


def test_a_video_is_unsettled_from_its_keeping_to_its_settling(machine: MakeStore) -> None:
    store, video_id = machine("api"), uuid.uuid4()
    incoming = store.begin()
    store.keep(incoming, video_id)
    assert store.unsettled() == []  # its upload is alive and will decide
    incoming.close()  # as the kernel does with a killed server's
    assert store.unsettled() == [video_id]
    assert machine("worker").unsettled() == []  # the mark is where the upload was
    store.settle(video_id)
    assert store.unsettled() == []


def test_nothing_of_a_deleted_video_stays(machine: MakeStore, swift: PrivateSwift, bucket: str, tmp_path: Path) -> None:
    store = machine("api")
    video_id = keep(store, LARGE)
    store.delete(video_id)
    store.delete(video_id)  # once more is no error
    assert swift.objects(bucket) == {}
    assert files_below(tmp_path) == []
    for look in (store.stat, lambda missing: read(store, missing)):
        with pytest.raises(VideoMissing):
            look(video_id)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_must_not_be_there_any_more_goes_though_its_deletion_failed(
    machine: MakeStore, database: Database, swift: PrivateSwift, bucket: str
) -> None:
    api = machine("api")
    retained, infected, kept = (keep(api) for _ in range(3))
    add_video_row(database, retained, footage_deleted_at=utc_now())
    add_video_row(database, infected, scan_status=ScanStatus.INFECTED)
    add_video_row(database, kept)
    api.unsettle(retained, infected, kept)  # as a deletion does first
    sweep_storage(database, api)
    assert set(swift.objects(bucket)) == {str(kept)}
    assert api.unsettled() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_copy_goes_with_the_next_sweep_when_another_machine_has_deleted_its_video(
    machine: MakeStore, database: Database, tmp_path: Path
) -> None:
    api, worker = machine("api"), machine("worker")
    gone, retained, infected, kept = (keep(api) for _ in range(4))
    add_video_row(database, retained, footage_deleted_at=utc_now())
    add_video_row(database, infected, scan_status=ScanStatus.INFECTED)
    add_video_row(database, kept)
    for video_id in (gone, retained, infected, kept):
        read(worker, video_id)
    sweep_storage(database, worker)
    assert names(tmp_path / "worker") == {str(kept)}
    assert read(worker, gone) == SMALL  # what lies in the bucket unmarked is nothing that a sweep takes


def test_what_somebody_else_wrote_over_a_video_is_not_that_video(
    machine: MakeStore, swift: PrivateSwift, bucket: str, tmp_path: Path
) -> None:
    video_id = keep(machine("api"))
    sound, forged = (hashlib.sha256(content).hexdigest() for content in (SMALL, SMALL[::-1]))
    known_to_the_database = Fetch(sha256=sound)
    for described, fetch in (
        ({"sha256": sound}, Fetch()),
        ({"sha256": forged}, known_to_the_database),
        ({}, known_to_the_database),
    ):
        swift.client.put_object(Bucket=bucket, Key=str(video_id), Body=SMALL[::-1], Metadata=described)
        with pytest.raises(VideoDamaged, match="another SHA-256"):
            read(machine("worker"), video_id, fetch)
    assert files_below(tmp_path / "worker") == []


def test_an_object_that_a_tool_has_copied_without_its_checksum_is_opened(
    machine: MakeStore, swift: PrivateSwift, bucket: str
) -> None:
    video_id = uuid.uuid4()
    swift.client.put_object(Bucket=bucket, Key=str(video_id), Body=SMALL)
    assert read(machine("worker"), video_id) == SMALL


def test_a_fetch_ends_when_nobody_waits_for_it(machine: MakeStore, tmp_path: Path) -> None:
    video_id = keep(machine("api"), LARGE)

    def enough(fraction: float) -> None:
        if fraction > 0.3:
            fetch.cancel()

    fetch = Fetch(tell=enough)
    with pytest.raises(TransientFailure):
        read(machine("worker"), video_id, fetch)
    assert files_below(tmp_path / "worker") == []


def test_a_store_that_cannot_be_used_as_it_is_set_says_what_to_look_at(
    swift: PrivateSwift, bucket: str, tmp_path: Path
) -> None:
    address = swift.address(bucket)
    wrong = {
        f"there is no bucket '{bucket}-2'": replace(address, bucket=f"{bucket}-2"),
        "is not for these keys": replace(address, secret_access_key="wrong"),
        "'s3://videos' is not the name of a bucket": replace(address, bucket="s3://videos"),
        "S3_REGION": replace(address, endpoint_url=None, region="no region"),
    }
    for sentence, changed in wrong.items():
        with pytest.raises(CannotStart, match=sentence):
            S3VideoStore(changed, tmp_path, keep_bytes=0).check()
    S3VideoStore(address, tmp_path, keep_bytes=0).check()


def test_without_any_keys_the_store_says_so(
    swift: PrivateSwift, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")  # boto3 asks the cloud's machine last
    without = replace(swift.address(bucket), access_key_id=None, secret_access_key=None)
    with pytest.raises(CannotStart, match="S3_ACCESS_KEY_ID: there are no keys"):
        S3VideoStore(without, tmp_path, keep_bytes=0).check()


class Refusing(ThreadingHTTPServer):
    """A server that answers each deletion so."""

    def __init__(self, status: int, code: str) -> None:
        self.answer = status, f"<Error><Code>{code}</Code></Error>".encode() if code else b"Bad gateway"
        self.asked: set[str] = set()
        super().__init__(("127.0.0.1", 0), RefusingHandler)


class RefusingHandler(BaseHTTPRequestHandler):
    server: Refusing

    def do_DELETE(self) -> None:
        status, body = self.server.answer
        self.server.asked.add(self.path)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.mark.parametrize(
    ("status", "code", "asked", "stay"),
    [
        pytest.param(404, "NoSuchKey", 3, 0, id="there is none, which is an error to some"),
        pytest.param(403, "AccessDenied", 3, 3, id="not this one, for a time"),
        pytest.param(404, "", 1, 3, id="a proxy knows nothing"),
        pytest.param(503, "SlowDown", 1, 3, id="too much to do"),
    ],
)
def test_what_a_store_says_to_deletions_tells_whether_to_go_on(
    swift: PrivateSwift, bucket: str, tmp_path: Path, status: int, code: str, asked: int, stay: int
) -> None:
    with Refusing(status, code) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = replace(swift.address(bucket), endpoint_url=f"http://127.0.0.1:{server.server_port}")
        store = S3VideoStore(address, tmp_path, keep_bytes=0)
        assert delete_all(store, [uuid.uuid4() for _ in range(3)]) is (stay == 0)
        server.shutdown()
    assert (len(server.asked), len(store.unsettled())) == (asked, stay)


def test_a_store_that_is_away_loses_nothing(
    machine: MakeStore, swift: PrivateSwift, bucket: str, away: Callable[[], None], tmp_path: Path
) -> None:
    api, worker = machine("api"), machine("worker")
    video_id, incoming = keep(api), api.begin()
    incoming.write(LARGE)
    away()
    for impossible in (
        api.check,
        lambda: api.keep(incoming, uuid.uuid4()),
        lambda: api.stat(video_id),
        lambda: read(worker, video_id),
        lambda: worker.delete(video_id),
    ):
        with pytest.raises(StoreUnavailable):
            impossible()
    assert read(api, video_id) == SMALL  # it has a copy
    incoming.discard()
    assert worker.unsettled() == [video_id]  # the next sweep deletes it
    assert len(api.unsettled()) == 1  # nobody knows whether the object is there
    swift.restart()
    assert set(swift.objects(bucket)) == {str(video_id)}
    for left in api.unsettled():
        api.delete(left)  # as the sweep does, of an object that is not there
    assert read(worker, video_id) == SMALL
