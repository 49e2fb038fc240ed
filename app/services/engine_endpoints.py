"""From the configured addresses to endpoints: a name with several addresses is several engines."""

import socket
from collections.abc import Callable, Iterable, Iterator

import structlog

from app.core.engine_address import EngineAddress

log = structlog.get_logger(__name__)

Lookup = Callable[[str, int], Iterable[tuple[socket.AddressFamily, str]]]
"""The addresses of a name, with their families. Raises ``OSError`` where there are none."""


def look_up(host: str, port: int) -> Iterable[tuple[socket.AddressFamily, str]]:
    """Ask the operating system; blocks for as long as that takes."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, str(address[0])) for family, _, _, _, address in answers]


def find_endpoints(addresses: Iterable[EngineAddress], *, lookup: Lookup = look_up) -> tuple[EngineAddress, ...]:
    """The endpoints behind ``addresses``, each once, in their order."""
    return tuple(dict.fromkeys(endpoint for address in addresses for endpoint in _endpoints_of(address, lookup)))


def _endpoints_of(address: EngineAddress, lookup: Lookup) -> Iterator[EngineAddress]:
    """One address of each family is two ways to one engine, as with "localhost": the name stays, and gRPC tries both.

    A name that cannot be resolved stays as well: its engine is unreachable until it can.
    """
    try:
        found = list(dict.fromkeys(lookup(address.host, address.port)))
    except OSError as error:
        log.warning("engine's name not resolved", host=address.host, error=str(error))
        found = []
    hosts = max(_by_family(found), key=len)
    if len(hosts) < 2:
        yield address
    else:
        yield from (EngineAddress(host, address.port) for host in hosts)


def _by_family(found: list[tuple[socket.AddressFamily, str]]) -> tuple[list[str], list[str]]:
    """IPv4 first: where both families have as many addresses, it is the one that every engine listens on."""
    ipv4, ipv6 = ([host for family, host in found if family is wanted] for wanted in (socket.AF_INET, socket.AF_INET6))
    return ipv4, ipv6
