"""How often somebody may ask: per address and per account, and less often where passwords and accounts are at stake.

The fields are those of the IETF's draft "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers-10).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from limits import RateLimitItem, parse
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.documentation import RETRY_AFTER, Header, answer_headers
from app.api.problems import PROBLEM_ANSWER, answer_error
from app.core.client_origin import origin_of
from app.core.config import Settings
from app.core.errors import TooManyRequests
from app.services.limit_windows import Count, SlidingWindows, Window

UNLIMITED = frozenset({"/health", "/api/health", "/livez", "/readyz", "/metrics"})
"""Paths that are asked by machines of the operator's, and must answer when everything else is too much."""

_POLICY = Header("RateLimit-Policy", "Limits that this request counts for: `q` requests in `w` seconds.", always=False)
_STATE = Header("RateLimit", "Per limit: `r` requests are left, and more in `t` seconds.", always=False)
_ANSWER = {"description": "Too Many Requests"} | answer_headers(RETRY_AFTER, _POLICY, _STATE, status=429)[429]


@dataclass(frozen=True, eq=False)
class Policy:
    """Made once each, so equal to itself alone: its hash is needed for each request."""

    name: str
    limit: RateLimitItem

    @cached_property
    def text(self) -> str:
        return f'"{self.name}";q={self.limit.amount};w={self.limit.get_expiry()}'


class RateLimitMiddleware:
    """Counts each request before anything else is done for it, and refuses what is too much.

    Belongs inside of ``ObservationMiddleware``, which knows the account.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, windows: SlidingWindows) -> None:
        self.app = app
        self._windows = windows
        self._address = Policy("address", parse(settings.rate_limit_per_address))
        self._account = Policy("account", parse(settings.rate_limit_per_account))
        self._strict = {
            ("POST", "/api/token"): Policy("log-ins", parse(settings.rate_limit_log_ins)),
            ("POST", "/api/register"): Policy("registrations", parse(settings.rate_limit_registrations)),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self.app(scope, receive, send)
            return
        counts = await self._count(scope)
        fields = {"RateLimit-Policy": ", ".join(policy.text for policy in counts), "RateLimit": _state(counts)}

        async def send_with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(fields)
            await send(message)

        full = [count for count in counts.values() if not count.is_admitted]
        app = _refusal(Request(scope), max(count.reset_s for count in full)) if full else self.app
        await app(scope, receive, send_with_fields)

    async def _count(self, scope: Scope) -> dict[Policy, Count]:
        """By policy, up to the first that is full: what is refused does not count for the others."""
        asked = list(self._policies(scope))
        counts = await self._windows.hit([Window(policy.limit, (policy.name, whose)) for policy, whose in asked])
        return {policy: count for (policy, _), count in zip(asked, counts, strict=False)}

    def _policies(self, scope: Scope) -> Iterator[tuple[Policy, str]]:
        origin = origin_of(scope["client"][0] if scope["client"] else None)
        yield self._address, origin
        strict = self._strict.get((scope["method"], scope["path"]))
        if strict is not None:
            yield strict, origin
        bearer = scope["state"]["bearer"]
        if bearer is not None:
            yield self._account, str(bearer.user_id)


def describe_rate_limits(document: dict[str, Any]) -> dict[str, Any]:
    """Say of every operation that is limited what the answer to one request too many is."""
    document["components"].setdefault("responses", {})["RateLimited"] = _ANSWER | PROBLEM_ANSWER
    for path, item in document["paths"].items():
        for operation in item.values() if path not in UNLIMITED else ():
            operation["responses"]["429"] = {"$ref": "#/components/responses/RateLimited"}
    return document


def _refusal(request: Request, retry_after_s: int) -> ASGIApp:
    sentence = f"Too many requests in a short time; try again in {retry_after_s} s."
    return answer_error(request, TooManyRequests(sentence, code="rate_limited", retry_after_s=retry_after_s))


def _state(counts: dict[Policy, Count]) -> str:
    return ", ".join(f'"{policy.name}";r={count.remaining};t={count.reset_s}' for policy, count in counts.items())
