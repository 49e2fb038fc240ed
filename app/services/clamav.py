"""ClamAV's daemon, clamd, over its own protocol (man clamd, INSTREAM).

A file is sent in pieces, each behind its length (4 bytes, big-endian); a length of 0 ends it. The answer is one line.
Of a file above its ``MaxFileSize``, clamd looks at nothing and answers "OK", unless its configuration has
``AlertExceedsMax yes``; above 2 GB it looks at nothing in any case. So no such file is sent.
"""

import os
import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.core.errors import PermanentFailure
from app.models import ScanReason, ScanStatus
from app.services.virus_scanner import CLEAN, ScanProgress, Verdict, interrupted

_CHUNK_BYTES = 256 * 1024
_LONGEST_ANSWER = 4096
_CONNECT_TIMEOUT_S = 5.0
_LIMIT_ALERT = "Heuristics.Limits.Exceeded"  # no virus: what AlertExceedsMax makes of a limit
_TIME_ALERT = "Heuristics.Limits.Exceeded.MaxScanTime"

_TOO_LARGE = Verdict(ScanStatus.NOT_SCANNED, ScanReason.TOO_LARGE)
_UNREACHABLE = Verdict(ScanStatus.ERROR, ScanReason.UNREACHABLE)
_TIMED_OUT = Verdict(ScanStatus.ERROR, ScanReason.TIMED_OUT)
_FAILED = Verdict(ScanStatus.ERROR, ScanReason.SCANNER_FAILED)


@dataclass(frozen=True, slots=True)
class ClamAv:
    """``host``: a name, an address, or the path of a Unix socket. ``timeout_s``: how long clamd may say nothing, at
    the end, while it makes up its mind, too. ``max_bytes``: its own ``MaxFileSize``; raised above that, files are
    called clean that nobody has looked at."""

    host: str
    port: int
    timeout_s: float
    max_bytes: int

    def scan(self, path: Path) -> "ClamScan":
        return ClamScan(self, path)

    def connect(self) -> socket.socket:
        """
        Raises:
            OSError: nobody answers there.
        """
        if not self.host.startswith("/"):
            connection = socket.create_connection((self.host, self.port), min(self.timeout_s, _CONNECT_TIMEOUT_S))
        else:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(self.host)
            except OSError:
                connection.close()
                raise
        connection.settimeout(self.timeout_s)
        return connection


class ClamScan:
    """One file on its way through clamd; see ``ScanRun``."""

    seconds_silent = 0.0  # silence is counted by the socket

    def __init__(self, clam: ClamAv, path: Path) -> None:
        self._clam = clam
        self._path = path
        self._connection: socket.socket | None = None
        self._cancelled = threading.Event()

    def __iter__(self) -> Iterator[ScanProgress | Verdict]:
        with _opened(self._path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > self._clam.max_bytes:
                yield _TOO_LARGE
                return
            try:
                connection = self._clam.connect()
            except OSError:
                yield _UNREACHABLE
                return
            with connection:
                self._connection = connection
                yield from self._converse(connection, file, size)

    def cancel(self) -> None:
        """Cut the connection: whoever waits at it wakes up. Harmless before it is made, and when done twice."""
        self._cancelled.set()
        if self._connection is not None:
            with suppress(OSError):  # closed, or not connected any more
                self._connection.shutdown(socket.SHUT_RDWR)

    def _converse(self, connection: socket.socket, file: BinaryIO, size: int) -> Iterator[ScanProgress | Verdict]:
        sent = 0
        try:
            # clamd closes its end when it has heard enough; its answer lies in ours all the same.
            with suppress(ConnectionError):
                connection.sendall(b"zINSTREAM\0")
                while not _has_answered(connection) and (chunk := file.read(_CHUNK_BYTES)):
                    self._require_going_on()
                    connection.sendall(struct.pack(">I", len(chunk)) + chunk)
                    sent += len(chunk)
                    yield ScanProgress(sent / size)
                if sent == size:
                    connection.sendall(bytes(4))
            verdict = _read(_receive_line(connection))
        except TimeoutError:
            verdict = _TIMED_OUT
        except ConnectionError:
            verdict = _FAILED
        self._require_going_on()
        yield _FAILED if verdict is CLEAN and sent < size else verdict

    def _require_going_on(self) -> None:
        if self._cancelled.is_set():
            raise interrupted()


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise PermanentFailure("The video is not in the store any more.", code="video_missing") from None


def _has_answered(connection: socket.socket) -> bool:
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    return bool(waiting.poll(0))


def _receive_line(connection: socket.socket) -> str:
    """What clamd says until it ends the line, or the connection."""
    line = b""
    while not line.endswith(b"\0") and len(line) < _LONGEST_ANSWER and (piece := connection.recv(_LONGEST_ANSWER)):
        line += piece
    return line.rstrip(b"\0").decode("utf-8", "replace").strip()


def _read(answer: str) -> Verdict:
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return CLEAN
    if said.endswith(" FOUND"):
        return _found(said.removesuffix(" FOUND"))
    if "size limit exceeded" in said:
        return _TOO_LARGE
    return _FAILED


def _found(signature: str) -> Verdict:
    if signature.startswith(_TIME_ALERT):
        return _TIMED_OUT
    if signature.startswith(_LIMIT_ALERT):
        return _TOO_LARGE
    return Verdict(ScanStatus.INFECTED, signature=signature[:255])
