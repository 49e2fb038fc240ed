"""The bundled engine as a child process: started, watched, started again when it dies, and stopped with us."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import structlog

from app.core.config import Settings
from app.workers.assembly import artifacts_directory

log = structlog.get_logger(__name__)

_READY_LINE = re.compile(r"listening on (?P<host>\S+):(?P<port>\d+)")
_RESTART_PAUSE_S = 2.0
_STOP_PATIENCE_S = 10.0


class EngineDidNotStart(Exception):
    """The engine ended before it listened; its own words are on stderr."""


class EngineProcess:
    """``python -m engine`` on a free port of the loopback interface, locked down where the kernel can do that.

    The child watches its standard input and ends when that closes, so it does not outlive a parent that was killed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._work: Path | None = None
        self._stopping = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._watcher = threading.Thread(target=self._watch, name="engine-watcher", daemon=True)
        self.port = 0

    def start(self) -> int:
        """Start the engine and wait until it listens; the port.

        Raises:
            EngineDidNotStart: it ended before it was ready.
        """
        self._spawn()
        self._watcher.start()
        return self.port

    def stop(self) -> None:
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
        if self._watcher.is_alive():  # not when the first start failed
            self._watcher.join(_STOP_PATIENCE_S)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        if self._work is not None:
            shutil.rmtree(self._work, ignore_errors=True)

    def _spawn(self) -> None:
        options = ["--port", str(self.port), "--exit-with-stdin"]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", *self._program(), *options],
            env=_without_settings(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for us; we hand the running jobs back before the engine goes
        )
        assert self._process.stdout is not None
        self.port = _ready_port(self._process.stdout)

    def _program(self) -> list[str]:
        """The engine, or what locks it down: it reads videos and calibrations, and writes to a folder of its own."""
        if not (self._settings.engine_lock_down and sys.platform == "linux"):
            log.warning("the engine is not locked down; a hole in its decoder is one in this user's account")
            return ["engine"]
        if self._work is None:
            self._work = Path(tempfile.mkdtemp(prefix="coach-pro-engine-"))
        command = ["engine.lockdown", "--work", str(self._work)]
        for folder in (self._settings.upload_dir, artifacts_directory(self._settings)):
            folder.mkdir(parents=True, exist_ok=True)  # what is not there cannot be made readable
            command += ["--read", str(folder.resolve())]
        return [*command, "--"]

    def _watch(self) -> None:
        while self._process is not None:
            self._process.wait()
            if self._stopping.wait(_RESTART_PAUSE_S):
                return
            log.warning("engine ended and is started again", returncode=self._process.returncode)
            try:
                self._spawn()
            except EngineDidNotStart:
                log.error("engine does not start")


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What the engine may know: it decodes the videos of strangers, and needs none of our secrets for that."""
    return {
        name: value
        for name, value in environment.items()
        if name.lower().removesuffix("_file") not in Settings.model_fields and name != "OTEL_SERVICE_NAME"  # it is ours
    }


def _ready_port(lines: IO[str]) -> int:
    for line in lines:
        if ready := _READY_LINE.search(line):
            return int(ready["port"])
    raise EngineDidNotStart
