"""From the point pairs that a person clicked to a camera, a row and the file that the engine reads."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.errors import Unprocessable
from app.schemas.calibration import CalibrationPoints
from contract.calibration_file import write_calibration
from football.camera import CalibrationError, CameraFit, fit_camera, fit_homography
from football.pitch import STANDARD_PITCH, Pitch

_BESIDE_THE_PITCH_M = 10.0


def fit_calibration(
    calibration: CalibrationPoints, *, frame_size: tuple[int, int], pitch: Pitch = STANDARD_PITCH
) -> CameraFit:
    """Fit a camera for a video of ``frame_size`` (width, height).

    Raises:
        Unprocessable: the points describe no camera, or do not belong to this video or pitch.
    """
    pixels, metres = _points_of(calibration)
    if not pitch.contains(metres, margin_m=_BESIDE_THE_PITCH_M).all():
        raise Unprocessable(
            f"A calibration point lies off the pitch of {pitch.length_m:g} x {pitch.width_m:g} m.",
            code="calibration_invalid",
        )
    width, height = frame_size
    if (pixels < -1).any() or (pixels > (width + 1, height + 1)).any():
        raise Unprocessable(
            f"A calibration point lies outside the picture of {width} x {height} pixels.", code="calibration_invalid"
        )
    try:
        return fit_camera(pixels, metres, frame_size=frame_size)
    except CalibrationError as error:
        raise Unprocessable(str(error), code="calibration_invalid") from error


def write_calibration_file(
    path: Path, calibration: CalibrationPoints, *, frame_size: tuple[int, int], pitch: Pitch = STANDARD_PITCH
) -> None:
    """Write what an engine reads."""
    fit = fit_calibration(calibration, frame_size=frame_size, pitch=pitch)
    write_calibration(path, camera=fit.camera, bare_homography=fit_homography(*_points_of(calibration)))


def _points_of(calibration: CalibrationPoints) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pixels and metres by the axes of ``football.pitch``, each of shape (N, 2)."""
    pixels = np.array([pair.pixel for pair in calibration.points], dtype=np.float64)
    return pixels, np.array([pair.pitch for pair in calibration.points], dtype=np.float64)
