"""What the endpoints of accounts and of sessions answer alike."""

from typing import Any

from fastapi import Response

from app.api.dependencies import Parts
from app.api.documentation import RETRY_AFTER, answer_headers
from app.api.problems import problem_responses
from app.schemas.account import Token
from app.services.sessions import OpenSession

LIMITED: dict[int | str, dict[str, Any]] = {
    429: problem_responses(429)[429] | answer_headers(RETRY_AFTER, status=429)[429]
}
"""The ``responses`` of a route that lets only so many attempts fail, for OpenAPI."""


def answer_token(parts: Parts, response: Response, opened: OpenSession) -> Token:
    """The answer to a log-in; no cache may keep it."""
    response.headers["Cache-Control"] = "no-store"
    return Token(
        access_token=parts.tokens.issue(opened.user_id, opened.session_id),
        expires_in=parts.tokens.life_s,
        refresh_token=opened.refresh_token,
    )
