"""Passwords, secrets and tokens; forged tokens are tried over HTTP in the integration tests."""

import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest
from argon2 import Parameters, extract_parameters
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.core import security
from app.core.errors import Unauthenticated
from app.core.security import AccessTokens, Bearer, check_password, hash_password, hash_secret, make_secret

KEY = "k" * 32
NOBODY = Bearer(uuid.UUID(int=1), uuid.UUID(int=2))


def make_tokens(key: str = KEY, life_s: int = 300, previous: tuple[str, ...] = ()) -> AccessTokens:
    return AccessTokens(key, timedelta(seconds=life_s), previous)


def issue(tokens: AccessTokens, bearer: Bearer = NOBODY) -> str:
    return tokens.issue(bearer.user_id, bearer.session_id)


def test_a_password_fits_its_own_hash_only() -> None:
    first, second = hash_password("correct horse"), hash_password("correct horse")
    assert first != second  # salted
    assert first.startswith("$argon2id$")
    assert check_password("correct horse", first).matches
    assert not check_password("Correct horse", first).matches
    assert not check_password("", first).matches


def test_an_unknown_account_costs_as_much_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """One verification of one argon2 hash either way: the time tells nobody which addresses have an account."""
    verified: list[Parameters] = []
    verify: Callable[[str, str], tuple[bool, str | None]] = security._passwords.verify_and_update

    def counted(password: str, password_hash: str) -> tuple[bool, str | None]:
        verified.append(extract_parameters(password_hash))
        return verify(password, password_hash)

    known = hash_password("correct horse")
    monkeypatch.setattr(security._passwords, "verify_and_update", counted)
    assert not check_password("wrong horse", known).matches
    assert not check_password("wrong horse", None).matches
    assert len(verified) == 2
    assert verified[0] == verified[1]  # the same algorithm with the same cost


def test_nobody_has_the_password_of_no_account() -> None:
    assert not check_password("no account has this password", None).matches


def test_a_hash_of_another_cost_is_replaced_once_its_password_is_known() -> None:
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1),)).hash("correct horse")
    assert check_password("wrong horse", cheap).new_hash is None
    renewed = check_password("correct horse", cheap)
    assert renewed.matches
    assert renewed.new_hash is not None
    assert extract_parameters(renewed.new_hash) == extract_parameters(hash_password("x"))
    again = check_password("correct horse", renewed.new_hash)
    assert (again.matches, again.new_hash) == (True, None)


def test_a_secret_is_never_the_same_and_its_hash_always() -> None:
    first, second = make_secret(), make_secret()
    assert first != second
    assert len(first) >= 43  # 256 bits in base64
    assert hash_secret(first) == hash_secret(first) != hash_secret(second)
    assert len(hash_secret(first)) == 64
    assert first not in hash_secret(first)


def test_a_token_speaks_for_its_account_and_its_session() -> None:
    tokens, bearer = make_tokens(), Bearer(uuid.uuid4(), uuid.uuid4())
    assert tokens.read(issue(tokens, bearer)) == bearer
    assert issue(tokens, bearer) != issue(tokens, bearer)


def test_a_token_ends() -> None:
    tokens = make_tokens(life_s=-1)
    with pytest.raises(Unauthenticated) as caught:
        tokens.read(issue(tokens))
    assert caught.value.code == "token_expired"


def test_a_token_of_another_installation_is_worth_nothing() -> None:
    ours, theirs = make_tokens("a" * 32), make_tokens("b" * 32)
    with pytest.raises(Unauthenticated) as caught:
        ours.read(issue(theirs))
    assert caught.value.code == "token_invalid"


def test_the_key_can_be_changed_without_logging_everybody_out() -> None:
    before, after = make_tokens("a" * 32), make_tokens("b" * 32, previous=("c" * 32, "a" * 32))
    assert after.read(issue(before)) == NOBODY
    # The new key signs, and the old one only verifies.
    assert make_tokens("b" * 32).read(issue(after)) == NOBODY
    with pytest.raises(Unauthenticated):
        before.read(issue(after))
    with pytest.raises(Unauthenticated):
        make_tokens("b" * 32, previous=("c" * 32,)).read(issue(before))


def test_a_token_that_an_old_key_signed_ends_too() -> None:
    with pytest.raises(Unauthenticated) as caught:
        make_tokens("b" * 32, previous=("a" * 32,)).read(issue(make_tokens("a" * 32, life_s=-1)))
    assert caught.value.code == "token_expired"


def test_the_keys_are_not_shown() -> None:
    shown = repr(make_tokens("a" * 32, previous=("b" * 32,)))
    assert "a" * 32 not in shown
    assert "b" * 32 not in shown


def test_a_token_holds_no_more_than_it_must() -> None:
    token = issue(make_tokens())
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(claims) == {"sub", "iss", "aud", "iat", "exp", "jti", "sid"}
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


def test_a_token_that_was_good_before_expires_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered of it is its signature, not the time."""
    tokens = make_tokens(life_s=300)
    token = issue(tokens)
    assert tokens.read(token) == tokens.read(token) == NOBODY
    later = time.time() + 301
    monkeypatch.setattr(security.time, "time", lambda: later)
    with pytest.raises(Unauthenticated) as refused:
        tokens.read(token)
    assert refused.value.code == "token_expired"


def test_a_token_is_not_remembered_for_other_keys() -> None:
    token = issue(make_tokens())
    assert make_tokens().read(token) == NOBODY
    with pytest.raises(Unauthenticated):
        make_tokens("x" * 32).read(token)
