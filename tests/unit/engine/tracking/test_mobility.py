"""How people may move in the picture of a camera that is known, and of one that is not."""

import numpy as np
import pytest

from engine.ground import Ground
from engine.tracking.mobility import RESTLESSNESS_IN_BODIES_MPS, RESTLESSNESS_MPS, find_mobility
from tests.unit.engine.registration.drawn_pitch import look_at

VIEW = look_at(52.5, 34.0)
GROUND = Ground(VIEW.to_camera(1.0), 1.0)
FEET = VIEW.project(np.array([[52.5, 34.0], [60.0, 50.0]]))
HEIGHTS = np.array([30.0, 35.0])


def test_without_a_pitch_all_ways_are_as_likely() -> None:
    change = find_mobility(FEET, HEIGHTS, None).change
    expected = (RESTLESSNESS_IN_BODIES_MPS * HEIGHTS / 1.78) ** 2
    assert change == pytest.approx(expected[:, np.newaxis, np.newaxis] * np.eye(2))


def test_on_a_pitch_a_change_is_as_likely_in_all_directions_of_the_pitch() -> None:
    for mobility, ways in zip(find_mobility(FEET, HEIGHTS, GROUND).change, GROUND.metres_of_pixel(FEET), strict=True):
        assert ways @ mobility @ ways.T == pytest.approx(RESTLESSNESS_MPS**2 * np.eye(2), abs=1e-6)


def test_people_seen_from_the_side_move_less_up_and_down_than_across() -> None:
    across, down = np.sqrt(np.diagonal(find_mobility(FEET, HEIGHTS, GROUND).unknown, axis1=1, axis2=2)).T
    assert (down < 0.5 * across).all()


@pytest.mark.parametrize(
    ("foot", "height"),
    [
        ((400.0, -900.0), 30.0),  # above the horizon
        (FEET[0], 200.0),  # nobody is so tall there
        (FEET[0], 2.0),
    ],
)
def test_a_ground_that_does_not_fit_the_person_is_not_believed(foot: tuple[float, float], height: float) -> None:
    place, heights = np.array([foot]), np.array([height])
    assert find_mobility(place, heights, GROUND).change.tolist() == find_mobility(place, heights, None).change.tolist()
