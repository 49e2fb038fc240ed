"""The job state machine against a model of itself, and how long a retry waits."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, precondition, rule
from sqlalchemy import update
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from app.core.database import Database
from app.core.errors import EngineUnavailable, InvalidTransition, PermanentFailure, TransientFailure
from app.models import Base, Club, Job, JobStatus, Match, MatchStatus, Phase, Video
from app.services import job_manager
from app.services.job_events import latest_event
from app.services.job_manager import FINAL, SOURCES, Claim, Progress, RetryPolicy

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MANY = 1000  # jobs of one account at once
LEASE = timedelta(hours=1)
POLICY = RetryPolicy(max_attempts=3, base_s=1, cap_s=4, engine_wait_limit_s=6)
LOST = TransientFailure("The engine was lost.", code="engine_lost")
AWAY = EngineUnavailable("The engine is away.", code="engine_unreachable")
BROKEN = PermanentFailure("The video is broken.", code="video_undecodable")


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (1, 2),
        (2, 4),
        (3, 8),
        (5, 32),
        (6, 60),  # 64 would be over the cap
        (7, 60),
        (10_000, 60),  # no overflow, however long the engine is away
    ],
)
def test_a_retry_waits_twice_as_long_each_time_up_to_the_cap(failures: int, seconds: float) -> None:
    assert RetryPolicy().delay(failures) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0), (1, 2), (2, 6), (5, 62), (6, 122), (7, 182)])
def test_what_a_job_has_waited_is_the_sum_of_its_delays(failures: int, seconds: float) -> None:
    assert RetryPolicy().waited(failures) == timedelta(seconds=seconds)


def test_only_a_wish_leads_out_of_a_final_state_and_nothing_out_of_completed() -> None:
    assert {target for target, sources in SOURCES.items() if sources & FINAL} == {JobStatus.PENDING}
    assert JobStatus.COMPLETED not in {source for sources in SOURCES.values() for source in sources}
    assert set(SOURCES) == set(JobStatus)


def test_no_two_claims_share_a_run() -> None:
    job_id = uuid.uuid4()
    assert Claim(job_id, 1, 1).run_id != Claim(job_id, 2, 1).run_id
    # It becomes part of a path on the engine's side.
    assert set(Claim(job_id, 12, 3).run_id) <= set("0123456789abcdef-")


class Jobs(RuleBasedStateMachine):
    """Any number of workers, old claims included, do anything in any order; ``model`` says what must come of it."""

    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.database = Database(URL.create("sqlite+pysqlite", database=":memory:"))
        Base.metadata.create_all(self.database.engine)
        self.status: dict[uuid.UUID, JobStatus] = {}
        self.owner: dict[uuid.UUID, Claim] = {}
        self.attempts: dict[uuid.UUID, int] = {}
        self.company: set[uuid.UUID] = set()  # running jobs whose attempt was not alone all the time
        self.shown: dict[uuid.UUID, float] = {}
        with self.database.unit_of_work() as session:
            self.ids = _surroundings(session)

    def teardown(self) -> None:
        self.database.dispose()

    @rule()
    def submit(self) -> None:
        club_id, match_id, video_id = self.ids
        with self.database.unit_of_work() as session:
            job = Job(club_id=club_id, match_id=match_id, video_id=video_id)
            job_manager.submit(session, job, wake=lambda _: None)
        self.status[job.id], self.attempts[job.id], self.shown[job.id] = JobStatus.PENDING, 0, 0.0

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.status)))
        may = self.status[job_id] not in FINAL
        if self._wish(job_id, may, job_manager.cancel):
            self._moved(job_id, JobStatus.CANCELLED)
            self.company |= self._running - {job_id} if job_id in self.owner else set()  # it may have run meanwhile

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def try_again(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.status)))
        may = self.status[job_id] in {JobStatus.FAILED, JobStatus.CANCELLED}
        if self._wish(job_id, may, lambda session, job: job_manager.try_again(session, job, wake=lambda _: None)):
            self._moved(job_id, JobStatus.PENDING)
            self.attempts[job_id], self.shown[job_id] = 0, 0.0
            self.owner.pop(job_id, None)

    @rule(target=claims)
    def claim(self) -> object:
        with self.database.unit_of_work() as session:
            session.execute(update(Job).values(available_at=LONG_AGO))  # pauses are tested elsewhere
            claim = job_manager.claim_next(session, lease=LEASE, per_account=MANY)
        waiting = [job_id for job_id, status in self.status.items() if status is JobStatus.PENDING]
        assert (claim is not None) == bool(waiting)
        if claim is None:
            return multiple()
        assert claim.job_id in waiting
        assert claim.attempt == self.attempts[claim.job_id] + 1
        self._moved(claim.job_id, JobStatus.PROCESSING)
        self.owner[claim.job_id], self.attempts[claim.job_id] = claim, claim.attempt
        self.company.discard(claim.job_id)
        self.company |= self._running if len(self._running) > 1 else set()
        return claim

    @rule(claim=claims, fraction=st.floats(0, 1))
    def renew(self, claim: Claim, fraction: float) -> None:
        progress = Progress(Phase.ANALYSING, fraction, "Analysing.")
        if self._act(claim, lambda session: job_manager.renew(session, claim, lease=LEASE, progress=progress)):
            self.shown[claim.job_id] = max(self.shown[claim.job_id], fraction)

    @rule(claim=claims)
    def complete(self, claim: Claim) -> None:
        if self._act(claim, lambda session: job_manager.complete(session, claim, frames_done=1)):
            self._moved(claim.job_id, JobStatus.COMPLETED)
            self.shown[claim.job_id] = 1.0

    @rule(claim=claims)
    def fail(self, claim: Claim) -> None:
        if self._act(claim, lambda session: job_manager.fail(session, claim, BROKEN)):
            self._moved(claim.job_id, JobStatus.FAILED)

    @rule(claim=claims)
    def hand_back(self, claim: Claim) -> None:
        if self._act(claim, lambda session: job_manager.hand_back(session, claim)):
            self._moved(claim.job_id, JobStatus.PENDING)
            self.attempts[claim.job_id] -= 1

    @rule(claim=claims)
    def retry(self, claim: Claim) -> None:
        if self._act(claim, lambda session: job_manager.retry_or_fail(session, claim, LOST, POLICY)):
            self._moved_by_retry(claim)

    @rule(claim=claims)
    def postpone(self, claim: Claim) -> None:
        if self._act(claim, lambda session: job_manager.postpone(session, claim, AWAY, POLICY)):
            gave_up = self._row(claim.job_id).status is JobStatus.FAILED
            self._moved(claim.job_id, JobStatus.FAILED if gave_up else JobStatus.PENDING)
            self.attempts[claim.job_id] -= 0 if gave_up else 1

    @rule()
    def lose_all_workers(self) -> None:
        running = sorted(self._running)
        with self.database.unit_of_work() as session:
            session.execute(update(Job).where(Job.id.in_(running)).values(lease_expires_at=LONG_AGO))
            assert job_manager.recover_expired(session, POLICY) == len(running)
            assert job_manager.recover_expired(session, POLICY) == 0
        for job_id in running:
            self._moved_by_retry(self.owner[job_id])

    @invariant()
    def the_rows_are_as_the_model_says(self) -> None:
        for job_id, status in self.status.items():
            job = self._row(job_id)
            assert (job.status, job.attempt, job.progress) == (status, self.attempts[job_id], self.shown[job_id])
            is_running = status is JobStatus.PROCESSING
            assert (job.lease_expires_at is not None, job.phase is not None) == (is_running, is_running)
            assert (job.finished_at is not None) == (status in FINAL)
            assert job.attempt <= POLICY.max_attempts

    @invariant()
    def the_events_end_with_what_the_rows_say(self) -> None:
        with self.database.reading() as session:
            for job_id, status in self.status.items():
                event = latest_event(session, job_id)
                assert event is not None
                assert event.status is status

    def _wish(self, job_id: uuid.UUID, may: bool, action: Callable[[Session, Job], None]) -> bool:
        """Whether somebody was allowed to do it; exactly when ``may``."""
        try:
            with self.database.unit_of_work() as session:
                action(session, session.get_one(Job, job_id))
        except InvalidTransition:
            assert not may
            return False
        assert may
        return True

    def _act(self, claim: Claim, action: object) -> bool:
        """Whether ``claim`` was allowed to do it; exactly the owner of a running job is."""
        assert callable(action)
        is_owner = self.status[claim.job_id] is JobStatus.PROCESSING and self.owner[claim.job_id] == claim
        try:
            with self.database.unit_of_work() as session:
                action(session)
        except InvalidTransition:
            assert not is_owner
            return False
        assert is_owner
        return True

    def _moved(self, job_id: uuid.UUID, status: JobStatus) -> None:
        assert self.status[job_id] in SOURCES[status]
        self.status[job_id] = status

    def _moved_by_retry(self, claim: Claim) -> None:
        if claim.attempt >= POLICY.max_attempts and claim.job_id in self.company:
            self.attempts[claim.job_id] -= 1
        used_up = self.attempts[claim.job_id] >= POLICY.max_attempts
        self._moved(claim.job_id, JobStatus.FAILED if used_up else JobStatus.PENDING)

    @property
    def _running(self) -> set[uuid.UUID]:
        return {job_id for job_id, status in self.status.items() if status is JobStatus.PROCESSING}

    def _row(self, job_id: uuid.UUID) -> Job:
        with self.database.reading() as session:
            return session.get_one(Job, job_id)


def _surroundings(session: Session) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """Ids of a club, a match and a video."""
    club = Club(name="Reds")
    session.add(club)
    session.flush()
    match = Match(club_id=club.id, match_date=LONG_AGO, status=MatchStatus.COMPLETED)
    session.add(match)
    session.flush()
    video = Video(
        club_id=club.id, match_id=match.id, filename="a.mp4", size_bytes=1, sha256="0" * 64, container="mp4",
        codec="h264", width=320, height=240, frame_count=40, frame_rate=25.0, duration_s=1.6,
    )  # fmt: skip
    session.add(video)
    session.flush()
    return club.id, match.id, video.id


Jobs.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    derandomize=True,
    database=None,
)
TestJobs = Jobs.TestCase
