"""Where a request comes from: by which address limits count it, and whether it is of a network."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_IPV6_CUSTOMER = 64  # bits: who has one address of such a network has all of them


# The same few ask again and again, and to read an address takes longer than much that is done with it.
@lru_cache(maxsize=4096)
def origin_of(address: str | None) -> str:
    """An IPv4 address, or an IPv6 network; what is no address as it is."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return address or "unknown"
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or IPv6Network((int(ip), _IPV6_CUSTOMER), strict=False))


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """None for what is no address; IPv4 for one that is mapped into IPv6."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_inside(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address, as a scope has it, belongs to one of these networks."""
    parsed = parse_address(address)
    return parsed is not None and any(parsed in network for network in networks)
