"""The paths that only the published client asks for."""

import uuid
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from app.core.account import Role
from app.models import AuditEntry, Job, JobStatus, Membership, User
from tests.integration.api.conftest import assert_problem
from tests.integration.api.played_match import as_role
from tests.integration.api.published_client.phone import Phone
from tests.integration.conftest import Api

Json = Any

STATUS_PATHS = ("/analyze_status/{}", "/analysis_status/{}", "/analysis/{}/status")


def unique(name: str) -> str:
    return f"{name} {uuid.uuid4().hex[:8]}"


@pytest.fixture
def accepted(phone: Phone, film: bytes) -> Json:
    """An upload as the later versions send it, with fields that mean nothing here. No worker takes it."""
    fields = {
        "confidence_threshold": "0.35",
        "ball_confidence": "0.2",
        "max_lost_frames": "30",
        "camera_count": "1",
        "enable_reid": "true",
        "target_team": "Both",
        "camera_type": "TV",
    }
    answer = phone.upload("/analyze_match", "VID_1.mp4", film, fields)
    assert answer.status_code == 202, answer.text
    return answer.json()


def change_job(api: Api, job_id: str, **values: object) -> None:
    with api.client.app.state.parts.database.unit_of_work() as session:
        job = session.get_one(Job, uuid.UUID(job_id))
        for name, value in values.items():
            setattr(job, name, value)


@pytest.mark.parametrize("path", STATUS_PATHS)
def test_a_job_and_its_match_stand_for_the_same_analysis(phone: Phone, accepted: Json, path: str) -> None:
    assert accepted["analysis_id"] == accepted["job_id"]
    by_job = phone.get(path.format(accepted["analysis_id"]), "Status")
    assert by_job == phone.get(path.format(accepted["match_id"]), "Status")
    assert by_job == {
        "status": "PENDING",
        "progress": 0.0,
        "progress_percent": 0,
        "message": None,
        "error": None,
        "analysis_id": accepted["job_id"],
        "job_id": accepted["job_id"],
        "match_id": accepted["match_id"],
        "live_stats": None,
    }


def test_a_match_stands_for_its_newest_analysis(shared_api: Api, phone: Phone, accepted: Json) -> None:
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        first = session.get_one(Job, uuid.UUID(accepted["job_id"]))
        newer = Job(club_id=first.club_id, match_id=first.match_id, video_id=first.video_id)
        newer.available_at, newer.created_at = first.available_at, first.created_at + timedelta(seconds=1)
        session.add(newer)
        session.flush()
        newest = str(newer.id)
    assert phone.get(f"/analysis_status/{accepted['match_id']}", "Status")["job_id"] == newest


def test_a_failure_is_told_in_a_sentence_that_the_client_shows(shared_api: Api, phone: Phone, accepted: Json) -> None:
    error = {"error_code": "x", "error_detail": "The video is damaged.", "error_hint": "Upload it again."}
    change_job(shared_api, accepted["job_id"], status=JobStatus.PENDING, message="Trying again.", **error)
    waiting = phone.get(f"/analysis_status/{accepted['job_id']}", "Status")
    assert (waiting["message"], waiting["error"]) == ("Trying again.", None)
    change_job(shared_api, accepted["job_id"], status=JobStatus.FAILED, progress=0.4567, message="Following players.")
    failed = phone.get(f"/analysis_status/{accepted['job_id']}", "Status")
    assert (failed["status"], failed["progress"], failed["progress_percent"]) == ("FAILED", 0.4567, 45)
    assert failed["error"] == failed["message"] == "The video is damaged. Upload it again."


@pytest.mark.parametrize("path", STATUS_PATHS)
def test_an_analysis_that_one_cannot_see_does_not_exist(
    shared_api: Api, other_club: dict[str, str], accepted: Json, path: str
) -> None:
    for analysis_id in (accepted["job_id"], accepted["match_id"], str(uuid.uuid4())):
        answer = shared_api.client.get(f"/api{path.format(analysis_id)}", headers=other_club)
        assert_problem(answer, 404, "not_found")
    assert_problem(shared_api.client.get(f"/api{path.format('17')}", headers=other_club), 422, "validation_failed")


NAMES = ("Rivals & Sons", "FC 100 % Ü", "A/C Turf", "النادي الإفريقي", "What + Why = 4")


@pytest.mark.parametrize("name", NAMES)
def test_a_team_is_found_by_its_exact_name(phone: Phone, name: str) -> None:
    name = unique(name)
    path = f"/teams/by_name/{httpx2.URL('http://x').copy_with(path='/' + name).raw_path.decode()[1:]}"
    assert phone.failure("GET", path)[0] == 404
    team = phone.post("/teams", {"name": f" {name} ", "primary_color": None}, "Team")
    assert phone.get(path, "Team") == team
    assert phone.get(f"{path}%20", "Team") == team  # as the form had it
    assert phone.failure("GET", path[:-1])[0] == 404


def test_a_team_of_that_name_in_another_club_is_not_found(
    shared_api: Api, phone: Phone, other_club: dict[str, str]
) -> None:
    team = phone.post("/teams", {"name": unique("Hidden")}, "Team")
    assert Phone(shared_api.client, other_club).failure("GET", f"/teams/by_name/{team['name']}")[0] == 404


def test_of_two_teams_with_one_name_the_one_of_the_active_club_is_found(shared_api: Api) -> None:
    owner, guest = shared_api.register("two.a@example.com"), Phone(shared_api.client)
    guest.headers = shared_api.register("two.b@example.com")
    foreign = Phone(shared_api.client, owner).post("/teams", {"name": "Twins"}, "Team")
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        user_id = session.scalars(select(User.id).where(User.email == "two.b@example.com")).one()
        session.add(Membership(club_id=uuid.UUID(foreign["club_id"]), user_id=user_id, role=Role.VIEWER))
    assert guest.get("/teams/by_name/Twins", "Team") == foreign
    own = guest.post("/teams", {"name": "Twins"}, "Team")
    assert guest.get("/teams/by_name/Twins", "Team") == own


@pytest.fixture
def team(phone: Phone) -> Json:
    return phone.post("/teams", {"name": unique("Reds"), "primary_color": "#c8102e"}, "Team")


@pytest.fixture
def player(phone: Phone, team: Json) -> Json:
    form = {"name": "Ada", "team_id": team["id"], "jersey_number": 8, "dominant_foot": "left", "nationality": "Malta"}
    return phone.post("/players", form, "Player")


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_a_whole_object_leaves_empty_stays_as_it_is(phone: Phone, team: Json, player: Json, nothing: str) -> None:
    nothing_known = dict.fromkeys(("name", "user_id", "primary_color", "secondary_color", "logo_url"), nothing)
    assert phone.put(f"/teams/{team['id']}", team | nothing_known, "Team") == team
    assert phone.put(f"/players/{player['id']}", dict.fromkeys(player, nothing), "Player") == player


def test_what_a_whole_object_names_is_changed(phone: Phone, team: Json, player: Json) -> None:
    changed = phone.put(f"/teams/{team['id']}", team | {"secondary_color": "#ffffff"}, "Team")
    assert changed == team | {"secondary_color": "#ffffff", "updated_at": changed["updated_at"]}
    changed = phone.put(f"/players/{player['id']}", player | {"dominant_foot": "droit", "height_cm": 172}, "Player")
    assert changed == player | {"dominant_foot": "right", "height_cm": 172, "updated_at": changed["updated_at"]}


BAD_PUTS: dict[str, tuple[Json, int, str]] = {
    "a colour that is none": ({"name": "Ada", "jersey_number": "many"}, 422, "validation_failed"),
    "a team of nobody": ({"team_id": str(uuid.uuid4())}, 404, "not_found"),
    "a list": ([], 422, "validation_failed"),
}


@pytest.mark.parametrize("case", BAD_PUTS)
def test_a_whole_object_obeys_the_rules_of_a_change(phone: Phone, player: Json, case: str) -> None:
    body, status, code = BAD_PUTS[case]
    assert_problem(phone.ask("PUT", f"/players/{player['id']}", body), status, code)


def test_a_number_that_is_worn_already_cannot_be_put_on(phone: Phone, team: Json, player: Json) -> None:
    other = phone.post("/players", {"name": "Bo", "team_id": team["id"], "jersey_number": 9}, "Player")
    assert phone.failure("PUT", f"/players/{other['id']}", other | {"jersey_number": 8})[0] == 409


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.ANALYST, 403), (Role.COACH, 200)])
def test_whole_objects_are_written_by_who_may_change_them(
    shared_api: Api, team: Json, player: Json, role: Role, status: int
) -> None:
    member = Phone(shared_api.client, as_role(shared_api, role, uuid.UUID(team["club_id"])))
    assert member.ask("PUT", f"/teams/{team['id']}", team).status_code == status
    assert member.ask("PUT", f"/players/{player['id']}", player).status_code == status


def test_a_whole_object_is_changed_only_if_it_is_as_the_client_has_read_it(phone: Phone, team: Json) -> None:
    headers = phone.headers | {"If-Match": '"another"'}
    answer = phone.client.put(f"/api/teams/{team['id']}", json=team, headers=headers)
    assert_problem(answer, 412, "precondition_failed")


def test_a_whole_object_leaves_its_changes_in_the_audit_log(shared_api: Api, phone: Phone, player: Json) -> None:
    phone.put(f"/players/{player['id']}", player | {"weight_kg": 70}, "Player")
    with shared_api.client.app.state.parts.database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.resource_id == uuid.UUID(player["id"]))).all()
    assert [(entry.before, entry.after) for entry in entries if entry.action == "update"] == [
        ({"weight_kg": None}, {"weight_kg": 70})
    ]
