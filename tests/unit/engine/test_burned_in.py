"""Letters over the picture are told from people by what stays where it is while the camera moves."""

import cv2
import numpy as np
import pytest

from engine.burned_in import LEAST_VIEWS, BurnedIn

SIZE = (640, 360)
STEP = 8  # pixels by which the scene moves between two pictures
LETTERS = np.array([[500.0, 20.0, 520.0, 60.0], [530.0, 20.0, 550.0, 60.0]])
SCENE = np.random.default_rng(3).uniform(0, 1, (SIZE[1] // 12, 3 * SIZE[0] // 12))
"""Grass in patches, wider than a picture."""


def take_picture(number: int, *, moves: bool = True, letters: bool = True) -> np.ndarray:
    """A pan over grass with a line along the pan and one across it, and somebody who stands on the grass."""
    wide = cv2.resize(SCENE, (3 * SIZE[0], SIZE[1]), interpolation=cv2.INTER_CUBIC)
    picture = np.repeat((60 + 50 * wide)[..., np.newaxis], 3, axis=2)
    picture[38:41] = picture[:, 700:704] = 220  # the former behind the letters
    start = STEP * number if moves else 0
    left, top, right, bottom = person(0).astype(int)[0]
    picture[top:bottom, left:right] = (30, 30, 200)
    shown = picture[:, start : start + SIZE[0]].clip(0, 255).astype(np.uint8)
    for left, top, right, bottom in LETTERS.astype(int).tolist() if letters else []:
        cv2.rectangle(shown, (left + 3, top + 3), (right - 4, bottom - 4), (250, 250, 250), 5)
    return shown


def person(number: int) -> np.ndarray:
    """The box of whoever stands there while the camera passes by."""
    return np.array([[620.0, 15.0, 640.0, 65.0]]) - STEP * number * np.array([1, 0, 1, 0])


def shift(pixels: float) -> np.ndarray:
    return np.array([[1.0, 0.0, pixels], [0.0, 1.0, 0.0]])


def held(burned_in: BurnedIn, number: int, *, moves: bool = True, letters: bool = True) -> list[bool]:
    boxes = np.concatenate([LETTERS, person(number)])
    picture = take_picture(number, moves=moves, letters=letters)
    return burned_in.hold(picture, shift(-STEP if moves and number else 0.0), boxes).tolist()


def test_letters_are_told_after_some_views_and_nobody_who_passes_behind_them_is() -> None:
    burned_in = BurnedIn()
    told = [held(burned_in, number) for number in range(3 * LEAST_VIEWS)]
    assert told[: LEAST_VIEWS - 1] == [[False] * 3] * (LEAST_VIEWS - 1)
    assert told[LEAST_VIEWS:] == [[True, True, False]] * (2 * LEAST_VIEWS)


def test_a_camera_that_rests_tells_nothing() -> None:
    burned_in = BurnedIn()
    assert not any(any(held(burned_in, number, moves=False)) for number in range(3 * LEAST_VIEWS))


def test_where_the_letters_are_not_shown_any_more_is_nothing_burned_in() -> None:
    burned_in = BurnedIn()
    for number in range(2 * LEAST_VIEWS):
        held(burned_in, number)
    assert held(burned_in, 2 * LEAST_VIEWS, letters=False) == [False] * 3


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_pictures_of_other_sizes_are_looked_at_alike(scale: float) -> None:
    burned_in = BurnedIn()
    for number in range(3 * LEAST_VIEWS):
        larger = cv2.resize(take_picture(number), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        boxes = scale * np.concatenate([LETTERS, person(number)])
        told = burned_in.hold(larger, shift(-scale * STEP), boxes)
    assert told.tolist() == [True, True, False]


def test_a_picture_without_people_is_learnt_from_as_well() -> None:
    burned_in = BurnedIn()
    for number in range(2 * LEAST_VIEWS):
        assert burned_in.hold(take_picture(number), shift(-STEP), np.empty((0, 4))).tolist() == []
    assert held(burned_in, 2 * LEAST_VIEWS) == [True, True, False]
