"""Passwords and tokens; forged tokens are tried over HTTP in the integration tests."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest

from app.core import security
from app.core.errors import Unauthenticated
from app.core.security import AccessTokens, hash_password, password_matches

KEY = "k" * 32


def test_a_password_fits_its_own_hash_only() -> None:
    first, second = hash_password("correct horse"), hash_password("correct horse")
    assert first != second  # salted
    assert first.startswith("$argon2id$")
    assert password_matches("correct horse", first)
    assert not password_matches("Correct horse", first)
    assert not password_matches("", first)


def test_an_unknown_account_costs_as_much_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """One verification of one argon2 hash either way: the time tells nobody which addresses have an account."""
    verified: list[str] = []
    verify: Callable[[str, str], bool] = security._passwords.verify

    def counted(password: str, password_hash: str) -> bool:
        verified.append(password_hash.rsplit("$", 2)[0])
        return verify(password, password_hash)

    known = hash_password("correct horse")
    monkeypatch.setattr(security._passwords, "verify", counted)
    assert not password_matches("wrong horse", known)
    assert not password_matches("wrong horse", None)
    assert verified[0] == verified[1]  # the same algorithm with the same cost


def test_nobody_has_the_password_of_no_account() -> None:
    assert not password_matches("no account has this password", None)


def test_a_token_speaks_for_its_account() -> None:
    tokens, user_id = AccessTokens(KEY, timedelta(minutes=5)), uuid.uuid4()
    assert tokens.user_id(tokens.issue(user_id)) == user_id
    assert tokens.issue(user_id) != tokens.issue(user_id)


def test_a_token_ends() -> None:
    tokens = AccessTokens(KEY, timedelta(seconds=-1))
    with pytest.raises(Unauthenticated) as caught:
        tokens.user_id(tokens.issue(uuid.uuid4()))
    assert caught.value.code == "token_expired"


def test_a_token_of_another_installation_is_worth_nothing() -> None:
    ours, theirs = (AccessTokens(key * 32, timedelta(minutes=5)) for key in "ab")
    with pytest.raises(Unauthenticated) as caught:
        ours.user_id(theirs.issue(uuid.uuid4()))
    assert caught.value.code == "token_invalid"


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(AccessTokens(KEY, timedelta(minutes=5)))


def test_a_token_holds_no_more_than_it_must() -> None:
    token = AccessTokens(KEY, timedelta(minutes=5)).issue(uuid.uuid4())
    assert set(jwt.decode(token, options={"verify_signature": False})) == {"sub", "iss", "aud", "iat", "exp", "jti"}
