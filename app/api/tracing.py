"""Each request is a span, after OpenTelemetry's conventions for HTTP servers, but for what tells who asked for what.

Left out are therefore the path itself, the query, the client's address and its program.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.observation import METHODS, UNMATCHED, route_of
from app.api.rate_limit import UNLIMITED
from contract import tracing
from contract.tracing import Kind, Span


class TracingMiddleware:
    """For applications that are traced; probes, which come every few seconds, are not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        parent = Headers(scope=scope).get(tracing.HEADER)
        described = {
            "http.request.method": method,
            "url.scheme": scope["scheme"],
            "network.protocol.version": scope["http_version"],
        }
        with tracing.span(method, kind=Kind.SERVER, parent=parent, attributes=described) as span:
            try:
                await self.app(scope, receive, _noting(send, span))
            finally:
                route = route_of(scope)
                if route != UNMATCHED:
                    span.rename(f"{method} {route}")
                    span.note({"http.route": route})


def _noting(send: Send, span: Span) -> Send:
    async def note_and_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            status = message["status"]
            span.note({"http.response.status_code": status})
            if status >= 500:
                span.fail(str(status))
        await send(message)

    return note_and_send
