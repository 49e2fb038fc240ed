"""The one who asks finds the end of an answer, however it arrives, and counts it by its status."""

import asyncio
from collections import Counter

import pytest

from benchmarks.asking import Load, _Asker

ANSWER = b"HTTP/1.1 200 OK\r\ndate: now\r\nContent-Length: 5\r\n\r\nhello"
KNOWN = b"HTTP/1.1 304 Not Modified\r\ndate: now\r\n\r\n"
REQUEST = Load(8000, "/x", {"Accept": "*/*"}, connections=1, seconds=1, warm_up_s=0).request


class Written(asyncio.Transport):
    """A transport that keeps what is written. A fake: there is no other end."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[bytes] = []

    def write(self, data: object) -> None:
        assert isinstance(data, bytes)
        self.requests.append(data)


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(("answer", "status"), [(ANSWER, "200"), (KNOWN, "304")])
def test_it_asks_again_when_the_answer_is_complete_and_not_before(answer: bytes, status: str, size: int) -> None:
    statuses, transport = Counter[str](), Written()
    asker = _Asker(REQUEST, statuses)
    asker.connection_made(transport)
    for begin in range(0, len(answer), size):
        assert (len(transport.requests), statuses.total()) == (1, 0)
        asker.data_received(answer[begin : begin + size])
    assert (transport.requests, statuses) == ([REQUEST] * 2, {status: 1})


def test_a_request_is_one_that_a_server_understands() -> None:
    assert REQUEST == b"GET /x HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nAccept: */*\r\n\r\n"
