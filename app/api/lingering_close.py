"""A connection that is closed after an answer is first read a while longer, as the client may still be sending.

Closed with bytes that nobody has read, a connection is reset, and the reset may overtake the answer: the client, or a
proxy in between, then tells of a broken pipe in place of what was wrong (RFC 9112, section 9.6).
"""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LONGEST_S = 10.0
_MOST_BYTES = 16 * 1024 * 1024


class LingeringCloseMiddleware:
    """Holds back the end of an answer with ``Connection: close`` until the body has arrived or the client is gone; for
    ten seconds or 16 MB at most. What the answer says is sent at once.

    Belongs outside of all that reads a body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body, is_closing, is_held = _Body(receive), False, False

        async def send_but_the_end(message: Message) -> None:
            nonlocal is_closing, is_held
            if message["type"] == "http.response.start":
                is_closing = Headers(raw=message["headers"]).get("connection") == "close"
            elif is_closing and not message.get("more_body", False):
                message, is_held = {**message, "more_body": True}, True
            await send(message)

        await self.app(scope, body.receive, send_but_the_end)
        if is_held:
            await body.read_on()
            await send({"type": "http.response.body", "body": b""})


class _Body:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_read = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._is_read = not message.get("more_body", False)
        return message

    async def read_on(self) -> None:
        arrived = 0
        try:
            async with asyncio.timeout(_LONGEST_S):
                while not self._is_read and arrived < _MOST_BYTES:
                    arrived += len((await self.receive()).get("body", b""))
        except TimeoutError:
            return
