"""The specification's path from upload to statistics, on both databases."""

from tests.conftest import SAMPLE_VIDEO
from tests.files import files_below
from tests.integration.conftest import Api
from tests.waiting import finished_job


def test_an_uploaded_video_becomes_statistics_and_a_report(api: Api) -> None:
    with SAMPLE_VIDEO.open("rb") as video:
        answer = api.client.post("/api/analyze_match", headers=api.headers, files={"file": video})
    assert answer.status_code == 202
    accepted = answer.json()
    assert set(accepted) == {"job_id", "status", "match_id", "estimated_duration_seconds", "analysis_id"}
    assert accepted["status"] == "PENDING"
    assert answer.headers["Location"] == f"/api/jobs/{accepted['job_id']}"

    job = finished_job(api.client, api.headers, accepted["job_id"])
    assert job["status"] == "COMPLETED"
    assert job["progress_percent"] == 100
    assert job["result"]["match_id"] == accepted["match_id"]
    assert job["result"]["total_frames"] == 250
    assert job["result"]["players_tracked"] == 4

    statistics = api.client.get(
        "/api/player_match_statistics", headers=api.headers, params={"match_id": accepted["match_id"]}
    ).json()
    assert [row["track_number"] for row in statistics] == [1, 2, 3, 4]
    assert {row["confidence"] for row in statistics} == {0.9}

    report = api.client.get(f"/api/analysis_reports/{job['result']['report_id']}", headers=api.headers).json()
    assert report["job_id"] == accepted["job_id"]
    assert [team["colour_name"] for team in report["report_data"]["teams"]] == ["white", "blue"]
    assert {track["confidence"] for track in report["report_data"]["tracks"]} == {0.9}
    assert report["report_data"]["quality"]["ball_interpolated_share"] == 0.1
    path = f"/api/analysis_reports/{report['id']}/ball_positions"
    bridged = api.client.get(path, headers=api.headers, params={"interpolated": "true"}).json()
    assert [row["frame"] for row in bridged] == list(range(10, 251, 10))
    assert {row["interpolated"] for row in bridged} == {True}


def test_the_choices_of_the_upload_reach_the_engine_and_its_counts_the_report(api: Api) -> None:
    chosen = {"frame_stride": "3", "confidence_threshold": "0.4"}
    with SAMPLE_VIDEO.open("rb") as video:
        answer = api.client.post("/api/analyze_match", headers=api.headers, files={"file": video}, data=chosen)
    job = finished_job(api.client, api.headers, answer.json()["job_id"])
    request = api.engine.requests[-1]
    assert (request.frame_stride, request.confidence_threshold) == (3, 0.4)
    report = api.client.get(f"/api/analysis_reports/{job['result']['report_id']}", headers=api.headers).json()
    quality = report["report_data"]["quality"]
    assert (quality["frames_analysed"], quality["frames_damaged"]) == (250, 2)


def test_the_video_lies_once_in_the_store_and_nothing_else_beside_it(api: Api) -> None:
    with SAMPLE_VIDEO.open("rb") as video:
        answer = api.client.post("/api/analyze_match", headers=api.headers, files={"file": video})
    finished_job(api.client, api.headers, answer.json()["job_id"])
    stored = files_below(api.settings.upload_dir)
    assert [path.read_bytes() for path in stored] == [SAMPLE_VIDEO.read_bytes()]
