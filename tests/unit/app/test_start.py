"""What a process loads before it answers, by the names of modules: seconds would be another figure on each machine."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

_OF_JOBS_AND_VIDEOS = {"av", "cv2", "matplotlib", "numpy", "onnxruntime", "polars", "scipy"}
_OF_SOME_REQUESTS = {"PIL", "alembic", "httpcore2", "httpx2", "standardwebhooks"}
_OF_SOME_INSTALLATIONS = {"boto3", "botocore", "celery", "kombu", "redis"}
_ONLY_WHEN_NEEDED = _OF_JOBS_AND_VIDEOS | _OF_SOME_REQUESTS | _OF_SOME_INSTALLATIONS


def loaded_by(statement: str) -> set[str]:
    """Names of modules, those of our own in full."""
    unwanted = {"REDIS_URL", "JOB_BACKEND", "S3_BUCKET"}
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    environment["SECRET_KEY"] = "a-secret-that-is-only-used-by-the-unit-tests"
    code = f"import sys; {statement}; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    modules = said.stdout.decode().split()
    return {name if name.startswith("app.") else name.partition(".")[0] for name in modules}


def test_a_server_with_workers_of_its_own_starts_without_what_only_some_requests_and_jobs_need() -> None:
    loaded = loaded_by("import main")
    assert loaded.isdisjoint(_ONLY_WHEN_NEEDED)
    assert {"fastapi", "app.workers.embedded"} <= loaded


def test_a_command_loads_nothing_of_the_other_commands() -> None:
    loaded = loaded_by("import app.cli")
    assert loaded.isdisjoint(_ONLY_WHEN_NEEDED | {"app.factory", "app.services.engine_check", "fastapi", "uvicorn"})
    assert "typer" in loaded


@pytest.mark.parametrize(
    ("module", "library"),
    [
        ("app.services.attempt", "polars"),
        ("app.services.calibrate_camera", "numpy"),
        ("app.services.prepare_picture", "PIL"),
        ("app.services.undo_link", "polars"),
        ("probe.demux", "av"),
        ("app.services.webhook_client", "httpcore2"),
        ("app.core.cache", "redis"),
        ("app.services.s3_video_store", "boto3"),
    ],
)
def test_what_comes_later_does_load_a_library(module: str, library: str) -> None:
    """Else the names above would be of libraries that nobody uses any more."""
    assert library in loaded_by(f"import {module}")
