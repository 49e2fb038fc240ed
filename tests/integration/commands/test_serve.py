"""``coach-pro serve`` and the engine that it starts: they live and die together."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.config import Settings
from tests.servers.coach_pro import ServerProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def server(make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(make_settings(), tmp_path, engine_port=None)
    wait_until(lambda: process.health().get("engine") == "reachable")
    yield process
    process.stop()


def engine_of(server: ServerProcess) -> int:
    """Process id of the server's only child, whichever of its threads started it."""
    tasks = Path(f"/proc/{server.pid}/task").iterdir()
    (engine,) = [child for task in tasks for child in (task / "children").read_text().split()]
    return int(engine)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_engine_that_dies_is_started_again(server: ServerProcess) -> None:
    first = engine_of(server)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: server.health().get("status") == "degraded")
    wait_until(lambda: server.health().get("status") == "healthy")
    assert engine_of(server) != first


def test_the_engine_ends_with_a_server_that_is_stopped(server: ServerProcess) -> None:
    engine = engine_of(server)
    assert server.stop() == 0
    wait_until(lambda: not is_running(engine))


def test_the_engine_ends_with_a_server_that_is_killed(server: ServerProcess) -> None:
    engine = engine_of(server)
    server.kill()
    wait_until(lambda: not is_running(engine))
