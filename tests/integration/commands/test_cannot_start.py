"""What is started with something that can never be used says so in one sentence, whichever program it is."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from app.core.config import Settings
from tests.conftest import ROOT
from tests.waiting import free_port

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PROGRAMS = {
    "worker": ("-m", "app.cli", "worker"),
    "uvicorn": ("-m", "uvicorn", "main:app", "--port"),
    "gunicorn": ("-m", "gunicorn", "main:app", "-k", "uvicorn_worker.UvicornWorker", "--no-control-socket", "-b"),
}
NO_TABLES = "coach-pro: The database has no tables yet. Run `coach-pro migrate`"


def start(settings: Settings, *arguments: str, **changes: str) -> str:
    """What a program says that does not start."""
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
    done = subprocess.run(
        [sys.executable, *arguments], cwd=settings.data_dir, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode in {2, 3}, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_a_database_without_tables(make_settings: Callable[..., Settings], program: str) -> None:
    said = start(make_settings(), *PROGRAMS[program], DATABASE_URL="sqlite:///empty.db")
    assert said.count(NO_TABLES) == 1
