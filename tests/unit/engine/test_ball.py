import numpy as np
import pytest

from engine.ball import BallCandidate, BallTracker, find_candidates
from engine.blobs import find_blobs

BODY_PX = 60.0


class SameHeightEverywhere:
    def heights_at(self, feet):
        return np.full(len(feet), BODY_PX)


class AllPitch:
    mask = np.ones((100, 200), np.bool_)

    def contains(self, feet):
        return np.ones(len(feet), np.bool_)


def candidate(x: float, y: float) -> BallCandidate:
    return BallCandidate(np.array([x, y]), BODY_PX)


def run(frames: list[list[BallCandidate]]):
    tracker = BallTracker()
    return [tracker.update(candidates, number * 0.04) for number, candidates in enumerate(frames)]


def test_a_rolling_ball_is_told_from_a_spot_that_lies_still():
    sightings = run([[candidate(100 + 12 * n, 200), candidate(400, 300)] for n in range(40)])
    assert sightings[3] is None  # nothing has travelled yet
    assert sightings[-1].centre.tolist() == [100 + 12 * 39, 200]
    assert sightings[-1].confidence == pytest.approx(1.0)


def test_the_ball_is_not_reported_while_it_is_hidden():
    sightings = run([[] if n in (30, 31, 32) else [candidate(100 + 12 * n, 200)] for n in range(40)])
    assert [sightings[n] is None for n in (29, 30, 32, 33)] == [False, True, True, False]


def test_a_jump_that_no_ball_can_make_starts_over():
    assert run([[candidate(100 + 12 * n, 200)] for n in range(20)] + [[candidate(1500, 900)]])[-1] is None


@pytest.mark.parametrize(
    ("size", "lightness", "found"),
    [
        pytest.param(7, 230, 1, id="a white ball"),
        pytest.param(7, 60, 0, id="a dark spot"),
        pytest.param(30, 230, 0, id="a shirt"),
        pytest.param(2, 230, 0, id="a speck"),
    ],
)
def test_a_candidate_is_as_large_and_bright_as_a_ball(size, lightness, found):
    lab = np.full((100, 200, 3), 100, np.uint8)
    foreground = np.zeros((100, 200), np.bool_)
    foreground[50 : 50 + size, 50 : 50 + size] = True
    lab[foreground] = [lightness, 128, 128]
    assert len(find_candidates(lab, find_blobs(foreground), SameHeightEverywhere(), AllPitch(), [])) == found


def test_what_lies_in_a_person_is_no_ball():
    lab = np.full((100, 200, 3), 230, np.uint8)
    foreground = np.zeros((100, 200), np.bool_)
    foreground[50:57, 50:57] = True
    assert (
        find_candidates(lab, find_blobs(foreground), SameHeightEverywhere(), AllPitch(), [(40.0, 20.0, 70.0, 80.0)])
        == []
    )
