"""How large a metre of the pitch looks, place by place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from football.camera import PitchCamera

FloatArray = NDArray[np.float64]

_HALF_PX = 0.5 * np.eye(2)


@dataclass(frozen=True, slots=True)
class Ground:
    """The pitch through ``camera``, which is that of video pixels; ``scale`` is picture pixels per video pixel."""

    camera: PitchCamera
    scale: float

    def metres_of_pixel(self, places: FloatArray) -> FloatArray:
        """Of each of ``places`` (N, 2), picture pixels: which way on the pitch (in rows) a step of one pixel to the
        right, and one down, is (in columns), (N, 2, 2). NaN above the horizon."""
        columns = [self._locate(places + step) - self._locate(places - step) for step in _HALF_PX]
        return np.stack(columns, axis=2)

    def pixels_of_metre(self, places: FloatArray) -> FloatArray:
        """The other way round: pixels (in rows) of a metre along x and along y (in columns), (N, 2, 2)."""
        ways = self.metres_of_pixel(places)
        pixels = np.full_like(ways, np.nan)
        known = np.isfinite(ways).all(axis=(1, 2)) & (np.abs(np.linalg.det(np.nan_to_num(ways))) > _FLAT)
        pixels[known] = np.linalg.inv(ways[known])
        return pixels

    def _locate(self, places: FloatArray) -> FloatArray:
        return self.camera.to_pitch(places / self.scale)


_FLAT = 1e-12  # square metres that a pixel covers, where it covers none
