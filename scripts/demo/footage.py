"""What was filmed: a still of the video, and the part of the pitch that its camera sees."""

import io
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ValidationError

from football.camera import CalibrationError, PitchCamera, fit_camera
from football.pitch import Pitch
from scripts.demo.errors import DemoFailed

STEP_M = 0.5
_STILL_WIDTH_PX = 1280
_ROUND_TRIP_M = 0.5  # a point behind the camera comes back as another one


@dataclass(frozen=True, slots=True)
class Still:
    """First picture of a video: ``size`` (width, height) of the full frame in pixels, and a smaller copy as JPEG."""

    size: tuple[int, int]
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class FilmedArea:
    """How far inside the picture points of the pitch lie, every ``STEP_M`` from the origin in ``x_m`` and ``y_m``.

    ``margin_px`` (rows, columns) is the distance to the nearest edge of the picture, negative outside of it.
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    margin_px: NDArray[np.float64]

    @property
    def share(self) -> float:
        """Share of the pitch that is seen, 0 to 1."""
        return float((self.margin_px >= 0.0).mean())


class _PointPair(BaseModel):
    pixel: tuple[float, float]
    pitch: tuple[float, float]


class _Calibration(BaseModel):
    points: list[_PointPair]


def take_still(video: Path) -> Still:
    """The first picture of ``video``.

    Raises:
        DemoFailed: the file holds no picture that can be read.
    """
    try:
        with av.open(str(video)) as container:
            frame = next(container.decode(video=0))
    except (av.FFmpegError, StopIteration, IndexError) as error:
        raise DemoFailed(f"{video} cannot be read as a video.") from error
    height = round(frame.height * _STILL_WIDTH_PX / frame.width)
    jpeg = io.BytesIO()
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    picture.resize((_STILL_WIDTH_PX, height), Image.Resampling.LANCZOS).save(jpeg, "JPEG", quality=80)
    return Still((frame.width, frame.height), jpeg.getvalue())


def find_filmed_area(calibration: str, frame_size: tuple[int, int], pitch: Pitch) -> FilmedArea:
    """What the camera sees of ``pitch``, by the calibration (JSON) that was sent with a video of ``frame_size``.

    Raises:
        DemoFailed: the calibration describes no camera.
    """
    camera = _fit(calibration, frame_size)
    x_m = np.arange(0.0, pitch.length_m + STEP_M / 2, STEP_M)
    y_m = np.arange(0.0, pitch.width_m + STEP_M / 2, STEP_M)
    points_m = np.stack(np.meshgrid(x_m, y_m), axis=-1).reshape(-1, 2)
    with np.errstate(invalid="ignore"):
        pixels = camera.to_image(points_m)
        comes_back = np.linalg.norm(camera.to_pitch(pixels) - points_m, axis=1) < _ROUND_TRIP_M
    margin_px = np.minimum(pixels, np.array(frame_size) - pixels).min(axis=1)
    farthest_px = -float(max(frame_size))
    margin_px = np.where(comes_back, np.maximum(margin_px, farthest_px), farthest_px)
    return FilmedArea(x_m, y_m, margin_px.reshape(len(y_m), len(x_m)))


def _fit(calibration: str, frame_size: tuple[int, int]) -> PitchCamera:
    try:
        pairs = _Calibration.model_validate_json(calibration).points
        pixels, metres = np.array([pair.pixel for pair in pairs]), np.array([pair.pitch for pair in pairs])
        return fit_camera(pixels, metres, frame_size=frame_size).camera
    except (ValidationError, CalibrationError) as error:
        raise DemoFailed(f"The calibration describes no camera: {error}") from error
