"""The engine on drawn pitches of 100 x 64 m: places are right where it knows the size, and metres off where not."""

from pathlib import Path

import numpy as np
import pytest

from contract.calibration_file import write_calibration
from engine.pipeline import AnalysisRequest
from engine.registration.registrar import Registrar
from engine.registration.sight import PitchSight
from football.pitch import STANDARD_PITCH, Pitch
from tests.integration.media.test_moving_camera import FRAMES, STANDING, look_at_frame, rows_of, write_pan
from tests.unit.engine.registration.drawn_pitch import draw_view, look_at

SMALL, LARGE = Pitch(100.0, 64.0), Pitch(115.0, 74.0)


@pytest.fixture(scope="module")
def pan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "small.mp4"
    write_pan(path, SMALL)
    return path


@pytest.fixture(scope="module")
def sight() -> PitchSight:
    return PitchSight(threads=1)


@pytest.mark.parametrize(("pitch", "x"), [(SMALL, 20.0), (SMALL, 35.0), (SMALL, 50.0), (LARGE, 45.0)])
def test_a_picture_is_registered_to_decimetres_where_the_size_is_known(
    sight: PitchSight, pitch: Pitch, x: float
) -> None:
    assert miss_m(sight, pitch, x, taken_for=pitch) < 0.3


@pytest.mark.parametrize("x", [20.0, 35.0, 50.0])
def test_a_picture_is_not_registered_or_metres_off_where_it_is_not(sight: PitchSight, x: float) -> None:
    assert miss_m(sight, SMALL, x, taken_for=STANDARD_PITCH) > 2.0


def miss_m(sight: PitchSight, pitch: Pitch, x: float, *, taken_for: Pitch) -> float:
    """How far places in the picture are put from where they are, in the median; infinite if nowhere."""
    true = look_at(x, focal=1.0, pitch=pitch)
    found = Registrar(sight, taken_for).register(draw_view(true))
    if found is None:
        return float("inf")
    places = np.array([(x, y) for x in (0.2, 0.5, 0.8) for y in (0.4, 0.6, 0.8)]) * np.array(true.size)
    return float(np.median(np.linalg.norm(found.view.locate(places) - true.locate(places), axis=1)))


def test_people_stand_where_they_are_on_a_small_pitch(pan: Path) -> None:
    known, taken_for_standard = (
        offsets_m(AnalysisRequest(pan, frame_stride=1, pitch=pitch)) for pitch in (SMALL, STANDARD_PITCH)
    )
    assert len(known) > 0.6 * len(STANDING) * FRAMES
    assert np.median(known) < 1.2
    assert np.median(taken_for_standard) > 3.0


def test_a_calibration_of_the_first_frame_is_followed_on_a_small_pitch(pan: Path, tmp_path: Path) -> None:
    calibration, camera = tmp_path / "calibration.yaml", look_at_frame(0, SMALL).to_camera(1.0)
    write_calibration(calibration, camera=camera, bare_homography=camera.homography)
    offsets = offsets_m(AnalysisRequest(pan, calibration, frame_stride=1, pitch=SMALL))
    assert len(offsets) > 0.8 * len(STANDING) * FRAMES
    assert np.median(offsets) < 1.2


def offsets_m(request: AnalysisRequest) -> np.ndarray:
    """Of each row in metres, how far it is from the nearest of those who stand there."""
    placed = [row for row in rows_of(request) if row["x_m"]]
    places = np.array([[float(row["x_m"]), float(row["y_m"])] for row in placed]).reshape(-1, 2)
    return np.linalg.norm(places[:, np.newaxis] - STANDING, axis=2).min(axis=1)
