"""People off the pitch are told by where their feet are, if the picture tells where the pitch is."""

import numpy as np
import pytest

from engine.off_pitch import are_on_pitch
from engine.registration.registrar import Registration
from tests.unit.engine.registration.drawn_pitch import look_at

VIEW = look_at(52.5, 20.0, focal=0.8)
MEASURED = Registration(VIEW, 0.9, 0.8)


def stand_at(*places: tuple[float, float]) -> np.ndarray:
    """Boxes (N, 4) of people at places in metres."""
    feet = VIEW.project(np.array(places))
    heights = 3.6 * (VIEW.project(np.array(places) + np.array([0.5, 0.0]))[:, 0] - feet[:, 0])  # 1.8 m
    return np.column_stack([feet[:, 0] - 4, feet[:, 1] - heights, feet[:, 0] + 4, feet[:, 1]])


@pytest.mark.parametrize(
    ("place", "stays"),
    [
        ((50.0, 30.0), True),
        ((50.0, -1.5), True),  # an assistant referee
        ((50.0, -9.0), False),  # a bench
        ((30.0, -12.0), False),
    ],
)
def test_who_stands_far_outside_a_line_is_off(place: tuple[float, float], stays: bool) -> None:
    assert are_on_pitch(stand_at(place), MEASURED).tolist() == [stays]


def test_who_stands_above_the_horizon_is_off() -> None:
    assert are_on_pitch(np.array([[400.0, -400.0, 410.0, -380.0]]), MEASURED).tolist() == [False]


def test_feet_are_told_to_a_tenth_of_a_person() -> None:
    box = stand_at((50.0, -2.8))
    assert are_on_pitch(box, MEASURED).tolist() == [True]


@pytest.mark.parametrize("registration", [None, Registration(VIEW, 0.0, None)])
def test_nobody_is_off_where_no_line_was_measured(registration: Registration | None) -> None:
    assert are_on_pitch(stand_at((50.0, 30.0), (50.0, -12.0)), registration).tolist() == [True, True]


def test_nobody_is_nobody() -> None:
    assert are_on_pitch(np.empty((0, 4)), MEASURED).tolist() == []
