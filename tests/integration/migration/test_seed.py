"""data/full_insert.sql is a club that can be used at once, and whose figures agree with each other."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.core.database import Database
from app.factory import create_app
from app.models import (
    AnalysisReport,
    Base,
    MatchLineup,
    MatchLineupEntry,
    Player,
    PlayerMatchStatistics,
    Position,
    Team,
    VideoSegment,
)
from app.services.engine import ScriptedEngine
from app.services.standard_formations import STANDARD_FORMATIONS
from tests.integration.conftest import SECRET_KEY
from tests.integration.migration.schema import SEED_SQL, load
from tests.servers.mariadb import PrivateMariaDB
from tests.servers.scripts import good_run

HOME, AWAY = "Port Aurelia FC", "Athletic Brindmoor"
MEASURED = ("seconds_seen", "distance_m", "top_speed_mps", "mean_speed_mps", "mean_x_m", "mean_y_m", "heatmap")

Json = dict[str, Any]


@pytest.fixture(scope="module")
def database(seeded_url: URL) -> Iterator[Database]:
    database = Database(seeded_url)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def client(seeded_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The API on the seeded database, logged in as the seed file says."""
    folder = tmp_path_factory.mktemp("seeded")
    settings = Settings(
        _env_file=None,
        secret_key=SECRET_KEY,
        database_url=seeded_url.render_as_string(hide_password=False),
        data_dir=folder / "var",
        upload_dir=folder / "uploads",
        embedded_workers=0,
        log_level="WARNING",
    )
    with TestClient(create_app(settings, engine=ScriptedEngine(good_run))) as client:
        login = client.post("/api/token", data={"username": "coach@example.com", "password": "coach-pro-demo"})
        assert login.status_code == 200, login.text
        client.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
        yield client


@pytest.fixture(scope="module")
def players(database: Database) -> dict[str, Player]:
    with database.reading() as session:
        return {str(player.id): player for player in session.scalars(sa.select(Player))}


@pytest.fixture(scope="module")
def team_names(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {str(team.id): team.name for team in session.scalars(sa.select(Team))}


@pytest.fixture(scope="module")
def played(client: TestClient) -> Json:
    match: Json
    [match] = [match for match in read(client, "/api/matches") if match["status"] == "completed"]
    return match


@pytest.fixture(scope="module")
def statistics(client: TestClient, played: Json) -> list[Json]:
    rows: list[Json] = read(client, "/api/player_match_statistics", match_id=played["id"])
    return rows


@pytest.fixture(scope="module")
def lineup(client: TestClient, database: Database) -> Json:
    with database.reading() as session:
        lineup_id = session.scalars(sa.select(MatchLineup.id)).one()
    sheet: Json = read(client, f"/api/match_lineups/{lineup_id}")
    return sheet


def read(client: TestClient, path: str, **query: str) -> Any:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def by_team(rows: list[Json], players: dict[str, Player], team_names: dict[str, str]) -> dict[str, list[Json]]:
    teams: dict[str, list[Json]] = {HOME: [], AWAY: []}
    for row in rows:
        teams[team_names[str(players[row["player_id"]].team_id)]].append(row)
    return teams


def total(rows: list[Json], figure: str) -> int:
    return sum(row[figure] for row in rows)


def test_the_demo_account_logs_in_and_owns_the_club(client: TestClient) -> None:
    me = read(client, "/api/users/me")
    assert (me["email"], me["full_name"]) == ("coach@example.com", "Demo Coach")
    created = client.post("/api/formations", json={"name": "of the demo club"})
    assert created.status_code == 201


def test_the_matches_come_back_latest_first(client: TestClient) -> None:
    upcoming, played = read(client, "/api/matches")
    assert (upcoming["status"], upcoming["match_date"]) == ("upcoming", "2030-03-16T14:30:00Z")
    assert (upcoming["home_team_name"], upcoming["away_team_name"]) == (AWAY, HOME)
    assert upcoming["home_score"] is upcoming["away_score"] is None
    assert (played["status"], played["match_date"]) == ("completed", "2026-11-14T15:00:00Z")
    assert (played["home_team_name"], played["away_team_name"]) == (HOME, AWAY)
    assert (played["home_score"], played["away_score"]) == (3, 2)
    assert (played["pitch_length_m"], played["pitch_width_m"]) == (105.0, 68.0)


def test_the_formations_are_those_that_every_club_gets(client: TestClient) -> None:
    formations = {row["name"]: row["positions"] for row in read(client, "/api/formations")}
    for name, slots in STANDARD_FORMATIONS.items():
        assert formations[name] == [slot.as_json() for slot in slots]


def test_each_squad_is_complete(players: dict[str, Player], team_names: dict[str, str]) -> None:
    for team_id, name in team_names.items():
        squad = [player for player in players.values() if str(player.team_id) == team_id]
        positions = Counter(player.position for player in squad)
        assert len(squad) >= 16, name
        assert positions[Position.GOALKEEPER] == 2, name
        assert set(positions) == set(Position), name
        assert len({player.jersey_number for player in squad}) == len(squad), name
        for player in squad:
            assert player.dominant_foot in {"left", "right", "both"}
            assert player.height_cm is not None
            assert 160 <= player.height_cm <= 205
            assert player.weight_kg is not None
            assert 55 <= player.weight_kg <= 100
            assert player.birth_date is not None
            assert player.nationality


def test_names_survive_a_client_with_another_character_set(players: dict[str, Player]) -> None:
    names = {player.name for player in players.values()}
    assert {"Łukasz Brzozdęba", "森柳 海斗", "Hálfdan Þrastborg", "Tomáš Křivodub"} <= names


def test_eleven_start_for_each_team_and_the_others_sit_on_the_bench(
    lineup: Json, played: Json, players: dict[str, Player], team_names: dict[str, str]
) -> None:
    assert lineup["match_id"] == played["id"]
    for entries in by_team(lineup["entries"], players, team_names).values():
        starters = [entry for entry in entries if entry["is_starting"]]
        assert len({entry["position_in_formation"] for entry in starters}) == len(starters) == 11
        assert len(entries) == 18
        assert all(entry["position_in_formation"] is None for entry in entries if not entry["is_starting"])
        assert all(str(players[entry["player_id"]].team_id) == entry["team_id"] for entry in entries)


def test_the_starters_are_as_many_per_line_as_their_formation_says(
    client: TestClient, lineup: Json, players: dict[str, Player]
) -> None:
    slots = {
        row["id"]: Counter(slot["position"] for slot in row["positions"]) for row in read(client, "/api/formations")
    }
    for formation_id in {entry["formation_id"] for entry in lineup["entries"]}:
        starters = [row for row in lineup["entries"] if row["is_starting"] and row["formation_id"] == formation_id]
        assert Counter(players[row["player_id"]].position for row in starters) == slots[formation_id]


def test_the_goals_of_the_players_add_up_to_the_score(
    played: Json, statistics: list[Json], players: dict[str, Player], team_names: dict[str, str]
) -> None:
    teams = by_team(statistics, players, team_names)
    assert {name: total(rows, "goals") for name, rows in teams.items()} == {
        HOME: played["home_score"],
        AWAY: played["away_score"],
    }


def test_the_figures_of_the_two_teams_agree_with_each_other(
    statistics: list[Json], players: dict[str, Player], team_names: dict[str, str]
) -> None:
    teams = by_team(statistics, players, team_names)
    for name, other in ((HOME, AWAY), (AWAY, HOME)):
        mine, theirs = teams[name], teams[other]
        assert total(mine, "minutes_played") == 11 * 90
        assert total(mine, "assists") <= total(mine, "goals")
        assert total(mine, "key_passes") <= total(mine, "shots")
        assert total(mine, "saves") == total(theirs, "shots_on_target") - total(theirs, "goals")
        assert total(mine, "fouls_suffered") == total(theirs, "fouls_committed")


def test_the_figures_of_each_player_are_possible(statistics: list[Json], players: dict[str, Player]) -> None:
    for row in statistics:
        assert 0 < row["minutes_played"] <= 90
        assert row["shots"] >= row["shots_on_target"] >= row["goals"] >= 0
        assert row["passes"] >= row["accurate_passes"] >= 0
        assert row["key_passes"] >= row["assists"] >= 0
        assert 0 <= row["rating"] <= 10
        assert row["saves"] == 0 or players[row["player_id"]].position is Position.GOALKEEPER


def test_everybody_with_figures_stood_on_the_sheet_and_all_starters_have_some(
    statistics: list[Json], lineup: Json
) -> None:
    minutes = {row["player_id"]: row["minutes_played"] for row in statistics}
    entries = {entry["player_id"]: entry["is_starting"] for entry in lineup["entries"]}
    assert len(minutes) == len(statistics)
    assert set(minutes) <= set(entries)
    assert {player for player, starts in entries.items() if starts} <= set(minutes)
    assert all(entries[player] or played < 90 for player, played in minutes.items())


def test_notes_keep_their_quotes_and_percent_signs(statistics: list[Json]) -> None:
    assert {row["notes"] for row in statistics} == {
        None,
        "Booked after 55'; didn't lose his head.",
        "Wins 70 % of his duels: show him the clip of the 40th minute.",
    }


def test_nothing_in_the_seed_pretends_to_be_measured(statistics: list[Json], database: Database) -> None:
    assert all(row[figure] is None for row in statistics for figure in (*MEASURED, "report_id", "track_number"))
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(AnalysisReport)) == 0


def test_the_video_segment_belongs_to_the_played_match(database: Database, played: Json) -> None:
    with database.reading() as session:
        segment = session.scalars(sa.select(VideoSegment)).one()
    assert str(segment.match_id) == played["id"]
    assert 0 <= segment.start_s < segment.end_s <= 100 * 60


def test_every_foreign_key_of_the_seed_has_its_row(database: Database) -> None:
    checked = 0
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for key in table.foreign_keys:
                target = key.column.table.alias()
                orphan = ~sa.exists().where(target.c[key.column.name] == key.parent)
                missing = sa.select(sa.func.count()).select_from(table).where(key.parent.is_not(None), orphan)
                assert session.scalar(missing) == 0, f"{table.name}.{key.parent.name}"
                checked += 1
    assert checked > 30
    assert "FOREIGN_KEY_CHECKS" not in SEED_SQL.read_text(encoding="utf-8").upper()


def test_loading_the_seed_again_is_refused_and_changes_nothing(
    seeded_url: URL, mariadb: PrivateMariaDB, database: Database
) -> None:
    before = _row_counts(database)
    again = load(mariadb, SEED_SQL)
    assert again.returncode != 0
    assert "Duplicate entry" in again.stderr
    assert _row_counts(database) == before


def test_a_seed_that_breaks_off_leaves_nothing_behind(
    seeded_url: URL, mariadb: PrivateMariaDB, database: Database, tmp_path: Path
) -> None:
    """One transaction: the rows before the fault are taken back."""
    before = _row_counts(database)
    broken = tmp_path / "broken.sql"
    broken.write_text(
        "USE coach_pro_db;\nSTART TRANSACTION;\n"
        "INSERT INTO clubs (id, name, created_at) VALUES ('x', 'half', '2026-01-01');\n"
        + SEED_SQL.read_text(encoding="utf-8").partition("START TRANSACTION;\n")[2],
        encoding="utf-8",
    )
    assert load(mariadb, broken).returncode != 0
    assert _row_counts(database) == before


def _row_counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def test_the_sheet_counts_every_entry_once(database: Database) -> None:
    with database.reading() as session:
        orders = session.scalars(sa.select(MatchLineupEntry.sheet_order)).all()
        figures = session.scalar(sa.select(sa.func.count()).select_from(PlayerMatchStatistics))
    assert sorted(orders) == list(range(36))
    assert figures == 28
