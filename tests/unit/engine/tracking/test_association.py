import numpy as np

from engine.tracking.association import assign


def test_the_pairs_cost_least_together_not_one_by_one():
    # Taking the cheapest pair (0, 0) first would leave (1, 1) at 10.
    assignment = assign(np.array([[1.0, 2.0], [2.0, 10.0]]))
    assert sorted(assignment.pairs) == [(0, 1), (1, 0)]


def test_a_forbidden_pair_is_never_made():
    assignment = assign(np.array([[np.inf, np.inf], [3.0, np.inf]]))
    assert assignment.pairs == [(1, 0)]
    assert assignment.lone_tracks == [0]
    assert assignment.lone_detections == [1]


def test_nothing_to_pair_leaves_everybody_alone():
    assert assign(np.zeros((0, 2))).lone_detections == [0, 1]
    assert assign(np.zeros((2, 0))).lone_tracks == [0, 1]
