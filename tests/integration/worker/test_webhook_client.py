"""One message to a real server: what is signed, where the connection goes, and how long any of it may take."""

import ssl
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import WebhookVerificationError

from app.services.address_guard import AddressGuard
from app.services.manage_webhooks import make_webhook_secret
from app.services.webhook_client import WebhookClient
from app.services.webhook_exchange import Message, Outcome
from tests.servers.webhook_receiver import (
    Behaviour,
    Receiver,
    answers,
    drips,
    floods,
    hangs_up,
    speaks_something_else,
    waits_for,
)
from tests.waiting import free_port

SECRET, OLD_SECRET = make_webhook_secret(), make_webhook_secret()
ANYWHERE = AddressGuard(allow_private=True)
NOT_PUBLIC = "The host of the webhook has an address that is not public, so nothing was sent."


def message(url: str, *secrets: str) -> Message:
    return Message(url, "msg_1", '{"type":"webhook.test","é":1}', secrets or (SECRET,))


def send(
    url: str, guard: AddressGuard = ANYWHERE, *, timeout_s: float = 10.0, ssl_context: ssl.SSLContext | None = None
) -> Outcome:
    client = WebhookClient(guard, timeout_s)
    return (client if ssl_context is None else WebhookClient(guard, timeout_s, ssl_context)).send(message(url))


def test_a_receiver_can_verify_who_sent_the_message() -> None:
    with Receiver() as receiver:
        assert WebhookClient(ANYWHERE).send(message(f"{receiver.url}?a=b#c")).error is None
    (received,) = receiver.received
    assert received.verified(SECRET) == {"type": "webhook.test", "é": 1}
    assert (received.path, received.headers["content-type"]) == ("/hook?a=b", "application/json")
    assert (received.message_id, received.headers["host"]) == ("msg_1", f"127.0.0.1:{receiver.port}")
    with pytest.raises(WebhookVerificationError):
        received.verified(OLD_SECRET)


def test_while_a_secret_is_replaced_both_verify() -> None:
    with Receiver() as receiver:
        WebhookClient(ANYWHERE).send(message(receiver.url, SECRET, OLD_SECRET))
    (received,) = receiver.received
    assert received.verified(SECRET) == received.verified(OLD_SECRET)


@pytest.mark.parametrize(
    ("behaviour", "status", "error"),
    [
        (answers(200), 200, None),
        (answers(299), 299, None),
        (answers(400), 400, "The receiver answered 400 (Bad Request)."),
        (answers(500), 500, "The receiver answered 500 (Internal Server Error)."),
        (answers(599), 599, "The receiver answered 599."),
        (speaks_something_else, None, "What the receiver answered is not HTTP."),
        (hangs_up, None, "What the receiver answered is not HTTP."),
        (floods, 200, None),  # the body is nobody's business
    ],
)
def test_the_outcome_is_said_in_words(behaviour: Behaviour, status: int | None, error: str | None) -> None:
    with Receiver(behaviour) as receiver:
        outcome = send(receiver.url)
    assert (outcome.status, outcome.error) == (status, error)
    assert outcome.response_ms >= 0


@pytest.mark.parametrize("play", [waits_for, drips])
def test_nobody_holds_a_sender_for_longer_than_the_time_out(play: object) -> None:
    """Neither by silence, nor by an answer that never ends."""
    assert callable(play)
    over = threading.Event()
    with Receiver(play(over)) as receiver:
        outcome = send(receiver.url, timeout_s=0.3)
        over.set()
    assert (outcome.status, outcome.error) == (None, "The receiver did not answer in time.")


def test_a_server_that_is_not_there_and_a_name_that_nobody_has_are_told_apart() -> None:
    assert send(f"http://127.0.0.1:{free_port()}/").error == "The receiver could not be reached."
    for name in ("receiver.invalid", "a" * 64 + ".example"):
        assert send(f"http://{name}/").error == "The host name of the webhook is unknown."
    assert send("http://b.example/", AddressGuard(resolver=lambda *_: [])).error == "The receiver could not be reached."


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["::1"], ["::ffff:127.0.0.1"], ["169.254.1.1"]],
)
def test_a_name_that_leads_to_a_private_address_is_not_connected_to(addresses: Sequence[str]) -> None:
    with Receiver() as receiver:
        outcome = send(f"http://receiver.example:{receiver.port}/", AddressGuard(resolver=lambda *_: addresses))
    assert (outcome.status, outcome.error) == (None, NOT_PUBLIC)
    assert receiver.received == []


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
def test_no_spelling_of_loopback_is_connected_to(host: str) -> None:
    with Receiver() as receiver:
        assert send(f"http://{host}:{receiver.port}/", AddressGuard()).error == NOT_PUBLIC
    assert receiver.received == []


def test_the_connection_goes_to_the_address_that_was_judged_although_the_name_changes_its_mind() -> None:
    """DNS rebinding: each further look-up would lead to the other server."""
    with Receiver() as judged, Receiver(host="127.0.0.2", port=judged.port) as other:
        left = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]]
        guard = AddressGuard(allow_private=True, resolver=lambda *_: left.pop(0))
        assert send(f"http://receiver.example:{judged.port}/hook", guard).error is None
    assert (len(judged.received), len(other.received), len(left)) == (1, 0, 2)
    assert judged.received[0].headers["host"] == f"receiver.example:{judged.port}"


def test_an_address_that_does_not_answer_is_followed_by_the_next() -> None:
    with Receiver() as receiver:
        guard = AddressGuard(allow_private=True, resolver=lambda *_: ["127.0.0.3", "127.0.0.1"])
        assert send(f"http://receiver.example:{receiver.port}/", guard).error is None
    assert len(receiver.received) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with Receiver() as private, Receiver(answers(status, Location=private.url)) as receiver:
        outcome = send(receiver.url)
    assert outcome.status == status
    assert outcome.error == (
        f"The receiver answered {status}, and redirects are not followed: give the webhook its final address."
    )
    assert (len(receiver.received), private.received) == (1, [])


def test_the_certificate_must_be_that_of_the_name_and_not_that_of_the_address(tmp_path: Path) -> None:
    by_name, trusted = _certificate(tmp_path / "name", x509.DNSName("receiver.example"))
    asked: list[str | None] = []
    by_name.sni_callback = lambda _socket, name, _context: asked.append(name)
    guard = AddressGuard(allow_private=True, resolver=lambda *_: ["127.0.0.1"])
    receiver = Receiver()
    receiver.speak_tls(by_name)
    with receiver:
        url = "https://{}:" + f"{receiver.port}/hook"
        assert send(url.format("receiver.example"), guard, ssl_context=trusted).error is None
        wrong = send(url.format("other.example"), guard, ssl_context=trusted)
        unknown = send(url.format("receiver.example"), guard)
    assert wrong.error == unknown.error == "The certificate of the receiver is not valid for its host."
    assert asked[:2] == ["receiver.example", "other.example"]
    assert len(receiver.received) == 1


def test_a_server_without_tls_is_told_so() -> None:
    with Receiver() as receiver:
        assert send(f"https://127.0.0.1:{receiver.port}/").error == "The receiver does not speak TLS as we do."
    assert receiver.received == []


def _certificate(stem: Path, *names: x509.GeneralName) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side with a new certificate for ``names``, and a client's side that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    alternatives = x509.SubjectAlternativeName([*names, x509.IPAddress(IPv4Address("192.0.2.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(hours=1))
        .add_extension(alternatives, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    stem.with_suffix(".pem").write_bytes(private + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(stem.with_suffix(".pem"))
    return server, ssl.create_default_context(cadata=pem.decode())
