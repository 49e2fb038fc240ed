"""Which detection continues which track: least total cost, by the Hungarian method."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

FloatArray = NDArray[np.float64]

_FORBIDDEN = 1e6


@dataclass(frozen=True, slots=True)
class Assignment:
    """``pairs`` of (track, detection) numbers, and the numbers that found no partner."""

    pairs: list[tuple[int, int]]
    lone_tracks: list[int]
    lone_detections: list[int]


def assign(costs: FloatArray) -> Assignment:
    """Pair rows (tracks) with columns (detections) of ``costs``; an infinite cost forbids a pair."""
    tracks, detections = costs.shape
    if not costs.size:
        return Assignment([], list(range(tracks)), list(range(detections)))
    finite = np.isfinite(costs)
    rows, columns = linear_sum_assignment(np.where(finite, costs, _FORBIDDEN))
    pairs = [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if finite[row, column]]
    return Assignment(
        pairs,
        _without(tracks, [row for row, _ in pairs]),
        _without(detections, [column for _, column in pairs]),
    )


def _without(count: int, taken: Sequence[int]) -> list[int]:
    return sorted(set(range(count)) - set(taken))
