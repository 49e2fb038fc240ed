"""Keeps an attempt alive while it works: renews its lease, writes its progress, and ends it when it must end."""

import threading
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from types import TracebackType
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core.database import Database
from app.core.errors import InvalidTransition
from app.models import Phase
from app.services import job_manager
from app.services.job_events import record_job_event
from app.services.job_manager import Claim, Progress

log = structlog.get_logger(__name__)

_TICK_S = 1.0


class Watched(Protocol):
    """Something that an attempt waits for: an engine's run, or a virus scanner's."""

    @property
    def seconds_silent(self) -> float: ...

    def cancel(self) -> None: ...


class EndedBy(Enum):
    LOST_LEASE = "lost_lease"
    SHUTDOWN = "shutdown"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class KeeperLimits:
    """``idle_timeout_s``: an engine that says nothing for longer is given up; loading a model may take minutes."""

    lease: timedelta
    idle_timeout_s: float


class AttemptKeeper:
    """A thread beside the one that works. Use as a context manager around the attempt."""

    def __init__(self, database: Database, claim: Claim, *, limits: KeeperLimits, shutdown: threading.Event) -> None:
        self.ended_by: EndedBy | None = None
        self._database = database
        self._claim = claim
        self._limits = limits
        self._shutdown = shutdown
        self._progress: Progress | None = None
        self._shown: tuple[Phase, int] | None = None  # phase and whole percent of the latest event
        self._run: Watched | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"keeper-{claim.run_id}", daemon=True)

    def __enter__(self) -> "AttemptKeeper":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def tell(self, progress: Progress) -> None:
        """Note how far the attempt is; it is written with the next renewal."""
        self._progress = progress

    def require_ownership(self) -> None:
        """A good moment to stop, for work that nobody can interrupt.

        Raises:
            InvalidTransition: the job was cancelled, or is somebody else's by now.
        """
        if self.ended_by is EndedBy.LOST_LEASE:
            raise InvalidTransition(f"Job {self._claim.job_id} was taken from attempt {self._claim.attempt}.")

    def watch(self, run: Watched | None) -> None:
        """Cancel ``run`` if the attempt must end; None when it is done."""
        self._run = run

    def _keep(self) -> None:
        tick = min(_TICK_S, self._limits.lease.total_seconds() / 4)
        while not self._done.wait(tick):
            self._renew()
            if self.ended_by is None and self._run is not None:
                self._check(self._run)
            if self.ended_by is not None and self._run is not None:
                self._run.cancel()

    def _renew(self) -> None:
        progress, self._progress = self._progress, None
        try:
            with self._database.unit_of_work() as session:
                job_manager.renew(session, self._claim, lease=self._limits.lease, progress=progress)
                self._show(session, progress)
        except InvalidTransition:
            self.ended_by = EndedBy.LOST_LEASE
        except SQLAlchemyError as error:  # the database is away for a moment; the lease tells how long that may last
            log.warning("lease not renewed", job_id=str(self._claim.job_id), error=str(error))

    def _show(self, session: Session, progress: Progress | None) -> None:
        """One event for each phase and whole percent, so that a match of hours leaves a hundred of them."""
        if progress is None:
            return
        shown = (progress.phase, int(progress.fraction * 100))
        if shown != self._shown:
            record_job_event(session, self._claim.job_id)
            self._shown = shown

    def _check(self, run: Watched) -> None:
        if self._shutdown.is_set():
            self.ended_by = EndedBy.SHUTDOWN
        elif run.seconds_silent > self._limits.idle_timeout_s:
            self.ended_by = EndedBy.SILENCE
