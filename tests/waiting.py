"""Wait for something to become true, or for an answer: with a deadline, never a fixed pause."""

import socket
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx2
from fastapi.testclient import TestClient

Value = TypeVar("Value")

PATIENCE_S = 30.0


def wait_until(condition: Callable[[], Value], *, patience_s: float = PATIENCE_S) -> Value:
    """The first truthy value of ``condition``."""
    deadline = time.monotonic() + patience_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not true within {patience_s:g} s: {condition}")
        time.sleep(0.02)
    return value


def patient_client(url: str, **options: Any) -> httpx2.Client:
    """A client of a server on this machine, for as long as a test may wait; the library's own 5 s pass where two cores
    do the work of ten. Each request has a connection of its own, so none of them meets a server that has stopped since,
    and there is nothing to close."""
    each_anew = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.Client(base_url=url, timeout=PATIENCE_S, limits=each_anew, trust_env=False, **options)


def finished_job(client: TestClient, headers: dict[str, str], job_id: str) -> dict[str, Any]:
    """The job once it is over, however it went."""

    def read() -> dict[str, Any] | None:
        answer = client.get(f"/api/jobs/{job_id}", headers=headers)
        assert answer.status_code == 200, answer.text
        job: dict[str, Any] = answer.json()
        return job if job["status"] in {"COMPLETED", "FAILED", "CANCELLED"} else None

    return wait_until(read)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
