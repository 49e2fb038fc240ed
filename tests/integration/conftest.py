"""Real parts for integration tests: both databases, an application, and a scripted engine."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.engine import URL, make_url

from app.core import security
from app.core.config import Settings
from app.core.database import Database
from app.core.migrations import upgrade_database
from app.models import Base
from app.services.engine import ScriptedEngine
from tests.integration.quick_app import quick_app
from tests.servers.mariadb import PrivateMariaDB, find_mariadb
from tests.servers.private_swift import PrivateSwift, is_swift_installed
from tests.servers.redis import PrivateRedis
from tests.servers.scripts import good_run

SECRET_KEY = "a-secret-that-is-only-used-by-the-test-suite"
DATABASE = "coach_pro_test"


@pytest.fixture(scope="module", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashes that take no time, in applications of this process: nearly each test registers somebody."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(security, "_passwords", PasswordHash((hasher,)))
        yield


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateMariaDB]:
    if find_mariadb() is None:
        pytest.skip("MariaDB is not installed (apt-get install mariadb-server)")
    server = PrivateMariaDB(tmp_path_factory.mktemp("mariadb"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_mariadb(mariadb: PrivateMariaDB) -> URL:
    mariadb.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    url = make_url(mariadb.url(DATABASE)).update_query_dict({"charset": "utf8mb4"})
    upgrade_database(url)
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; copying it is quicker than migrating anew."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade_database(URL.create("sqlite+pysqlite", database=str(path)))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> URL:
    path = tmp_path / "coach_pro.db"
    path.write_bytes(sqlite_template.read_bytes())
    return URL.create("sqlite+pysqlite", database=str(path))


@pytest.fixture
def mariadb_url(migrated_mariadb: URL) -> Iterator[URL]:
    """The migrated MariaDB; its rows are deleted afterwards."""
    yield migrated_mariadb
    database = Database(migrated_mariadb)
    with database.unit_of_work() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    database.dispose()


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRedis]:
    """For tests that leave it running, and bear what others have left in it."""
    server = PrivateRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSwift]:
    """A store that speaks S3. Whoever stops it starts it again."""
    if not is_swift_installed():
        pytest.skip("OpenStack Swift is not installed (apt-get install python3-swift)")
    server = PrivateSwift(tmp_path_factory.mktemp("swift"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bucket(swift: PrivateSwift) -> str:
    """A new one."""
    name = f"videos-{uuid.uuid4().hex[:8]}"
    swift.make_bucket(name)
    return name


@pytest.fixture(params=["sqlite", "mariadb"])
def database_url(request: pytest.FixtureRequest) -> URL:
    """Each test that asks for it runs on both databases."""
    url: URL = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: URL) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def make_settings(database_url: URL, tmp_path: Path) -> Callable[..., Settings]:
    """Settings for a test: nothing from the environment, quick sweeps and retries."""

    def make(**changes: object) -> Settings:
        values: dict[str, object] = {
            "secret_key": SECRET_KEY,
            "database_url": database_url.render_as_string(hide_password=False),
            "data_dir": tmp_path / "var",
            "upload_dir": tmp_path / "uploads",
            "job_sweep_s": 0.05,
            "job_retry_base_s": 0.05,
            "job_retry_cap_s": 0.1,
            "log_level": "WARNING",
            # Tests ask as often as they can. A test of a limit that names one gets it.
            "rate_limits": any(name.startswith("rate_limit") for name in changes),
        }
        return Settings(_env_file=None, **(values | changes))

    return make


@dataclass
class Api:
    """A client that is logged in, and what it talks to."""

    client: TestClient
    settings: Settings
    engine: ScriptedEngine
    headers: dict[str, str] = field(default_factory=dict)

    def register(self, email: str = "coach@example.com") -> dict[str, str]:
        """Make an account; the headers that speak for it."""
        answer = self.client.post("/api/register", json={"email": email, "password": "correct horse"})
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def make_api(make_settings: Callable[..., Settings]) -> Iterator[Callable[..., Api]]:
    """Start applications with a scripted engine; they are shut down after the test."""
    running: list[TestClient] = []

    def make(engine: ScriptedEngine | None = None, **changes: object) -> Api:
        settings, engine = make_settings(**changes), engine or ScriptedEngine(good_run)
        client = TestClient(quick_app(settings, engine=engine), raise_server_exceptions=False)
        client.__enter__()
        running.append(client)
        api = Api(client, settings, engine)
        api.headers = api.register()
        return api

    yield make
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    return make_api()
