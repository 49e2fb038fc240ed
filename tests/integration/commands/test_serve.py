"""``coach-pro serve`` and the engine that it starts: they live and die together."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.config import Settings
from confinement import landlock
from tests.conftest import ROOT
from tests.integration.conftest import SECRET_KEY
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


@pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")
def test_the_engine_is_locked_down_and_leaves_nothing(server: ServerProcess) -> None:
    engine = engine_of(server)
    status = Path(f"/proc/{engine}/status").read_text().splitlines()
    assert {"NoNewPrivs:\t1", "Seccomp:\t2"} <= set(status)
    variables = Path(f"/proc/{engine}/environ").read_text().split("\0")
    (work,) = [Path(one.removeprefix("TMPDIR=")) for one in variables if one.startswith("TMPDIR=")]
    assert work.is_dir()
    assert server.stop() == 0
    assert not work.exists()


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


@pytest.mark.parametrize(("trusted", "address"), [("[]", "127.0.0.1"), ('["127.0.0.0/30"]', "192.0.2.9")])
def test_only_a_trusted_proxy_says_where_somebody_is(
    make_settings: Callable[..., Settings], tmp_path: Path, trusted: str, address: str
) -> None:
    """Else whoever guesses passwords would be somebody new at every attempt."""
    server = ServerProcess(make_settings(), tmp_path, engine_port=1, TRUSTED_PROXIES=trusted)
    try:
        forwarded = {"X-Forwarded-For": "192.0.2.9"}
        account = {"email": "coach@example.com", "password": "correct horse"}
        token = server.client.post("/api/register", json=account, headers=forwarded).json()["access_token"]
        answer = server.client.get("/api/sessions", headers={"Authorization": f"Bearer {token}"})
        assert [session["address"] for session in answer.json()] == [address]
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY: Field required"),
        ({"SECRET_KEY": "your-secret-key-here"}, "still the placeholder"),
        ({"SECRET_KEY": "short"}, "at least 32 bytes"),
        ({"TRUSTED_PROXIES": '["my proxy"]'}, "TRUSTED_PROXIES_0: value is not a valid IPv4 or IPv6 network"),
        ({"CORS_ORIGINS": "http://localhost:3000"}, "CORS_ORIGINS: it must be a list in JSON, such as"),
        ({"SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE cannot be read (No such file or directory): /nowhere"),
        ({"DATABASE_URL": "no address"}, "DATABASE_URL: it must be the address of a database"),
        ({"DATABASE_URL": "postgresql://root@127.0.0.1/x"}, "DATABASE_URL: it must be the address of a database"),
        ({"DATABASE_URL": "mysql://root@127.0.0.1:1/nowhere"}, "database cannot be used"),
        ({"UPLOAD_DIR": "/proc/nowhere"}, "No such file or directory: /proc/nowhere"),
        ({"PORT": "taken"}, "Cannot listen on 127.0.0.1, port"),
    ],
)
def test_an_operators_mistake_is_one_sentence(
    mistake: dict[str, str], sentence: str, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = make_settings()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": settings.sqlalchemy_url.render_as_string(),
        "DATA_DIR": str(tmp_path / "var"),
        "UPLOAD_DIR": str(tmp_path / "uploads"),
    }
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1]) if "PORT" in mistake else "0"
        command = [sys.executable, "-m", "app.cli", "serve", "--port", port, "--no-bundled-engine"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment | mistake, capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 2, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("coach-pro: ")]
    assert len(said) == 1
    assert sentence in said[0]
    assert "Traceback" not in done.stderr
