"""``make seed``: the demo club in whatever database is configured."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.engine import URL

from app.core.database import Database
from app.models import AnalysisReport, Team
from tests.conftest import ROOT
from tests.integration.conftest import SECRET_KEY


def seed(url: URL, folder: Path) -> str:
    environment = os.environ | {
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "DATA_DIR": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-m", "scripts.seed"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_demo_club_is_loaded_once(tmp_path: Path) -> None:
    url = URL.create("sqlite+pysqlite", database=str(tmp_path / "fresh.db"))
    assert "coach-pro-demo" in seed(url, tmp_path)
    assert "was there already" in seed(url, tmp_path)
    database = Database(url)
    with database.reading() as session:
        counts = [session.scalar(select(func.count()).select_from(model)) for model in (Team, AnalysisReport)]
    database.dispose()
    assert counts == [2, 4]
