"""A TCP server that speaks as clamd does, says what the test wants, and when."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

Talk = Callable[[socket.socket], None]


class TalkingScanner:
    """Serves one connection after the other on a free port of 127.0.0.1; ``talk`` has each of them to itself."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(30)

    def _serve(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(ConnectionError):
                    self._talk(connection)


def hear_all(connection: socket.socket) -> bytes:
    """What comes until the file is over, or the other side hangs up."""
    heard = b""
    while not heard.endswith(bytes(4)) and (piece := connection.recv(1 << 20)):
        heard = heard[-4:] + piece
    return heard


def says(answer: bytes) -> Talk:
    """Hear the whole file, and answer."""

    def talk(connection: socket.socket) -> None:
        hear_all(connection)
        connection.sendall(answer)

    return talk


def says_at_once(answer: bytes) -> Talk:
    """Answer before the file has come, and hang up."""

    def talk(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(answer)

    return talk


class SaysWhenReleased:
    """Hear the whole file, and answer that it is clean once ``released`` is set, or never."""

    def __init__(self) -> None:
        self.heard = threading.Event()
        self.released = threading.Event()
        self.hung_up = threading.Event()

    def __call__(self, connection: socket.socket) -> None:
        hear_all(connection)
        self.heard.set()
        connection.settimeout(0.05)
        while not self.released.is_set():
            try:
                gone = connection.recv(1) == b""
            except TimeoutError:
                continue
            if gone:
                self.hung_up.set()
                return
        connection.sendall(b"stream: OK\0")
