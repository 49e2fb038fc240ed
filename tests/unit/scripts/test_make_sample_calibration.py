import json

import numpy as np
import pytest

from scripts.make_sample_calibration import (
    CALIBRATION,
    KEYPOINTS,
    fit,
    measure_left_out,
    read_keypoints,
    write_calibration,
)


@pytest.fixture(scope="module")
def pairs():
    return read_keypoints(KEYPOINTS)


def test_the_camera_leaves_the_points_where_they_are(pairs):
    camera_fit = fit(pairs)
    assert camera_fit.median_error_m < 0.35
    assert camera_fit.max_error_m < 1.0


def test_a_point_that_was_not_fitted_is_met_as_well(pairs):
    assert np.median(measure_left_out(pairs)) < 0.35


def test_there_and_back_is_the_same_pixel(pairs):
    camera = fit(pairs).camera
    assert np.abs(camera.to_image(camera.to_pitch(pairs.pixels)) - pairs.pixels).max() < 1e-6


def test_only_the_corners_of_the_penalty_area_are_relabelled(pairs):
    assert len(pairs.metres) == 38
    assert sorted(pairs.metres[np.isin(pairs.metres[:, 1], [13.84, 54.16])].tolist()) == [
        [0.0, 13.84],
        [0.0, 54.16],
        [16.5, 13.84],
        [16.5, 54.16],
    ]
    assert not np.isin(pairs.metres[:, 1], [14.84, 53.16]).any()


def test_the_stored_calibration_is_what_the_script_writes(pairs, tmp_path):
    write_calibration(pairs, tmp_path / "calibration.json")
    assert json.loads(CALIBRATION.read_text()) == json.loads((tmp_path / "calibration.json").read_text())
