"""Segments of a match's video: they refer to things of the match, and lie inside the video."""

import uuid
from typing import Any

import pytest

from app.core.account import Role
from app.models import Video
from tests.integration.api.conftest import assert_problem
from tests.integration.api.played_match import PlayedMatch, a_video, as_role, play_match
from tests.integration.conftest import Api

PATH = "/api/video_segments"
Json = Any


@pytest.fixture
def match(shared_api: Api) -> PlayedMatch:
    return play_match(shared_api.client.app)


def add(api: Api, match: PlayedMatch, **fields: object) -> Json:
    body = {"match_id": str(match.match_id), "title": "Press", "start_s": 1.0, "end_s": 4.0}
    return api.client.post(PATH, headers=api.headers, json=body | fields)


def patch(api: Api, segment_id: str, **changes: object) -> Json:
    return api.client.patch(f"{PATH}/{segment_id}", headers=api.headers, json=changes)


def add_video(api: Api, match: PlayedMatch, duration_s: float) -> uuid.UUID:
    video = a_video(match.match_id, duration_s)
    video.club_id = match.club_id
    with api.client.app.state.parts.database.unit_of_work() as session:
        session.add(video)
    return video.id


def test_a_segment_is_written_read_changed_and_deleted(api: Api) -> None:
    match = play_match(api.client.app)
    references = {"video_id": match.video_id, "match_event_id": match.event_id, "report_id": match.report_id}
    answer = add(api, match, segment_type="press", **{name: str(row_id) for name, row_id in references.items()})
    assert answer.status_code == 201, answer.text
    segment, path = answer.json(), answer.headers["Location"]
    assert {name: segment[name] for name in references} == {name: str(row_id) for name, row_id in references.items()}
    assert api.client.get(path, headers=api.headers).json() == segment
    changed = patch(api, segment["id"], title="High press", match_event_id=None, end_s=12.3).json()
    expected = {"title": "High press", "match_event_id": None, "end_s": 12.3, "updated_at": changed["updated_at"]}
    assert changed == segment | expected
    assert api.client.delete(path, headers=api.headers).status_code == 204
    assert_problem(api.client.get(path, headers=api.headers), 404, "not_found")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"title": "  "}, "/title"),
        ({"title": "x" * 201}, "/title"),
        ({"segment_type": "x" * 51}, "/segment_type"),
        ({"start_s": -0.1}, "/start_s"),
        ({"start_s": None}, "/start_s"),
        ({"end_s": 86_401}, "/end_s"),
    ],
)
def test_fields_out_of_their_bounds_are_refused(
    shared_api: Api, match: PlayedMatch, fields: Json, pointer: str
) -> None:
    answer = add(shared_api, match, **fields)
    assert_problem(answer, 422, "validation_failed")
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("end_s", [1.0, 0.5])
def test_a_segment_ends_after_it_starts(shared_api: Api, match: PlayedMatch, end_s: float) -> None:
    answer = add(shared_api, match, end_s=end_s)
    assert_problem(answer, 422, "segment_empty")
    assert answer.json()["errors"][0]["pointer"] == "/end_s"


def test_a_segment_lies_inside_its_video(shared_api: Api, match: PlayedMatch) -> None:
    answer = add(shared_api, match, video_id=str(match.video_id), end_s=12.4)
    assert_problem(answer, 422, "outside_video")
    assert answer.json()["detail"] == "The video is 12.3 s long."
    assert answer.json()["errors"][0]["pointer"] == "/end_s"
    assert add(shared_api, match, video_id=str(match.video_id), end_s=12.3).status_code == 201


def test_a_segment_of_no_particular_video_lies_inside_the_longest(shared_api: Api, match: PlayedMatch) -> None:
    longer = add_video(shared_api, match, 20.0)
    assert add(shared_api, match, end_s=20.0).status_code == 201
    assert_problem(add(shared_api, match, end_s=20.5), 422, "outside_video")
    assert_problem(add(shared_api, match, video_id=str(match.video_id), end_s=20.0), 422, "outside_video")
    assert add(shared_api, match, video_id=str(longer), end_s=20.0).status_code == 201


def test_a_match_without_a_video_has_segments_of_any_length(shared_api: Api, match: PlayedMatch) -> None:
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        session.delete(session.get_one(Video, match.video_id))
    assert add(shared_api, match, end_s=5400.0).status_code == 201


def test_a_change_is_judged_by_the_segment_that_results(shared_api: Api, match: PlayedMatch) -> None:
    longer = add_video(shared_api, match, 20.0)
    segment_id = add(shared_api, match, video_id=str(longer), end_s=19.0).json()["id"]
    assert_problem(patch(shared_api, segment_id, start_s=19.0), 422, "segment_empty")
    assert_problem(patch(shared_api, segment_id, video_id=str(match.video_id)), 422, "outside_video")
    assert_problem(patch(shared_api, segment_id, title=None), 422, "validation_failed")
    assert patch(shared_api, segment_id, video_id=None).status_code == 200
    assert patch(shared_api, segment_id, video_id=str(match.video_id), end_s=12.0).status_code == 200


def test_a_segment_from_before_the_video_can_be_renamed_but_not_moved_beyond_its_end(
    shared_api: Api,
) -> None:
    early = play_match(shared_api.client.app)
    client, own, video = shared_api.client, shared_api.headers, f"/api/videos/{early.video_id}"
    assert client.delete(video, headers=own).status_code == 204
    segment = add(shared_api, early, start_s=50.0, end_s=60.0).json()
    event = {"match_id": str(early.match_id), "event_type": "goal", "minute": 1, "video_time_s": 55.0}
    event_path = client.post("/api/match_events", headers=own, json=event).headers["Location"]
    add_video(shared_api, early, 12.0)

    renamed = patch(shared_api, segment["id"], title="Opening goal")
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Opening goal")
    as_read = {name: segment[name] for name in ("title", "start_s", "end_s", "video_id")}
    assert patch(shared_api, segment["id"], **as_read).status_code == 200
    assert_problem(patch(shared_api, segment["id"], start_s=51.0), 422, "outside_video")
    assert patch(shared_api, segment["id"], start_s=1.0, end_s=11.0).status_code == 200
    for changes, status in (
        ({"notes": "Header."}, 200),
        ({"notes": "Header.", "video_time_s": 55.0}, 200),
        ({"video_time_s": 56.0}, 422),
        ({"video_time_s": 11.5}, 200),
    ):
        answer = client.patch(event_path, headers=own, json=changes)
        assert (changes, answer.status_code) == (changes, status), answer.text


@pytest.mark.parametrize("name", ["video_id", "match_event_id", "report_id"])
def test_a_segment_refers_to_its_own_match_and_club_only(
    shared_api: Api, other_club: dict[str, str], match: PlayedMatch, name: str
) -> None:
    attribute = {"match_event_id": "event_id"}.get(name, name)
    other_match = getattr(play_match(shared_api.client.app), attribute)
    foreign = getattr(play_match(shared_api.client.app, "rival@example.com"), attribute)
    segment_id = add(shared_api, match).json()["id"]
    for answer in (
        add(shared_api, match, **{name: str(other_match)}),
        patch(shared_api, segment_id, **{name: str(other_match)}),
    ):
        assert_problem(answer, 422, "of_other_match")
        assert answer.json()["errors"][0]["pointer"] == f"/{name}"
    for answer in (
        add(shared_api, match, **{name: str(foreign)}),
        patch(shared_api, segment_id, **{name: str(foreign)}),
    ):
        assert_problem(answer, 404, "not_found")


def test_a_member_of_two_clubs_cannot_mix_them(shared_api: Api, other_club: dict[str, str], match: PlayedMatch) -> None:
    theirs = play_match(shared_api.client.app, "rival@example.com")
    headers = as_role(shared_api, Role.ANALYST, match.club_id, theirs.club_id)
    assert shared_api.client.get(f"/api/videos/{theirs.video_id}", headers=headers).status_code == 200
    body = {"match_id": str(match.match_id), "title": "Mix", "start_s": 0, "end_s": 1, "video_id": str(theirs.video_id)}
    assert_problem(shared_api.client.post(PATH, headers=headers, json=body), 404, "not_found")


def test_what_another_club_has_does_not_exist(shared_api: Api, other_club: dict[str, str], match: PlayedMatch) -> None:
    segment_id = add(shared_api, match).json()["id"]
    for method in ("GET", "PATCH", "DELETE"):
        answer = shared_api.client.request(method, f"{PATH}/{segment_id}", headers=other_club, json={})
        assert_problem(answer, 404, "not_found")
    theirs = play_match(shared_api.client.app, "rival@example.com")
    assert_problem(add(shared_api, theirs), 404, "not_found")


def test_a_viewer_reads_segments_only(shared_api: Api, match: PlayedMatch) -> None:
    viewer = as_role(shared_api, Role.VIEWER, match.club_id)
    segment_id = add(shared_api, match).json()["id"]
    assert shared_api.client.get(f"{PATH}/{segment_id}", headers=viewer).status_code == 200
    body = {"match_id": str(match.match_id), "title": "Press", "start_s": 1.0, "end_s": 4.0}
    for answer in (
        shared_api.client.post(PATH, headers=viewer, json=body),
        shared_api.client.patch(f"{PATH}/{segment_id}", headers=viewer, json={"title": "x"}),
        shared_api.client.delete(f"{PATH}/{segment_id}", headers=viewer),
    ):
        assert_problem(answer, 403, "forbidden")


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Início", "Press"]),
        ("sort=-start_s", ["Press", "Início"]),
        ("q=INICIO", ["Início"]),
        ("start_s[gte]=1", ["Press"]),
        ("segment_type=press", ["Press"]),
        ("video_id[null]=true", ["Início"]),
    ],
)
def test_segments_can_be_found(shared_api: Api, match: PlayedMatch, query: str, titles: list[str]) -> None:
    add(shared_api, match, segment_type="press", video_id=str(match.video_id))
    add(shared_api, match, title="Início", start_s=0.5)
    answer = shared_api.client.get(f"{PATH}?match_id={match.match_id}&{query}", headers=shared_api.headers)
    assert [segment["title"] for segment in answer.json()] == titles
