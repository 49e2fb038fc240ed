"""What is read of a body, and when an answer ends, where the connection is closed on somebody who is still sending."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.api import lingering_close
from app.api.lingering_close import LingeringCloseMiddleware

CLOSE = [(b"connection", b"close"), (b"content-length", b"2")]


class Exchange:
    """A client that sends ``pieces`` of 1 MB and then waits, and all that happens, in its order."""

    def __init__(self, pieces: int, *, ends: bool = True) -> None:
        self.happened: list[str] = []
        self._left = pieces
        self._ends = ends

    async def receive(self) -> Message:
        if self._left == 0 and not self._ends:
            await asyncio.Event().wait()
        self._left -= 1
        self.happened.append("read")
        return {"type": "http.request", "body": bytes(1024 * 1024), "more_body": self._left > 0 or not self._ends}

    async def send(self, message: Message) -> None:
        body = message.get("body")
        self.happened.append("start" if body is None else f"{body.decode()}{'' if message.get('more_body') else '|'}")


def refusing(headers: list[tuple[bytes, bytes]], read: int = 0):
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(read):
            await receive()
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": b"no"})

    return app


def happened(exchange: Exchange, headers: list[tuple[bytes, bytes]], read: int = 0) -> list[str]:
    app = LingeringCloseMiddleware(refusing(headers, read))
    asyncio.run(app({"type": "http"}, exchange.receive, exchange.send))
    return exchange.happened


def test_what_is_left_of_a_body_is_read_after_the_answer_and_before_its_end() -> None:
    assert happened(Exchange(pieces=3), CLOSE) == ["start", "no", "read", "read", "read", "|"]
    assert happened(Exchange(pieces=3), CLOSE, read=2) == ["read", "read", "start", "no", "read", "|"]


def test_a_body_that_was_read_keeps_nobody_waiting() -> None:
    assert happened(Exchange(pieces=1), CLOSE, read=1) == ["read", "start", "no", "|"]


def test_an_answer_that_leaves_the_connection_open_ends_at_once() -> None:
    assert happened(Exchange(pieces=3), CLOSE[1:]) == ["start", "no|"]


def test_a_body_without_an_end_is_not_read_for_ever() -> None:
    told = happened(Exchange(pieces=1000), CLOSE)
    assert told.count("read") == 16
    assert told[-1] == "|"


def test_who_stops_sending_is_not_waited_for_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lingering_close, "_LONGEST_S", 0.01)
    assert happened(Exchange(pieces=2, ends=False), CLOSE) == ["start", "no", "read", "read", "|"]
