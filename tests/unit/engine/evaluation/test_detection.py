"""Labels that come stretched, and what a detector finds in their pictures."""

import json
import math
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.evaluation.detection import DetectionScore, Found, detect_classically, score_detection
from engine.evaluation.labels import LabelledPicture, load_picture, read_clip, read_wide_feed
from engine.evaluation.scores import Counts
from engine.kinds import Kind
from engine.video import VideoFacts
from tests.conftest import ROOT
from tests.servers.media import Film, write_film
from tests.unit.engine.drawn_match import BLUE, PERSON_PX, WHITE, draw_person, draw_pitch

CLIP_LABELS = ROOT / "engine" / "evaluation" / "clip_labels"
FEET = [(100, 200), (200, 300), (480, 250), (300, 330)]
SIZE = (1920, 1080)
SCALE = VideoFacts(*SIZE, frames=1, duration_s=0.0).picture_size[0] / SIZE[0]


def write_picture(root: Path, name: str, lines: list[str]) -> None:
    picture = draw_pitch()
    for number, foot in enumerate(FEET):
        draw_person(picture, foot, (BLUE, WHITE)[number % 2])
    for folder in ("images", "labels"):
        (root / folder).mkdir(exist_ok=True)
    cv2.imwrite(str(root / "images" / f"{name}.jpg"), cv2.resize(picture, (640, 640)), [cv2.IMWRITE_JPEG_QUALITY, 95])
    (root / "labels" / f"{name}.txt").write_text("\n".join(lines))


def write_people(root: Path, name: str) -> None:
    """Labels of the drawn people, as shares of the picture of 640 x 360."""
    width, height = 0.3 * PERSON_PX / 640, PERSON_PX / 360
    lines = [f"2 {x / 640} {(y - PERSON_PX / 2) / 360} {width} {height}" for x, y in FEET]
    write_picture(root, name, lines)


def test_labels_are_of_the_picture_as_the_camera_saw_it(tmp_path: Path) -> None:
    write_picture(tmp_path, "7_1", ["0 0.5 0.25 0.01 0.02", "1 0.1 0.5 0.1 0.5", "3 0.9 0.5 0.1 0.5"])
    (labelled,) = read_wide_feed(tmp_path)
    assert (labelled.match, labelled.size) == ("7", SIZE)
    assert labelled.boxes[Kind.BALL][0] == pytest.approx([950.4, 259.2, 969.6, 280.8])
    assert labelled.boxes[Kind.GOALKEEPER][0] == pytest.approx([96, 270, 288, 810])
    assert [len(labelled.boxes[kind]) for kind in (Kind.PLAYER, Kind.REFEREE)] == [0, 1]
    assert labelled.read((320, 180)).shape == (180, 320, 3)


def test_what_is_no_picture_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    with pytest.raises(OSError, match=r"a\.jpg"):
        LabelledPicture(partial(load_picture, tmp_path / "a.jpg"), "1", SIZE, {}).read(SIZE)


def test_people_in_drawn_pictures_are_found(tmp_path: Path) -> None:
    for name in ("7_1", "7_2", "12_1"):
        write_people(tmp_path, name)
    scores = score_detection(read_wide_feed(tmp_path), detect_classically)
    assert {match: score.pictures for match, score in scores.items()} == {"7": 2, "12": 1}
    total = sum(scores.values(), DetectionScore())
    assert total.pictures == 3
    assert (total.people.hits, total.people.misses) == (3 * len(FEET), 0)
    assert total.people.f1 > 0.7  # without the pictures before and after, pieces of the drawn lines pass for people
    assert math.isnan(total.ball.recall)


def test_people_count_together_and_by_kind(tmp_path: Path) -> None:
    write_picture(
        tmp_path, "7_1", ["1 0.1 0.5 0.1 0.5", "2 0.5 0.5 0.1 0.5", "3 0.9 0.5 0.1 0.5", "0 0.5 0.25 0.01 0.02"]
    )
    (labelled,) = read_wide_feed(tmp_path)
    keeper, player, referee = (SCALE * labelled.boxes[kind] for kind in (Kind.GOALKEEPER, Kind.PLAYER, Kind.REFEREE))
    near, far = SCALE * np.array([[960 + 6, 270 + 8.0]]), SCALE * np.array([[960 + 6, 270 + 8.2]])
    found = Found({Kind.PLAYER: np.concatenate([player, referee]), Kind.GOALKEEPER: keeper}, near)
    score = score_detection([labelled], lambda _: found)["7"]
    assert (score.people, score.ball) == (Counts(hits=3), Counts(hits=1))
    assert score.kinds == {
        Kind.PLAYER: Counts(hits=1, false_alarms=1), Kind.GOALKEEPER: Counts(hits=1), Kind.REFEREE: Counts(misses=1),
    }  # fmt: skip
    missed = score_detection([labelled], lambda _: Found({}, far))["7"]
    assert (missed.people, missed.ball) == (Counts(misses=3), Counts(false_alarms=1, misses=1))


def test_frames_of_a_clip_are_labelled_in_pixels_of_the_video(tmp_path: Path) -> None:
    clip = write_film(tmp_path / "clip.mp4", Film())
    frames = {"3": {"player": [[10, 20, 30, 60]]}, "40": {"referee": [[1, 2, 3, 4]]}}
    (tmp_path / "clip.json").write_text(json.dumps({"size": [640, 480], "frames": frames}))
    third, last = read_clip(tmp_path / "clip.json", clip)
    assert (third.match, third.size, third.load().shape) == ("clip", (640, 480), (240, 320, 3))
    assert third.boxes[Kind.PLAYER].tolist() == [[10, 20, 30, 60]]
    assert [len(last.boxes[kind]) for kind in (Kind.PLAYER, Kind.REFEREE)] == [0, 1]
    assert not np.array_equal(third.load(), last.load())
    score = score_detection([third], lambda _: Found({Kind.PLAYER: third.boxes[Kind.PLAYER]}, np.array([[1.0, 2.0]])))
    assert (score["clip"].people, score["clip"].ball) == (Counts(hits=1), Counts())  # balls are not labelled


@pytest.mark.parametrize("labels", sorted(CLIP_LABELS.glob("*.json")), ids=lambda path: path.stem)
def test_labels_of_clips_lie_in_their_pictures(labels: Path) -> None:
    content = json.loads(labels.read_text())
    assert len(content["frames"]) >= 10
    for frame in content["frames"].values():
        boxes = np.array([box for kind in frame for box in frame[kind]])
        assert set(frame) <= {"player", "goalkeeper", "referee"}
        assert (boxes[:, 2:] - boxes[:, :2] > 5).all()
        assert (boxes >= 0).all()
        assert (boxes[:, 2:] <= content["size"]).all()
