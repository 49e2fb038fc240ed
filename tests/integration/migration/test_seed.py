"""data/full_insert.sql is a club that can be used at once, with an analysis that is what the engine measured."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy.engine import URL

from app.core.database import Database
from app.models import (
    AnalysisReport,
    BallPosition,
    Base,
    Foot,
    Match,
    Player,
    PlayerMatchStatistics,
    Position,
    Role,
    StaffMember,
    Team,
    Track,
    User,
    VideoSegment,
)
from app.services.standard_formations import STANDARD_FORMATIONS
from scripts.seed.identity import CLUB_ID, ENTERED_AT, seed_id
from tests.conftest import ROOT
from tests.integration.migration.schema import SEED_SQL, load
from tests.servers.mariadb import PrivateMariaDB

HOME, AWAY = "Port Aurelia FC", "Athletic Brindmoor"
SAMPLE_CSV = ROOT / "samples" / "engine_csv" / "coach_pro"

MEASURED = sa.select(AnalysisReport).where(AnalysisReport.total_frames.is_not(None))

_OURS = {"account_sessions", "refresh_tokens", "audit_log"}

Json = Any
Headers = dict[str, str]


def log_in(client: TestClient, email: str) -> Headers:
    """As the seed file says."""
    login = client.post("/api/token", data={"username": email, "password": "coach-pro-demo"})
    assert login.status_code == 200, login.text
    return {"Authorization": f"Bearer {login.json()['access_token']}"}


@pytest.fixture(scope="module")
def coach(seeded_client: TestClient) -> Headers:
    return log_in(seeded_client, "coach@example.com")


@pytest.fixture(scope="module")
def squads(seeded_database: Database) -> dict[str, list[Player]]:
    with seeded_database.reading() as session:
        players = session.scalars(sa.select(Player)).all()
        return {
            team.name: [player for player in players if player.team_id == team.id]
            for team in session.scalars(sa.select(Team))
        }


def read(client: TestClient, headers: Headers, path: str) -> Json:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def count(database: Database, model: type[Base], *where: sa.ColumnElement[bool]) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0


# Who may log in.


def test_the_coach_owns_the_club(seeded_client: TestClient, coach: Headers) -> None:
    me = read(seeded_client, coach, "/api/users/me")
    assert (me["email"], me["full_name"]) == ("coach@example.com", "Demo Coach")
    created = seeded_client.post("/api/teams", headers=coach, json={"name": "of the demo club"})
    assert (created.status_code, created.json()["club_id"]) == (201, str(CLUB_ID))
    assert seeded_client.delete(created.headers["Location"], headers=coach).status_code == 204


@pytest.mark.parametrize("role", [Role.ANALYST, Role.VIEWER])
def test_the_other_accounts_see_the_club_and_may_not_change_its_teams(seeded_client: TestClient, role: Role) -> None:
    headers = log_in(seeded_client, f"{role.value}@example.com")
    teams = {team["name"]: team["id"] for team in read(seeded_client, headers, "/api/teams")}
    assert set(teams) == {HOME, AWAY}
    assert seeded_client.delete(f"/api/teams/{teams[HOME]}", headers=headers).status_code == 403


def test_every_account_starts_in_the_demo_club(seeded_database: Database) -> None:
    with seeded_database.reading() as session:
        assert session.scalars(sa.select(User.active_club_id)).all() == [CLUB_ID] * 3


# What there is to look at.


def test_the_matches_come_back_latest_first(seeded_client: TestClient, coach: Headers) -> None:
    matches = read(seeded_client, coach, "/api/matches")
    told = [
        (match["match_date"], match["status"], match["home_team_name"], match["home_score"], match["away_score"])
        for match in matches
    ]
    assert told == [
        ("2030-03-16T14:30:00Z", "upcoming", AWAY, None, None),
        ("2026-11-14T15:00:00Z", "completed", HOME, 3, 2),
        ("2026-11-10T17:00:00Z", "completed", None, None, None),
        ("2026-10-31T19:30:00Z", "completed", AWAY, 2, 1),
    ]
    assert matches[2]["venue"] == "Training match (sample footage)"
    assert {(match["pitch_length_m"], match["pitch_width_m"]) for match in matches} == {(105.0, 68.0)}


def test_the_formations_are_those_that_every_club_gets(seeded_client: TestClient, coach: Headers) -> None:
    formations = {row["name"]: row["positions"] for row in read(seeded_client, coach, "/api/formations")}
    assert formations == {name: [slot.as_json() for slot in slots] for name, slots in STANDARD_FORMATIONS.items()}


def test_each_squad_is_complete(squads: dict[str, list[Player]]) -> None:
    assert set(squads) == {HOME, AWAY}
    for name, squad in squads.items():
        positions = Counter(player.position for player in squad)
        assert len(squad) >= 16, name
        assert positions[Position.GOALKEEPER] == 2, name
        assert set(positions) == set(Position), name
        assert len({player.jersey_number for player in squad}) == len(squad), name


def test_each_player_is_a_person_who_could_be(squads: dict[str, list[Player]]) -> None:
    for player in (player for squad in squads.values() for player in squad):
        assert player.dominant_foot in set(Foot)
        assert player.height_cm is not None
        assert 160 <= player.height_cm <= 205
        assert player.weight_kg is not None
        assert 55 <= player.weight_kg <= 100
        assert player.birth_date is not None
        assert player.nationality
        assert player.country_code is not None
        assert player.country_code.isalpha()
        assert player.country_code.isupper()


def test_names_survive_a_client_with_another_character_set(squads: dict[str, list[Player]]) -> None:
    names = {player.name for squad in squads.values() for player in squad}
    assert {"Łukasz Brzozdęba", "森柳 海斗", "Hálfdan Þrastborg", "Tomáš Křivodub"} <= names


def test_both_teams_have_a_head_coach(seeded_database: Database) -> None:
    head_coaches = StaffMember.role == "head_coach"
    with seeded_database.reading() as session:
        assert len(set(session.scalars(sa.select(StaffMember.team_id).where(head_coaches)))) == 2


def test_rows_are_as_old_as_the_file_says(seeded_database: Database) -> None:
    """Nothing tells when the file was made: the same rows make the same file. Log-ins and their deeds are ours."""
    with seeded_database.reading() as session:
        for mapper in Base.registry.mappers:
            created_at = mapper.columns.get("created_at")
            if created_at is not None and mapper.local_table.name not in _OURS:
                moments = session.scalars(sa.select(created_at)).all()
                assert all((moment - ENTERED_AT).total_seconds() < 3600 for moment in moments), mapper


# The analysis.


def test_nothing_measured_is_invented(seeded_database: Database) -> None:
    """Only the report of the sample has measured figures, and it has no others."""
    measured = ("seconds_seen", "distance_m", "top_speed_mps", "mean_speed_mps", "mean_x_m", "mean_y_m", "heatmap")
    entered = ("minutes_played", "goals", "shots", "passes", "rating", "player_xg")
    with seeded_database.reading() as session:
        report = session.scalars(MEASURED).one()
        for row in session.scalars(sa.select(PlayerMatchStatistics)):
            absent = measured if row.report_id is None else entered
            assert all(getattr(row, figure) is None for figure in absent)
            assert row.report_id in {None, report.id}


def test_the_report_tells_what_the_engine_wrote(seeded_database: Database) -> None:
    seen: Counter[int] = Counter()
    for line in (SAMPLE_CSV / "player_metrics.csv").read_text().splitlines()[1:]:
        seen[int(line.split(",")[2])] += 1
    ball = (SAMPLE_CSV / "ball_metrics.csv").read_text().splitlines()[1:]
    with seeded_database.reading() as session:
        report = session.scalars(MEASURED).one()
        tracks = session.scalars(sa.select(Track)).all()
        frames = session.scalars(sa.select(BallPosition.frame).order_by(BallPosition.frame)).all()
    told = Counter({track.track_number: track.frames_seen for track in tracks})
    quality = report.report_data["quality"]
    assert len(seen) - len(told) == quality["tracks_too_short"]
    assert (seen - told).total() == quality["samples_of_short_tracks"]
    assert (seen.total(), quality["calibrated"]) == (quality["player_samples"], True)
    assert frames == [int(line.split(",")[0]) for line in ball]
    assert (report.players_tracked, report.total_frames) == (len(told), 250)
    assert (report.video_id, report.job_id) == (None, None)


def test_the_figures_of_each_track_are_those_of_the_report(seeded_database: Database) -> None:
    with seeded_database.reading() as session:
        report = session.scalars(MEASURED).one()
        rows = session.scalars(sa.select(PlayerMatchStatistics).where(PlayerMatchStatistics.report_id == report.id))
        by_track = {row.track_number: row for row in rows}
    assert set(by_track) == {track["track_number"] for track in report.report_data["tracks"]}
    for track in report.report_data["tracks"]:
        row = by_track[track["track_number"]]
        assert (row.distance_m, row.seconds_seen) == (track["distance_m"], track["seconds_seen"])
        spent = sum(map(sum, row.heatmap["seconds"]))
        assert spent == pytest.approx(row.seconds_seen, abs=0.5)
    assert any(row.top_speed_mps for row in by_track.values())


def test_the_api_shows_the_report(seeded_client: TestClient, coach: Headers) -> None:
    with_report = str(seed_id("match", "training"))
    shown = read(seeded_client, coach, f"/api/analysis_reports/{seed_id('report', 'training')}")
    assert (shown["match_id"], shown["players_tracked"]) == (with_report, 25)
    assert "SoccerTrack" in shown["notes"]


@pytest.mark.parametrize("match", ["played", "cup", "upcoming", "training"])
def test_there_is_a_report_of_each_match_to_read(seeded_client: TestClient, coach: Headers, match: str) -> None:
    details = read(seeded_client, coach, f"/api/matches/{seed_id('match', match)}/details")
    (report,) = details["reports"]
    assert len(report["notes"]) > 100
    assert (report["report_type"] == "match_analysis") == (match == "training")


def test_what_a_newcomer_adds_comes_after_the_seed(seeded_client: TestClient, coach: Headers) -> None:
    added = seeded_client.post("/api/teams", headers=coach, json={"name": "My own team"})
    assert [team["name"] for team in read(seeded_client, coach, "/api/teams")][-1] == "My own team"
    assert seeded_client.delete(added.headers["Location"], headers=coach).status_code == 204


def test_each_segment_is_a_stretch_of_its_match(seeded_database: Database) -> None:
    with seeded_database.reading() as session:
        segments = session.scalars(sa.select(VideoSegment)).all()
        sample = session.scalars(sa.select(Match.id).where(Match.home_team_id.is_(None))).one()
    assert len(segments) >= 6
    for segment in segments:
        longest = 9.96 if segment.match_id == sample else 100 * 60
        assert 0 <= segment.start_s < segment.end_s <= longest
        assert (segment.report_id is not None) == (segment.match_id == sample)


# The file.


def test_every_foreign_key_of_the_seed_has_its_row(seeded_database: Database) -> None:
    checked = 0
    with seeded_database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for key in table.foreign_keys:
                target = key.column.table.alias()
                orphan = ~sa.exists().where(target.c[key.column.name] == key.parent)
                missing = sa.select(sa.func.count()).select_from(table).where(key.parent.is_not(None), orphan)
                assert session.scalar(missing) == 0, f"{table.name}.{key.parent.name}"
                checked += 1
    assert checked > 60
    assert "FOREIGN_KEY_CHECKS" not in SEED_SQL.read_text(encoding="utf-8").upper()


def test_the_file_is_moderate() -> None:
    assert SEED_SQL.stat().st_size < 400_000


def test_loading_the_seed_again_is_refused_and_changes_nothing(
    seeded_url: URL, mariadb: PrivateMariaDB, seeded_database: Database
) -> None:
    before = _row_counts(seeded_database)
    again = load(mariadb, SEED_SQL)
    assert again.returncode != 0
    assert "Duplicate entry" in again.stderr
    assert _row_counts(seeded_database) == before


def test_a_seed_that_breaks_off_leaves_nothing_behind(
    seeded_url: URL, mariadb: PrivateMariaDB, seeded_database: Database, tmp_path: Path
) -> None:
    """One transaction: the rows before the fault are taken back."""
    before = _row_counts(seeded_database)
    broken = tmp_path / "broken.sql"
    broken.write_text(
        "USE coach_pro_db;\nSTART TRANSACTION;\n"
        "INSERT INTO clubs (id, name, created_at) VALUES ('x', 'half', '2026-01-01');\n"
        + SEED_SQL.read_text(encoding="utf-8").partition("START TRANSACTION;\n")[2],
        encoding="utf-8",
    )
    assert load(mariadb, broken).returncode != 0
    assert _row_counts(seeded_database) == before


def _row_counts(database: Database) -> dict[str, int]:
    return {mapper.local_table.name: count(database, mapper.class_) for mapper in Base.registry.mappers}
