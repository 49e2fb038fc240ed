"""Who works on a job, on both databases: claims, leases, fences and the way back into the queue."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.database import Database, database_now
from app.core.errors import AnalysisError, EngineUnavailable, InvalidTransition, PermanentFailure, TransientFailure
from app.models import Club, Job, JobStatus, Match, MatchStatus, Phase, Video
from app.services import job_manager
from app.services.job_manager import Claim, Progress, RetryPolicy

MANY = 1000  # jobs of one account at once
LEASE = timedelta(seconds=30)
POLICY = RetryPolicy(max_attempts=3, base_s=2, cap_s=60, engine_wait_limit_s=100)
LOST = TransientFailure("The analysis engine stopped before it was done.", code="engine_lost")
AWAY = EngineUnavailable("Waiting for the analysis engine.", code="engine_unreachable")
BROKEN = PermanentFailure("The video cannot be decoded.", code="video_undecodable", hint="Try another.")


@pytest.fixture
def queue(database: Database) -> Callable[[int], list[uuid.UUID]]:
    """Queue this many jobs; their ids in the order of submission."""

    def submit(count: int) -> list[uuid.UUID]:
        with database.unit_of_work() as session:
            return [_submit(session).id for _ in range(count)]

    return submit


def _submit(session: Session) -> Job:
    club = Club(name="Reds")
    session.add(club)
    session.flush()
    match = Match(club_id=club.id, match_date=datetime(2026, 5, 1, tzinfo=UTC), status=MatchStatus.COMPLETED)
    session.add(match)
    session.flush()
    video = Video(
        club_id=club.id, match_id=match.id, filename="a.mp4", size_bytes=1, sha256="0" * 64, container="mp4",
        codec="h264", width=320, height=240, frame_count=40, frame_rate=25.0, duration_s=1.6,
    )  # fmt: skip
    session.add(video)
    session.flush()
    job = Job(club_id=club.id, match_id=match.id, video_id=video.id)
    job_manager.submit(session, job, wake=lambda _: None)
    return job


def claim(database: Database, lease: timedelta = LEASE) -> Claim | None:
    with database.unit_of_work() as session:
        return job_manager.claim_next(session, lease=lease, per_account=MANY)


def claimed(database: Database, lease: timedelta = LEASE) -> Claim:
    taken = claim(database, lease)
    assert taken is not None
    return taken


def read(database: Database, job_id: uuid.UUID) -> Job:
    with database.reading() as session:
        return session.get_one(Job, job_id)


def change(database: Database, job_id: uuid.UUID, **values: object) -> None:
    with database.unit_of_work() as session:
        session.execute(update(Job).where(Job.id == job_id).values(**values))


def expire(database: Database, job_id: uuid.UUID) -> None:
    change(database, job_id, lease_expires_at=datetime(2020, 1, 1, tzinfo=UTC))


def let_go(database: Database, job_id: uuid.UUID) -> timedelta:
    """Skip the pause that a job has to wait; how long it would have been."""
    with database.reading() as session:
        now = database_now(session)
    pause = read(database, job_id).available_at - now
    change(database, job_id, available_at=datetime(2020, 1, 1, tzinfo=UTC))
    return pause


def test_jobs_are_taken_in_the_order_in_which_they_came(
    database: Database, queue: Callable[[int], list[uuid.UUID]]
) -> None:
    jobs = queue(1) + queue(1) + queue(1)
    taken = [claimed(database) for _ in jobs]
    assert [one.job_id for one in taken] == jobs
    assert claim(database) is None
    job = read(database, jobs[0])
    assert (job.status, job.phase, job.attempt, job.fence) == (JobStatus.PROCESSING, Phase.STARTING, 1, 1)


def test_a_second_worker_cannot_take_the_same_job(database: Database, queue: Callable[[int], list[uuid.UUID]]) -> None:
    jobs = queue(24)
    taken: list[Claim] = []
    together = threading.Barrier(6)

    def work() -> None:
        together.wait()
        while (one := claim(database)) is not None:
            taken.append(one)

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # A worker may find the first few taken and go home: whoever comes next takes what is left.
    while (one := claim(database)) is not None:
        taken.append(one)
    assert sorted(one.job_id for one in taken) == sorted(jobs)
    assert {one.fence for one in taken} == {1}


Act = Callable[[Session, Claim], None]
ACTS: dict[str, Act] = {
    "renew": lambda session, one: job_manager.renew(session, one, lease=LEASE),
    "complete": lambda session, one: job_manager.complete(session, one, frames_done=40),
    "fail": lambda session, one: job_manager.fail(session, one, BROKEN),
    "hand back": job_manager.hand_back,
    "retry": lambda session, one: job_manager.retry_or_fail(session, one, LOST, POLICY),
    "postpone": lambda session, one: job_manager.postpone(session, one, AWAY, POLICY),
}


def test_a_worker_that_lost_its_lease_can_do_nothing_any_more(
    database: Database, queue: Callable[[int], list[uuid.UUID]]
) -> None:
    (job_id,) = queue(1)
    stale = claimed(database)
    expire(database, job_id)
    with database.unit_of_work() as session:
        assert job_manager.recover_expired(session, POLICY) == 1
    for pending_or_taken_again in ("pending", "taken again"):
        if pending_or_taken_again == "taken again":
            let_go(database, job_id)
            fresh = claimed(database)
            assert fresh.fence == stale.fence + 1
        before = read(database, job_id)
        for name, act in ACTS.items():
            with pytest.raises(InvalidTransition), database.unit_of_work() as session:
                act(session, stale)
            after = read(database, job_id)
            state = (after.status, after.fence, after.attempt, after.lease_expires_at, after.error_code)
            assert state == (before.status, before.fence, before.attempt, before.lease_expires_at, before.error_code), (
                name
            )
    with database.unit_of_work() as session:
        job_manager.complete(session, fresh, frames_done=40)
    assert read(database, job_id).status is JobStatus.COMPLETED


@pytest.mark.parametrize("end", ["complete", "fail"])
def test_a_job_that_is_over_stays_over(database: Database, queue: Callable[[int], list[uuid.UUID]], end: str) -> None:
    (job_id,) = queue(1)
    one = claimed(database)
    with database.unit_of_work() as session:
        ACTS[end](session, one)
    over = read(database, job_id)
    assert over.finished_at is not None
    assert (over.phase, over.lease_expires_at) == (None, None)
    for act in ACTS.values():
        with pytest.raises(InvalidTransition), database.unit_of_work() as session:
            act(session, one)
    assert claim(database) is None
    assert read(database, job_id).status is over.status


def test_a_lease_that_is_renewed_does_not_expire(database: Database, queue: Callable[[int], list[uuid.UUID]]) -> None:
    (job_id,) = queue(1)
    one = claimed(database)
    expire(database, job_id)
    with database.unit_of_work() as session:
        job_manager.renew(session, one, lease=LEASE)
        assert job_manager.recover_expired(session, POLICY) == 0
    assert read(database, job_id).status is JobStatus.PROCESSING


def test_a_job_whose_worker_vanishes_every_time_fails_in_the_end(
    database: Database, queue: Callable[[int], list[uuid.UUID]]
) -> None:
    (job_id,) = queue(1)
    pauses = []
    for attempt in range(1, POLICY.max_attempts + 1):
        assert claimed(database).attempt == attempt
        expire(database, job_id)
        with database.unit_of_work() as session:
            job_manager.recover_expired(session, POLICY)
        if attempt < POLICY.max_attempts:
            assert claim(database) is None  # it has to wait first
            pauses.append(let_go(database, job_id).total_seconds())
    assert pauses == pytest.approx([2, 4], abs=1)
    job = read(database, job_id)
    assert (job.status, job.error_code, job.attempt) == (JobStatus.FAILED, "worker_lost", 3)
    assert job.message == "Analysis failed."  # and not the last thing that was going on


def test_a_job_that_is_handed_back_is_free_at_once_and_lost_no_attempt(
    database: Database, queue: Callable[[int], list[uuid.UUID]]
) -> None:
    (job_id,) = queue(1)
    first = claimed(database)
    with database.unit_of_work() as session:
        job_manager.hand_back(session, first)
    second = claimed(database)
    assert (second.job_id, second.attempt, second.fence) == (job_id, 1, 2)
    assert first.run_id != second.run_id


def test_waiting_for_the_engine_doubles_and_ends(database: Database, queue: Callable[[int], list[uuid.UUID]]) -> None:
    (job_id,) = queue(1)
    pauses: list[float] = []
    while read(database, job_id).status is JobStatus.PENDING:
        one = claimed(database)
        assert one.attempt == 1
        with database.unit_of_work() as session:
            job_manager.postpone(session, one, AWAY, POLICY)
        if read(database, job_id).status is JobStatus.PENDING:
            pauses.append(let_go(database, job_id).total_seconds())
    # 2 + 4 + 8 + 16 + 32 + 60 seconds are more than the limit of 100.
    assert pauses == pytest.approx([2, 4, 8, 16, 32, 60], abs=1)
    assert read(database, job_id).error_code == "engine_unreachable"


def test_only_the_wait_for_the_engine_counts_against_its_limit(
    database: Database, queue: Callable[[int], list[uuid.UUID]]
) -> None:
    """A job that stood in a long queue, or was analysed for hours, does not fail when the engine restarts."""
    (job_id,) = queue(1)
    change(database, job_id, created_at=datetime(2020, 1, 1, tzinfo=UTC))
    one = claimed(database)
    with database.unit_of_work() as session:
        job_manager.postpone(session, one, AWAY, POLICY)
    assert read(database, job_id).status is JobStatus.PENDING
    let_go(database, job_id)
    with database.unit_of_work() as session:
        job_manager.retry_or_fail(session, claimed_in(session), LOST, POLICY)
    assert read(database, job_id).postponed == 0


def claimed_in(session: Session) -> Claim:
    one = job_manager.claim_next(session, lease=LEASE, per_account=MANY)
    assert one is not None
    return one


def test_progress_never_goes_backwards(database: Database, queue: Callable[[int], list[uuid.UUID]]) -> None:
    (job_id,) = queue(1)
    one = claimed(database)
    shown = []
    for fraction in (0.1, 0.5, 0.2, 0.0, 0.7):
        with database.unit_of_work() as session:
            progress = Progress(Phase.ANALYSING, fraction, "Analysing.", frames_done=round(100 * fraction))
            job_manager.renew(session, one, lease=LEASE, progress=progress)
        shown.append(read(database, job_id).progress)
    assert shown == [0.1, 0.5, 0.5, 0.5, 0.7]


def test_the_diagnosis_of_an_attempt_goes_when_the_next_one_succeeds(
    database: Database, queue: Callable[[int], list[uuid.UUID]]
) -> None:
    (job_id,) = queue(1)
    with database.unit_of_work() as session:
        job_manager.retry_or_fail(session, claimed_in(session), LOST, POLICY)
    assert read(database, job_id).error_code == "engine_lost"
    let_go(database, job_id)
    with database.unit_of_work() as session:
        job_manager.complete(session, claimed_in(session), frames_done=40)
    job = read(database, job_id)
    assert (job.error_code, job.error_detail, job.error_hint, job.progress) == (None, None, None, 1.0)


def test_a_worker_is_woken_after_the_commit_and_never_before(database: Database) -> None:
    woken: list[bool] = []

    def wake(job_id: uuid.UUID) -> None:
        woken.append(claimed(database).job_id == job_id)

    with database.unit_of_work() as session:
        job = _submit(session)
        session.flush()
        job_manager.submit(session, job, wake=wake)
        assert woken == []
    assert woken == [True]


def test_a_job_of_a_unit_of_work_that_is_rolled_back_wakes_nobody(database: Database) -> None:
    woken: list[None] = []
    with pytest.raises(AnalysisError), database.unit_of_work() as session:  # noqa: PT012
        job_manager.submit(session, _submit(session), wake=lambda _: woken.append(None))
        raise BROKEN
    assert woken == []
    assert claim(database) is None
