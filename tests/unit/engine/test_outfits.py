"""Colours of what people wear, from their pixels."""

import numpy as np
import pytest

from engine.outfits import PARTS, find_soles, measure_outfits, measure_shirts
from engine.pitch_colour import PixelNoise, to_lab
from engine.teams import to_cie_lab
from tests.unit.engine.drawn_match import BLUE, PERSON_PX, WHITE, draw_person, draw_pitch

NOISE = PixelNoise(6.0, 3.0)
FEET = [(100, 200), (300, 150), (500, 300)]
SHIRTS = [BLUE, WHITE, BLUE]
SKIN, RED, BLACK = (120, 160, 220), (30, 30, 200), (20, 20, 20)


def box_of(foot):
    x, y = foot
    return [x - 0.25 * PERSON_PX, y - PERSON_PX, x + 0.25 * PERSON_PX, y]


def colour_of(bgr):
    return to_cie_lab(to_lab(np.array(bgr, np.uint8).reshape(1, 1, 3)))[0, 0]


def test_everybody_has_the_colour_of_the_shirt_and_not_of_the_grass_beside_it():
    picture = draw_pitch()
    for foot, shirt in zip(FEET, SHIRTS, strict=True):
        draw_person(picture, foot, shirt)
    colours = measure_shirts(picture, np.array([box_of(foot) for foot in FEET]), NOISE)
    for colour, shirt in zip(colours, SHIRTS, strict=True):
        assert colour == pytest.approx(colour_of(shirt), abs=3)


@pytest.mark.parametrize("box", [(-20, 10, 15, 90), (600, 300, 700, 500), (30.2, 40.1, 30.4, 40.2)])
def test_boxes_across_the_edge_and_of_no_size_have_some_colour(box):
    colours = measure_shirts(draw_pitch(), np.array([box], dtype=np.float64), NOISE)
    assert colours.shape == (1, 3)
    assert np.isfinite(colours).all()


def test_a_giant_is_looked_at_here_and_there():
    picture = draw_pitch(lines=False)
    picture[100:340, 200:300] = WHITE
    (colour,) = measure_shirts(picture, np.array([[190, 90, 310, 350]], dtype=np.float64), NOISE)
    assert colour == pytest.approx(colour_of(WHITE), abs=2)


def test_of_nobody_there_is_no_colour():
    assert measure_shirts(draw_pitch(), np.empty((0, 4)), NOISE).shape == (0, 3)


def cut_off(foot, rows):
    x_min, y_min, x_max, y_max = box_of(foot)
    return [x_min, y_min, x_max, y_max - rows]


def test_a_box_that_cuts_off_the_feet_is_moved_down_to_them():
    picture = draw_pitch(lines=False)
    for foot, shirt in zip(FEET, SHIRTS, strict=True):
        draw_person(picture, foot, shirt)
    boxes = np.array([cut_off(foot, 4) for foot in FEET], dtype=np.float64)
    assert find_soles(picture, boxes, NOISE) == pytest.approx([y for _, y in FEET], abs=1.5)


def test_a_box_that_ends_on_grass_stays():
    picture = draw_pitch(lines=False)
    draw_person(picture, FEET[0], BLUE)
    boxes = np.array([cut_off(FEET[0], -4), box_of(FEET[1])], dtype=np.float64)  # nobody is in the second
    assert find_soles(picture, boxes, NOISE) == pytest.approx(boxes[:, 3])


def test_neither_a_line_nor_another_person_is_taken_for_feet():
    picture = draw_pitch(lines=False)
    draw_person(picture, FEET[0], BLUE)
    picture[FEET[0][1] - 3 : FEET[0][1] + 3] = WHITE  # a line along the picture
    draw_person(picture, (300, 150 + PERSON_PX), WHITE)
    boxes = np.array([cut_off(FEET[0], 3), box_of((300, 175))], dtype=np.float64)  # one ends within a shirt
    assert find_soles(picture, boxes, NOISE) == pytest.approx(boxes[:, 3])


def test_boxes_at_the_lower_edge_of_the_picture_stay_in_it():
    picture = draw_pitch(lines=False)
    height = len(picture)
    draw_person(picture, (100, height + 5), BLUE)
    boxes = np.array([box_of((100, height - 2)), box_of((100, height + 30))], dtype=np.float64)
    assert find_soles(picture, boxes, NOISE) == pytest.approx(boxes[:, 3])
    assert find_soles(picture, boxes[:0], NOISE).shape == (0,)


def draw_striped_person(picture, left, top):
    """20 x 50 px: head, red shirt, black shorts, bare knees, white socks, with grass beside the legs."""
    for colour, first, last, margin in (
        (SKIN, 0, 8, 6), (RED, 8, 25, 0), (BLACK, 25, 33, 2), (SKIN, 33, 35, 5), (WHITE, 35, 50, 5),
    ):  # fmt: skip
        picture[top + first : top + last, left + margin : left + 20 - margin] = colour


def test_each_part_of_an_outfit_has_its_own_colour():
    picture = draw_pitch(lines=False)
    draw_striped_person(picture, 150, 80)
    boxes = np.array([[150.0, 80.0, 170.0, 130.0]])
    outfits = measure_outfits(picture, boxes, NOISE)
    worn = dict(zip(PARTS, outfits[0], strict=True))
    for part, colour in (("shirt", RED), ("shorts", BLACK), ("socks", WHITE), ("head", SKIN)):
        assert worn[part] == pytest.approx(colour_of(colour), abs=2), part
    assert measure_shirts(picture, boxes, NOISE) == pytest.approx(outfits[:, 0])


def test_nobody_wears_nothing():
    assert measure_outfits(draw_pitch(), np.empty((0, 4)), NOISE).shape == (0, len(PARTS), 3)
