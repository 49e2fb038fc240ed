"""Databases that one test, or one file of tests, may take apart."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import URL

from tests.integration.migration.schema import CREATION_SQL, SEED_SQL, load, mariadb_url_of
from tests.servers.mariadb import PrivateMariaDB


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
