"""A club with rows in every table, a real upload that was analysed, and a picture."""

import hashlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from app.core.config import Settings
from app.core.database import Database
from app.models import Base
from app.services.backup.make_backup import MadeBackup, make_backup
from app.services.backup.vault import Vault
from app.services.engine import ScriptedEngine
from app.workers.assembly import stored_files
from tests.conftest import ROOT
from tests.files import files_below
from tests.integration.conftest import Api
from tests.populated_club import populate_club
from tests.servers.media import Film, write_film
from tests.servers.scripts import run_with_preview
from tests.waiting import finished_job

Contents = tuple[dict[str, list[tuple[Any, ...]]], dict[str, str]]


@dataclass
class Installation:
    """One that is running."""

    api: Api
    vault: Vault

    @property
    def database(self) -> Database:
        database: Database = self.api.client.app.state.parts.database  # type: ignore[attr-defined]
        return database

    def back_up(self) -> MadeBackup:
        return make_backup(self.database, stored_files(self.api.settings), self.vault)

    def contents(self) -> Contents:
        return contents_of(self.database, self.api.settings)


@pytest.fixture
def installation(make_api: Callable[..., Api], tmp_path: Path) -> Installation:
    api = make_api(
        ScriptedEngine(run_with_preview), job_sweep_s=3600, webhook_senders=0
    )  # nothing of its own accord while rows are compared
    film = write_film(tmp_path / "film.mp4", Film()).read_bytes()
    upload = {"files": {"file": film}, "data": {"preview": "true"}}
    answer = api.client.post("/api/analyze_match", headers=api.headers, **upload)
    assert finished_job(api.client, api.headers, answer.json()["job_id"])["status"] == "COMPLETED"
    team = api.client.post("/api/teams", headers=api.headers, json={"name": "Größe 東京 \U0001f3c6"}).json()
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(picture, "PNG")
    path = f"/api/teams/{team['id']}/upload_logo"
    assert api.client.post(path, headers=api.headers, files={"file": picture.getvalue()}).status_code == 200
    made = Installation(api, Vault(tmp_path / "backups"))
    with made.database.unit_of_work() as session:
        populate_club(session, "coach@example.com", mark="Öre", count=3)
    return made


def contents_of(database: Database, settings: Settings) -> Contents:
    """All rows as our models read them, and the hash of every stored file."""
    with database.reading() as session:
        rows = {
            name: sorted(map(tuple, session.execute(select(table)).all()), key=repr)
            for name, table in Base.metadata.tables.items()
        }
    files = [path for root in roots(settings) for path in files_below(root)]
    return rows, {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def coach_pro(settings: Settings, *command: str) -> subprocess.Popen[str]:
    """A command of ours as a process."""
    return python(settings, "-m", "app.cli", *command)


def python(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    """A program as a process, with nothing in its environment but the settings."""
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "DATABASE_URL": settings.sqlalchemy_url.render_as_string(hide_password=False),
        "DATA_DIR": str(settings.data_dir),
        "UPLOAD_DIR": str(settings.upload_dir),
    }
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True
    )


def roots(settings: Settings) -> tuple[Path, ...]:
    return settings.upload_dir, settings.data_dir / "pictures", settings.data_dir / "artifacts"


def wipe(database: Database, settings: Settings) -> None:
    """Delete all rows and all files, as if nothing had ever been here."""
    with database.unit_of_work() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    for root in roots(settings):
        shutil.rmtree(root)
