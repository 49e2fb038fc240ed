"""``make demo``'s program, run for real: server, engine and sample match."""

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.conftest import ROOT
from tests.servers.media import Film, write_film


def run_demo(output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.demo", "--output", str(output), *options]
    environment = os.environ | {"DB_HOST": "nowhere.invalid", "COLUMNS": "80"}  # the user's own database is not touched
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)


def processes_of(folder: str) -> list[str]:
    """Command lines of running processes with ``folder`` in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if folder.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
        except OSError:
            continue  # it ended while we looked
    return found


def test_the_sample_match_becomes_figures_pictures_and_a_report(tmp_path: Path) -> None:
    done = run_demo(tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Team A (white)" in done.stdout
    assert "Team B (blue)" in done.stdout
    assert "\x1b" not in done.stdout  # nothing but text where there is no terminal
    for name in ("positions.png", "heatmap.png"):
        with Image.open(tmp_path / "out" / name) as picture:
            picture.verify()
    assert "coach-pro-network" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert processes_of("coach-pro-demo-") == []


def test_a_video_without_anybody_is_a_sentence_and_exit_1(tmp_path: Path) -> None:
    video = write_film(tmp_path / "grass.mp4", Film())
    done = run_demo(tmp_path / "out", "--video", str(video))
    assert done.returncode == 1
    assert "The demonstration failed. The analysis failed (" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert processes_of("coach-pro-demo-") == []
