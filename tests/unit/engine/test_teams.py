import numpy as np
import pytest

from engine.colour_names import find_white, name_colour, to_hex
from engine.pitch_colour import to_lab
from engine.teams import find_kits, measure_shirt, name_team
from tests.unit.engine.drawn_match import BLACK, BLUE, WHITE, YELLOW, draw_person, draw_pitch


def shirts_of(*colours: tuple[int, int, int]) -> np.ndarray:
    """Shirts as they are measured on drawn people."""
    measured = []
    for colour in colours:
        empty = draw_pitch(lines=False)
        picture = empty.copy()
        draw_person(picture, (200, 200), colour)
        measured.append(measure_shirt(to_lab(picture), (picture != empty).any(axis=2), (194.0, 160.0, 206.0, 200.0)))
    return np.array(measured)


def test_two_teams_are_split_and_goalkeeper_and_referee_are_others():
    shirts = shirts_of(BLUE, BLUE, BLUE, BLUE, WHITE, WHITE, WHITE, WHITE, YELLOW, BLACK)
    shirts += np.random.default_rng(1).normal(0, 2, shirts.shape)
    kits = find_kits(shirts, np.full(10, 100.0))
    assert [kit.team for kit in kits] == ["A", "B", "other", "other"]
    assert [name_team(shirt, kits) for shirt in shirts] == ["B"] * 4 + ["A"] * 4 + ["other"] * 2


def test_the_lighter_kit_is_a_however_many_wear_it():
    shirts = shirts_of(BLUE, BLUE, BLUE, BLUE, BLUE, WHITE, WHITE)
    kits = find_kits(shirts, np.ones(7))
    assert name_colour(kits[0].lab, np.zeros(2)) == "white"


@pytest.mark.parametrize(
    "shirts",
    [
        pytest.param((BLUE, BLUE, BLUE), id="one team only"),
        pytest.param((BLUE,), id="one person"),
    ],
)
def test_without_two_kits_nobody_has_a_team(shirts):
    kits = find_kits(shirts_of(*shirts), np.ones(len(shirts)))
    assert kits == []
    assert name_team(shirts_of(BLUE)[0], kits) == ""


@pytest.mark.parametrize(
    ("bgr", "name", "code"),
    [
        (BLUE, "blue", "#143cc8"),
        (WHITE, "white", "#ebebeb"),
        (BLACK, "black", "#191919"),
        (YELLOW, "yellow", "#ebdc1e"),
        ((30, 30, 200), "red", "#c81e1e"),
        ((60, 160, 40), "green", "#28a03c"),
        ((30, 140, 240), "orange", "#f08c1e"),
    ],
)
def test_kits_have_the_names_that_people_give_them(bgr, name, code):
    lab = to_lab(np.full((1, 1, 3), bgr, np.uint8))[0, 0].astype(float)
    cie = np.array([lab[0] * 100 / 255, lab[1] - 128, lab[2] - 128])
    assert name_colour(cie, np.zeros(2)) == name
    channels = [int(to_hex(cie)[start : start + 2], 16) for start in (1, 3, 5)]
    assert channels == pytest.approx([int(code[start : start + 2], 16) for start in (1, 3, 5)], abs=6)


def test_a_white_shirt_in_blue_light_is_white_against_the_lines():
    lines = to_lab(np.full((30, 30, 3), (235, 205, 200), np.uint8))
    white = find_white(lines, np.ones((30, 30), np.bool_))
    shirt = np.array([60.0, white[0] + 4, white[1] - 12])
    assert name_colour(shirt, np.zeros(2)) == "blue"
    assert name_colour(shirt, white) == "white"


def test_a_shirt_of_a_team_in_brighter_light_is_no_kit_of_others():
    white, blue, bright_blue = (63.0, 15.0, -34.0), (39.0, 21.0, -49.0), (38.0, 34.0, -67.0)
    shirts = np.array([white] * 5 + [blue] * 4 + [bright_blue])
    kits = find_kits(shirts, np.full(len(shirts), 100.0))
    assert [kit.team for kit in kits] == ["A", "B"]
    between = np.array([39.0, 28.0, -58.0])
    assert [name_team(np.array(shirt), kits) for shirt in (white, blue, bright_blue, between)] == ["A", "B", "B", "B"]
