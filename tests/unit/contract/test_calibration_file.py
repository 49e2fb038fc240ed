from pathlib import Path

import numpy as np
import pytest
import yaml

from contract.calibration_file import read_calibration, write_calibration
from football.camera import CalibrationError, Lens, PitchCamera

CAMERA = PitchCamera(
    Lens(centre_px=(960.0, 540.0), scale_px=960.0, k1=-0.2),
    np.array([[50.0, 3.0, 52.0], [2.0, 60.0, 34.0], [0.01, 0.4, 1.0]]),
)
BARE = np.array([[0.05, 0.0, 1.0], [0.0, 0.06, 2.0], [0.0, 0.0, 1.0]])


def test_a_camera_survives_the_file(tmp_path: Path) -> None:
    path = tmp_path / "calibration.yaml"
    write_calibration(path, camera=CAMERA, bare_homography=BARE)
    read = read_calibration(path)
    points = np.array([[960.0, 540.0], [100.0, 900.0], [1800.0, 700.0]])
    np.testing.assert_allclose(read.to_pitch(points), CAMERA.to_pitch(points))


def test_the_bare_homography_is_a_flat_list_of_nine_as_the_cpp_engine_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "calibration.yaml"
    write_calibration(path, camera=CAMERA, bare_homography=BARE)
    assert yaml.safe_load(path.read_text())["homography_matrix"] == [0.05, 0.0, 1.0, 0.0, 0.06, 2.0, 0.0, 0.0, 1.0]


def test_a_file_without_a_lens_is_a_plain_homography(tmp_path: Path) -> None:
    path = tmp_path / "calibration.yaml"
    path.write_text("homography_matrix: [0.05, 0, 1, 0, 0.06, 2, 0, 0, 1]\n")
    np.testing.assert_allclose(read_calibration(path).to_pitch(np.array([[100.0, 50.0]])), [[6.0, 5.0]])


@pytest.mark.parametrize(
    "content",
    [
        "",  # empty
        "homography_matrix: [1, 2, 3]",  # too short
        "homography_matrix: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]",  # nested: the C++ engine reads rubbish from it
        "homography_matrix: [.nan, 0, 0, 0, 1, 0, 0, 0, 1]",
        "other: [1, 0, 0, 0, 1, 0, 0, 0, 1]",
        "homography_matrix: [1, 0",  # no YAML
        "\x00",
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "calibration.yaml"
    path.write_text(content)
    with pytest.raises(CalibrationError, match="cannot be read"):
        read_calibration(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError):
        read_calibration(tmp_path / "nowhere.yaml")
