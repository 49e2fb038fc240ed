"""When analyses will be done: from what this installation has done, from the queue, and from their own pace."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from app.core.database import Database
from app.models import Base, Club, Job, JobStatus, Match, MatchStatus, Video
from app.services.forecast import Costs, Forecast, Forecaster, Span, in_turn
from app.services.load_workload import ActiveJob, Workload

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MEGAPIXEL = (1000, 1000)


@pytest.fixture
def session() -> Iterator[Session]:
    database = Database(URL.create("sqlite+pysqlite", database=":memory:"))
    Base.metadata.create_all(database.engine)
    with database.unit_of_work() as session:
        yield session
    database.dispose()


def add_analysis(
    session: Session, *, seconds: float, frames: int = 100, status: JobStatus = JobStatus.COMPLETED
) -> None:
    """One that took ``seconds`` for ``frames`` of one megapixel."""
    club = Club(name="Reds")
    session.add(club)
    session.flush()
    match = Match(club_id=club.id, match_date=NOON, status=MatchStatus.COMPLETED)
    session.add(match)
    session.flush()
    width, height = MEGAPIXEL
    video = Video(
        club_id=club.id, match_id=match.id, filename="a.mp4", size_bytes=1, sha256=uuid.uuid4().hex, container="mp4",
        codec="h264", width=width, height=height, frame_count=frames, frame_rate=25.0, duration_s=4.0,
    )  # fmt: skip
    session.add(video)
    session.flush()
    job = Job(
        club_id=club.id, match_id=match.id, video_id=video.id, status=status, available_at=NOON, started_at=NOON,
        finished_at=NOON + timedelta(seconds=seconds),
    )  # fmt: skip
    session.add(job)
    session.flush()


def estimate(session: Session, frames: int, size: tuple[int, int] = MEGAPIXEL) -> int:
    return Forecaster().latest(session).duration_s(frames=frames, width=size[0], height=size[1])


def test_a_fresh_installation_has_an_estimate_that_grows_with_the_film(session: Session) -> None:
    assert estimate(session, 1000) < estimate(session, 10_000) < estimate(session, 10_000, (4000, 1000))


def test_no_film_takes_less_than_a_second(session: Session) -> None:
    assert estimate(session, 2, (32, 32)) == 1


def test_the_estimate_follows_what_was_done_here(session: Session) -> None:
    add_analysis(session, seconds=50, frames=100)  # half a second per megapixel
    assert estimate(session, 100) == 50
    assert estimate(session, 400) == 200
    assert estimate(session, 100, (2000, 1000)) == 100


def test_one_slow_analysis_does_not_spoil_the_estimate(session: Session) -> None:
    for seconds in (10, 10, 10, 10, 3600):
        add_analysis(session, seconds=seconds)
    assert estimate(session, 100) == 10


def test_failed_analyses_teach_nothing(session: Session) -> None:
    add_analysis(session, seconds=1, status=JobStatus.FAILED)
    fresh = estimate(session, 100_000)
    add_analysis(session, seconds=50)
    assert estimate(session, 100_000) == 50_000 != fresh


ANN, BEN, EVE = (uuid.UUID(int=number) for number in (1, 2, 3))


def job(
    number: int,
    account: uuid.UUID = ANN,
    status: JobStatus = JobStatus.PENDING,
    *,
    progress: float = 0.0,
    elapsed_s: float = 0.0,
    megapixels: float = 100.0,
) -> ActiveJob:
    queued = (NOON + timedelta(seconds=number), NOON, uuid.UUID(int=number))
    return ActiveJob(uuid.UUID(int=number), account, status, queued, progress, elapsed_s, megapixels)


def running(number: int, account: uuid.UUID = ANN, **more: float) -> ActiveJob:
    return job(number, account, JobStatus.PROCESSING, **more)


@pytest.mark.parametrize(
    ("jobs", "order"),
    [
        ([job(2), job(1), job(3)], [1, 2, 3]),
        ([job(1), job(2), job(3), job(4, BEN)], [1, 4, 2, 3]),  # whoever uploads a season does not hold up the others
        ([job(1), job(2), job(3, BEN), job(4, EVE), job(5, BEN)], [1, 3, 4, 2, 5]),
        ([running(1), job(2), job(3, BEN)], [3, 2]),  # she has one running already
        ([running(1), running(2), job(3), job(4, BEN), job(5, BEN), job(6, BEN)], [4, 5, 3, 6]),
    ],
)
def test_the_queue_is_shown_in_the_order_of_the_turns(jobs: list[ActiveJob], order: list[int]) -> None:
    assert [one.id.int for one in in_turn(jobs)] == order


def forecast(*jobs: ActiveJob, costs: tuple[float, ...] = (1.0,) * 20) -> Forecast:
    return Forecast.of(Workload(jobs, costs))


def eta(made: Forecast, number: int) -> Span:
    span = made.outlooks[uuid.UUID(int=number)].eta
    assert span is not None
    return span


def test_a_job_waits_for_those_before_it() -> None:
    made = forecast(running(1, progress=0.5), job(2), job(3))  # 100 s each
    assert [made.outlooks[uuid.UUID(int=number)].queue_position for number in (1, 2, 3)] == [None, 1, 2]
    assert eta(made, 2).low_s < 150 < eta(made, 2).high_s
    assert eta(made, 3).low_s < 250 < eta(made, 3).high_s


def test_two_workers_halve_the_wait() -> None:
    made = forecast(running(1, progress=0.5), running(2, BEN, progress=0.5), job(3))
    assert eta(made, 3).low_s < 50 + 100 < eta(made, 3).high_s < 200


def test_an_attempt_that_is_slower_than_history_is_believed_the_further_it_is() -> None:
    spans = [eta(forecast(running(1, progress=at, elapsed_s=1000 * at)), 1) for at in (0.01, 0.25, 0.9)]
    assert spans[0].high_s < 150  # history says 100 s, its own pace would say 1000 s
    assert 150 < spans[1].high_s < 1000 * 0.75
    assert spans[2].low_s <= 100 <= spans[2].high_s  # a tenth of 1000 s is left


def test_little_history_makes_a_wide_range() -> None:
    few, many = Costs.learned([1.0]), Costs.learned([1.0] * 20)
    assert few.high / few.low > many.high / many.low
    assert Costs.learned([]).high / Costs.learned([]).low > few.high / few.low


@given(
    st.lists(st.floats(0, 1e9), max_size=20),
    st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.floats(0, 1e7), st.floats(0, 1e9)), max_size=8),
)
def test_no_eta_is_negative_or_no_number(costs: list[float], jobs: list[tuple[bool, float, float, float]]) -> None:
    active = [
        job(
            number,
            status=JobStatus.PROCESSING if runs else JobStatus.PENDING,
            progress=progress if runs else 0.0,
            elapsed_s=elapsed_s,
            megapixels=megapixels,
        )
        for number, (runs, progress, elapsed_s, megapixels) in enumerate(jobs)
    ]
    made = forecast(*active, costs=tuple(costs))
    for one in active:
        span = eta(made, one.id.int)
        assert 0 <= span.low_s <= span.high_s < float("inf")


@pytest.mark.parametrize(
    ("span", "rounded"),
    [((0, 0.4), (0, 1)), ((12.3, 15.2), (12, 16)), ((137, 143), (130, 150)), ((3601, 7199), (3600, 7200))],
)
def test_an_eta_promises_two_digits(span: tuple[float, float], rounded: tuple[float, float]) -> None:
    assert Span(*span).rounded() == Span(*rounded)


def test_those_who_poll_within_a_second_share_one_look_at_the_queue(session: Session) -> None:
    now = 0.0
    forecaster = Forecaster(clock=lambda: now)
    first = forecaster.latest(session)
    assert forecaster.latest(session) is first
    now = 2.0
    assert forecaster.latest(session) is not first


def test_a_job_that_the_last_look_did_not_see_is_worth_another(session: Session) -> None:
    forecaster = Forecaster(clock=lambda: 0.0)
    forecaster.latest(session)
    add_analysis(session, seconds=1, status=JobStatus.PENDING)
    new = session.query(Job).one()
    assert forecaster.of(session, [new]).outlooks[new.id].queue_position == 1
