"""Passwords (argon2id), access tokens (JWT, HS256), and secrets of which only a hash is stored."""

import hashlib
import os
import re
import secrets
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from pwdlib import PasswordHash

from app.core.errors import Unauthenticated

ALGORITHM = "HS256"
ISSUER = "coach-pro"
AUDIENCE = "coach-pro-api"
CLAIMS = ("sub", "iss", "aud", "iat", "exp", "jti", "sid")

_TOKENS_REMEMBERED = 4096  # some 3 MB

# Three parts without padding. 32 bytes of signature are 43 characters, of which the last has two bits to spare: only
# the spelling in which they are zero is accepted, so that no other token than the one that was issued is.
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{42}[AEIMQUYcgkosw048]", re.ASCII)

_passwords = PasswordHash.recommended()
# Verified when there is no such account, so that the answer takes as long as for a wrong password. Written down, since
# making it would cost each start of a process as much as a log-in.
_DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=4$lmJrNg1X/WnOSn89Ckrn5A$mG3XUagE5n6yPefERww4iUwxgsyVZv0Egod7mOMzOUQ"

# Argon2 takes 64 MB for each password that it looks at, and a whole core: no more at once than there are cores.
PASSWORDS_AT_ONCE = os.cpu_count() or 1
_places = threading.BoundedSemaphore(PASSWORDS_AT_ONCE)  # requests have waited before: see app/api/password_queue.py


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Whether a password is the right one, and the hash to store from now on if today's parameters are others."""

    matches: bool
    new_hash: str | None = field(default=None, repr=False)


def hash_password(password: str) -> str:
    with _places:
        return _passwords.hash(password)


def check_password(password: str, password_hash: str | None) -> PasswordCheck:
    """Compare ``password`` with ``password_hash``; None (no such account) takes the same time and never matches."""
    with _places:
        matches, new_hash = _passwords.verify_and_update(password, password_hash or _DUMMY_HASH)
    return PasswordCheck(matches, new_hash) if password_hash is not None else PasswordCheck(matches=False)


def make_secret() -> str:
    """256 random bits, as text."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """What is stored of a secret of :func:`make_secret`: SHA-256 will do, since nobody can guess 256 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom an access token speaks for: a user, by one log-in of that user."""

    user_id: uuid.UUID
    session_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Issues and verifies the bearer tokens of one installation. Those that ``previous_keys`` signed are still good.

    Algorithm and keys are ours to choose: what else the header of a token says (kid, jku, jwk, x5u) is not looked at.
    """

    secret_key: str = field(repr=False)
    life: timedelta
    previous_keys: tuple[str, ...] = field(default=(), repr=False)

    @property
    def life_s(self) -> int:
        return int(self.life.total_seconds())

    def issue(self, user_id: uuid.UUID, session_id: uuid.UUID) -> str:
        now = datetime.now(UTC)
        claims = {
            "sub": str(user_id),
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + self.life,
            "jti": uuid.uuid4().hex,
            "sid": str(session_id),
        }
        return jwt.encode(claims, self.secret_key, algorithm=ALGORITHM)

    def read(self, token: str) -> Bearer:
        """Whom a token speaks for; whether the log-in still counts is for the database to say.

        Raises:
            Unauthenticated: the token is expired, forged, or not one of ours.
        """
        try:
            bearer, expires_at = _verified(self, token)
            if expires_at <= time.time():
                raise jwt.ExpiredSignatureError
            return bearer
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("The access token has expired; log in again.", code="token_expired") from None
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):  # PyJWT lets some claims' types through
            raise Unauthenticated("The access token is not valid.", code="token_invalid") from None

    def claims_of(self, token: str) -> dict[str, Any]:
        """
        Raises:
            jwt.InvalidTokenError: see ``read``.
        """
        if not _COMPACT.fullmatch(token):
            raise jwt.DecodeError
        for key in (self.secret_key, *self.previous_keys):
            try:
                return _decode(token, key)
            except jwt.InvalidSignatureError:
                continue
        raise jwt.InvalidSignatureError


# Verifying one takes as long as all else that is done for an answer from the cache, and clients send the same again
# and again. Tokens that are refused are not remembered; of the others, everything but the time stays as it was.
@lru_cache(maxsize=_TOKENS_REMEMBERED)
def _verified(tokens: AccessTokens, token: str) -> tuple[Bearer, float]:
    """Whom a token speaks for, and until when (seconds since 1970)."""
    claims = tokens.claims_of(token)
    return Bearer(uuid.UUID(claims["sub"]), uuid.UUID(str(claims["sid"]))), float(claims["exp"])


def _decode(token: str, key: str) -> dict[str, Any]:
    return jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": list(CLAIMS), "strict_aud": True},
    )
