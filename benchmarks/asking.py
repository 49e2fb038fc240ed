"""Ask one thing over and over, over some connections that stay open: how many answers a server gives in a second.

A process of its own, that does no more for an answer than to find its end: a client library would be busier than the
server.

python -m benchmarks.asking, with one :class:`Load` in JSON on standard input
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Self, cast

import uvloop

from tests.conftest import ROOT

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked, with which headers, over how many connections, for how long; nothing counts before it is warm."""

    port: int
    path: str
    headers: dict[str, str]
    connections: int
    seconds: float
    warm_up_s: float

    @property
    def request(self) -> bytes:
        headers = {"Host": f"127.0.0.1:{self.port}"} | self.headers
        lines = [f"GET {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode()


@dataclass(frozen=True, slots=True)
class Measured:
    """``busy``: share of a core that the asking itself took. ``statuses``: how many answers had which one."""

    per_second: float
    busy: float
    statuses: dict[str, int]

    @classmethod
    def of(cls, load: Load) -> Self:
        """Ask, in another process."""
        command = [sys.executable, "-m", "benchmarks.asking"]
        done = subprocess.run(
            command, input=json.dumps(asdict(load)), capture_output=True, text=True, check=True, cwd=ROOT
        )
        return cls(**json.loads(done.stdout))


class _Asker(asyncio.Protocol):
    """Sends the next request when the answer to the last one is complete."""

    def __init__(self, request: bytes, statuses: Counter[str]) -> None:
        self._request = request
        self._statuses = statuses
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_ends = self._received.find(_END_OF_HEAD)
        if head_ends < 0:
            return
        length = _LENGTH.search(self._received, 0, head_ends)
        if len(self._received) < head_ends + len(_END_OF_HEAD) + (int(length[1]) if length else 0):
            return
        self._statuses[self._received[9:12].decode()] += 1
        self._received = b""
        self._transport.write(self._request)

    def connection_lost(self, error: Exception | None) -> None:
        self._statuses["lost"] += 1


async def _ask(load: Load) -> Measured:
    loop, statuses = asyncio.get_running_loop(), Counter[str]()
    for _ in range(load.connections):
        await loop.create_connection(lambda: _Asker(load.request, statuses), "127.0.0.1", load.port)
    await asyncio.sleep(load.warm_up_s)
    statuses.clear()
    began_s, busy_s = time.perf_counter(), time.process_time()
    await asyncio.sleep(load.seconds)
    took_s, busy_s = time.perf_counter() - began_s, time.process_time() - busy_s
    return Measured(statuses.total() / took_s, busy_s / took_s, dict(statuses))


def main() -> None:
    measured = uvloop.run(_ask(Load(**json.loads(sys.stdin.read()))))
    sys.stdout.write(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main()
