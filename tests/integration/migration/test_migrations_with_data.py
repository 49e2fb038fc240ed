"""Migrations take the rows along, up and down, on both databases."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from app.core.database import Database
from app.core.migrations import upgrade_database
from app.models import Base, Foot, Player, User
from scripts.seed import add_seed
from tests.integration.migration.schema import all_revisions, downgrade_database, mariadb_url_of
from tests.integration.rows import MOMENT, Row, Rows, insert_rows, one_row_per_table, read_rows
from tests.servers.mariadb import PrivateMariaDB


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def module_urls(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[URL]]:
    """Three empty databases of one kind."""
    names = ["coach_pro_upgraded", "coach_pro_mended", "coach_pro_walked"]
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("migrated")
        yield [URL.create("sqlite+pysqlite", database=str(folder / f"{name}.db")) for name in names]
        return
    server: PrivateMariaDB = request.getfixturevalue("mariadb")
    server.execute(*(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" for name in names))
    yield [mariadb_url_of(server, name) for name in names]
    server.execute(*(f"DROP DATABASE {name}" for name in names))


def known_to(rows: Rows, older: Rows) -> Rows:
    """``rows``, without the tables and columns that ``older`` does not have."""
    return {table: [{name: row[name] for name in old[0]} for row in rows[table]] for table, old in older.items() if old}


# A database of the first release with a row in every table.


@dataclass(frozen=True, slots=True)
class Upgraded:
    url: URL
    before: Rows
    after: Rows


@pytest.fixture(scope="module")
def upgraded(module_urls: list[URL]) -> Upgraded:
    url = module_urls[0]
    upgrade_database(url, "0001")
    insert_rows(url, one_row_per_table(url))
    before = read_rows(url)
    upgrade_database(url)
    return Upgraded(url, before, read_rows(url))


def test_an_upgrade_keeps_every_row_of_the_first_release(upgraded: Upgraded) -> None:
    assert all(len(rows) == 1 for rows in upgraded.before.values())
    assert known_to(upgraded.after, upgraded.before) == upgraded.before


def test_new_columns_are_filled_with_what_is_known(upgraded: Upgraded) -> None:
    rows = {table: found[0] for table, found in upgraded.after.items() if found}
    changeable = {table for table, row in rows.items() if "updated_at" in row}
    assert {"teams", "players", "matches", "jobs", "match_lineup_entries", "videos"} <= changeable
    for table in changeable:
        assert rows[table]["updated_at"] == rows[table]["created_at"], table
    entry, sheet = rows["match_lineup_entries"], rows["match_lineups"]
    assert (entry["club_id"], entry["created_at"]) == (sheet["club_id"], sheet["created_at"])
    assert rows["memberships"]["created_at"] == rows["clubs"]["created_at"]
    assert rows["users"]["active_club_id"] == rows["clubs"]["id"]


def test_the_models_read_what_the_upgrade_left(upgraded: Upgraded) -> None:
    database = Database(upgraded.url)
    with database.reading() as session:
        for mapper in Base.registry.mappers:
            rows = session.scalars(sa.select(mapper.class_)).all()
            assert len(rows) == len(upgraded.after[mapper.local_table.name])
        assert session.scalars(sa.select(Player.dominant_foot)).one() is Foot.BOTH
    database.dispose()


def test_a_downgrade_keeps_what_the_first_release_knows_and_an_upgrade_brings_the_rest_back(empty_url: URL) -> None:
    upgrade_database(empty_url, "0001")
    insert_rows(empty_url, one_row_per_table(empty_url))
    first = read_rows(empty_url)
    upgrade_database(empty_url)
    upgraded = read_rows(empty_url)
    downgrade_database(empty_url, "0001")
    assert read_rows(empty_url) == first
    upgrade_database(empty_url)
    assert read_rows(empty_url) == upgraded


def test_a_full_database_goes_down_and_up_again(empty_url: URL) -> None:
    """The rows of the seed file; what only the new schema knows is lost on the way down."""
    upgrade_database(empty_url)
    database = Database(empty_url)
    with database.unit_of_work() as session:
        add_seed(session)
    database.dispose()
    full = read_rows(empty_url)
    full["analysis_reports"] = [row for row in full["analysis_reports"] if row["total_frames"] is not None]
    downgrade_database(empty_url, "0001")
    old = read_rows(empty_url)
    assert known_to(full, old) == {table: rows for table, rows in old.items() if rows}
    assert len(old["match_lineup_entries"]) == len(full["match_lineup_entries"]) == 72
    upgrade_database(empty_url)
    again = read_rows(empty_url)
    assert known_to(again, old) == {table: rows for table, rows in old.items() if rows}
    assert again["match_events"] == []
    clubs = {row["id"]: row["club_id"] for row in full["match_lineup_entries"]}
    assert {row["id"]: row["club_id"] for row in again["match_lineup_entries"]} == clubs


# A database of every release, with a row in every table that was written at each.


@dataclass(frozen=True, slots=True)
class Walk:
    """What a database held at each revision: when its rows were written there, and when they came back from the newest.

    ``newest`` is what it held at the end of the way up.
    """

    written: dict[str, Rows]
    newest: Rows
    returned: dict[str, Rows]


@pytest.fixture(scope="module")
def walk(module_urls: list[URL]) -> Walk:
    url, revisions = module_urls[2], all_revisions()
    written, returned = {}, {}
    for generation, revision in enumerate(revisions, start=1):
        upgrade_database(url, revision)
        insert_rows(url, one_row_per_table(url, generation=generation))
        written[revision] = read_rows(url)
    newest = read_rows(url)
    for revision in reversed(revisions[:-1]):
        downgrade_database(url, revision)
        returned[revision] = read_rows(url)
    return Walk(written, newest, returned)


def lost(rows: Rows, later: Rows) -> list[Row]:
    """Rows of which no later one has all the values."""
    return [
        row
        for table, of_table in rows.items()
        for row in of_table
        if not any(row.items() <= other.items() for other in later.get(table, []))
    ]


def test_the_walk_fills_every_table_of_every_revision(walk: Walk) -> None:
    assert list(walk.written) == all_revisions()
    for revision, rows in walk.written.items():
        assert all(rows.values()), revision
    assert set(walk.newest) == set(Base.metadata.tables)
    assert len(walk.newest["players"]) == len(all_revisions())


@pytest.mark.parametrize("revision", all_revisions())
def test_rows_of_each_revision_are_whole_in_the_newest(walk: Walk, revision: str) -> None:
    assert lost(walk.written[revision], walk.newest) == []


@pytest.mark.parametrize("revision", all_revisions()[:-1])
def test_rows_of_each_revision_are_whole_when_they_come_back_from_the_newest(walk: Walk, revision: str) -> None:
    assert set(walk.returned[revision]) == set(walk.written[revision])
    assert lost(walk.written[revision], walk.returned[revision]) == []


# A database of the first release with rows that the new rules forbid.

# The names of a club's teams, the oldest first: before and after.
TEAM_NAMES = [
    (["Rovers", "Rovers", "Rovers"], ["Rovers", "Rovers (2)", "Rovers (3)"]),
    # Somebody thought of that already.
    (["Rovers", "Rovers", "Rovers (2)"], ["Rovers", "Rovers (3)", "Rovers (2)"]),
    # Different for SQLite, but equal for MariaDB's keys.
    (["Rovers", "Rovers "], ["Rovers", "Rovers (2)"]),
    # Different on both.
    (["Rovers", "rovers", "Róvers", " Rovers"], ["Rovers", "rovers", "Róvers", " Rovers"]),
    # No room left for the number.
    (["é" * 200, "é" * 200], ["é" * 200, "é" * 196 + " (2)"]),
]
# Team and number of players, the oldest first, and the number that they keep.
JERSEY_NUMBERS = [(1, 7, 7), (1, 7, None), (2, 7, 7), (None, 7, 7), (None, 7, 7), (1, None, None), (1, 7, None)]
FEET = [("left", "left"), ("Right", "right"), ("BOTH", "both"), ("either", None), ("", None), (None, None)]
# The clubs of users with their roles, and the club that is active afterwards.
ACTIVE_CLUBS = [
    ({100: "viewer", 101: "owner"}, 101),
    ({101: "owner", 102: "owner"}, 101),
    ({103: "viewer", 102: "coach"}, 102),
    ({}, None),
]


def _id(number: int | None) -> str | None:
    return None if number is None else str(uuid.UUID(int=number))


def _made(number: int, **values: Any) -> Row:
    """A row of club 100, unless it says otherwise; greater numbers are younger."""
    day = f"2025-06-01 08:{number // 60:02}:{number % 60:02}.000000"
    return {"id": _id(number), "club_id": _id(100), "created_at": day, **values}


def _teams() -> list[Row]:
    return [
        _made(10 * club + place, club_id=_id(100 + club), name=name)
        for club, (names, _) in enumerate(TEAM_NAMES)
        for place, name in enumerate(names, start=1)
    ]


def _players() -> list[Row]:
    numbered = [
        _made(200 + place, name="Numbered", team_id=_id(team), jersey_number=number)
        for place, (team, number, _) in enumerate(JERSEY_NUMBERS)
    ]
    footed = [
        _made(300 + place, name="Footed", dominant_foot=foot, jersey_number=None)
        for place, (foot, _) in enumerate(FEET)
    ]
    return numbered + footed


def _users() -> list[Row]:
    row = {"password_hash": "x", "is_active": True, "created_at": MOMENT}
    return [row | {"id": _id(400 + place), "email": f"{place}@example.com"} for place in range(len(ACTIVE_CLUBS))]


def _memberships() -> list[Row]:
    return [
        {"user_id": _id(400 + place), "club_id": _id(club), "role": role}
        for place, (roles, _) in enumerate(ACTIVE_CLUBS)
        for club, role in roles.items()
    ]


@pytest.fixture(scope="module")
def mended(module_urls: list[URL]) -> Iterator[Database]:
    url = module_urls[1]
    upgrade_database(url, "0001")
    clubs: list[Row] = [{"id": _id(number), "name": "Club", "created_at": MOMENT} for number in range(100, 105)]
    insert_rows(url, {"clubs": clubs, "users": _users(), "memberships": _memberships()})
    insert_rows(url, {"teams": _teams(), "players": _players()})
    upgrade_database(url)
    database = Database(url)
    yield database
    database.dispose()


def _column(database: Database, column: str, table: str, where: str) -> list[Any]:
    with database.reading() as session:
        statement = sa.text(f"SELECT {column} FROM {table} WHERE {where} ORDER BY id")
        return list(session.execute(statement).scalars())


@pytest.mark.parametrize("club", range(len(TEAM_NAMES)))
def test_teams_of_one_name_in_a_club_are_told_apart_by_a_number(mended: Database, club: int) -> None:
    assert _column(mended, "name", "teams", f"club_id = '{_id(100 + club)}'") == TEAM_NAMES[club][1]


def test_the_oldest_player_of_a_team_keeps_a_double_jersey_number(mended: Database) -> None:
    kept = _column(mended, "jersey_number", "players", "name = 'Numbered'")
    assert kept == [number for _, _, number in JERSEY_NUMBERS]


def test_feet_that_the_models_do_not_know_are_forgotten(mended: Database) -> None:
    assert _column(mended, "dominant_foot", "players", "name = 'Footed'") == [foot for _, foot in FEET]
    with mended.reading() as session:
        assert len(session.scalars(sa.select(Player)).all()) == len(JERSEY_NUMBERS) + len(FEET)


def test_the_active_club_is_the_first_that_the_user_owns_or_else_the_first(mended: Database) -> None:
    with mended.reading() as session:
        active = session.scalars(sa.select(User.active_club_id).order_by(User.id)).all()
    assert [str(club_id) if club_id else None for club_id in active] == [_id(club) for _, club in ACTIVE_CLUBS]
