"""The size of a match's pitch: sent to the engine, told in the report, and what becomes of figures when it changes."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.services.engine import (
    EngineEvent,
    EngineRequest,
    MetricsKind,
    MetricsRows,
    ScriptedEngine,
    TrackLink,
)
from football.pitch import STANDARD_PITCH, Pitch
from tests.conftest import SAMPLE_VIDEO
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.servers.scripts import ball_csv, good_run, player_csv, result, run_with_links
from tests.waiting import finished_job

SMALL = Pitch(100.0, 64.0)
POINTS = (
    '{"points": [{"pixel": [1586.5, 789.6], "pitch": [0, 0]}, {"pixel": [128.3, 1141.1], "pitch": [0, 64]}, '
    '{"pixel": [2768.6, 747.3], "pitch": [50, 0]}, {"pixel": [2871.4, 1568.4], "pitch": [50, 64]}]}'
)
MISMATCH = (
    "These figures were measured on a pitch of 100 x 64 m, and the match is on one of 105 x 68 m; "
    "analyse the video again to measure on it."
)
Run = Callable[[EngineRequest], Iterator[EngineEvent]]


def finds_the_pitch(*, says_size: bool) -> Run:
    """An engine that needs no calibration, of today or of before it knew of sizes."""

    def run(request: EngineRequest) -> Iterator[EngineEvent]:
        yield MetricsRows(MetricsKind.PLAYERS, player_csv().replace(b",player,\n", b",player,1.5\n"))
        yield MetricsRows(MetricsKind.BALL, ball_csv())
        yield replace(result(), pitch=request.pitch if says_size else None)

    return run


def add_match(api: Api, pitch: Pitch = SMALL) -> str:
    size = {"pitch_length_m": pitch.length_m, "pitch_width_m": pitch.width_m}
    answer = api.client.post("/api/matches", headers=api.headers, json={"match_date": "2026-11-28T14:00:00Z", **size})
    assert answer.status_code == 201, answer.text
    match_id: str = answer.json()["id"]
    return match_id


def change_pitch(api: Api, match_id: str, pitch: Pitch) -> None:
    size = {"pitch_length_m": pitch.length_m, "pitch_width_m": pitch.width_m}
    answer = api.client.patch(f"/api/matches/{match_id}", headers=api.headers, json=size)
    assert answer.status_code == 200, answer.text


def analyse(api: Api, match_id: str, **fields: str) -> dict[str, Any]:
    """The job, when it is over."""
    return finished_job(api.client, api.headers, upload(api, match_id, **fields))


def upload(api: Api, match_id: str, **fields: str) -> str:
    """The id of its job."""
    with SAMPLE_VIDEO.open("rb") as video:
        accepted = api.client.post(
            "/api/analyze_match", headers=api.headers, files={"file": video}, data={"match_id": match_id, **fields}
        )
    assert accepted.status_code == 202, accepted.text
    job_id: str = accepted.json()["job_id"]
    return job_id


def report_of(api: Api, job: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/analysis_reports/{job['result']['report_id']}"
    report: dict[str, Any] = api.client.get(path, headers=api.headers).json()
    return report


def pitch_of(api: Api, job: dict[str, Any]) -> Any:
    return report_of(api, job)["report_data"]["pitch"]


def grids_of(api: Api, job: dict[str, Any]) -> set[tuple[int, int]]:
    """Columns and rows of the heatmaps."""
    query = {"report_id": job["result"]["report_id"]}
    rows = api.client.get("/api/player_match_statistics", headers=api.headers, params=query).json()
    return {(row["heatmap"]["columns"], row["heatmap"]["rows"]) for row in rows}


def test_the_size_reaches_the_engine_the_figures_and_the_report(make_api: Callable[..., Api]) -> None:
    api = make_api(ScriptedEngine(finds_the_pitch(says_size=True)))
    job = analyse(api, add_match(api))
    assert api.engine.requests[-1].pitch == SMALL
    assert pitch_of(api, job) == {"length_m": 100.0, "width_m": 64.0, "mismatch": None}
    assert grids_of(api, job) == {(20, 13)}  # cells of 5 m


def test_an_engine_that_does_not_look_at_the_size_measures_on_the_standard_one(make_api: Callable[..., Api]) -> None:
    api = make_api(ScriptedEngine(finds_the_pitch(says_size=False)))
    job = analyse(api, add_match(api))
    told = pitch_of(api, job)
    assert (told["length_m"], told["width_m"]) == (105.0, 68.0)
    assert "measured on a pitch of 105 x 68 m, and the match is on one of 100 x 64 m" in told["mismatch"]
    assert grids_of(api, job) == {(21, 14)}


def test_the_points_of_a_calibration_are_on_the_pitch_of_the_match(api: Api) -> None:
    job = analyse(api, add_match(api), calibration=POINTS)
    assert pitch_of(api, job) == {"length_m": 100.0, "width_m": 64.0, "mismatch": None}
    assert grids_of(api, job) == {(20, 13)}


def test_no_pitch_is_told_where_no_figure_is_in_metres(api: Api) -> None:
    assert pitch_of(api, analyse(api, add_match(api))) is None


def test_figures_stay_when_the_size_changes_and_their_report_says_that_they_do_not_fit(api: Api) -> None:
    match_id = add_match(api)
    job = analyse(api, match_id, calibration=POINTS)
    before = report_of(api, job)
    change_pitch(api, match_id, STANDARD_PITCH)
    assert pitch_of(api, job) == {"length_m": 100.0, "width_m": 64.0, "mismatch": MISMATCH}
    assert grids_of(api, job) == {(20, 13)}
    after = report_of(api, job)
    assert after["report_data"]["tracks"] == before["report_data"]["tracks"]
    assert after["updated_at"] > before["updated_at"]  # so that nobody's copy of it is taken for fresh

    again = analyse(api, match_id, calibration=POINTS.replace("64", "68"))
    assert pitch_of(api, again) == {"length_m": 105.0, "width_m": 68.0, "mismatch": None}
    change_pitch(api, match_id, SMALL)
    assert pitch_of(api, job)["mismatch"] is None
    assert pitch_of(api, again)["mismatch"] is not None


def test_a_report_of_a_person_has_no_pitch(api: Api) -> None:
    match_id = add_match(api)
    body = {"match_id": match_id, "notes": "We won."}
    written = api.client.post("/api/analysis_reports", headers=api.headers, json=body).json()
    change_pitch(api, match_id, STANDARD_PITCH)
    assert api.client.get(f"/api/analysis_reports/{written['id']}", headers=api.headers).json() == written


def test_a_size_that_changes_while_the_engine_works_does_not_fit_at_once(make_api: Callable[..., Api]) -> None:
    def changes_meanwhile(request: EngineRequest) -> Iterator[EngineEvent]:
        *events, last = finds_the_pitch(says_size=True)(request)
        yield from events
        change_pitch(api, match_id, STANDARD_PITCH)
        yield last

    api = make_api(ScriptedEngine(changes_meanwhile))
    match_id = add_match(api)
    assert pitch_of(api, analyse(api, match_id)) == {"length_m": 100.0, "width_m": 64.0, "mismatch": MISMATCH}


def test_figures_measured_anew_for_a_link_are_on_the_pitch_of_their_report(make_api: Callable[..., Api]) -> None:
    api = make_api(ScriptedEngine(run_with_links(TrackLink(2, 9, 0.75))))
    match_id = add_match(api)
    job = analyse(api, match_id, calibration=POINTS)
    change_pitch(api, match_id, STANDARD_PITCH)
    query = {"report_id": job["result"]["report_id"]}
    (link,) = api.client.get("/api/track_links", headers=api.headers, params=query).json()
    undone = api.client.patch(f"/api/track_links/{link['id']}", headers=api.headers, json={"undone": True})
    assert undone.status_code == 200, undone.text
    assert grids_of(api, job) == {(20, 13)}
    assert pitch_of(api, job)["mismatch"] == MISMATCH


def test_points_that_lie_off_a_pitch_that_was_changed_meanwhile_fail_the_job_for_good(
    make_api: Callable[..., Api],
) -> None:
    changed = threading.Event()

    def waits(request: EngineRequest) -> Iterator[EngineEvent]:
        assert changed.wait(timeout=30)
        yield from good_run(request)

    api = make_api(ScriptedEngine(waits), embedded_workers=1)
    match_id = add_match(api)
    first, second = upload(api, match_id), upload(api, match_id, calibration=POINTS)
    change_pitch(api, match_id, Pitch(90.0, 45.0))
    changed.set()
    assert finished_job(api.client, api.headers, first)["status"] == "COMPLETED"
    job = finished_job(api.client, api.headers, second)
    assert (job["status"], job["attempt"]) == ("FAILED", 1)
    assert job["error"]["code"] == "calibration_invalid"
    assert job["error"]["detail"] == "A calibration point lies off the pitch of 90 x 45 m."


@pytest.mark.parametrize(
    ("size", "pointer"),
    [
        ({"pitch_length_m": 64}, "/pitch_length_m"),
        ({"pitch_length_m": 10000}, "/pitch_length_m"),
        ({"pitch_width_m": 10}, "/pitch_width_m"),
        ({"pitch_width_m": 91}, "/pitch_width_m"),
    ],
)
def test_a_size_that_no_pitch_has_is_refused(shared_api: Api, size: dict[str, float], pointer: str) -> None:
    body = {"match_date": "2026-11-28T14:00:00Z", **size}
    answer = shared_api.client.post("/api/matches", headers=shared_api.headers, json=body)
    assert_problem(answer, 422, "validation_failed")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
