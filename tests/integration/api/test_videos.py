"""Videos that were uploaded: found, and deleted with their files when no analysis needs them."""

from typing import Any

import pytest

from app.core.account import Role
from app.models import Job, JobStatus
from app.models.base import utc_now
from tests.integration.api.conftest import assert_problem
from tests.integration.api.played_match import PlayedMatch, as_role, play_match
from tests.integration.conftest import Api
from tests.waiting import finished_job

PATH = "/api/videos"
Json = Any


@pytest.fixture
def match(shared_api: Api) -> PlayedMatch:
    return play_match(shared_api.client.app)


def upload(api: Api, film: bytes) -> Json:
    answer = api.client.post("/api/analyze_match", headers=api.headers, files={"file": ("half.mp4", film)})
    assert answer.status_code == 202, answer.text
    return answer.json()


def video_of(api: Api, match_id: str) -> Json:
    (video,) = api.client.get(f"{PATH}?match_id={match_id}", headers=api.headers).json()
    return video


def test_an_uploaded_video_is_described_as_it_was_judged(shared_api: Api, film: bytes) -> None:
    video = video_of(shared_api, upload(shared_api, film)["match_id"])
    judged = {name: video[name] for name in ("filename", "size_bytes", "width", "height", "frame_count", "frame_rate")}
    assert judged == {
        "filename": "half.mp4",
        "size_bytes": len(film),
        "width": 320,
        "height": 240,
        "frame_count": 40,
        "frame_rate": 25.0,
    }
    assert shared_api.client.get(f"{PATH}/{video['id']}", headers=shared_api.headers).json() == video


@pytest.mark.parametrize(
    ("query", "found"),
    [("codec=h264", 1), ("codec=vp9", 0), ("duration_s[gt]=12", 1), ("width[lt]=3840", 0), ("q=HALF", 1)],
)
def test_videos_can_be_found(shared_api: Api, match: PlayedMatch, query: str, found: int) -> None:
    path = f"{PATH}?match_id={match.match_id}&{query}"
    assert len(shared_api.client.get(path, headers=shared_api.headers).json()) == found


def test_videos_are_found_by_their_hash(shared_api: Api, match: PlayedMatch) -> None:
    video = video_of(shared_api, str(match.match_id))
    found = shared_api.client.get(f"{PATH}?sha256={video['sha256']}", headers=shared_api.headers).json()
    assert [row["id"] for row in found] == [str(match.video_id)]


def test_a_deleted_video_takes_its_file_and_leaves_its_report(api: Api, film: bytes) -> None:
    job = finished_job(api.client, api.headers, upload(api, film)["job_id"])
    video = video_of(api, job["match_id"])
    file = api.settings.upload_dir / video["id"]
    assert file.exists()
    assert api.client.delete(f"{PATH}/{video['id']}", headers=api.headers).status_code == 204
    assert not file.exists()
    assert_problem(api.client.get(f"{PATH}/{video['id']}", headers=api.headers), 404, "not_found")
    report = api.client.get(f"/api/analysis_reports/{job['result']['report_id']}", headers=api.headers).json()
    assert (report["video_id"], report["players_tracked"]) == (None, job["result"]["players_tracked"])
    figures = api.client.get(f"/api/player_match_statistics?match_id={job['match_id']}", headers=api.headers).json()
    assert len(figures) == job["result"]["players_tracked"] > 0


@pytest.mark.parametrize(
    ("status", "answered"),
    [(JobStatus.PENDING, 409), (JobStatus.PROCESSING, 409), (JobStatus.FAILED, 204), (JobStatus.CANCELLED, 204)],
)
def test_a_video_stays_while_an_analysis_needs_it(
    shared_api: Api, match: PlayedMatch, status: JobStatus, answered: int
) -> None:
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        of_video: Json = {"club_id": match.club_id, "match_id": match.match_id, "video_id": match.video_id}
        session.add(Job(**of_video, status=status, available_at=utc_now()))
    answer = shared_api.client.delete(f"{PATH}/{match.video_id}", headers=shared_api.headers)
    assert answer.status_code == answered, answer.text
    if answered == 409:
        assert_problem(answer, 409, "analysis_running")
        assert shared_api.client.get(f"{PATH}/{match.video_id}", headers=shared_api.headers).status_code == 200


def test_the_file_of_a_video_that_cannot_be_deleted_stays(shared_api: Api, film: bytes) -> None:
    """No worker runs here: the analysis waits."""
    video = video_of(shared_api, upload(shared_api, film)["match_id"])
    answer = shared_api.client.delete(f"{PATH}/{video['id']}", headers=shared_api.headers)
    assert_problem(answer, 409, "analysis_running")
    assert (shared_api.settings.upload_dir / video["id"]).read_bytes() == film


def test_what_another_club_has_does_not_exist(shared_api: Api, other_club: dict[str, str], match: PlayedMatch) -> None:
    for method in ("GET", "DELETE"):
        answer = shared_api.client.request(method, f"{PATH}/{match.video_id}", headers=other_club)
        assert_problem(answer, 404, "not_found")
    assert shared_api.client.get(f"{PATH}?match_id={match.match_id}", headers=other_club).json() == []


def test_a_viewer_reads_videos_only(shared_api: Api, match: PlayedMatch) -> None:
    viewer = as_role(shared_api, Role.VIEWER, match.club_id)
    assert shared_api.client.get(f"{PATH}/{match.video_id}", headers=viewer).status_code == 200
    answer = shared_api.client.delete(f"{PATH}/{match.video_id}", headers=viewer)
    assert_problem(answer, 403, "forbidden")
