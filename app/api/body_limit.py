"""Refuse bodies that no endpoint needs, before they stand in memory. Uploads stream, and count for themselves."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1024 * 1024  # the largest, a line-up sheet, has some kilobytes


class BodyLimitMiddleware:
    """``exempt`` are the paths that stream."""

    def __init__(self, app: ASGIApp, *, exempt: frozenset[str]) -> None:
        self.app = app
        self._exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._exempt:
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        arrived = 0

        async def receive_some() -> Message:
            nonlocal arrived
            if announced.isdecimal() and int(announced) > MAX_BODY_BYTES:
                raise _too_large()
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > MAX_BODY_BYTES:
                raise _too_large()
            return message

        await self.app(scope, receive_some, send)


def _too_large() -> HTTPException:
    # Not an error of ours: FastAPI turns all but its own, raised while it reads a body, into "400 Bad Request".
    return HTTPException(413, f"The request body is over {MAX_BODY_BYTES // 1024} kB")
