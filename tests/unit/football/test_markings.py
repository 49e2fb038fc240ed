import numpy as np
import pytest

from football.markings import LABELLED_POINTS, MIRRORED_POINTS, PITCH_POINTS, trace_lines
from football.pitch import STANDARD_PITCH


def test_the_labelled_points_stand_in_the_order_of_the_data_set():
    assert PITCH_POINTS[0] == pytest.approx([0, 0])
    assert PITCH_POINTS[12] == pytest.approx([16.5, 54.16])
    assert PITCH_POINTS[16] == pytest.approx([52.5, 68])
    assert PITCH_POINTS[23] == pytest.approx([99.5, 43.16])
    assert PITCH_POINTS[LABELLED_POINTS - 1] == pytest.approx([61.65, 34])


def test_every_point_but_those_beside_the_penalty_areas_and_at_the_marks_lies_on_a_line():
    lines = np.concatenate(trace_lines())
    distances = np.linalg.norm(PITCH_POINTS[:, np.newaxis] - lines, axis=2).min(axis=1)
    assert np.flatnonzero(distances > 0.3).tolist() == [8, 21]  # the penalty marks
    assert STANDARD_PITCH.contains(lines, margin_m=1e-9).all()


def test_mirrored_points_change_sides_and_stay_as_far_away():
    mirrored = PITCH_POINTS[MIRRORED_POINTS]
    assert mirrored[:, 0] == pytest.approx(STANDARD_PITCH.length_m - PITCH_POINTS[:, 0])
    assert mirrored[:, 1] == pytest.approx(PITCH_POINTS[:, 1])
    assert MIRRORED_POINTS[MIRRORED_POINTS].tolist() == list(range(len(PITCH_POINTS)))
