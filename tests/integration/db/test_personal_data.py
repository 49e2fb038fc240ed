"""Whoever is erased is in no column of no table and in no file any more; what they did stays, and is nobody's."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from app.core.database import Database
from app.models import AuditEntry, Base, Player
from app.services.backup.make_backup import make_backup
from app.services.backup.restore_backup import Source, restore_backup
from app.services.backup.vault import Vault
from app.workers.assembly import stored_files
from tests.files import files_below
from tests.integration.conftest import Api
from tests.servers.media import Film, write_film
from tests.waiting import finished_job

NAME, FORMER = "Zoë Quintáns-Nakamura", "Zoe Quintans"
EMAIL = "zoe.quintans@example.org"
TRACES = ("zoë", "quint", "nakamura", "zoe")


@dataclass
class Club:
    """What one owner does over the API."""

    api: Api
    headers: dict[str, str]
    settings: Any

    def ask(self, method: str, path: str, **options: Any) -> Any:
        answer = self.api.client.request(method, path, headers=self.headers, **options)
        assert answer.is_success, (method, path, answer.text)
        is_json = answer.content and answer.headers["Content-Type"].startswith("application/json")
        return answer.json() if is_json else answer.content

    @property
    def database(self) -> Database:
        database: Database = self.api.client.app.state.parts.database  # type: ignore[attr-defined]
        return database

    def traces(self) -> list[str]:
        """Every value of every column, and every file, that says a name or the address; as written, and as in JSON."""
        with self.database.reading() as session:
            values = [
                f"{table.name}.{column}: {value}"
                for table in Base.metadata.tables.values()
                for row in session.execute(sa.select(table)).mappings()
                for column, value in row.items()
            ]
        values += [
            f"{path}: {path.read_bytes()!r}"
            for root in (self.settings.upload_dir, self.settings.data_dir)
            for path in files_below(root)
            if not path.name.startswith("coach_pro.db")
        ]
        return [value for value in values if any(trace in value.lower() for trace in TRACES)]

    def audit_entries(self, resource: str, resource_id: str) -> list[Any]:
        club_id = self.ask("GET", "/api/clubs")[0]["id"]
        query = f"resource={resource}&resource_id={resource_id}&sort=created_at"
        entries: list[Any] = self.ask("GET", f"/api/clubs/{club_id}/audit_log?{query}")
        return entries


@pytest.fixture
def club(make_api: Callable[..., Api]) -> Club:
    api = make_api(webhook_senders=0)
    return Club(api, api.headers, api.settings)


def add_player(club: Club, **changes: Any) -> str:
    """A player who was called otherwise, with a picture, in a team."""
    team = club.ask("POST", "/api/teams", json={"name": "Rovers"})
    body = {"name": FORMER, "team_id": team["id"], "jersey_number": 7, "birth_date": "2011-05-17", "height_cm": 150}
    player_id: str = club.ask("POST", "/api/players", json=body | changes)["id"]
    club.ask("PATCH", f"/api/players/{player_id}", json={"name": NAME})
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(picture, "PNG")
    club.ask("POST", f"/api/players/{player_id}/upload_image", files={"file": picture.getvalue()})
    return player_id


def analyse_a_match(club: Club, player_id: str, film: Path) -> tuple[str, str]:
    """A match in which a track is the player, and that people wrote about: its id, and that of the figures."""
    team_id = club.ask("GET", f"/api/players/{player_id}")["team_id"]
    match = {"home_team_id": team_id, "match_date": "2026-08-01T15:00:00Z", "venue": f"Home of {NAME.upper()}"}
    match_id = club.ask("POST", "/api/matches", json=match)["id"]
    upload = {"files": {"file": (f"{NAME} dribbles.mp4", film.read_bytes())}, "data": {"match_id": match_id}}
    job = club.ask("POST", "/api/analyze_match", **upload)
    assert finished_job(club.api.client, club.headers, job["job_id"])["status"] == "COMPLETED"
    figures = club.ask("GET", f"/api/player_match_statistics?match_id={match_id}")[0]
    path = f"/api/player_match_statistics/{figures['id']}"
    club.ask("PATCH", path, json={"player_id": player_id})
    entered = {"match_id": match_id, "player_id": player_id, "goals": 2, "notes": "Was ill, ask her mother."}
    club.ask("POST", "/api/player_match_statistics", json=entered)
    goal = {"match_id": match_id, "team_id": team_id, "player_id": player_id, "event_type": "goal", "minute": 3}
    club.ask("POST", "/api/match_events", json=goal | {"notes": "With her weak foot."})
    segment = {"match_id": match_id, "title": f"Run of {FORMER}", "start_s": 0, "end_s": 1}
    club.ask(
        "POST", "/api/video_segments", json=segment | {"description": f"See {NAME.lower().replace(' ', '  ')} turn."}
    )
    report = {"match_id": match_id, "report_type": "coach_report", "notes": f"{NAME} kept the ball."}
    club.ask("POST", "/api/analysis_reports", json=report)
    return match_id, figures["id"]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_film(tmp_path / "film.mp4", Film())


def unzipped(content: bytes) -> dict[str, Any]:
    """What a ZIP holds: rows of JSON, and the bytes of everything else."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        read = {name: archive.read(name) for name in archive.namelist()}
    return {name: json.loads(held) if name.endswith(".json") else held for name, held in read.items()}


def test_an_erased_player_leaves_figures_and_no_trace(club: Club, film: Path) -> None:
    player_id = add_player(club)
    match_id, figures_id = analyse_a_match(club, player_id, film)
    before = club.ask("GET", f"/api/player_match_statistics/{figures_id}")
    assert len(club.traces()) > 10
    erased = club.ask("POST", f"/api/players/{player_id}/erase")
    assert club.traces() == []
    assert not files_below(club.settings.data_dir / "pictures")
    assert (erased["resource"], erased["resource_id"]) == ("players", player_id)
    assert erased["redacted_rows"] > 10
    player = club.ask("GET", f"/api/players/{player_id}")
    known = {name for name, value in player.items() if value is not None}
    assert known == {"id", "club_id", "name", "created_at", "updated_at"}
    assert player["name"] == "Erased player"
    after = club.ask("GET", f"/api/player_match_statistics/{figures_id}")
    assert after["seconds_seen"] is not None
    assert {**after, "updated_at": ""} == {**before, "updated_at": "", "player_id": player_id}
    (entered,) = club.ask("GET", f"/api/player_match_statistics?match_id={match_id}&report_id[null]=true")
    assert (entered["goals"], entered["notes"]) == (2, None)
    (goal,) = club.ask("GET", f"/api/match_events?match_id={match_id}")
    assert (goal["player_id"], goal["notes"]) == (player_id, None)
    (segment,) = club.ask("GET", f"/api/video_segments?match_id={match_id}")
    assert (segment["title"], segment["description"]) == ("Run of [erased]", "See [erased] turn.")


def test_the_audit_log_still_tells_what_was_done_to_whom_is_erased(club: Club) -> None:
    player_id = add_player(club)
    club.ask("POST", f"/api/players/{player_id}/erase")
    created, renamed, *_, erased = club.audit_entries("players", player_id)
    assert [entry["action"] for entry in (created, renamed, erased)] == ["create", "update", "erase"]
    assert all(entry["user_email"] == "coach@example.com" for entry in (created, renamed, erased))
    assert created["after"]["name"] == created["after"]["birth_date"] == "[erased]"
    assert created["after"]["team_id"] != "[erased]"
    assert (renamed["before"], renamed["after"]) == ({"name": "[erased]"}, {"name": "[erased]"})
    assert (erased["before"], erased["after"]) == (None, None)


def test_namesakes_keep_their_names(club: Club) -> None:
    """Of another club everything; of the same club who they are, and no text can tell whom it means."""
    other = Club(club.api, club.api.register("rival@example.com"), club.settings)
    theirs = other.ask("POST", "/api/players", json={"name": NAME})
    other.ask("POST", "/api/reunions", json=meeting(f"With {NAME}"))
    sister = club.ask("POST", "/api/players", json={"name": NAME})
    club.ask("POST", "/api/reunions", json=meeting(f"With {NAME}"))
    whole = [other.ask("GET", path) for path in ("/api/players", "/api/reunions")]
    log = other.audit_entries("players", theirs["id"])
    club.ask("POST", f"/api/players/{add_player(club)}/erase")
    assert [other.ask("GET", path) for path in ("/api/players", "/api/reunions")] == whole
    assert other.audit_entries("players", theirs["id"]) == log
    assert club.ask("GET", f"/api/players/{sister['id']}")["name"] == NAME
    assert club.ask("GET", "/api/reunions")[0]["title"] == "With [erased]"


def meeting(title: str) -> dict[str, str]:
    return {"title": title, "date": "2026-06-03T17:00:00", "location": "Club house", "icon_name": "groups"}


def test_a_single_word_is_not_hunted_for_in_texts(club: Club) -> None:
    player_id = club.ask("POST", "/api/players", json={"name": "Max"})["id"]
    club.ask("POST", "/api/reunions", json=meeting("Max speed, and max effort"))
    club.ask("POST", f"/api/players/{player_id}/erase")
    assert club.ask("GET", "/api/reunions")[0]["title"] == "Max speed, and max effort"
    assert club.audit_entries("players", player_id)[0]["after"]["name"] == "[erased]"


def test_who_was_deleted_before_is_still_found_in_the_audit_log_and_erased(club: Club) -> None:
    player_id = add_player(club)
    club.ask("POST", "/api/reunions", json=meeting(f"Farewell of {FORMER}"))
    club.ask("DELETE", f"/api/players/{player_id}")
    exported = unzipped(club.ask("GET", f"/api/players/{player_id}/export"))
    assert exported["players.json"] == []
    assert [entry["action"] for entry in exported["audit_log.json"]][-1] == "delete"
    assert club.traces()
    club.ask("POST", f"/api/players/{player_id}/erase")
    assert club.traces() == []


def test_an_erased_member_of_the_staff_leaves_no_trace(club: Club) -> None:
    body = {"name": NAME, "role": "physio", "email": EMAIL, "phone": "+49 170 5550123", "notes": "A friend."}
    staff_id = club.ask("POST", "/api/staff", json=body)["id"]
    for title in (f"Ask {EMAIL}", "Call +49 170 5550123"):
        club.ask("POST", "/api/reunions", json=meeting(title))
    exported = unzipped(club.ask("GET", f"/api/staff/{staff_id}/export"))
    assert exported["staff.json"][0]["phone"] == body["phone"]
    assert {mention["table"] for mention in exported["mentions.json"]} == {"audit_log", "reunions"}
    club.ask("POST", f"/api/staff/{staff_id}/erase")
    assert club.traces() == []
    assert {meeting["title"] for meeting in club.ask("GET", "/api/reunions")} == {"Ask [erased]", "Call [erased]"}
    assert club.ask("GET", "/api/staff") == []
    assert club.audit_entries("staff", staff_id)[-1]["action"] == "erase"


def test_a_deleted_account_leaves_no_trace(club: Club) -> None:
    """Neither in the club that it founded and handed on, nor in those that invited it."""
    body = {"email": EMAIL, "password": "correct horse", "full_name": NAME}
    token = club.api.client.post("/api/register", json=body).json()["access_token"]
    leaver = Club(club.api, {"Authorization": f"Bearer {token}"}, club.settings)
    founded = leaver.ask("GET", "/api/clubs")[0]
    assert NAME in founded["name"]
    place = f"/api/clubs/{founded['id']}/invitations"
    offer = leaver.ask("POST", place, json={"email": "coach@example.com", "role": "owner"})
    club.ask("POST", "/api/invitations/accept", json={"token": offer["token"]})
    own = next(known for known in club.ask("GET", "/api/clubs") if known["id"] != founded["id"])
    for role in ("viewer", "analyst"):  # one is withdrawn, one stays open
        made = club.ask("POST", f"/api/clubs/{own['id']}/invitations", json={"email": EMAIL, "role": role})
        if role == "viewer":
            club.ask("DELETE", f"/api/clubs/{own['id']}/invitations/{made['id']}")
    exported = unzipped(leaver.ask("GET", "/api/users/me/export"))
    assert club.traces()
    leaver.ask("DELETE", "/api/users/me", json={"password": "correct horse"})
    assert club.traces() == []
    with club.database.reading() as session:
        about = sa.select(AuditEntry.action, AuditEntry.user_id).where(AuditEntry.resource == "invitations")
        told = [(str(action), user_id is None) for action, user_id in session.execute(about)]
    assert told.count(("delete", False)) == 1  # by the coach
    assert told.count(("delete", True)) == 1  # by somebody whose account is gone
    assert exported["account.json"][0]["email"] == EMAIL
    assert "password_hash" not in exported["account.json"][0]
    assert [invitation["role"] for invitation in exported["invitations.json"]] == ["analyst"]
    assert "token_hash" not in exported["invitations.json"][0]
    assert [session["user_agent"] for session in exported["sessions.json"]] == ["testclient"]
    assert {membership["club_name"] for membership in exported["memberships.json"]} == {founded["name"]}
    assert all("after" not in entry for entry in exported["audit_log.json"])
    assert "sessions.json (1): log-ins" in exported["README.txt"].decode()


def test_an_export_holds_all_of_a_player(club: Club, film: Path) -> None:
    player_id = add_player(club)
    match_id, figures_id = analyse_a_match(club, player_id, film)
    answer = club.api.client.get(f"/api/players/{player_id}/export", headers=club.headers)
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="player-{player_id}.zip"'
    assert (answer.headers["Cache-Control"], int(answer.headers["Content-Length"])) == ("no-store", len(answer.content))
    exported = unzipped(answer.content)
    assert exported["players.json"][0]["birth_date"] == "2011-05-17"
    assert {row["id"]: row["seconds_seen"] for row in exported["figures.json"]}[figures_id] is not None
    assert [row["goals"] for row in exported["figures.json"] if row["report_id"] is None] == [2]
    assert [row["event_type"] for row in exported["match_events.json"]] == ["goal"]
    assert [row["id"] for row in exported["matches.json"]] == [match_id]
    track = exported["tracks.json"][0]
    positions = exported[f"positions/{track['report_id']}.csv"].decode().splitlines()
    assert len(positions) == 1 + 250
    assert {row.split(",")[2] for row in positions[1:]} == {str(track["track_number"])}
    assert {mention["table"] for mention in exported["mentions.json"]} == {
        "analysis_reports", "audit_log", "matches", "video_segments", "videos"
    }  # fmt: skip
    assert Image.open(io.BytesIO(exported["picture.webp"])).size == (64, 64)


def test_erasing_again_is_harmless_and_minds_what_the_client_has_read(club: Club) -> None:
    player_id = add_player(club)
    path = f"/api/players/{player_id}/erase"
    stale = club.api.client.post(path, headers=club.headers | {"If-Match": '"another"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert club.traces()
    first = club.ask("POST", path)
    again = club.ask("POST", path)
    assert (again["redacted_rows"], again["erased_at"] >= first["erased_at"]) == (0, True)


def test_nobody_blots_out_words_of_a_club_by_taking_them_for_a_name_and_leaving(club: Club) -> None:
    own = club.ask("GET", "/api/clubs")[0]
    club.ask("POST", "/api/reunions", json=meeting("Set pieces"))
    offer = club.ask("POST", f"/api/clubs/{own['id']}/invitations", json={"email": EMAIL, "role": "viewer"})
    body = {"email": EMAIL, "password": "correct horse", "full_name": "Set pieces", "invitation_token": offer["token"]}
    token = club.api.client.post("/api/register", json=body).json()["access_token"]
    leaver = Club(club.api, {"Authorization": f"Bearer {token}"}, club.settings)
    leaver.ask("DELETE", "/api/users/me", json={"password": "correct horse"})
    assert club.ask("GET", "/api/reunions")[0]["title"] == "Set pieces"
    assert club.traces() == []


# A backup that is older than the erasure


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "backups")


def restore(club: Club, source: Path) -> None:
    restore_backup(club.database, stored_files(club.settings), Source.at(source), replace=True)


def test_an_older_backup_does_not_bring_back_who_was_erased(club: Club, vault: Vault, tmp_path: Path) -> None:
    """The newer backup beside it tells, also when the database itself is lost."""
    store = stored_files(club.settings)
    player_id = add_player(club)
    staff_id = club.ask("POST", "/api/staff", json={"name": NAME, "role": "physio"})["id"]
    guest = Club(club.api, club.api.register(EMAIL), club.settings)
    guest.ask("POST", "/api/players", json={"name": NAME})
    old = make_backup(club.database, store, vault).place
    club.ask("POST", f"/api/players/{player_id}/erase")
    club.ask("POST", f"/api/staff/{staff_id}/erase")
    guest.ask("DELETE", f"/api/clubs/{guest.ask('GET', '/api/clubs')[0]['id']}")
    guest.ask("DELETE", "/api/users/me", json={"password": "correct horse"})
    make_backup(club.database, store, vault)
    with club.database.unit_of_work() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    restore(club, old)
    assert club.traces() == []
    assert not files_below(club.settings.data_dir / "pictures")
    with club.database.reading() as session:
        assert session.scalars(sa.select(Player.name)).all() == ["Erased player"]


def test_the_database_itself_tells_who_was_erased_since_the_backup(club: Club, vault: Vault) -> None:
    player_id = add_player(club)
    made = make_backup(club.database, stored_files(club.settings), vault)
    club.ask("POST", f"/api/players/{player_id}/erase")
    restore(club, made.place)
    assert club.traces() == []


def test_a_damaged_backup_beside_it_keeps_none_from_being_restored(club: Club, vault: Vault) -> None:
    store = stored_files(club.settings)
    made = make_backup(club.database, store, vault)
    others = [make_backup(club.database, store, vault).place for _ in range(2)]
    for place, name in zip(others, ("manifest.json", "tables/erasures.jsonl"), strict=True):
        (place / name).write_text("nothing")
    add_player(club)
    restore(club, made.place)
    assert club.traces() == []
