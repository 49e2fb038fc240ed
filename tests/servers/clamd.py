"""A virus scanner of our own, from the installed binary, with a database of one signature."""

import shutil
import socket
import subprocess
from pathlib import Path

from tests.waiting import free_port, wait_until

# The test file that every scanner knows (EICAR), in two halves: whole, a scanner would take this file for infected.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE = "Test.Eicar.UNOFFICIAL"
_START_PATIENCE_S = 60.0


def find_clamd() -> str | None:
    return shutil.which("clamd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


class PrivateClamd:
    """Listens on a free port of 127.0.0.1 and on a Unix socket. ``limits`` are lines of its configuration."""

    def __init__(self, directory: Path, *limits: str) -> None:
        program = find_clamd()
        if program is None:
            raise FileNotFoundError("clamd is not installed")
        self._program = program
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.socket = directory / "clamd.ctl"
        signatures = directory / "signatures"
        signatures.mkdir()
        (signatures / "test.ndb").write_text(f"Test.Eicar:0:*:{EICAR.hex()}\n")
        lines = [
            f"DatabaseDirectory {signatures}",
            f"LocalSocket {self.socket}",
            f"TCPSocket {self.port}",
            "TCPAddr 127.0.0.1",
            "Foreground yes",
            *limits,
        ]
        (directory / "clamd.conf").write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        with (self._directory / "clamd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "--config-file", str(self._directory / "clamd.conf")], stdout=log, stderr=log
            )
        wait_until(self._answers, patience_s=_START_PATIENCE_S)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError((self._directory / "clamd.log").read_text())
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(16) == b"PONG\0"
        except OSError:
            return False
