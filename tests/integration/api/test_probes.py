"""What watches the server: probes for a load balancer, figures for Prometheus, and who may read them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.core.database import Database
from tests.conftest import SAMPLE_VIDEO
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.servers.coach_pro import GunicornProcess
from tests.waiting import finished_job, wait_until

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATIENCE_S = 120.0  # two processes start at once
TOKEN = "a token for Prometheus alone"

Figures = dict[str, dict[frozenset[tuple[str, str]], float]]


def client_from(api: Api, address: str) -> TestClient:
    return TestClient(api.client.app, client=(address, 50000), raise_server_exceptions=False)


def read(answer: httpx2.Response) -> Figures:
    assert answer.status_code == 200, answer.text
    figures: Figures = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            figures.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return figures


def figure(figures: Figures, name: str, **labels: str) -> float:
    return figures.get(name, {}).get(frozenset(labels.items()), 0.0)


def metrics(api: Api) -> Figures:
    return read(client_from(api, "127.0.0.1").get("/metrics"))


def replace_database(api: Api, database: Database) -> None:
    app: Any = api.client.app
    app.state.parts = replace(app.state.parts, database=database)


def missing(api: Api) -> list[str]:
    answer = api.client.get("/readyz")
    assert_problem(answer, 503, "not_ready")
    names = [error["pointer"] for error in answer.json()["errors"]]
    assert all(name in answer.json()["detail"] for name in names)
    return names


def test_a_server_that_can_work_is_ready(api: Api) -> None:
    assert api.client.get("/livez").json() == {"status": "alive"}
    ready = api.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


def test_who_asks_all_the_time_whether_it_is_ready_writes_nothing_to_the_log(
    make_api: Callable[..., Api], capfd: pytest.CaptureFixture[str]
) -> None:
    api = make_api(log_level="INFO")
    capfd.readouterr()
    assert api.client.get("/readyz").status_code == 200
    written = capfd.readouterr().err.splitlines()
    assert [line for line in written if "httpx2" not in line] == []  # the client's own line


def test_another_schema_is_not_ready(api: Api, database: Database) -> None:
    """The version is put back: MariaDB serves all tests."""
    with database.unit_of_work() as session:
        head = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        assert missing(api) == ["migrations"]
    finally:
        with database.unit_of_work() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
    assert api.client.get("/readyz").status_code == 200


@ON_SQLITE
def test_a_database_that_can_only_be_read_is_not_ready(api: Api, tmp_path: Path) -> None:
    path = api.client.app.state.parts.database.engine.url.database  # type: ignore[attr-defined]
    read_only = Database(URL.create("sqlite+pysqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"}))
    replace_database(api, read_only)
    assert api.client.get("/health").status_code == 200
    assert missing(api) == ["database"]
    assert api.client.get("/livez").status_code == 200
    read_only.dispose()
    assert not (tmp_path / "file:").exists()


@ON_SQLITE
def test_a_database_that_is_away_is_not_ready(api: Api) -> None:
    away = Database(URL.create("mysql+pymysql", host="127.0.0.1", port=1, database="nowhere"))
    replace_database(api, away)
    assert missing(api) == ["database"]
    assert figure(metrics(api), "coach_pro_database_up") == 0
    assert "coach_pro_jobs" not in metrics(api)


@ON_SQLITE
def test_a_disk_that_is_nearly_full_is_not_ready(make_api: Callable[..., Api]) -> None:
    api = make_api(ready_free_mb=10**9)
    assert missing(api) == ["data_dir", "upload_dir"]


@ON_SQLITE
def test_only_the_operator_reads_the_figures(make_api: Callable[..., Api]) -> None:
    api = make_api(metrics_networks=("192.0.2.0/24",), metrics_token=TOKEN)
    assert client_from(api, "192.0.2.9").get("/metrics").status_code == 200
    stranger = client_from(api, "127.0.0.1")
    assert_problem(stranger.get("/metrics"), 403, "forbidden")
    assert_problem(stranger.get("/metrics", headers=api.headers), 403, "forbidden")
    assert stranger.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


@ON_SQLITE
@pytest.mark.parametrize("trusted", [(), ("127.0.0.1",)])
def test_who_comes_through_a_proxy_on_this_machine_is_not_this_machine(
    make_api: Callable[..., Api], trusted: tuple[str, ...]
) -> None:
    api = make_api(trusted_proxies=trusted)
    answer = client_from(api, "127.0.0.1").get("/metrics", headers={"X-Forwarded-For": "198.51.100.7"})
    assert_problem(answer, 403, "forbidden")


def test_the_figures_tell_what_was_done(api: Api) -> None:
    before = metrics(api)
    with SAMPLE_VIDEO.open("rb") as video:
        answer = api.client.post("/api/analyze_match", headers=api.headers, files={"file": video})
    finished_job(api.client, api.headers, answer.json()["job_id"])
    api.client.head(f"/api/matches/{answer.json()['match_id']}", headers=api.headers)
    api.client.get("/api/nothing/at/all")
    after = metrics(api)

    def grown(name: str, **labels: str) -> float:
        return figure(after, name, **labels) - figure(before, name, **labels)

    uploads = {"method": "POST", "route": "/api/analyze_match"}
    assert grown("coach_pro_http_requests_total", status="202", **uploads) == 1
    assert grown("coach_pro_http_request_duration_seconds_count", **uploads) == 1
    heads = {"method": "HEAD", "route": "/api/matches/{match_id}"}
    assert grown("coach_pro_http_requests_total", status="200", **heads) == 1
    assert grown("coach_pro_http_requests_total", method="GET", route="unmatched", status="404") == 1
    assert grown("coach_pro_ingest_rows_total", kind="players") == 1000
    assert grown("coach_pro_ingest_seconds_total") > 0
    assert figure(after, "coach_pro_jobs", status="COMPLETED", phase="") == 1
    assert figure(after, "coach_pro_jobs", status="PROCESSING", phase="analysing") == 0
    assert figure(after, "coach_pro_video_bytes") == SAMPLE_VIDEO.stat().st_size
    assert figure(after, "coach_pro_storage_bytes", directory="uploads", state="free") > 0
    assert figure(after, "coach_pro_engine_up") == 1


def test_a_job_that_waits_gets_older(make_api: Callable[..., Api]) -> None:
    api = make_api(embedded_workers=0)
    assert figure(metrics(api), "coach_pro_oldest_pending_job_age_seconds") == 0
    with SAMPLE_VIDEO.open("rb") as video:
        api.client.post("/api/analyze_match", headers=api.headers, files={"file": video})
    wait_until(lambda: figure(metrics(api), "coach_pro_oldest_pending_job_age_seconds") > 0.1)
    assert figure(metrics(api), "coach_pro_jobs", status="PENDING", phase="") == 1


@ON_SQLITE
def test_whichever_process_is_asked_tells_of_all(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    together = tmp_path / "metrics"
    together.mkdir()
    changes = {"PROMETHEUS_MULTIPROC_DIR": str(together), "EMBEDDED_WORKERS": "0"}
    server = GunicornProcess(make_settings(), tmp_path, processes=2, **changes)
    try:
        wait_until(server.health, patience_s=PATIENCE_S)
        headers = server.log_in()
        for _ in range(20):  # a connection each, so that both processes get some
            assert server.client.get("/api/teams", headers=headers).status_code == 200
        asked = [read(server.client.get("/metrics")) for _ in range(6)]
    finally:
        server.stop()
    labels = {"method": "GET", "route": "/api/teams", "status": "200"}
    assert {figure(figures, "coach_pro_http_requests_total", **labels) for figures in asked} == {20}
    assert all(figures["coach_pro_database_connections_in_use"] for figures in asked)
