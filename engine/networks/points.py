"""The network that we train (``training/detector``): heat maps of people and of the ball.

It answers with logits, and what only counts at peaks is worked out there only.
"""

import math

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from scipy.special import expit, logit, softmax

from engine.networks.found import Found, drop_doubles
from engine.video import Picture

FloatArray = NDArray[np.float64]
Maps = NDArray[np.float32]

PEOPLE_STRIDE, BALL_STRIDE = 8, 4
"""Pixels of the network's picture per cell of the two maps."""
PEOPLE_MAP, BALL_MAP = "people_logits", "ball_logits"
MIDDLE_LEVEL = 110.0
"""What is taken off each level of a pixel. Outside the picture the network sees this level."""

_MULTIPLE = 32  # sides of the network's picture are multiples of this
_LEAST_ROWS, _MOST_ROWS, _STEP = 448, 576, 64
"""Pictures are scaled down to so many rows. Raising them shows far people and the ball larger, and costs time in
proportion to their square; a ball of 11 px at 1080p is left with 5.9."""
_BODY_PX = 31.0
"""How tall people must stay when a picture is scaled down further than to the most rows."""


class PointNetwork:
    """Reads heat maps. Several threads may use it at a time."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session

    def find(self, picture: Picture, *, least: float, body_px: float | None = None) -> Found:
        height, width = picture.shape[:2]
        factor = min(1.0, _choose_rows(height, body_px) / height)
        size = _to_multiple(width * factor), _to_multiple(height * factor)
        people, ball = self._session.run([PEOPLE_MAP, BALL_MAP], {"pictures": _to_batch(picture, size)})
        scale = np.array([width / size[0], height / size[1]])
        boxes, confidences, chances = read_people(people[0], least=least)
        balls, ball_confidences = read_balls(ball[0], least=least)
        return Found(boxes * np.tile(scale, 2), confidences, chances, balls * scale, ball_confidences)


def read_people(channels: Maps, *, least: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Boxes (N, 4) in pixels, confidences (N,) and the chances of each kind (N, 3) in a map (8, H, W).

    Its channels: logit of somebody's middle, logits of the kinds, and what softplus turns into the distances from there
    to the left, top, right and bottom of the box, in cells.
    """
    rows, columns, confidences = _find_peaks(channels[0], least)
    sides = np.logaddexp(0.0, channels[4:, rows, columns].T.astype(np.float64))
    middles = np.column_stack([columns + 0.5, rows + 0.5])
    boxes = PEOPLE_STRIDE * np.concatenate([middles - sides[:, :2], middles + sides[:, 2:]], axis=1)
    kept = drop_doubles(boxes, confidences)
    chances = softmax(channels[1:4, rows, columns].T.astype(np.float64), axis=1)
    return boxes[kept], confidences[kept], chances[kept]


def read_balls(channels: Maps, *, least: float) -> tuple[FloatArray, FloatArray]:
    """Centres (N, 2) in pixels and confidences (N,) in a map (3, H, W).

    Its channels: logit of the ball, and how far to the right and down from the middle of the cell it is, in cells.
    """
    rows, columns, confidences = _find_peaks(channels[0], least)
    shifts = channels[1:, rows, columns].T.astype(np.float64)
    return BALL_STRIDE * (np.column_stack([columns + 0.5, rows + 0.5]) + shifts), confidences


def _to_batch(picture: Picture, size: tuple[int, int]) -> Maps:
    """A batch (1, 3, H, W) of the picture at ``size`` (width, height)."""
    # Several times faster than an average over areas, and than OpenCV's blobs. What is shrunk to less than half would
    # get jagged by it.
    method = cv2.INTER_LINEAR if 2 * size[1] >= len(picture) else cv2.INTER_AREA
    batch = np.empty((1, 3, size[1], size[0]), np.float32)
    for channel, levels in zip(cv2.split(cv2.resize(picture, size, interpolation=method)), batch[0], strict=True):
        np.subtract(channel, np.float32(MIDDLE_LEVEL), out=levels)
    return batch


def _find_peaks(heat: Maps, least: float) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:
    """Rows, columns and chances of cells of logits that no neighbour tops, the greatest first."""
    is_peak = (heat >= logit(least)) & (heat >= cv2.dilate(heat, np.ones((3, 3), np.uint8)))
    rows, columns = np.nonzero(is_peak)
    values = expit(heat[rows, columns].astype(np.float64))
    order = np.argsort(-values, kind="stable")
    return rows[order], columns[order], values[order]


def _choose_rows(height: int, body_px: float | None) -> int:
    """As few as leave people their size, in steps, so that not each picture has another size."""
    if body_px is None:
        return _MOST_ROWS
    wanted = math.ceil(_BODY_PX / body_px * height / _STEP) * _STEP
    return min(_MOST_ROWS, max(_LEAST_ROWS, wanted))


def _to_multiple(pixels: float) -> int:
    return max(1, round(pixels / _MULTIPLE)) * _MULTIPLE
