"""What stands in the maps of our own network."""

import numpy as np
import pytest

from engine.networks.points import BALL_STRIDE, PEOPLE_STRIDE, read_balls, read_people


def people_map(*people: tuple[int, int, float], role: int = 0) -> np.ndarray:
    """Somebody at each (row, column, confidence), whose box reaches a cell to the sides and two up and down."""
    channels = np.zeros((8, 10, 12), np.float32)
    for row, column, confidence in people:
        channels[0, row, column] = confidence
        channels[1 + role, row, column] = 1.0
        channels[4:, row, column] = 1.0, 2.0, 1.0, 2.0
    return channels


def test_a_peak_is_a_person() -> None:
    boxes, confidences, roles = read_people(people_map((4, 6, 0.9), role=2), least=0.5)
    middle = PEOPLE_STRIDE * np.array([6.5, 4.5])
    reach = PEOPLE_STRIDE * np.array([1.0, 2.0])
    assert boxes == pytest.approx(np.array([[*(middle - reach), *(middle + reach)]]))
    assert confidences == pytest.approx([0.9])
    assert roles.argmax(axis=1).tolist() == [2]


def test_the_slope_of_a_peak_is_nobody() -> None:
    _, confidences, _ = read_people(people_map((4, 6, 0.9), (4, 7, 0.8), (5, 6, 0.7)), least=0.5)
    assert confidences == pytest.approx([0.9])


def test_the_likeliest_come_first_and_the_unlikely_not_at_all() -> None:
    _, confidences, _ = read_people(people_map((1, 1, 0.6), (4, 6, 0.4), (8, 10, 0.8)), least=0.5)
    assert confidences == pytest.approx([0.8, 0.6])


def test_two_peaks_of_one_person_are_one_person() -> None:
    channels = people_map((4, 6, 0.9), (4, 8, 0.8))
    assert len(read_people(channels, least=0.5)[0]) == 2
    channels[4:, 4, 8] = 3.0, 2.0, -1.0, 2.0  # the same box, seen from two cells aside
    assert len(read_people(channels, least=0.5)[0]) == 1


def test_a_ball_lies_where_its_cell_points_to() -> None:
    channels = np.zeros((3, 10, 12), np.float32)
    channels[:, 3, 5] = 0.7, 0.25, -0.5
    centres, confidences = read_balls(channels, least=0.5)
    assert centres == pytest.approx(BALL_STRIDE * np.array([[5.75, 3.0]]))
    assert confidences == pytest.approx([0.7])


def test_an_empty_picture_holds_nobody() -> None:
    assert read_people(people_map(), least=0.5)[0].shape == (0, 4)
    assert read_balls(np.zeros((3, 4, 4), np.float32), least=0.5)[0].shape == (0, 2)
