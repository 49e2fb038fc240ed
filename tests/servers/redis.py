"""A Redis of our own, from the installed binary."""

import shutil
from pathlib import Path

import redis

from tests.servers.private_server import PrivateServer


class PrivateRedis(PrivateServer):
    """Keeps nothing on disk, so a restart forgets everything."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        program = shutil.which("redis-server")
        if program is None:
            raise FileNotFoundError("redis-server is not installed")
        self._program = program

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def keys(self, pattern: str) -> list[bytes]:
        with redis.Redis(port=self.port) as client:
            return list(client.scan_iter(pattern))

    def forget(self) -> None:
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def command(self) -> list[str | Path]:
        address = ["--port", str(self.port), "--bind", "127.0.0.1"]
        return [self._program, *address, "--save", "", "--appendonly", "no"]

    def is_answering(self) -> bool:
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    def purge(self, queue: str) -> int:
        """Throw a queue's messages away; how many there were."""
        with redis.Redis(port=self.port) as client, client.pipeline() as both:
            waiting, _ = both.llen(queue).delete(queue).execute()  # in one step: one may arrive in between
        return int(waiting)
