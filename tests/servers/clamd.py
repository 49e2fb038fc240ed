"""A virus scanner of our own, from the installed binary, with a database of one signature."""

import shutil
import socket
from pathlib import Path

from tests.servers.private_server import PrivateServer

# The test file that every scanner knows (EICAR), in two halves: whole, a scanner would take this file for infected.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE = "Test.Eicar.UNOFFICIAL"


def find_clamd() -> str | None:
    return shutil.which("clamd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


class PrivateClamd(PrivateServer):
    """Listens on a Unix socket, too. ``limits`` are lines of its configuration."""

    start_patience_s = 60.0

    def __init__(self, directory: Path, *limits: str) -> None:
        super().__init__(directory)
        program = find_clamd()
        if program is None:
            raise FileNotFoundError("clamd is not installed")
        self._program = program
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

    def command(self) -> list[str | Path]:
        return [self._program, "--config-file", self.directory / "clamd.conf"]

    def is_answering(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(16) == b"PONG\0"
        except OSError:
            return False
