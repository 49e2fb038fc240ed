"""The colour of the pitch, place by place, and how far each pixel is from it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.video import Picture

Lab = NDArray[np.uint8]
FloatImage = NDArray[np.float32]

_ROWS_AT_ONCE = 32
_SHRINK = 4
_MEDIAN_SIDE = 31  # in shrunk pixels, so 124 picture pixels: wider than a person near the camera, narrower than a stand


@dataclass(frozen=True, slots=True)
class PixelNoise:
    """Spread of grass pixels about the local pitch colour, in levels of Lab: lightness and chroma."""

    lightness: float
    chroma: float


def to_lab(picture: Picture) -> Lab:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2LAB), dtype=np.uint8)


def find_local_colour(lab: Lab) -> Lab:
    """The colour that dominates around each pixel: people and lines are narrower than the window of the median."""
    dominant = cv2.medianBlur(_shrink(lab), _MEDIAN_SIDE)
    return np.asarray(cv2.resize(dominant, lab.shape[1::-1], interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _shrink(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    size = (max(_MEDIAN_SIDE, width // _SHRINK), max(_MEDIAN_SIDE, height // _SHRINK))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def measure_noise(lab: Lab, local: Lab, pitch: NDArray[np.bool_]) -> PixelNoise:
    """Robust spread over the pixels of ``pitch`` (height, width): most of them are grass, so the median is grass."""
    difference = lab[pitch].astype(np.float32) - local[pitch]
    if not len(difference):
        return PixelNoise(6.0, 3.0)
    lightness = 1.48 * float(np.median(np.abs(difference[:, 0])))
    # The median of a Rayleigh distribution is 1.18 of its scale.
    chroma = float(np.median(np.hypot(difference[:, 1], difference[:, 2]))) / 1.18
    return PixelNoise(max(lightness, 3.0), max(chroma, 1.8))


def measure_unlikeness(lab: Lab, reference: Lab, noise: PixelNoise) -> FloatImage:
    """Squared distance of each pixel from ``reference`` in standard deviations of grass, shape (height, width).

    Darker counts for a third of lighter: a shadow on grass is darker but keeps the chroma, while a dark shirt also
    loses it.
    """
    tables = _squares(noise.lightness), _squares(3 * noise.lightness), _squares(noise.chroma)
    unlike = np.empty(lab.shape[:2], np.float32)
    for top in range(0, len(lab), _ROWS_AT_ONCE):  # what comes in between then stays in the processor's cache
        rows = slice(top, top + _ROWS_AT_ONCE)
        unlike[rows] = _measure_rows(lab[rows], reference[rows], tables)
    return unlike


def _measure_rows(lab: Lab, reference: Lab, tables: tuple[FloatImage, FloatImage, FloatImage]) -> FloatImage:
    """``tables`` hold the squares for lighter pixels, for darker ones, and for chroma."""
    lighter, darker, chroma = tables
    lightness, a, b = cv2.split(lab)
    reference_lightness, reference_a, reference_b = cv2.split(reference)
    # Differences of bytes saturate at 0 and are squared by table: several times faster than arithmetic in floats.
    unlike = cv2.LUT(cv2.subtract(lightness, reference_lightness), lighter)
    cv2.add(unlike, cv2.LUT(cv2.subtract(reference_lightness, lightness), darker), dst=unlike)
    cv2.add(unlike, cv2.LUT(cv2.absdiff(a, reference_a), chroma), dst=unlike)
    cv2.add(unlike, cv2.LUT(cv2.absdiff(b, reference_b), chroma), dst=unlike)
    return np.asarray(unlike, dtype=np.float32)


def _squares(deviation: float) -> FloatImage:
    return ((np.arange(256) / deviation) ** 2).astype(np.float32)
