"""Ways from frame to frame of a camera that pans, turns and zooms."""

import numpy as np
import pytest

from engine.tracking.moved_frames import MovedFrames, Similarity

NEAR_S = 0.4
TURN = np.array([[1.01, -0.02, 7.0], [0.02, 1.01, -3.0]])
CUT = np.array([[0.1, 0.0, 0.0], [0.0, 0.1, 0.0]])


def take(motions: list[np.ndarray | None]) -> MovedFrames:
    frames = MovedFrames()
    for number, motion in enumerate(motions):
        frames.add(0.1 * number, motion)
    return frames


def test_ways_lead_forwards_and_back_as_the_camera_has_moved() -> None:
    ways = take([np.eye(2, 3), TURN, TURN]).find_ways(0.1, within_s=NEAR_S)
    assert list(ways) == pytest.approx([0.1, 0.0, 0.2])
    here = np.array([100.0, 50.0, 20.0, 40.0])
    size = np.hypot(1.01, 0.02)
    moved = np.append(TURN @ [100.0, 50.0, 1.0], [20 * size, 40 * size])
    assert ways[0.1].move(here) == pytest.approx(here)
    assert ways[0.0].move(here) == pytest.approx(moved)
    assert ways[0.2].move(moved) == pytest.approx(here)


def test_a_way_of_several_frames_is_all_their_motions_one_after_the_other() -> None:
    ways = take([np.eye(2, 3), TURN, TURN, TURN]).find_ways(0.1 * 3, within_s=NEAR_S)
    place = np.array([100.0, 50.0])
    for _ in range(3):
        place = TURN @ [*place, 1.0]
    assert ways[0.0].move(np.array([100.0, 50.0, 1.0, 1.0]))[:2] == pytest.approx(place)


def test_no_way_leads_across_a_cut_or_to_frames_far_away() -> None:
    frames = take([np.eye(2, 3), TURN, CUT, TURN, TURN, TURN, TURN, TURN, TURN])
    assert set(np.round(list(frames.find_ways(0.1, within_s=NEAR_S)), 1)) == {0.0, 0.1}
    assert set(np.round(list(frames.find_ways(0.1 * 3, within_s=NEAR_S)), 1)) == {0.2, 0.3, 0.4, 0.5, 0.6, 0.7}


def test_what_is_older_than_asked_for_is_forgotten() -> None:
    frames = take([TURN] * 1000)
    for number in range(1000):
        frames.find_ways(0.1 * number, within_s=NEAR_S)
    assert len(frames._steps) <= 5


def test_a_camera_that_never_moves_has_no_ways() -> None:
    assert take([None] * 5).find_ways(0.2, within_s=NEAR_S) == {}


def test_a_similarity_and_its_inverse_lead_back() -> None:
    one = Similarity(0.9 + 0.1j, 3 - 2j)
    both = one.invert().after(one)
    assert (both.turn, both.shift) == (pytest.approx(1.0), pytest.approx(0.0))
