"""A scripted engine in a process of its own, whose conduct is switched while it runs, and which can be killed.

    python -m tests.servers.switched_engine --port 50051 --control conduct.json

What it finds depends on the video alone, so that runs can be compared and mixed-up results are noticed: a video whose
title is ``tracks=5`` shows five people, and one whose title is ``poison`` kills the engine half-way.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.servers.scripted_engine import (
    FRAMES,
    Answers,
    EngineServer,
    Play,
    Stage,
    ball,
    completed,
    pending,
    players,
    processing,
)
from tests.servers.scripts import ball_csv, player_csv
from tests.waiting import free_port

_STEPS = 10
_TRACKS = re.compile(rb"tracks=(\d+)")
_POISON = b"poison"


@dataclass(frozen=True, slots=True)
class Conduct:
    """``seconds``: how long a run takes."""

    seconds: float = 0.5

    def write(self, control: Path) -> None:
        fresh = control.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self)))
        fresh.rename(control)

    @classmethod
    def read(cls, control: Path) -> "Conduct":
        return cls(**json.loads(control.read_text()))


class SwitchedEngine:
    """The process; its port stays the same over restarts. Whoever starts it kills it in the end."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self._directory = directory
        self._control = directory / "conduct.json"
        self._process: subprocess.Popen[str] | None = None
        self.behave(Conduct())

    def start(self) -> None:
        with (self._directory / "engine.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, "--port", str(self.port), "--control", str(self._control)],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise RuntimeError((self._directory / "engine.log").read_text())

    def behave(self, conduct: Conduct) -> None:
        """From the next run on."""
        conduct.write(self._control)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def freeze(self) -> None:
        """Its connections stay open, and it says nothing any more."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    @contextmanager
    def supervised(self) -> Iterator[None]:
        """Start it again whenever it dies."""
        done = threading.Event()
        supervisor = threading.Thread(target=self._supervise, args=(done,))
        supervisor.start()
        try:
            yield
        finally:
            done.set()
            supervisor.join()
            self._start_if_it_dies()  # whoever waited for the end may have seen it before the supervisor did

    def _supervise(self, done: threading.Event) -> None:
        while not done.is_set():
            self._start_if_it_dies(within_s=0.05)

    def _start_if_it_dies(self, *, within_s: float = 0.5) -> None:
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(within_s)
            self.kill()
            self.start()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


def plays_as_told(control: Path) -> Play:
    def play(stage: Stage) -> Answers:
        conduct, film = Conduct.read(control), Path(stage.request.video_path).read_bytes()
        tracks = _tracks_in(film)
        lines = player_csv(tracks=tracks, frames=FRAMES).splitlines(keepends=True)
        share = -(-len(lines) // _STEPS)
        yield pending()
        for step in range(_STEPS):
            yield processing(step / _STEPS, FRAMES * step // _STEPS)
            yield players(b"".join(lines[step * share : (step + 1) * share]))
            if _POISON in film and step == _STEPS // 2:
                os.kill(os.getpid(), signal.SIGKILL)
            stage.pause(conduct.seconds / _STEPS)
        yield ball(ball_csv(frames=FRAMES))
        yield processing(1.0, FRAMES)
        yield completed(player_rows=FRAMES * tracks, ball_rows=FRAMES)

    return play


def _tracks_in(film: bytes) -> int:
    titled = _TRACKS.search(film)
    return int(titled[1]) if titled else 1


def main() -> None:
    """Serve until standard input closes, so that it does not outlive whoever started it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control", type=Path, required=True, help="a file with a Conduct as JSON; read at each run")
    arguments = parser.parse_args()
    server = EngineServer(plays_as_told(arguments.control), port=arguments.port).start()
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
