"""What a running server writes to its log: who asked what, which job was run; and no secret, whatever was sent."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.core.config import Settings
from tests.conftest import SAMPLE_VIDEO
from tests.servers.coach_pro import ServerProcess
from tests.servers.scripted_engine import EngineServer, plays_well
from tests.waiting import wait_until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PASSWORD, WRONG, NEXT = "correct horse", "wrong horse battery", "staple next horse"
QUERY = "token=in-the-query"
HOOK = {"url": "http://127.0.0.1:9/hook-secret-path", "events": ["job.completed"]}  # nobody listens there
Line = dict[str, Any]


@pytest.fixture
def engine() -> Iterator[EngineServer]:
    server = EngineServer(plays_well).start()
    yield server
    server.stop()


def act(client: httpx2.Client) -> tuple[dict[str, str], list[str]]:
    """All that has to do with secrets, and an upload; the coach's headers, and what the log must not have."""
    account = {"email": "coach@example.com", "password": PASSWORD}
    registered = client.post("/api/register", json=account).json()
    client.post("/api/token", data={"username": account["email"], "password": WRONG})
    token = client.post("/api/token", data={"username": account["email"], "password": PASSWORD}).json()
    token = client.post("/api/token/refresh", json={"refresh_token": token["refresh_token"]}).json()
    headers = {"Authorization": f"Bearer {token['access_token']}", "X-Request-ID": "of-the-test"}
    client.get(f"/api/teams?q={QUERY}", headers=headers)
    client.get(f"/api/nothing?{QUERY}", headers={"Authorization": "Basic c2VjcmV0OnNlY3JldA=="})
    hook = client.post("/api/webhooks", headers=headers, json=HOOK).json()
    client.post("/api/users/me/password", headers=headers, json={"current_password": PASSWORD, "new_password": NEXT})
    with SAMPLE_VIDEO.open("rb") as video:
        job = client.post("/api/analyze_match", headers=headers, files={"file": video}).json()
    wait_until(lambda: client.get(f"/api/jobs/{job['job_id']}", headers=headers).json()["status"] == "COMPLETED")
    sent = f"/api/webhooks/{hook['id']}/deliveries"
    wait_until(lambda: [one for one in client.get(sent, headers=headers).json() if one["attempt"]])
    secrets = [PASSWORD, WRONG, NEXT, QUERY, "in-the-query", "c2VjcmV0OnNlY3JldA", "hook-secret-path", hook["secret"]]
    secrets += [answer[name] for answer in (registered, token) for name in ("access_token", "refresh_token")]
    return {"job_id": job["job_id"]}, secrets


def test_the_log_tells_who_did_what_and_no_secret(
    make_settings: Callable[..., Settings], tmp_path: Path, engine: EngineServer
) -> None:
    settings, log = make_settings(), tmp_path / "server.log"
    changes = {"LOG_LEVEL": "DEBUG", "DEBUG": "True", "LOG_FORMAT": "json", "WEBHOOK_ALLOW_PRIVATE": "True"}
    server = ServerProcess(settings, tmp_path, engine_port=engine.port, log=log, **changes)
    try:
        job, secrets = act(server.client)
    finally:
        server.stop()
    text = log.read_text(encoding="utf-8")
    for secret in [*secrets, settings.secret_key.get_secret_value(), "Bearer ", "uvicorn.access"]:
        assert secret not in text
    lines: list[Line] = [json.loads(line) for line in text.splitlines()]
    assert all({"event", "level", "timestamp", "logger"} <= set(line) for line in lines)
    requests = [line for line in lines if line["event"] == "request"]
    (teams,) = [line for line in requests if line["path"] == "/api/teams"]
    assert (teams["request_id"], teams["method"], teams["status"]) == ("of-the-test", "GET", 200)
    assert (teams["client"], teams["duration_ms"] > 0) == ("127.0.0.1", True)
    assert len(teams["account_id"]) == 36
    assert all(line["request_id"] for line in requests)
    assert [line["status"] for line in requests if line["path"] == "/api/token"] == [401, 200]
    (finished,) = [line for line in lines if line["event"] == "analysis finished"]
    assert (finished["job_id"], finished["attempt"]) == (job["job_id"], 1)


def test_people_get_text(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    server = ServerProcess(make_settings(), tmp_path, engine_port=1, log=log, LOG_LEVEL="INFO")
    try:
        server.client.get(f"/api/nothing%0Aa%20line%20of%20their%20own?{QUERY}")
        server.client.get("/livez")
    finally:
        server.stop()
    (line,) = [line for line in log.read_text(encoding="utf-8").splitlines() if "] request" in line]
    assert "path=/api/nothing%0Aa%20line" in line
    assert "status=404" in line
    assert "in-the-query" not in line
