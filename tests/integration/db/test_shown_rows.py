"""What a database writes as JSON is what its columns say, to the last digit and the strangest letter."""

import math
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy import delete, select

from app.core.database import Database
from app.models import (
    Club,
    Foot,
    Formation,
    Match,
    MatchStatus,
    Player,
    PlayerMatchStatistics,
    Position,
    ScanStatus,
    Video,
)
from app.models.base import ClubRow, JsonValue
from app.schemas.formation import FormationRead
from app.schemas.player import PlayerRead
from app.schemas.player_match_statistics import PlayerMatchStatisticsRead
from app.schemas.video import VideoRead
from app.services.shown_rows import as_shown, shown

Schema = TypeVar("Schema", bound=BaseModel)

# All of Unicode that a database takes: halves of surrogate pairs are no letters.
LETTERS = st.characters(exclude_categories=["Cs"])
# SQLite rounds what is far beyond anything that is measured or paid: 1.7976931348623157e308 loses its last digit.
NUMBERS = st.floats(-1e15, 1e15, allow_subnormal=False).filter(lambda number: number == 0 or abs(number) > 1e-15)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))
INNER = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NUMBERS | st.text(LETTERS, max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(LETTERS, max_size=8), inner, max_size=4),
    max_leaves=8,
)
JSON = st.lists(INNER, max_size=4) | st.dictionaries(st.text(LETTERS, max_size=8), INNER, max_size=4)


class AnyFormation(BaseModel):
    positions: Any


def written_as_meant(database: Database, schema: type[Schema], row: ClubRow) -> Schema:
    """A row as the database writes it, which is as its entity is shown; then it is gone again."""
    model = type(row)
    with database.unit_of_work() as session:
        session.add(row)
        session.flush()
        session.expunge(row)
        found = session.scalars(shown(schema, model).query, {"club_ids": [row.club_id]})
        [written] = as_shown(schema, list(found))
        entity = session.scalars(select(model).where(model.id == row.id)).one()
        meant = schema.model_validate(entity, from_attributes=True)
        session.expunge(entity)
        session.execute(delete(model).where(model.id == row.id))
    assert written.model_dump() == meant.model_dump()
    assert written.model_dump_json() == meant.model_dump_json()
    return written


def match_of(database: Database, club: Club) -> Match:
    with database.unit_of_work() as session:
        match = Match(club_id=club.id, match_date=datetime(2026, 11, 28, tzinfo=UTC), status=MatchStatus.UPCOMING)
        session.add(match)
    return match


def quick(count: int) -> settings:
    kept = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]  # the row of an example is gone at its end
    return settings(max_examples=count, deadline=None, suppress_health_check=kept)


@quick(60)
@given(name=st.text(LETTERS, min_size=1, max_size=200), value=st.none() | NUMBERS, moment=MOMENTS)
def test_letters_numbers_words_and_moments(
    database: Database, club: Club, name: str, value: float | None, moment: datetime
) -> None:
    player = Player(
        club_id=club.id,
        name=name,
        position=Position.GOALKEEPER,
        jersey_number=1,
        birth_date=date(2001, 2, 28),
        dominant_foot=Foot.BOTH,
        market_value=value,
        created_at=moment,
    )
    written = written_as_meant(database, PlayerRead, player)
    assert written.name == name
    assert written.created_at == moment


@quick(60)
@given(positions=JSON)
def test_json_within_json(database: Database, club: Club, positions: JsonValue) -> None:
    formation = Formation(club_id=club.id, name="4-4-2", positions=positions)
    assert written_as_meant(database, AnyFormation, formation).positions == positions


@pytest.mark.parametrize("number", [0.1, 1 / 3, 5.0, -0.0, 1e-7, 123456789.123456789, 1e15 / 7, math.pi])
def test_numbers_to_their_last_digit(database: Database, club: Club, number: float) -> None:
    match = match_of(database, club)
    figures = PlayerMatchStatistics(club_id=club.id, match_id=match.id, distance_m=number, goals=2)
    written = written_as_meant(database, PlayerMatchStatisticsRead, figures)
    assert written.distance_m == number


def test_whole_numbers_beyond_those_of_a_double(database: Database, club: Club) -> None:
    match = match_of(database, club)
    video = Video(
        club_id=club.id,
        match_id=match.id,
        filename="film.mp4",
        size_bytes=2**62 + 1,
        sha256="0" * 64,
        container="mp4",
        codec="h264",
        width=1280,
        height=720,
        frame_count=1,
        frame_rate=25.0,
        duration_s=0.04,
        scan_status=ScanStatus.CLEAN,
    )
    written = written_as_meant(database, VideoRead, video)
    assert written.size_bytes == 2**62 + 1


def test_a_formation_as_it_is_stored(database: Database, club: Club) -> None:
    positions: JsonValue = [{"position": "GK", "x": 0.5, "y": 0.95}]
    formation = Formation(club_id=club.id, name='4"4\\2', description=None, positions=positions)
    assert written_as_meant(database, FormationRead, formation).name == '4"4\\2'
