"""What counts as found."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.scores import Counts, count_boxes, count_points

SQUARE = [0.0, 0.0, 10.0, 10.0]
NOTHING = np.empty((0, 4))
boxes = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(1, 30), st.integers(1, 30)), max_size=6
).map(lambda rows: np.array([[x, y, x + w, y + h] for x, y, w, h in rows], dtype=float).reshape(-1, 4))


def test_a_box_is_found_when_half_of_the_union_is_shared() -> None:
    half, less = np.array([[0, 0, 10, 5]], dtype=float), np.array([[0, 0, 10, 4.9]])
    assert count_boxes(half, np.array([SQUARE])) == Counts(hits=1)
    assert count_boxes(less, np.array([SQUARE])) == Counts(false_alarms=1, misses=1)


def test_two_boxes_for_one_person_are_one_hit_and_one_false_alarm() -> None:
    assert count_boxes(np.array([SQUARE, SQUARE]), np.array([SQUARE])) == Counts(hits=1, false_alarms=1)


def test_pairs_are_as_many_as_there_can_be() -> None:
    """The greedy choice, the nearest pair first, would leave the second ball alone."""
    found, labelled = np.array([[0.0, 0.0], [9.0, 0.0]]), np.array([[5.0, 0.0], [-4.0, 0.0]])
    assert count_points(found, labelled, within=5.0) == Counts(hits=2)


def test_a_ball_is_found_within_the_tolerance() -> None:
    assert count_points(np.array([[3.0, 4.0]]), np.array([[0.0, 0.0]]), within=5.0) == Counts(hits=1)
    assert count_points(np.array([[3.0, 4.1]]), np.array([[0.0, 0.0]]), within=5.0) == Counts(false_alarms=1, misses=1)


def test_ratios() -> None:
    counts = Counts(hits=6, false_alarms=2, misses=4) + Counts(hits=2)
    assert (counts.precision, counts.recall, counts.f1) == pytest.approx((0.8, 8 / 12, 16 / 22))
    assert counts.labelled == 12
    assert math.isnan(Counts().f1)


@given(boxes, boxes)
def test_everything_is_counted_once(found: np.ndarray, labelled: np.ndarray) -> None:
    counts = count_boxes(found, labelled)
    assert (counts.hits + counts.false_alarms, counts.labelled) == (len(found), len(labelled))
    assert count_boxes(labelled, found) == Counts(counts.hits, counts.misses, counts.false_alarms)


@given(boxes)
def test_what_is_labelled_is_found(labelled: np.ndarray) -> None:
    assert count_boxes(labelled, labelled) == Counts(hits=len(labelled))
    assert count_boxes(NOTHING, labelled) == Counts(misses=len(labelled))
