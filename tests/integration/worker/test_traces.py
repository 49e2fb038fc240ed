"""What an upload leaves in a collector of traces: one trace through all processes, and nobody's secrets."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path

import grpc
import httpx2
import pytest

from app.core.config import Settings
from tests.conftest import ROOT
from tests.integration.grpc.clips import make_clip
from tests.integration.grpc.engine_process import run_engine
from tests.servers import scripted_engine as engines
from tests.servers.coach_pro import ServerProcess, WorkerProcess
from tests.servers.scripted_engine import EngineServer
from tests.waiting import free_port, wait_until

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra `tracing` is not installed")
from tests.servers.span_collector import CollectedSpan, SpanCollector

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TRACE_ID, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
ACCOUNT = {"email": "coach@example.com", "password": "correct horse"}
FILM_NAME = "cup final of the under twelves.mp4"
SERVER, CLIENT, CONSUMER = 2, 3, 5  # kinds of spans, as on the wire


def send(client: httpx2.Client, film: Path, headers: dict[str, str]) -> dict[str, object]:
    """Upload a film as a part of the caller's trace, and wait for the end of its job."""
    traced = {**headers, "traceparent": f"00-{TRACE_ID}-{CALLER}-01"}
    files = {"file": (FILM_NAME, film.read_bytes())}
    job_id = client.post("/api/analyze_match", headers=traced, files=files).json()["job_id"]

    def end() -> dict[str, object] | None:
        job: dict[str, object] = client.get(f"/api/jobs/{job_id}", headers=headers).json()
        return job if job["status"] in {"COMPLETED", "FAILED"} else None

    return wait_until(end, patience_s=120)


def the(spans: list[CollectedSpan], name: str, **attributes: object) -> CollectedSpan:
    (found,) = [span for span in spans if span.name == name and attributes.items() <= span.attributes.items()]
    return found


def test_an_upload_is_one_trace_through_all_processes(
    make_settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, log = make_clip(tmp_path / "drawn.mp4"), tmp_path / "worker.log"
    with SpanCollector() as collector:
        variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)  # for the engine
        with run_engine("--workers", "1") as engine, ExitStack() as stack:
            port = int(engine.address.rpartition(":")[2])
            api = ServerProcess(make_settings(), tmp_path, engine_port=port, EMBEDDED_WORKERS="0", **variables)
            stack.callback(api.kill)
            told = {"LOG_LEVEL": "INFO", "LOG_FORMAT": "json"}
            worker = WorkerProcess(make_settings(), tmp_path, engine_port=port, log=log, **told, **variables)
            stack.callback(worker.kill)
            headers = api.log_in(ACCOUNT["email"])
            job = send(api.client, film, headers)
            api.client.post("/api/register", json=ACCOUNT)  # a second time: the database refuses it
            assert (api.stop(), worker.stop()) == (0, 0)
            engine.process.terminate()
            assert engine.process.wait(30) == 0

    assert job["status"] == "COMPLETED"
    whole = collector.spans
    spans = [span for span in whole if span.trace_id == TRACE_ID]
    request = the(spans, "POST /api/analyze_match")
    assert (request.service, request.kind, request.parent_id) == ("coach-pro-api", SERVER, CALLER)
    assert request.attributes["http.response.status_code"] == 202
    attempt = the(spans, "job attempt")
    assert (attempt.service, attempt.kind, attempt.parent_id) == ("coach-pro-worker", CONSUMER, request.span_id)
    assert attempt.attributes == {"coach_pro.job.id": job["job_id"], "coach_pro.job.attempt": 1}
    assert {the(spans, name).parent_id for name in ("scan", "analyse", "ingest", "persist")} == {attempt.span_id}
    call = the(spans, "analysis.AnalysisEngine/AnalyzeVideo")
    assert (call.service, call.kind, call.parent_id) == ("coach-pro-engine", SERVER, the(spans, "analyse").span_id)
    assert {the(spans, name).parent_id for name in ("look", "follow")} == {call.span_id}
    assert the(spans, "decode").parent_id == the(spans, "follow").span_id
    assert the(spans, "INSERT jobs").parent_id == request.span_id
    reports = [span for span in spans if span.name == "INSERT analysis_reports"]
    assert {span.parent_id for span in reports} == {the(spans, "persist").span_id}
    assert {span.kind for span in reports} == {CLIENT}
    known = {span.span_id for span in spans} | {CALLER}
    assert [span for span in spans if span.parent_id not in known] == []
    assert not any(span.has_failed for span in spans)
    assert all(span.began_ns <= span.ended_ns for span in spans)

    refused = [span for span in whole if span.has_failed]
    assert [(span.name, span.attributes["error.type"]) for span in refused] == [("INSERT users", "IntegrityError")]
    sent = b"".join(collector.bodies)
    secrets = [*ACCOUNT.values(), FILM_NAME, str(tmp_path), headers["Authorization"].split()[1], "127.0.0.1"]
    assert [secret for secret in secrets if secret.encode() in sent] == []

    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    (finished,) = [line for line in lines if line["event"] == "analysis finished"]
    assert (finished["trace_id"], finished["span_id"]) == (TRACE_ID, attempt.span_id)


def test_a_failed_attempt_says_why_in_one_word(
    make_settings: Callable[..., Settings], tmp_path: Path, play: Callable[..., EngineServer]
) -> None:
    engine = play(engines.fails("video_undecodable", grpc.StatusCode.INVALID_ARGUMENT))
    film = make_clip(tmp_path / "drawn.mp4")
    with SpanCollector() as collector:
        server = ServerProcess(
            make_settings(), tmp_path, engine_port=engine.port, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url
        )
        try:
            assert send(server.client, film, server.log_in())["status"] == "FAILED"
        finally:
            server.stop()
    for name in ("job attempt", "analyse"):
        failed = the(collector.spans, name)
        assert (failed.has_failed, failed.attributes["error.type"]) == (True, "video_undecodable")


@pytest.mark.parametrize("is_there", [True, False], ids=["takes spans and never answers", "is away"])
def test_a_collector_that_fails_harms_nothing(
    make_settings: Callable[..., Settings], tmp_path: Path, play: Callable[..., EngineServer], is_there: bool
) -> None:
    engine = play(engines.plays_well)
    film = make_clip(tmp_path / "drawn.mp4")
    with SpanCollector(is_mute=True) if is_there else nullcontext() as collector:
        url = collector.url if collector else f"http://127.0.0.1:{free_port()}"
        small = {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_BSP_MAX_QUEUE_SIZE": "8", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4"}
        server = ServerProcess(
            make_settings(), tmp_path, engine_port=engine.port, OTEL_EXPORTER_OTLP_ENDPOINT=url, **small
        )
        try:
            assert send(server.client, film, server.log_in())["status"] == "COMPLETED"
        finally:
            assert server.stop() == 0


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "Traces are sent as http/protobuf, not as grpc"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "must be an address of HTTP"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    make_settings: Callable[..., Settings], tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    settings = make_settings()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "DATABASE_URL": settings.sqlalchemy_url.render_as_string(hide_password=False),
    }
    (tmp_path / ".env").write_text("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9\n", encoding="utf-8")
    command = [sys.executable, "-m", "app.cli", "serve", "--port", "0", "--no-bundled-engine"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment | variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
