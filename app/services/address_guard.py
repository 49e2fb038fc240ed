"""Where the server may connect when a client names the address: to the public internet, and nowhere else.

A name is looked up once, all of its addresses are judged, and the connection goes to a judged address: a name server
that gives another answer a moment later (DNS rebinding) changes nothing. What a host looks like in the URL (decimal,
octal, hexadecimal, a name) does not matter, because only the result of the look-up is judged.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from app.core.errors import Unprocessable

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""From a host and a port to the addresses that it has, as text.

Raises:
    OSError, UnicodeError: the host has none.
"""

_SENTENCE = "The address of a webhook must be on the public internet."
_HOST_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_:")

# Global by the registries of IANA, but answered by the next router: 6to4 relays, and port control (RFC 7526, RFC 7723).
_ANYCAST = (IPv4Network("192.88.99.0/24"), IPv4Network("192.0.0.0/24"))
# All IPv6 that is routed lies in here. What carries an IPv4 address inside (mapped, NAT64) lies outside, but for 6to4.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SIX_TO_FOUR = IPv6Network("2002::/16")


class ForbiddenAddress(Exception):
    """A host has an address to which we do not connect."""


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses that the operating system knows for a host, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could connect there as well."""
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _ANYCAST)
    return address in _GLOBAL_UNICAST and address not in _SIX_TO_FOUR


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Judges where a connection goes. ``allow_private`` judges everything good, for receivers in the operator's net."""

    allow_private: bool = False
    resolver: Resolver = resolve

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host, all of which are good to connect to.

        Raises:
            ForbiddenAddress: one of them is not.
            OSError, UnicodeError: the host has none.
        """
        found = self.resolver(host, port)
        if not self.allow_private and not all(is_public(ipaddress.ip_address(address)) for address in found):
            raise ForbiddenAddress(host)
        return found

    def check_url(self, url: str) -> None:
        """Refuse what can be refused without a look-up, so that who types a wrong address is told at once.

        Raises:
            Unprocessable: it is no URL of a web server, carries credentials, or names an address that is not public.
        """
        host = _host_of(url)
        literal = _literal(host)
        is_local = host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost")
        if not self.allow_private and (is_local or (literal is not None and not is_public(literal))):
            raise _refusal(_SENTENCE, "is not public")


def _host_of(url: str) -> str:
    import httpx2  # noqa: PLC0415 - loaded with the first webhook, not by every server that starts

    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        raise _refusal("The address of the webhook is not a valid URL.", "is not a valid URL") from None
    if parsed.userinfo:
        raise _refusal("The address of a webhook may not contain a user name or a password.", "contains credentials")
    host = parsed.raw_host.decode("ascii").lower()
    sound_port = parsed.port is None or 0 < parsed.port <= 65535
    if parsed.scheme not in {"http", "https"} or not host or not set(host) <= _HOST_LETTERS or not sound_port:
        sentence = "The address of a webhook must be an http or https URL with a host."
        raise _refusal(sentence, "is not an http or https URL with a host")
    return host


def _literal(host: str) -> Address | None:
    """The address that a host is, in any of the spellings that a look-up would understand; None: it is a name."""
    if ":" in host:
        return ipaddress.ip_address(host)
    try:
        return IPv4Address(socket.inet_aton(host))  # 127.1, 0x7f000001 and 017700000001 as well
    except OSError:
        return None


def _refusal(sentence: str, what: str) -> Unprocessable:
    return Unprocessable(sentence, code="url_not_allowed", fields={"/url": what})
