"""Refuse bodies that no endpoint needs, before they stand in memory. Uploads stream, and count for themselves."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1024 * 1024  # the largest, a line-up sheet, has some kilobytes
PICTURE_BODY_BYTES = 6 * 1024 * 1024  # a picture of 5 MB, and what multipart puts around it


class BodyLimitMiddleware:
    """``exempt`` are the paths that stream; ``larger`` are limits in bytes, by the last part of a path."""

    def __init__(self, app: ASGIApp, *, exempt: frozenset[str], larger: Mapping[str, int]) -> None:
        self.app = app
        self._exempt = exempt
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._exempt:
            await self.app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"].rpartition("/")[2], MAX_BODY_BYTES)
        announced = Headers(scope=scope).get("content-length", "")
        arrived = 0

        async def receive_some() -> Message:
            nonlocal arrived
            if announced.isdecimal() and int(announced) > limit:
                raise _too_large(limit)
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > limit:
                raise _too_large(limit)
            return message

        await self.app(scope, receive_some, send)


def _too_large(limit: int) -> HTTPException:
    # Not an error of ours: FastAPI turns all but its own, raised while it reads a body, into "400 Bad Request".
    return HTTPException(413, f"The request body is over {limit // 1024} kB")
