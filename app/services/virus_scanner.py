"""The seam to a virus scanner: a file goes in, a verdict comes out. No transport here."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.core.errors import TransientFailure
from app.models import ScanReason, ScanStatus


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """``fraction`` of the file that the scanner has been sent, 0 to 1; the answer may take longer than that."""

    fraction: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason``: why it is neither clean nor infected. ``signature``: what an infected file is infected with."""

    status: ScanStatus
    reason: ScanReason | None = None
    signature: str | None = None


CLEAN = Verdict(ScanStatus.CLEAN)


class ScanRun(Protocol):
    """One scan that is under way.

    Iterating begins it, yields how far it is, and ends after one :class:`Verdict`. A scanner that is away, slow or
    broken is a verdict too. ``cancel``, from another thread, ends the iteration with a ``TransientFailure``.
    """

    def __iter__(self) -> Iterator[ScanProgress | Verdict]: ...

    @property
    def seconds_silent(self) -> float: ...

    def cancel(self) -> None: ...


class VirusScanner(Protocol):
    def scan(self, path: Path) -> ScanRun: ...


def interrupted() -> TransientFailure:
    """What a cancelled scan raises."""
    return TransientFailure("The virus scan was interrupted.", code="scan_interrupted")
