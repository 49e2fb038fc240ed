"""What goes with a row, and what stays without it, on both databases alike."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from app.core.database import Database
from app.models import Base
from tests.integration.rows import Rows, insert_rows, one_row_per_table, read_rows

MEASURED = {"ball_positions", "player_match_statistics", "track_links", "tracks"}
OF_VIDEO = {"calibrations", "jobs", "job_events", "video_segments"}
OF_MATCH = {"match_events", "match_lineups", "match_lineup_entries", "match_team_statistics", "videos"} | {
    *OF_VIDEO,
    "analysis_reports",
    *MEASURED,
}


@dataclass(frozen=True, slots=True)
class Deletion:
    """``goes``: tables that lose their rows, too. ``forgets``: columns that become null in rows that stay."""

    table: str
    goes: frozenset[str]
    forgets: frozenset[str]


def deleting(table: str, goes: set[str], forgets: set[str]) -> Deletion:
    return Deletion(table, frozenset(goes), frozenset(forgets))


DELETIONS = [
    # A club takes along all that it owns; its members stay, without an active club.
    deleting(
        "clubs",
        {"audit_log", "competitions", "formations", "invitations", "matches", "memberships", "players", "reunions"}
        | {"staff", "teams", "training_sessions", "webhooks", "webhook_deliveries", *OF_MATCH},
        {"users.active_club_id"},
    ),
    # A user takes along its own log-ins only; what it did is kept.
    deleting(
        "users",
        {"account_sessions", "idempotency_keys", "memberships", "refresh_tokens"},
        {"audit_log.user_id", "invitations.invited_by", "jobs.created_by"},
    ),
    deleting("account_sessions", {"refresh_tokens"}, set()),
    # Matches and players outlive a team; what is about the team alone does not.
    deleting(
        "teams",
        {"formations", "match_lineup_entries", "match_team_statistics"},
        {"match_events.team_id", "matches.away_team_id", "matches.home_team_id", "players.team_id", "staff.team_id"},
    ),
    deleting(
        "players",
        {"match_lineup_entries", "player_match_statistics"},
        {"match_events.player_id", "tracks.player_id"},
    ),
    deleting("competitions", set(), {"matches.competition_id"}),
    deleting("formations", set(), {"match_lineup_entries.formation_id"}),
    deleting("matches", OF_MATCH, set()),
    deleting("match_lineups", {"match_lineup_entries"}, set()),
    deleting("match_events", set(), {"video_segments.match_event_id"}),
    # What was measured on a video outlives it.
    deleting("videos", OF_VIDEO, {"analysis_reports.job_id", "analysis_reports.video_id"}),
    deleting("calibrations", set(), {"jobs.calibration_id"}),
    deleting("jobs", {"job_events"}, {"analysis_reports.job_id"}),
    deleting("analysis_reports", MEASURED, {"video_segments.report_id"}),
    deleting("webhooks", {"webhook_deliveries"}, set()),
]
PARENTS = {key.column.table.name for table in Base.metadata.sorted_tables for key in table.foreign_keys}


@pytest.fixture(scope="module")
def rows(sqlite_template: Path) -> Rows:
    """One in each table, bound to each other wherever they can be."""
    return one_row_per_table(URL.create("sqlite+pysqlite", database=str(sqlite_template)))


@pytest.mark.parametrize("deletion", DELETIONS, ids=lambda deletion: deletion.table)
def test_a_row_takes_along_what_is_part_of_it_and_nothing_else(
    database_url: URL, rows: Rows, deletion: Deletion
) -> None:
    insert_rows(database_url, rows)
    before = read_rows(database_url)
    _delete(database_url, deletion.table)
    after = read_rows(database_url)
    gone = {table for table in before if not after[table]}
    forgotten = {
        f"{table}.{column}"
        for table, rows in after.items()
        for row in rows
        for column, value in row.items()
        if value != before[table][0][column]
    }
    assert gone == {deletion.table, *deletion.goes}
    assert forgotten == deletion.forgets
    assert all(after[name.partition(".")[0]][0][name.partition(".")[2]] is None for name in forgotten)


def test_every_table_that_others_refer_to_has_its_line() -> None:
    assert {deletion.table for deletion in DELETIONS} == PARENTS


def _delete(url: URL, table: str) -> None:
    database = Database(url)
    with database.unit_of_work() as session:
        session.execute(sa.delete(Base.metadata.tables[table]))
    database.dispose()
