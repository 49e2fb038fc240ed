"""Many requests at once wait for each other; none of them fails."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.integration.api.conftest import LiveServer
from tests.waiting import patient_client

AT_ONCE = 100


@pytest.mark.parametrize(
    ("database_url", "keyed"), [("sqlite", False), ("mariadb", False), ("sqlite", True)], indirect=["database_url"]
)
def test_a_hundred_writes_at_once_all_succeed(live: LiveServer, live_headers: dict[str, str], *, keyed: bool) -> None:
    def write(number: int) -> httpx2.Response:
        key = {"Idempotency-Key": f"shape-{number}"} if keyed else {}
        return client.post("/api/formations", json={"name": f"shape {number}"}, headers=key)

    client = patient_client(live.url, headers=live_headers)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(write, range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {201}
    names = {row["name"] for row in client.get("/api/formations").json()}
    assert {f"shape {number}" for number in range(AT_ONCE)} <= names


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_large_body_is_refused_before_it_is_read_into_memory(live: LiveServer) -> None:
    def endless():
        for _ in range(64):
            yield b" " * 1024 * 1024

    for content in (b" " * (2 * 1024 * 1024), endless()):
        try:
            answer = live.client.post("/api/register", content=content, headers={"Content-Type": "application/json"})
        except httpx2.WriteError:  # the server closed the connection while we were still sending
            continue
        assert (answer.status_code, answer.json()["status"]) == (413, 413)
