"""One application for a whole module, first on SQLite and then on MariaDB, and a club of each test's own."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.core.database import Database
from app.factory import create_app
from app.models import Base
from app.services.engine import ScriptedEngine
from tests.integration.conftest import SECRET_KEY, Api
from tests.integration.db.same_behaviour.rows import make
from tests.servers.scripts import good_run

_numbers = itertools.count(1)


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A migrated database for the whole module."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        copy = tmp_path_factory.mktemp("same") / "coach_pro.db"
        copy.write_bytes(template.read_bytes())
        yield URL.create("sqlite+pysqlite", database=str(copy))
        return
    migrated: URL = request.getfixturevalue("migrated_mariadb")
    yield migrated
    database = Database(migrated)
    with database.unit_of_work() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    database.dispose()


@pytest.fixture(scope="module")
def api(url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("same")
    settings = Settings(
        _env_file=None,
        secret_key=SECRET_KEY,
        database_url=url.render_as_string(hide_password=False),
        data_dir=folder / "var",
        upload_dir=folder / "uploads",
        embedded_workers=0,
        log_level="ERROR",
    )
    engine = ScriptedEngine(good_run)
    with TestClient(create_app(settings, engine=engine), raise_server_exceptions=False) as client:
        api = Api(client, settings, engine)
        client.headers |= api.register()
        yield api


@pytest.fixture
def club(api: Api) -> str:
    """A club of the test's own; the id."""
    return make(api, "/api/clubs", name=f"Club {next(_numbers)}")["id"]
