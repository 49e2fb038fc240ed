"""data/full_creation.sql is the schema of the migrations."""

import sqlalchemy as sa
from sqlalchemy.engine import URL

from app.core.migrations import upgrade_database
from tests.integration.migration.schema import CREATION_SQL, describe_schema, load, newest_revision
from tests.servers.mariadb import PrivateMariaDB


def test_the_file_makes_the_tables_that_the_migrations_make(created_url: URL, migrated_mariadb: URL) -> None:
    assert describe_schema(created_url) == describe_schema(migrated_mariadb)


def test_the_database_itself_compares_text_by_code_points(created_url: URL) -> None:
    engine = sa.create_engine(created_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT @@collation_database")).scalar_one() == "utf8mb4_bin"


def test_alembic_has_nothing_to_do_after_the_file(created_url: URL) -> None:
    before = describe_schema(created_url)
    engine = sa.create_engine(created_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one() == newest_revision()
    upgrade_database(created_url)
    assert describe_schema(created_url) == before


def test_loading_the_file_again_stops_at_the_tables_that_are_there(created_url: URL, mariadb: PrivateMariaDB) -> None:
    again = load(mariadb, CREATION_SQL)
    assert again.returncode != 0
    assert "already exists" in again.stderr
