"""A client cannot tell which database is behind the API: the same analysis gives the same answers."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from app.core.database import Database
from app.models import AnalysisReport, Formation, Job, Match, MatchLineup, Player, Team, Video
from app.models.base import ClubRow
from tests.conftest import SAMPLE_CALIBRATION, SAMPLE_VIDEO
from tests.integration.conftest import Api
from tests.waiting import finished_job

ROW_OF_PARAMETER: dict[str, type[ClubRow]] = {
    "formation_id": Formation,
    "job_id": Job,
    "lineup_id": MatchLineup,
    "match_id": Match,
    "player_id": Player,
    "report_id": AnalysisReport,
    "team_id": Team,
    "video_id": Video,
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

Json = Any


@pytest.fixture
def database_url(sqlite_url: URL) -> URL:
    """The applications name their databases themselves; this only keeps the fixture from running everything twice."""
    return sqlite_url


@dataclass
class Normaliser:
    """Replaces ids by the order in which they turn up, and moments by a word."""

    ids: dict[str, str] = field(default_factory=dict)

    def normalise(self, value: Json) -> Json:
        match value:
            case dict():
                return {key: self.normalise(item) for key, item in value.items()}
            case list():
                return [self.normalise(item) for item in value]
            case str() if _is_id(value):
                return self.ids.setdefault(value, f"id {len(self.ids) + 1}")
            case str() if _MOMENT.fullmatch(value):
                return "a moment"
        return value


def _is_id(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False


def test_every_reading_endpoint_answers_alike_on_sqlite_and_mariadb(
    make_api: Callable[..., Api], sqlite_url: URL, mariadb_url: URL, tmp_path: Path
) -> None:
    answers = []
    for kind, url in (("sqlite", sqlite_url), ("mariadb", mariadb_url)):
        api = make_api(
            database_url=url.render_as_string(hide_password=False),
            data_dir=tmp_path / kind / "var",
            upload_dir=tmp_path / kind / "uploads",
        )
        _fill(api, url)
        answers.append(_read_everything(api, url))
    on_sqlite, on_mariadb = answers
    assert set(on_sqlite) == set(on_mariadb)
    for path, answer in on_sqlite.items():
        assert answer == on_mariadb[path], path
    assert on_sqlite["/api/jobs/{job_id}"]["status"] == "COMPLETED"
    assert len(on_sqlite["/api/player_match_statistics"]) == 4
    assert on_sqlite["/api/player_match_statistics"][0]["distance_m"] > 20
    assert on_sqlite["/api/analysis_reports/{report_id}"]["players_tracked"] == 4
    names = [row["name"] for row in on_sqlite["/api/formations"]]
    assert names == sorted(names)
    assert {"Diamant", "diamant", "Ödön's 4-4-2", "⚽ all forward"} <= set(names)


def _fill(api: Api, url: URL) -> None:
    """An analysis with a calibration, formations whose names are hard to sort, and a line-up."""
    with SAMPLE_VIDEO.open("rb") as video:
        accepted = api.client.post(
            "/api/analyze_match",
            headers=api.headers,
            files={"file": video},
            data={"calibration": SAMPLE_CALIBRATION.read_text()},
        )
    assert accepted.status_code == 202, accepted.text
    assert finished_job(api.client, api.headers, accepted.json()["job_id"])["status"] == "COMPLETED"
    for name in ("diamant", "Diamant", "Ödön's 4-4-2", "⚽ all forward"):
        positions = [{"position": "GK", "x": 1 / 3, "y": 0.95}]
        made = api.client.post("/api/formations", headers=api.headers, json={"name": name, "positions": positions})
        assert made.status_code == 201, made.text
    _write_lineup(api, url, accepted.json()["match_id"])


def _write_lineup(api: Api, url: URL, match_id: str) -> None:
    database = Database(url)
    with database.unit_of_work() as session:
        match = session.get_one(Match, uuid.UUID(match_id))
        team = Team(club_id=match.club_id, name="Ñandú", primary_color="#ffffff")
        session.add(team)
        session.flush()
        match.home_team_id, match.home_score, match.away_score = team.id, 2, 0
        players = [Player(club_id=match.club_id, team_id=team.id, name=name) for name in ("é", "E", "森")]
        session.add_all(players)
    database.dispose()
    entries = [{"team_id": str(team.id), "player_id": str(player.id)} for player in players]
    made = api.client.post("/api/match_lineups", headers=api.headers, json={"match_id": match_id, "entries": entries})
    assert made.status_code == 201, made.text


def _read_everything(api: Api, url: URL) -> dict[str, Json]:
    """The normalised answer of every endpoint that reads JSON, by its path."""
    rows = _a_row_for_each_parameter(url)
    normaliser, answers = Normaliser(), {}
    for path, operations in sorted(api.client.get("/openapi.json").json()["paths"].items()):
        if path.startswith("/api/") and _describes_json(operations.get("get")):
            answer = api.client.get(path.format_map(rows), headers=api.headers)
            assert answer.status_code == 200, (path, answer.text)
            answers[path] = normaliser.normalise(answer.json())
    return answers


def _describes_json(operation: Json) -> bool:
    if operation is None:
        return False
    schema = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
    return bool(schema)


def _a_row_for_each_parameter(url: URL) -> dict[str, str]:
    """A new parameter of a path wants a line in ``ROW_OF_PARAMETER``."""
    database = Database(url)
    with database.reading() as session:
        rows = {name: str(session.scalars(sa.select(model.id)).first()) for name, model in ROW_OF_PARAMETER.items()}
    database.dispose()
    return rows
