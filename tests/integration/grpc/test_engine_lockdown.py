"""The engine that ``coach-pro serve`` starts, locked down: it analyses, and an intruder in it gets nowhere."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from confinement import landlock
from confinement.landlock import LOCKS
from engine.lockdown import _describe, collector_ports
from tests.conftest import ROOT
from tests.integration.grpc.clips import FRAMES, make_clip
from tests.integration.grpc.engine_process import Engine, analyse
from tests.waiting import wait_until

needs_landlock = pytest.mark.skipif(
    sys.platform != "linux" or landlock.version() < 6, reason="this kernel has no Landlock, or an older one"
)

INTRUDER = '''
"""Waits in a thread of the engine until it is told to go, and tries what an intruder would."""
import json, os, pathlib, socket, subprocess, threading, time

def attempt(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"

def go():
    work = pathlib.Path(os.environ["TMPDIR"])
    while not (work / "orders.json").exists():
        time.sleep(0.05)
    orders = json.loads((work / "orders.json").read_text())
    address = ("127.0.0.1", orders["port"])
    found = {
        "write to its work folder": attempt(lambda: (work / "note").write_text("x")),
        "write beside the videos": attempt(lambda: pathlib.Path(orders["videos"], "note").write_text("x")),
        "write elsewhere": attempt(lambda: pathlib.Path(orders["elsewhere"], "note").write_text("x")),
        "read a secret": attempt(lambda: pathlib.Path(orders["elsewhere"], "secret").read_text()),
        "read what lies beside our packages": attempt(lambda: pathlib.Path(orders["root"], "README.md").read_text()),
        "read another process": attempt(lambda: pathlib.Path(f"/proc/{orders['pid']}/environ").read_bytes()),
        "end another process": attempt(lambda: os.kill(orders["pid"], 0)),
        "connect": attempt(lambda: socket.create_connection(address)),
        "send a datagram": attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", address)),
        "speak to a local socket": attempt(lambda: socket.socket(socket.AF_UNIX)),
        "start a program": attempt(lambda: subprocess.run(["/bin/true"])),
    }
    (work / "found.new").write_text(json.dumps(found))
    (work / "found.new").rename(work / "found.json")

if os.environ.get("TMPDIR", "").endswith("of-the-engine"):
    threading.Thread(target=go, daemon=True).start()
'''


@contextmanager
def run_locked(directory: Path, **variables: str) -> Iterator[Engine]:
    """The engine with an intruder in it. It may read ``directory/videos``, and write to ``of-the-engine``."""
    work, videos = directory / "of-the-engine", directory / "videos"
    for folder in (work, videos):
        folder.mkdir()
    (videos / "sitecustomize.py").write_text(INTRUDER)
    command = [sys.executable, "-m", "engine.lockdown", "--work", str(work), "--read", str(videos)]
    process = subprocess.Popen(
        [*command, "--", "--port", "0", "--workers", "1"],
        cwd=ROOT, env=os.environ | variables | {"PYTHONPATH": f"{videos}:{ROOT}"}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening on 127.0.0.1:"), line
        yield Engine(process, line.removeprefix("listening on ").strip())
    finally:
        process.kill()
        process.communicate()


@needs_landlock
def test_an_intruder_in_the_engine_gets_nowhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret").write_text("x")
    with run_locked(tmp_path) as engine, socket.create_server(("127.0.0.1", 0)) as listener:
        orders = {
            "port": listener.getsockname()[1],
            "videos": str(tmp_path / "videos"),
            "elsewhere": str(elsewhere),
            "root": str(ROOT),
            "pid": os.getpid(),
        }
        work = tmp_path / "of-the-engine"
        (work / "orders.new").write_text(json.dumps(orders))
        (work / "orders.new").rename(work / "orders.json")
        wait_until((work / "found.json").exists)
        found = json.loads((work / "found.json").read_text())
        statuses = [task / "status" for task in Path(f"/proc/{engine.process.pid}/task").iterdir()]
        told = {tuple(line.split()) for one in statuses for line in one.read_text().splitlines()}
    assert {what for what, came_of_it in found.items() if came_of_it == "done"} == {"write to its work folder"}
    assert set(found.values()) == {"done", "PermissionError"}
    assert {value for name, value in (line for line in told if len(line) == 2) if name == "Seccomp:"} == {"2"}
    assert {line[1] for line in told if line[0] == "CapEff:"} == {"0" * 16}


@needs_landlock
def test_a_locked_engine_analyses_what_it_may_read_and_draws_it(tmp_path: Path) -> None:
    with run_locked(tmp_path) as engine:
        clip = make_clip(tmp_path / "videos" / "drawn.mp4")
        messages, error = analyse(engine, clip, preview=True)
        assert error is None
        assert (messages[-1].status, messages[-1].result.total_frames) == ("COMPLETED", FRAMES)
        assert messages[-1].result.preview_bytes > 0
        outside = make_clip(tmp_path / "drawn.mp4")
        messages, error = analyse(engine, outside)
        assert messages[-1].status == "FAILED"
        engine.process.terminate()
        assert engine.process.wait(30) == 0
        assert engine.process.stderr.readline() == "engine.lockdown: locked are files, TCP, other processes\n"


@needs_landlock
def test_a_locked_engine_tells_its_collector_of_traces(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra `tracing` is not installed")
    from tests.servers.span_collector import SpanCollector  # noqa: PLC0415 - see above

    with SpanCollector() as collector:
        with run_locked(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as engine:
            analyse(engine, make_clip(tmp_path / "videos" / "drawn.mp4"))
            engine.process.terminate()
            engine.process.wait(30)
        assert "analysis.AnalysisEngine/AnalyzeVideo" in {span.name for span in collector.spans}


def test_the_port_of_a_collector_is_that_of_its_address() -> None:
    name = "OTEL_EXPORTER_OTLP_ENDPOINT"
    assert collector_ports({}) == []
    ports = [collector_ports({name: url}) for url in ("http://a:4318", "https://a/x", "http://a")]
    assert ports == [[4318], [443], [80]]


def test_an_older_kernel_locks_less_and_the_log_says_what_is_left() -> None:
    assert _describe(()) == "nothing is locked; this kernel is too old, or not set up, to lock " + ", ".join(LOCKS)
    assert _describe(LOCKS[:2]).endswith("to lock other processes")


def test_where_there_is_no_landlock_nothing_is_locked_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "_call", lambda *_: -1)
    assert landlock.restrict([], bind=[], connect=[]) == ()
