"""A scripted engine in a process of its own, which can be killed and frozen."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.servers.scripted_engine import EngineServer, waits_for_file


class PlayedEngine:
    """Every run of it gets half-way, and ends well once the file ``released`` is there."""

    def __init__(self, released: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.played_engine", str(released)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def freeze(self) -> None:
        """Its sockets stay open, and it says nothing any more."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)


def main(released: Path) -> None:
    """Serve until standard input closes, so that it does not outlive the test."""
    server = EngineServer(waits_for_file(released)).start()
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
