"""Our own programs as processes, with nothing of our environment but what is named."""

import contextlib
import os
import signal
import subprocess
import sys
from functools import cached_property
from pathlib import Path

import httpx2

from app.core.config import Settings
from tests.conftest import ROOT
from tests.waiting import free_port, patient_client, wait_until


class CoachProProcess:
    """A command of ours that runs in ``directory``. ``changes`` are further settings. ``log``: a file for what it says
    on standard error, in place of ours."""

    def __init__(
        self, command: list[str], settings: Settings, directory: Path, *, log: Path | None = None, **changes: str
    ) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SECRET_KEY": settings.secret_key.get_secret_value(),
            "DATABASE_URL": settings.sqlalchemy_url.render_as_string(hide_password=False),
            "DATA_DIR": str(settings.data_dir),
            "UPLOAD_DIR": str(settings.upload_dir),
            "ANALYSIS_ENGINE_HOST": "127.0.0.1",
            "ANALYSIS_ENGINE_PORT": str(settings.analysis_engine_port),
            "JOB_SWEEP_S": "0.1",
            "JOB_RETRY_BASE_S": "0.1",
            "LOG_LEVEL": "ERROR",
            "RATE_LIMITS": "False",  # tests ask as often as they can
            **changes,
        }
        with contextlib.nullcontext() if log is None else log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr,
                text=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self) -> str:
        """The line that it prints when it is ready."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process ended with exit code {self._close()} before it was ready")
        return line

    def kill(self) -> None:
        self._process.kill()  # nothing happens to one that has ended already
        self._close()

    def freeze(self) -> None:
        """Its connections and its locks stay, and it does nothing any more."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    def terminate(self) -> None:
        self._process.terminate()

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


class ApiProcess(CoachProProcess):
    """One that serves the API at ``url``."""

    url: str

    @cached_property
    def client(self) -> httpx2.Client:
        return patient_client(self.url)

    def health(self) -> dict[str, object]:
        """What ``/health`` says; empty while nobody answers."""
        try:
            answer: dict[str, object] = self.client.get("/health").json()
        except httpx2.TransportError:
            return {}
        return answer

    def log_in(self, email: str = "coach@example.com") -> dict[str, str]:
        """Make an account; the headers that speak for it."""
        wait_until(self.health)
        account = {"email": email, "password": "correct horse"}
        answer = self.client.post("/api/register", json=account).raise_for_status()
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


class ServerProcess(ApiProcess):
    """``coach-pro serve`` on a free port. ``engine_port`` None: it starts the bundled engine."""

    def __init__(
        self, settings: Settings, directory: Path, *, engine_port: int | None, log: Path | None = None, **changes: str
    ) -> None:
        command = ["app.cli", "serve", "--port", "0"]
        if engine_port is not None:
            command.append("--no-bundled-engine")
            changes = {"ANALYSIS_ENGINE_PORT": str(engine_port), **changes}
        super().__init__(command, settings, directory, log=log, **changes)
        try:
            self.url = self.wait_until_ready().split()[-1]
        except BaseException:
            self.kill()  # nobody else knows of it yet
            raise


class GunicornProcess(ApiProcess):
    """Gunicorn with this many processes, on a free port; it may still be starting."""

    def __init__(
        self, settings: Settings, directory: Path, *, processes: int, log: Path | None = None, **changes: str
    ) -> None:
        address = f"127.0.0.1:{free_port()}"
        command = ["gunicorn", "main:app", "--worker-class", "uvicorn_worker.UvicornWorker"]
        command += ["--workers", str(processes), "--bind", address, "--no-control-socket"]  # it would lie in our home
        super().__init__(command, settings, directory, log=log, **changes)
        self.url = f"http://{address}"

    def kill(self) -> None:
        """With those that serve, which would outlive it. It is frozen first, so that it starts no others."""
        children: list[int] = []
        if self.is_alive:
            self.freeze()
            children = self.children()
        super().kill()
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def children(self) -> list[int]:
        """The process ids of those that serve."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]


class WorkerProcess(CoachProProcess):
    """``coach-pro worker``; it may still be starting."""

    def __init__(
        self, settings: Settings, directory: Path, *, engine_port: int, log: Path | None = None, **changes: str
    ) -> None:
        changes = {"ANALYSIS_ENGINE_PORT": str(engine_port), **changes}
        super().__init__(["app.cli", "worker"], settings, directory, log=log, **changes)
