"""A homography that is somewhat wrong is led to the lines that were drawn."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from engine.registration.alignment import NEXT_SEARCH, Points, align, judge
from engine.registration.line_search import to_grey
from engine.registration.registrar import is_supported
from football.markings import PITCH_POINTS
from tests.unit.engine.registration.drawn_pitch import GRASS, SIZE, draw_view, error_px, look_at, shake

VIEWS = {"halfway": look_at(52.5), "left": look_at(20.0), "right, near": look_at(85.0, focal=2.0)}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("view", VIEWS)
def test_a_shaken_view_is_led_back_to_the_lines(view: str, seed: int) -> None:
    true = VIEWS[view]
    start = shake(true, seed, by=0.005)
    found = align(start, to_grey(draw_view(true)))
    assert error_px(start, true) > 1.5
    assert error_px(found.view, true) < 1.0
    assert is_supported(found)
    assert found.error_px < 0.5


def test_people_and_stripes_in_front_do_not_lead_astray() -> None:
    true, random = VIEWS["left"], np.random.default_rng(3)
    picture = draw_view(true)
    for x, y in random.uniform((0, 150), SIZE, (40, 2)).astype(int):
        cv2.rectangle(picture, (x, y), (x + 14, y + 36), random.integers(0, 255, 3).tolist(), -1)
    for x in range(0, SIZE[0], 60):  # mown stripes have edges and no ridges
        picture[:, x : x + 30] = np.clip(picture[:, x : x + 30].astype(int) + 12, 0, 255)
    found = align(shake(true, 1, by=0.005), to_grey(picture))
    assert error_px(found.view, true) < 1.5
    assert is_supported(found)


def test_points_hold_what_lines_do_not_tell() -> None:
    true = look_at(52.5, focal=1.0)
    no_lines = np.full((SIZE[1], SIZE[0], 3), GRASS, np.uint8)
    start = shake(true, 2, by=0.004)
    places = true.project(PITCH_POINTS)
    inside = ((places > 0) & (places < SIZE)).all(axis=1)
    found = align(start, to_grey(no_lines), Points(PITCH_POINTS[inside], places[inside]))
    assert error_px(found.view, true) < 0.5 * error_px(start, true)
    assert (found.clear, found.error_px) == (0, np.inf)
    assert not is_supported(found)


def test_what_is_wrong_by_metres_is_not_supported() -> None:
    for view, true in VIEWS.items():
        grey = to_grey(draw_view(true))
        for shift in ((6.0, 0.0), (-5.0, 3.0), (0.0, -6.0)):
            moved = np.eye(3)
            moved[:2, 2] = shift
            assert not is_supported(align(replace(true, to_plane=true.to_plane @ moved), grey)), (view, shift)


def test_points_are_enough_where_no_line_of_the_pitch_is_in_the_picture() -> None:
    true = look_at(34.0, 26.0, focal=9.0)  # nothing but grass
    places = np.array([[100.0, 100.0], [800.0, 120.0], [120.0, 500.0], [820.0, 480.0], [500.0, 300.0]])
    start = shake(true, 2, by=0.003)
    grass = np.full((SIZE[1], SIZE[0], 3), GRASS, np.uint8)
    found = align(start, to_grey(grass), Points(true.locate(places), places))
    assert found.samples == 0
    assert error_px(found.view, true) < 0.5 * error_px(start, true)
    assert not is_supported(found)


def test_grass_without_lines_supports_nothing() -> None:
    noise = np.random.default_rng(1).normal(0, 3, (SIZE[1], SIZE[0], 3))
    grass = np.clip(np.full((SIZE[1], SIZE[0], 3), GRASS) + noise, 0, 255).astype(np.uint8)
    assert not is_supported(judge(VIEWS["halfway"], to_grey(grass)))


def test_a_pan_of_a_few_pixels_is_followed_in_two_rounds() -> None:
    true = VIEWS["halfway"]
    moved = true.move(np.array([[1.0, 0.0, 3.0], [0.0, 1.0, -1.5]]))
    found = align(true, to_grey(draw_view(moved)), search=NEXT_SEARCH)
    assert error_px(found.view, moved) < 1.0


def test_a_lens_that_bends_lines_is_found() -> None:
    true = look_at(52.5, focal=0.8, k1=-0.06)
    straight = replace(true, k1=0.0)
    found = align(straight, to_grey(draw_view(true)))
    assert found.view.k1 == pytest.approx(-0.06, abs=0.015)
    assert error_px(found.view, true) < 1.0


def test_the_circle_and_the_halfway_line_alone_leave_the_view_in_doubt() -> None:
    enough, too_little = look_at(52.5, focal=1.0), look_at(52.5, focal=1.4)
    sure, doubtful = (align(view, to_grey(draw_view(view))) for view in (enough, too_little))
    assert 2 * sure.doubt_px < doubtful.doubt_px
