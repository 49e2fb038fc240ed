"""What a server loads before it answers, by the names of modules: seconds would be another figure on each machine."""

import os
import subprocess
import sys

from tests.conftest import ROOT

_ONLY_WHEN_NEEDED = ("alembic", "celery", "cv2", "matplotlib", "onnxruntime", "scipy")


def test_a_server_starts_without_what_only_some_requests_need() -> None:
    environment = os.environ | {"SECRET_KEY": "a-secret-that-is-only-used-by-the-unit-tests"}
    code = "import sys, main; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    loaded = {name.partition(".")[0] for name in said.stdout.decode().split()}
    assert loaded.isdisjoint(_ONLY_WHEN_NEEDED)
    assert "fastapi" in loaded
