"""The process that looks into videos: an intruder in it gets nowhere, and whatever it does, the server bears it."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.errors import Unavailable, Unprocessable
from app.services import video_probe
from app.services.video_probe import frame_times, probe_video
from confinement import landlock
from tests.conftest import ROOT, SAMPLE_VIDEO
from tests.integration.api.conftest import assert_nothing_left, assert_problem
from tests.integration.conftest import Api
from tests.servers.media import Film, write_film

needs_landlock = pytest.mark.skipif(
    sys.platform != "linux" or landlock.version() < 6, reason="this kernel has no Landlock, or an older one"
)

INTRUDER = '''
"""In place of the decoder, in the real process."""
import json, os, pathlib, socket, subprocess, sys
from probe import demux

def attempt(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"

def go(descriptor):
    orders = json.loads(sys.argv[1])
    address = ("127.0.0.1", orders["port"])
    status = pathlib.Path("/proc/self/status")
    found = {
        "read the video": attempt(lambda: os.pread(descriptor, 16, 0)),
        "write to the video": attempt(lambda: os.write(descriptor, b"x")),
        "write elsewhere": attempt(lambda: pathlib.Path(orders["elsewhere"], "note").write_text("x")),
        "read a secret": attempt(lambda: pathlib.Path(orders["elsewhere"], "secret").read_text()),
        "read our code": attempt(lambda: pathlib.Path(orders["root"], "main.py").read_text()),
        "read another process": attempt(lambda: pathlib.Path(f"/proc/{orders['pid']}/environ").read_bytes()),
        "end another process": attempt(lambda: os.kill(orders["pid"], 0)),
        "connect": attempt(lambda: socket.create_connection(address)),
        "send a datagram": attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", address)),
        "speak to a local socket": attempt(lambda: socket.socket(socket.AF_UNIX)),
        "start a program": attempt(lambda: subprocess.run(["/bin/true"])),
        "take its capabilities back": attempt(lambda: os.chroot("/")),
    }
    raise demux.Refused(json.dumps(found), code="found")

demux.facts_of = go
from probe.__main__ import main
main("facts")
'''


@needs_landlock
def test_an_intruder_in_the_probe_gets_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as listener, SAMPLE_VIDEO.open("rb") as video:
        port = listener.getsockname()[1]
        orders = {"port": port, "elsewhere": str(tmp_path), "root": str(ROOT), "pid": os.getpid()}
        said = subprocess.run(
            [sys.executable, "-c", INTRUDER, json.dumps(orders)],
            cwd=ROOT, stdin=video, capture_output=True, check=True,
        ).stdout  # fmt: skip
    start, verdict = map(json.loads, said.splitlines())
    assert start == {"open": []}
    found = json.loads(verdict["refused"]["detail"])
    assert {what for what, came_of_it in found.items() if came_of_it == "done"} == {"read the video"}
    assert set(found.values()) <= {"done", "PermissionError", "OSError"}, found


def test_the_probe_is_told_nothing_that_the_server_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a-secret-that-no-decoder-needs-to-know")
    put_in_its_place(
        monkeypatch, tmp_path, 'import os, sys; print("{}", file=sys.stderr); sys.exit(str(dict(os.environ)))'
    )
    with pytest.raises(RuntimeError, match="PYTHONPATH") as told:
        probe_video(SAMPLE_VIDEO)
    assert "SECRET" not in str(told.value)


# What it may do instead of its work.

_START = """
import json, os, signal, sys, time
def say(**message):
    print(json.dumps(message), flush=True)
facts = {"container": "mov", "codec": "h264", "width": 64, "height": 64, "frame_count": 9, "frame_rate": 25.0,
         "duration_s": 0.36}
say(open=[])
"""
_MISDEEDS = {
    "dies of the video": "os.kill(os.getpid(), signal.SIGSEGV)",
    "takes too much time": "os.kill(os.getpid(), signal.SIGXCPU)",
    "says nothing more": "",
    "says what is no JSON": "print('facts')",
    "says something else": "say(times=2)",
    "leaves a fact out": "del facts['width']; say(facts=facts)",
    "has a fact too many": "say(facts=facts | {'path': '/etc/passwd'})",
    "counts below zero": "say(facts=facts | {'frame_count': -9})",
    "counts beyond everything": "say(facts=facts | {'frame_count': 10 ** 30})",
    "tells no number": "say(facts=facts | {'frame_rate': float('nan')})",
    "has a code of its own": "say(refused={'code': '<script>', 'detail': 'x'})",
    "talks for ever": "[print('x' * 2 ** 20) for _ in iter(int, 1)]",
    "hangs": "sys.stdout.close(); os.close(1); time.sleep(600)",
}


def put_in_its_place(monkeypatch: pytest.MonkeyPatch, folder: Path, program: str) -> None:
    (folder / "probe").mkdir()
    (folder / "probe" / "__init__.py").touch()
    (folder / "probe" / "__main__.py").write_text(program)
    monkeypatch.setattr(video_probe, "_ROOT", folder)


@pytest.mark.parametrize("misdeed", _MISDEEDS)
def test_whatever_the_probe_does_the_video_counts_as_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, misdeed: str
) -> None:
    put_in_its_place(monkeypatch, tmp_path, _START + _MISDEEDS[misdeed])
    if misdeed == "hangs":
        monkeypatch.setattr(video_probe, "_PATIENCE_S", 1.0)
    with pytest.raises(Unprocessable) as refused:
        probe_video(SAMPLE_VIDEO)
    assert refused.value.code == "video_unreadable"


def test_the_program_that_stands_in_can_answer_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the cases above could all fail for another reason."""
    put_in_its_place(monkeypatch, tmp_path, _START + "say(facts=facts)")
    assert probe_video(SAMPLE_VIDEO).frame_count == 9


@pytest.mark.parametrize("sent", ["[0.0] * 3", "[0.0, float('nan')]"])
def test_times_that_are_none_are_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: str) -> None:
    program = f"import array\nsay(times=2)\nsys.stdout.buffer.write(array.array('d', {sent}))"
    put_in_its_place(monkeypatch, tmp_path, _START + program)
    with pytest.raises(Unprocessable):
        frame_times(SAMPLE_VIDEO)


def test_a_probe_that_somebody_else_ended_is_no_fault_of_the_video(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_its_place(monkeypatch, tmp_path, _START + "os.kill(os.getpid(), signal.SIGTERM)")
    with pytest.raises(Unavailable):
        probe_video(SAMPLE_VIDEO)


def test_a_fault_of_the_probe_is_not_blamed_on_the_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_its_place(monkeypatch, tmp_path, _START + "raise ValueError('a fault of ours')")
    with pytest.raises(RuntimeError, match="a fault of ours"):
        probe_video(SAMPLE_VIDEO)


def test_an_upload_that_ends_the_probe_leaves_nothing_behind(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_its_place(monkeypatch, tmp_path, _START + "os.kill(os.getpid(), signal.SIGSEGV)")
    film = write_film(tmp_path / "film.mp4", Film()).read_bytes()
    answer = api.client.post("/api/analyze_match", headers=api.headers, files={"file": film})
    assert_problem(answer, 422, "video_unreadable")
    assert_nothing_left(api.client.app)
