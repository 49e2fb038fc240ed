"""``python -m engine evaluate`` on small data of the same form."""

import gzip
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.evaluation.speed import enlarge, score_speed
from engine.video import read_facts
from football.markings import LABELLED_POINTS, PITCH_POINTS
from tests.conftest import ROOT
from tests.servers.media import FPS, FRAMES, Film, write_film
from tests.unit.engine.evaluation.test_detection import write_people
from tests.unit.engine.evaluation.test_tracking import write_points
from tests.unit.engine.networks.colour_network import write_colour_network
from tests.unit.engine.registration.drawn_pitch import draw_view, look_at

KEPT_BACK = "121364"  # one of the matches that the pitch network was not trained on
CLIPS = ("euro2020_tactical", "laliga_broadcast", "tsukuba_wide_left")

SEEDS, WHERE, WHEN = (1, 2, 3), ("pixels", "metres"), ("before", "after")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for folder in ("detection", "pitch", "tracking", "clips"):
        (root / folder).mkdir(parents=True)
    write_people(root / "detection", "7_1")
    write_pitch(root / "pitch", KEPT_BACK)
    rows = [f"{frame},{person},{200 * person + frame},{200 * person},20,50" for frame in range(50) for person in (1, 2)]
    with gzip.open(root / "tracking" / "tsukuba_panorama_gt_frames_0000_1659.csv.gz", "wt") as file:
        file.write("\n".join(["frame,id,bb_left,bb_top,bb_width,bb_height", *rows]))
    write_points(root / "tracking" / "tsukuba_panorama_keypoints.json")
    for name in CLIPS:
        write_film(root / "clips" / f"{name}.mp4", Film())
    return root


def write_pitch(root: Path, match: str) -> None:
    """A drawn pitch with the labels of its points, as shares of the picture."""
    view = look_at(45.0, focal=1.0, size=(1280, 720))
    for folder in ("images", "labels"):
        (root / folder).mkdir()
    cv2.imwrite(str(root / "images" / f"{match}_1.jpg"), cv2.resize(draw_view(view), (640, 640)))
    shares = view.project(PITCH_POINTS[:LABELLED_POINTS]) / np.array(view.size)
    rows = [f"{x} {y} 2" if 0 < x < 1 and 0 < y < 1 else "0 0 0" for x, y in shares]
    (root / "labels" / f"{match}_1.txt").write_text(" ".join(["0 0.5 0.5 1 1", *rows]))


def evaluate(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "engine", "evaluate", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_the_page_has_a_row_for_each_match_each_footage_and_each_clip(data: Path, tmp_path: Path) -> None:
    page = tmp_path / "engine.md"
    weights = write_colour_network(tmp_path / "colours.onnx")  # which does not say what it was trained on
    answer = evaluate("--data", data, "--weights", weights, "--out", page)
    assert answer.returncode == 0, answer.stderr
    rows = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0].strip("| ") for row in rows if "---" not in row] == [
        "match", "7, network", "**all**, network", "7, classical", "**all**, classical",
        "match", *(f"{clip}, {name}" for clip in CLIPS for name in ("network", "classical")),
        "match", KEPT_BACK, "**all**",
        "clip", "tsukuba_wide_left",
        "footage", *(f"tsukuba_panorama, faults {seed}, {where}" for where in WHERE for seed in SEEDS),
        "footage",
        *(f"tsukuba_panorama, absences {seed}, {where}, {when}" for where in WHERE for seed in SEEDS for when in WHEN),
        "clip", "euro2020_tactical", "laliga_broadcast", "tsukuba_wide_left", "euro2020_tactical, enlarged",
    ]  # fmt: skip
    assert f"| 320x240 | h264 | {FRAMES} | " in page.read_text()
    assert "| 1440x1080 | h264 |" in page.read_text()


def test_a_part_by_itself_replaces_that_part_of_the_page(data: Path, tmp_path: Path) -> None:
    page = tmp_path / "engine.md"
    page.write_text("# Old\n\n## Tracking\n\nold\n\n## Linking broken tracks\n\nold\n\n## Speed\n\nfast\n")
    answer = evaluate("--data", data, "--part", "tracking", "--out", page)
    assert answer.returncode == 0, answer.stderr
    content = page.read_text()
    assert content.startswith("# How good the engine is\n")
    assert content.endswith("\n\n## Speed\n\nfast\n")
    assert content.count("## Tracking") == 1
    assert "\nold\n" not in content


def test_a_part_by_itself_is_printed(data: Path) -> None:
    answer = evaluate("--data", data, "--part", "tracking")
    assert answer.returncode == 0, answer.stderr
    assert "## Tracking" in answer.stdout
    assert "## Detection" not in answer.stdout


def test_registration_by_itself_tells_error_and_share(data: Path) -> None:
    answer = evaluate("--data", data, "--part", "registration")
    assert answer.returncode == 0, answer.stderr
    cells = [line.split(" | ") for line in answer.stdout.splitlines() if line.startswith("| **all**")]
    assert cells[0][1:3] == ["1", "100%"]
    assert float(cells[0][4].removesuffix(" px")) < 8


def test_people_of_the_sample_clip_are_told_to_a_metre(data: Path) -> None:
    answer = evaluate("--data", data, "--part", "positions")
    assert answer.returncode == 0, answer.stderr
    cells = [line.strip("| ").split(" | ") for line in answer.stdout.splitlines() if line.startswith("| tsukuba")]
    assert cells[0][1] == "20"
    assert int(cells[0][2]) >= 19
    assert float(cells[0][3].removesuffix(" m")) <= 1.0


def test_data_that_are_not_there_are_named() -> None:
    answer = evaluate("--data", "nowhere")
    assert answer.returncode == 2
    assert "nowhere" in answer.stderr


def test_speed_is_that_of_the_whole_video(tmp_path: Path) -> None:
    score = score_speed(write_film(tmp_path / "film.mp4", Film()))
    assert (score.width, score.height, score.codec, score.frames) == (320, 240, "h264", FRAMES)
    assert score.duration_s == pytest.approx(FRAMES / FPS, abs=0.05)
    assert score.engine.frames_per_second == pytest.approx(FPS * score.real_time_factor, rel=0.05)
    assert score.times_reference == pytest.approx(score.engine.frames_per_second / score.reference.frames_per_second)
    assert min(score.engine.cpu_s, score.reference.cpu_s, score.times_reference_by_cpu) > 0
    assert 0 < score.analysed <= FRAMES
    assert 50e6 < score.peak_bytes < 4e9


def test_an_enlarged_film_has_all_its_frames(tmp_path: Path) -> None:
    large = enlarge(write_film(tmp_path / "film.mp4", Film()), tmp_path / "large.mp4", height=480)
    facts = read_facts(large)
    assert (facts.width, facts.height, facts.frames) == (640, 480, FRAMES)
