"""Rows of every table for one club, made from the models: a new table is filled without a word here."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, Enum, Table, insert, select
from sqlalchemy.orm import Session

from app.core.account import Role
from app.models import Base, JobStatus, Membership, User
from app.schemas.analysis_report import AnalysisReportRead

_NAMESPACE = uuid.UUID("f6b8f2f0-3c1e-4b59-8a07-2d9a6a1f7f11")
_BEGIN = datetime(2026, 8, 1, 15, 0, tzinfo=UTC)
_LATER = datetime(2090, 1, 1, tzinfo=UTC)
_CORNERS = [([0, 0], [0, 0]), ([900, 0], [105, 0]), ([900, 600], [105, 68]), ([0, 600], [0, 68])]

# What the type of a column does not say: the value of the row with a number.
_VALUES: dict[str, Callable[[int], Any]] = {
    "account_sessions.address": lambda _: "192.0.2.1",
    "account_sessions.expires_at": lambda _: _LATER,
    "account_sessions.revoked_at": lambda _: None,
    "analysis_reports.report_data": lambda _: _example_of_findings(),
    "calibrations.points": lambda _: [{"pixel": pixel, "pitch": pitch} for pixel, pitch in _CORNERS],
    "formations.positions": lambda _: [{"position": "GK", "x": 0.5, "y": 0.95}],
    "invitations.accepted_at": lambda _: None,
    "invitations.email": lambda number: f"invited{number}@example.com",
    "invitations.expires_at": lambda _: _LATER,
    "job_events.phase": lambda _: None,
    "job_events.status": lambda _: JobStatus.COMPLETED,
    "jobs.progress": lambda _: 1.0,
    "jobs.status": lambda _: JobStatus.COMPLETED,
    "memberships.role": lambda _: Role.VIEWER,
    "player_match_statistics.heatmap": lambda _: {"cell_m": 52.5, "columns": 2, "rows": 1, "seconds": [[1.0, 2.0]]},
    "players.country_code": lambda _: "DE",
    "players.height_cm": lambda _: 180,
    "players.jersey_number": lambda number: number % 99 + 1,
    "players.weight_kg": lambda _: 75,
    "staff.email": lambda number: f"staff{number}@example.com",
    "teams.primary_color": lambda _: "#0b6e4f",
    "teams.secondary_color": lambda _: "#ffffff",
    "video_segments.end_s": lambda number: number + 1.0,
    "videos.duration_s": lambda _: 5400.0,
    "videos.sha256": lambda number: f"{number:064x}",
    "webhook_deliveries.payload": lambda number: f'{{"type": "job.failed", "data": {{"number": {number}}}}}',
    "webhooks.events": lambda _: ["job.completed", "job.failed"],
    "webhooks.secret": lambda _: "whsec_c2VjcmV0",
    "webhooks.url": lambda number: f"https://receiver{number}.example/hook",
}

# Which table a parameter of a path names a row of. Row n refers to row n of other tables, so two of them go together.
TABLES = {
    "analysis_id": "jobs",
    "calibration_id": "calibrations",
    "competition_id": "competitions",
    "delivery_id": "webhook_deliveries",
    "event_id": "match_events",
    "formation_id": "formations",
    "invitation_id": "invitations",
    "job_id": "jobs",
    "lineup_id": "match_lineups",
    "link_id": "track_links",
    "match_id": "matches",
    "player_id": "players",
    "report_id": "analysis_reports",
    "reunion_id": "reunions",
    "segment_id": "video_segments",
    "session_id": "account_sessions",
    "staff_id": "staff",
    "team_id": "teams",
    "training_session_id": "training_sessions",
    "user_id": "users",
    "video_id": "videos",
    "webhook_id": "webhooks",
}


@dataclass
class PopulatedClub:
    """``count`` rows of each table. Every text that can hold it begins with ``mark``, which is one word."""

    club_id: uuid.UUID
    owner_id: uuid.UUID
    mark: str
    count: int
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def ids(self, table: str) -> list[uuid.UUID]:
        return [row["id"] for row in self.rows[table]]

    def path(self, template: str, number: int = 0) -> str:
        """A path of the OpenAPI document with the ids of existing rows."""
        return re.sub(r"\{(\w+)\}", lambda found: str(self.parameter(template, found[1], number)), template)

    def parameter(self, template: str, name: str, number: int) -> Any:
        """An existing value of a path's parameter."""
        if name == "club_id":
            return self.club_id
        if name == "name":
            return self.rows[template.split("/")[2]][number]["name"]
        if name == "statistics_id":
            return self.ids(template.split("/")[2])[number]
        if template.startswith("/api/events/"):
            return self.ids("competitions")[number]
        return self.ids(TABLES[name])[number]

    def add(self, session: Session, table: str, **fixed: Any) -> None:
        """``count`` rows more; ``fixed`` are columns with one value in all of them, or functions of the number."""
        columns = _filled(Base.metadata.tables[table])
        for number in range(self.count):
            row = {column.key: self.value(column, number) for column in columns}
            given = {name: value(number) if callable(value) else value for name, value in fixed.items()}
            session.execute(
                insert(Base.metadata.tables[table]), row | ({"id": uuid.uuid4()} if "id" in row else {}) | given
            )

    def value(self, column: Column[Any], number: int) -> Any:
        name = f"{column.table.name}.{column.key}"
        if name in _VALUES:
            return _VALUES[name](number)
        if name == "users.email":
            return f"{self.mark}{number}@example.com".lower()
        if name == "account_sessions.user_id":
            return self.owner_id
        if name == "matches.away_team_id":
            number = (number + 1) % self.count
        for reference in column.foreign_keys:
            key = reference.column
            return self.club_id if key.table.name == "clubs" else self.rows[key.table.name][number][key.key]
        return self._value_of_type(column, number)

    def _value_of_type(self, column: Column[Any], number: int) -> Any:
        if isinstance(column.type, Enum):
            words = list(column.type.enum_class or ())
            return words[number % len(words)]
        kind = dict if isinstance(column.type, JSON) else column.type.python_type
        if kind is uuid.UUID:
            return uuid.uuid5(_NAMESPACE, f"{self.mark} {column.table.name} {column.key} {number}")
        if kind is str:
            return self._text(column, number)
        return _OF_TYPE[kind](number)

    def _text(self, column: Column[Any], number: int) -> str:
        text = f"{self.mark} {column.key} {number}"
        length = getattr(column.type, "length", None) or len(text)
        return text if len(text) <= length else f"{self.mark[0]}{number}"[:length]


_OF_TYPE: dict[type, Callable[[int], Any]] = {
    int: lambda number: number,
    float: lambda number: number / 1000,
    bool: lambda _: True,
    date: lambda number: date(1990, 1, 1) + timedelta(days=number),
    datetime: lambda number: _BEGIN + timedelta(hours=number),
    dict: lambda number: {"number": number},
}


def populate_club(session: Session, owner_email: str, *, mark: str, count: int) -> PopulatedClub:
    """Fill the club of a registered owner."""
    query = select(Membership.club_id, User.id).join(User, User.id == Membership.user_id)
    club_id, owner_id = session.execute(query.where(User.email == owner_email, Membership.role == Role.OWNER)).one()
    club = PopulatedClub(club_id, owner_id, mark, count)
    for table in Base.metadata.sorted_tables:
        if table.name != "clubs":
            made = [{column.key: club.value(column, n) for column in _filled(table)} for n in range(count)]
            session.execute(insert(table), made)
            club.rows[table.name] = made
    return club


def _filled(table: Table) -> list[Column[Any]]:
    """The columns that a row is given; the database counts by itself."""
    return [column for column in table.columns if column is not table.autoincrement_column]


def _example_of_findings() -> Any:
    example: Any = AnalysisReportRead.model_config["json_schema_extra"]
    return example["examples"][0]["report_data"]
