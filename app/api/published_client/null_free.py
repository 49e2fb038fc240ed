"""Empty texts for the published client, where the API answers null.

Of a match that an upload made, nobody knows the teams, and of a track, nobody knows the player: the API says null. The
client declares these ids as texts that are always there, and one null breaks its whole list. It is recognised by the
``Content-Type: application/json; charset=UTF-8`` that it sends with every request, also where there is no content.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Json = Any
Translation = Callable[[Json], Json]

_ID = "[0-9a-fA-F-]{36}"
_CONTENT_TYPE = "application/json;charset=utf-8"


class NullFreeMiddleware:
    """Belongs inside of the middleware that computes entity tags: what is sent is what they name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        translate = _translation_of(scope)
        if translate is None:
            await self.app(scope, receive, send)
        elif _is_published_client(Headers(scope=scope)):
            await self.app(scope, receive, _Translator(send, translate))
        else:
            await self.app(scope, receive, _Varying(send))


class _Varying:
    """Says of an answer that the published client gets another one."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header("Content-Type")
        await self._send(message)


class _Translator(_Varying):
    """Holds a JSON answer back until it is complete, and translates it; lets everything else through."""

    def __init__(self, send: Send, translate: Translation) -> None:
        super().__init__(send)
        self._translate = translate
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_translated(message):
            self._start = message
        elif self._start is None or message["type"] != "http.response.body":
            await super().__call__(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        translated = self._translate(json.loads(self._body))
        body = json.dumps(translated, ensure_ascii=False, separators=(",", ":")).encode()
        MutableHeaders(scope=start)["Content-Length"] = str(len(body))
        await super().__call__(start)
        await super().__call__({"type": "http.response.body", "body": body})


def _translation_of(scope: Scope) -> Translation | None:
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    return next((translate for path, translate in _TRANSLATIONS if path.fullmatch(scope["path"])), None)


def _is_published_client(headers: Headers) -> bool:
    return headers.get("content-type", "").replace(" ", "").lower() == _CONTENT_TYPE


def _is_translated(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] == 200 and kind.startswith("application/json")


def _match(match: Json) -> Json:
    return _without_nulls(match, ("home_team_id", "away_team_id"))


def _figures(row: Json) -> Json:
    return _without_nulls(row, ("player_id",))


def _details(details: Json) -> Json:
    """The client takes, without looking, the first row of team figures with the id of each side."""
    match = _match(details["match_info"])
    team_ids = (match["home_team_id"], match["away_team_id"])
    sides = ("home_lineup", "away_lineup")
    return details | {
        "match_info": match,
        **{side: _without_nulls(details[side], ("team_id", "team_name")) for side in sides},
        "player_stats": _each(_figures)(details["player_stats"]),
        "team_stats": _with_row_of_each(team_ids, details["team_stats"], match_id=match["id"]),
    }


def _with_row_of_each(team_ids: Iterable[str], rows: Json, *, match_id: str) -> Json:
    known = {row["team_id"] for row in rows}
    missing = dict.fromkeys(team_id for team_id in team_ids if team_id not in known)
    return [*rows, *({"id": "", "match_id": match_id, "team_id": team_id} for team_id in missing)]


def _without_nulls(row: Json, names: Iterable[str]) -> Json:
    return row | {name: "" for name in names if row.get(name) is None}


def _each(translate: Translation) -> Translation:
    return lambda rows: [translate(row) for row in rows]


_TRANSLATIONS: tuple[tuple[re.Pattern[str], Translation], ...] = (
    (re.compile("/api/matches"), _each(_match)),
    (re.compile(f"/api/matches/{_ID}"), _match),
    (re.compile(f"/api/matches/{_ID}/details"), _details),
    (re.compile(f"/api/player_match_statistics(/player/{_ID})?"), _each(_figures)),
)
