"""Idempotency keys: a client that lost an answer repeats its request, and gets the answer instead of a second row.

A request *claims* its key before it runs, in a transaction of its own, and stores its answer in the transaction that
writes what it creates: there is no moment in which one is there and the other is not. The claim has a lease and an id;
the answer is a compare-and-swap on that id, so a request whose claim was taken over cannot commit any more.
"""

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.fernet import Fernet
from sqlalchemy import ColumnElement, UpdateBase, and_, delete, or_, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.database import Database, database_now
from app.core.errors import KeyInUse, Unprocessable
from app.models import IdempotencyKey

LEASE = timedelta(seconds=60)
"""How long a killed server locks a key; a living one renews it."""

MAX_ANSWER_BYTES = 1024 * 1024  # what a creation answers has some kilobytes, an imported squad a hundred


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that came with a key; ``fingerprint`` is equal for equal requests only."""

    user_id: uuid.UUID
    key: str = field(repr=False)
    fingerprint: str

    @property
    def identity(self) -> tuple[uuid.UUID, str]:
        """The primary key of its row."""
        return _identity_of(self.user_id, self.key)


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """The right to answer a request."""

    request: KeyedRequest
    claim_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was sent, without the headers that the server adds to every answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)


def fingerprint_of(*pieces: bytes) -> str:
    """SHA-256 of what a request says, piece by piece; with their lengths, so that no two lists of pieces look alike."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(8) + piece)
    return digest.hexdigest()


def claim_key(database: Database, request: KeyedRequest, *, keep: timedelta) -> KeyClaim | Answer:
    """The right to answer ``request``; or the answer that it has had within ``keep``.

    Raises:
        KeyInUse: the first request with this key is still running.
        Unprocessable: another request came with this key.
    """
    claim = KeyClaim(request, uuid.uuid4())
    with database.unit_of_work() as session:
        now = database_now(session)
        if _take_over(session, claim, now, keep=keep):
            return claim
        row = session.get(IdempotencyKey, request.identity)
        if row is not None:
            return _answer_in(row, request)
        _insert(session, claim, now)
    return claim


def require_idle_key(database: Database, user_id: uuid.UUID, key: str) -> None:
    """Whether a request whose fingerprint is not known yet may go on.

    Raises:
        KeyInUse: the first request with this key is still running.
    """
    with database.reading() as session:
        row = session.get(IdempotencyKey, _identity_of(user_id, key))
        if row is not None and row.answer is None and row.lease_expires_at > database_now(session):
            raise _in_use()


def keep_answer(session: Session, claim: KeyClaim, answer: Answer) -> None:
    """Store the answer; belongs into the unit of work that writes what it tells.

    Raises:
        KeyInUse: the lease expired, and the client's next attempt has taken over. Nothing may be committed.
        Unprocessable: the answer is too long.
    """
    if len(answer.body) > MAX_ANSWER_BYTES:
        raise Unprocessable(
            "The answer is too long to be kept for an Idempotency-Key; send the request without one.",
            code="idempotent_answer_too_long",
        )
    sealed = _seal(claim.request, answer)
    if _execute(session, update(IdempotencyKey).where(_is_running(claim)).values(answer=sealed)) == 0:
        raise _in_use()


def renew_key(database: Database, claim: KeyClaim) -> None:
    """Hold a claim for another lease; one that was taken over is left to its new owner."""
    with database.unit_of_work() as session:
        until = database_now(session) + LEASE
        _execute(session, update(IdempotencyKey).where(_is_running(claim)).values(lease_expires_at=until))


def release_key(database: Database, claim: KeyClaim) -> None:
    """Forget the claim of a request that failed. One whose answer was committed is left as it is."""
    with database.unit_of_work() as session:
        _execute(session, delete(IdempotencyKey).where(_is_running(claim)))


def sweep_idempotency_keys(database: Database, keep: timedelta) -> int:
    """Delete keys older than ``keep``; how many there were. Old keys do not count, swept or not."""
    with database.unit_of_work() as session:
        return _execute(session, delete(IdempotencyKey).where(_is_old(database_now(session), keep)))


def _take_over(session: Session, claim: KeyClaim, now: datetime, *, keep: timedelta) -> bool:
    """Claim a key that is known but free: its claim has expired without an answer, or it is too old to count."""
    abandoned = and_(IdempotencyKey.answer.is_(None), IdempotencyKey.lease_expires_at <= now)
    statement = (
        update(IdempotencyKey)
        .where(_is_of(claim.request), or_(abandoned, _is_old(now, keep)))
        .values(
            fingerprint=claim.request.fingerprint,
            claim_id=claim.claim_id,
            lease_expires_at=now + LEASE,
            answer=None,
            created_at=now,
        )
    )
    return _execute(session, statement) == 1


def _insert(session: Session, claim: KeyClaim, now: datetime) -> None:
    user_id, key_hash = claim.request.identity
    row = IdempotencyKey(
        user_id=user_id,
        key_hash=key_hash,
        fingerprint=claim.request.fingerprint,
        claim_id=claim.claim_id,
        lease_expires_at=now + LEASE,
        created_at=now,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # another request has claimed it since this one looked
        raise _in_use() from error


def _answer_in(row: IdempotencyKey, request: KeyedRequest) -> Answer:
    if row.fingerprint != request.fingerprint:
        raise Unprocessable(
            "This Idempotency-Key came with another request before; take a new key for each request.",
            code="idempotency_key_reused",
        )
    if row.answer is None:
        raise _in_use()
    return _unseal(request, row.answer)


def _in_use() -> KeyInUse:
    return KeyInUse("The first request with this Idempotency-Key is still running; repeat it in a moment.")


def _identity_of(user_id: uuid.UUID, key: str) -> tuple[uuid.UUID, str]:
    return user_id, hashlib.sha256(key.encode()).hexdigest()


def _is_of(request: KeyedRequest) -> ColumnElement[bool]:
    user_id, key_hash = request.identity
    return and_(IdempotencyKey.user_id == user_id, IdempotencyKey.key_hash == key_hash)


def _is_running(claim: KeyClaim) -> ColumnElement[bool]:
    """Not answered yet, and not taken over."""
    return and_(_is_of(claim.request), IdempotencyKey.claim_id == claim.claim_id, IdempotencyKey.answer.is_(None))


def _is_old(now: datetime, keep: timedelta) -> ColumnElement[bool]:
    return IdempotencyKey.created_at <= now - keep


def _seal(request: KeyedRequest, answer: Answer) -> str:
    body = answer.body.decode("latin-1")  # one character for each byte, whatever they mean
    text = json.dumps({"status": answer.status, "headers": answer.headers, "body": body})
    return _cipher(request).encrypt(text.encode()).decode()


def _unseal(request: KeyedRequest, sealed: str) -> Answer:
    answer = json.loads(_cipher(request).decrypt(sealed))
    headers = tuple((name, value) for name, value in answer["headers"])
    return Answer(answer["status"], headers, answer["body"].encode("latin-1"))


def _cipher(request: KeyedRequest) -> Fernet:
    """Made from the key, which is not stored: an answer may show a secret of which the database has the hash only."""
    secret = hashlib.sha256(f"answer\0{request.user_id}\0{request.key}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(secret))


def _execute(session: Session, statement: UpdateBase) -> int:
    """How many rows an UPDATE or DELETE found."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return int(result.rowcount)
