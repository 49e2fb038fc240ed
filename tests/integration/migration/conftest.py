"""Databases that one test, or one file of tests, may take apart."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.core.database import Database
from app.factory import create_app
from app.services.engine import ScriptedEngine
from tests.integration.conftest import SECRET_KEY
from tests.integration.migration.schema import CREATION_SQL, SEED_SQL, load, mariadb_url_of
from tests.servers.mariadb import PrivateMariaDB
from tests.servers.scripts import good_run


@pytest.fixture
def empty_mariadb_url(mariadb: PrivateMariaDB) -> Iterator[URL]:
    mariadb.execute("CREATE DATABASE coach_pro_empty CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    yield mariadb_url_of(mariadb, "coach_pro_empty")
    mariadb.execute("DROP DATABASE coach_pro_empty")


@pytest.fixture(params=["sqlite", "mariadb"])
def empty_url(request: pytest.FixtureRequest) -> URL:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return URL.create("sqlite+pysqlite", database=str(request.getfixturevalue("tmp_path") / "empty.db"))
    url: URL = request.getfixturevalue("empty_mariadb_url")
    return url


@pytest.fixture(scope="module")
def created_url(mariadb: PrivateMariaDB) -> Iterator[URL]:
    """``coach_pro_db`` as data/full_creation.sql makes it."""
    loaded = load(mariadb, CREATION_SQL)
    assert (loaded.returncode, loaded.stderr) == (0, "")
    yield mariadb_url_of(mariadb, "coach_pro_db")
    mariadb.execute("DROP DATABASE coach_pro_db")


@pytest.fixture(scope="module")
def seeded_url(created_url: URL, mariadb: PrivateMariaDB) -> URL:
    """``coach_pro_db`` with the rows of data/full_insert.sql."""
    loaded = load(mariadb, SEED_SQL)
    assert (loaded.returncode, loaded.stderr) == (0, "")
    return created_url


@pytest.fixture(scope="module")
def seeded_database(seeded_url: URL) -> Iterator[Database]:
    database = Database(seeded_url)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def seeded_client(seeded_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The API on the seeded database; nobody is logged in."""
    folder = tmp_path_factory.mktemp("seeded")
    settings = Settings(
        _env_file=None,
        secret_key=SECRET_KEY,
        database_url=seeded_url.render_as_string(hide_password=False),
        data_dir=folder / "var",
        upload_dir=folder / "uploads",
        embedded_workers=0,
        log_level="WARNING",
    )
    with TestClient(create_app(settings, engine=ScriptedEngine(good_run))) as client:
        yield client
