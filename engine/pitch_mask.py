"""Where on the picture a person may stand: the calibrated pitch, or the large smooth green area."""

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.pitch_colour import Lab
from football.camera import PitchCamera

Mask = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

LINE_MARGIN_M = 0.7
"""How far outside the lines a foot point may lie. Raising it lets in people who stand beside the pitch, lowering it
loses throw-ins: a foot point is off by some decimetres, and by the calibration's own error on top."""

_SHRINK = 8


class PitchRegion(Protocol):
    """The part of the picture that is pitch."""

    def contains(self, feet: FloatArray) -> Mask:
        """Tell which foot points (N, 2), picture pixels, are on the pitch."""
        ...

    @property
    def mask(self) -> Mask:
        """(height, width) of the picture."""
        ...


class CalibratedRegion:
    """The pitch as the calibration says, with :data:`LINE_MARGIN_M` around it."""

    def __init__(self, camera: PitchCamera, scale: float, picture_size: tuple[int, int]) -> None:
        self._camera, self._scale = camera, scale
        self._mask = self._draw(picture_size)

    @property
    def mask(self) -> Mask:
        return self._mask

    def contains(self, feet: FloatArray) -> Mask:
        return self._camera.pitch.contains(self._camera.to_pitch(feet / self._scale), margin_m=LINE_MARGIN_M)

    def _draw(self, picture_size: tuple[int, int]) -> Mask:
        """Asks each eighth pixel, because a lens bends the outline and the horizon cuts it."""
        width, height = picture_size
        columns, rows = np.meshgrid(np.arange(0, width + _SHRINK, _SHRINK), np.arange(0, height + _SHRINK, _SHRINK))
        grid = np.column_stack([columns.ravel(), rows.ravel()]).astype(np.float64)
        inside = self.contains(grid).reshape(columns.shape).astype(np.uint8)
        size = (columns.shape[1] * _SHRINK, columns.shape[0] * _SHRINK)
        drawn = cv2.resize(inside, size, interpolation=cv2.INTER_NEAREST)
        return np.asarray(drawn[:height, :width], dtype=np.bool_)


class ColouredRegion:
    """The largest smooth green area of a picture, with the people and lines on it filled in."""

    def __init__(self, lab: Lab) -> None:
        self._mask = _find_green_area(lab)

    @property
    def mask(self) -> Mask:
        return self._mask

    def contains(self, feet: FloatArray) -> Mask:
        height, width = self._mask.shape
        columns = np.clip(np.rint(feet[:, 0]).astype(np.int64), 0, width - 1)
        rows = np.clip(np.rint(feet[:, 1]).astype(np.int64), 0, height - 1)
        return np.asarray(self._mask[rows, columns], dtype=np.bool_)


def _find_green_area(lab: Lab) -> Mask:
    height, width = lab.shape[:2]
    small_size = (max(1, width // _SHRINK), max(1, height // _SHRINK))
    small = np.asarray(cv2.resize(lab, small_size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    green, smooth = _is_green(small), _is_smooth(small)
    specks_gone = cv2.morphologyEx(green & smooth, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    lines_bridged = cv2.morphologyEx(specks_gone, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(lines_bridged, connectivity=4)
    if count < 2:
        return np.zeros((height, width), np.bool_)
    largest = (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    # Smoothness is measured over a window, which costs a rim beside stands and touchlines; colour gives it back.
    near = np.asarray(cv2.dilate(largest, np.ones((7, 7), np.uint8)), dtype=np.uint8)
    with_rim = largest | (near & green)
    outline, _ = cv2.findContours(_close(with_rim), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    filled = cv2.drawContours(np.zeros_like(largest), outline, -1, 1, thickness=cv2.FILLED)
    return np.asarray(cv2.resize(filled, (width, height), interpolation=cv2.INTER_NEAREST), dtype=np.bool_)


def _is_green(small: Lab) -> NDArray[np.uint8]:
    """Green (a below neutral, b not blue) and like the commonest green of the picture."""
    lightness, a, b = (small[..., channel].astype(np.float32) for channel in range(3))
    green = (a < 124) & (b > 120) & (lightness > 25)
    if green.sum() < 0.02 * green.size:
        return np.zeros(green.shape, np.uint8)
    histogram = np.histogram2d(a[green], b[green], bins=(32, 32), range=((64, 128), (120, 184)))[0]
    smooth_histogram = cv2.GaussianBlur(histogram, (5, 5), 0)
    mode_a, mode_b = np.unravel_index(int(np.argmax(smooth_histogram)), histogram.shape)
    near_mode = np.hypot(a - (65 + 2 * mode_a), b - (121 + 2 * mode_b)) < 18
    return np.asarray(green & near_mode, dtype=np.uint8)


def _is_smooth(small: Lab) -> NDArray[np.uint8]:
    """Grass is smooth at this scale, which trees and crowds are not."""
    lightness = small[..., 0].astype(np.float32)
    roughness = cv2.blur(np.abs(lightness - cv2.blur(lightness, (3, 3))), (5, 5))
    return np.asarray(roughness < 6, dtype=np.uint8)


def _close(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Close gaps up to a person's size, with a border so that the edge of the picture does not count as outside."""
    side = 9
    bordered = cv2.copyMakeBorder(mask, side, side, side, side, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(bordered, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return np.asarray(closed[side:-side, side:-side], dtype=np.uint8)
