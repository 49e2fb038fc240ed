"""From the command to the first answer."""

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.latency import quantile
from benchmarks.processes import usage_of
from benchmarks.report import Section, met
from tests.conftest import ROOT
from tests.waiting import free_port

_STARTS, _STARTS_QUICK = 10, 3
_BAR_S = 1.5
_LOOK_EVERY_S = 0.005
_PATIENCE_S = 60.0
_SECRET_KEY = "a-secret-that-is-only-used-by-the-benchmarks"


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to start. ``has_bar``: it is the API alone, and nothing that it may start beside itself."""

    name: str
    command: Sequence[str]
    changes: Mapping[str, str]
    has_bar: bool = True


_UVICORN = ("uvicorn", "main:app", "--port")
_MODES = (
    Mode("`uvicorn main:app`, `EMBEDDED_WORKERS=0`", _UVICORN, {"EMBEDDED_WORKERS": "0"}),
    Mode("`uvicorn main:app`", _UVICORN, {}),
    Mode("`coach-pro serve --no-bundled-engine`", ("app.cli", "serve", "--no-bundled-engine", "--port"), {}),
    Mode("`coach-pro serve`: with an engine", ("app.cli", "serve", "--port"), {}, has_bar=False),
    Mode("FastAPI, SQLAlchemy and one route: no service yet", ("uvicorn", "benchmarks.bare:app", "--port"), {}, False),
)


@dataclass(frozen=True, slots=True)
class Start:
    """``processor_s`` and ``memory_mb`` are those of the process, when it had answered."""

    seconds: float
    processor_s: float
    memory_mb: float


def measure(*, quick: bool) -> Sequence[Section]:
    starts = _STARTS_QUICK if quick else _STARTS
    with tempfile.TemporaryDirectory(prefix="coach-pro-bench-") as name:
        environment = _installed(Path(name))
        rows = [_row(mode, _starts(mode, environment, starts)) for mode in _MODES]
    text = f"""
From the start of the process to the answer to the first `/livez`, on SQLite, with the bytecode of earlier starts, as
`pip install` makes it. Medians of {starts} starts. With embedded workers, the same modules are loaded as without: what
only jobs need is loaded by the first job. The last row is the least that any such service takes on this machine. The
bar: below {_BAR_S:g} s for the API.
"""
    columns = ("command", "starts", "median", "longest", "processor time", "memory", "bar")
    return [Section("Cold start", text, columns, rows)]


def _installed(directory: Path) -> dict[str, str]:
    """The environment of an installation in ``directory``, whose database is there."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(directory / "bytecode"),
        "SECRET_KEY": _SECRET_KEY,
        "DATABASE_URL": f"sqlite:///{directory / 'coach-pro.db'}",
        "DATA_DIR": str(directory / "var"),
        "UPLOAD_DIR": str(directory / "uploads"),
    }
    command = [sys.executable, "-m", "app.cli", "migrate"]
    subprocess.run(command, cwd=directory, env=environment, check=True, stdout=subprocess.DEVNULL)
    return environment


def _starts(mode: Mode, environment: Mapping[str, str], count: int) -> list[Start]:
    """The first one writes the bytecode, and does not count."""
    return [_start(mode, environment) for _ in range(count + 1)][1:]


def _start(mode: Mode, environment: Mapping[str, str]) -> Start:
    port = free_port()
    began = time.perf_counter()
    with _running([sys.executable, "-m", *mode.command, str(port)], {**environment, **mode.changes}) as process:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - began > _PATIENCE_S:
                raise RuntimeError(f"{mode.name} does not answer")
            time.sleep(_LOOK_EVERY_S)
        seconds = time.perf_counter() - began
        usage = usage_of([process.pid])
    return Start(seconds, usage.processor_s, usage.memory_mb)


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    except ConnectionRefusedError:
        return False
    finally:
        connection.close()


def _row(mode: Mode, starts: Sequence[Start]) -> Sequence[str]:
    median, longest = (quantile([start.seconds for start in starts], share) for share in (0.5, 1))
    processor_s, memory_mb = (
        quantile(figures, 0.5)
        for figures in ([start.processor_s for start in starts], [start.memory_mb for start in starts])
    )
    return (
        mode.name, str(len(starts)), f"{median:.2f} s", f"{longest:.2f} s", f"{processor_s:.2f} s",
        f"{memory_mb:.0f} MB", met(median < _BAR_S) if mode.has_bar else "",
    )  # fmt: skip
