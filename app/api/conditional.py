"""Conditional requests (RFC 9110, section 13): strong entity tags on what is read, ``If-Match`` on changes."""

import hashlib
import re
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import PreconditionFailed

_TAGGED_METHODS = frozenset({"GET", "PATCH", "POST", "PUT"})


# Paths that answer a POST with something else than a GET at ``Location``: an event is read as a competition, a place
# with all of its sheet, an invitation without its token, and a webhook without its secret.
_OTHERWISE_READ = re.compile(r"/api/(events|match_lineups|webhooks|clubs/[^/]+/invitations)")


def is_read_as_made(path: str) -> bool:
    """Whether the answer to a POST at ``path`` is what a GET at its ``Location`` would say."""
    return _OTHERWISE_READ.fullmatch(path) is None


def entity_tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


class EntityTagMiddleware:
    """Gives every JSON answer of a read or an update its ``ETag``, and answers 304 when the client has it already.

    What was made has one, too, if the answer is what reading it would say.

    It saves the way to the client, not the work: the answer is made first, so that the tag is never wrong.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _TAGGED_METHODS or not _says_the_row(scope):
            await self.app(scope, receive, send)
            return
        wanted = joined_header(Headers(scope=scope), "if-none-match") if scope["method"] == "GET" else None
        await self.app(scope, receive, _Tagger(send, wanted, status=201 if scope["method"] == "POST" else 200))


class _Tagger:
    """Holds a JSON answer back until it is complete; lets everything else through."""

    def __init__(self, send: Send, if_none_match: str | None, *, status: int) -> None:
        self._send = send
        self._status = status
        self._if_none_match = if_none_match
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_tagged(message, self._status):
            self._start = message
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        tag = entity_tag(bytes(self._body))
        headers = MutableHeaders(scope=start)
        headers["ETag"] = tag
        headers.setdefault("Cache-Control", "private, no-cache")
        headers.add_vary_header("Authorization")
        await send_unless_known(start, bytes(self._body), self._if_none_match, self._send)


async def send_unless_known(start: Message, body: bytes, if_none_match: str | None, send: Send) -> None:
    """Send a complete answer; in its place 304 if it has a tag that the client names."""
    headers = MutableHeaders(scope=start)
    tag = headers.get("etag")
    if if_none_match is not None and tag is not None and names_tag(if_none_match, tag, weak=True):
        start["status"], body = 304, b""
        del headers["Content-Length"]
        del headers["Content-Type"]
    await send(start)
    await send({"type": "http.response.body", "body": body})


class Precondition:
    """The ``If-Match`` of a request: the client changes or deletes the row only if it still is what it has read."""

    def __init__(
        self,
        request: Request,
        if_match: Annotated[
            str | None, Header(alias="If-Match", description="Change or delete only what still has this `ETag`.")
        ] = None,
    ) -> None:
        # The parameter documents it, but knows one line only.
        self._if_match = joined_header(request.headers, "if-match")

    def check(self, current: BaseModel) -> None:
        """
        Args:
            current: what a GET would answer now.

        Raises:
            PreconditionFailed: somebody changed it in the meantime.
        """
        if self._if_match is None:
            return
        if not names_tag(self._if_match, entity_tag(current.model_dump_json().encode()), weak=False):
            raise PreconditionFailed("Somebody has changed this since you read it; read it again.")


PreconditionDep = Annotated[Precondition, Depends(Precondition)]


def _says_the_row(scope: Scope) -> bool:
    return scope["method"] != "POST" or is_read_as_made(scope["path"])


def _is_tagged(start: Message, status: int) -> bool:
    headers = Headers(raw=start["headers"])
    can_be_read = status != 201 or "location" in headers
    is_json = headers.get("content-type", "").startswith("application/json")
    return start["status"] == status and is_json and can_be_read


def joined_header(headers: Headers, name: str) -> str | None:
    """A header that is a list may come in several lines (RFC 9110, section 5.3); None: it is not there."""
    lines = headers.getlist(name)
    return ", ".join(lines) if lines else None


def names_tag(header: str, tag: str, *, weak: bool) -> bool:
    """Whether a list of tags contains ``tag``; ``weak``: by the weak comparison of RFC 9110, section 8.8.3.2."""
    tags = {item.strip() for item in header.split(",")}
    if weak:
        tags = {item.removeprefix("W/") for item in tags}
    return tag in tags or "*" in tags
