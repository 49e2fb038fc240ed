"""One application for a whole table of requests, and what must not be left when a request is refused."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.models import Base, Calibration, Job, Match, Video
from app.services.engine import ScriptedEngine
from tests.files import files_below
from tests.integration.conftest import SECRET_KEY, Api
from tests.integration.quick_app import quick_app
from tests.servers.media import Film, write_film
from tests.servers.scripts import good_run
from tests.waiting import patient_client, wait_until

PROBLEM = "application/problem+json; charset=utf-8"


def rows(app: FastAPI, model: type[Base]) -> int:
    with app.state.parts.database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def stored_files(settings: Settings) -> list[Path]:
    return files_below(settings.upload_dir)


def assert_nothing_left(app: FastAPI) -> None:
    """No row and no file of an upload."""
    assert {model.__tablename__: rows(app, model) for model in (Video, Job, Match, Calibration)} == {
        "videos": 0,
        "jobs": 0,
        "matches": 0,
        "calibrations": 0,
    }
    assert stored_files(app.state.parts.settings) == []


def assert_problem(answer: httpx2.Response, status: int, code: str) -> None:
    """An error as RFC 9457 draws it, with one clear sentence."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    problem = answer.json()
    assert answer.headers["Content-Type"] == PROBLEM
    assert problem["status"] == status
    assert problem["title"]
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    detail = problem["detail"]
    assert detail == detail.strip()
    assert len(detail.splitlines()) == 1
    assert detail.endswith(".")
    assert not detail.endswith("..")
    assert "Traceback" not in detail


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A film of 320 x 240 pixels, 40 frames, 25 per second."""
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", Film()).read_bytes()


@pytest.fixture(scope="module")
def shared_settings(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """SQLite, a limit of 1 MB on uploads, and no worker: what is accepted stays PENDING."""
    directory = tmp_path_factory.mktemp("shared")
    (directory / "coach_pro.db").write_bytes(sqlite_template.read_bytes())
    return Settings(
        _env_file=None,
        secret_key=SECRET_KEY,
        database_url=str(URL.create("sqlite+pysqlite", database=str(directory / "coach_pro.db"))),
        data_dir=directory / "var",
        upload_dir=directory / "uploads",
        max_upload_size_mb=1,
        embedded_workers=0,
        log_level="ERROR",
        rate_limits=False,
    )


@pytest.fixture(scope="module")
def shared_api(shared_settings: Settings) -> Iterator[Api]:
    """One application for all tests of a module, and a coach who is logged in."""
    engine = ScriptedEngine(good_run)
    with TestClient(quick_app(shared_settings, engine=engine), raise_server_exceptions=False) as client:
        api = Api(client, shared_settings, engine)
        api.headers = api.register()
        yield api


@pytest.fixture(scope="module")
def other_club(shared_api: Api) -> dict[str, str]:
    """The headers of somebody else."""
    return shared_api.register("rival@example.com")


@dataclass(frozen=True)
class LiveServer:
    """The application behind a real socket."""

    app: FastAPI
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def client(self) -> httpx2.Client:
        return patient_client(self.url)

    def log_in(self, email: str = "coach@example.com") -> dict[str, str]:
        """Make an account; the headers that speak for it."""
        account = {"email": email, "password": "correct horse"}
        answer = self.client.post("/api/register", json=account).raise_for_status()
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@contextmanager
def serving(app: FastAPI) -> Iterator[LiveServer]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=5)
    server, listener = uvicorn.Server(config), config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield LiveServer(app, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def live(make_settings: Callable[..., Settings]) -> Iterator[LiveServer]:
    """A server of one test, with a limit of 1 MB on uploads and no worker."""
    settings = make_settings(max_upload_size_mb=1, embedded_workers=0)
    with serving(quick_app(settings, engine=ScriptedEngine(good_run))) as server:
        yield server


@pytest.fixture
def live_headers(live: LiveServer) -> dict[str, str]:
    return live.log_in()
