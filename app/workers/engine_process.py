"""The bundled engine as a child process: started, watched, started again when it dies, and stopped with us."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO

import structlog

from app.core.config import Settings

log = structlog.get_logger(__name__)

_READY_LINE = re.compile(r"listening on (?P<host>\S+):(?P<port>\d+)")
_RESTART_PAUSE_S = 2.0
_STOP_PATIENCE_S = 10.0


class EngineDidNotStart(Exception):
    """The engine ended before it listened; its own words are on stderr."""


class EngineProcess:
    """``python -m engine`` on a free port of the loopback interface.

    The child watches its standard input and ends when that closes, so it does not outlive a parent that was killed.
    """

    def __init__(self) -> None:
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

    def _spawn(self) -> None:
        command = [sys.executable, "-m", "engine", "--port", str(self.port), "--exit-with-stdin"]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            env=_without_settings(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for us; we hand the running jobs back before the engine goes
        )
        assert self._process.stdout is not None
        self.port = _ready_port(self._process.stdout)

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
