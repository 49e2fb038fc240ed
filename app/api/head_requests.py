"""HEAD: what GET would answer, without its body (RFC 9110, section 9.3.2)."""

import anyio
from anyio.lowlevel import checkpoint
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadMiddleware:
    """Belongs outside of all that looks at the method: from there on, it is a GET.

    An answer that comes in pieces is given up after the first one: a stream of events would never end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        # A range is asked for with GET only (section 14.2); HEAD tells of the whole.
        headers = [header for header in scope["headers"] if header[0] != b"range"]
        asked = {**scope, "method": "GET", "headers": headers}
        with anyio.CancelScope() as answering:

            async def send_head(message: Message) -> None:
                if message["type"] != "http.response.body":
                    await send(message)
                    return
                await send({"type": "http.response.body"})
                if message.get("more_body", False):
                    answering.cancel()
                    await checkpoint()

            await self.app(asked, receive, send_head)
        if "route" in asked:
            scope["route"] = asked["route"]  # for those outside, who count by it
