"""A server of our own, from an installed program: what MariaDB, Redis, RabbitMQ, clamd and nginx have in common."""

import os
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from tests.waiting import PATIENCE_S, free_port, wait_until

_END_PATIENCE_S = 60.0


class PrivateServer(ABC):
    """Listens on a free port of 127.0.0.1, and has all its files in ``directory``. It is started again on the same port
    after a stop or a kill."""

    start_patience_s: ClassVar[float] = PATIENCE_S

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str | Path]:
        """What runs in the foreground until it gets a signal."""

    @abstractmethod
    def is_answering(self) -> bool:
        """Whether it does what it is there for; it may still be starting."""

    @property
    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """
        Raises:
            RuntimeError: it ended instead; the message is its log.
            TimeoutError: it does not answer.
        """
        self._process = self.spawn(*self.command())
        try:
            wait_until(self._is_up, patience_s=self.start_patience_s)
        except BaseException:
            self.kill()  # whoever started it stops it only once it is there
            raise

    def stop(self) -> None:
        """As an operator does it; nothing happens to one that does not run."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_END_PATIENCE_S)
            self._process = None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(_END_PATIENCE_S)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def said(self) -> str:
        """Its log, over all starts."""
        return self._log.read_text()

    def spawn(self, *command: str | Path) -> "subprocess.Popen[bytes]":
        """A process that writes to the log."""
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command, cwd=self.directory, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    @property
    def _log(self) -> Path:
        return self.directory / f"{type(self).__name__}.log"  # a folder may be shared

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(self.said())
        return self.is_answering()
