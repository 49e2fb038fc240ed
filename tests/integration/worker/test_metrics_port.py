"""Prometheus asks a worker process for what it has ingested, under the same rule as the API."""

import socket
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.core.config import Settings
from tests.integration.worker.conftest import Club, StartWorker
from tests.servers import scripted_engine as engines
from tests.servers.coach_pro import WorkerProcess
from tests.servers.scripted_engine import EngineServer
from tests.waiting import free_port, wait_until

TOKEN = "a-token-that-only-prometheus-knows-of-course"
NOBODY = '["192.0.2.0/24"]'


def ask(port: int, **headers: str) -> httpx2.Response | None:
    """None while nobody listens."""
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/metrics", headers=headers)
    except httpx2.ConnectError:
        return None


def rows_ingested(port: int) -> float:
    answer = ask(port)
    assert answer is not None
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return sum(sample.value for sample in samples if sample.name == "coach_pro_ingest_rows_total")


def test_a_worker_tells_what_it_has_ingested(
    play: Callable[..., EngineServer], open_club: Callable[..., Club], start_worker: StartWorker
) -> None:
    engine, port = play(engines.plays_well), free_port()
    club = open_club(engine.port, embedded_workers=0)
    worker = start_worker(engine.port, WORKER_METRICS_PORT=str(port))
    wait_until(lambda: ask(port))
    assert rows_ingested(port) == 0
    assert club.analyse()["status"] == "COMPLETED"
    assert rows_ingested(port) > 0
    assert worker.stop() == 0
    assert ask(port) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_the_operator_reads_them(start_worker: StartWorker) -> None:
    port = free_port()
    start_worker(1, WORKER_METRICS_PORT=str(port), METRICS_NETWORKS=NOBODY, METRICS_TOKEN=TOKEN)
    refused = wait_until(lambda: ask(port))
    wrong, right = ask(port, Authorization="Bearer guess"), ask(port, Authorization=f"Bearer {TOKEN}")
    assert [answer and answer.status_code for answer in (refused, wrong, right)] == [403, 403, 200]
    assert refused is not None
    assert "coach_pro" not in refused.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_where_only_this_machine_may_ask_only_this_machine_is_listened_to(start_worker: StartWorker) -> None:
    ports = free_port(), free_port()
    start_worker(1, WORKER_METRICS_PORT=str(ports[0]))
    start_worker(1, WORKER_METRICS_PORT=str(ports[1]), METRICS_TOKEN=TOKEN)
    wait_until(lambda: all(map(ask, ports)))
    listening = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]}
    assert f"0100007F:{ports[0]:04X}" in listening
    assert f"00000000:{ports[1]:04X}" in listening


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_port_that_is_taken_is_told_in_a_sentence(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        log = tmp_path / "log"
        worker = WorkerProcess(make_settings(), tmp_path, engine_port=1, log=log, WORKER_METRICS_PORT=port)
        with pytest.raises(RuntimeError, match="exit code 2"):
            worker.wait_until_ready()
    (sentence,) = log.read_text().splitlines()
    assert sentence == f"coach-pro: [Errno 98] Cannot listen on WORKER_METRICS_PORT {port} (Address already in use)"
