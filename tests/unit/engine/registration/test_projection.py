"""A view of small pictures made of a camera of the video."""

import numpy as np
import pytest

from engine.registration.projection import view_like
from football.camera import CalibrationError, Lens, PitchCamera
from tests.unit.engine.registration.drawn_pitch import SIZE, error_px, look_at

VIDEO_PX = 4 / 3  # video pixels per picture pixel


@pytest.mark.parametrize("k1", [0.0, -0.08])
def test_a_view_is_found_again_from_its_camera(k1: float) -> None:
    true = look_at(45, k1=k1)
    found = view_like(true.to_camera(1 / VIDEO_PX), SIZE, 1 / VIDEO_PX)
    assert found.size == SIZE
    assert found.k1 == pytest.approx(k1, abs=1e-3)
    assert error_px(found, true) < 0.1


def test_a_lens_with_its_centre_elsewhere_is_nearly_matched() -> None:
    true = look_at(45)
    lens = Lens((SIZE[0] / 2 + 30, SIZE[1] / 2 - 20), SIZE[0] / 2, -0.05)
    homography = true.to_camera(1.0).homography @ np.array([[1, 0, 0.06], [0, 1, -0.04], [0, 0, 1]])
    camera = PitchCamera(lens, homography)
    found = view_like(camera, SIZE, 1.0)
    places = np.array([(x, y) for x in (200.0, 480.0, 760.0) for y in (250.0, 400.0)])
    assert np.abs(found.project(camera.to_pitch(places)) - places).max() < 2.0


def test_a_camera_that_shows_no_pitch_is_refused() -> None:
    away = PitchCamera(Lens((0.0, 0.0), 1.0), np.array([[1.0, 0.0, 5000.0], [0.0, 1.0, 5000.0], [0.0, 0.0, 1.0]]))
    with pytest.raises(CalibrationError, match="too little"):
        view_like(away, SIZE, 1.0)
