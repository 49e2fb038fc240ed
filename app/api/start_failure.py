"""Why an application does not start, for whoever started it."""

import sys

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import CannotStart


class StartFailureMiddleware:
    """Tells the server one sentence where that says it all.

    Starlette hands it a traceback, which FastAPI makes some hundred lines long: one for each router.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(message: Message) -> None:
            error = sys.exception()
            if message["type"] == "lifespan.startup.failed" and isinstance(error, CannotStart):
                message = {**message, "message": f"coach-pro: {error.detail}"}
            await send(message)

        await self._app(scope, receive, tell if scope["type"] == "lifespan" else send)
