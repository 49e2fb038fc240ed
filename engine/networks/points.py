"""The network that we train (``training/detector``): heat maps of people and of the ball."""

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from engine.networks.found import Found, drop_doubles
from engine.video import Picture

FloatArray = NDArray[np.float64]
Maps = NDArray[np.float32]

PEOPLE_STRIDE, BALL_STRIDE = 8, 4
"""Pixels of the network's picture per cell of the two maps."""
PEOPLE_MAP, BALL_MAP = "people", "ball"

_MULTIPLE = 32  # sides of the network's picture are multiples of this
_HEIGHT = 640
"""Pictures that are higher are scaled down to this. Raising it shows far people and the ball larger, and costs time in
proportion to its square; a ball of 11 px at 1080p is left with 6.5."""


class PointNetwork:
    """Reads heat maps."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session

    def find(self, picture: Picture, *, least: float) -> Found:
        height, width = picture.shape[:2]
        factor = min(1.0, _HEIGHT / height)
        size = _to_multiple(width * factor), _to_multiple(height * factor)
        people, ball = self._session.run([PEOPLE_MAP, BALL_MAP], {"pictures": _to_batch(picture, size)})
        scale = np.array([width / size[0], height / size[1]])
        boxes, confidences, chances = read_people(people[0], least=least)
        balls, ball_confidences = read_balls(ball[0], least=least)
        return Found(boxes * np.tile(scale, 2), confidences, chances, balls * scale, ball_confidences)


def read_people(channels: Maps, *, least: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Boxes (N, 4) in pixels, confidences (N,) and the chances of each kind (N, 3) in a map (8, H, W)."""
    rows, columns, confidences = _find_peaks(channels[0], least)
    sides = channels[4:, rows, columns].T.astype(np.float64)
    middles = np.column_stack([columns + 0.5, rows + 0.5])
    boxes = PEOPLE_STRIDE * np.concatenate([middles - sides[:, :2], middles + sides[:, 2:]], axis=1)
    kept = drop_doubles(boxes, confidences)
    return boxes[kept], confidences[kept], channels[1:4, rows, columns].T.astype(np.float64)[kept]


def read_balls(channels: Maps, *, least: float) -> tuple[FloatArray, FloatArray]:
    """Centres (N, 2) in pixels and confidences (N,) in a map (3, H, W)."""
    rows, columns, confidences = _find_peaks(channels[0], least)
    shifts = channels[1:, rows, columns].T.astype(np.float64)
    return BALL_STRIDE * (np.column_stack([columns + 0.5, rows + 0.5]) + shifts), confidences


def _to_batch(picture: Picture, size: tuple[int, int]) -> Maps:
    """A batch (1, 3, H, W) of the picture at ``size`` (width, height)."""
    # Several times faster than an average over areas, and than OpenCV's blobs. What is shrunk to less than half would
    # get jagged by it.
    method = cv2.INTER_LINEAR if 2 * size[1] >= len(picture) else cv2.INTER_AREA
    channels = cv2.split(cv2.resize(picture, size, interpolation=method))
    return np.stack(channels)[np.newaxis].astype(np.float32)


def _find_peaks(heat: Maps, least: float) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:
    """Rows, columns and values of cells that no neighbour tops, the greatest first."""
    is_peak = (heat >= least) & (heat >= cv2.dilate(heat, np.ones((3, 3), np.uint8)))
    rows, columns = np.nonzero(is_peak)
    values = heat[rows, columns].astype(np.float64)
    order = np.argsort(-values, kind="stable")
    return rows[order], columns[order], values[order]


def _to_multiple(pixels: float) -> int:
    return max(1, round(pixels / _MULTIPLE)) * _MULTIPLE
