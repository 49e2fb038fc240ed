"""Who may speak: missing, expired and forged tokens."""

import base64
import hashlib
import hmac
import json
import string
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.core.security import AUDIENCE, ISSUER, AccessTokens, Bearer
from app.factory import create_app
from app.models import AccountSession, User
from app.services.engine import ScriptedEngine
from tests.integration.api.conftest import assert_nothing_left, assert_problem
from tests.integration.conftest import SECRET_KEY, Api
from tests.servers.scripts import good_run

Claims = dict[str, object]
OTHER_KEY = "another-secret-of-more-than-thirty-two-bytes"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def claims(bearer: Bearer, **changes: object) -> Claims:
    now = datetime.now(UTC)
    good: Claims = {
        "sub": str(bearer.user_id),
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(hours=1)).timestamp()),
        "jti": uuid.uuid4().hex,
        "sid": str(bearer.session_id),
    }
    return good | changes


def signed(bearer: Bearer, key: str = SECRET_KEY, algorithm: str = "HS256", **changes: object) -> str:
    """A token by the library; a claim that is None is left out."""
    kept = {name: value for name, value in claims(bearer, **changes).items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm)


def segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def by_hand(header: object, body: object, key: str | bytes = SECRET_KEY, *, digest: str = "HS256") -> str:
    """A token as no library would write it, with a true HMAC."""
    start = ".".join(segment(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, body))
    secret = key.encode() if isinstance(key, str) else key
    return f"{start}.{segment(hmac.digest(secret, start.encode(), HASHES[digest]))}"


def unsigned(bearer: Bearer, algorithm: object = "none") -> str:
    """The classic forgery: a header that says "no signature"."""
    return by_hand({"alg": algorithm, "typ": "JWT"}, claims(bearer, iat=0, exp=2**40)).rpartition(".")[0] + "."


FORGED: dict[str, tuple[Callable[[Bearer], str], str]] = {
    "expired": (lambda bearer: signed(bearer, iat=LONG_AGO, exp=LONG_AGO + timedelta(hours=1)), "token_expired"),
    "no signature": (unsigned, "token_invalid"),
    "another secret": (lambda bearer: signed(bearer, OTHER_KEY), "token_invalid"),
    "another algorithm": (lambda bearer: signed(bearer, SECRET_KEY * 2, "HS512"), "token_invalid"),
    "another audience": (lambda bearer: signed(bearer, aud="somebody-else"), "token_invalid"),
    "another issuer": (lambda bearer: signed(bearer, iss="somebody-else"), "token_invalid"),
    "no audience": (lambda bearer: signed(bearer, aud=None), "token_invalid"),
    "no end": (lambda bearer: signed(bearer, exp=None), "token_invalid"),
    "no identity": (lambda bearer: signed(bearer, jti=None), "token_invalid"),
    "no session": (lambda bearer: signed(bearer, sid=None), "token_invalid"),
    "from the future": (lambda bearer: signed(bearer, iat=datetime.now(UTC) + timedelta(days=1)), "token_invalid"),
    "subject is no UUID": (lambda bearer: signed(bearer, sub="1 OR 1=1"), "token_invalid"),
    "account that never was": (lambda bearer: signed(bearer, sub=str(uuid.uuid4())), "token_invalid"),
    "session that never was": (lambda bearer: signed(bearer, sid=str(uuid.uuid4())), "token_invalid"),
    "signature cut": (lambda bearer: signed(bearer)[:-4], "token_invalid"),
    "garbage": (lambda _: "garbage", "token_invalid"),
    "not even ASCII": (lambda _: "caf\xe9.\xff.\xfe", "token_invalid"),
    "100 kB": (lambda _: "x" * 100_000, "token_invalid"),
}


def bearer_of(headers: dict[str, str]) -> Bearer:
    issued = jwt.decode(headers["Authorization"].removeprefix("Bearer "), options={"verify_signature": False})
    return Bearer(uuid.UUID(issued["sub"]), uuid.UUID(issued["sid"]))


@pytest.fixture(scope="module")
def bearer(shared_api: Api) -> Bearer:
    return bearer_of(shared_api.headers)


def test_the_claims_of_this_table_are_good_when_they_are_not_changed(shared_api: Api, bearer: Bearer) -> None:
    for token in (signed(bearer), by_hand({"alg": "HS256"}, claims(bearer))):
        answer = shared_api.client.get("/api/users/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["id"] == str(bearer.user_id)


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_token_opens_nothing(shared_api: Api, bearer: Bearer, film: bytes, case: str) -> None:
    make, code = FORGED[case]
    headers = {"Authorization": f"Bearer {make(bearer)}".encode("latin-1")}
    answer = shared_api.client.post("/api/analyze_match", headers=headers, files={"file": film})
    assert_problem(answer, 401, code)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert_nothing_left(shared_api.client.app)


@dataclass(frozen=True, slots=True)
class Loot:
    """What an attacker may have: tokens that were good, sessions that are over, and the account of an accomplice."""

    bearer: Bearer
    good: str
    accomplice: Bearer
    accomplices: str
    revoked: Bearer
    expired: Bearer


@pytest.fixture(scope="module")
def loot(shared_api: Api, other_club: dict[str, str]) -> Loot:
    def log_in() -> dict[str, str]:
        login = {"username": "coach@example.com", "password": "correct horse"}
        token = shared_api.client.post("/api/token", data=login).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}

    ours, over, old = log_in(), log_in(), log_in()
    assert shared_api.client.post("/api/logout", headers=over).status_code == 204
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        session.get_one(AccountSession, bearer_of(old).session_id).expires_at = LONG_AGO
    return Loot(
        bearer_of(ours),
        ours["Authorization"].removeprefix("Bearer "),
        bearer_of(other_club),
        other_club["Authorization"].removeprefix("Bearer "),
        bearer_of(over),
        bearer_of(old),
    )


Cases = Iterator[tuple[str, str]]


def other_algorithms(loot: Loot) -> Cases:
    """The header is signed like everything else, but it is read before the signature is known to be good."""
    body, key = claims(loot.bearer), rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    names = ["none", "None", "NONE", "nOnE", "none ", "", " ", "hs256", "Hs256", "HS256 ", "HS1", "HS257", "SHA256"]
    strange = [None, 0, 1, True, False, [], ["HS256"], {}, {"HS256": 1}]
    for algorithm in [*names, *strange, "RS256", "RS512", "ES256", "PS256", "EdDSA", "HS384", "HS512", "dir", "A256KW"]:
        header = {"alg": algorithm, "typ": "JWT"}
        yield f"algorithm {algorithm!r}, not signed", unsigned(loot.bearer, algorithm)
        yield f"algorithm {algorithm!r}, signed with HS256 and our key", by_hand(header, body)
        yield (
            f"algorithm {algorithm!r}, with a signature of ours",
            f"{unsigned(loot.bearer, algorithm)}{loot.good[-43:]}",
        )
    for name in ("HS384", "HS512"):
        yield f"{name} with our key", by_hand({"alg": name, "typ": "JWT"}, body, digest=name)
        yield f"HS256 by name, {name} in truth", by_hand({"alg": "HS256", "typ": "JWT"}, body, digest=name)
    yield "RS256 with a key of theirs", jwt.encode(body, key, algorithm="RS256")
    yield "HS256 with a public key", by_hand({"alg": "HS256", "typ": "JWT"}, body, public)
    yield "RS256 by name, HS256 with a public key in truth", by_hand({"alg": "RS256", "typ": "JWT"}, body, public)
    yield "no algorithm", by_hand({"typ": "JWT"}, body)


def injected_keys(loot: Loot) -> Cases:
    """Headers that name a key, or where to fetch one."""
    body, pretended = claims(loot.bearer), {"kty": "oct", "k": segment(OTHER_KEY.encode()), "alg": "HS256", "kid": "1"}
    headers: dict[str, object] = {
        "jwk": pretended,
        "jku": "http://127.0.0.1:9/keys.json",
        "x5u": "http://127.0.0.1:9/key.pem",
        "x5c": [segment(OTHER_KEY.encode())],
        "kid": "1",
    }
    paths = ["", "/dev/null", "../../../../dev/null", "' UNION SELECT 'x", OTHER_KEY, 0, None, ["1"], "\x00"]
    for name, value in [*headers.items(), *(("kid", path) for path in paths)]:
        for key in (OTHER_KEY, b"", b"\x00", "secret", "your-secret-key-here"):
            yield f"{name} {value!r} signed with {key!r}", by_hand({"alg": "HS256", name: value}, body, key)
    yield "critical header", by_hand({"alg": "HS256", "crit": ["exp"], "exp": 1}, body)
    yield "payload that is not encoded", by_hand({"alg": "HS256", "b64": False, "crit": ["b64"]}, body)


def changed_characters(loot: Loot) -> Cases:
    """One character of a good token at a time."""
    alphabet = string.ascii_letters + string.digits + "-_"
    token = loot.good
    for place in [*range(0, len(token) - 43, 3), *range(len(token) - 43, len(token))]:
        replaced = alphabet[(alphabet.find(token[place]) + 1) % len(alphabet)]
        yield f"character {place} replaced", f"{token[:place]}{replaced}{token[place + 1 :]}"
    for place in range(0, len(token), 7):
        yield f"character {place} left out", f"{token[:place]}{token[place + 1 :]}"
        yield f"character {place} doubled", f"{token[: place + 1]}{token[place:]}"
    for last in alphabet:  # four of them spell the same 32 bytes
        if last != token[-1]:
            yield f"last character {last}", f"{token[:-1]}{last}"


def changed_shapes(loot: Loot) -> Cases:
    header, body, signature = loot.good.split(".")
    theirs = loot.accomplices.split(".")
    yield "signature of another token", f"{header}.{body}.{theirs[2]}"
    yield "body of another token", f"{header}.{theirs[1]}.{signature}"
    yield "signature twice", f"{header}.{body}.{signature}.{signature}"
    yield "no signature", f"{header}.{body}"
    yield "no signature, with its dot", f"{header}.{body}."
    yield "signature only", f"..{signature}"
    yield "body first", f"{body}.{header}.{signature}"
    yield "encrypted by its shape", f"{header}.{body}.{signature}.{header}.{body}"
    yield "detached", f"{header}..{signature}"
    for junk in ("=", "==", "!", "\t", "%00", ".", "+", "/", "\xa0"):
        yield f"{junk!r} behind", f"{loot.good}{junk}x"
        yield f"{junk!r} at the end", f"{loot.good}{junk}".rstrip("\t\xa0") + ("" if junk.strip() else "x")
        yield f"{junk!r} in the signature", f"{header}.{body}.{signature[:9]}{junk}{signature[9:]}"
        yield f"{junk!r} in the body", f"{header}.{body[:9]}{junk}{body[9:]}.{signature}"
    yield "deeply nested header", by_hand(b'{"alg":' + b"[" * 5000, claims(loot.bearer))
    yield "deeply nested body", by_hand({"alg": "HS256"}, b'{"sub":' + b"[" * 5000)
    for text in (b"", b"null", b"[]", b'"x"', b"1", b"{", b"\xff", b"{'alg': 'HS256'}"):
        yield f"header {text!r}", by_hand(text, claims(loot.bearer))
        yield f"body {text!r}", by_hand({"alg": "HS256"}, text)


def changed_claims(loot: Loot) -> Cases:
    """Signed with our own key: as if another program of ours had signed them for another purpose."""
    good = claims(loot.bearer)
    harmless = [("jti", "x"), ("jti", ""), ("iat", False)]  # any text is an identity, and false is 0: long ago
    for name in good:
        left = {key: value for key, value in good.items() if key != name}
        yield f"without {name}", by_hand({"alg": "HS256"}, left)
        for value in (None, "", [], {}, ["x"], {"x": 1}, "x", False):
            if (name, value) not in harmless:
                yield f"{name} {value!r}", by_hand({"alg": "HS256"}, good | {name: value})
    for name in ("sub", "sid", "iss", "aud", "jti"):
        yield f"{name} is a number", by_hand({"alg": "HS256"}, good | {name: 7})
    for name in ("exp", "iat", "nbf"):
        for word in ("Infinity", "-Infinity", "NaN", '"tomorrow"', "[1]", "1e999"):
            body = json.dumps(good | {name: 0}).replace(f'"{name}": 0', f'"{name}": {word}')
            yield f"{name} {word}", by_hand({"alg": "HS256"}, body.encode())
    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    yield "expired a moment ago", signed(loot.bearer, exp=now - timedelta(seconds=2))
    yield "expired long ago", signed(loot.bearer, exp=LONG_AGO)
    yield "not valid yet", signed(loot.bearer, nbf=now + hour)
    yield "issued tomorrow", signed(loot.bearer, iat=now + 24 * hour, exp=now + 25 * hour)
    yield "two audiences", signed(loot.bearer, aud=[AUDIENCE, "somebody-else"])
    yield "our audience in a list", signed(loot.bearer, aud=[AUDIENCE])
    yield "audience in capitals", signed(loot.bearer, aud=AUDIENCE.upper())
    yield "issuer with a slash", signed(loot.bearer, iss=f"{ISSUER}/")


def other_sessions(loot: Loot) -> Cases:
    mine, theirs = loot.bearer, loot.accomplice
    pairs = {
        "session of somebody else": (mine.user_id, theirs.session_id),
        "user of another session": (theirs.user_id, mine.session_id),
        "revoked session": (mine.user_id, loot.revoked.session_id),
        "expired session": (mine.user_id, loot.expired.session_id),
        "user for session": (mine.session_id, mine.user_id),
        "user twice": (mine.user_id, mine.user_id),
        "nobody": (uuid.UUID(int=0), uuid.UUID(int=0)),
        "session that never was": (mine.user_id, uuid.uuid4()),
        "user that never was": (uuid.uuid4(), mine.session_id),
    }
    for name, (user_id, session_id) in pairs.items():
        yield name, signed(Bearer(user_id, session_id))
    for sub in (
        f"{mine.user_id}'",
        f"{mine.user_id} ",
        "%",
        "*",
        "admin",
        "null",
        "0",
        f"{theirs.user_id},{mine.user_id}",
    ):
        yield f"sub {sub!r}", signed(mine, sub=sub)
        yield f"sid {sub!r}", signed(mine, sid=sub)


FORGERIES = [other_algorithms, injected_keys, changed_characters, changed_shapes, changed_claims, other_sessions]


def test_of_all_tampered_tokens_none_is_accepted(shared_api: Api, loot: Loot) -> None:
    tried: set[str] = set()
    accepted = []
    for forge in FORGERIES:
        for case, token in forge(loot):
            assert token != loot.good, case
            tried.add(token)
            headers = {"Authorization": b"Bearer " + token.encode("latin-1")}
            answer = shared_api.client.get("/api/users/me", headers=headers)
            if answer.status_code != 401 or answer.json()["code"] not in {"token_invalid", "token_expired"}:
                accepted.append((forge.__name__, case, answer.status_code, answer.text))
    assert accepted == []
    assert len(tried) >= 600
    answer = shared_api.client.get("/api/users/me", headers={"Authorization": f"Bearer {loot.good}"})
    assert answer.status_code == 200  # it was no time that all were refused


def test_what_else_a_header_says_is_not_looked_at(shared_api: Api, bearer: Bearer) -> None:
    header = {"alg": "HS256", "kid": "/dev/null", "jku": "http://127.0.0.1:9/", "x5u": "x", "jwk": {"kty": "oct"}}
    token = by_hand(header, claims(bearer))
    answer = shared_api.client.get("/api/users/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": ""}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}]
)
def test_without_a_token_every_door_is_closed(shared_api: Api, header: dict[str, str]) -> None:
    """Every operation of the document but those that make a token, health, and what the document itself leaves open."""
    document = shared_api.client.get("/openapi.json").json()
    doors = [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if "security" in operation
    ]
    some_id = str(uuid.uuid4())
    for method, path, operation in doors:
        named = {item["name"]: some_id for item in operation.get("parameters", ()) if item["in"] == "path"}
        answer = shared_api.client.request(method, path.format_map(named), headers=header)
        assert (answer.status_code, answer.headers.get("WWW-Authenticate")) == (401, "Bearer"), (method, path)
    opened = {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if "security" not in operation
    }
    assert {"register", "logIn", "refreshToken"} <= opened
    assert {operation["operationId"] for _, _, operation in doors} >= {
        "getMe", "updateMe", "deleteMe", "changePassword", "logOut", "listSessions", "endSession",
        "analyzeMatch", "getJob", "listMatches", "getMatch", "listPlayerMatchStatistics", "getAnalysisReport",
        "listFormations", "createFormation", "getMatchLineup", "createMatchLineup", "listTeams", "createTeam",
    }  # fmt: skip


def test_a_switched_off_account_is_out_at_once(shared_api: Api) -> None:
    login = {"username": "leaver@example.com", "password": "correct horse"}
    headers = shared_api.register("leaver@example.com")
    refresh_token = shared_api.client.post("/api/token", data=login).json()["refresh_token"]
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        session.query(User).filter(User.email == "leaver@example.com").update({"is_active": False})
    assert_problem(shared_api.client.get("/api/users/me", headers=headers), 401, "token_invalid")
    answer = shared_api.client.post("/api/token", data=login)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    answer = shared_api.client.post("/api/token/refresh", json={"refresh_token": refresh_token})
    assert_problem(answer, 401, "token_expired")


def test_tokens_live_as_long_as_they_say(shared_api: Api) -> None:
    tokens = AccessTokens(SECRET_KEY, timedelta(minutes=5))
    issued = jwt.decode(tokens.issue(uuid.uuid4(), uuid.uuid4()), options={"verify_signature": False})
    assert issued["exp"] - issued["iat"] == tokens.life_s == 300


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_new_key_does_not_log_anybody_out(
    make_api: Callable[..., Api], make_settings: Callable[..., Settings]
) -> None:
    """One database behind three installations: with the old key, with a new one that knows it, and with the new one."""
    before = make_api()
    for previous, status in (((SECRET_KEY,), 200), ((), 401)):
        settings = make_settings(secret_key=OTHER_KEY, previous_secret_keys=previous)
        with TestClient(create_app(settings, engine=ScriptedEngine(good_run))) as client:
            assert client.get("/api/users/me", headers=before.headers).status_code == status
            login = {"username": "coach@example.com", "password": "correct horse"}
            token = client.post("/api/token", data=login).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert before.client.get("/api/users/me", headers=headers).status_code == 401
