"""What the endpoints of accounts and of sessions answer alike."""

from fastapi import Response

from app.api.dependencies import Parts
from app.schemas.account import Token
from app.services.sessions import OpenSession


def answer_token(parts: Parts, response: Response, opened: OpenSession) -> Token:
    """The answer to a log-in; no cache may keep it."""
    response.headers["Cache-Control"] = "no-store"
    return Token(
        access_token=parts.tokens.issue(opened.user_id, opened.session_id),
        expires_in=parts.tokens.life_s,
        refresh_token=opened.refresh_token,
    )
