"""An upload whose answer got lost comes again: one file, one job, the first answer."""

import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select, update

from app.api import idempotency as renewals
from app.api.endpoints import analyze_match
from app.core.database import Database, database_now
from app.models import IdempotencyKey, Job, Match, User, Video
from app.services import idempotency
from app.services.idempotency import KeyedRequest, claim_key
from app.services.video_probe import probe_video
from probe.findings import VideoFacts
from tests.integration.api.conftest import LiveServer, assert_nothing_left, assert_problem, rows, stored_files
from tests.integration.conftest import Api
from tests.waiting import PATIENCE_S, wait_until

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    return make_api(embedded_workers=0)


def database_of(api: Api | LiveServer) -> Database:
    app = api.app if isinstance(api, LiveServer) else api.client.app
    database: Database = app.state.parts.database  # type: ignore[attr-defined]
    return database


def upload(api: Api, film: bytes, *, name: str = "a.mp4", **fields: str) -> httpx2.Response:
    """The boundary is made up anew for each request."""
    headers = api.headers | {"Idempotency-Key": KEY}
    return api.client.post("/api/analyze_match", headers=headers, files={"file": (name, film)}, data=fields)


def upload_in_parts(api: Api, *parts: tuple[str, bytes], boundary: str) -> httpx2.Response:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{{}}"\r\n\r\n'
    body = b"".join(head.format(name).encode() + content + b"\r\n" for name, content in parts)
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": KEY}
    body += f"--{boundary}--\r\n".encode()
    return api.client.post("/api/analyze_match", headers=api.headers | kind, content=body)


def head_of(headers: dict[str, str]) -> bytes:
    """Announces a body of half a megabyte."""
    lines = {"Host": "127.0.0.1", "Content-Length": "500000", "Content-Type": "multipart/form-data; boundary=edge"}
    fields = "".join(f"{name}: {value}\r\n" for name, value in (lines | headers).items())
    return f"POST /api/analyze_match HTTP/1.1\r\n{fields}\r\n".encode()


def assert_one_job(api: Api, film: bytes) -> None:
    assert {model.__tablename__: rows(api.client.app, model) for model in (Job, Video, Match)} == {
        "jobs": 1,
        "videos": 1,
        "matches": 1,
    }
    assert [path.read_bytes() for path in stored_files(api.settings)] == [film]


def run_the_key(database: Database) -> None:
    """As if a server were at work on an upload with the key."""
    with database.reading() as session:
        user_id = session.scalars(select(User.id)).one()
    claim_key(database, KeyedRequest(user_id, KEY, "f" * 64), keep=timedelta(hours=24))


def lease_of_the_key(database: Database) -> datetime:
    with database.reading() as session:
        return session.scalars(select(IdempotencyKey.lease_expires_at)).one()


def let_leases_expire(database: Database) -> None:
    with database.unit_of_work() as session:
        expired = database_now(session) - timedelta(seconds=1)
        session.execute(update(IdempotencyKey).values(lease_expires_at=expired))


def test_an_upload_that_comes_again_gets_the_first_answer(api: Api, film: bytes) -> None:
    first, repeated = (upload(api, film, confidence_threshold="0.3") for _ in range(2))
    assert first.status_code == 202, first.text
    assert "Idempotency-Replayed" not in first.headers
    assert first.request.headers["Content-Type"] != repeated.request.headers["Content-Type"]
    assert (repeated.status_code, repeated.content) == (202, first.content)
    for header in ("Location", "Retry-After", "Content-Type"):
        assert repeated.headers[header] == first.headers[header]
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert_one_job(api, film)


@ON_SQLITE
def test_neither_the_boundary_nor_the_order_of_the_parts_makes_another_upload(api: Api, film: bytes) -> None:
    file, threshold, match = ("file", film), ("confidence_threshold", b"0.3"), ("match_id", b"")
    first = upload_in_parts(api, file, threshold, match, boundary="first")
    repeated = upload_in_parts(api, match, threshold, file, boundary="second")
    assert (first.status_code, repeated.status_code) == (202, 202)
    assert repeated.json() == first.json()
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert_one_job(api, film)


def test_a_key_is_not_for_another_upload(api: Api, film: bytes) -> None:
    first = upload(api, film)
    others = [upload(api, film + b"\0"), upload(api, film, confidence_threshold="0.3"), upload(api, film, name="b.mp4")]
    for refused in others:
        assert_problem(refused, 422, "idempotency_key_reused")
    assert upload(api, film).json() == first.json()
    assert_one_job(api, film)


@ON_SQLITE
def test_an_upload_that_was_refused_gives_its_key_back(api: Api, film: bytes) -> None:
    assert_problem(upload(api, b"no film at all"), 415, "not_a_video")
    assert_problem(upload(api, film, confidence_threshold="2"), 422, "threshold_invalid")
    assert_nothing_left(api.client.app)
    assert upload(api, film).status_code == 202
    assert_one_job(api, film)


@ON_SQLITE
def test_an_upload_that_hangs_keeps_the_next_attempt_waiting_for_nothing(
    live: LiveServer, live_headers: dict[str, str], film: bytes
) -> None:
    """A phone has lost its line, and a server does not learn of that for minutes."""
    headers = live_headers | {"Idempotency-Key": KEY}
    with socket.create_connection(("127.0.0.1", live.port)) as hanging:
        part = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n' + film[:50_000]
        hanging.sendall(head_of(headers) + part)
        wait_until(lambda: stored_files(live.app.state.parts.settings))
        answer = live.client.post("/api/analyze_match", headers=headers, files={"file": film})
        assert answer.status_code == 202, answer.text
        assert rows(live.app, Job) == 1


def test_many_at_once_make_one_job(api: Api, film: bytes) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: upload(api, film), range(4)))
    made = [answer for answer in answers if answer.status_code == 202]
    for refused in (answer for answer in answers if answer not in made):
        assert_problem(refused, 409, "idempotency_key_in_use")
    assert len({answer.json()["job_id"] for answer in made}) == 1
    assert len([answer for answer in made if "Idempotency-Replayed" not in answer.headers]) == 1
    assert_one_job(api, film)


@ON_SQLITE
def test_while_the_first_is_running_the_second_is_told_so_before_it_sends_its_file(
    live: LiveServer, live_headers: dict[str, str]
) -> None:
    """Half a megabyte is announced, and not one byte of it is sent: the answer is there all the same."""
    run_the_key(database_of(live))
    with socket.create_connection(("127.0.0.1", live.port)) as client:
        client.sendall(head_of(live_headers | {"Idempotency-Key": KEY}))
        client.settimeout(PATIENCE_S)
        answer = client.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 409 ")
    assert "retry-after: " in answer.lower()
    assert_nothing_left(live.app)


@ON_SQLITE
def test_what_is_no_key_is_refused_before_the_file_is_sent(live: LiveServer, live_headers: dict[str, str]) -> None:
    headers = live_headers | {"Idempotency-Key": "two words"}
    answer = live.client.post("/api/analyze_match", headers=headers, content=b"")
    assert_problem(answer, 422, "idempotency_key_invalid")


@ON_SQLITE
def test_an_upload_that_takes_longer_than_the_lease_keeps_its_key(
    api: Api, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does that is minutes on its way into a bucket; its client has lost patience, and comes again."""
    for module in (idempotency, renewals):
        monkeypatch.setattr(module, "LEASE", timedelta(seconds=6))
    looks = threading.Barrier(2, timeout=PATIENCE_S)

    def take_long(path: Path) -> VideoFacts:
        looks.wait()
        looks.wait()
        return probe_video(path)

    monkeypatch.setattr(analyze_match, "probe_video", take_long)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(upload, api, film)
        looks.wait()
        claimed = lease_of_the_key(database_of(api))
        wait_until(lambda: lease_of_the_key(database_of(api)) >= claimed + timedelta(seconds=2))
        assert_problem(upload(api, film), 409, "idempotency_key_in_use")
        looks.wait()
        assert slow.result().status_code == 202
    assert_one_job(api, film)


def test_an_upload_that_lost_its_key_leaves_neither_job_nor_file(
    api: Api, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server stood still over its look at the film for longer than the lease, and the client came again."""
    second: list[httpx2.Response] = []

    def stand_still(path: Path) -> VideoFacts:
        monkeypatch.setattr(analyze_match, "probe_video", probe_video)
        let_leases_expire(database_of(api))
        second.append(upload(api, film))
        return probe_video(path)

    monkeypatch.setattr(analyze_match, "probe_video", stand_still)
    late = upload(api, film)
    assert second[0].status_code == 202
    assert_problem(late, 409, "idempotency_key_in_use")
    assert upload(api, film).json() == second[0].json()
    assert_one_job(api, film)
