"""``coach-pro serve`` as a process of its own, on a free port, with nothing of our environment but what is named."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2

from app.core.config import Settings
from tests.conftest import ROOT
from tests.waiting import wait_until


class ServerProcess:
    """A running server. ``engine_port`` None: it starts the bundled engine. ``changes`` are further settings."""

    def __init__(self, settings: Settings, directory: Path, *, engine_port: int | None, **changes: str) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SECRET_KEY": settings.secret_key.get_secret_value(),
            "DATABASE_URL": settings.sqlalchemy_url.render_as_string(hide_password=False),
            "DATA_DIR": str(settings.data_dir),
            "UPLOAD_DIR": str(settings.upload_dir),
            "ANALYSIS_ENGINE_HOST": "127.0.0.1",
            "ANALYSIS_ENGINE_PORT": str(engine_port or settings.analysis_engine_port),
            "JOB_SWEEP_S": "0.1",
            "JOB_RETRY_BASE_S": "0.1",
            "LOG_LEVEL": "ERROR",
            **changes,
        }
        command = [sys.executable, "-m", "app.cli", "serve", "--port", "0"]
        if engine_port is not None:
            command.append("--no-bundled-engine")
        self._process = subprocess.Popen(
            command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server ended with exit code {self._close()} before it served")
        self.url = line.split()[-1]

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def health(self) -> dict[str, object]:
        """What ``/health`` says; empty while nobody answers."""
        try:
            answer: dict[str, object] = httpx2.get(f"{self.url}/health").json()
        except httpx2.TransportError:
            return {}
        return answer

    def log_in(self) -> dict[str, str]:
        """Make an account; the headers that speak for it."""
        wait_until(self.health)
        account = {"email": "coach@example.com", "password": "correct horse"}
        answer = httpx2.post(f"{self.url}/api/register", json=account)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        self._close()

    def stop(self) -> int:
        """Stop it as an operator does; its exit code."""
        if self.is_alive:
            self._process.terminate()
        return self._close()

    def _close(self) -> int:
        code = self._process.wait(40)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code
