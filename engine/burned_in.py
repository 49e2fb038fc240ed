"""Letters and badges that were laid over the picture of a moving camera, and that a network takes for people.

The scene moves below them, and they stay where they are: what is as sharp in the mean of many pictures as in one of
them, and does not change, is none of the scene.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.video import Picture

FloatArray = NDArray[np.float64]
Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]

LEAST_SHARE = 0.6
"""Which share of a box must be burned in, outlines and what lies within. Raising it lets thin letters through;
lowering it drops people who stand behind some."""
LEAST_VIEWS = 8
"""How many views, each from another direction, must have shown it. Lowering it tells sooner, and takes what a slow pan
leaves alike for a while, such as a touchline along it, for burned in."""

_TRAVEL = 0.004  # widths of the picture by which the camera has turned between two views
_SHARE_OF_NEWS = 0.05  # of the latest view in the mean
_SHORT_SIDE = 360
_STEADY, _SAME = 7.0, 16.0  # grey levels: mean deviation over the views, and of the picture at hand
_OUTLINE = 50.0  # grey levels by Sobel's operator, in the mean of the views
_WITHIN = np.ones((5, 5), np.uint8)  # what is so near to an outline is part of the letter


class BurnedIn:
    """Learns from picture to picture. One per video of a moving camera."""

    def __init__(self) -> None:
        self._mean: Grey | None = None
        self._deviation: Grey | None = None
        self._views = 0
        self._way = np.eye(3)
        self._steady: Mask | None = None

    def hold(self, picture: Picture, motion: FloatArray, boxes: FloatArray) -> Mask:
        """Which ``boxes`` (N, 4) of the next picture hold what is burned in; ``motion`` (2, 3) is how the camera moved
        it since the last."""
        scale = min(1.0, _SHORT_SIDE / min(picture.shape[:2]))
        grey = _shrink(picture, scale)
        self._way = np.vstack([motion, [0.0, 0.0, 1.0]]) @ self._way
        if self._mean is None or _travel(self._way, picture.shape[1::-1]) > _TRAVEL * picture.shape[1]:
            self._learn(grey)
        if self._steady is None or self._mean is None or not len(boxes):
            return np.zeros(len(boxes), np.bool_)
        burned = self._steady & (np.abs(grey - self._mean) < _SAME)
        return _shares(burned, boxes * scale) >= LEAST_SHARE

    def _learn(self, grey: Grey) -> None:
        self._way = np.eye(3)
        self._views += 1
        if self._mean is None or self._deviation is None:
            self._mean, self._deviation = grey.copy(), np.zeros_like(grey)
            return
        news = np.float32(max(1 / self._views, _SHARE_OF_NEWS))
        change = grey - self._mean
        self._mean += news * change
        self._deviation += news * (np.abs(change) - self._deviation)
        if self._views >= LEAST_VIEWS:
            outlines = _outline(self._mean) & (self._deviation < _STEADY)
            self._steady = cv2.dilate(outlines.astype(np.uint8), _WITHIN).astype(np.bool_)
            self._steady &= self._deviation < _STEADY


def _shrink(picture: Picture, scale: float) -> Grey:
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)


def _travel(way: FloatArray, size: tuple[int, int]) -> float:
    """How far, in pixels, the corner of the picture is moved that moves least: a zoom leaves the middle where it is."""
    corners = np.array([(x, y, 1.0) for x in (0, size[0]) for y in (0, size[1])])
    return float(np.linalg.norm((corners @ way.T - corners)[:, :2], axis=1).min())


def _outline(mean: Grey) -> Mask:
    across, down = cv2.Sobel(mean, cv2.CV_32F, 1, 0), cv2.Sobel(mean, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.magnitude(across, down) > _OUTLINE, np.bool_)


def _shares(mask: Mask, boxes: FloatArray) -> FloatArray:
    """What share of each box (N, 4) the mask covers, as far as it lies in the picture."""
    sums = cv2.integral(mask.astype(np.uint8))
    corners = np.clip(np.rint(boxes), 0, np.array(mask.shape[::-1] * 2)).astype(np.int64)
    left, top, right, bottom = corners.T
    covered = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return np.asarray(covered / np.maximum((right - left) * (bottom - top), 1), np.float64)
