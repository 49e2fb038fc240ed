"""The calibration file (YAML) that ``VideoRequest.calibration_path`` names.

``homography_matrix`` is what the C++ engine reads: nine numbers, row by row, pixels to metres without a lens. Under
``camera`` stands the better model with radial distortion, which the bundled engine uses; other engines ignore it.
"""

from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from football.camera import CalibrationError, Lens, PitchCamera

_Nine = Field(min_length=9, max_length=9)


class _CameraSection(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)

    homography: list[float] = _Nine
    centre_px: tuple[float, float]
    scale_px: float = Field(gt=0)
    k1: float


class _CalibrationFile(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)

    homography_matrix: list[float] = _Nine
    camera: _CameraSection | None = None


def write_calibration(path: Path, *, camera: PitchCamera, bare_homography: NDArray[np.float64]) -> None:
    """Write ``camera`` for the bundled engine and ``bare_homography`` (3, 3), pixels to metres, for any other."""
    content = _CalibrationFile(
        homography_matrix=bare_homography.ravel().tolist(),
        camera=_CameraSection(
            homography=camera.homography.ravel().tolist(),
            centre_px=camera.lens.centre_px,
            scale_px=camera.lens.scale_px,
            k1=camera.lens.k1,
        ),
    )
    path.write_text(yaml.safe_dump(content.model_dump(mode="json"), sort_keys=False), encoding="utf-8")


def read_calibration(path: Path) -> PitchCamera:
    """Read a camera; a file with only ``homography_matrix`` is a camera with a perfect lens.

    Raises:
        CalibrationError: the file is missing, is not YAML, or lacks nine finite numbers.
    """
    try:
        content = _CalibrationFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise CalibrationError("The calibration file cannot be read.") from error
    if content.camera is None:
        homography = np.array(content.homography_matrix).reshape(3, 3)
        return PitchCamera(Lens((0.0, 0.0), 1.0), homography)
    section = content.camera
    lens = Lens(section.centre_px, section.scale_px, section.k1)
    return PitchCamera(lens, np.array(section.homography).reshape(3, 3))
