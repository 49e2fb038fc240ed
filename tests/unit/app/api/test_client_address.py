"""Whom a request comes from, whatever its headers say."""

import asyncio
from ipaddress import ip_network

import pytest
from starlette.types import Receive, Scope, Send

from app.api.client_address import ClientAddressMiddleware

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]


def seen(peer: str, headers: list[tuple[str, str]], *, header: str = "x-forwarded-for") -> tuple[str, str]:
    """Address and scheme, as the application sees them."""
    scopes: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        scopes.append(scope)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "client": (peer, 1234), "scheme": "http", "headers": raw}
    asyncio.run(ClientAddressMiddleware(app, trusted=PROXIES, header=header)(scope, None, None))  # type: ignore[arg-type]
    return scopes[0]["client"][0], scopes[0]["scheme"]


@pytest.mark.parametrize(
    ("peer", "value", "address"),
    [
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # no proxy of ours: it may say what it likes
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # the first was written by the client
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.9.9.9", "198.51.100.7"),  # two proxies in a row
        ("10.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"),  # a client in the proxies' own network
        ("10.0.0.1", "203.0.113.9, rubbish", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, rubbish, 10.2.2.2", "10.2.2.2"),
        ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.1", "[2001:db9::7]:4711", "2001:db9::7"),
        ("10.0.0.1", "2001:db9::7", "2001:db9::7"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8::1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("testclient", "198.51.100.7", "testclient"),
    ],
)
def test_the_last_address_that_is_no_proxy_of_ours_is_the_client(peer: str, value: str, address: str) -> None:
    assert seen(peer, [("X-Forwarded-For", value)])[0] == address


def test_several_lines_are_one_list() -> None:
    lines = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "198.51.100.7")]
    assert seen("10.0.0.1", lines)[0] == "198.51.100.7"


@pytest.mark.parametrize(
    ("value", "address", "scheme"),
    [
        ("for=198.51.100.7;proto=https;by=10.0.0.1", "198.51.100.7", "https"),
        ('For="[2001:db9::7]:4711" ; proto=http', "2001:db9::7", "http"),
        ("for=203.0.113.9, for=198.51.100.7;proto=https", "198.51.100.7", "https"),
        ("for=unknown", "10.0.0.1", "http"),
        ("for=_hidden, for=10.2.2.2", "10.2.2.2", "http"),
        ("for=198.51.100.7;proto=gopher", "198.51.100.7", "http"),
        ("rubbish", "10.0.0.1", "http"),
    ],
)
def test_forwarded_is_read_as_rfc_7239_writes_it(value: str, address: str, scheme: str) -> None:
    assert seen("10.0.0.1", [("Forwarded", value)], header="forwarded") == (address, scheme)


def test_only_the_header_that_the_proxies_write_is_believed() -> None:
    """The other one comes from the client, through the proxy."""
    assert seen("10.0.0.1", [("Forwarded", "for=203.0.113.9")])[0] == "10.0.0.1"
    assert seen("10.0.0.1", [("X-Forwarded-For", "203.0.113.9")], header="forwarded")[0] == "10.0.0.1"


@pytest.mark.parametrize(("peer", "scheme"), [("10.0.0.1", "https"), ("192.0.2.1", "http")])
def test_only_a_proxy_of_ours_says_that_there_was_tls(peer: str, scheme: str) -> None:
    assert seen(peer, [("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-Proto", "https")])[1] == scheme
