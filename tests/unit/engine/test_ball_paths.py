import numpy as np
import pytest

from engine.ball import BallCandidate
from engine.ball_paths import BallPaths

BODY_PX = 60.0
INTERVAL_S = 0.04


def candidate(x: float, y: float, confidence: float) -> BallCandidate:
    return BallCandidate(np.array([x, y]), BODY_PX, confidence)


def run(frames, motion=None):
    paths = BallPaths()
    return [paths.update(candidates, number * INTERVAL_S, motion=motion) for number, candidates in enumerate(frames)]


def test_a_faint_ball_that_goes_on_is_told_and_a_faint_flicker_is_not():
    random = np.random.default_rng(1)
    ball = [[candidate(100 + 12 * n, 200, 0.4)] for n in range(40)]
    flicker = [[candidate(*random.uniform(0, 1000, 2), 0.4)] if n % 4 == 0 else [] for n in range(200)]
    assert all(run(ball)[10:])
    assert not any(run(flicker))


def test_the_ball_that_is_played_is_chosen_over_one_that_lies_by_the_touchline():
    sightings = run([[candidate(500, 50, 0.7), candidate(100 + 8 * n, 200, 0.6)] for n in range(80)])
    assert sightings[-1].centre.tolist() == [100 + 8 * 79, 200]
    assert sum(one is not None and one.centre[1] == 200 for one in sightings[20:]) == 60


def test_a_ball_is_told_as_soon_as_it_moves():
    sightings = run([[candidate(100 + 20 * n, 200, 0.9)] for n in range(8)])
    assert sightings[0] is None
    assert all(sightings[3:])
    assert sightings[-1].confidence == pytest.approx(0.9)


def test_a_ball_that_lies_is_not_told_until_it_moves():
    lies = [[candidate(500, 50, 0.9)] for _ in range(100)]
    rolls = [[candidate(500 + 10 * n, 50, 0.9)] for n in range(1, 50)]
    sightings = run([*lies, *rolls])
    assert not any(sightings[60:100])
    assert all(sightings[110:])


def test_a_flicker_elsewhere_inherits_nothing_from_a_ball_that_is_gone():
    ball = [[candidate(100 + 12 * n, 200, 0.8)] for n in range(30)]
    sightings = run([*ball, *([[]] * 6), [candidate(700, 500, 0.5)]])
    assert sightings[29] is not None
    assert sightings[-1] is None


def test_nothing_is_told_that_the_ball_cannot_have_reached():
    """It is seen at one end, and two frames later something surer at the other, which stays there."""
    there = [[candidate(100 + 12 * n, 200, 0.8)] for n in range(20)]
    elsewhere = [[candidate(1900 - 5 * n, 900, 0.95)] for n in range(100)]
    sightings = run([*there, *elsewhere])
    way_bodies = np.hypot(1900 - 5 * 35 - 328, 700) / BODY_PX
    waits = int(way_bodies * 1.78 / 36.0 / INTERVAL_S)
    assert not any(sightings[20 : 20 + waits - 2])
    assert all(sightings[20 + waits + 2 :])


def test_a_pass_is_followed_through_the_kick():
    before = [[candidate(100 + 4 * n, 200, 0.7)] for n in range(20)]
    after = [[candidate(176, 200 + 30 * n, 0.7)] for n in range(1, 20)]
    assert all(run([*before, *after])[12:])


@pytest.mark.parametrize("shift", [40.0, -40.0])
def test_the_way_of_the_camera_is_no_way_of_the_ball(shift):
    motion = np.array([[1.0, 0.0, shift], [0.0, 1.0, 0.0]])
    sightings = run([[candidate(1000 + shift * n, 200, 0.5)] for n in range(20)], motion=motion)
    assert not any(sightings)


def test_without_candidates_there_is_no_ball():
    assert run([[], []]) == [None, None]
