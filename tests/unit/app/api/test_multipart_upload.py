"""The multipart reader, however the network cuts the body."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from anyio import CapacityLimiter, to_thread
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from app.api.multipart_upload import MAX_FIELD_BYTES, MultipartForm, receive_upload
from app.core.errors import CoachProError, PayloadTooLarge, Unprocessable

BOUNDARY = "edge"


class Incoming:
    """The part of an ``IncomingVideo`` that the reader uses."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []

    def write(self, chunk: bytes) -> None:
        self.chunks.append(chunk)

    @property
    def content(self) -> bytes:
        return b"".join(self.chunks)


def part(name: str, content: bytes, *, filename: str | None = None) -> bytes:
    named = "" if filename is None else f'; filename="{filename}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def receive(
    chunks: Sequence[bytes], *, max_bytes: int = 10_000_000, hangs_up: bool = False
) -> tuple[MultipartForm, Incoming]:
    messages: list[Message] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.disconnect"} if hangs_up else {"type": "http.request", "body": b""})

    async def next_message() -> Message:
        return messages.pop(0)

    headers = [(b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())]
    request = Request({"type": "http", "method": "POST", "headers": headers}, next_message)
    incoming = Incoming()
    form = asyncio.run(
        receive_upload(request, incoming, max_bytes=max_bytes, writers=CapacityLimiter(1))  # type: ignore[arg-type]
    )
    return form, incoming


def cut(body: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


BODY = (
    part("match_id", b"42")
    + part("file", b"\r\n--edg\x00\xff film \r\n--edge-", filename="Final \u00e9.mp4")
    + part("after", "späte Felder".encode())
    + END
)


def test_a_body_that_comes_byte_by_byte_is_read_rightly() -> None:
    form, incoming = receive([bytes([byte]) for byte in BODY])
    assert form.fields == {"match_id": "42", "after": "späte Felder"}
    assert form.filename == "Final é.mp4"
    # What looks like the boundary, and is not, belongs to the film.
    assert incoming.content == b"\r\n--edg\x00\xff film \r\n--edge-"


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(content=st.binary(max_size=300), places=st.lists(st.integers(0, 2000), max_size=12))
def test_where_the_network_cuts_the_body_makes_no_difference(content: bytes, places: list[int]) -> None:
    body = part("a", b"1") + part("file", content, filename="x") + part("b", b"2") + END
    if f"\r\n--{BOUNDARY}".encode() in content:
        return
    form, incoming = receive(cut(body, places))
    assert incoming.content == content
    assert form.fields == {"a": "1", "b": "2"}


def test_a_large_file_is_written_in_pieces_worth_a_system_call() -> None:
    content = bytes(range(256)) * 4096 * 5  # 5 MB
    body = part("file", content, filename="x") + END
    _, incoming = receive([body[start : start + 65536] for start in range(0, len(body), 65536)])
    assert incoming.content == content
    assert len(incoming.chunks) <= 6


def test_the_limit_is_a_limit_of_the_file_and_not_of_the_body() -> None:
    fields = part("calibration", b" " * 100_000)
    form, incoming = receive([fields + part("file", bytes(1000), filename="x") + END], max_bytes=1000)
    assert (len(incoming.content), len(form.fields["calibration"])) == (1000, 100_000)
    with pytest.raises(PayloadTooLarge):
        receive([part("file", bytes(1001), filename="x") + END], max_bytes=1000)


BROKEN: dict[str, tuple[bytes, type[CoachProError]]] = {
    "cut in the file": (BODY[:120], Unprocessable),
    "no last boundary": (BODY[: -len(END)], Unprocessable),
    "a field without end": (part("a", b" " * (MAX_FIELD_BYTES + 1)), PayloadTooLarge),
    "no boundary at all": (b"hello", Unprocessable),
    "two files": (part("file", b"1", filename="a") + part("file", b"2", filename="b") + END, Unprocessable),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_body_is_refused_byte_by_byte_and_at_once(case: str) -> None:
    body, error = BROKEN[case]
    with pytest.raises(error):
        receive([body])
    if len(body) < 1000:
        with pytest.raises(error):
            receive([bytes([byte]) for byte in body])


def test_a_client_that_hangs_up_is_noticed() -> None:
    with pytest.raises(ClientDisconnect):
        receive([BODY[:100]], hangs_up=True)


def test_uploads_are_written_by_threads_of_their_own() -> None:
    """Those that all other requests share are free while a disk is slow."""
    borrowed: list[tuple[int, int]] = []
    writers = CapacityLimiter(1)

    async def upload() -> None:
        shared = to_thread.current_default_thread_limiter()

        class Noticing(Incoming):
            def write(self, chunk: bytes) -> None:
                borrowed.append((int(writers.borrowed_tokens), int(shared.borrowed_tokens)))

        async def body() -> Message:
            return {"type": "http.request", "body": part("file", b"film", filename="x") + END}

        headers = [(b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())]
        request = Request({"type": "http", "method": "POST", "headers": headers}, body)
        await receive_upload(request, Noticing(), max_bytes=100, writers=writers)  # type: ignore[arg-type]

    asyncio.run(upload())
    assert borrowed == [(1, 0)]
