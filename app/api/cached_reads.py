"""Reads that are answered from Redis: no route, no session and no query, but the same bytes and headers.

Each is still authenticated, and answered for the clubs and roles that the account has now.
"""

from collections.abc import Iterable
from typing import Any

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.conditional import joined_header, send_unless_known
from app.core.account import Account
from app.core.database import Database
from app.core.errors import Unauthenticated
from app.core.security import Bearer
from app.services.log_in import account_of
from app.services.metrics import CACHE_READS
from app.services.shared_answers import KeptAnswer, Question, SharedAnswers

CACHED_OPERATIONS = frozenset(
    {
        "listMatches",
        "getMatch",
        "getMatchDetails",
        "listAnalysisReports",
        "getAnalysisReport",
        "listPlayerMatchStatistics",
        "listStatisticsOfPlayer",
        "getPlayerMatchStatistics",
        "listPlayerFigures",
        "listMatchTeamStatistics",
        "getMatchTeamStatistics",
    }
)
"""What dashboards and apps read again and again, and what is made of rows of clubs alone.

An operation whose answer also depends on the time, on other clubs, or on a table of ``UNSEEN_TABLES`` does not belong
here, or says of such an answer that it is :func:`passing`.
"""


def passing(request: Request) -> None:
    """Say that the answer to this request is only true now, and is not to be kept."""
    request.state.is_passing = True


class CachedReadsMiddleware:
    """Belongs inside of ``HeadMiddleware`` and ``ObservationMiddleware``, and outside of all that makes an answer."""

    def __init__(self, app: ASGIApp, *, answers: SharedAnswers, database: Database, routes: Iterable[Any]) -> None:
        self.app = app
        self._answers = answers
        self._database = database
        self._routes = [route for route in routes if getattr(route, "operation_id", None) in CACHED_OPERATIONS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        bearer, route = self._recognise(scope)
        if bearer is None or route is None:
            await self.app(scope, receive, send)
            return
        asked = await self._ask(bearer, scope)
        if asked is None:
            CACHE_READS.labels("bypass").inc()
            await self.app(scope, receive, send)
            return
        question, answer = asked
        if answer is None:
            await self._answer_in_turn(question, scope, receive, send)
            return
        scope["route"] = route  # for those outside, who count by it
        CACHE_READS.labels("hit").inc()
        await _send_kept(answer, scope, send)

    def _recognise(self, scope: Scope) -> tuple[Bearer | None, Route | None]:
        if scope["type"] != "http" or scope["method"] != "GET":
            return None, None
        found = (route for route in self._routes if route.path_regex.match(scope["path"]))
        return scope["state"].get("bearer"), next(found, None)

    async def _ask(self, bearer: Bearer, scope: Scope) -> tuple[Question, KeptAnswer | None] | None:
        try:
            return await self._answers.ask(bearer, _target(scope), lambda: run_in_threadpool(self._read, bearer))
        except (Unauthenticated, SQLAlchemyError):
            return None  # whoever answers without us finds the same, and says it as it should be said

    def _read(self, bearer: Bearer) -> Account:
        with self._database.reading() as session:
            return account_of(session, bearer)

    async def _answer_in_turn(self, question: Question, scope: Scope, receive: Receive, send: Send) -> None:
        made = _Made()
        async with self._answers.turn(question) as turn:
            if turn.answer is None:
                CACHE_READS.labels("miss").inc()
                turn.answer = await self._make(made, question.account, scope, receive)
            else:
                CACHE_READS.labels("shared").inc()
        if turn.answer is not None:
            await _send_kept(turn.answer, scope, send)
        elif made.start is not None:
            await send_unless_known(made.start, made.body, _wanted(scope), send)

    async def _make(self, made: "_Made", account: Account, scope: Scope, receive: Receive) -> KeptAnswer | None:
        """Let the answer be made as if there were no cache; None: it is not to be kept.

        For ``account`` and no other: if it were looked up once more, it might have joined a club by now, and those who
        share the answer have not.
        """
        headers = [header for header in scope["headers"] if header[0] != b"if-none-match"]
        asked = {**scope, "headers": headers, "state": {**scope["state"], "account": account}}
        await self.app(asked, receive, made)
        scope["route"] = route = asked.get("route")
        is_kept = getattr(route, "operation_id", None) in CACHED_OPERATIONS and "is_passing" not in asked["state"]
        return made.answer if is_kept else None


class _Made:
    """Holds an answer back until it is complete."""

    def __init__(self) -> None:
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    @property
    def answer(self) -> KeptAnswer | None:
        """None: it is no 200 with a tag."""
        if self.start is None or self.start["status"] != 200 or "etag" not in Headers(raw=self.start["headers"]):
            return None
        return KeptAnswer(tuple(self.start["headers"]), self.body)


def _target(scope: Scope) -> bytes:
    """What the answer depends on: links tell scheme and host, and the published client is known by its content type."""
    headers = Headers(scope=scope)
    host = headers.get("host") or str(scope["server"])
    parts = (scope["scheme"], host, scope.get("root_path", ""), scope["path"], scope["query_string"].decode("latin-1"))
    return "\0".join([*parts, headers.get("content-type", "")]).encode()


def _wanted(scope: Scope) -> str | None:
    return joined_header(Headers(scope=scope), "if-none-match")


async def _send_kept(answer: KeptAnswer, scope: Scope, send: Send) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": list(answer.headers)}
    await send_unless_known(start, answer.body, _wanted(scope), send)
