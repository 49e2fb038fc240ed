"""The preview of an analysis over HTTP: whole, in ranges, or not there, and then it is said why."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.factory import create_app
from app.services.engine import EngineEvent, EngineProgress, EngineRequest, EngineResult, ScriptedEngine
from tests.conftest import SAMPLE_VIDEO
from tests.files import files_below
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.servers.scripts import FILM, good_run, run_with_preview
from tests.waiting import finished_job, wait_until

SIZE = len(FILM)


def upload(api: Api, **fields: str) -> dict[str, Any]:
    """The job, when it is over."""
    with SAMPLE_VIDEO.open("rb") as video:
        answer = api.client.post("/api/analyze_match", headers=api.headers, files={"file": video}, data=fields)
    assert answer.status_code == 202, answer.text
    return finished_job(api.client, api.headers, answer.json()["job_id"])


@pytest.fixture(scope="module")
def drawing_api(shared_settings: Settings) -> Iterator[Api]:
    """One application for all tests of the module, and a worker, whose engine draws."""
    settings = shared_settings.model_copy(update={"embedded_workers": 1, "max_upload_size_mb": 10})
    engine = ScriptedEngine(run_with_preview)
    with TestClient(create_app(settings, engine=engine), raise_server_exceptions=False) as client:
        api = Api(client, settings, engine)
        api.headers = api.register()
        yield api


@pytest.fixture(scope="module")
def job(drawing_api: Api) -> dict[str, Any]:
    return upload(drawing_api, preview="true")


def get(api: Api, job: dict[str, Any], **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.client.get(job["preview_url"], headers=api.headers | named)


def test_a_preview_that_was_asked_for_is_there_when_the_job_is_completed(drawing_api: Api, job: dict[str, Any]) -> None:
    assert drawing_api.engine.requests[-1].preview
    assert (job["status"], job["preview"]) == ("COMPLETED", True)
    assert job["preview_url"] == f"/api/jobs/{job['job_id']}/preview"
    answer = get(drawing_api, job)
    assert (answer.status_code, answer.content) == (200, FILM)
    expected = {"content-type": "video/mp4", "accept-ranges": "bytes", "content-length": str(SIZE)}
    assert expected.items() <= dict(answer.headers).items()


RANGES = [
    pytest.param("bytes=0-99", 0, 100, id="the first hundred"),
    pytest.param("bytes=100-", 100, SIZE, id="from here to the end"),
    pytest.param("bytes=-100", SIZE - 100, SIZE, id="the last hundred"),
    pytest.param("bytes=5-5", 5, 6, id="one byte"),
    pytest.param("bytes=1000-99999", 1000, SIZE, id="more than there is"),
    pytest.param("bytes=-99999", 0, SIZE, id="the last more than there are"),
    pytest.param("BYTES= 0-9 ", 0, 10, id="capitals and blanks"),
]


@pytest.mark.parametrize(("wanted", "start", "end"), RANGES)
def test_a_range_of_it_is_answered_with_these_bytes(
    drawing_api: Api, job: dict[str, Any], wanted: str, start: int, end: int
) -> None:
    answer = get(drawing_api, job, Range=wanted)
    assert (answer.status_code, answer.content) == (206, FILM[start:end])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(end - start)
    assert answer.headers["Content-Type"] == "video/mp4"


@pytest.mark.parametrize(
    "wanted", ["bytes=9-3", "bytes=-", "bytes=a-b", "frames=0-9", "0-9", "bytes=0-1,5-6", "bytes=0-" + "9" * 40]
)
def test_what_is_no_range_that_is_understood_gives_the_whole(
    drawing_api: Api, job: dict[str, Any], wanted: str
) -> None:
    answer = get(drawing_api, job, Range=wanted)
    assert (answer.status_code, answer.content) == (200, FILM)
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", "bytes=9999-10000", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused_and_the_size_is_told(
    drawing_api: Api, job: dict[str, Any], wanted: str
) -> None:
    answer = get(drawing_api, job, Range=wanted)
    assert_problem(answer, 416, "range_not_satisfiable")
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


def test_what_a_client_has_already_is_not_sent_again_and_a_changed_film_is_sent_whole(
    drawing_api: Api, job: dict[str, Any]
) -> None:
    tag = get(drawing_api, job).headers["ETag"]
    assert not tag.startswith("W/")
    known = get(drawing_api, job, If_None_Match=f'"other", {tag}', Range="bytes=0-9")
    assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", tag)
    assert get(drawing_api, job, If_None_Match='"other"').status_code == 200
    assert get(drawing_api, job, If_Range=tag, Range="bytes=0-9").content == FILM[:10]
    for other in ('"other"', f"W/{tag}", "Thu, 26 Nov 2026 00:00:00 GMT"):
        assert get(drawing_api, job, If_Range=other, Range="bytes=0-9").content == FILM


def test_head_tells_of_the_whole_also_where_a_range_is_asked_for(drawing_api: Api, job: dict[str, Any]) -> None:
    for wanted in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=9999-"}):
        answer = drawing_api.client.head(job["preview_url"], headers=drawing_api.headers | wanted)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["Content-Length"] == str(SIZE)
        assert answer.headers["Content-Type"] == "video/mp4"


def test_where_none_was_asked_for_there_is_none(drawing_api: Api) -> None:
    for fields in ({}, {"preview": ""}, {"preview": "false"}):
        job = upload(drawing_api, **fields)
        assert (job["preview"], job["preview_url"]) == (False, None)
        assert not drawing_api.engine.requests[-1].preview
        answer = drawing_api.client.get(f"/api/jobs/{job['job_id']}/preview", headers=drawing_api.headers)
        assert_problem(answer, 404, "preview_not_requested")


def test_before_the_end_of_the_job_it_is_said_that_there_is_none_yet(make_api: Callable[..., Api]) -> None:
    api = make_api(embedded_workers=0)
    with SAMPLE_VIDEO.open("rb") as video:
        fields = {"preview": "true"}
        answer = api.client.post("/api/analyze_match", headers=api.headers, files={"file": video}, data=fields)
    path = answer.headers["Location"]
    assert api.client.get(path, headers=api.headers).json()["preview_url"] is None
    assert_problem(api.client.get(f"{path}/preview", headers=api.headers), 404, "preview_not_ready")


def test_a_job_says_that_it_draws_and_never_goes_back(make_api: Callable[..., Api]) -> None:
    seen = threading.Event()

    def draws_until_seen(request: EngineRequest) -> Iterator[EngineEvent]:
        *events, last = run_with_preview(request)
        for event in events:
            yield event
            while isinstance(event, EngineProgress) and event.frames_drawn and not seen.wait(0.05):
                yield event
        yield last

    api = make_api(ScriptedEngine(draws_until_seen))
    with SAMPLE_VIDEO.open("rb") as video:
        fields = {"preview": "true"}
        path = api.client.post("/api/analyze_match", headers=api.headers, files={"file": video}, data=fields).headers[
            "Location"
        ]

    def drawing() -> dict[str, Any] | None:
        job: dict[str, Any] = api.client.get(path, headers=api.headers).json()
        return job if job["phase"] == "drawing" else None

    job = wait_until(drawing)
    assert job is not None
    assert (job["message"], job["phase_percent"]) == ("Drew 83 of 250 frames of the preview.", 33)
    assert (job["frames_done"], job["progress"]) == (250, pytest.approx(0.72))
    seen.set()
    assert finished_job(api.client, api.headers, job["job_id"])["preview_url"] == f"{path}/preview"


def cut_film(request: EngineRequest) -> Iterator[EngineEvent]:
    for event in run_with_preview(request):
        is_last = isinstance(event, EngineResult)
        yield replace(event, preview_bytes=event.preview_bytes + 1) if is_last else event


@pytest.mark.parametrize("script", [good_run, cut_film])
def test_an_engine_that_sends_none_or_half_of_one_gives_the_figures_all_the_same(
    make_api: Callable[..., Api], script: Callable[[EngineRequest], Iterator[EngineEvent]]
) -> None:
    api = make_api(ScriptedEngine(script))
    job = upload(api, preview="true")
    assert (job["status"], job["preview"], job["preview_url"]) == ("COMPLETED", True, None)
    assert job["result"]["players_tracked"] == 4
    answer = api.client.get(f"/api/jobs/{job['job_id']}/preview", headers=api.headers)
    assert_problem(answer, 404, "no_preview")
    assert [path.name for path in files_below(api.settings.data_dir / "artifacts")] == ["positions.parquet"]


def test_a_film_that_nobody_asked_for_is_not_kept(make_api: Callable[..., Api]) -> None:
    api = make_api(ScriptedEngine(lambda request: run_with_preview(replace(request, preview=True))))
    job = upload(api)
    assert (job["status"], job["preview"], job["preview_url"]) == ("COMPLETED", False, None)
    assert [path.name for path in files_below(api.settings.data_dir / "artifacts")] == ["positions.parquet"]


def test_a_wish_that_is_neither_true_nor_false_is_refused(drawing_api: Api) -> None:
    with SAMPLE_VIDEO.open("rb") as video:
        answer = drawing_api.client.post(
            "/api/analyze_match", headers=drawing_api.headers, files={"file": video}, data={"preview": "perhaps"}
        )
    assert_problem(answer, 422, "preview_invalid")


def film_of(api: Api, job: dict[str, Any]) -> Path:
    (film,) = (api.settings.data_dir / "artifacts" / job["job_id"]).glob("*/preview.mp4")
    return film


def test_it_belongs_to_the_club_and_goes_with_the_match(drawing_api: Api) -> None:
    api, job = drawing_api, upload(drawing_api, preview="true")
    rival = api.register("rival@example.com")
    assert_problem(api.client.get(job["preview_url"], headers=rival), 404, "not_found")
    assert_problem(api.client.get(job["preview_url"]), 401, "unauthenticated")
    film = film_of(api, job)
    assert api.client.delete(f"/api/matches/{job['match_id']}", headers=api.headers).status_code == 204
    assert not film.exists()
    assert_problem(api.client.get(job["preview_url"], headers=api.headers), 404, "not_found")


def test_a_film_that_somebody_removed_from_the_disk_is_said_to_be_gone(drawing_api: Api) -> None:
    job = upload(drawing_api, preview="true")
    film_of(drawing_api, job).unlink()
    assert_problem(get(drawing_api, job), 404, "preview_gone")
