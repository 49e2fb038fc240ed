"""Routes that will go one day: every answer says so, and so does the OpenAPI document."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, TypeVar

from fastapi import APIRouter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.documentation import Header, answer_headers

_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])

_MARK = "__deprecation__"
_DOCUMENTATION = "/docs"


@dataclass(frozen=True, slots=True)
class Deprecation:
    """``since`` when a route is not to be built on any more; the day it will go, if that is known; what to use instead.

    ``successor`` is a path of this server, as the document has it: ``/api/jobs/{job_id}``.
    """

    since: date
    sunset: date | None = None
    successor: str | None = None

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Of every answer (RFC 9745; RFC 8594; ``successor-version`` of RFC 5829)."""
        headers = [("Deprecation", f"@{int(_midnight(self.since).timestamp())}")]  # a Date of RFC 9651
        if self.sunset is not None:
            headers.append(("Sunset", format_datetime(_midnight(self.sunset), usegmt=True)))
        headers.append(("Link", f'<{_DOCUMENTATION}>; rel="deprecation"; type="text/html"'))
        if self.successor is not None and "{" not in self.successor:
            headers.append(("Link", f'<{self.successor}>; rel="successor-version"'))
        return headers


def deprecated(deprecation: Deprecation) -> Callable[[_Endpoint], _Endpoint]:
    """Mark an endpoint, below the decorator that makes it a route."""

    def mark(endpoint: _Endpoint) -> _Endpoint:
        setattr(endpoint, _MARK, deprecation)
        return endpoint

    return mark


class DeprecationMiddleware:
    """Belongs right around the routes: from outside, who answers is not known where a request was rewritten."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            found = _deprecation_of(scope.get("route")) if message["type"] == "http.response.start" else None
            if found is not None:
                headers = MutableHeaders(scope=message)
                for name, value in found.headers:
                    headers.append(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def describe_deprecations(document: dict[str, Any], routers: Iterable[APIRouter]) -> dict[str, Any]:
    """Say of every operation of a marked endpoint that it is deprecated, since when and in favour of what."""
    routes = (route for router in routers for route in router.routes)
    marked = {getattr(route, "operation_id", None): _deprecation_of(route) for route in routes}
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        deprecation = marked.get(operation.get("operationId"))
        if deprecation is not None:
            operation["deprecated"] = True
            operation["description"] = f"{operation['description']}\n\n{_sentence(deprecation)}"
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    described = answer_headers(*_headers(deprecation))[200]["headers"]
                    answer["headers"] = described | answer.get("headers", {})
    return document


def _headers(deprecation: Deprecation) -> Iterable[Header]:
    yield Header("Deprecation", "RFC 9745: since when this is deprecated.")
    if deprecation.sunset is not None:
        yield Header("Sunset", "RFC 8594: when this will be gone.")
    yield Header("Link", "RFC 8288: `deprecation`, and `successor-version` where there is one.")


def _sentence(deprecation: Deprecation) -> str:
    end = f", gone from {deprecation.sunset} on" if deprecation.sunset else ""
    instead = f": use `{deprecation.successor}`" if deprecation.successor else ""
    return f"Deprecated since {deprecation.since}{end}{instead}."


def _deprecation_of(route: object) -> Deprecation | None:
    found: Deprecation | None = getattr(getattr(route, "endpoint", None), _MARK, None)
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
