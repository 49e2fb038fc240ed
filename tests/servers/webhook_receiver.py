"""A receiver of webhooks on a free port of the loopback interface, which answers as the test says."""

import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from standardwebhooks import Webhook

Behaviour = Callable[[BaseHTTPRequestHandler], None]
_BYTES_THAT_NOBODY_READS = b"x" * 65536


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    def verified(self, secret: str) -> Any:
        """The message, if it is signed with ``secret`` by the Standard Webhooks specification."""
        return Webhook(secret).verify(self.body, self.headers)

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def type(self) -> str:
        kind: str = json.loads(self.body)["type"]
        return kind


class Receiver:
    """Plays ``behaviours`` in turn, one for each request, and then answers 204."""

    def __init__(self, *behaviours: Behaviour, host: str = "127.0.0.1", port: int = 0) -> None:
        self.received: list[Received] = []
        self._behaviours = list(behaviours)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def speak_tls(self, context: ssl.SSLContext) -> None:
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, received: Received) -> Behaviour:
        with self._lock:
            self.received.append(received)
            return self._behaviours.pop(0) if self._behaviours else answers(204)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver._take(Received(self.path, headers, body))(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
                """A test reads ``received``, not the standard error."""

        return Handler


def answers(status: int, **headers: str) -> Behaviour:
    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return play


def waits_for(released: threading.Event, status: int = 204) -> Behaviour:
    """Answer when the test says so; the client may have gone by then."""

    def play(handler: BaseHTTPRequestHandler) -> None:
        released.wait(60)
        _while_connected(lambda: answers(status)(handler))

    return play


def drips(stopped: threading.Event) -> Behaviour:
    """An answer that goes on and on, each piece of it well within any time-out for a single read."""

    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not stopped.wait(0.05) and _while_connected(lambda: handler.wfile.write(b"X-More: x\r\n")):
            pass

    return play


def floods(handler: BaseHTTPRequestHandler) -> None:
    """A good answer whose body has no end."""
    handler.send_response(200)
    handler.end_headers()
    while _while_connected(lambda: handler.wfile.write(_BYTES_THAT_NOBODY_READS)):
        pass


def speaks_something_else(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"220 mail.example ESMTP\r\n")


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def _while_connected(act: Callable[[], object]) -> bool:
    try:
        act()
    except OSError:
        return False
    return True
