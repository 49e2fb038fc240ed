"""What browsers may ask from pages of other origins (CORS)."""

from typing import Any

import structlog
from fastapi.middleware.cors import CORSMiddleware
from starlette.datastructures import Headers
from starlette.responses import Response

from app.api.idempotency import REPLAYED
from app.api.problems import Problem, ProblemResponse

RULES: dict[str, Any] = {
    "allow_methods": ["*"],
    "allow_headers": ["*"],
    "expose_headers": [
        *("Accept-Ranges", "Content-Disposition", "Content-Range", "Deprecation", "ETag", "Link", "Location"),
        *("RateLimit", "RateLimit-Policy", "Retry-After", "Sunset", "X-Request-ID", "X-Total-Count"),
        REPLAYED,
    ],
}


class CrossOriginMiddleware(CORSMiddleware):
    """Starlette's, but a preflight that is refused is a problem document, as every other error.

    Belongs around everything, the answer to an unexpected error too: without the headers a browser hides the answer
    from its page, and the page takes it for a broken network.
    """

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        what = bytes(response.body).decode().removeprefix("Disallowed CORS ")
        problem = Problem(
            title="Bad Request",
            status=response.status_code,
            detail=f"The server does not let a page of another origin ask this; what is not allowed: {what}.",
            code="cross_origin_refused",
            request_id=structlog.contextvars.get_contextvars().get("request_id"),
        )
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return ProblemResponse(problem.model_dump(exclude_none=True), response.status_code, kept)
