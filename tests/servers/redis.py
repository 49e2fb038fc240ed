"""A Redis of our own, from the installed binary."""

import shutil
import subprocess
from pathlib import Path

import redis

from tests.waiting import free_port, wait_until


class PrivateRedis:
    """Listens on a free port of 127.0.0.1; keeps nothing on disk, so a restart forgets everything."""

    def __init__(self, directory: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise FileNotFoundError("redis-server is not installed")
        self._program = program
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def keys(self, pattern: str) -> list[bytes]:
        with redis.Redis(port=self.port) as client:
            return list(client.scan_iter(pattern))

    def forget(self) -> None:
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def start(self) -> None:
        with (self._directory / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
                cwd=self._directory, stdout=log, stderr=log,
            )  # fmt: skip
        wait_until(self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def purge(self, queue: str) -> int:
        """Throw a queue's messages away; how many there were."""
        with redis.Redis(port=self.port) as client, client.pipeline() as both:
            waiting, _ = both.llen(queue).delete(queue).execute()  # in one step: one may arrive in between
        return int(waiting)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError((self._directory / "redis.log").read_text())
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False
