"""What is started with something that can never be used says so in one sentence, whichever program it is."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from app.core.config import Settings
from tests.conftest import ROOT
from tests.servers.private_swift import PrivateSwift
from tests.waiting import free_port

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# A module that is None cannot be imported: as if it were not installed.
WITHOUT_BOTO3 = "import sys; sys.modules['boto3'] = None; from app.cli import main; main()"
WITHOUT_CELERY = "import sys; sys.modules['celery'] = sys.modules['kombu'] = None; from app.cli import main; main()"
PROGRAMS = {
    "worker": ("-m", "app.cli", "worker"),
    "serve": ("-m", "app.cli", "serve", "--no-bundled-engine", "--port", "0"),
    "uvicorn": ("-m", "uvicorn", "main:app", "--port"),
    "gunicorn": ("-m", "gunicorn", "main:app", "-k", "uvicorn_worker.UvicornWorker", "--no-control-socket", "-b"),
}
NO_TABLES = "coach-pro: The database has no tables yet. Run `coach-pro migrate`"


def run(settings: Settings, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "DATABASE_URL": settings.sqlalchemy_url.render_as_string(),
        "DATA_DIR": str(settings.data_dir),
        "UPLOAD_DIR": str(settings.upload_dir),
        **changes,
    }
    settings.data_dir.mkdir(exist_ok=True)
    if arguments[-1] in {"--port", "-b"}:
        arguments = (*arguments, f"{'127.0.0.1:' if arguments[-1] == '-b' else ''}{free_port()}")
    return subprocess.run(
        [sys.executable, *arguments], cwd=settings.data_dir, env=environment, capture_output=True, text=True, timeout=60
    )


def start(settings: Settings, *arguments: str, **changes: str) -> str:
    """What a program says that does not start."""
    done = run(settings, *arguments, **changes)
    assert done.returncode in {2, 3}, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("program", sorted(PROGRAMS.keys() - {"serve"}))  # which makes the tables
def test_a_database_without_tables(make_settings: Callable[..., Settings], program: str) -> None:
    said = start(make_settings(), *PROGRAMS[program], DATABASE_URL="sqlite:///empty.db")
    assert said.count(NO_TABLES) == 1


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_a_bucket_that_is_not_there(make_settings: Callable[..., Settings], swift: PrivateSwift, program: str) -> None:
    in_bucket = {name.upper(): value for name, value in swift.settings("nobodys").items()}
    said = start(make_settings(), *PROGRAMS[program], **in_bucket)
    assert said.count("coach-pro: S3_BUCKET: there is no bucket 'nobodys' at the store of S3.") == 1


def test_a_bucket_without_the_library_for_it(make_settings: Callable[..., Settings]) -> None:
    said = start(make_settings(), "-c", WITHOUT_BOTO3, "worker", S3_BUCKET="videos")
    assert "S3_BUCKET: boto3 is not installed; it comes with the extra" in said


def test_without_celery_all_but_celery_works(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    assert run(settings, "-c", WITHOUT_CELERY, "migrate").returncode == 0  # it imports the whole server
    celery = {"JOB_BACKEND": "celery", "CELERY_BROKER_URL": "redis://127.0.0.1:1"}
    said = start(settings, "-c", WITHOUT_CELERY, "worker", **celery)
    assert "JOB_BACKEND: celery is not installed; it comes with the extra" in said
