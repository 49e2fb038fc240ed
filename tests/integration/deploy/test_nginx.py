"""A real nginx with the files of deploy/nginx in front of a real server."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy.engine import URL

from app.core.config import Settings
from tests.integration.conftest import SECRET_KEY
from tests.servers.authority import Authority
from tests.servers.coach_pro import ServerProcess
from tests.servers.media import Film, write_film
from tests.servers.nginx import PrivateNginx, find_nginx
from tests.waiting import patient_client, wait_until

pytestmark = pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed (apt-get install nginx-light)")

NGINX_DEFAULT_LIMIT = 1024 * 1024
REQUESTS_PER_MINUTE = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def server(sqlite_template: Path, folder: Path) -> Iterator[ServerProcess]:
    """Its engine is away: jobs stay where they are."""
    database = folder / "coach_pro.db"
    database.write_bytes(sqlite_template.read_bytes())
    url = URL.create("sqlite+pysqlite", database=str(database)).render_as_string()
    settings = Settings(
        _env_file=None, secret_key=SECRET_KEY, database_url=url, data_dir=folder / "var", upload_dir=folder / "uploads"
    )
    limits = {"RATE_LIMITS": "True", "RATE_LIMIT_PER_ADDRESS": f"{REQUESTS_PER_MINUTE} per minute"}
    process = ServerProcess(settings, folder, engine_port=1, TRUSTED_PROXIES='["127.0.0.1"]', **limits)
    yield process
    process.stop()


@pytest.fixture(scope="module")
def nginx(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateNginx]:
    proxy = PrivateNginx(tmp_path_factory.mktemp("nginx"), server.url)
    proxy.start()
    yield proxy
    proxy.stop()


def client_at(address: str, url: str) -> httpx2.Client:
    """A client whose requests come from an address of the loopback network, each with a limit of its own."""
    return patient_client(url, transport=httpx2.HTTPTransport(local_address=address))


def log_in(client: httpx2.Client, email: str) -> None:
    answer = client.post("/api/register", json={"email": email, "password": "correct horse"}).raise_for_status()
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def test_an_upload_arrives_at_the_server_while_it_is_still_being_sent(nginx: PrivateNginx, folder: Path) -> None:
    film = write_film(folder / "film.mp4", Film()).read_bytes() + bytes(3 * NGINX_DEFAULT_LIMIT)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="match.mp4"\r\n\r\n'
    body = head + film + b"\r\n--x--\r\n"

    def arrived() -> int:
        return sum(path.stat().st_size for path in (folder / "uploads" / ".incoming").iterdir())

    def halting() -> Iterator[bytes]:
        yield body[: 2 * NGINX_DEFAULT_LIMIT]
        wait_until(arrived)  # else nginx keeps it until it has everything, and we wait for ever
        yield body[2 * NGINX_DEFAULT_LIMIT :]

    with client_at("127.0.0.2", nginx.url) as client:
        log_in(client, "uploads@example.com")
        headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(len(body))}
        answer = client.post("/api/analyze_match", content=halting(), headers=headers)
    assert answer.status_code == 202, answer.text


def test_events_come_at_once(nginx: PrivateNginx, folder: Path) -> None:
    film = write_film(folder / "followed.mp4", Film()).read_bytes()
    with client_at("127.0.0.3", nginx.url) as client:
        log_in(client, "events@example.com")
        job = client.post("/api/analyze_match", files={"file": film}).raise_for_status().headers["Location"]
        with client.stream("GET", f"{job}/events") as events:
            lines = events.iter_lines()
            told = [json.loads(line.removeprefix("data: ")) for line in take_event(lines)]
            client.post(f"{job}/cancel").raise_for_status()  # so the first one came while the stream was open
            while told[-1]["status"] != "CANCELLED":
                told += [json.loads(line.removeprefix("data: ")) for line in take_event(lines)]
    assert told[0]["status"] in {"PENDING", "PROCESSING"}


def take_event(lines: Iterator[str]) -> list[str]:
    """The data of the next event."""
    return [next(line for line in lines if line.startswith("data: "))]


def test_the_address_is_the_clients_and_not_what_the_client_says(nginx: PrivateNginx) -> None:
    with client_at("127.0.0.4", nginx.url) as client:
        client.headers |= {"X-Forwarded-For": "192.0.2.9", "Forwarded": "for=192.0.2.9"}
        log_in(client, "address@example.com")
        assert [session["address"] for session in client.get("/api/sessions").json()] == ["127.0.0.4"]
        answers = [client.get("/api/teams").status_code for _ in range(REQUESTS_PER_MINUTE)]
        assert answers[-1] == 429
    with client_at("127.0.0.5", nginx.url) as another:
        assert another.get("/api/teams").status_code == 401


def test_what_is_too_large_is_a_problem_document_whoever_refuses_it(nginx: PrivateNginx) -> None:
    with client_at("127.0.0.6", nginx.url) as client:
        for size in (2 * 1024 * 1024, 9 * 1024 * 1024):  # the server's business, and nginx'
            answer = client.post("/api/register", content=bytes(size), headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["status"]) == (413, 413)
            assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"


def test_figures_are_not_for_the_outside(nginx: PrivateNginx, server: ServerProcess) -> None:
    assert server.client.get("/metrics").status_code == 200
    assert nginx.client.get("/metrics").status_code == 404


def test_a_server_that_is_away_is_a_problem_document_that_says_when_to_come_back(tmp_path: Path) -> None:
    proxy = PrivateNginx(tmp_path, "http://127.0.0.1:1")
    proxy.start()
    try:
        answer = proxy.client.get("/api/teams")
    finally:
        proxy.stop()
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")


def test_with_tls_everything_is_sent_there_and_the_server_knows(server: ServerProcess, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    proxy = PrivateNginx(tmp_path, server.url, certified=authority.certify("127.0.0.1"))
    proxy.start()
    try:
        plain = proxy.client.get("/api/teams?limit=1")
        assert (plain.status_code, plain.headers["Location"]) == (308, "https://127.0.0.1/api/teams?limit=1")
        trusted = ssl.create_default_context(cafile=str(authority.certificate))
        answer = patient_client(f"https://127.0.0.1:{proxy.tls_port}", verify=trusted).get("/health")
    finally:
        proxy.stop()
    assert answer.json()["database"] == "connected"
    assert "Strict-Transport-Security" in answer.headers
