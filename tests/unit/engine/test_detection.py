import numpy as np
import pytest

from engine.background import Background, find_median, is_fixed_camera
from engine.detection import DEFAULT_CONFIDENCE, ClassicalDetector
from engine.person_size import LearntSize
from engine.pitch_colour import find_local_colour, measure_noise, to_lab
from engine.pitch_mask import ColouredRegion
from tests.unit.engine.drawn_match import (
    BLACK,
    BLUE,
    HEIGHT,
    PERSON_PX,
    STAND_ROWS,
    WHITE,
    WIDTH,
    YELLOW,
    Figure,
    draw_frames,
    draw_pitch,
)

PLAYERS = [
    Figure((100, 200), BLUE, (3, 0)),
    Figure((200, 300), WHITE, (4, -1)),
    Figure((480, 250), WHITE, (-3, 0)),
    Figure((560, 330), BLUE, (-2, -1)),
    Figure((250, 160), BLACK, (0, 3)),
    Figure((420, 150), YELLOW, (5, 1)),
]


def make_detector(pictures, *, fixed: bool) -> ClassicalDetector:
    lab = to_lab(find_median(pictures) if fixed else pictures[0])
    region = ColouredRegion(lab)
    noise = measure_noise(lab, find_local_colour(lab), region.mask)
    size = LearntSize((WIDTH, HEIGHT))
    size.learn(np.array([[x, y] for x in (100.0, 500.0) for y in range(100, 340, 20)]), np.full(24, float(PERSON_PX)))
    return ClassicalDetector(
        size, noise, region=region if fixed else None, background=Background(lab, noise) if fixed else None
    )


def feet_of(detector: ClassicalDetector, picture) -> list[tuple[float, float]]:
    people = [one.box for one in detector.detect(picture).people if one.confidence >= DEFAULT_CONFIDENCE]
    return sorted(((box[0] + box[2]) / 2, box[3]) for box in people)


@pytest.mark.parametrize("fixed", [True, False], ids=["with a background", "picture by picture"])
def test_everybody_is_found_and_no_line_is_taken_for_a_person(fixed):
    pictures = list(draw_frames(PLAYERS, 15))
    feet = feet_of(make_detector(pictures, fixed=fixed), pictures[10])
    expected = sorted(player.foot(10) for player in PLAYERS)
    assert len(feet) == len(expected)
    assert np.abs(np.array(feet) - expected).max() <= 4


def test_somebody_who_never_moves_stays_a_person():
    still = [Figure((150, 220), YELLOW)]
    pictures = list(draw_frames(still, 10))
    assert len(feet_of(make_detector(pictures, fixed=True), pictures[-1])) == 1


def test_an_empty_pitch_holds_nobody():
    pictures = [draw_pitch()] * 5
    assert feet_of(make_detector(pictures, fixed=True), pictures[0]) == []
    assert feet_of(make_detector(pictures, fixed=False), pictures[0]) == []


def test_somebody_in_the_stand_is_not_on_the_pitch():
    pictures = list(draw_frames([Figure((150, STAND_ROWS - 5), BLUE, (2, 0))], 10))
    assert feet_of(make_detector(pictures, fixed=True), pictures[5]) == []


def test_the_drawn_pitch_is_the_green_part_up_to_the_stand():
    mask = ColouredRegion(to_lab(draw_pitch())).mask
    assert not mask[: STAND_ROWS - 8].any()
    assert mask[STAND_ROWS + 8 :].mean() > 0.96


def test_a_picture_without_green_has_no_pitch():
    assert not ColouredRegion(to_lab(np.full((120, 160, 3), 128, np.uint8))).mask.any()


def test_a_camera_that_pans_is_not_fixed():
    wide = np.concatenate([draw_pitch(), draw_pitch()], axis=1)
    panned = [np.ascontiguousarray(wide[:, shift : shift + WIDTH]) for shift in range(0, 400, 40)]
    still = list(draw_frames(PLAYERS, 10))
    assert not is_fixed_camera(panned, find_median(panned))
    assert is_fixed_camera(still, find_median(still))


@pytest.mark.parametrize("count", [1, 2, 7, 24, 25])
def test_the_median_of_pictures_is_that_of_each_pixel(count):
    pictures = np.random.default_rng(count).integers(0, 256, (count, 21, 13, 3), dtype=np.uint8)
    assert (find_median(list(pictures)) == np.sort(pictures, axis=0)[count // 2]).all()
