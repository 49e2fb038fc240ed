import socket

import pytest

from app.core.engine_address import EngineAddress
from app.services.engine_endpoints import find_endpoints, look_up

V4, V6 = socket.AF_INET, socket.AF_INET6
NAMES = {
    "one": [(V4, "10.0.0.1")],
    "localhost": [(V6, "::1"), (V4, "127.0.0.1")],
    "three": [(V4, "10.0.0.1"), (V4, "10.0.0.2"), (V4, "10.0.0.3")],
    "both": [(V6, "fd00::1"), (V4, "10.0.0.1"), (V6, "fd00::2"), (V4, "10.0.0.2")],
    "six": [(V6, "fd00::1"), (V6, "fd00::2")],
    "twice": [(V4, "10.0.0.1"), (V4, "10.0.0.1")],  # once for each protocol, as some resolvers answer
}


def lookup(host: str, _port: int) -> list[tuple[socket.AddressFamily, str]]:
    if host not in NAMES:
        raise socket.gaierror("Name or service not known")
    return NAMES[host]


@pytest.mark.parametrize(
    ("hosts", "endpoints"),
    [
        (["one"], ["one"]),
        (["localhost"], ["localhost"]),  # two ways to one engine
        (["three"], ["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
        (["both"], ["10.0.0.1", "10.0.0.2"]),
        (["six"], ["fd00::1", "fd00::2"]),
        (["twice"], ["twice"]),
        (["unknown"], ["unknown"]),  # it may be known later
        (["three", "one", "unknown"], ["10.0.0.1", "10.0.0.2", "10.0.0.3", "one", "unknown"]),
    ],
)
def test_every_address_of_a_name_is_an_engine(hosts: list[str], endpoints: list[str]) -> None:
    found = find_endpoints([EngineAddress(host, 50051) for host in hosts], lookup=lookup)
    assert [endpoint.host for endpoint in found] == endpoints
    assert {endpoint.port for endpoint in found} == {50051}


def test_the_operating_system_is_asked() -> None:
    assert (V4, "127.0.0.1") in look_up("127.0.0.1", 50051)
