"""The job state machine. The row in the database is the truth; threads and brokers only wake somebody up.

A worker *claims* a job: it gets a lease, which it must renew, and a fencing token (``fence``), which grows with every
claim. Every write of an attempt is a compare-and-swap on status and fence, so an attempt that lost its lease cannot
write any more, however late it wakes up (Kleppmann, "Designing Data-Intensive Applications", chapter 8).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from app.core.database import after_commit, database_now
from app.core.errors import AnalysisError, InvalidTransition
from app.models import Job, JobStatus, Phase, WebhookEvent
from app.services.changes import changing, of_club
from app.services.job_events import record_job_event
from app.services.notify_webhooks import record_job_end
from app.services.take_turns import LOST_WITH_ALL_ELSE, others_may_be_to_blame, waiting_in_turn
from contract import tracing

SOURCES: dict[JobStatus, frozenset[JobStatus]] = {
    # handed back, or its lease expired; or somebody wants a job that is over to be tried again
    JobStatus.PENDING: frozenset({JobStatus.PROCESSING, JobStatus.FAILED, JobStatus.CANCELLED}),
    JobStatus.PROCESSING: frozenset({JobStatus.PENDING}),
    JobStatus.COMPLETED: frozenset({JobStatus.PROCESSING}),
    JobStatus.FAILED: frozenset({JobStatus.PENDING, JobStatus.PROCESSING}),
    JobStatus.CANCELLED: frozenset({JobStatus.PENDING, JobStatus.PROCESSING}),
}
"""From which states a job may move to a state."""

FINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})
"""States that a job does not leave by itself."""
_NOTIFIED = {
    JobStatus.COMPLETED: WebhookEvent.JOB_COMPLETED,
    JobStatus.FAILED: WebhookEvent.JOB_FAILED,
    JobStatus.CANCELLED: WebhookEvent.JOB_CANCELLED,
}
UNDER_WAY = frozenset({JobStatus.PENDING, JobStatus.PROCESSING})
_BROKEN_OFF = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


Wake = Callable[[uuid.UUID], None]
"""Tells a worker that this job waits. It may get lost without harm; see ``app.workers.backend``."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When to try again. Raising ``max_attempts`` makes a poisonous video occupy the engine longer."""

    max_attempts: int = 3
    base_s: float = 2.0
    cap_s: float = 60.0
    engine_wait_limit_s: float = 24 * 3600.0

    def delay(self, failures: int) -> timedelta:
        """How long to wait after this many failures in a row (1 or more): doubling, up to the cap."""
        doublings = min(failures - 1, 30)
        return timedelta(seconds=min(self.cap_s, self.base_s * 2**doublings))

    def waited(self, failures: int) -> timedelta:
        """How long a job has been put off, at least, after this many failures in a row."""
        return sum((self.delay(failure) for failure in range(1, failures + 1)), timedelta())


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job, for as long as the lease is renewed."""

    job_id: uuid.UUID
    fence: int
    attempt: int
    traceparent: str | None = field(default=None, compare=False)  # of the request that queued the job

    @property
    def run_id(self) -> str:
        """Identity of this attempt towards an engine: no two runs ever share one, or a folder named after it."""
        return f"{self.job_id}-{self.fence}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an attempt is: ``fraction`` 0 to 1 over all phases, ``phase_fraction`` within this one."""

    phase: Phase
    fraction: float
    message: str
    phase_fraction: float = 0.0
    frames_done: int = 0
    frames_total: int | None = None
    frames_per_second: float | None = None


def submit(session: Session, job: Job, *, wake: Wake) -> None:
    """Queue a new job; ``wake`` is called after the commit."""
    job.status = JobStatus.PENDING
    job.available_at = database_now(session)
    job.traceparent = tracing.traceparent()
    session.add(job)
    session.flush()
    record_job_event(session, job.id)
    after_commit(session, partial(wake, job.id))


def claim_next(
    session: Session, *, lease: timedelta, per_account: int, max_attempts: int | None = None
) -> Claim | None:
    """Take the job whose turn it is, if any waits whose account runs fewer than ``per_account`` jobs already.

    The last of ``max_attempts`` is made alone, where those before it were lost; see ``take_turns``.
    """
    now = database_now(session)
    turns = waiting_in_turn(session, now=now, per_account=per_account, max_attempts=max_attempts)
    for job_id, fence, attempt, traceparent in turns:
        claim = Claim(job_id, fence + 1, attempt + 1, traceparent)
        values = {
            "fence": claim.fence,
            "attempt": claim.attempt,
            "lease_expires_at": now + lease,
            "phase": Phase.STARTING,
            "message": None,
            "started_at": now,
        }
        move = (frozenset({JobStatus.PENDING}), JobStatus.PROCESSING)
        if _swap(session, job_id, move=move, values=values, fence=fence):
            return claim
    return None


def renew(session: Session, claim: Claim, *, lease: timedelta, progress: Progress | None = None) -> None:
    """Keep the lease, and tell how far the attempt is; the progress that a client sees never goes backwards.

    Raises:
        InvalidTransition: the attempt does not own the job any more.
    """
    values: dict[str, Any] = {"lease_expires_at": database_now(session) + lease}
    if progress is not None:
        values |= {
            "phase": progress.phase,
            "message": progress.message,
            "phase_progress": progress.phase_fraction,
            "progress": case((Job.progress > progress.fraction, Job.progress), else_=progress.fraction),
        }
        if progress.frames_done:
            values |= {
                "frames_done": progress.frames_done,
                "frames_total": progress.frames_total,
                "frames_per_second": progress.frames_per_second,
            }
    owned = (Job.id == claim.job_id, Job.fence == claim.fence, Job.status == JobStatus.PROCESSING)
    # No answer with a job that is under way is kept, and no other changes by this.
    if _rows(session, update(Job).where(*owned).values(**values), changing()) == 0:
        raise _not_owner(claim)


def complete(session: Session, claim: Claim, *, frames_done: int, preview_bytes: int | None = None) -> None:
    """PROCESSING to COMPLETED; belongs into the transaction that writes the results. ``preview_bytes``: size of the
    film that was kept; None: there is none."""
    values = {
        "progress": 1.0,
        "phase_progress": 1.0,
        "frames_done": frames_done,
        "frames_total": frames_done,
        "preview_bytes": preview_bytes,
        "message": "Analysis finished.",
        "finished_at": database_now(session),
        **_NO_ERROR,
    }
    _move(session, claim, JobStatus.COMPLETED, values)


def fail(session: Session, claim: Claim, error: AnalysisError) -> None:
    values = {"finished_at": database_now(session), "message": "Analysis failed.", **_diagnosis(error)}
    _move(session, claim, JobStatus.FAILED, values)


def cancel(session: Session, job: Job) -> None:
    """End a job because somebody wants it: at once if it waits; its worker notices within a renewal if it runs.

    What the worker still has to say is refused from now on, its results included.

    Raises:
        InvalidTransition: it is over already.
    """
    values = {
        "lease_expires_at": None,
        "phase": None,
        "finished_at": database_now(session),
        "message": "Cancelled.",
        **_NO_ERROR,
    }
    if not _swap(session, job.id, move=(UNDER_WAY, JobStatus.CANCELLED), values=values):
        raise InvalidTransition(f"The job is {job.status} already; only one that waits or runs can be cancelled.")


def try_again(session: Session, job: Job, *, wake: Wake) -> None:
    """Queue a failed or cancelled job again, with all its attempts before it.

    Raises:
        InvalidTransition: it waits, runs, or is completed.
    """
    values = {
        "attempt": 0,
        "postponed": 0,
        "available_at": database_now(session),
        "traceparent": tracing.traceparent(),
        "started_at": None,
        "finished_at": None,
        "message": None,
        **_NO_PROGRESS,
        **_NO_ERROR,
    }
    if not _swap(session, job.id, move=(_BROKEN_OFF, JobStatus.PENDING), values=values):
        raise InvalidTransition(f"The job is {job.status}; only one that failed or was cancelled can be tried again.")
    after_commit(session, partial(wake, job.id))


def hand_back(session: Session, claim: Claim) -> None:
    """Give the job back untried, for another worker to take at once: this one is shutting down."""
    _move(
        session,
        claim,
        JobStatus.PENDING,
        {"attempt": claim.attempt - 1, "available_at": database_now(session), "message": "Waiting for a worker."},
    )


def retry_or_fail(session: Session, claim: Claim, error: AnalysisError, policy: RetryPolicy) -> None:
    """After a failure that may heal: try again after a pause, until the attempts are used up.

    A loss is the last one only if no other job may be to blame for it; else this one is tried once more, alone.
    """
    is_last = claim.attempt >= policy.max_attempts
    if is_last and not (error.code in LOST_WITH_ALL_ELSE and others_may_be_to_blame(session, claim.job_id)):
        fail(session, claim, error)
        return
    values = {
        "attempt": min(claim.attempt, policy.max_attempts - 1),
        "postponed": 0,
        "available_at": database_now(session) + policy.delay(claim.attempt),
        "message": "The attempt was interrupted; it will be tried again.",
        **_diagnosis(error),
    }
    _move(session, claim, JobStatus.PENDING, values)


def postpone(session: Session, claim: Claim, error: AnalysisError, policy: RetryPolicy) -> None:
    """What the job needs was away, so this was no attempt: wait, ever longer, until the wait itself is too long."""
    postponed = session.execute(select(Job.postponed).where(Job.id == claim.job_id)).scalar_one()
    if policy.waited(postponed) > timedelta(seconds=policy.engine_wait_limit_s):
        fail(session, claim, error)
        return
    values = {
        "attempt": claim.attempt - 1,
        "postponed": postponed + 1,
        "available_at": database_now(session) + policy.delay(postponed + 1),
        "message": error.detail,
    }
    _move(session, claim, JobStatus.PENDING, values)


def recover_expired(session: Session, policy: RetryPolicy) -> int:
    """Put jobs whose worker vanished back into the queue; how many there were."""
    now = database_now(session)
    expired = select(Job.id, Job.fence, Job.attempt).where(
        Job.status == JobStatus.PROCESSING, Job.lease_expires_at < now
    )
    claims = [Claim(*row) for row in session.execute(expired).all()]
    for claim in claims:
        try:
            retry_or_fail(session, claim, _WORKER_LOST, policy)
        except InvalidTransition:
            continue  # renewed or recovered by somebody else in this very moment
    return len(claims)


_NO_PROGRESS: dict[str, Any] = {
    "progress": 0.0,
    "phase_progress": 0.0,
    "frames_done": 0,
    "frames_per_second": None,
}
_NO_ERROR: dict[str, Any] = {"error_code": None, "error_detail": None, "error_hint": None}
_WORKER_LOST = AnalysisError(
    "The server stopped while it worked on this video.",
    code="worker_lost",
    hint="Have the analysis tried again, without another upload; if it fails again, tell the operator of the server.",
)


def _diagnosis(error: AnalysisError) -> dict[str, Any]:
    return {"error_code": error.code, "error_detail": error.detail, "error_hint": error.hint}


def _move(session: Session, claim: Claim, target: JobStatus, values: dict[str, Any]) -> None:
    """Move a claimed job.

    Raises:
        InvalidTransition: the attempt does not own the job any more, or the job is in another state.
    """
    released = {"lease_expires_at": None, "phase": None}
    # From PROCESSING only: a job that was taken from this attempt and waits again still has the fence of its claim.
    move = (frozenset({JobStatus.PROCESSING}), target)
    if not _swap(session, claim.job_id, move=move, values=released | values, fence=claim.fence):
        raise _not_owner(claim)


def _swap(
    session: Session,
    job_id: uuid.UUID,
    *,
    move: tuple[frozenset[JobStatus], JobStatus],
    values: dict[str, Any],
    fence: int | None = None,
) -> bool:
    """Compare and swap; whether the job was in one of the states to move from, and had this fence."""
    sources, target = move
    assert sources <= SOURCES[target], f"{sources} to {target} is no transition"
    expected = [Job.id == job_id, Job.status.in_(sources)]
    if fence is not None:
        expected.append(Job.fence == fence)
    club_id = session.scalar(select(Job.club_id).where(Job.id == job_id))
    changes = changing(of_club(club_id)) if club_id else changing()
    if _rows(session, update(Job).where(*expected).values(status=target, **values), changes) == 0:
        return False
    record_job_event(session, job_id)
    if target in _NOTIFIED:
        record_job_end(session, job_id, _NOTIFIED[target])
    return True


def _rows(session: Session, statement: Any, options: dict[str, Any]) -> int:
    result = session.execute(statement, execution_options=options | {"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def _not_owner(claim: Claim) -> InvalidTransition:
    return InvalidTransition(f"Attempt {claim.attempt} does not own job {claim.job_id} any more.")
