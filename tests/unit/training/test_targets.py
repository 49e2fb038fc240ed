"""What the network is to answer is what the engine reads as the labels; and crops move labels with their picture."""

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.special import logit

from engine.boxes import overlaps
from engine.evaluation.labels import LabelledPicture, load_picture
from engine.kinds import Kind
from engine.networks.points import read_balls, read_people
from training.detector import crops
from training.detector.crops import CROP_SIZE, Crop, CropMaker, split_by_match
from training.detector.targets import Targets, make_targets

NOBODY = np.empty((0, 4))
WHITE_BALL = (255, 255, 255)


def maps_of(targets: Targets) -> tuple[np.ndarray, np.ndarray]:
    """As a network would answer that has learnt everything: logits, and what softplus turns into sides."""
    roles = np.eye(3, dtype=np.float32)[targets.roles].transpose(2, 0, 1)
    people, ball = (logit(np.clip(heat, 1e-6, 1 - 1e-6)) for heat in (targets.people, targets.ball))
    sides = np.log(np.expm1(np.maximum(targets.sides.astype(np.float64), 1e-6)))
    return np.concatenate([people, roles, sides]), np.concatenate([ball, targets.shift])


def a_crop(boxes: np.ndarray, *, roles: list[int] | None = None, balls: np.ndarray | None = None) -> Crop:
    picture = np.zeros((CROP_SIZE[1], CROP_SIZE[0], 3), np.uint8)
    numbers = np.array(roles or [0] * len(boxes), dtype=np.int64)
    return Crop(picture, boxes, numbers, np.empty((0, 2)) if balls is None else balls, NOBODY)


@pytest.mark.parametrize(
    ("height", "off_px"),
    [
        (12, 1.4),  # the middle of the cell may lie beside so small a person, and no side is shorter than nothing
        (27, 1e-3),
        (80, 1e-3),
    ],
)
def test_people_are_read_as_they_were_labelled(height: int, off_px: float) -> None:
    random = np.random.default_rng(height)
    places = np.array([[x, y] for x in (60, 200, 340, 460) for y in (60, 160, 260)]) + random.uniform(-9, 9, (12, 2))
    half = np.array([0.22 * height, 0.5 * height])
    boxes = np.concatenate([places - half, places + half], axis=1)
    found, _, roles = read_people(maps_of(make_targets(a_crop(boxes, roles=[0, 1, 2] * 4)))[0], least=0.99)
    nearest = overlaps(boxes, found).argmax(axis=1)
    assert len(found) == len(boxes)
    assert found[nearest] == pytest.approx(boxes, abs=off_px)
    assert roles[nearest].argmax(axis=1).tolist() == [0, 1, 2] * 4


def test_a_ball_is_read_where_it_was_labelled() -> None:
    balls = np.array([[100.3, 200.9], [4.1, 3.9]])
    found, _ = read_balls(maps_of(make_targets(a_crop(NOBODY, balls=balls)))[1], least=0.99)
    assert np.sort(found, axis=0) == pytest.approx(np.sort(balls, axis=0), abs=1e-3)


def test_nothing_is_learnt_where_somebody_is_half_outside() -> None:
    crop = a_crop(NOBODY)
    targets = make_targets(Crop(crop.picture, NOBODY, crop.roles, crop.balls, np.array([[-20.0, 80.0, 8.0, 160.0]])))
    unknown = targets.learnt[0] == 0
    assert unknown[10:20, 0].all()
    assert not unknown[:, 3:].any()


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CropMaker:
    """Frames in which every labelled ball is white, and nothing else; the looks stay as they are."""
    monkeypatch.setattr(crops, "change_look", lambda picture, _: picture)
    random = np.random.default_rng(5)
    frames = []
    for number in range(4):
        square = np.zeros((1280, 1280, 3), np.uint8)
        centre = random.uniform(200, 1000, 2)
        radii = 12 * np.array([1280 / 1920, 1280 / 1080])
        cv2.ellipse(square, (*map(round, centre),), (*map(round, radii),), 0, 0, 360, WHITE_BALL, -1)
        cv2.imwrite(str(tmp_path / f"{number}.png"), square)
        middle = np.round(centre) * np.array([1920, 1080]) / 1280
        boxes = dict.fromkeys(Kind, NOBODY) | {Kind.BALL: np.array([[*(middle - 12), *(middle + 12)]])}
        frames.append(LabelledPicture(partial(load_picture, tmp_path / f"{number}.png"), "7", (1920, 1080), boxes))
    return CropMaker(frames)


def test_labels_move_with_the_picture(maker: CropMaker) -> None:
    random = np.random.default_rng(2)
    seen = 0
    for number in range(60):
        crop = maker.make(number % len(maker), random)
        rows, columns = np.nonzero(crop.picture[..., 0] > 128)
        inside = len(rows) and 12 < columns.mean() < CROP_SIZE[0] - 12 and 12 < rows.mean() < CROP_SIZE[1] - 12
        if inside:
            assert crop.balls == pytest.approx(np.array([[columns.mean(), rows.mean()]]), abs=2.0)
            seen += 1
    assert seen > 20


def test_a_changed_look_is_another_picture_of_the_same_size() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (CROP_SIZE[1], CROP_SIZE[0], 3), dtype=np.uint8)
    for seed in range(20):
        looked = crops.change_look(picture, np.random.default_rng(seed))
        assert (looked.shape, looked.dtype) == (picture.shape, np.uint8)
        assert not np.array_equal(looked, picture)


def test_no_match_is_learnt_from_and_scored_on(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    for match, frames in {"a": 5, "b": 3, "c": 3, "d": 2, "e": 1}.items():
        for number in range(frames):
            (tmp_path / "images" / f"{match}_{number}.jpg").write_bytes(b"")
            (tmp_path / "labels" / f"{match}_{number}.txt").write_text("")
    scored = []
    for fold in range(3):
        learnt, kept_back = split_by_match(tmp_path, fold=fold, folds=3)
        assert {one.match for one in learnt}.isdisjoint({one.match for one in kept_back})
        assert len(learnt) + len(kept_back) == 14
        assert 4 <= len(kept_back) <= 5
        scored += [one.match for one in kept_back]
    assert sorted(scored) == sorted("aaaaabbbcccdde")
    assert len(split_by_match(tmp_path, fold=-1, folds=3)[0]) == 14
