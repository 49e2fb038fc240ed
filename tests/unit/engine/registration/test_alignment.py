"""A homography that is somewhat wrong is led to the lines that were drawn."""

import cv2
import numpy as np
import pytest

from engine.registration.alignment import NEXT_SEARCH, Points, align, judge
from engine.registration.line_search import to_grey
from engine.registration.projection import invert, project
from engine.registration.registrar import is_supported
from football.markings import PITCH_POINTS
from tests.unit.engine.registration.drawn_pitch import GRASS, SIZE, draw_view, look_at

VIEWS = {"halfway": look_at(52.5), "left": look_at(20.0), "right, near": look_at(85.0, focal=2.0)}


def error_px(found: np.ndarray, true: np.ndarray) -> float:
    """How far, at most, places in the middle of the picture are from where they should be."""
    places = np.array([(x, y) for x in (200.0, 480.0, 760.0) for y in (250.0, 400.0)])
    return float(np.linalg.norm(project(found, project(invert(true), places)) - places, axis=1).max())


def shake(true: np.ndarray, seed: int, *, by: float) -> np.ndarray:
    """The same view, a little moved, turned, scaled and tilted: by about 5 px for 0.005."""
    half = SIZE[0] / 2
    centred = np.array([[1 / half, 0, -1], [0, 1 / half, -SIZE[1] / SIZE[0]], [0, 0, 1]])
    warp = np.eye(3) + np.append(np.random.default_rng(seed).normal(0, by, 8), 0).reshape(3, 3)
    return np.linalg.inv(centred) @ warp @ centred @ true


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("view", VIEWS)
def test_a_shaken_view_is_led_back_to_the_lines(view: str, seed: int) -> None:
    true = VIEWS[view]
    start = shake(true, seed, by=0.005)
    found = align(start, to_grey(draw_view(true)))
    assert error_px(start, true) > 1.5
    assert error_px(found.to_picture, true) < 1.0
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
    assert error_px(found.to_picture, true) < 1.5
    assert is_supported(found)


def test_points_hold_what_lines_do_not_tell() -> None:
    true = look_at(52.5, focal=1.0)
    no_lines = np.full((SIZE[1], SIZE[0], 3), GRASS, np.uint8)
    start = shake(true, 2, by=0.004)
    places = project(true, PITCH_POINTS)
    inside = ((places > 0) & (places < SIZE)).all(axis=1)
    found = align(start, to_grey(no_lines), Points(PITCH_POINTS[inside], places[inside]))
    assert error_px(found.to_picture, true) < 0.5 * error_px(start, true)
    assert (found.clear, found.error_px) == (0, np.inf)
    assert not is_supported(found)


def test_what_is_wrong_by_metres_is_not_supported() -> None:
    for view, true in VIEWS.items():
        grey = to_grey(draw_view(true))
        for shift in ((6.0, 0.0), (-5.0, 3.0), (0.0, -6.0)):
            moved = np.eye(3)
            moved[:2, 2] = shift
            assert not is_supported(align(true @ moved, grey)), (view, shift)


def test_grass_without_lines_supports_nothing() -> None:
    noise = np.random.default_rng(1).normal(0, 3, (SIZE[1], SIZE[0], 3))
    grass = np.clip(np.full((SIZE[1], SIZE[0], 3), GRASS) + noise, 0, 255).astype(np.uint8)
    assert not is_supported(judge(VIEWS["halfway"], to_grey(grass)))


def test_a_pan_of_a_few_pixels_is_followed_in_two_rounds() -> None:
    true = VIEWS["halfway"]
    moved = np.array([[1.0, 0.0, 3.0], [0.0, 1.0, -1.5], [0.0, 0.0, 1.0]]) @ true
    found = align(true, to_grey(draw_view(moved)), search=NEXT_SEARCH)
    assert error_px(found.to_picture, moved) < 1.0
