"""The demonstration in front of a real HTTP server with a scripted engine, and how it leaves when it is told to go."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import uvicorn
from PIL import Image

from app.core.config import Settings
from app.core.errors import PermanentFailure
from app.factory import create_app
from app.services.engine import EngineEvent, EngineRequest, ScriptedEngine
from scripts.demo.client import ApiClient, Credentials
from scripts.demo.errors import DemoFailed
from scripts.demo.server import serve
from tests.conftest import ROOT
from tests.servers.scripts import good_run
from tests.waiting import free_port, wait_until

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
StartServer = Callable[[ScriptedEngine], str]
ACCOUNT = ("--email", "coach@example.com", "--password", "correct horse")


@pytest.fixture
def start_server(make_settings: Callable[..., Settings]) -> Iterator[StartServer]:
    """Serve applications over real sockets; they are shut down after the test."""
    with ExitStack() as running:

        def start(engine: ScriptedEngine) -> str:
            listener = running.enter_context(socket.create_server(("127.0.0.1", 0)))
            app = create_app(make_settings(), engine=engine)
            server = uvicorn.Server(uvicorn.Config(app, log_config=None))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            running.callback(thread.join)
            running.callback(setattr, server, "should_exit", True)  # before the join: callbacks run backwards
            wait_until(lambda: server.started)
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        yield start


def demo_command(output: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "scripts.demo", "--output", str(output), *options]


def run_demo(output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "80"}
    command = demo_command(output, *options)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def fails(_: EngineRequest) -> Iterator[EngineEvent]:
    raise PermanentFailure(
        "The video cannot be decoded.", code="video_undecodable", hint="Convert it to MP4, and upload that."
    )
    yield


@ON_SQLITE
def test_a_running_server_is_used_twice_with_one_account(start_server: StartServer, tmp_path: Path) -> None:
    url, output = start_server(ScriptedEngine(good_run)), tmp_path / "out"
    for _ in range(2):
        done = run_demo(output, "--url", url, *ACCOUNT)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Tracks: 4 — Team A (white): 2, Team B (blue): 2" in done.stdout
        # 2.5 m/s for 10 s, less the last of the 250 frames.
        assert len(re.findall(r"24\.9 ± \d\.\d +│ +2\.5 ± \d\.\d +│ +9 ± \d", done.stdout)) == 4
    assert {path.name for path in output.iterdir()} == {"positions.png", "heatmap.png", "report.html"}
    for name in ("positions.png", "heatmap.png"):
        with Image.open(output / name) as picture:
            picture.verify()
    page = (output / "report.html").read_text(encoding="utf-8")
    assert "Copyright 2021 Atom Scott" in page
    assert "38 points" in page


@ON_SQLITE
def test_a_wrong_password_is_a_sentence(start_server: StartServer, tmp_path: Path) -> None:
    url = start_server(ScriptedEngine(good_run))
    with ApiClient(url) as client:
        client.sign_in(Credentials("coach@example.com", "correct horse"))
    done = run_demo(tmp_path / "out", "--url", url, "--email", "coach@example.com", "--password", "wrong horse")
    assert (done.returncode, done.stderr) == (1, "")
    assert "The server refused POST /api/token" in done.stdout


@ON_SQLITE
def test_a_failed_analysis_is_told_and_leaves_no_results_of_an_earlier_run(
    start_server: StartServer, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "report.html").write_text("an earlier run's")
    done = run_demo(output, "--url", start_server(ScriptedEngine(fails)))
    assert (done.returncode, done.stderr) == (1, "")
    told = " ".join(done.stdout.split())
    assert "(video_undecodable): The video cannot be decoded. Convert it to MP4, and upload that." in told
    assert list(output.iterdir()) == []


def test_a_server_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    done = run_demo(tmp_path / "out", "--url", f"http://127.0.0.1:{free_port()}")
    assert (done.returncode, done.stderr) == (1, "")
    assert "cannot be reached" in " ".join(done.stdout.split())


def test_a_server_that_does_not_come_up_is_told_with_its_last_words(tmp_path: Path) -> None:
    broken = ("-c", "print('the disk is full'); raise SystemExit(3)")
    with (
        pytest.raises(DemoFailed, match=r"ended before it was ready[^\0]*the disk is full"),
        serve(tmp_path, tmp_path / "server.log", command=broken),
    ):
        pytest.fail("nobody serves")


def working_below(folder: Path) -> list[str]:
    """Command lines of the processes that work below ``folder``: the server does, and so does its engine."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")).is_relative_to(folder):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it ended while we looked
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_go_it_takes_server_engine_and_data_with_it(number: signal.Signals, tmp_path: Path) -> None:
    """In the middle of an analysis by the bundled engine."""
    folder, said = tmp_path / "tmp", tmp_path / "said.txt"
    folder.mkdir()
    with said.open("w") as output:
        demo = subprocess.Popen(
            demo_command(tmp_path / "out"), cwd=ROOT, env=os.environ | {"TMPDIR": str(folder)}, stdout=output
        )
    try:
        wait_until(lambda: "Analysed" in said.read_text(), patience_s=90)
        assert len(working_below(folder)) == 2
        demo.send_signal(number)
        assert demo.wait(60) == 128 + number
    finally:
        demo.kill()
        demo.wait()
    wait_until(lambda: not working_below(folder))
    assert list(folder.glob("coach-pro-demo-*")) == []
