"""The models and the migrations describe one schema, on both databases."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import URL

from app.core.migrations import upgrade_database
from app.models import Base
from tests.integration.migration.schema import describe_schema, downgrade_database


def test_autogenerate_finds_nothing_to_migrate(database_url: URL) -> None:
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        difference = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    assert difference == []


def test_the_migrations_make_what_the_models_would_make(empty_url: URL, request: pytest.FixtureRequest) -> None:
    """Sees more than autogenerate does: collations, engines, deletion rules, the names of constraints."""
    kind = "sqlite" if empty_url.get_backend_name() == "sqlite" else "mariadb"
    migrated = _definitions(request.getfixturevalue(f"{kind}_url"))
    del migrated["alembic_version"]
    engine = sa.create_engine(empty_url, poolclass=sa.NullPool)
    Base.metadata.create_all(engine)
    assert _definitions(empty_url) == migrated


def _definitions(url: URL) -> dict[str, list[str]]:
    """The lines of each table's definition; their order, and SQLite's quotes around a name, are a matter of history."""
    return {
        name: sorted(line.strip(" \t,").replace(f'"{name}"', name) for line in statement.splitlines())
        for name, statement in describe_schema(url).items()
    }


def test_a_downgrade_takes_everything_away_and_an_upgrade_brings_it_back(empty_url: URL) -> None:
    upgrade_database(empty_url)
    schema = _definitions(empty_url)
    downgrade_database(empty_url, "base")
    assert set(describe_schema(empty_url)) == {"alembic_version"}
    upgrade_database(empty_url)
    assert _definitions(empty_url) == schema


def test_text_is_compared_by_its_code_points_in_every_table(migrated_mariadb: URL) -> None:
    engine = sa.create_engine(migrated_mariadb, poolclass=sa.NullPool)
    with engine.connect() as connection:
        collations = connection.execute(
            sa.text(
                "SELECT DISTINCT collation_name FROM information_schema.columns"
                " WHERE table_schema = DATABASE() AND collation_name IS NOT NULL"
            )
        ).scalars()
        assert set(collations) == {"utf8mb4_bin"}
