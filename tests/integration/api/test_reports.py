"""Reports of analyses and the list of jobs: found, annotated, deleted."""

import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core.account import Role
from app.models import AnalysisReport, BallPosition, Job, JobStatus, PlayerMatchStatistics, Track
from app.models.base import utc_now
from tests.integration.api.conftest import assert_problem
from tests.integration.api.played_match import (
    PlayedMatch,
    a_report,
    add_ball,
    as_role,
    counted_statements,
    play_match,
)
from tests.integration.conftest import Api

PATH = "/api/analysis_reports"


@pytest.fixture
def match(shared_api: Api) -> PlayedMatch:
    return play_match(shared_api.client.app)


def add_jobs(api: Api, match: PlayedMatch, count: int) -> list[uuid.UUID]:
    """Finished jobs, each with a report."""
    with api.client.app.state.parts.database.unit_of_work() as session:
        of_match: dict[str, Any] = {"club_id": match.club_id, "match_id": match.match_id, "video_id": match.video_id}
        jobs = [Job(**of_match, status=JobStatus.COMPLETED, available_at=utc_now()) for _ in range(count)]
        session.add_all(jobs)
        session.flush()
        for job in jobs:
            report = a_report(match.match_id, match.video_id)
            report.club_id, report.job_id = match.club_id, job.id
            session.add(report)
        return [job.id for job in jobs]


def test_reports_are_listed_with_all_that_they_found(shared_api: Api, match: PlayedMatch) -> None:
    (listed,) = shared_api.client.get(f"{PATH}?match_id={match.match_id}", headers=shared_api.headers).json()
    read = shared_api.client.get(f"{PATH}/{match.report_id}", headers=shared_api.headers).json()
    assert listed == read
    assert (read["club_id"], read["notes"], read["report_data"]["tracks"]) == (str(match.club_id), None, [])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("video_id={0.video_id}", 1),
        ("video_id={0.match_id}", 0),
        ("job_id[null]=true", 1),
        ("report_type=match_analysis&engine_name=scripted", 1),
        ("engine_name=other", 0),
        ("created_at[gte]=2020-01-01T00:00:00Z", 1),
        ("created_at[lt]=2020-01-01T00:00:00Z", 0),
    ],
)
def test_reports_can_be_found(shared_api: Api, match: PlayedMatch, query: str, found: int) -> None:
    path = f"{PATH}?match_id={match.match_id}&{query.format(match)}"
    answer = shared_api.client.get(path, headers=shared_api.headers)
    assert (answer.status_code, len(answer.json())) == (200, found), answer.text


def test_notes_on_a_report_can_be_written_and_nothing_else(shared_api: Api, match: PlayedMatch) -> None:
    path = f"{PATH}/{match.report_id}"
    before = shared_api.client.get(path, headers=shared_api.headers)
    changes = {"notes": "Wind.", "total_frames": 1, "report_data": {}}
    headers = shared_api.headers | {"If-Match": before.headers["ETag"]}
    after = shared_api.client.patch(path, headers=headers, json=changes).json()
    assert after == before.json() | {"notes": "Wind.", "updated_at": after["updated_at"]}
    late = shared_api.client.patch(path, headers=headers, json={"notes": None})
    assert_problem(late, 412, "precondition_failed")
    assert shared_api.client.patch(path, headers=shared_api.headers, json={"notes": None}).json()["notes"] is None


def test_a_person_writes_a_report_and_no_figures(api: Api) -> None:
    match = play_match(api.client.app)
    body = {
        "match_id": str(match.match_id),
        "notes": "We pressed too late.",
        "total_frames": 9,
        "report_data": {"a": 1},
    }
    written = api.client.post(PATH, headers=api.headers, json=body)
    assert written.status_code == 201, written.text
    told = written.json()
    assert (told["report_type"], told["notes"]) == ("coach_report", "We pressed too late.")
    assert {told[name] for name in ("total_frames", "players_tracked", "report_data", "job_id")} == {None}
    assert api.client.get(written.headers["Location"], headers=api.headers).json() == told
    details = api.client.get(f"/api/matches/{match.match_id}/details", headers=api.headers).json()
    latest = details["reports"][0]
    assert (latest["report_type"], latest["notes"]) == ("coach_report", told["notes"])
    changed = api.client.patch(f"{PATH}/{told['id']}", headers=api.headers, json={"notes": "Better."})
    assert changed.json()["notes"] == "Better."
    assert api.client.delete(f"{PATH}/{told['id']}", headers=api.headers).status_code == 204


@pytest.mark.parametrize(
    ("change", "field"),
    [({"report_type": "match_analysis"}, "/report_type"), ({"notes": ""}, "/notes"), ({"notes": None}, "/notes")],
)
def test_nobody_writes_what_only_an_analysis_finds(
    shared_api: Api, match: PlayedMatch, change: dict[str, object], field: str
) -> None:
    body = {"match_id": str(match.match_id), "notes": "Wind."} | change
    refused = shared_api.client.post(PATH, headers=shared_api.headers, json=body)
    assert_problem(refused, 422, "validation_failed")
    assert [error["pointer"] for error in refused.json()["errors"]] == [field]


def test_a_deleted_report_takes_what_it_measured_and_leaves_what_was_entered(api: Api) -> None:
    match, other = play_match(api.client.app), play_match(api.client.app)
    for report_id in (match.report_id, other.report_id):
        add_ball(api.client.app, report_id, range(1, 4))
    entered = {"match_id": str(match.match_id), "player_id": str(match.home_player_id), "goals": 1}
    assert api.client.post("/api/player_match_statistics", headers=api.headers, json=entered).status_code == 201
    assert api.client.delete(f"{PATH}/{match.report_id}", headers=api.headers).status_code == 204
    with api.client.app.state.parts.database.reading() as session:
        for model, left in ((PlayerMatchStatistics, 2), (Track, 2), (BallPosition, 3), (AnalysisReport, None)):
            of = AnalysisReport.id if model is AnalysisReport else model.report_id
            by_report = dict(session.execute(select(of, func.count()).group_by(of)).all())
            assert match.report_id not in by_report, model
            assert left is None or by_report[other.report_id] == left
    (row,) = api.client.get(f"/api/player_match_statistics?match_id={match.match_id}", headers=api.headers).json()
    assert row["goals"] == 1


def test_the_job_of_a_deleted_report_is_still_there(shared_api: Api, match: PlayedMatch) -> None:
    (job_id,) = add_jobs(shared_api, match, 1)
    path = f"/api/jobs/{job_id}"
    report_id = shared_api.client.get(path, headers=shared_api.headers).json()["result"]["report_id"]
    assert shared_api.client.delete(f"{PATH}/{report_id}", headers=shared_api.headers).status_code == 204
    job = shared_api.client.get(path, headers=shared_api.headers).json()
    assert (job["status"], job["result"]) == ("COMPLETED", None)


def test_what_another_club_has_does_not_exist(shared_api: Api, other_club: dict[str, str], match: PlayedMatch) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        answer = shared_api.client.request(method, f"{PATH}/{match.report_id}", headers=other_club, json={})
        assert_problem(answer, 404, "not_found")
    listed = shared_api.client.get(f"{PATH}?match_id={match.match_id}", headers=other_club)
    assert listed.json() == []


def test_a_viewer_reads_reports_only(shared_api: Api, match: PlayedMatch) -> None:
    viewer = as_role(shared_api, Role.VIEWER, match.club_id)
    path = f"{PATH}/{match.report_id}"
    assert shared_api.client.get(path, headers=viewer).status_code == 200
    assert_problem(shared_api.client.patch(path, headers=viewer, json={"notes": "x"}), 403, "forbidden")
    assert_problem(shared_api.client.delete(path, headers=viewer), 403, "forbidden")


def test_jobs_are_listed_with_what_came_of_them_in_two_statements(shared_api: Api, match: PlayedMatch) -> None:
    made = add_jobs(shared_api, match, 5)
    query = f"match_id={match.match_id}&status=COMPLETED&sort=-created_at&limit=5"
    with counted_statements(shared_api.client.app) as statements:
        jobs = shared_api.client.get(f"/api/jobs?{query}", headers=shared_api.headers).json()
    assert {job["job_id"] for job in jobs} == {str(job_id) for job_id in made}
    assert all(job["result"]["total_frames"] == 308 for job in jobs)
    assert len(statements) == 2, statements
    assert "report_data" not in statements[0]
    one = shared_api.client.get(f"/api/jobs/{jobs[0]['job_id']}", headers=shared_api.headers).json()
    assert one == jobs[0]


def test_jobs_can_be_found_by_status_and_are_seen_by_their_club_only(
    shared_api: Api, other_club: dict[str, str], match: PlayedMatch
) -> None:
    add_jobs(shared_api, match, 1)
    path = f"/api/jobs?match_id={match.match_id}"
    assert len(shared_api.client.get(path, headers=shared_api.headers).json()) == 1
    assert shared_api.client.get(f"{path}&status=FAILED", headers=shared_api.headers).json() == []
    assert shared_api.client.get(path, headers=other_club).json() == []
    wrong = shared_api.client.get(f"{path}&status=LOST", headers=shared_api.headers)
    assert_problem(wrong, 422, "validation_failed")
