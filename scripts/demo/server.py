"""A server of the demonstration's own: a child process with data of its own, gone without a trace afterwards."""

import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.core.config import Settings
from scripts.demo.errors import DemoFailed

ROOT = Path(__file__).resolve().parents[2]

_READY_LINE = re.compile(r"Coach Pro serves at (?P<url>http://\S+)")
_START_PATIENCE_S = 90.0  # the first start compiles every module, on slow disks too
_STOP_PATIENCE_S = 15.0
_LOOK_EVERY_S = 0.05
_SHOWN_LOG_LINES = 15


@contextmanager
def serve(folder: Path, log: Path, *, command: tuple[str, ...] = ("-m", "app.cli", "serve")) -> Iterator[str]:
    """Run a server, and the bundled engine below it, on free ports of this machine; its address.

    All that it keeps lies in ``folder``, all that it says goes to ``log``. It is stopped at the end, however that
    comes about. ``command`` is for Python.

    Raises:
        DemoFailed: the server does not come up; the message holds its last words.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command, "--port", "0"],
            cwd=folder,  # no .env lies here: the user's database and settings stay out of this
            env=_environment(folder, os.environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches this process only, which then stops the server in good order
        )
    try:
        yield _wait_until_ready(process, log)
    finally:
        _stop(process)


def last_words(log: Path) -> str:
    """The end of a server's log, indented; empty when there is none."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-_SHOWN_LOG_LINES:])


def _environment(folder: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """What the server is told: nothing of what the user has set for the real one."""
    kept = {name: value for name, value in inherited.items() if name.lower() not in Settings.model_fields}
    return kept | {
        "DATABASE_URL": f"sqlite+pysqlite:///{folder / 'coach_pro.db'}",
        "DATA_DIR": str(folder / "var"),
        "UPLOAD_DIR": str(folder / "uploads"),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ENGINE_WAIT_LIMIT_S": "60",  # an engine that stays away for a minute will not come
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), inherited.get("PYTHONPATH", "")])),
    }


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _START_PATIENCE_S
    while time.monotonic() < deadline:
        ended = process.poll() is not None  # asked first: what it wrote before its end counts
        if ready := _READY_LINE.search(log.read_text(encoding="utf-8", errors="replace")):
            return ready["url"]
        if ended:
            raise DemoFailed(f"The server ended before it was ready. Its last words ({log}):\n{last_words(log)}")
        time.sleep(_LOOK_EVERY_S)
    raise DemoFailed(
        f"The server was not ready within {_START_PATIENCE_S:g} s. Its last words ({log}):\n{last_words(log)}"
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server, which ends its engine; whoever of its process group is left after that is killed."""
    try:
        process.send_signal(signal.SIGINT)
        process.wait(_STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _kill_group(process.pid)
        process.wait()


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
