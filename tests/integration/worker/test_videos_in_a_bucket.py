"""API and worker on machines that share no disk for videos: they meet in a bucket, which may be away for a while."""

import hashlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.models import Calibration, Job, Match, Video
from app.services import s3_video_store
from app.services.s3_video_store import Patience
from app.workers import assembly
from tests.files import files_below
from tests.integration.worker.conftest import Club, StartWorker
from tests.servers import scripted_engine as engines
from tests.servers.private_swift import PrivateSwift
from tests.servers.scripted_engine import Answers, EngineServer, Stage
from tests.waiting import wait_until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OpenApi = Callable[..., Club]
StartEngine = Callable[..., EngineServer]


class ReadingEngine:
    """Notes what it was given to read."""

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self.hashes: list[str] = []

    def play(self, stage: Stage) -> Answers:
        self.paths.append(Path(stage.request.video_path))
        self.hashes.append(hashlib.sha256(self.paths[-1].read_bytes()).hexdigest())
        return engines.plays_well(stage)


@pytest.fixture
def open_api(open_club: Callable[..., Club], swift: PrivateSwift, bucket: str) -> OpenApi:
    """An API whose jobs wait for workers elsewhere."""

    def start(**changes: Any) -> Club:
        return open_club(1, **({"embedded_workers": 0} | swift.settings(bucket) | changes))

    return start


@pytest.fixture
def start_far_worker(start_worker: StartWorker, swift: PrivateSwift, bucket: str, tmp_path: Path) -> Callable[..., Any]:
    """A worker on a machine with another disk."""
    in_bucket = {name.upper(): value for name, value in swift.settings(bucket).items()}
    return lambda port, **changes: start_worker(port, **({"UPLOAD_DIR": str(tmp_path / "far")} | in_bucket | changes))


@pytest.fixture
def fragile_swift(swift: PrivateSwift) -> Iterator[PrivateSwift]:
    """The server, for a test that stops it; it is back afterwards."""
    yield swift
    swift.restart()


def uploads(club: Club) -> list[Path]:
    return files_below(club.settings.upload_dir)


def test_a_video_is_analysed_on_a_machine_that_it_was_not_sent_to(
    open_api: OpenApi,
    swift: PrivateSwift,
    bucket: str,
    start_far_worker: Callable[..., Any],
    play: StartEngine,
    tmp_path: Path,
) -> None:
    club, engine = open_api(), ReadingEngine()
    job_id = club.upload()
    assert uploads(club) == []  # the bucket has it
    start_far_worker(play(engine.play).port, S3_KEEP_MB="0")
    job = club.finish(job_id)
    assert (job["status"], job["attempt"]) == ("COMPLETED", 1)
    assert swift.said().count(f'"GET /{bucket}/') == 1  # though there is no room to keep it
    assert engine.hashes == [hashlib.sha256(club.film).hexdigest()]
    assert engine.paths[0].is_relative_to(tmp_path / "far")


def test_a_server_with_workers_has_what_it_was_sent_and_fetches_nothing(
    open_club: Callable[..., Club], swift: PrivateSwift, bucket: str, play: StartEngine
) -> None:
    engine = ReadingEngine()
    club = open_club(play(engine.play).port, **swift.settings(bucket))
    assert club.analyse()["status"] == "COMPLETED"
    assert f"GET /{bucket}/" not in swift.said()
    assert set(uploads(club)) == set(engine.paths)  # a copy, for the next analysis
    (video_id,) = swift.objects(bucket)
    assert club.client.delete(f"/api/videos/{video_id}", headers=club.headers).status_code == 204
    assert (swift.objects(bucket), uploads(club)) == ({}, [])


def test_an_upload_while_the_store_is_away_is_refused_and_leaves_nothing(
    open_api: OpenApi, fragile_swift: PrivateSwift, bucket: str
) -> None:
    club = open_api()
    fragile_swift.stop()
    answer = club.client.post("/api/analyze_match", headers=club.headers, files={"file": club.film})
    assert (answer.status_code, answer.json()["code"]) == (503, "video_store_unavailable")
    assert answer.headers["Retry-After"] == "60"
    assert answer.json()["detail"] == "The store of the videos is away; try again in a moment."
    assert [club.count(model) for model in (Video, Job, Match, Calibration)] == [0] * 4
    assert [path.suffix for path in uploads(club)] == [".unsettled"]  # nobody knows whether the object is there
    fragile_swift.restart()
    open_api()  # a start sweeps
    wait_until(lambda: uploads(club) == [])
    club.upload()
    assert len(fragile_swift.objects(bucket)) == 1


def test_a_job_waits_for_a_store_that_is_away_and_that_is_no_attempt(
    open_api: OpenApi, fragile_swift: PrivateSwift, start_far_worker: Callable[..., Any], play: StartEngine
) -> None:
    club = open_api()
    job_id = club.upload()
    fragile_swift.stop()
    start_far_worker(play(engines.plays_well).port)
    waiting = club.wait_for(job_id, lambda job: "store of the videos" in (job["message"] or ""))
    assert (waiting["status"], waiting["attempt"], waiting["error"]) == ("PENDING", 0, None)
    fragile_swift.restart()
    job = club.finish(job_id)
    assert (job["status"], job["attempt"]) == ("COMPLETED", 1)


def test_a_video_that_somebody_took_out_of_the_bucket_fails_its_job_at_once(
    open_api: OpenApi, swift: PrivateSwift, bucket: str, start_far_worker: Callable[..., Any], play: StartEngine
) -> None:
    club = open_api()
    job_id = club.upload()
    for name in swift.objects(bucket):
        swift.client.delete_object(Bucket=bucket, Key=name)
    start_far_worker(play(engines.plays_well).port)
    job = club.finish(job_id)
    assert (job["status"], job["error"]["code"], job["attempt"]) == ("FAILED", "video_missing", 1)


def test_a_deletion_while_the_store_is_away_is_made_good_later(
    open_api: OpenApi, fragile_swift: PrivateSwift, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by an API that runs no jobs: the mark is on its disk, and no worker sees it."""
    for name in ("_HOUR_S", "_LOOK_S"):
        monkeypatch.setattr(assembly, name, 0.1)
    club = open_api()
    job_id = club.upload()
    assert club.client.post(f"/api/jobs/{job_id}/cancel", headers=club.headers).is_success
    (video_id,) = fragile_swift.objects(bucket)
    fragile_swift.stop()
    assert club.client.delete(f"/api/videos/{video_id}", headers=club.headers).status_code == 204
    fragile_swift.restart()
    wait_until(lambda: (fragile_swift.objects(bucket), uploads(club)) == ({}, []))


def test_what_somebody_else_put_in_the_place_of_a_video_is_not_analysed(
    open_api: OpenApi, swift: PrivateSwift, bucket: str, start_far_worker: Callable[..., Any], play: StartEngine
) -> None:
    club, engine = open_api(), ReadingEngine()
    job_id = club.upload()
    (video_id,), other = swift.objects(bucket), club.film[::-1]
    described = {"sha256": hashlib.sha256(other).hexdigest()}
    swift.client.put_object(Bucket=bucket, Key=video_id, Body=other, Metadata=described)
    start_far_worker(play(engine.play).port)
    job = club.finish(job_id)
    assert (job["status"], job["error"]["code"], engine.paths) == ("FAILED", "video_damaged", [])


def test_a_server_starts_while_the_store_does_not_answer(open_api: OpenApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_video_store, "_IMPATIENT", Patience(0.2, 0.2, 1))
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the kernel takes connections, and nobody reads
        club = open_api(s3_endpoint_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert club.client.get("/readyz").status_code == 200


def test_a_server_starts_while_the_store_is_away(open_api: OpenApi, fragile_swift: PrivateSwift) -> None:
    fragile_swift.stop()
    club = open_api()
    assert club.client.get("/readyz").status_code == 200
    fragile_swift.restart()
    club.upload()
