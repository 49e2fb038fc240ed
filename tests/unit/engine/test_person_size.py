import numpy as np
import pytest

from engine.person_size import PERSON_HEIGHT_M, CalibratedSize, LearntSize
from football.camera import Lens, PitchCamera

FOCAL_PX = 1000.0
CAMERA_UP_M = 10.0
CAMERA_BACK_M = 40.0
TILT = np.arctan2(CAMERA_UP_M, CAMERA_BACK_M)


def project(point_m: np.ndarray) -> np.ndarray:
    """Pinhole at (0, -CAMERA_BACK_M, CAMERA_UP_M) that looks at the origin; x right, y away, z up; (3,) to (2,)."""
    x, y, z = point_m - np.array([0.0, -CAMERA_BACK_M, CAMERA_UP_M])
    depth = y * np.cos(TILT) - z * np.sin(TILT)
    down = -(y * np.sin(TILT) + z * np.cos(TILT))
    return np.array([500 + FOCAL_PX * x / depth, 300 + FOCAL_PX * down / depth])


def camera_of_ground() -> PitchCamera:
    ground_to_px = np.array(
        [
            [FOCAL_PX, 500 * np.cos(TILT), 500 * (CAMERA_BACK_M * np.cos(TILT) + CAMERA_UP_M * np.sin(TILT))],
            [
                0.0,
                -FOCAL_PX * np.sin(TILT) + 300 * np.cos(TILT),
                FOCAL_PX * (-CAMERA_BACK_M * np.sin(TILT) + CAMERA_UP_M * np.cos(TILT))
                + 300 * (CAMERA_BACK_M * np.cos(TILT) + CAMERA_UP_M * np.sin(TILT)),
            ],
            [0.0, np.cos(TILT), CAMERA_BACK_M * np.cos(TILT) + CAMERA_UP_M * np.sin(TILT)],
        ]
    )
    return PitchCamera(Lens((0.0, 0.0), 1.0), np.linalg.inv(ground_to_px))


@pytest.mark.parametrize("place", [(0.0, 0.0), (12.0, -10.0), (-20.0, 30.0)])
def test_a_calibration_tells_how_tall_a_person_looks(place):
    foot, head = project(np.array([*place, 0.0])), project(np.array([*place, PERSON_HEIGHT_M]))
    for scale in (1.0, 0.5):
        (height,) = CalibratedSize(camera_of_ground(), scale).heights_at(foot[None] * scale)
        assert height == pytest.approx((foot[1] - head[1]) * scale, rel=0.08)


def test_nobody_stands_above_the_horizon():
    assert np.isnan(CalibratedSize(camera_of_ground(), 1.0).heights_at(np.array([[500.0, -400.0]]))).all()


def test_heights_are_learnt_from_people_of_all_distances_among_wrong_blobs():
    random = np.random.default_rng(3)
    feet = np.column_stack([random.uniform(0, 1280, 80), random.uniform(200, 700, 80)])
    heights = 20 + 0.1 * feet[:, 1] + random.normal(0, 2, 80)
    heights[::5] = 150.0  # two people behind each other, a goal post
    size = LearntSize((1280, 720))
    size.learn(feet, heights)
    assert size.heights_at(np.array([[640.0, 200.0], [640.0, 700.0]])) == pytest.approx([40, 90], abs=5)
