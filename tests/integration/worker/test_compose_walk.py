"""compose.yaml as processes: commands, files and variables of its containers, real servers, an upload through nginx.

What differs from containers: addresses, ports, and the passwords of the servers in the middle.
"""

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.make_secrets import main as make_secrets
from tests.conftest import SAMPLE_VIDEO
from tests.integration.deploy.compose import MISSING, PROGRAM, read_compose
from tests.integration.deploy.image import Image
from tests.integration.worker.conftest import Broker
from tests.servers.mariadb import PrivateMariaDB
from tests.servers.nginx import PrivateNginx, find_nginx
from tests.waiting import free_port, patient_client, wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed (apt-get install nginx-light)"),
    pytest.mark.skipif(PROGRAM is None, reason=MISSING),
]

PATIENCE_S = 180.0
QUICK = {"JOB_SWEEP_S": "0.5", "JOB_RETRY_BASE_S": "0.1"}


@dataclass
class Composition:
    """Its services as processes, below ``folder``."""

    folder: Path
    services: dict[str, Any]
    addresses: dict[str, str]  # variables whose value is another one here
    ports: dict[str, int]
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    images: dict[str, Image] = field(default_factory=dict)

    def start(self, name: str) -> "subprocess.Popen[bytes]":
        image, variables = self._image(name), self._variables(name)
        stage, arguments = image.stage, self.services[name].get("command")
        command = [*stage.entrypoint, *arguments] if arguments else stage.command
        process = image.start(self._on_port(name, command), variables, log=self.log(name))
        self.running.append(process)
        return process

    def is_healthy(self, name: str) -> bool:
        image = self._image(name)
        check = image.start(self._on_port(name, image.stage.healthcheck), self._variables(name), log=self.log(name))
        return check.wait(60) == 0

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _image(self, name: str) -> Image:
        target = self.services[name]["build"]["target"]
        if target not in self.images:
            mounts = {"data": self.folder / "media", "secrets": self.folder / "secrets"}
            self.images[target] = Image.built(target, self.folder / target, **mounts)
        return self.images[target]

    def _variables(self, name: str) -> dict[str, str]:
        variables: dict[str, str] = self.services[name].get("environment") or {}
        metrics = {"PROMETHEUS_MULTIPROC_DIR": str(self.folder / "metrics")}
        here = self.addresses | {"BIND": f"127.0.0.1:{self.ports['api']}"} | QUICK
        return variables | here | (metrics if "PROMETHEUS_MULTIPROC_DIR" in variables else {})

    def _on_port(self, name: str, command: list[str]) -> list[str]:
        return [re.sub(r"\b(8000|50051)\b", str(self.ports.get(name)), word) for word in command]


@pytest.fixture
def composition(mariadb: PrivateMariaDB, redis: Broker, rabbitmq: Broker, tmp_path: Path) -> Iterator[Composition]:
    secrets = tmp_path / "secrets"
    make_secrets(secrets)
    for name, broker in (("redis_url", redis), ("celery_broker_url", rabbitmq)):
        (secrets / name).unlink()
        (secrets / name).write_text(broker.server.url)
    password = (secrets / "db_password").read_text()
    mariadb.execute(
        "CREATE DATABASE coach_pro_db CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        f"CREATE USER coach_pro@'127.0.0.1' IDENTIFIED BY '{password}'",
        "GRANT ALL ON coach_pro_db.* TO coach_pro@'127.0.0.1'",
    )
    ports = {name: free_port() for name in ("api", "engine", "worker")}
    addresses = {
        "DB_HOST": "127.0.0.1",
        "DB_PORT": str(mariadb.port),
        "ANALYSIS_ENGINE_HOST": "127.0.0.1",
        "ANALYSIS_ENGINE_PORT": str(ports["engine"]),
        "TRUSTED_PROXIES": '["127.0.0.1"]',
        "WORKER_METRICS_PORT": str(ports["worker"]),
    }
    composed = Composition(tmp_path, read_compose()["services"], addresses, ports)
    yield composed
    for process in reversed(composed.running):
        process.terminate()
        process.wait(60)
    mariadb.execute("DROP DATABASE coach_pro_db", "DROP USER coach_pro@'127.0.0.1'")


@pytest.fixture
def nginx(composition: Composition, tmp_path: Path) -> Iterator[PrivateNginx]:
    (tmp_path / "nginx").mkdir()
    proxy = PrivateNginx(tmp_path / "nginx", f"http://127.0.0.1:{composition.ports['api']}")
    proxy.start()
    yield proxy
    proxy.stop()


def test_a_worker_that_is_killed_in_the_middle_costs_an_attempt_and_no_job(
    composition: Composition, nginx: PrivateNginx, mariadb: PrivateMariaDB
) -> None:
    assert composition.start("migrate").wait(120) == 0, composition.log("migrate").read_text()
    workers = [composition.start("worker")]
    servers = [composition.start("engine"), composition.start("api")]
    for name in ("engine", "api"):
        wait_until(lambda name=name: composition.is_healthy(name), patience_s=PATIENCE_S)
    with patient_client(nginx.url) as client:
        account = {"email": "coach@example.com", "password": "correct horse"}
        token = client.post("/api/register", json=account).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        with SAMPLE_VIDEO.open("rb") as film:
            accepted = client.post("/api/analyze_match", files={"file": film}, data={"frame_stride": "10"})
        job_url = accepted.raise_for_status().headers["Location"]
        job = follow(client, job_url, lambda job: job["status"] == "PROCESSING")
        workers[0].kill()
        mariadb.execute("UPDATE coach_pro_db.jobs SET lease_expires_at = '2020-01-01' WHERE status = 'PROCESSING'")
        workers.append(composition.start("worker"))
        job = follow(client, job_url, lambda job: job["finished_at"])
        assert (job["status"], job["attempt"], job["error"]) == ("COMPLETED", 2, None)
        assert client.get(f"/api/player_match_statistics?match_id={job['match_id']}").json()
        assert client.get("/health").json()["status"] == "healthy"
    for name, figure in (("api", "coach_pro_http_requests_total"), ("worker", "coach_pro_ingest_rows_total")):
        client = patient_client(f"http://127.0.0.1:{composition.ports[name]}")
        assert f"\n{figure}{{" in client.get("/metrics").text
    assert list((composition.folder / "media" / "uploads" / ".incoming").iterdir()) == []
    for process in (workers[1], *servers):
        process.terminate()
        assert process.wait(60) == 0


def follow(client: httpx2.Client, url: str, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The job as soon as ``condition`` holds."""

    def read() -> dict[str, Any] | None:
        job: dict[str, Any] = client.get(url).raise_for_status().json()
        return job if condition(job) else None

    job = wait_until(read, patience_s=PATIENCE_S)
    assert job is not None
    return job
