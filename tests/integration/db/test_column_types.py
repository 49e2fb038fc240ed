"""A value comes back as it went in, and is found again, on both databases alike."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import StatementError

from app.core.database import Database, database_now
from app.core.errors import Conflict
from app.models import Club, Formation, Match, MatchStatus, PlayerMatchStatistics, Team, User
from app.models.base import JsonValue

KATHMANDU = timezone(timedelta(hours=5, minutes=45))


def make_match(club: Club, match_date: datetime) -> Match:
    return Match(club_id=club.id, match_date=match_date, status=MatchStatus.UPCOMING)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # To the microsecond: DATETIME without digits would cut it off.
        (datetime(2026, 11, 14, 15, 0, 0, 123456, UTC), datetime(2026, 11, 14, 15, 0, 0, 123456, UTC)),
        (datetime(2026, 11, 14, 15, 0, 0, 0, UTC), datetime(2026, 11, 14, 15, 0, 0, 0, UTC)),
        # Another zone is another way to write the same moment.
        (datetime(2026, 1, 1, 2, 30, tzinfo=KATHMANDU), datetime(2025, 12, 31, 20, 45, tzinfo=UTC)),
        # Before the epoch, and at the end of the calendar.
        (datetime(1954, 7, 4, 15, 48, tzinfo=UTC), datetime(1954, 7, 4, 15, 48, tzinfo=UTC)),
        (datetime(9999, 12, 31, 23, 59, 59, 999999, UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    ],
)
def test_a_moment_comes_back_in_utc(database: Database, club: Club, written: datetime, read: datetime) -> None:
    with database.unit_of_work() as session:
        match = make_match(club, written)
        session.add(match)
    with database.reading() as session:
        found = session.scalars(sa.select(Match.match_date).where(Match.match_date == written)).one()
    assert found == read
    assert found.utcoffset() == timedelta(0)


def test_moments_are_ordered_as_moments_whatever_their_zone(database: Database, club: Club) -> None:
    early = datetime(2026, 5, 1, 14, 0, tzinfo=KATHMANDU)  # 08:15 UTC
    middle = datetime(2026, 5, 1, 8, 15, 0, 1, UTC)
    late = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
    with database.unit_of_work() as session:
        session.add_all(make_match(club, moment) for moment in (late, early, middle))
    with database.reading() as session:
        found = session.scalars(sa.select(Match.match_date).order_by(Match.match_date)).all()
        after = session.scalars(sa.select(Match.match_date).where(Match.match_date > early)).all()
    assert found == [early, middle, late]
    assert set(after) == {middle, late}


def test_a_moment_without_a_zone_is_refused(database: Database, club: Club) -> None:
    with pytest.raises(StatementError, match="without a time zone"), database.unit_of_work() as session:
        session.add(make_match(club, datetime(2026, 5, 1, 9, 0)))
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Match)) == 0


def test_no_moment_stays_no_moment(database: Database) -> None:
    with database.unit_of_work() as session:
        session.add(User(email="new@example.com", password_hash="x"))
    with database.reading() as session:
        assert session.scalars(sa.select(User.last_login_at)).one() is None


def test_the_clock_of_the_database_is_utc_and_can_be_stored(database: Database, club: Club) -> None:
    """Within a minute of ours: a clock in local time would be off by hours."""
    with database.unit_of_work() as session:
        if session.get_bind().dialect.name != "sqlite":
            session.execute(sa.text("SET time_zone = '+05:45'"))
        now = database_now(session)
        session.add(make_match(club, now))
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
    with database.reading() as session:
        assert session.scalars(sa.select(Match.match_date)).one() == now


def test_an_id_is_stored_as_its_36_characters(database: Database) -> None:
    club_id = uuid.UUID("ABCDEF01-2345-4678-9ABC-DEF012345678")
    with database.unit_of_work() as session:
        session.add(Club(id=club_id, name="with an id"))
    with database.reading() as session:
        assert session.get_one(Club, club_id).id == club_id
        stored = session.execute(sa.text("SELECT id FROM clubs")).scalar_one()
    assert stored == "abcdef01-2345-4678-9abc-def012345678"


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        [{"position": "GK", "x": 0.5, "y": 0.95}],
        {"z": 1, "a": {"nested": [None, True, False, "Ünï 😀 \\ \" '"]}},
        {"measured": None},  # a null inside is a value, not an absence
        [0.1 + 0.2, 1e-9, -0.0, 2**53],
    ],
)
def test_json_comes_back_as_it_went_in(database: Database, club: Club, value: JsonValue) -> None:
    with database.unit_of_work() as session:
        session.add(Formation(club_id=club.id, name="shape", positions=value))
    with database.reading() as session:
        found = session.scalars(sa.select(Formation.positions).where(Formation.positions.is_not(None))).one()
    assert found == value
    assert repr(found) == repr(value)  # keys in their order, whole numbers as whole numbers


def test_no_json_is_sql_null_and_not_the_word_null(database: Database, club: Club) -> None:
    with database.unit_of_work() as session:
        match = make_match(club, datetime(2026, 5, 1, tzinfo=UTC))
        session.add(match)
        session.flush()
        session.add(PlayerMatchStatistics(club_id=club.id, match_id=match.id, heatmap=None))
    with database.reading() as session:
        assert session.execute(sa.text("SELECT heatmap IS NULL FROM player_match_statistics")).scalar_one() == 1
        assert session.scalars(sa.select(PlayerMatchStatistics.heatmap)).one() is None


@pytest.mark.parametrize("value", [0.1 + 0.2, 1 / 3, 1e-300, 1.7976931348623157e308, 104.99999999999999, 0.0])
def test_a_float_keeps_all_its_digits(database: Database, club: Club, value: float) -> None:
    match = make_match(club, datetime(2026, 5, 1, tzinfo=UTC))
    match.pitch_length_m = value
    with database.unit_of_work() as session:
        session.add(match)
    with database.reading() as session:
        assert session.scalars(sa.select(Match.pitch_length_m)).one() == value


def test_a_row_of_a_club_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(Conflict) as refused, database.unit_of_work() as session:
        session.add(Team(club_id=uuid.uuid4(), name="nobody's"))
    assert refused.value.code == "reference_conflict"


def test_deleting_a_club_takes_its_rows_along(database: Database, club: Club) -> None:
    with database.unit_of_work() as session:
        session.add(Team(club_id=club.id, name="gone soon"))
    with database.unit_of_work() as session:
        session.execute(sa.delete(Club).where(Club.id == club.id))
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Team)) == 0
