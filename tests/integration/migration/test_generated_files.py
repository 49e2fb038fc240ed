"""The committed SQL files are what their scripts make, and the scripts notice when they are not."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from scripts import make_creation_sql, make_seed_sql
from tests.conftest import ROOT

SCRIPTS = ["make_creation_sql.py", "make_seed_sql.py"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_committed_file_is_fresh(script: str) -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "scripts" / script, "--check"], capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stderr) == (0, "")


@pytest.mark.parametrize("module", [make_creation_sql, make_seed_sql])
def test_a_stale_file_is_noticed_and_mended(
    module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed, stale = module.TARGET, tmp_path / "stale.sql"
    stale.write_bytes(committed.read_bytes().replace(b"club", b"guild", 1))
    monkeypatch.setattr(module, "TARGET", stale)
    with pytest.raises(SystemExit, match=r"stale\.sql is stale"):
        module.main(["--check"])
    module.main([])
    module.main(["--check"])
    assert stale.read_bytes() == committed.read_bytes()
