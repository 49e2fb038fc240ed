"""Keys in the database: who may answer, how long an answer is kept, and what a reader of the table learns."""

import dataclasses
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.core.database import Database, database_now
from app.core.errors import KeyInUse, Unprocessable
from app.models import Club, IdempotencyKey, User
from app.services.idempotency import (
    LEASE,
    MAX_ANSWER_BYTES,
    Answer,
    KeyClaim,
    KeyedRequest,
    claim_key,
    keep_answer,
    release_key,
    require_idle_key,
    sweep_idempotency_keys,
)

KEEP = timedelta(hours=24)
ANSWER = Answer(201, (("content-type", "application/json"), ("location", "/api/teams/é")), b'{"token": "secret \xff"}')


@pytest.fixture
def request_of_user(database: Database) -> KeyedRequest:
    return KeyedRequest(add_user(database), "a key", "f" * 64)


def add_user(database: Database) -> uuid.UUID:
    with database.unit_of_work() as session:
        user = User(email=f"{uuid.uuid4()}@example.com", password_hash="x")
        session.add(user)
    return user.id


def claim(database: Database, request: KeyedRequest) -> KeyClaim:
    claimed = claim_key(database, request, keep=KEEP)
    assert isinstance(claimed, KeyClaim)
    return claimed


def answer(database: Database, claimed: KeyClaim, told: Answer = ANSWER) -> None:
    """Create something and answer, in one transaction."""
    with database.unit_of_work() as session:
        session.add(Club(name="created"))
        keep_answer(session, claimed, told)


def grow_older(database: Database, by: timedelta) -> None:
    """Let time pass for all keys."""
    with database.unit_of_work() as session:
        now = database_now(session)
        session.execute(update(IdempotencyKey).values(created_at=now - by, lease_expires_at=now + LEASE - by))


def count(database: Database, model: type[Club | IdempotencyKey]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_an_answer_comes_back_byte_by_byte(database: Database, request_of_user: KeyedRequest) -> None:
    answer(database, claim(database, request_of_user))
    assert claim_key(database, request_of_user, keep=KEEP) == ANSWER
    assert count(database, IdempotencyKey) == 1


def test_a_key_that_runs_is_in_use(database: Database, request_of_user: KeyedRequest) -> None:
    claim(database, request_of_user)
    with pytest.raises(KeyInUse):
        claim_key(database, request_of_user, keep=KEEP)
    with pytest.raises(KeyInUse):
        require_idle_key(database, request_of_user.user_id, request_of_user.key)


def test_a_key_that_does_not_run_is_idle(database: Database, request_of_user: KeyedRequest) -> None:
    require_idle_key(database, request_of_user.user_id, request_of_user.key)
    claimed = claim(database, request_of_user)
    grow_older(database, LEASE)
    require_idle_key(database, request_of_user.user_id, request_of_user.key)
    answer(database, claimed)
    require_idle_key(database, request_of_user.user_id, request_of_user.key)


@pytest.mark.parametrize("is_answered", [True, False])
def test_another_request_may_not_use_the_key(
    database: Database, request_of_user: KeyedRequest, *, is_answered: bool
) -> None:
    claimed = claim(database, request_of_user)
    if is_answered:
        answer(database, claimed)
    with pytest.raises(Unprocessable) as refused:
        claim_key(database, dataclasses.replace(request_of_user, fingerprint="0" * 64), keep=KEEP)
    assert refused.value.code == "idempotency_key_reused"


def test_keys_that_differ_in_blanks_or_case_are_two(database: Database, request_of_user: KeyedRequest) -> None:
    for key in ("a key", "a key ", "A key"):
        claim(database, dataclasses.replace(request_of_user, key=key))
    assert count(database, IdempotencyKey) == 3


def test_a_released_key_is_free_for_any_request(database: Database, request_of_user: KeyedRequest) -> None:
    release_key(database, claim(database, request_of_user))
    claim(database, dataclasses.replace(request_of_user, fingerprint="0" * 64))


def test_an_answer_that_was_committed_is_not_released(database: Database, request_of_user: KeyedRequest) -> None:
    """The connection broke during the commit, and nobody knew whether it had arrived."""
    claimed = claim(database, request_of_user)
    answer(database, claimed)
    release_key(database, claimed)
    assert claim_key(database, request_of_user, keep=KEEP) == ANSWER


def test_who_lost_the_claim_commits_nothing(database: Database, request_of_user: KeyedRequest) -> None:
    late = claim(database, request_of_user)
    grow_older(database, LEASE)
    second = claim(database, request_of_user)
    with pytest.raises(KeyInUse):
        answer(database, late)
    release_key(database, late)  # as it does after its failure: the key is another's now
    answer(database, second)
    with pytest.raises(KeyInUse):
        answer(database, late)
    assert count(database, Club) == 1


def test_an_expired_claim_still_answers_if_nobody_has_taken_over(
    database: Database, request_of_user: KeyedRequest
) -> None:
    claimed = claim(database, request_of_user)
    grow_older(database, 2 * LEASE)
    answer(database, claimed)
    assert claim_key(database, request_of_user, keep=KEEP) == ANSWER


def test_an_old_answer_counts_no_more_swept_or_not(database: Database, request_of_user: KeyedRequest) -> None:
    answer(database, claim(database, request_of_user))
    grow_older(database, KEEP - timedelta(minutes=1))
    assert claim_key(database, request_of_user, keep=KEEP) == ANSWER
    grow_older(database, KEEP)
    answer(database, claim(database, request_of_user))
    assert count(database, Club) == 2


def test_the_sweep_takes_what_is_old_and_nothing_else(database: Database, request_of_user: KeyedRequest) -> None:
    answer(database, claim(database, request_of_user))
    claim(database, dataclasses.replace(request_of_user, key="abandoned"))
    grow_older(database, KEEP)
    claim(database, dataclasses.replace(request_of_user, key="young"))
    assert sweep_idempotency_keys(database, KEEP) == 2
    assert sweep_idempotency_keys(database, KEEP) == 0
    assert count(database, IdempotencyKey) == 1


def test_an_answer_that_is_too_long_is_not_committed(database: Database, request_of_user: KeyedRequest) -> None:
    claimed = claim(database, request_of_user)
    with pytest.raises(Unprocessable) as refused:
        answer(database, claimed, dataclasses.replace(ANSWER, body=bytes(MAX_ANSWER_BYTES + 1)))
    assert refused.value.code == "idempotent_answer_too_long"
    assert count(database, Club) == 0
    longest = dataclasses.replace(ANSWER, body=b"\xff" * MAX_ANSWER_BYTES)
    answer(database, claimed, longest)
    assert claim_key(database, request_of_user, keep=KEEP) == longest


def test_who_reads_the_table_learns_neither_keys_nor_answers(database: Database, request_of_user: KeyedRequest) -> None:
    answer(database, claim(database, request_of_user))
    with database.reading() as session:
        row = session.execute(select(*IdempotencyKey.__table__.columns)).one()
    told = " ".join(str(value) for value in row)
    assert "secret" not in told
    assert "a key" not in told


def test_the_keys_of_an_account_go_with_it(database: Database, request_of_user: KeyedRequest) -> None:
    claim(database, request_of_user)
    other = dataclasses.replace(request_of_user, user_id=add_user(database))
    claim(database, other)
    with database.unit_of_work() as session:
        session.delete(session.get_one(User, request_of_user.user_id))
    with database.reading() as session:
        assert session.scalars(select(IdempotencyKey.user_id)).all() == [other.user_id]
