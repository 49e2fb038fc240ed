"""The faults in the order of the table, and the page that tells how they went."""

import os
import platform
import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.faults.control_faults import CancelAgainstComplete
from tests.faults.engine_faults import FrozenEngine, KilledEngine, PoisonVideo
from tests.faults.fault import Fault, Outcome
from tests.faults.stop_faults import StoppedUnderLoad
from tests.faults.storage_faults import RestartedBroker, RestartedDatabase
from tests.faults.submit_faults import KilledApi
from tests.faults.worker_faults import ExpiredLease, KilledWorker
from tests.servers.mariadb import find_mariadb

FAULTS: tuple[type[Fault], ...] = (
    KilledWorker,
    KilledApi,
    KilledEngine,
    FrozenEngine,
    PoisonVideo,
    ExpiredLease,
    RestartedDatabase,
    RestartedBroker,
    CancelAgainstComplete,
    StoppedUnderLoad,
)

_VERSION = re.compile(r"\d+\.\d+[\w.]*")
_NOTES = """\
- The processes are those of an operator: `coach-pro serve`, gunicorn, `coach-pro worker`, MariaDB, RabbitMQ, Redis, and
  a scripted engine whose findings depend on the video alone (`tests/servers/switched_engine.py`). Videos are tiny, a
  lease lasts {lease_s:g} s.
- "Equal to an undisturbed run" compares every column of statistics, tracks, ball and report, but for ids and times.
- "0 failed requests": a request that a process has accepted is answered, and a new connection goes to the process that
  stays, because both listen on one socket. A reader whose *idle* connection is closed at the moment in which it asks
  again asks once more on a new one, as HTTP/1.1 clients do; those are counted. Uploads are never repeated.
- A worker that is frozen in the middle of a transaction keeps its locks; other claims of the same account wait until it
  goes on, or until the database ends its connection.
- Cancelling against everything else, in any order, is also explored by a Hypothesis state machine on the table of
  transitions: `Jobs` in `tests/unit/app/services/test_job_manager.py`.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault and what came of it. ``broken``: runs that raised, as a sentence each."""

    fault: type[Fault]
    outcomes: Sequence[Outcome]
    broken: Sequence[str]
    took_s: float

    @property
    def runs(self) -> int:
        return len(self.outcomes) + len(self.broken)

    @property
    def complaints(self) -> list[str]:
        lines = [line for outcome in self.outcomes for line in (*outcome.violations, *outcome.late)]
        return [*lines, *self.broken]

    @property
    def is_met(self) -> bool:
        return self.runs > 0 and not self.complaints


def page(rows: Sequence[Row], *, seed: int, lease_s: float) -> str:
    """The whole of ``docs/faults.md``."""
    complaints = [f"- {row.fault.name}: {line}" for row in rows for line in row.complaints]
    return "\n".join(
        [
            "# What holds under faults",
            "",
            f"Written by `make faults` on {datetime.now(UTC):%Y-%m-%d}; no figure is typed by hand. {_machine()}",
            "",
            "| fault | runs | bar | result | |",
            "|---|---|---|---|---|",
            *(_line(row) for row in rows),
            "",
            f"Seed {seed}; in all {sum(row.took_s for row in rows) / 60:.0f} minutes. One run again, number 7 say:",
            f"`python -m tests.faults --only {rows[0].fault.name} --seed {seed} --number 7`.",
            "",
            *(["## Not met", "", *complaints, ""] if complaints else []),
            "## How to read it",
            "",
            _NOTES.format(lease_s=lease_s),
        ]
    )


def _line(row: Row) -> str:
    verdict = "met" if row.is_met else "**NOT met**"
    return f"| {row.fault.title} (`{row.fault.name}`) | {row.runs} | {row.fault.bar} | {_result(row)} | {verdict} |"


def _result(row: Row) -> str:
    counts: Counter[str] = Counter()
    for outcome in row.outcomes:
        counts.update(outcome.counts)
    worst: dict[str, float] = {}
    for outcome in row.outcomes:
        for what, seconds in outcome.seconds.items():
            worst[what] = max(seconds, worst.get(what, 0.0))
    return "; ".join(
        [
            f"{len(row.complaints)} complaints",
            *(f"{what}: {count}" for what, count in counts.items()),
            *(f"{what}: at most {seconds:.1f} s" for what, seconds in worst.items()),
        ]
    )


def _machine() -> str:
    servers = {"MariaDB": _mariadb_version(), "RabbitMQ": _rabbitmq_version(), "Redis": _version_of("redis-server")}
    programs = ", ".join(f"{name} {number}" for name, number in servers.items())
    libraries = f"Celery {version('celery')}, gRPC {version('grpcio')}"
    cores = os.cpu_count()
    return f"{cores} cores; {platform.system()}, Python {platform.python_version()}, {programs}, {libraries}."


def _mariadb_version() -> str:
    programs = find_mariadb()
    return _version_of(str(programs[0])) if programs else "-"


def _rabbitmq_version() -> str:
    """The name of its folder; asking the program needs a running node."""
    folders = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*"))
    return folders[-1].name.partition("-")[2] if folders else "-"


def _version_of(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = _VERSION.search(said)
    return found[0] if found else "-"
