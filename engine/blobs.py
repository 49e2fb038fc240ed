"""Connected parts of a mask."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blobs:
    """``boxes`` (N, 4) as x_min, y_min, x_max, y_max; ``areas`` (N,); ``centres`` (N, 2) of gravity. In ``labels``
    (height, width) the pixels of blob n are n + 1, and all others 0."""

    boxes: FloatArray
    areas: FloatArray
    centres: FloatArray
    labels: NDArray[np.int32]


def find_blobs(mask: Mask) -> Blobs:
    """Blobs of ``mask`` (height, width), whose pixels touch by an edge or a corner."""
    # With one thread, Grana's algorithm takes half the time of the one that OpenCV takes by itself.
    count, labels, stats, centres = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask.view(np.uint8), 8, cv2.CV_32S, cv2.CCL_GRANA
    )
    stats = np.asarray(stats[1:count], dtype=np.float64)
    left, top, width, height = (stats[:, column] for column in range(4))
    boxes = np.column_stack([left, top, left + width, top + height])
    areas = np.asarray(stats[:, cv2.CC_STAT_AREA], dtype=np.float64)
    return Blobs(boxes, areas, np.asarray(centres[1:count], dtype=np.float64), np.asarray(labels, dtype=np.int32))
