"""A client cannot tell which database is behind the API: the same club gives the same answers."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.core.database import Database
from app.factory import create_app
from app.services.engine import ScriptedEngine, TrackLink
from scripts.seed import add_seed
from tests.conftest import SAMPLE_CALIBRATION, SAMPLE_VIDEO
from tests.servers.scripts import run_with_links
from tests.waiting import finished_job

# Where to find a row, when the path before its parameter is no list, or when the first row will not do.
LIST_OF_PARAMETER = {
    "analysis_id": "/api/jobs",
    "match_id": "/api/matches?match_date[gte]=2026-11-12T00:00:00Z&sort=match_date",  # with a line-up
    "name": "/api/teams",
    "player_id": "/api/players",
}
_MESSAGE_ID = re.compile("msg_[0-9a-f]{32}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?")
_REQUEST_ID = re.compile("[0-9a-f]{32}")
_PARAMETER = re.compile(r"\{(\w+)\}")

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
                return {key: self.normalise(item) for key, item in value.items() if key != "uptime_seconds"}
            case list():
                return [self.normalise(item) for item in value]
            case str() if _is_id(value):
                return self.ids.setdefault(value, f"id {len(self.ids) + 1}")
            case str() if _MESSAGE_ID.fullmatch(value):
                return "a message"
            case str() if _MOMENT.fullmatch(value):
                return "a moment"
        return value


def _is_id(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value or _REQUEST_ID.fullmatch(value) is not None
    except ValueError:
        return False


def test_every_reading_endpoint_answers_alike_on_sqlite_and_mariadb(
    make_settings: Callable[..., Settings], sqlite_url: URL, mariadb_url: URL, tmp_path: Path
) -> None:
    answers = []
    for kind, url in (("sqlite", sqlite_url), ("mariadb", mariadb_url)):
        _seed(url)
        settings = make_settings(
            database_url=url.render_as_string(hide_password=False),
            data_dir=tmp_path / kind / "var",
            upload_dir=tmp_path / kind / "uploads",
            webhook_senders=0,  # how quickly a message is sent is no matter of the database
        )
        with TestClient(create_app(settings, engine=ScriptedEngine(run_with_links(TrackLink(2, 9, 0.75))))) as client:
            _log_in(client)
            _fill(client)
            answers.append(_read_everything(client))
    on_sqlite, on_mariadb = answers
    assert set(on_sqlite) == set(on_mariadb)
    for path, answer in on_sqlite.items():
        assert answer == on_mariadb[path], path
    assert not [path for path, answer in on_sqlite.items() if answer == []]
    assert on_sqlite["/api/jobs/{job_id}"]["status"] == "COMPLETED"
    assert "4-4-2" in [row["name"] for row in on_sqlite["/api/formations"]]


def _seed(url: URL) -> None:
    database = Database(url)
    with database.unit_of_work() as session:
        add_seed(session)
    database.dispose()


def _log_in(client: TestClient) -> None:
    login = client.post("/api/token", data={"username": "coach@example.com", "password": "coach-pro-demo"})
    client.headers["Authorization"] = f"Bearer {login.json()['access_token']}"


def _fill(client: TestClient) -> None:
    """What the seed does not have: an analysis with a video and a calibration, names that are hard to sort, a guest."""
    with SAMPLE_VIDEO.open("rb") as video:
        accepted = client.post(
            "/api/analyze_match", files={"file": video}, data={"calibration": SAMPLE_CALIBRATION.read_text()}
        )
    assert accepted.status_code == 202, accepted.text
    assert finished_job(client, {}, accepted.json()["job_id"])["status"] == "COMPLETED"
    club = client.get("/api/clubs").json()[0]
    bodies = [
        *(("/api/teams", {"name": name}) for name in ("Zorro", "öde", "Ñandú", "⚽ all forward", "森", "10 men", "é")),
        (f"/api/clubs/{club['id']}/invitations", {"email": "josé@example.com", "role": "viewer"}),
        ("/api/webhooks", {"url": "https://bücher.example/é", "events": ["job.failed"]}),
    ]
    for path, body in bodies:
        made = client.post(path, json=body)
        assert made.status_code == 201, (path, made.text)
    assert client.post(f"{made.headers['Location']}/test").status_code == 202


def _read_everything(client: TestClient) -> dict[str, Json]:
    """The normalised answer of every endpoint that reads JSON, by its path."""
    normaliser, answers = Normaliser(), {}
    for path, operations in sorted(client.get("/openapi.json").json()["paths"].items()):
        if path.startswith("/api/") and _describes_json(operations.get("get")):
            answer = client.get(_with_rows(client, path))
            assert answer.status_code == 200, (path, answer.text)
            answers[path] = normaliser.normalise(answer.json())
    return answers


def _describes_json(operation: Json) -> bool:
    if operation is None:
        return False
    schema = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
    return bool(schema)


def _with_rows(client: TestClient, path: str) -> str:
    """The path with the first row of each list that it goes through."""
    while parameter := _PARAMETER.search(path):
        name, before = parameter[1], path[: parameter.start() - 1]
        rows = client.get(LIST_OF_PARAMETER.get(name, before)).json()
        assert isinstance(rows, list), f"{name} of {path} wants a line in LIST_OF_PARAMETER"
        assert rows, (path, name)
        row_id = next(rows[0][key] for key in (name, "id", "job_id") if key in rows[0])
        path = path.replace(parameter[0], str(row_id), 1)
    return path
