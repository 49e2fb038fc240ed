"""Each request is counted, timed and written to the log, with who asked; without its query, which may hold secrets."""

import time
from urllib.parse import quote

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.rate_limit import UNLIMITED
from app.core.errors import Unauthenticated
from app.core.security import AccessTokens, Bearer
from app.services.metrics import count_request

log = structlog.get_logger(__name__)

UNMATCHED = "unmatched"
"""The route of a path that there is not."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class ObservationMiddleware:
    """Also finds out whose token a request has, once (``state["bearer"]``); its ``account_id`` is for the log.

    A token counts if we signed it, whether or not its log-in still lives: that would cost a query.
    """

    def __init__(self, app: ASGIApp, *, tokens: AccessTokens) -> None:
        self.app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        bearer = self._bearer_of(Headers(scope=scope).get("authorization", ""))
        scope.setdefault("state", {})["bearer"] = bearer
        request = _ObservedRequest(scope, send)
        bound = structlog.contextvars.bind_contextvars(**({"account_id": str(bearer.user_id)} if bearer else {}))
        try:
            await self.app(scope, receive, request.send)
        finally:
            request.finish()
            structlog.contextvars.reset_contextvars(**bound)

    def _bearer_of(self, authorization: str) -> Bearer | None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            return self._tokens.read(token.strip())
        except Unauthenticated:
            return None


class _ObservedRequest:
    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._began_s = time.perf_counter()
        self._answer_after_s: float | None = None
        self._status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._answer_after_s = time.perf_counter() - self._began_s
        await self._send(message)

    def finish(self) -> None:
        """``status`` 0: the client went away before there was an answer."""
        path, route = self._scope["path"], route_of(self._scope)
        method = self._scope["method"] if self._scope["method"] in METHODS else "other"
        count_request(method, route, status=self._status, answered_after_s=self._answer_after_s)
        write = log.debug if path in UNLIMITED else log.info  # those are asked every few seconds
        client = self._scope["client"]
        write(
            "request",
            method=self._scope["method"],
            path=quote(path),  # or a client could begin a line of its own
            status=self._status,
            duration_ms=round((time.perf_counter() - self._began_s) * 1000, 1),
            client=client[0] if client else None,
        )


def route_of(scope: Scope) -> str:
    """The template of the path, so that ids make no new time series; what matched nothing is one."""
    route = scope.get("route")
    path: str = getattr(route, "path", "") or scope.get("root_path", "")
    return path or UNMATCHED
