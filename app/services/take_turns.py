"""Whose job is next: accounts take turns, so that one that uploads a season does not make the others wait for it."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session

from app.models import Job, JobEvent, JobStatus, Phase, User

Waiting = Row[uuid.UUID, int, int, str | None]
"""Id, fence, attempt and traceparent of a job that waits."""

AccountId = uuid.UUID | None
"""None stands for all accounts that are deleted."""

LOST_WITH_ALL_ELSE = frozenset({"engine_lost", "engine_silent", "worker_lost"})
"""How a job ends that ruins its engine or its worker, and how those end that run beside it."""

_LINGERS = timedelta(days=1)
"""How long an engine may go on with a run that was given up. Raising it excuses more losses, once or twice each."""
_EXCUSED = 2
"""How many losses of one attempt are excused so. Without a limit, videos that all silence the engine excuse each other
for ever."""

_ACCOUNTS_AT_ONCE = 8  # that a worker looks at; the next one looks again
_NEVER = datetime.min.replace(tzinfo=UTC)


def waiting_in_turn(
    session: Session, *, now: datetime, per_account: int, max_attempts: int | None = None
) -> Iterator[Waiting]:
    """The oldest waiting job of each account that may run one more, in the order of the accounts' turns.

    Those accounts stay locked until the end of the transaction: two workers that count the running jobs of one at the
    same moment would both find room for one more.

    A job that was lost in all attempts of ``max_attempts`` but the last is run alone: the others end first, and none
    begins before it is over. So a video that kills the engine each time does not use up the attempts of the others.
    """
    if max_attempts is not None and _is_suspected(session, now, max_attempts):
        suspects = _suspects(session, now, max_attempts)
        if not _anything_runs(session):  # asked when they are locked: whoever locked them before us may have taken one
            yield from suspects[:1]
        return
    accounts = _accounts_in_turn(session, now, per_account)
    _lock(session, accounts)
    runs = _running(session)
    for account in accounts:
        if runs.get(account, 0) < per_account:
            yield from _oldest(session, account, now)


def others_may_be_to_blame(session: Session, job_id: uuid.UUID) -> bool:
    """For the loss of the present attempt of a job: others ran beside it, or an engine is still at work on one."""
    return had_company(session, job_id) or had_leftovers(session, job_id)


def had_company(session: Session, job_id: uuid.UUID) -> bool:
    """Whether any other job ran while the present attempt of this one did, be it for a moment.

    What ruined an attempt was claimed, and that committed, before it could do harm. So when the loss is noticed its
    claim can be seen, whichever worker made it and however close to ours it was.
    """
    claimed = select(func.max(JobEvent.id)).where(JobEvent.job_id == job_id, JobEvent.phase == Phase.STARTING)
    ran = or_(
        JobEvent.status.in_((JobStatus.PROCESSING, JobStatus.COMPLETED, JobStatus.FAILED)),
        Job.started_at.is_not(None),  # put off, handed back or cancelled, and not only queued
    )
    since = select(JobEvent.id).join(Job).where(JobEvent.id > claimed.scalar_subquery(), Job.id != job_id, ran)
    runs = select(Job.id).where(Job.status == JobStatus.PROCESSING, Job.id != job_id)
    return any(session.scalar(query.limit(1)) is not None for query in (runs, since))


def had_leftovers(session: Session, job_id: uuid.UUID) -> bool:
    """Whether the present attempt of this job was the first to begin after a run of another job was given up.

    A run that says nothing, or whose job is cancelled, is given up and not over: an engine that is stuck in a video
    does not hear of it, and may die of that video later, beside whatever it works on then. Once it has died, nothing
    of the run is left.
    """
    began = select(JobEvent.id, JobEvent.attempt, JobEvent.happened_at).where(
        JobEvent.job_id == job_id, JobEvent.phase == Phase.STARTING
    )
    claims = session.execute(began.order_by(JobEvent.id.desc()).limit(_EXCUSED + 1)).all()
    if not claims or (len(claims) > _EXCUSED and len({one.attempt for one in claims}) == 1):
        return False
    before = claims[1].id if len(claims) > 1 else 0
    was_silent = and_(
        JobEvent.status.in_((JobStatus.PENDING, JobStatus.FAILED)), JobEvent.error_code == "engine_silent"
    )
    was_cancelled = and_(JobEvent.status == JobStatus.CANCELLED, Job.started_at.is_not(None))
    given_up = (
        select(JobEvent.id)
        .join(Job)
        .where(
            Job.id != job_id,
            JobEvent.id > before,
            JobEvent.happened_at > claims[0].happened_at - _LINGERS,
            or_(was_silent, was_cancelled),
        )
    )
    return session.scalar(given_up.limit(1)) is not None


def _is_suspected(session: Session, now: datetime, max_attempts: int) -> bool:
    """Whether a job waits for its last attempt after losses, or is in it."""
    runs = and_(Job.status == JobStatus.PROCESSING, Job.attempt >= max_attempts)
    suspects = select(Job.id).where(_was_lost(), or_(_may_be_last(now, max_attempts), runs))
    return session.scalar(suspects.limit(1)) is not None


def _suspects(session: Session, now: datetime, max_attempts: int) -> Sequence[Waiting]:
    """Those that wait, oldest first, as they are now: one may have run, and been put off, since it was suspected.

    All are locked, and locks waited for. A worker that passed over the job which another one is claiming at this
    moment would take the next, and both would run side by side.
    """
    waiting = (
        select(Job.id, Job.fence, Job.attempt, Job.traceparent)
        .where(_was_lost(), _may_be_last(now, max_attempts))
        .order_by(Job.available_at, Job.created_at, Job.id)
        .with_for_update()
    )
    return session.execute(waiting).all()


def _was_lost() -> ColumnElement[bool]:
    return Job.error_code.in_(LOST_WITH_ALL_ELSE)


def _may_be_last(now: datetime, max_attempts: int) -> ColumnElement[bool]:
    return and_(*_is_waiting(now), Job.attempt >= max_attempts - 1)


def _anything_runs(session: Session) -> bool:
    return session.scalar(select(Job.id).where(Job.status == JobStatus.PROCESSING).limit(1)) is not None


def _accounts_in_turn(session: Session, now: datetime, per_account: int) -> Sequence[AccountId]:
    """Accounts with a job that waits: first those that run fewest, then those that were served longest ago."""
    waiting = select(Job.created_by, func.min(Job.available_at)).where(*_is_waiting(now)).group_by(Job.created_by)
    since = dict(session.execute(waiting).all())
    if not since:
        return []
    runs = _running(session)
    served = select(Job.created_by, func.max(Job.started_at)).where(Job.created_by.in_(since)).group_by(Job.created_by)
    last = dict(session.execute(served).all())
    ready = [account for account in since if runs.get(account, 0) < per_account]
    turn = sorted(ready, key=lambda account: (runs.get(account, 0), last.get(account) or _NEVER, since[account]))
    return turn[:_ACCOUNTS_AT_ONCE]


def _oldest(session: Session, account: AccountId, now: datetime) -> Sequence[Waiting]:
    """At most one job, locked; one that somebody is cancelling at this moment is passed over, not waited for."""
    oldest = (
        select(Job.id, Job.fence, Job.attempt, Job.traceparent)
        .where(*_is_waiting(now), _is_of(account))
        .order_by(Job.available_at, Job.created_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.execute(oldest).all()


def _lock(session: Session, accounts: Iterable[AccountId]) -> None:
    """In the order of the key, as everybody does: else two workers could wait for each other."""
    known = [account for account in accounts if account is not None]
    if known:
        session.execute(select(User.id).where(User.id.in_(known)).order_by(User.id).with_for_update())


def _running(session: Session) -> Mapping[AccountId, int]:
    running = select(Job.created_by, func.count()).where(Job.status == JobStatus.PROCESSING).group_by(Job.created_by)
    return dict(session.execute(running).all())


def _is_waiting(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Job.status == JobStatus.PENDING, Job.available_at <= now


def _is_of(account: AccountId) -> ColumnElement[bool]:
    return Job.created_by.is_not_distinct_from(account)
