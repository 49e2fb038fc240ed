"""How an upload travels: order of its parts, broken bodies, the limit, hang-ups, and who is asked first."""

import socket
import threading
from collections.abc import Iterator

import httpx2
import pytest

from app.models import Video
from tests.integration.api.conftest import LiveServer, assert_nothing_left, assert_problem, rows, stored_files
from tests.integration.conftest import Api
from tests.waiting import PATIENCE_S, wait_until

MB = 1024 * 1024
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOUNDARY = "edge"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
END = f"--{BOUNDARY}--\r\n".encode()


def field(name: str, value: str) -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def file_part(content: bytes, *, name: str = "file", filename: str = ' filename="a.mp4"') -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}";{filename}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def post(api: Api, body: bytes, content_type: str = FORM) -> httpx2.Response:
    headers = {**api.headers, "Content-Type": content_type}
    return api.client.post("/api/analyze_match", headers=headers, content=body)


# Bodies that are no good. {film} is a good film.
BROKEN: dict[str, tuple[list[bytes | str], str, int, str]] = {
    "no body": ([], FORM, 422, "multipart_incomplete"),
    "no part called file": ([field("match_id", ""), END], FORM, 422, "file_missing"),
    "the part is called video": ([file_part(b"x", name="video"), END], FORM, 422, "file_missing"),
    "two files": ([file_part(b"a"), file_part(b"b"), END], FORM, 422, "multipart_malformed"),
    "JSON": ([b"{}"], "application/json", 415, "not_multipart"),
    "a bare video": (["film"], "video/mp4", 415, "not_multipart"),
    "urlencoded": ([b"file=abc"], "application/x-www-form-urlencoded", 415, "not_multipart"),
    "no content type": ([b"abc"], "", 415, "not_multipart"),
    "no boundary": (["film part", END], "multipart/form-data", 422, "multipart_malformed"),
    "boundary of 10 kB": ([END], f"multipart/form-data; boundary={'x' * 10_000}", 422, "multipart_malformed"),
    "another boundary": (["film part", END], "multipart/form-data; boundary=other", 422, "multipart_malformed"),
    "text before the boundary": ([b"hello\r\n", "film part", END], FORM, 422, "multipart_malformed"),
    "header without a colon": ([f"--{BOUNDARY}\r\nno colon\r\n\r\n".encode(), END], FORM, 422, "multipart_malformed"),
    "header of 100 kB": (
        [f"--{BOUNDARY}\r\nX-Long: {'x' * 100_000}\r\n\r\n\r\n".encode(), END],
        FORM,
        422,
        "multipart_malformed",
    ),
    "part without a name": ([f"--{BOUNDARY}\r\n\r\nx\r\n".encode(), END], FORM, 422, "file_missing"),
    "no end": (["film part"], FORM, 422, "multipart_incomplete"),
    "ends within the file": ([file_part(b"x" * 1000)[:-200]], FORM, 422, "multipart_incomplete"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_body_is_refused_and_leaves_nothing(shared_api: Api, film: bytes, case: str) -> None:
    parts, content_type, status, code = BROKEN[case]
    made = {"film": film, "film part": file_part(film)}
    body = b"".join(made[part] if isinstance(part, str) else part for part in parts)
    answer = post(shared_api, body, content_type)
    assert_problem(answer, status, code)
    assert_nothing_left(shared_api.client.app)


GOOD: dict[str, list[bytes | str]] = {
    "fields before the file": [field("confidence_threshold", "0.3"), "film part", END],
    "fields after the file": ["film part", field("confidence_threshold", "0.3"), END],
    "empty fields, as HTML forms send them": [field("match_id", ""), field("calibration", " "), "film part", END],
    "unknown fields": [field("csrf", "abc"), "film part", END],
    "no filename": ["film part without filename", END],
    "text after the end": ["film part", END, b"epilogue"],
}


@ON_SQLITE
@pytest.mark.parametrize("case", GOOD)
def test_what_clients_really_send_is_accepted(api: Api, film: bytes, case: str) -> None:
    made = {"film part": file_part(film), "film part without filename": file_part(film, filename="")}
    body = b"".join(made[part] if isinstance(part, str) else part for part in GOOD[case])
    answer = post(api, body)
    assert answer.status_code == 202, answer.text
    assert [path.read_bytes() for path in stored_files(api.settings)] == [film]


def head(length: str, headers: dict[str, str]) -> bytes:
    lines = ["POST /api/analyze_match HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {FORM}", length]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def status(connection: socket.socket) -> int:
    connection.settimeout(PATIENCE_S)
    return int(connection.recv(4096).split(b" ", 2)[1])


def bytes_taken(connection: socket.socket) -> int:
    """How much of a body the server takes after its answer, of up to 200 MB; the buffers of two sockets take some."""
    taken = 0
    try:
        while taken < 200 * MB:
            taken += connection.send(bytes(MB // 4))
    except ConnectionError:
        pass
    return taken


@ON_SQLITE
def test_an_announced_length_over_the_limit_is_refused_before_the_body(
    live: LiveServer, live_headers: dict[str, str]
) -> None:
    """Ten terabytes are announced, and not one byte of them is sent: the answer is there all the same."""
    with socket.create_connection(("127.0.0.1", live.port)) as client:
        client.sendall(head(f"Content-Length: {10**13}", live_headers))
        assert status(client) == 413
        assert bytes_taken(client) < 50 * MB
    assert_nothing_left(live.app)


@ON_SQLITE
def test_a_token_is_asked_for_before_the_body(live: LiveServer) -> None:
    with socket.create_connection(("127.0.0.1", live.port)) as client:
        client.sendall(head("Content-Length: 2000000000", {}))
        assert status(client) == 401
        assert bytes_taken(client) < 50 * MB
    assert_nothing_left(live.app)


@ON_SQLITE
def test_a_length_that_is_not_announced_is_refused_when_it_passes_the_limit(
    live: LiveServer, live_headers: dict[str, str]
) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield file_part(b"")[:-2]
        while sent < 200 * MB:
            sent += MB // 4
            yield bytes(MB // 4)

    headers = {**live_headers, "Content-Type": FORM}
    answer = live.client.post("/api/analyze_match", headers=headers, content=endless())
    assert_problem(answer, 413, "video_too_large")
    assert sent < 50 * MB  # what fits into the buffers of two sockets, beside the 1 MB that were wanted
    assert_nothing_left(live.app)


def test_a_film_of_exactly_the_limit_is_not_too_large(shared_api: Api) -> None:
    assert_problem(post(shared_api, file_part(bytes(MB)) + END), 415, "not_a_video")
    assert_problem(post(shared_api, file_part(bytes(MB + 1)) + END), 413, "video_too_large")
    assert_nothing_left(shared_api.client.app)


def test_a_client_that_hangs_up_leaves_nothing(live: LiveServer, live_headers: dict[str, str], film: bytes) -> None:
    settings = live.app.state.parts.settings
    with socket.create_connection(("127.0.0.1", live.port)) as client:
        client.sendall(head("Content-Length: 1000000", live_headers) + file_part(film)[:50_000])
        wait_until(lambda: stored_files(settings))
    wait_until(lambda: not stored_files(settings))
    assert_nothing_left(live.app)


@ON_SQLITE
def test_a_slow_upload_does_not_hold_up_others(live: LiveServer, live_headers: dict[str, str], film: bytes) -> None:
    settings = live.app.state.parts.settings
    with socket.create_connection(("127.0.0.1", live.port)) as slow:
        slow.sendall(head("Content-Length: 1000000", live_headers) + file_part(film)[:50_000])
        wait_until(lambda: stored_files(settings))
        answer = live.client.post("/api/analyze_match", headers=live_headers, files={"file": film})
        assert answer.status_code == 202
        assert rows(live.app, Video) == 1


@ON_SQLITE
def test_many_uploads_at_once_are_all_kept(live: LiveServer, live_headers: dict[str, str], film: bytes) -> None:
    answers: list[httpx2.Response] = []

    def upload() -> None:
        answers.append(live.client.post("/api/analyze_match", headers=live_headers, files={"file": film}))

    threads = [threading.Thread(target=upload) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [202] * 6
    assert len({answer.json()["job_id"] for answer in answers}) == 6
    assert [path.stat().st_size for path in stored_files(live.app.state.parts.settings)] == [len(film)] * 6
