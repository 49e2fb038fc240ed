"""Where a request comes from, as limits count it."""

from ipaddress import IPv6Address, IPv6Network, ip_address

_IPV6_CUSTOMER = 64  # bits: who has one address of such a network has all of them


def origin_of(address: str | None) -> str:
    """An IPv4 address, or an IPv6 network; what is no address as it is."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return address or "unknown"
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or IPv6Network((int(ip), _IPV6_CUSTOMER), strict=False))
