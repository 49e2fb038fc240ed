"""The commands of the specification, as printed, in a checkout with its ``.env`` and a MariaDB.

What differs from the print: the secret key is a real one, the server listens on a free port of its own, and MariaDB's
and the upload directory's addresses are those of this test.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.conftest import ROOT
from tests.servers.mariadb import PrivateMariaDB
from tests.waiting import free_port, patient_client, wait_until

DOT_ENV = """\
# Database Configuration
DB_HOST=localhost
DB_PORT=3306
DB_USER=root
DB_PASSWORD=your_password
DB_NAME=coach_pro_db

# C++ Engine gRPC Endpoint
ANALYSIS_ENGINE_HOST=localhost
ANALYSIS_ENGINE_PORT=50051

# Application Settings
SECRET_KEY=0123456789abcdef0123456789abcdef-test
DEBUG=False
CORS_ORIGINS=["http://localhost:3000"]

# File Storage
UPLOAD_DIR=/var/coach_pro/uploads
MAX_UPLOAD_SIZE_MB=500
"""

Run = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that a clone has, with the specification's ``.env``."""
    target = tmp_path_factory.mktemp("checkout")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        if (ROOT / name).is_file():  # not one that is deleted and not yet committed
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    (target / ".env").write_text(DOT_ENV)
    return target


@pytest.fixture(scope="module")
def environment(mariadb: PrivateMariaDB, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    mariadb.execute("CREATE USER coach@'127.0.0.1' IDENTIFIED BY 'your_password'")
    mariadb.execute("GRANT ALL ON *.* TO coach@'127.0.0.1'")
    inherited = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    yield inherited | {
        "PATH": programs,
        "DB_HOST": "127.0.0.1",
        "DB_PORT": str(mariadb.port),
        "DB_USER": "coach",
        "UPLOAD_DIR": str(tmp_path_factory.mktemp("uploads")),
    }
    mariadb.execute("DROP DATABASE IF EXISTS coach_pro_db", "DROP USER coach@'127.0.0.1'")


@pytest.fixture(scope="module")
def run(checkout: Path, environment: dict[str, str]) -> Run:
    def run_in_checkout(command: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command, shell=True, cwd=checkout, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    return run_in_checkout


@pytest.fixture(scope="module")
def seeded(checkout: Path, environment: dict[str, str], mariadb: PrivateMariaDB) -> None:
    """The two files of the specification, loaded as it says, at a terminal: that is where ``-p`` asks."""
    here = {"MYSQL_HOST": "127.0.0.1", "MYSQL_TCP_PORT": str(mariadb.port)}
    for command in ("mysql -u root -p < data/full_creation.sql", "mysql -u root -p < data/full_insert.sql"):
        done = subprocess.run(
            ["script", "--quiet", "--return", "--command", command, "/dev/null"],
            cwd=checkout, env=environment | here, input="\n", capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert (done.returncode, done.stdout.split()) == (0, ["Enter", "password:"]), done.stdout


@contextmanager
def serving(command: str, port: int, checkout: Path, environment: dict[str, str]) -> Iterator[httpx2.Client]:
    process = subprocess.Popen(
        command.split(), cwd=checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        with patient_client(f"http://127.0.0.1:{port}") as client:

            def answers() -> bool:
                assert process.poll() is None, process.stdout.read().decode() if process.stdout else ""
                try:
                    return client.get("/health").status_code == 200
                except httpx2.TransportError:
                    return False

            wait_until(answers, patience_s=120)  # four processes of a busy machine
            yield client
    finally:
        process.terminate()
        process.communicate(timeout=40)


@pytest.mark.usefixtures("seeded")
def test_alembic_finds_nothing_to_do_after_the_creation_file(run: Run) -> None:
    assert "Running upgrade" not in run("alembic upgrade head").stderr


@pytest.mark.usefixtures("seeded")
def test_the_smoke_test_persists_and_removes_on_mariadb(run: Run) -> None:
    output = run("python scripts/smoke_parse_and_persist.py").stdout
    assert "mysql+pymysql://coach:***@127.0.0.1" in output
    assert "coach_pro: 250 frames" in output
    assert "cpp_engine: 250 frames" in output
    assert "documented: 250 frames" in output


def test_the_smoke_test_runs_on_sqlite_too(checkout: Path, environment: dict[str, str], tmp_path: Path) -> None:
    on_sqlite = environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'smoke.db'}"}
    command = [sys.executable, "scripts/smoke_parse_and_persist.py", "--keep"]
    done = subprocess.run(command, cwd=checkout, env=on_sqlite, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "coach_pro: 250 frames" in done.stdout


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(
    "command",
    [
        "uvicorn main:app --reload --host 0.0.0.0 --port {port}",
        "gunicorn main:app --workers 4 --worker-class uvicorn.workers.UvicornWorker"
        " --bind 0.0.0.0:{port} --timeout 120",
    ],
    ids=["uvicorn", "gunicorn"],
)
def test_the_server_commands_serve_the_seeded_match(command: str, checkout: Path, environment: dict[str, str]) -> None:
    port = free_port()
    with serving(command.format(port=port), port, checkout, environment) as client:
        assert client.get("/health").json()["database"] == "connected"
        login = {"username": "coach@example.com", "password": "coach-pro-demo"}
        token = client.post("/api/token", data=login).raise_for_status().json()["access_token"]
        matches = client.get("/api/matches?limit=20&offset=0", headers={"Authorization": f"Bearer {token}"}).json()
        assert "completed" in {match["status"] for match in matches}
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert client.get(path).status_code == 200


def test_every_dependency_of_the_project_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    }
    pinned = {line.partition("==")[0] for line in (ROOT / "requirements.txt").read_text().splitlines()}
    assert {name.partition("[")[0].lower() for name in wanted} <= pinned


@pytest.mark.parametrize(
    "command",
    [
        "alembic upgrade head",
        "uvicorn main:app --host 0.0.0.0 --port {port}",
        "gunicorn main:app --workers 4 --worker-class uvicorn.workers.UvicornWorker --bind 0.0.0.0:{port}",
    ],
)
@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ({"SECRET_KEY": "your-secret-key-here"}, "SECRET_KEY: it is still the placeholder"),
        ({"CORS_ORIGINS": "http://localhost:3000"}, "CORS_ORIGINS: it must be a list in JSON"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(
    command: str, mistake: dict[str, str], sentence: str, checkout: Path, environment: dict[str, str]
) -> None:
    done = subprocess.run(
        command.format(port=free_port()).split(),
        cwd=checkout, env=environment | mistake, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode != 0
    # None of ours: gunicorn itself adds one to its own message if a second of its workers ends meanwhile.
    assert f'File "{checkout}' not in done.stderr
    assert sentence in done.stderr
