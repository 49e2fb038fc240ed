import numpy as np
import pytest

from engine.camera_motion import CameraMotion


def test_a_pan_is_measured_in_pixels_of_the_picture():
    scene = np.random.default_rng(5).integers(0, 255, (90, 200), dtype=np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    wide = np.stack([scene] * 3, axis=2)
    motion = CameraMotion()
    assert motion.measure(wide[:, 100:1380]).tolist() == np.eye(2, 3).tolist()
    assert motion.measure(wide[:, 112:1392]) == pytest.approx(np.array([[1, 0, -12], [0, 1, 0]]), abs=0.5)


def test_a_picture_without_corners_has_not_moved():
    motion, grey = CameraMotion(), np.full((360, 640, 3), 90, np.uint8)
    motion.measure(grey)
    assert motion.measure(grey).tolist() == np.eye(2, 3).tolist()
