"""Write data/full_insert.sql, a club to look around in, from data/seed and the models.

    python scripts/make_seed_sql.py            write the file
    python scripts/make_seed_sql.py --check    exit with 1 if the file is not what data/seed and the models say

All people, teams and places are invented. The rows pass through an SQLite database in memory, so a file that breaks a
foreign key or a unique key is never written. Only hand-entered figures are in it: nothing here was measured.
"""

import csv
import json
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, String, Table, literal, select, text
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.core.database import Database
from app.models import (
    Base,
    Club,
    Formation,
    Match,
    MatchLineup,
    MatchLineupEntry,
    MatchStatus,
    Membership,
    Player,
    PlayerMatchStatistics,
    Position,
    Role,
    Team,
    User,
    VideoSegment,
)
from app.services.standard_formations import STANDARD_FORMATIONS

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "data" / "full_insert.sql"
PLAYERS = ROOT / "data" / "seed" / "players.csv"
MATCH_SHEET = ROOT / "data" / "seed" / "match_sheet.csv"

_HEAD = """\
-- A club to look around in, for a database made by data/full_creation.sql.
--     mysql -u root -p < data/full_insert.sql
-- Log in as coach@example.com with the password coach-pro-demo. Everybody can read that password here, so do not load
-- this file on a server that others can reach. All people, teams and places are invented.
-- Made by scripts/make_seed_sql.py from data/seed; do not edit.

SET NAMES utf8mb4;
USE coach_pro_db;
START TRANSACTION;

"""
_TAIL = "COMMIT;\n"

_NAMESPACE = uuid.UUID("5ba34bb3-6d38-4d5e-9c6c-6f0a43a1c0de")
_ENTERED_AT = datetime(2026, 11, 15, 9, 30, tzinfo=UTC)
# hash_password("coach-pro-demo"); fixed, because every hash has a salt of its own.
_DEMO_PASSWORD_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$qkAkvixHWw0HLRyEzbTy5A$7DKq/OdVM79llpAeb9YjSDrCPA59/xrXZwVfNgoxpS8"  # noqa: S105
)
_FORMATION_OF = {"aurelia": "4-3-3", "brindmoor": "4-4-2"}
# Without a driver's parameter style, so that a percent sign in a text stays single.
_DIALECT = mysql.dialect(paramstyle="named")


def seed_id(*names: object) -> uuid.UUID:
    """The id of a row, the same in every run: the names say which one, ("player", "aurelia", 9) for example."""
    return uuid.uuid5(_NAMESPACE, "/".join(map(str, names)))


CLUB_ID = seed_id("club")
PLAYED_ID, UPCOMING_ID = seed_id("match", "played"), seed_id("match", "upcoming")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of the match sheet: a place on it, and the figures of somebody who played."""

    team: str
    jersey_number: int
    is_starting: bool
    position_in_formation: str | None
    figures: dict[str, int | float | str | None]

    @property
    def player_id(self) -> uuid.UUID:
        return seed_id("player", self.team, self.jersey_number)


def seed_sql() -> str:
    """The statements that fill an empty schema."""
    database = Database(URL.create("sqlite+pysqlite", database=":memory:"))
    Base.metadata.create_all(database.engine)
    with database.unit_of_work() as session:
        for rows in (_club(), _teams(), _formations(), _players(), _matches(), _sheet(), _statistics(), _segments()):
            _add(session, rows)
    with database.reading() as session:
        inserts = [_insert(session, table) for table in Base.metadata.sorted_tables]
    database.dispose()
    return _HEAD + "".join(inserts) + _TAIL


def _add(session: Session, rows: Iterator[Base]) -> None:
    for row in rows:
        if "created_at" in row.__table__.columns:
            row.created_at = _ENTERED_AT  # type: ignore[attr-defined]  # only the base of all models is known here
        session.add(row)
    session.flush()


def _club() -> Iterator[Base]:
    user_id = seed_id("user", "coach")
    yield Club(id=CLUB_ID, name="Coach Pro demo club")
    yield User(
        id=user_id, email="coach@example.com", password_hash=_DEMO_PASSWORD_HASH, full_name="Demo Coach", is_active=True
    )
    yield Membership(club_id=CLUB_ID, user_id=user_id, role=Role.OWNER)


def _teams() -> Iterator[Base]:
    colours = (
        ("aurelia", "Port Aurelia FC", "#0b6e4f", "#ffffff"),
        ("brindmoor", "Athletic Brindmoor", "#c8102e", "#1d1d1b"),
    )
    for team, name, primary, secondary in colours:
        yield Team(
            id=seed_id("team", team), club_id=CLUB_ID, name=name, primary_color=primary, secondary_color=secondary
        )


def _formations() -> Iterator[Base]:
    for name, slots in STANDARD_FORMATIONS.items():
        yield Formation(
            id=seed_id("formation", name),
            club_id=CLUB_ID,
            name=name,
            positions=[slot.as_json() for slot in slots],
        )


def _players() -> Iterator[Base]:
    for line in _lines(PLAYERS):
        yield Player(
            id=seed_id("player", line["team"], line["jersey_number"]),
            club_id=CLUB_ID,
            team_id=seed_id("team", line["team"]),
            name=line["name"],
            position=Position(line["position"]),
            jersey_number=int(line["jersey_number"]),
            birth_date=date.fromisoformat(line["birth_date"]),
            dominant_foot=line["dominant_foot"],
            height_cm=int(line["height_cm"]),
            weight_kg=int(line["weight_kg"]),
            nationality=line["nationality"],
        )


def _matches() -> Iterator[Base]:
    home, away = seed_id("team", "aurelia"), seed_id("team", "brindmoor")
    yield Match(
        id=PLAYED_ID,
        club_id=CLUB_ID,
        home_team_id=home,
        away_team_id=away,
        match_date=datetime(2026, 11, 14, 15, 0, tzinfo=UTC),
        venue="Harbour Ground, Port Aurelia",
        status=MatchStatus.COMPLETED,
        home_score=3,
        away_score=2,
    )
    yield Match(
        id=UPCOMING_ID,
        club_id=CLUB_ID,
        home_team_id=away,
        away_team_id=home,
        match_date=datetime(2030, 3, 16, 14, 30, tzinfo=UTC),  # far enough to stay ahead for years
        venue="Moorside Park, Brindmoor",
        status=MatchStatus.UPCOMING,
    )


def _sheet() -> Iterator[Base]:
    lineup_id = seed_id("lineup", "played")
    yield MatchLineup(id=lineup_id, club_id=CLUB_ID, match_id=PLAYED_ID)
    for order, line in enumerate(_sheet_lines()):
        yield MatchLineupEntry(
            id=seed_id("lineup", "played", line.player_id),
            lineup_id=lineup_id,
            sheet_order=order,
            team_id=seed_id("team", line.team),
            player_id=line.player_id,
            formation_id=seed_id("formation", _FORMATION_OF[line.team]),
            is_starting=line.is_starting,
            position_in_formation=line.position_in_formation,
        )


def _statistics() -> Iterator[Base]:
    for line in _sheet_lines():
        if line.figures["minutes_played"] is not None:
            yield PlayerMatchStatistics(
                id=seed_id("statistics", "played", line.player_id),
                club_id=CLUB_ID,
                match_id=PLAYED_ID,
                player_id=line.player_id,
                **line.figures,
            )


def _segments() -> Iterator[Base]:
    yield VideoSegment(
        id=seed_id("segment", "winner"),
        club_id=CLUB_ID,
        match_id=PLAYED_ID,
        title="3–2 after a quick break from midfield",
        segment_type="goal",
        start_s=4711.0,
        end_s=4738.5,
    )


def _sheet_lines() -> Iterator[SheetLine]:
    places = {"team", "jersey_number", "is_starting", "position_in_formation"}
    for line in _lines(MATCH_SHEET):
        yield SheetLine(
            team=line["team"],
            jersey_number=int(line["jersey_number"]),
            is_starting=line["is_starting"] == "yes",
            position_in_formation=line["position_in_formation"] or None,
            figures={name: _figure(name, cell) for name, cell in line.items() if name not in places},
        )


def _figure(name: str, cell: str) -> int | float | str | None:
    """A cell as its column's type; an empty one is a figure that nobody entered."""
    kind: type[int | float | str] = PlayerMatchStatistics.__table__.columns[name].type.python_type
    return kind(cell) if cell else None


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _insert(session: Session, table: Table) -> str:
    """One INSERT with a line per row, in the order in which the rows were added; nothing for an empty table."""
    rows = session.execute(select(table).order_by(text("rowid"))).all()
    if not rows:
        return ""
    used = [column for column in table.columns if any(row._mapping[column] is not None for row in rows)]
    names = ", ".join(_DIALECT.identifier_preparer.format_column(column) for column in used)
    values = ",\n".join(f"  ({', '.join(_literal(row._mapping[column], column) for column in used)})" for row in rows)
    return f"INSERT INTO {_DIALECT.identifier_preparer.format_table(table)} ({names}) VALUES\n{values};\n\n"


def _literal(value: Any, column: Column[Any]) -> str:
    """A value as MySQL reads it, rendered by the column's own type."""
    if isinstance(column.type, JSON) and value is not None:
        expression = literal(json.dumps(value, ensure_ascii=False), String())
    else:
        expression = literal(value, column.type)
    return str(expression.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))


def main(arguments: list[str]) -> None:
    if arguments not in ([], ["--check"]):
        raise SystemExit("usage: make_seed_sql.py [--check]")
    wanted = seed_sql()
    if not arguments:
        TARGET.write_text(wanted, encoding="utf-8")
    elif not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != wanted:
        raise SystemExit(f"{TARGET} is stale: run python scripts/make_seed_sql.py")


if __name__ == "__main__":
    main(sys.argv[1:])
