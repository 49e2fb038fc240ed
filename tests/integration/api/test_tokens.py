"""Who may speak: missing, expired and forged tokens."""

import base64
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from app.core.security import AUDIENCE, ISSUER, AccessTokens
from app.models import User
from tests.integration.api.conftest import assert_nothing_left, assert_problem
from tests.integration.conftest import SECRET_KEY, Api

Claims = dict[str, object]


def claims(user_id: str, **changes: object) -> Claims:
    now = datetime.now(UTC)
    good: Claims = {
        "sub": user_id,
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + timedelta(hours=1),
        "jti": uuid.uuid4().hex,
    }
    return good | changes


def signed(user_id: str, key: str = SECRET_KEY, algorithm: str = "HS256", **changes: object) -> str:
    kept = {name: value for name, value in claims(user_id, **changes).items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm)


def unsigned(user_id: str) -> str:
    """The classic forgery: a header that says "no signature"."""
    body = claims(user_id, iat=0, exp=2**40)
    parts = ({"alg": "none", "typ": "JWT"}, body)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


OTHER_KEY = "another-secret-of-more-than-thirty-two-bytes"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FORGED: dict[str, tuple[Callable[[str], str], str]] = {
    "expired": (lambda user: signed(user, iat=LONG_AGO, exp=LONG_AGO + timedelta(hours=1)), "token_expired"),
    "no signature": (unsigned, "token_invalid"),
    "another secret": (lambda user: signed(user, OTHER_KEY), "token_invalid"),
    "another algorithm": (lambda user: signed(user, SECRET_KEY * 2, "HS512"), "token_invalid"),
    "another audience": (lambda user: signed(user, aud="somebody-else"), "token_invalid"),
    "another issuer": (lambda user: signed(user, iss="somebody-else"), "token_invalid"),
    "no audience": (lambda user: signed(user, aud=None), "token_invalid"),
    "no end": (lambda user: signed(user, exp=None), "token_invalid"),
    "no identity": (lambda user: signed(user, jti=None), "token_invalid"),
    "from the future": (lambda user: signed(user, iat=datetime.now(UTC) + timedelta(days=1)), "token_invalid"),
    "subject is no UUID": (lambda _: signed("1 OR 1=1"), "token_invalid"),
    "account that never was": (lambda _: signed(str(uuid.uuid4())), "token_invalid"),
    "signature cut": (lambda user: signed(user)[:-4], "token_invalid"),
    "garbage": (lambda _: "garbage", "token_invalid"),
    "not even ASCII": (lambda _: "caf\xe9.\xff.\xfe", "token_invalid"),
    "100 kB": (lambda _: "x" * 100_000, "token_invalid"),
}


@pytest.fixture(scope="module")
def user_id(shared_api: Api) -> str:
    me: str = shared_api.client.get("/api/users/me", headers=shared_api.headers).json()["id"]
    return me


def test_the_claims_of_this_table_are_good_when_they_are_not_changed(shared_api: Api, user_id: str) -> None:
    answer = shared_api.client.get("/api/users/me", headers={"Authorization": f"Bearer {signed(user_id)}"})
    assert answer.json()["id"] == user_id


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_token_opens_nothing(shared_api: Api, user_id: str, film: bytes, case: str) -> None:
    make, code = FORGED[case]
    headers = {"Authorization": f"Bearer {make(user_id)}".encode("latin-1")}
    answer = shared_api.client.post("/api/analyze_match", headers=headers, files={"file": film})
    assert_problem(answer, 401, code)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert_nothing_left(shared_api.client.app)


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": ""}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}]
)
def test_without_a_token_every_door_is_closed(shared_api: Api, header: dict[str, str]) -> None:
    some_id = uuid.uuid4()
    doors = [
        ("GET", "/api/users/me"),
        ("POST", "/api/analyze_match"),
        ("GET", f"/api/jobs/{some_id}"),
        ("GET", "/api/matches"),
        ("GET", f"/api/matches/{some_id}"),
        ("GET", "/api/player_match_statistics"),
        ("GET", f"/api/analysis_reports/{some_id}"),
        ("GET", "/api/formations"),
        ("POST", "/api/formations"),
        ("GET", f"/api/match_lineups/{some_id}"),
        ("POST", "/api/match_lineups"),
    ]
    for method, path in doors:
        answer = shared_api.client.request(method, path, headers=header)
        assert (answer.status_code, answer.headers.get("WWW-Authenticate")) == (401, "Bearer"), path


def test_a_switched_off_account_is_out_at_once(shared_api: Api) -> None:
    headers = shared_api.register("leaver@example.com")
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        session.query(User).filter(User.email == "leaver@example.com").update({"is_active": False})
    assert_problem(shared_api.client.get("/api/users/me", headers=headers), 401, "token_invalid")
    form = {"username": "leaver@example.com", "password": "correct horse"}
    answer = shared_api.client.post("/api/token", data=form)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


def test_tokens_live_as_long_as_they_say(shared_api: Api) -> None:
    tokens = AccessTokens(SECRET_KEY, timedelta(minutes=5))
    issued = jwt.decode(tokens.issue(uuid.uuid4()), options={"verify_signature": False})
    assert issued["exp"] - issued["iat"] == tokens.life_s == 300
