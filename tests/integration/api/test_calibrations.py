"""Calibrations of stored videos: fitted when they are written, never changed, deleted when nobody needs them."""

import json
from typing import Any

import pytest

from app.core.account import Role
from app.models import Job, JobStatus
from app.models.base import utc_now
from tests.conftest import SAMPLE_CALIBRATION
from tests.integration.api.conftest import assert_problem
from tests.integration.api.played_match import PlayedMatch, as_role, play_match
from tests.integration.conftest import Api

PATH = "/api/calibrations"
POINTS = json.loads(SAMPLE_CALIBRATION.read_text())["points"]
Json = Any


@pytest.fixture
def match(shared_api: Api) -> PlayedMatch:
    return play_match(shared_api.client.app)


def add(api: Api, match: PlayedMatch, points: Json = POINTS) -> Json:
    body = {"video_id": str(match.video_id), "points": points}
    return api.client.post(PATH, headers=api.headers, json=body)


def test_a_calibration_is_fitted_stored_listed_and_deleted(api: Api) -> None:
    match = play_match(api.client.app)
    answer = add(api, match)
    assert answer.status_code == 201, answer.text
    calibration, path = answer.json(), answer.headers["Location"]
    assert calibration["points"] == POINTS
    assert 0 < calibration["median_error_m"] < calibration["max_error_m"] < 2
    assert api.client.get(path, headers=api.headers).json() == calibration
    of_video = api.client.get(f"{PATH}?video_id={match.video_id}", headers=api.headers)
    assert of_video.json() == [calibration]
    assert api.client.get(f"{PATH}?video_id={match.match_id}", headers=api.headers).json() == []
    assert api.client.delete(path, headers=api.headers).status_code == 204
    assert_problem(api.client.get(path, headers=api.headers), 404, "not_found")


SWAPPED = [pair | {"pitch": other["pitch"]} for pair, other in zip(POINTS, reversed(POINTS), strict=True)]
OFF_PICTURE = [pair | {"pixel": [pair["pixel"][0] + 5000, 10.0]} for pair in POINTS]
OFF_PITCH = [pair | {"pitch": [pair["pitch"][0] + 200, 10.0]} for pair in POINTS]


@pytest.mark.parametrize(
    ("points", "word"),
    [(SWAPPED, "contradict"), (OFF_PICTURE, "outside the picture"), (OFF_PITCH, "off the pitch")],
    ids=["swapped", "off the picture", "off the pitch"],
)
def test_points_that_fit_no_camera_are_refused_in_words(
    shared_api: Api, match: PlayedMatch, points: Json, word: str
) -> None:
    answer = add(shared_api, match, points)
    assert_problem(answer, 422, "calibration_invalid")
    assert word in answer.json()["detail"]
    listed = shared_api.client.get(f"{PATH}?video_id={match.video_id}", headers=shared_api.headers)
    assert listed.json() == []


@pytest.mark.parametrize(
    "points", [POINTS[:3], POINTS * 14, [{"pixel": [1, 2, 3], "pitch": [0, 0]}] * 4], ids=["few", "many", "wrong"]
)
def test_points_of_another_shape_are_refused(shared_api: Api, match: PlayedMatch, points: Json) -> None:
    assert_problem(add(shared_api, match, points), 422, "validation_failed")


def test_a_calibration_cannot_be_changed(shared_api: Api, match: PlayedMatch) -> None:
    path = add(shared_api, match).headers["Location"]
    answer = shared_api.client.patch(path, headers=shared_api.headers, json={"points": POINTS})
    assert_problem(answer, 405, "method_not_allowed")


@pytest.mark.parametrize(
    ("status", "answered"),
    [(JobStatus.PENDING, 409), (JobStatus.PROCESSING, 409), (JobStatus.FAILED, 204), (JobStatus.COMPLETED, 204)],
)
def test_a_calibration_stays_while_an_analysis_needs_it(
    shared_api: Api, match: PlayedMatch, status: JobStatus, answered: int
) -> None:
    calibration = add(shared_api, match).json()
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        of_video: Json = {"club_id": match.club_id, "match_id": match.match_id, "video_id": match.video_id}
        session.add(Job(**of_video, calibration_id=calibration["id"], status=status, available_at=utc_now()))
    answer = shared_api.client.delete(f"{PATH}/{calibration['id']}", headers=shared_api.headers)
    assert answer.status_code == answered, answer.text
    if answered == 409:
        assert_problem(answer, 409, "analysis_running")


def test_what_another_club_has_does_not_exist(shared_api: Api, other_club: dict[str, str], match: PlayedMatch) -> None:
    path = add(shared_api, match).headers["Location"]
    for method in ("GET", "DELETE"):
        assert_problem(shared_api.client.request(method, path, headers=other_club), 404, "not_found")
    theirs = play_match(shared_api.client.app, "rival@example.com")
    assert_problem(add(shared_api, theirs), 404, "not_found")


def test_a_viewer_reads_calibrations_only(shared_api: Api, match: PlayedMatch) -> None:
    viewer = as_role(shared_api, Role.VIEWER, match.club_id)
    path = add(shared_api, match).headers["Location"]
    assert shared_api.client.get(path, headers=viewer).status_code == 200
    body = {"video_id": str(match.video_id), "points": SWAPPED}
    assert_problem(shared_api.client.post(PATH, headers=viewer, json=body), 403, "forbidden")  # before it is fitted
    assert_problem(shared_api.client.delete(path, headers=viewer), 403, "forbidden")
