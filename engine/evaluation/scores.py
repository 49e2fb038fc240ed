"""Counts of what was found, what was not there, and what was missed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.boxes import overlaps

FloatArray = NDArray[np.float64]

MIN_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over pictures; a ratio of nothing is NaN."""

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.false_alarms + other.false_alarms, self.misses + other.misses)

    @property
    def labelled(self) -> int:
        return self.hits + self.misses

    @property
    def precision(self) -> float:
        return _ratio(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> float:
        return _ratio(self.hits, self.labelled)

    @property
    def f1(self) -> float:
        return _ratio(2 * self.hits, 2 * self.hits + self.false_alarms + self.misses)


def count_boxes(found: FloatArray, labelled: FloatArray) -> Counts:
    """Boxes (N, 4) against boxes (M, 4); of a pair, at least half of the union is shared."""
    return _count(-overlaps(found, labelled), most=-MIN_OVERLAP)


def count_points(found: FloatArray, labelled: FloatArray, *, within: float) -> Counts:
    """Points (N, 2) against points (M, 2); those of a pair are at most ``within`` apart."""
    distances = np.hypot(*(found[:, np.newaxis] - labelled[np.newaxis]).transpose(2, 0, 1))
    return _count(distances, most=within)


def _count(costs: FloatArray, *, most: float) -> Counts:
    """The largest number of pairs that cost at most ``most``, and among those the cheapest."""
    is_pair = costs <= most
    rows, columns = linear_sum_assignment(np.where(is_pair, costs, costs.max(initial=0.0) + costs.size + 1e6))
    hits = int(is_pair[rows, columns].sum())
    return Counts(hits, costs.shape[0] - hits, costs.shape[1] - hits)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
