"""What processes take of the machine, from ``/proc`` (proc(5))."""

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_KB_PER_MB = 1024


@dataclass(frozen=True, slots=True)
class Usage:
    """Of several processes together. Memory that they share counts once: it is the sum of their proportional sets."""

    memory_mb: float
    open_files: int
    threads: int
    processor_s: float


def family(pid: int) -> list[int]:
    """The process and all that it started, and these, and so on."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in family(int(child)))]


def usage_of(pids: Iterable[int]) -> Usage:
    """Of those that have not ended in the meantime."""
    usages = []
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            usages.append(_usage_of(Path(f"/proc/{pid}")))
    return Usage(
        sum(usage.memory_mb for usage in usages),
        sum(usage.open_files for usage in usages),
        sum(usage.threads for usage in usages),
        sum(usage.processor_s for usage in usages),
    )


def resident_mb(pid: int) -> float:
    return _megabytes(Path(f"/proc/{pid}/status"), "VmRSS")


def peak_resident_mb(pid: int) -> float:
    """Since the start of the process, or the latest :func:`forget_peak`."""
    return _megabytes(Path(f"/proc/{pid}/status"), "VmHWM")


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _usage_of(process: Path) -> Usage:
    return Usage(
        _megabytes(process / "smaps_rollup", "Pss"),
        sum(1 for _ in (process / "fd").iterdir()),
        sum(1 for _ in (process / "task").iterdir()),
        _processor_s(process / "stat"),
    )


def _processor_s(file: Path) -> float:
    """User and system time; the name of the process, which stands before them, may have blanks."""
    fields = file.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(file: Path, field: str) -> float:
    line = next(line for line in file.read_text().splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) / _KB_PER_MB
