import numpy as np
import pytest

from engine.boxes import drop_overlapping, overlaps

SQUARE = [0.0, 0.0, 10.0, 10.0]


def test_overlap_is_intersection_over_union() -> None:
    others = np.array([SQUARE, [5, 0, 15, 10], [10, 0, 20, 10], [2, 2, 4, 4]], dtype=float)
    assert overlaps(np.array([SQUARE]), others)[0] == pytest.approx([1.0, 1 / 3, 0.0, 0.04])


def test_the_better_of_two_that_are_mostly_one_is_kept() -> None:
    boxes = np.array([SQUARE, [1, 0, 11, 10], [5, 0, 15, 10], [6, 0, 16, 10]], dtype=float)
    assert drop_overlapping(boxes, most=0.6) == [0, 2]
    assert drop_overlapping(boxes[:0], most=0.6) == []


def test_what_was_dropped_drops_nothing() -> None:
    """The third is like the second, which goes because of the first; the first itself is far enough."""
    boxes = np.array([SQUARE, [2, 0, 12, 10], [4, 0, 14, 10]], dtype=float)
    assert drop_overlapping(boxes, most=0.6) == [0, 2]
