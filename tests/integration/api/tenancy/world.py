"""Two clubs that hold a row of every kind, a club that holds none, and an account in each role of the first.

The rows lie in one SQLite file and one directory; ``World.restore`` puts both back to how they were.
"""

import io
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import delete, select
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.core.database import Database
from app.factory import create_app
from app.models import Membership, Role, User
from app.models.base import ClubRow
from app.services.engine import ScriptedEngine
from tests.files import files_below
from tests.integration.api.tenancy.rows import PASSWORD, fill_club
from tests.integration.conftest import SECRET_KEY
from tests.servers.scripts import run_with_preview
from tests.waiting import PATIENCE_S

FIRST, RIVAL, EMPTY = "Betelgeuse", "Rigel", "Capella"  # clubs; the word stands in every text of theirs
FOUNDERS = {FIRST: "founder", RIVAL: "rival", EMPTY: "stranger"}
MEMBERS: tuple[str, ...] = tuple(Role)  # of the first club, named after their roles
BYSTANDER = "bystander"  # a member of the first club who does nothing
TRAVELLER = "traveller"  # owns the first club and the rival's

_DATABASE = "coach_pro.db"


@dataclass
class World:
    """``rows`` tells for each club what the id of what is; ``own`` for each account what only it knows."""

    client: TestClient
    directory: Path
    files: dict[str, bytes]
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    own: dict[str, dict[str, str]] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    is_changed: bool = False
    secrets: frozenset[str] = frozenset()  # what nobody but a member of the first club may read

    def ask(self, who: str | None, method: str, path: str, *, media: str | None = None, **body: Any) -> httpx2.Response:
        """The answer to a request of one account; None: of nobody. ``media`` is the type of a body of bytes."""
        headers = ({} if who is None else self.headers[who]) | ({} if media is None else {"Content-Type": media})
        answer: httpx2.Response = self.client.request(method, path, headers=headers, **body)
        self.is_changed |= answer.is_success and method != "GET"
        return answer

    def known_to(self, who: str | None, club: str) -> dict[str, str]:
        """What a request of ``who`` may name: rows of ``club``, and what only ``who`` knows."""
        return self.rows[club] | self.own.get(who or "", {})

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Nothing is written meanwhile, into the database or as a file."""
        with closing(sqlite3.connect(self._live / _DATABASE)) as reader:
            before = (_version(reader), self._files())
            yield
            assert (_version(reader), self._files()) == before

    @property
    def database(self) -> Database:
        database: Database = self.client.app.state.parts.database  # type: ignore[attr-defined]
        return database

    def keep(self) -> None:
        """Take the state that ``restore`` goes back to."""
        self.database.engine.dispose()
        shutil.copytree(self._live, self.directory / "kept")

    def restore(self) -> None:
        self.database.engine.dispose()
        shutil.rmtree(self._live)
        shutil.copytree(self.directory / "kept", self._live)
        self.is_changed = False

    @property
    def _live(self) -> Path:
        return self.directory / "live"

    def _files(self) -> set[Path]:
        return {path for path in files_below(self._live) if not path.name.startswith(_DATABASE)}


@contextmanager
def made_world(directory: Path, *, template: Path, film: bytes, **settings: object) -> Iterator[World]:
    (directory / "live").mkdir()
    shutil.copy(template, directory / "live" / _DATABASE)
    with TestClient(_application(directory, embedded_workers=1, **settings)) as client:
        world = World(client, directory, _files_to_send(film))
        _populate(world)
        world.keep()
    # No worker from here on, and no sweep: nothing happens but what a request does.
    with TestClient(_application(directory, embedded_workers=0, **settings), raise_server_exceptions=False) as client:
        client.app.state.parts.housekeeping.stop(patience_s=PATIENCE_S)  # type: ignore[attr-defined]
        world.client = client
        world.restore()
        yield world


def _application(directory: Path, **changes: object) -> FastAPI:
    live = directory / "live"
    values: dict[str, object] = {
        "secret_key": SECRET_KEY,
        "database_url": str(URL.create("sqlite+pysqlite", database=str(live / _DATABASE))),
        "data_dir": live / "var",
        "upload_dir": live / "uploads",
        "job_sweep_s": 0.05,
        "log_level": "ERROR",
    }
    return create_app(Settings(_env_file=None, **(values | changes)), engine=ScriptedEngine(run_with_preview))


def _populate(world: World) -> None:
    for club, founder in FOUNDERS.items():
        _register(world, founder, club)
        world.rows[club] = {"club": world.ask(founder, "GET", "/api/clubs").json()[0]["id"]}
    for member in (*MEMBERS, BYSTANDER):
        role = Role.VIEWER if member == BYSTANDER else member
        _register(world, member, FIRST, invitation_token=_invite(world, FIRST, f"{member}@{FIRST}.example", role))
        # Another club waits for each of them.
        world.own[member]["invitation_token"] = _invite(world, RIVAL, f"{member}@{FIRST}.example", Role.VIEWER)
    _register(
        world, TRAVELLER, FIRST, invitation_token=_invite(world, FIRST, f"{TRAVELLER}@{FIRST}.example", Role.OWNER)
    )
    token = {"token": _invite(world, RIVAL, f"{TRAVELLER}@{FIRST}.example", Role.OWNER)}
    assert world.ask(TRAVELLER, "POST", "/api/invitations/accept", json=token).is_success
    world.rows[FIRST]["user"] = world.own[BYSTANDER]["me"]
    world.rows[RIVAL]["user"] = world.own["rival"]["me"]
    for club in (FIRST, RIVAL):
        fill_club(world, club, FOUNDERS[club])
    with world.database.unit_of_work() as session:
        for model in ClubRow.__subclasses__():
            session.execute(delete(model).where(model.club_id == uuid.UUID(world.rows[EMPTY]["club"])))
    world.secrets = _secrets(world)


def _register(world: World, who: str, club: str, **changes: str) -> None:
    account = {"email": f"{who}@{club}.example", "password": PASSWORD, "full_name": f"{who} of {club}"} | changes
    registered = world.client.post("/api/register", json=account)
    assert registered.status_code == 201, registered.text
    world.headers[who] = {"Authorization": f"Bearer {registered.json()['access_token']}"}
    world.own[who] = {
        "me": world.ask(who, "GET", "/api/users/me").json()["id"],
        "session": world.ask(who, "GET", "/api/sessions").json()[0]["id"],
    }


def _invite(world: World, club: str, email: str, role: str) -> str:
    path = f"/api/clubs/{world.rows[club]['club']}/invitations"
    invited = world.ask(FOUNDERS[club], "POST", path, json={"email": email, "role": role})
    assert invited.status_code == 201, invited.text
    world.rows[club]["invitation"] = invited.json()["id"]
    token: str = invited.json()["token"]
    return token


def _secrets(world: World) -> frozenset[str]:
    """The ids of all rows, members and log-ins of the first club, and the word in its texts."""
    club_id = uuid.UUID(world.rows[FIRST]["club"])
    found = {FIRST.lower(), str(club_id)}
    with world.database.reading() as session:
        for model in ClubRow.__subclasses__():
            found |= {str(row_id) for row_id in session.scalars(select(model.id).where(model.club_id == club_id))}
        members = select(User.id).join(Membership, Membership.user_id == User.id).where(Membership.club_id == club_id)
        found |= {str(user_id) for user_id in session.scalars(members)}
    return frozenset(found | {world.own[who]["session"] for who in ("founder", *MEMBERS, BYSTANDER)})


def _files_to_send(film: bytes) -> dict[str, bytes]:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    return {"film": film, "picture": picture.getvalue(), "squad": b"jersey_number,name\n77,Ada Marinho\n"}


def _version(reader: sqlite3.Connection) -> int:
    """Changes when another connection commits."""
    version: int = reader.execute("PRAGMA data_version").fetchone()[0]
    return version
