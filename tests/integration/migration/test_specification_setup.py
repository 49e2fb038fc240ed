"""The specification's installation, steps 4 to 6, as an operator types it: .env, two SQL files, alembic."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.factory import create_app
from app.services.engine import ScriptedEngine
from tests.conftest import ROOT
from tests.integration.migration.schema import newest_revision
from tests.servers.scripts import good_run

ENV = """\
# Database Configuration
DB_HOST=localhost
DB_PORT={port}
DB_USER=root
DB_PASSWORD=
DB_NAME=coach_pro_db

# C++ Engine gRPC Endpoint
ANALYSIS_ENGINE_HOST=localhost
ANALYSIS_ENGINE_PORT=50051

# Application Settings
SECRET_KEY=6c1fd5a9e3b04f7fb8c2f6e1d09a7b35
DEBUG=False
CORS_ORIGINS=["http://localhost:3000"]

# File Storage
UPLOAD_DIR={folder}/uploads
MAX_UPLOAD_SIZE_MB=500
"""


@pytest.fixture
def folder_with_env(seeded_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the specification's .env, and an environment that says nothing of its own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / ".env").write_text(ENV.format(port=seeded_url.port, folder=tmp_path))
    return tmp_path


def test_alembic_finds_the_database_of_the_env_file_and_has_nothing_to_do(folder_with_env: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for arguments, answer in ((["upgrade", "head"], ""), (["current"], f"{newest_revision()} (head)\n")):
        alembic = subprocess.run(
            [sys.executable, "-m", "alembic", "--config", ROOT / "alembic.ini", *arguments],
            cwd=folder_with_env, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (alembic.returncode, alembic.stdout) == (0, answer), alembic.stderr


def test_the_server_of_the_env_file_lets_the_demo_account_in(
    folder_with_env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder_with_env)
    with TestClient(create_app(engine=ScriptedEngine(good_run))) as client:
        login = client.post("/api/token", data={"username": "coach@example.com", "password": "coach-pro-demo"})
        assert login.status_code == 200
        health = client.get("/health").json()
    assert (health["status"], health["database"]) == ("healthy", "connected")
    assert not (folder_with_env / "var" / "coach_pro.db").exists()
