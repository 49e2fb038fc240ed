"""Boxes (N, 4) of x_min, y_min, x_max, y_max."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def overlaps(boxes: FloatArray, others: FloatArray) -> FloatArray:
    """Intersection over union of all pairs, (N, M)."""
    first, second = boxes[:, np.newaxis], others[np.newaxis]
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    shared = np.prod(np.clip(sides, 0.0, None), axis=-1)
    return np.asarray(shared / (_areas(boxes)[:, np.newaxis] + _areas(others)[np.newaxis] - shared), dtype=np.float64)


def drop_overlapping(boxes: FloatArray, *, most: float) -> list[int]:
    """Which of ``boxes``, the best first, remain when each must share at most ``most`` with every better one."""
    shared = overlaps(boxes, boxes)
    kept: list[int] = []
    for index in range(len(boxes)):
        if not kept or shared[index, kept].max() <= most:
            kept.append(index)
    return kept


def _areas(boxes: FloatArray) -> FloatArray:
    return np.asarray(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1), dtype=np.float64)
