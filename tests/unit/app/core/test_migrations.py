from alembic.script import ScriptDirectory

from app.core.migrations import NEWEST_REVISION
from tests.conftest import ROOT


def test_the_newest_revision_is_that_of_the_last_migration() -> None:
    assert ScriptDirectory(str(ROOT / "alembic")).get_heads() == [NEWEST_REVISION]
