"""Scores of tracking, and the faults that true boxes are given."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from engine.evaluation import tracking
from engine.evaluation.tracking import TruthFrame, read_panorama, read_panorama_camera, score_stitching, score_tracking
from engine.registration.projection import PictureView
from football.camera import Lens, PitchCamera
from football.markings import PITCH_POINTS
from tests.unit.engine.registration.drawn_pitch import look_at

HEAD = "frame,id,bb_left,bb_top,bb_width,bb_height"


def walk(frames: int, *, people: int = 4) -> list[TruthFrame]:
    """People who walk side by side, far from each other."""
    ids = np.arange(1, people + 1)
    lefts = 200.0 * ids
    return [
        TruthFrame(number, ids, np.column_stack([lefts + number, lefts, lefts + number + 20, lefts + 50]))
        for number in range(frames)
    ]


@pytest.fixture
def faultless(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MISSED", "MISSED_BEHIND", "JITTER", "FALSE_ALARMS"):
        monkeypatch.setattr(tracking, name, 0.0)


@pytest.mark.usefixtures("faultless")
def test_people_who_are_always_seen_keep_their_identity() -> None:
    score = score_tracking(walk(100))
    assert (score.frames, score.people, score.tracks, score.switches) == (100, 4, 4, 0)
    assert (score.hota, score.idf1, score.mota) == pytest.approx(
        (1.0, 1.0, 1.0), abs=0.06
    )  # the first frames tell nobody


@pytest.mark.usefixtures("faultless")
def test_two_who_change_names_cost_identity_and_not_detection() -> None:
    truth = walk(100, people=2)
    swapped = [TruthFrame(frame.number, frame.ids[::-1], frame.boxes) for frame in truth[50:]]
    score = score_tracking(truth[:50] + swapped)
    assert score.idf1 == pytest.approx(0.5, abs=0.03)
    assert score.switches == 2
    assert score.mota > 0.9


def test_the_same_seed_gives_the_same_faults() -> None:
    assert score_tracking(walk(50), seed=3) == score_tracking(walk(50), seed=3)
    assert score_tracking(walk(50), seed=3) != score_tracking(walk(50), seed=4)


def test_faults_are_as_frequent_as_they_say() -> None:
    random = np.random.default_rng(0)
    open_field = np.array([[100.0 * place, 0.0, 100.0 * place + 20, 50.0] for place in range(200)])
    found = np.concatenate([tracking._spoil(open_field, random) for _ in range(200)])
    assert len(found) / 200 == pytest.approx(200 * (1 - tracking.MISSED) + tracking.FALSE_ALARMS, rel=0.01)
    widths = found[:, 2] - found[:, 0]
    assert np.std(widths) == pytest.approx(np.sqrt(2) * tracking.JITTER * 20, rel=0.1)


def test_who_stands_behind_somebody_is_missed_more_often() -> None:
    random = np.random.default_rng(0)
    nearer, behind = [0.0, 10.0, 20.0, 60.0], [5.0, 0.0, 25.0, 50.0]
    pair = np.array([nearer, behind])
    assert tracking._covered(pair).tolist() == [0.0, pytest.approx(0.6)]
    counts = [len(tracking._spoil(pair, random)) for _ in range(2000)]
    expected = 2 - tracking.MISSED - tracking.MISSED_BEHIND + tracking.FALSE_ALARMS
    assert np.mean(counts) == pytest.approx(expected, abs=0.1)


def test_the_ball_is_nobody(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("\n".join([HEAD, "1,2,10,20,5,9", "0,1,1,2,3,4", "1,23,0,0,2,2", "1,1,3,4,5,6"]))
    first, second = read_panorama(path)
    assert (first.number, first.ids.tolist(), first.boxes.tolist()) == (0, [1], [[1, 2, 4, 6]])
    assert (second.ids.tolist(), second.boxes.tolist()) == ([2, 1], [[10, 20, 15, 29], [3, 4, 8, 10]])


def write_points(path: Path) -> PictureView:
    """Points of the pitch, as labelled in the panorama, and the view that shows them so."""
    view = look_at(52.5, 34.0, focal=0.6, size=tracking.PANORAMA_SIZE)
    pairs = zip(PITCH_POINTS.tolist(), view.project(PITCH_POINTS).tolist(), strict=True)
    path.write_text(json.dumps({str(tuple(metres)): pixel for metres, pixel in pairs}))
    return view


def test_the_camera_of_the_panorama_is_known_by_its_points(tmp_path: Path) -> None:
    view = write_points(tmp_path / "points.json")
    camera = read_panorama_camera(tmp_path / "points.json")
    assert camera.to_pitch(view.project(PITCH_POINTS)) == pytest.approx(PITCH_POINTS, abs=0.01)


def test_links_are_judged_in_metres_where_the_pitch_is_known() -> None:
    """Where a pixel is a metre, people who walk a body's height in two seconds are faster than anybody runs."""
    truth, pixels_are_metres = walk(400), PitchCamera(Lens((0.0, 0.0), 1.0, 0.0), np.eye(3))
    assert score_stitching(truth).links > 0
    assert score_stitching(truth, camera=pixels_are_metres).links == 0
