"""Boxes on lines of a drawn pitch, with somebody in them and without."""

import numpy as np
import pytest

from engine.line_pieces import are_pieces_of_lines
from engine.pitch_colour import PixelNoise
from engine.registration.line_mask import draw_lines
from engine.registration.registrar import Registration
from tests.unit.engine.drawn_match import BLACK, BLUE, PERSON_PX, WHITE, draw_person
from tests.unit.engine.registration.drawn_pitch import draw_view, look_at

NOISE = PixelNoise(6.0, 3.0)
VIEW = look_at(75.0, 34.0, focal=1.2)
MEASURED = Registration(VIEW, 0.9, 0.8)
CORNER, LINE, OPEN = (88.5, 54.16), (88.5, 34.0), (70.0, 45.0)  # of the penalty area, its front, and nowhere near
GREEN = (60, 135, 60)


def box_at(place: tuple[float, float]) -> list[float]:
    x, y = VIEW.project(np.array([place]))[0]
    return [x - 0.2 * PERSON_PX, y - PERSON_PX, x + 0.2 * PERSON_PX, y]


def ask(picture: np.ndarray, *places: tuple[float, float], registration: Registration | None = MEASURED) -> list[bool]:
    boxes = np.array([box_at(place) for place in places]).reshape(-1, 4)
    return are_pieces_of_lines(picture, boxes, registration, NOISE).tolist()


def test_a_line_alone_is_nobody_and_grass_alone_is_not_told() -> None:
    assert ask(draw_view(VIEW), CORNER, LINE, OPEN) == [True, True, False]


@pytest.mark.parametrize("shirt", [WHITE, BLUE, BLACK, GREEN])
def test_who_stands_on_a_line_is_somebody_whatever_the_shirt(shirt: tuple[int, int, int]) -> None:
    picture = draw_view(VIEW)
    for place in (CORNER, LINE):
        x, y = VIEW.project(np.array([place]))[0]
        draw_person(picture, (float(x), float(y)), shirt)
    assert ask(picture, CORNER, LINE) == [False, False]


@pytest.mark.parametrize("registration", [None, Registration(VIEW, 0.0, None)])
def test_nothing_is_a_line_where_none_was_measured(registration: Registration | None) -> None:
    assert ask(draw_view(VIEW), CORNER, registration=registration) == [False]


def test_boxes_across_the_edge_and_no_boxes_are_no_trouble() -> None:
    boxes = np.array([[-30.0, 100.0, -5.0, 160.0], [940.0, 500.0, 990.0, 620.0]])
    assert are_pieces_of_lines(draw_view(VIEW), boxes, MEASURED, NOISE).tolist() == [False, False]
    assert ask(draw_view(VIEW)) == []


@pytest.mark.parametrize("view", [VIEW, look_at(52.5, 36.0), look_at(20.0, 40.0, focal=2.5), look_at(75.0, k1=-0.05)])
def test_the_mask_covers_the_lines_that_are_drawn_and_little_else(view) -> None:
    on_lines = draw_view(view).min(axis=2) > 150
    mask = draw_lines(view)
    assert mask[on_lines].mean() > 0.99
    assert mask.mean() < 6 * on_lines.mean()  # which holds no blurred edges
