"""Send one signed message to a stranger's server, which may be slow, broken, hostile, or not where it says it is.

The body is signed by the Standard Webhooks specification, 1.0. Nothing of the answer is read but its status line and
headers, and no redirect is followed: a redirect would choose an address anew, and its target is better told to us.
"""

import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpcore2
import httpx2
from standardwebhooks import Webhook as Signer

from app.services.address_guard import AddressGuard, ForbiddenAddress
from app.services.webhook_exchange import Message, Outcome

_CONNECT_TIMEOUT_S = 5.0
_USER_AGENT = "Coach-Pro-Webhooks/1"


@dataclass(frozen=True, slots=True)
class WebhookClient:
    """``timeout_s`` limits all of a delivery but the look-up of the name, which the system limits itself."""

    guard: AddressGuard
    timeout_s: float = 15.0
    ssl_context: ssl.SSLContext = field(default_factory=httpcore2.default_ssl_context)

    def send(self, message: Message) -> Outcome:
        started = time.monotonic()
        status: int | None = None
        try:
            status = self._post(message)
            error = _complaint(status)
        except (ForbiddenAddress, httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as cause:
            error = _explanation(cause)
        return Outcome(status, error, round((time.monotonic() - started) * 1000))

    def _post(self, message: Message) -> int:
        network = GuardedNetwork(self.guard, self.timeout_s)
        with (
            # A pool for one request: no connection is kept, so each delivery is judged anew.
            httpcore2.ConnectionPool(ssl_context=self.ssl_context, network_backend=network) as pool,
            pool.stream(
                "POST",
                _target(message.url),
                headers=_headers(message),
                content=message.payload.encode(),
                extensions={"timeout": {"connect": _CONNECT_TIMEOUT_S}},
            ) as response,
        ):
            return response.status


class GuardedNetwork(httpcore2.NetworkBackend):
    """Connects to judged addresses only. The URL, the Host header and the TLS server name stay those of the name."""

    def __init__(self, guard: AddressGuard, timeout_s: float) -> None:
        self._guard = guard
        self._timeout_s = timeout_s

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            addresses = self._guard.addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError("The name of the receiver is unknown.") from error
        deadline = _Deadline(time.monotonic() + self._timeout_s)
        failure: Exception = httpcore2.ConnectError("The name of the receiver has no address.")
        for address in addresses:
            try:
                stream = httpcore2.SyncBackend().connect_tcp(
                    address, port, deadline.within(timeout), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, deadline)
        raise failure


@dataclass(frozen=True, slots=True)
class _Deadline:
    """A moment of the monotonic clock."""

    at: float

    def within(self, timeout: float | None) -> float:
        """The shorter of a time-out and what is left.

        Raises:
            ReadTimeout: nothing is left.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("The time for the delivery is over.")
        return left if timeout is None else min(timeout, left)


class _TimedStream(httpcore2.NetworkStream):
    """A connection with one deadline for all that happens on it: a server that sends a byte a second gains nothing."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.within(timeout))
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _target(url: str) -> httpcore2.URL:
    """The parts as the parser of :mod:`app.services.address_guard` sees them; a second parser might see another host.

    Fragment and credentials are not among them.
    """
    parsed = httpx2.URL(url)
    return httpcore2.URL(scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path)


def _headers(message: Message) -> dict[bytes | str, bytes | str]:
    now = datetime.now(UTC)
    signatures = (Signer(secret).sign(message.message_id, now, message.payload) for secret in message.secrets)
    return {
        "Host": httpx2.URL(message.url).netloc.decode("ascii"),
        "Content-Type": "application/json",
        "User-Agent": _USER_AGENT,
        "Connection": "close",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _complaint(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"The receiver answered {status}, and redirects are not followed: give the webhook its final address."
    phrase = f" ({HTTPStatus(status).phrase})" if status in set(HTTPStatus) else ""
    return f"The receiver answered {status}{phrase}."


def _explanation(cause: Exception) -> str:
    match cause:
        case ForbiddenAddress():
            return "The host of the webhook has an address that is not public, so nothing was sent."
        case httpcore2.ConnectTimeout():
            return "The receiver could not be reached in time."
        case httpcore2.TimeoutException():
            return "The receiver did not answer in time."
        case httpcore2.ProtocolError():
            return "What the receiver answered is not HTTP."
        case httpcore2.ConnectError():
            return _no_connection(cause.__context__)  # not __cause__: the pool raises anew, "from None"
        case _:
            return "The connection to the receiver broke."


def _no_connection(cause: BaseException | None) -> str:
    match cause:
        case ssl.SSLCertVerificationError():
            return "The certificate of the receiver is not valid for its host."
        case ssl.SSLError():
            return "The receiver does not speak TLS as we do."
        case socket.gaierror() | UnicodeError():
            return "The host name of the webhook is unknown."
        case _:
            return "The receiver could not be reached."
