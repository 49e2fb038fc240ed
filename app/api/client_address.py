"""Who is asking, and over TLS or not, where a reverse proxy stands in between."""

import re
from collections.abc import Iterable, Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.client_origin import Network, is_inside, parse_address

# One parameter of a Forwarded element (RFC 7239, section 4), whose value is a token or a quoted string.
_PARAMETER = re.compile(r'\s*(?P<name>[A-Za-z]+)\s*=\s*(?:"(?P<quoted>[^"\\]*)"|(?P<token>[^\s;,"]*))\s*')
_SCHEMES = {"http", "https"}


class ClientAddressMiddleware:
    """Puts the client's address and scheme in the place of the proxy's, where the proxy is one of ``trusted``.

    Each proxy adds the address that it was asked from at the end. Read from there, the first one that is none of our
    proxies is the client; what stands before it was written by the client, and may say anything.

    Args:
        header: the one that the proxies write, ``x-forwarded-for`` or ``forwarded``. Only this one: most proxies pass
            the other on as it came.
    """

    def __init__(self, app: ASGIApp, *, trusted: Sequence[Network], header: str) -> None:
        self.app = app
        self._trusted = trusted
        self._header = header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_inside(scope["client"][0] if scope["client"] else "", self._trusted):
            self._look_behind(scope)
        await self.app(scope, receive, send)

    def _look_behind(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        value = ",".join(headers.getlist(self._header))
        hops = list(_forwarded(value)) if self._header == "forwarded" else [(hop, "") for hop in value.split(",")]
        scheme = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip() or (hops[-1][1] if hops else "")
        if scheme.lower() in _SCHEMES:
            scope["scheme"] = scheme.lower()
        for hop, _ in reversed(hops):
            address = parse_address(_without_port(hop.strip()))
            if address is None:  # "unknown", a name of the proxy's own, or rubbish: nobody says where it came from
                return
            scope["client"] = (str(address), 0)
            if not is_inside(str(address), self._trusted):
                return


def _forwarded(value: str) -> Iterable[tuple[str, str]]:
    """``for`` and ``proto`` of each element."""
    for element in value.split(","):
        found = (match for part in element.split(";") if (match := _PARAMETER.fullmatch(part)))
        words = {match["name"].lower(): match["quoted"] or match["token"] or "" for match in found}
        yield words.get("for", ""), words.get("proto", "")


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
