"""How a moving camera shifted the picture from one frame to the next."""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.video import Picture

FloatArray = NDArray[np.float64]

_WIDTH = 480
_CORNERS = 150
_MIN_FOLLOWED = 12
_APART_PX = 8
_WINDOW_PX = 15
_ENOUGH_STEPS = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.01)
"""These take less than half the time of 300 corners in a picture 640 pixels wide. Corners of a television picture of
1280 pixels then come out 0.1 px elsewhere in the median, and 0.3 px in one of ten."""


class CameraMotion:
    """Follows corners of the scene (Lucas-Kanade) and fits a similarity to most of them (RANSAC)."""

    def __init__(self) -> None:
        self._last: NDArray[np.uint8] | None = None

    def measure(self, picture: Picture) -> FloatArray:
        """Similarity (2, 3) from pixels of the last picture to pixels of this one; identity when nothing is sure."""
        scale = _WIDTH / picture.shape[1]
        size = (_WIDTH, max(1, round(picture.shape[0] * scale)))
        grey = np.asarray(cv2.cvtColor(cv2.resize(picture, size), cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        last, self._last = self._last, grey
        motion = None if last is None or last.shape != grey.shape else _follow(last, grey)
        if motion is None:
            return np.eye(2, 3)
        motion[:, 2] /= scale
        return motion


def _follow(last: NDArray[np.uint8], grey: NDArray[np.uint8]) -> FloatArray | None:
    corners = cv2.goodFeaturesToTrack(last, _CORNERS, 0.01, _APART_PX)
    if corners is None or len(corners) < _MIN_FOLLOWED:
        return None
    moved, status, _ = cv2.calcOpticalFlowPyrLK(
        last, grey, corners, np.zeros_like(corners), winSize=(_WINDOW_PX, _WINDOW_PX), criteria=_ENOUGH_STEPS
    )
    followed = status.ravel() == 1
    if followed.sum() < _MIN_FOLLOWED:
        return None
    motion, _ = cv2.estimateAffinePartial2D(corners[followed], moved[followed], ransacReprojThreshold=1.5)
    return None if motion is None else np.asarray(motion, dtype=np.float64)
