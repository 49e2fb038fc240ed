"""Where analysis engines listen: ``ANALYSIS_ENGINE_HOST`` as operators write it."""

import ipaddress
import re
from dataclasses import dataclass

_ENTRY = re.compile(r"(?:\[(?P<literal>[^\]]*)\]|(?P<name>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?")
_LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """``host`` is a name or an IP address; IPv6 stands here without its brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def read_addresses(text: str, *, default_port: int) -> tuple[EngineAddress, ...]:
    """Read ``host``, ``host:port``, ``[IPv6]`` and ``[IPv6]:port``, separated by commas; each address once.

    Raises:
        ValueError: an entry is none of these, or there is none.
    """
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    if not entries:
        raise ValueError("it names no engine")
    return tuple(dict.fromkeys(_read_entry(entry, default_port) for entry in entries))


def _read_entry(entry: str, default_port: int) -> EngineAddress:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise ValueError(f'"{entry}" is no host, host:port or [IPv6]:port')
    port = default_port if match["port"] is None else int(match["port"])
    if not 1 <= port <= _LARGEST_PORT:
        raise ValueError(f'"{entry}" has no port between 1 and {_LARGEST_PORT}')
    if match["literal"] is None:
        return EngineAddress(match["name"], port)
    try:
        return EngineAddress(str(ipaddress.IPv6Address(match["literal"])), port)
    except ValueError as error:
        raise ValueError(f'"{entry}" is no IPv6 address') from error
