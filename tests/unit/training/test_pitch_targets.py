"""What the pitch network is to answer is what the engine reads as the labels; and views move labels along."""

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.evaluation.labels import load_picture
from engine.evaluation.pitch_labels import LabelledPitch, read_pitch_labels
from engine.registration.sight import POINT_STRIDE, read_points
from football.markings import LABELLED_POINTS, MIRRORED_POINTS, PITCH_POINTS
from tests.unit.engine.registration.drawn_pitch import draw_view, look_at
from training.pitch import crops
from training.pitch.crops import VIEW_SIZE, View, ViewMaker, fit_labels, split_by_match
from training.pitch.targets import make_targets

FRAME = (960, 540)


def project(homography: np.ndarray, points: np.ndarray) -> np.ndarray:
    return cv2.perspectiveTransform(points[np.newaxis], homography)[0]


@pytest.fixture
def labelled(tmp_path: Path) -> LabelledPitch:
    """A drawn pitch, stretched to a square as the labelled frames are."""
    true = look_at(30, focal=1.0, size=FRAME)
    square = cv2.resize(draw_view(true), (640, 640), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(tmp_path / "1.png"), square)
    points = true.project(PITCH_POINTS[:LABELLED_POINTS])
    inside = ((points >= 0) & (points < FRAME)).all(axis=1)
    points = np.where(inside[:, np.newaxis], points, np.nan)
    return LabelledPitch(partial(load_picture, tmp_path / "1.png"), "7", FRAME, points)


def make_views(labelled: LabelledPitch, monkeypatch: pytest.MonkeyPatch) -> list[View]:
    monkeypatch.setattr(crops, "change_look", lambda picture, _: picture)
    monkeypatch.setattr(crops, "cover", lambda picture, _: picture)
    maker, random = ViewMaker([labelled]), np.random.default_rng(2)
    return [maker.make(0, random) for _ in range(30)]


def test_points_are_read_as_they_were_labelled() -> None:
    points = np.random.default_rng(1).uniform((10, 10), np.array(VIEW_SIZE) - 10, (len(PITCH_POINTS), 2))
    points[5] = np.nan
    view = View(np.zeros((*VIEW_SIZE[::-1], 3), np.uint8), np.eye(3), points, np.ones(len(points), np.bool_))
    targets = make_targets(view)
    shape = (len(points), VIEW_SIZE[1] // POINT_STRIDE, VIEW_SIZE[0] // POINT_STRIDE)
    assert targets.places.sum(axis=1) == pytest.approx(np.ones(len(points)), abs=1e-5)
    seen = read_points(targets.places[:, :-1].reshape(shape), least=0.5)
    assert seen.numbers.tolist() == [number for number in range(len(points)) if number != 5]
    assert seen.places == pytest.approx(points[seen.numbers], abs=0.35)
    assert targets.places[5, -1] == 1


def test_points_and_lines_move_with_the_picture(labelled: LabelledPitch, monkeypatch: pytest.MonkeyPatch) -> None:
    mirrored = 0
    for view in make_views(labelled, monkeypatch):
        lines = cv2.resize(make_targets(view).lines[0], VIEW_SIZE, interpolation=cv2.INTER_LINEAR)
        grey = cv2.cvtColor(view.picture, cv2.COLOR_BGR2GRAY).astype(float)
        light = grey - cv2.blur(grey, (15, 15))
        assert light[lines > 0.6].mean() > 12 + light[lines == 0].mean()
        seen = np.isfinite(view.points).all(axis=1)
        assert view.points[seen] == pytest.approx(project(view.to_view, PITCH_POINTS[seen]), abs=0.5)
        mirrored += bool(seen[:LABELLED_POINTS][PITCH_POINTS[:LABELLED_POINTS, 0] > 60].any())
    assert 5 < mirrored < 25  # the frame shows the left half only


def test_in_a_mirrored_view_left_is_right_and_far_stays_far(
    labelled: LabelledPitch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for view in make_views(labelled, monkeypatch):
        there = project(view.to_view, np.array([[40.0, 30.0], [41.0, 30.0], [40.0, 31.0]]))
        assert there[1, 0] > there[0, 0]
        assert there[2, 1] > there[0, 1]
    assert MIRRORED_POINTS[0] == 24


def test_what_nobody_labelled_is_not_learnt(labelled: LabelledPitch, monkeypatch: pytest.MonkeyPatch) -> None:
    points = labelled.points.copy()
    points[9] = np.nan  # in the picture, and hidden
    unlabelled = LabelledPitch(labelled.load, labelled.match, labelled.size, points)
    for view in make_views(unlabelled, monkeypatch):
        hidden = 9 if view.is_known[MIRRORED_POINTS[9]] else MIRRORED_POINTS[9]
        assert not np.isfinite(view.points[hidden]).any()
        assert view.is_known.sum() >= len(PITCH_POINTS) - 1


def test_labels_fit_a_homography(labelled: LabelledPitch) -> None:
    homography, error = fit_labels(labelled.points)
    assert error < 0.01
    assert project(homography, PITCH_POINTS[[9]]) == pytest.approx(labelled.points[[9]], abs=0.1)


def test_no_match_is_learnt_from_and_scored_on(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    row = " ".join(["0 0.5 0.5 1 1", "0.25 0.5 2", *["0 0 0"] * 31])
    for match, frames in {"a": 4, "b": 3, "c": 2}.items():
        for number in range(frames):
            (tmp_path / "images" / f"{match}_{number}.jpg").write_bytes(b"")
            (tmp_path / "labels" / f"{match}_{number}.txt").write_text(row)
    for fold in range(2):
        learnt, kept_back = split_by_match(tmp_path, fold=fold, folds=2)
        assert {one.match for one in learnt}.isdisjoint({one.match for one in kept_back})
        assert len(learnt) + len(kept_back) == 9
    first = read_pitch_labels(tmp_path)[0]
    assert (first.match, first.points[0].tolist()) == ("a", [480.0, 540.0])
    assert np.isnan(first.points[1:]).all()
