"""Metres of the pitch in pixels, by a camera that is known."""

import numpy as np
import pytest

from engine.ground import Ground
from tests.unit.engine.registration.drawn_pitch import look_at

VIEW = look_at(52.5, 30.0, k1=-0.03)


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_a_metre_is_as_long_as_the_camera_shows_it(scale: float) -> None:
    metres = np.array([[50.0, 30.0], [58.0, 12.0], [44.0, 55.0]])
    steps = 0.01 * np.eye(2)
    shown = [(VIEW.project(metres + step) - VIEW.project(metres - step)) / 0.02 for step in steps]
    ground = Ground(VIEW.to_camera(scale), scale)
    assert ground.pixels_of_metre(VIEW.project(metres)) == pytest.approx(np.stack(shown, axis=2), rel=0.01, abs=0.01)


def test_pixels_and_metres_are_each_others_inverse() -> None:
    ground, places = Ground(VIEW.to_camera(1.0), 1.0), VIEW.project(np.array([[50.0, 30.0]]))
    assert ground.metres_of_pixel(places) @ ground.pixels_of_metre(places) == pytest.approx(np.eye(2)[np.newaxis])


def test_there_is_no_ground_above_the_horizon() -> None:
    assert np.isnan(Ground(VIEW.to_camera(1.0), 1.0).pixels_of_metre(np.array([[400.0, -900.0]]))).all()
