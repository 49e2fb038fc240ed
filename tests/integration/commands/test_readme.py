"""The walk-through of the README, pasted into a shell against the server that ``make run`` starts."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.config import Settings
from tests.conftest import ROOT
from tests.servers.coach_pro import ServerProcess

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def server(make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(make_settings(), tmp_path, engine_port=None)
    yield process
    process.stop()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed (apt-get install curl)")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_walk_through_works_when_pasted(server: ServerProcess) -> None:
    blocks = re.findall(r"<!-- walk-through.*?-->\n```bash\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 1
    script = blocks[0].replace("http://127.0.0.1:8000", server.url)
    done = subprocess.run(["bash", "-euc", script], cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    *_, job, statistics, report = done.stdout.strip().splitlines()
    assert json.loads(job)["status"] == "COMPLETED"
    assert len(json.loads(statistics)) == 3
    assert all(row["distance_m"] is not None for row in json.loads(statistics))
    assert json.loads(report)["report_data"]["quality"]["calibrated"] is True


def test_every_setting_stands_in_the_configuration_table() -> None:
    table = README[README.index("## Configuration") :]
    assert [name for name in Settings.model_fields if f"`{name.upper()}`" not in table] == []


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", README))
def test_links_lead_somewhere(link: str) -> None:
    assert link.startswith("https://") or (ROOT / link).exists()
