"""Whoever kills a restore half-way finds the database as it was: nobody who was erased is in it."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.core.database import Database
from app.core.migrations import upgrade_database
from app.models import Player, User
from app.services.backup.make_backup import make_backup
from app.services.backup.vault import Vault
from app.services.personal_data.note_erasure import note_erasure
from app.workers.assembly import stored_files
from tests.integration.backup.conftest import Installation, coach_pro, python

# A restore that says when it is there, and goes no further.
_STOPPED = """
import signal, sys
from app import cli
from app.services.backup import restore_backup

def stop(*_, **__):
    print("stopped", flush=True)
    signal.pause()

setattr(restore_backup, sys.argv[1], stop)
cli.app(["restore", sys.argv[2], "--replace"])
"""


def restore_until(moment: str, settings: Settings, backup: Path) -> None:
    """Kill a restore before it calls a function."""
    process = python(settings, "-c", _STOPPED, moment, str(backup))
    try:
        assert process.stdout is not None
        reached = process.stdout.readline()
    finally:
        process.kill()
        _, complained = process.communicate()
    assert reached == "stopped\n", complained


def restore(settings: Settings, backup: Path) -> None:
    process = coach_pro(settings, "restore", str(backup), "--replace")
    _, complained = process.communicate()
    assert process.returncode == 0, complained


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Player.name).order_by(Player.name)))


@pytest.mark.parametrize(
    "moment",
    [
        "reapply_erasures",  # the rows are loaded, and nobody is erased
        "note_changes",  # all is done, and not committed
    ],
)
def test_a_restore_that_is_killed_brings_nobody_back(installation: Installation, moment: str) -> None:
    api = installation.api
    player = api.client.post("/api/players", headers=api.headers, json={"name": "Zoë Quintáns"}).json()
    with_name = installation.back_up().place
    assert api.client.post(f"/api/players/{player['id']}/erase", headers=api.headers).status_code == 200
    before = installation.contents()
    restore_until(moment, api.settings, with_name)
    assert installation.contents() == before
    restore(api.settings, with_name)
    assert "Zoë Quintáns" not in names(installation.database)
    assert "Erased player" in names(installation.database)


@pytest.fixture
def of_older_schema(make_settings: Callable[..., Settings], tmp_path: Path) -> Path:
    """A backup from before erasures were noted, with two accounts."""
    url = URL.create("sqlite+pysqlite", database=str(tmp_path / "old.db"))
    upgrade_database(url, "0008")
    old = Database(url)
    with old.unit_of_work() as session:
        for number in (1, 2):
            row = {"id": str(uuid.UUID(int=number)), "email": f"{number}@example.org"}
            columns = "id, email, password_hash, is_active, created_at"
            session.execute(
                text(f"INSERT INTO users ({columns}) VALUES (:id, :email, '', 1, '2026-08-01 15:00:00')"), row
            )
    place = make_backup(old, stored_files(make_settings()), Vault(tmp_path / "backups")).place
    old.dispose()
    return place


@pytest.mark.parametrize("moment", ["dump_tables", "reapply_erasures"])
def test_so_is_one_of_an_older_schema(
    of_older_schema: Path, database: Database, make_settings: Callable[..., Settings], moment: str
) -> None:
    settings = make_settings()
    with database.unit_of_work() as session:
        note_erasure(session, "users", uuid.UUID(int=1))
    restore_until(moment, settings, of_older_schema)
    with database.reading() as session:
        assert session.scalars(select(User.email)).all() == []
    restore(settings, of_older_schema)
    with database.reading() as session:
        assert session.scalars(select(User.email)).all() == ["2@example.org"]
    assert not stored_files(settings).scratch.exists()
