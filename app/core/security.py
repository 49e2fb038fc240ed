"""Passwords (argon2id) and access tokens (JWT, HS256)."""

import os
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import jwt
from pwdlib import PasswordHash

from app.core.errors import Unauthenticated

ALGORITHM = "HS256"
ISSUER = "coach-pro"
AUDIENCE = "coach-pro-api"

_passwords = PasswordHash.recommended()
# Verified when there is no such account, so that the answer takes as long as for a wrong password.
_DUMMY_HASH = _passwords.hash("no account has this password")


# Argon2 takes 64 MB for each password that it looks at, and a whole core: no more at once than there are cores.
_places = threading.BoundedSemaphore(os.cpu_count() or 1)


def hash_password(password: str) -> str:
    with _places:
        return _passwords.hash(password)


def password_matches(password: str, password_hash: str | None) -> bool:
    """Whether ``password`` belongs to ``password_hash``; None (no such account) takes the same time and is False."""
    with _places:
        matches = _passwords.verify(password, password_hash or _DUMMY_HASH)
    return matches and password_hash is not None


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Issues and verifies the bearer tokens of one installation."""

    secret_key: str = field(repr=False)
    life: timedelta

    @property
    def life_s(self) -> int:
        return int(self.life.total_seconds())

    def issue(self, user_id: uuid.UUID) -> str:
        now = datetime.now(UTC)
        claims = {
            "sub": str(user_id),
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + self.life,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self.secret_key, algorithm=ALGORITHM)

    def user_id(self, token: str) -> uuid.UUID:
        """The account that a token speaks for.

        Raises:
            Unauthenticated: the token is expired, forged, or not one of ours.
        """
        try:
            claims = jwt.decode(
                token,
                self.secret_key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": ["exp", "iat", "sub", "jti"]},
            )
            return uuid.UUID(claims["sub"])
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("The access token has expired; log in again.", code="token_expired") from None
        except (jwt.InvalidTokenError, ValueError):
            raise Unauthenticated("The access token is not valid.", code="token_invalid") from None
