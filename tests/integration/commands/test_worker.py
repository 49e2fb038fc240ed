"""``coach-pro worker``: what an operator may get wrong is one sentence, and Celery is an extra."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from app.core.config import Settings
from tests.conftest import ROOT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# A module that is None cannot be imported: as if it were not installed.
WITHOUT_CELERY = "import sys; sys.modules['celery'] = sys.modules['kombu'] = None; from app.cli import main; main()"


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
    return subprocess.run(
        [sys.executable, *arguments], cwd=settings.data_dir, env=environment, capture_output=True, text=True, timeout=60
    )


def test_without_celery_all_but_celery_works(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    assert run(settings, "-c", WITHOUT_CELERY, "migrate").returncode == 0  # it imports the whole server
    celery = {"JOB_BACKEND": "celery", "CELERY_BROKER_URL": "redis://127.0.0.1:1"}
    done = run(settings, "-c", WITHOUT_CELERY, "worker", **celery)
    assert done.returncode == 2, done.stderr
    assert "JOB_BACKEND: celery is not installed; it comes with the extra" in done.stderr
    assert "Traceback" not in done.stderr
