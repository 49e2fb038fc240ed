"""Whose job is next: accounts take turns, and none runs more jobs at once than it may."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core.database import Database
from app.core.errors import AnalysisError, EngineUnavailable, TransientFailure
from app.models import Club, Job, JobEvent, JobStatus, Match, MatchStatus, User, Video
from app.services import job_manager, take_turns
from app.services.job_manager import Claim, RetryPolicy
from tests.waiting import wait_until

LEASE = timedelta(seconds=30)
AT_ONCE = RetryPolicy(max_attempts=2, base_s=0, cap_s=0)
LOST = TransientFailure("The analysis engine stopped before it was done.", code="engine_lost")
SILENT = TransientFailure("The analysis engine stopped answering.", code="engine_silent")
AWAY = TransientFailure("The database was away for a moment.", code="database_unavailable")


def add_account(session: Session, name: str) -> User:
    user = User(email=f"{name}@example.com", password_hash="x", full_name=name)
    session.add(user)
    session.flush()
    return user


def submit(session: Session, user: User | None) -> uuid.UUID:
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
    job = Job(club_id=club.id, match_id=match.id, video_id=video.id, created_by=user.id if user else None)
    job_manager.submit(session, job, wake=lambda _: None)
    return job.id


def queue(database: Database, **counts: int) -> dict[uuid.UUID, str]:
    """So many jobs of each account, one account after the other; whose each job is."""
    owners = {}
    with database.unit_of_work() as session:
        for name, count in counts.items():
            user = add_account(session, name)
            owners |= {submit(session, user): name for _ in range(count)}
    return owners


def claim(database: Database, *, per_account: int = 100) -> Claim | None:
    with database.unit_of_work() as session:
        return job_manager.claim_next(session, lease=LEASE, per_account=per_account, max_attempts=AT_ONCE.max_attempts)


def lose(database: Database, one: Claim, error: AnalysisError) -> None:
    with database.unit_of_work() as session:
        job_manager.retry_or_fail(session, one, error, AT_ONCE)


def finish(database: Database, one: Claim) -> None:
    with database.unit_of_work() as session:
        job_manager.complete(session, one, frames_done=1)


def change(database: Database, action: Callable[[Session], None]) -> None:
    with database.unit_of_work() as session:
        action(session)


def waits_for_a_lock(database: Database) -> bool:
    # Not information_schema.innodb_trx: who reads that more often than each tenth of a second reads the same for ever.
    waiting = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'"
    with database.reading() as session:
        return int(session.execute(text(waiting)).one()[1]) > 0


def test_an_account_with_many_jobs_does_not_hold_up_the_others(database: Database) -> None:
    owners = queue(database, ann=4, ben=1, eve=2)
    served = []
    while (one := claim(database)) is not None:  # one worker, one job after the other
        served.append(owners[one.job_id])
        finish(database, one)
    assert served == ["ann", "ben", "eve", "ann", "eve", "ann", "ann"]


def test_whoever_runs_fewest_is_next(database: Database) -> None:
    owners = queue(database, ann=3, ben=2)
    assert [owners[one.job_id] for _ in range(5) if (one := claim(database))] == ["ann", "ben", "ann", "ben", "ann"]


def test_no_account_runs_more_than_its_share_and_goes_on_when_one_is_over(database: Database) -> None:
    queue(database, ann=3)
    first, second = claim(database, per_account=2), claim(database, per_account=2)
    assert first is not None
    assert second is not None
    assert claim(database, per_account=2) is None
    finish(database, first)
    assert claim(database, per_account=2) is not None


def test_many_workers_at_the_same_moment_keep_to_the_share(database: Database) -> None:
    owners = queue(database, ann=12, ben=12)
    taken: list[Claim] = []
    together = threading.Barrier(8)

    def work() -> None:
        together.wait()
        while (one := claim(database, per_account=3)) is not None:
            taken.append(one)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(owners[one.job_id] for one in taken) == ["ann"] * 3 + ["ben"] * 3


def test_jobs_of_deleted_accounts_are_done_too(database: Database) -> None:
    with database.unit_of_work() as session:
        ids = {submit(session, None) for _ in range(2)}
    taken = {one.job_id for _ in range(2) if (one := claim(database))}
    assert taken == ids


def test_a_job_that_is_being_cancelled_is_passed_over(database: Database) -> None:
    """On MariaDB the worker finds its row locked; on SQLite it waits until the other is done."""
    owners = queue(database, ann=2)
    first, second = owners
    held, release = threading.Event(), threading.Event()

    def cancel() -> None:
        with database.unit_of_work() as session:
            job_manager.cancel(session, session.get_one(Job, first))
            held.set()
            release.wait(0.2)

    canceller = threading.Thread(target=cancel)
    canceller.start()
    held.wait()
    one = claim(database)
    canceller.join()
    assert one is not None
    assert one.job_id == second
    with database.reading() as session:
        assert session.get_one(Job, first).status is JobStatus.CANCELLED


def test_the_last_attempt_after_a_loss_is_made_alone(database: Database) -> None:
    """Two run on an engine that dies: one of them is to blame, and nobody knows which."""
    queue(database, reds=1, blues=2)
    ran = [claim(database) for _ in range(2)]
    third = claim(database)
    for one in ran:
        assert one is not None
        lose(database, one, LOST)
    assert third is not None
    assert claim(database) is None  # the third still runs
    finish(database, third)

    first = claim(database)
    assert first is not None
    assert first.attempt == 2
    assert claim(database) is None  # nobody beside it
    lose(database, first, LOST)

    second = claim(database)
    assert second is not None
    assert {first.job_id, second.job_id} == {one.job_id for one in ran if one is not None}
    finish(database, second)
    assert claim(database) is None


def test_jobs_wait_for_a_last_attempt_that_others_cannot_disturb(database: Database) -> None:
    queue(database, reds=1)
    lost = claim(database)
    assert lost is not None
    lose(database, lost, LOST)
    queue(database, blues=1)
    alone = claim(database)
    assert alone is not None
    assert (alone.job_id, alone.attempt) == (lost.job_id, 2)
    assert claim(database) is None
    finish(database, alone)
    assert claim(database) is not None


def test_a_last_attempt_after_a_failure_of_its_own_takes_its_turn_like_any_other(database: Database) -> None:
    queue(database, reds=1, blues=1)
    ran = [claim(database) for _ in range(2)]
    for one in ran:
        assert one is not None
        lose(database, one, AWAY)
    assert None not in (claim(database), claim(database))


def test_a_loss_beside_another_job_is_not_the_last_one(database: Database) -> None:
    """Whatever went wrong before: the other one may be to blame."""
    queue(database, reds=1, blues=1)
    for _ in range(AT_ONCE.max_attempts - 1):
        for one in [claim(database), claim(database)]:
            assert one is not None
            lose(database, one, AWAY)
    beside = [one for _ in range(2) if (one := claim(database))]
    assert [one.attempt for one in beside] == [AT_ONCE.max_attempts] * 2
    for one in beside:
        lose(database, one, LOST)
    alone = claim(database)
    assert alone is not None
    assert alone.attempt == AT_ONCE.max_attempts
    assert claim(database) is None
    queue(database, greens=1)  # waiting is no company
    lose(database, alone, LOST)
    with database.reading() as session:
        assert session.get_one(Job, alone.job_id).status is JobStatus.FAILED
    other = claim(database)
    assert other is not None
    assert {alone.job_id, other.job_id} == {one.job_id for one in beside}


@pytest.mark.parametrize(
    "end",
    [
        finish,
        lambda database, one: lose(database, one, AWAY),
        lambda database, one: change(database, lambda session: job_manager.fail(session, one, LOST)),
        lambda database, one: change(database, lambda session: job_manager.hand_back(session, one)),
        lambda database, one: change(
            database, lambda session: job_manager.cancel(session, session.get_one(Job, one.job_id))
        ),
    ],
    ids=["completed", "put off", "failed", "handed back", "cancelled"],
)
def test_a_job_that_is_over_was_company_as_well(database: Database, end: Callable[[Database, Claim], None]) -> None:
    queue(database, reds=1, blues=1)
    before, beside = claim(database), claim(database)
    assert before is not None
    assert beside is not None
    end(database, before)
    with database.reading() as session:
        assert take_turns.had_company(session, beside.job_id)


def test_what_ended_before_was_no_company(database: Database) -> None:
    queue(database, reds=1, blues=1)
    before = claim(database)
    assert before is not None
    finish(database, before)
    alone = claim(database)
    assert alone is not None
    with database.reading() as session:
        assert not take_turns.had_company(session, alone.job_id)


def give_up(database: Database, one: Claim) -> None:
    lose(database, one, SILENT)


def cancel_job(database: Database, one: Claim) -> None:
    change(database, lambda session: job_manager.cancel(session, session.get_one(Job, one.job_id)))


def status_of(database: Database, one: Claim) -> JobStatus:
    with database.reading() as session:
        return session.get_one(Job, one.job_id).status


def leave_behind(database: Database, end: Callable[[Database, Claim], None]) -> Claim:
    """Of two jobs side by side one is lost, and the other one's run is given up. The lost one's last attempt."""
    queue(database, reds=1, blues=1)
    innocent, stuck = claim(database), claim(database)
    assert innocent is not None
    assert stuck is not None
    lose(database, innocent, LOST)
    end(database, stuck)
    alone = claim(database)
    assert alone is not None
    assert (alone.job_id, alone.attempt) == (innocent.job_id, AT_ONCE.max_attempts)
    return alone


@pytest.mark.parametrize("end", [give_up, cancel_job], ids=["silent", "cancelled"])
def test_a_run_that_was_given_up_may_ruin_a_last_attempt_that_is_made_alone(
    database: Database, end: Callable[[Database, Claim], None]
) -> None:
    """The engine is stuck in a video that nobody waits for any more, and dies of it in the middle of another one."""
    alone = leave_behind(database, end)
    lose(database, alone, LOST)
    assert status_of(database, alone) is JobStatus.PENDING


def test_what_was_given_up_before_an_earlier_attempt_is_no_excuse_for_a_later_one(database: Database) -> None:
    lose(database, leave_behind(database, cancel_job), LOST)  # and of the other run nothing is left
    again = claim(database)
    assert again is not None
    lose(database, again, LOST)
    assert status_of(database, again) is JobStatus.FAILED


def test_what_was_given_up_long_ago_is_over(database: Database) -> None:
    alone = leave_behind(database, cancel_job)
    with database.unit_of_work() as session:
        others = select(JobEvent).where(JobEvent.job_id != alone.job_id)
        for event in session.scalars(others):
            event.happened_at -= timedelta(days=2)
    lose(database, alone, LOST)
    assert status_of(database, alone) is JobStatus.FAILED


def test_videos_that_all_silence_the_engine_do_not_excuse_each_other_for_ever(database: Database) -> None:
    queue(database, reds=2, blues=1)
    for one in [claim(database) for _ in range(3)]:
        assert one is not None
        give_up(database, one)
    alone = 0
    while (one := claim(database)) is not None:
        alone += 1
        assert alone <= 3 * 3
        give_up(database, one)
    with database.reading() as session:
        assert set(session.scalars(select(Job.status))) == {JobStatus.FAILED}


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)  # SQLite lets one claim begin after the other
def test_two_workers_at_the_same_moment_do_not_make_two_last_attempts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One looks whether anything runs; before it goes on, the other one claims a job, or waits until it may."""
    queue(database, reds=1, blues=1)
    for one in [claim(database), claim(database)]:
        assert one is not None
        lose(database, one, LOST)
    look = take_turns._anything_runs
    taken: list[Claim | None] = []
    other = threading.Thread(target=lambda: taken.append(claim(database)))

    def look_and_let_the_other_one_come(session: Session) -> bool:
        runs = look(session)
        if threading.current_thread() is not other:
            other.start()
            wait_until(lambda: taken or waits_for_a_lock(database))
        return runs

    monkeypatch.setattr(take_turns, "_anything_runs", look_and_let_the_other_one_come)
    taken.append(claim(database))
    other.join()
    assert [one is not None for one in taken].count(True) == 1


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)  # SQLite lets nobody write in between
def test_a_job_that_is_put_off_while_a_worker_looks_is_taken_as_it_is_then(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(database, ann=1)
    first = claim(database)
    assert first is not None
    lose(database, first, LOST)
    last = claim(database)
    assert last is not None
    away = EngineUnavailable("Waiting for the analysis engine.", code="engine_unreachable")
    look = take_turns._anything_runs

    def put_off_and_look(session: Session) -> bool:
        with database.unit_of_work() as meanwhile:
            job_manager.postpone(meanwhile, last, away, AT_ONCE)
        return look(session)

    monkeypatch.setattr(take_turns, "_anything_runs", put_off_and_look)
    assert claim(database) is None  # it was put off to a later moment than this one
    monkeypatch.undo()
    again = claim(database)
    assert again is not None
    assert again.attempt == last.attempt == AT_ONCE.max_attempts
